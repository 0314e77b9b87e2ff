"""Does a token's price follow what is left to be paid, round by round, to nothing?

Question.  Under a fixed budget a token is worth less after every round.  How far is its price from theory, on
the paper's curve, on the clock and on every other, if somebody trades and if nobody does; and what if the
budget is not fixed, but topped up as it goes?

Method.  Five or ten clients, fifty rounds, scores that vary.  Nobody trades; or four value investors, who
know nothing but the scores paid so far, with money and a tenth of every supply between them; or one informed
arbitrageur, who knows everybody's mean share and has 40 % of every supply.  Clients are equally good, so that
decay is all there is to follow; in one arm they differ (Dirichlet 3).  Fixed rewards: the budget.  Topped up:
every tenth round a random amount, up to a fifth of the budget, comes into escrow without notice, just before
traders meet.  Histories of scores and top-ups are the same on every curve and for all traders.

Measure.  Just before every record date, the sum of what all prices are off theory, over what all tokens are
worth (relative error; prices of a supply), and the same with its sign (above zero: tokens are too dear).
Theory is what is in escrow times mean shares.  Mean and maximum over rounds, means over seeds.

How it could fail.  Where nobody trades, the clock is right by construction as long as clients are equal and
the budget is fixed: that says what the formula is, not that markets are efficient.  Theory leaves discounting
and the risk of scores out.  Traders' money and tokens are finite: with more of either, prices that they drive
would be nearer to theory; value investors may be worse or better than real ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from wallstreetfeds.experiments.lab import Floats, Life, Stage, endow, open_stage, theory
from wallstreetfeds.experiments.rewards import expected_shares, noisy_rounds
from wallstreetfeds.experiments.runner import Job
from wallstreetfeds.sim.agents import Agent, ValueInvestor
from wallstreetfeds.sim.agents.perfect import PerfectArbitrageur
from wallstreetfeds.sim.curves import CURVES
from wallstreetfeds.sim.learning.cache import Answer

SEEDS: Final = 20
BUDGET: Final = 1_000_000.0
FEE: Final = 0.003
NOISE: Final = 0.5
PATRON: Final = "patron"
TRADERS: Final = ("none", "value", "informed")
INVESTORS: Final = 4
INVESTOR_CASH: Final = 0.05 * BUDGET
INVESTOR_HOLDING: Final = 0.1 / INVESTORS
"""Part of every supply that each value investor begins with."""

INFORMED_CASH: Final = 0.5 * BUDGET
INFORMED_HOLDING: Final = 0.4
TOP_UPS: Final = 0.2
"""Largest top-up, part of the budget."""

EVERY: Final = 10
"""Rounds between top-ups."""

ARMS: Final[tuple[dict[str, Any], ...]] = (
    {"clients": 5, "spread": None, "rewards": "fixed"},
    {"clients": 5, "spread": None, "rewards": "topped-up"},
    {"clients": 10, "spread": None, "rewards": "fixed"},
    {"clients": 10, "spread": None, "rewards": "topped-up"},
    {"clients": 10, "spread": 3.0, "rewards": "fixed"},
)


def measure(settings: Mapping[str, Any]) -> Answer:
    """Return the errors of every round, a row for each with every curve and kind of traders.

    Settings: seed, market, clients, spread (None: equal quality), rewards ("fixed" or "topped-up"), curves,
    traders, rounds, every (rounds between top-ups).  Raises ValueError for rewards or traders that do not
    exist.
    """
    if settings["rewards"] not in ("fixed", "topped-up"):
        raise ValueError(f"rewards are fixed or topped-up, got {settings['rewards']!r}")
    rng = np.random.default_rng([settings["seed"], 0])
    expected = expected_shares(settings["clients"], settings["spread"], rng)
    shares = noisy_rounds(expected, settings["rounds"], NOISE, rng)
    added = rng.uniform(0.0, TOP_UPS * BUDGET, settings["rounds"])
    added[np.arange(settings["rounds"]) % settings["every"] != settings["every"] - 1] = 0.0
    if settings["rewards"] == "fixed":
        added[:] = 0.0
    rows = []
    for curve in settings["curves"]:
        for traders in settings["traders"]:
            errors = _errors(settings, curve, traders, expected, shares, added)
            rows += [
                {"curve": curve, "traders": traders, "round": number, "error": error, "bias": bias}
                for number, (error, bias) in enumerate(errors, start=1)
            ]
    return {"rows": rows}


def jobs(*, quick: bool, seeds: int | None, market: str = "model") -> list[Job]:
    """Return one job for each seed and arm.  On a chain: two or three clients and three rounds."""
    chain = market == "chain"
    count = seeds if seeds is not None else (1 if quick or chain else SEEDS)
    curves = [name for name, curve in CURVES.items() if curve.on_chain or not chain]
    small = {"rounds": 3, "every": 2} if chain else {"rounds": 20 if quick else 50, "every": EVERY}
    arms = [arm | {"clients": 3} for arm in ARMS[:2]] if chain else list(ARMS)
    return [
        Job(
            measure,
            {"seed": seed, "market": market, "curves": curves, "traders": list(TRADERS)} | arm | small,
            cost=float(arm["clients"]),
        )
        for arm in arms
        for seed in range(count)
    ]


def _errors(
    settings: Mapping[str, Any],
    curve: str,
    traders: str,
    expected: Floats,
    shares: Floats,
    added: Floats,
) -> list[tuple[float, float]]:
    """Return the relative error and the bias of prices before every record date."""
    agents, cash, holding = _cast(traders, expected)
    stage = Stage(
        clients=settings["clients"],
        rounds=settings["rounds"],
        curve=curve,
        market=settings["market"],
        budget=BUDGET,
        swap_fee=FEE,
        opening_fee=FEE,
    )
    market = open_stage(stage, cash | {PATRON: float(added.sum())}, seed=settings["seed"])
    for agent in agents:
        endow(market, agent.name, holding)
    life = Life(market, agents, np.random.default_rng([settings["seed"], 1]))
    found = []
    for moment in life.play(shares):
        if moment.phase == "trading":
            worth = theory(market, expected)
            off = market.spot_prices() - worth
            found.append((float(np.abs(off).sum() / worth.sum()), float(off.sum() / worth.sum())))
        if moment.phase == "paid" and added[moment.round - 1] > 0 and moment.round < market.rounds:
            market.top_up(PATRON, float(added[moment.round - 1]))
    return found


def _cast(traders: str, expected: Floats) -> tuple[list[Agent], dict[str, float], float]:
    """Return who trades, with what money, and the part of every supply that each of them has."""
    if traders == "none":
        return [], {}, 0.0
    if traders == "value":
        names = [f"value-{number}" for number in range(INVESTORS)]
        investors: list[Agent] = [ValueInvestor(name, trades=10) for name in names]
        return investors, dict.fromkeys(names, INVESTOR_CASH), INVESTOR_HOLDING
    if traders == "informed":
        informed = PerfectArbitrageur("informed", lambda market: theory(market, expected))
        return [informed], {"informed": INFORMED_CASH}, INFORMED_HOLDING
    raise ValueError(f"no traders {traders!r}; there are {', '.join(TRADERS)}")
