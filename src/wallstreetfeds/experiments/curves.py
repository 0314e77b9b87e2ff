"""Which curve can carry a claim that decays, and what does it cost those who provide liquidity?

Question.  A client's token is worth less after every payment, its payments vary, and some clients are better
than others.  On which curve do liquidity providers keep what holding would have left them, and what do the
curves give to those who trade?

Method. Ten clients, a fifth of every supply and as much numeraire in the pool, fifty rounds, a fee of 0.3 %.
On every curve of `sim.curves` one arbitrageur trades who knows each client's mean share, and the scores of a
round before it is paid, but after it has opened; it takes the whole profit of every gap, and has half of the
budget and 40 % of every supply. All curves open with the same six sessions before the first round, without a
falling fee. Rewards are synthetic, of every noise and spread of quality, or those of federations trained on
credit data and on digits with 0 to half of their labels wrong. In one arm four noise traders come on top.
"small-model" is the table of the design again: one moment a round at which scores are known before holders
are recorded (or not, with a record date), in a pool of 2 % of the supply, so that the arbitrageur never runs
out of tokens.

Measure.  What the liquidity provider has at maturity over what holding would have left it ("drained": if
the pool's numeraire were then lost to sellers of what has matured, as where trading does not end); the
arbitrageur's profit over holding its endowment, part of the budget; before every record date the sum of what
all prices are off theory over what all tokens are worth; what buying 1 % of a supply costs above the price
before it, fee included; volume over the budget.  Seeds are paired: every curve sees the same rewards.

How it could fail.  An arbitrageur who knows everything is the worst case.  It stops where tokens or money
end: a pool whose price cannot fall far enough loses less and prices worse.
In the sale of a bootstrapping pool nobody else usually has tokens to sell; here the arbitrageur has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np

from wallstreetfeds.experiments.histories import federation_of, history
from wallstreetfeds.experiments.lab import SESSION, Floats, Life, Stage, endow, open_stage, theory
from wallstreetfeds.experiments.rewards import expected_shares, noisy_rounds
from wallstreetfeds.experiments.runner import Job
from wallstreetfeds.sim.agents import Agent, NoiseTrader
from wallstreetfeds.sim.agents.perfect import PerfectArbitrageur
from wallstreetfeds.sim.curves import CURVES
from wallstreetfeds.sim.fair_value import fair_prices
from wallstreetfeds.sim.learning.cache import Answer
from wallstreetfeds.sim.learning.partitioners import evenly_spaced
from wallstreetfeds.sim.market import NUMERAIRE, DrivenMarket, TradeRefused
from wallstreetfeds.sim.simulation import trade
from wallstreetfeds.sim.turnover import turnover

SEEDS: Final = 20
BUDGET: Final = 1_000_000.0
FEE: Final = 0.003
ARBITRAGEUR: Final = "arbitrageur"
CASH: Final = 0.5 * BUDGET
HOLDING: Final = 0.4
"""Part of every supply that the arbitrageur begins with."""

CROWD: Final = 4
CROWD_CASH: Final = 0.05 * BUDGET
OPENING_SESSIONS: Final = 6
ORDER: Final = 0.01
"""A standard order, part of a supply."""

SMALL_LISTED: Final = 0.02
"""Listed part in the small model: there are 49 times as many tokens outside."""

NOISES: Final = (0.0, 0.5, 1.0)
SPREADS: Final = (None, 3.0)
SOURCES: Final = ("synthetic", "crowd", "credit", "digits", "small-model")
MOST_WRONG: Final = 0.5

RULES: Final = {
    "static": ("constant-mean", True),
    "clock, paid at settlement": ("clock", True),
    "clock and record date": ("clock", False),
}
"""The small model's rules: a curve, and whether scores are known before holders are recorded."""


def measure(settings: Mapping[str, Any]) -> Answer:
    """Return what every curve makes of one history of rewards, a row for each.

    Settings: seed, market, source (one of SOURCES), noise and spread (of synthetic rewards), curves by name,
    clients, rounds.  Raises ValueError for a source that does not exist.
    """
    expected, shares = _rewards(settings)
    stage = Stage(
        clients=settings["clients"],
        rounds=settings["rounds"],
        market=settings["market"],
        budget=BUDGET,
        swap_fee=FEE,
        opening_fee=FEE,
    )
    if settings["source"] == "small-model":
        stage = replace(stage, listed=SMALL_LISTED, retained=0.0)
        played = {
            rule: _played(settings, replace(stage, curve=curve), expected, shares, early=early)
            for rule, (curve, early) in RULES.items()
        }
    else:
        played = {
            name: _played(settings, replace(stage, curve=name), expected, shares)
            for name in settings["curves"]
        }
    return {"rows": [{"curve": curve} | row for curve, row in played.items()]}


def jobs(*, quick: bool, seeds: int | None, market: str = "model") -> list[Job]:
    """Return one job for each seed and history of rewards; a quick run trains no federation.

    On a chain: four clients and three rounds.
    """
    chain = market == "chain"
    count = seeds if seeds is not None else (1 if quick or chain else SEEDS)
    clients, rounds = (4, 3) if chain else (10, 10 if quick else 50)
    curves = [name for name, curve in CURVES.items() if curve.on_chain or not chain]
    synthetic = [(noise, spread) for spread in SPREADS for noise in NOISES]
    cells: list[tuple[str, float | None, float | None]]
    if chain:
        cells = [("synthetic", 1.0, 3.0)]
    else:
        cells = [("synthetic", *cell) for cell in synthetic]
        cells += [("small-model", *cell) for cell in (*synthetic[:3], synthetic[-1])]
        cells += [("crowd", 0.5, 3.0)]
        cells += [] if quick else [("credit", None, None), ("digits", None, None)]
    return [
        Job(
            measure,
            {
                "seed": seed,
                "market": market,
                "source": source,
                "noise": noise,
                "spread": spread,
                "curves": curves,
                "clients": clients,
                "rounds": rounds,
            },
            cost=1.0 if source == "small-model" else 3.0,
        )
        for source, noise, spread in cells
        for seed in range(count)
    ]


# --- rewards ---


def _rewards(settings: Mapping[str, Any]) -> tuple[Floats, Floats]:
    """Return the mean shares (n,) and those of every pot (rounds, n)."""
    source, seed = settings["source"], settings["seed"]
    clients, rounds = settings["clients"], settings["rounds"]
    if source not in SOURCES:
        raise ValueError(f"no source {source!r} of rewards; there are {', '.join(SOURCES)}")
    rng = np.random.default_rng([seed, 0])
    if source in ("credit", "digits"):
        wrong = evenly_spaced(clients, MOST_WRONG, rng)
        federation = federation_of(source, clients, seed, wrong_labels=wrong)
        shares = history(source, federation, rounds, seed).reward_shares
        return shares.mean(axis=0), shares
    expected = expected_shares(clients, settings["spread"], rng)
    return expected, noisy_rounds(expected, rounds, settings["noise"], rng)


# --- a life ---


def _played(
    settings: Mapping[str, Any], stage: Stage, expected: Floats, shares: Floats, *, early: bool = False
) -> dict[str, float | None]:
    """Return the measures of one life; `early`: scores are known before the record date."""
    small, crowd = settings["source"] == "small-model", settings["source"] == "crowd"
    holding = 1.0 - SMALL_LISTED if small else HOLDING
    noise: list[Agent] = [NoiseTrader(f"noise-{number}") for number in range(CROWD if crowd else 0)]
    cash = {ARBITRAGEUR: CASH} | {agent.name: CROWD_CASH for agent in noise}
    market = open_stage(stage, cash, seed=settings["seed"], wait=False)
    endow(market, ARBITRAGEUR, holding)
    informed = PerfectArbitrageur(ARBITRAGEUR, lambda _: _known(market, expected, shares, early=early))
    rng = np.random.default_rng([settings["seed"], 1])
    life = Life(market, [informed, *noise], rng, sessions=(1, 0) if small else (2, 1))
    for _ in range(OPENING_SESSIONS):
        trade(market, life.agents, rng)
        market.advance_time(SESSION)
    errors, costs = [], []
    for moment in life.play(shares):
        if moment.phase == "trading":
            worth = theory(market, expected)
            errors.append(float(np.abs(market.spot_prices() - worth).sum() / worth.sum()))
            costs += _costs(market)
    endowed = holding * sum(market.supply(k) * life.per_token[k] for k in range(market.clients))
    has = market.balance_of(ARBITRAGEUR, NUMERAIRE) + market.claimable(ARBITRAGEUR)
    left = float(market.reserves()[NUMERAIRE])
    result = life.liquidity_result()
    return {
        "result": result,
        "drained": result - left / (2 * SMALL_LISTED * BUDGET) if small else None,
        "profit": float(has - CASH - endowed) / BUDGET,
        "error": float(np.mean(errors)),
        "worst_error": max(errors),
        "slippage": float(np.mean(costs)) if costs else None,
        "volume": float(turnover(market.trades(), market.clients).volume.sum()) / BUDGET,
    }


def _known(market: DrivenMarket, expected: Floats, shares: Floats, *, early: bool) -> Floats:
    """Return what tokens are worth (n,) to the arbitrageur."""
    opened = market.opened()
    if market.finalized() < opened:
        return theory(market, expected, shares[opened - 1])
    worth = theory(market, expected)
    if early:
        pot = market.escrow() / (market.rounds - opened)
        supplies = np.array([market.supply(k) for k in range(market.clients)])
        worth = worth + fair_prices(shares[opened] - expected, pot, supplies)
    return worth


def _costs(market: DrivenMarket) -> list[float]:
    """Return what a standard order costs above the price before it, of every token that can be bought."""
    found = []
    for k in range(market.clients):
        amount, price = ORDER * market.supply(k), market.spot_price(k + 1)
        try:
            paid = market.quote_exact_out(NUMERAIRE, k + 1, amount)
        except TradeRefused:
            continue
        if price > 0:
            found.append(paid / (amount * price) - 1.0)
    return found
