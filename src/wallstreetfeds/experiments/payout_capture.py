"""Who captures payouts, the opening, and the liquidity of a pool, without bearing any risk?

Question.  (a) A sniper buys just before a payout and sells just after: what part of the yield does it keep?
(b) When the market opens, some know who is good: what do they take from liquidity providers, and does a fee
that falls from 90 % give it back, against one informed trader who can wait and against five who cannot?
(c) Clients that turn out worthless sell all they may: what do they leave of the pool's money?

Method.  (a) Ten clients, fifty rounds, noisy scores, an arbitrageur that keeps prices at what tokens are
worth.  The sniper buys the same part of every supply, which bears no risk of scores, immediately before
holders are recorded, at a round's opening or at its payment, whichever the curve has, and sells immediately
after; it leaves out the last round, after which there is no market.  Every life is played without it, too.
(b) On the clock, without noise: with the normal fee from the first second, or with one that falls in 50 steps
of trading; five arbitrageurs trade as soon as a gap exceeds the fee, the monopolist waits for the normal one.
With 2 % of supplies listed nobody runs out of tokens; with 20 %, they can.  (c) After the opening j of ten
clients sell all that retention lets them, then earn nothing; nobody else trades.

Measure.  (a) The sniper's profit over what the tokens it bought are paid on average, by round; its profit
over the money it spent; what providers get less than without it.  (b) What providers have at maturity over
holding; the informed traders' profit.  (c) The part of the pool's numeraire that is gone when all have sold,
beside the bound that follows from the invariant without a fee; what providers have at maturity over holding.

How it could fail.  The sniper moves first and last, with no rival: several would share what one gets.
Monopolist and competitors are extremes; and how soon informed traders come in reality is not known.  Dumpers
find no buyer but the pool, and investors warned by the scores would not wait for them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from wallstreetfeds.experiments.lab import Floats, Life, Stage, client_names, endow, open_stage, theory
from wallstreetfeds.experiments.rewards import expected_shares, noisy_rounds
from wallstreetfeds.experiments.runner import Job
from wallstreetfeds.sim.agents import Agent
from wallstreetfeds.sim.agents.agent import buy, sell
from wallstreetfeds.sim.agents.perfect import PerfectArbitrageur
from wallstreetfeds.sim.curves import CURVES
from wallstreetfeds.sim.learning.cache import Answer
from wallstreetfeds.sim.market import NUMERAIRE, DrivenMarket
from wallstreetfeds.sim.simulation import trade

SEEDS: Final = 20
BUDGET: Final = 1_000_000.0
FEE: Final = 0.003
NOISE: Final = 0.5
SPREAD: Final = 3.0
PURSE: Final = 0.5 * BUDGET
HOLDING: Final = 0.4
"""Part of every supply that informed traders begin with, all together, where 20 % is listed."""

SNIPER: Final = "sniper"
SNIPER_CASH: Final = 0.02 * BUDGET
PARTS: Final = ("sniper", "opening", "dumping")

SPREADS: Final = (1.0, 3.0, 10.0)
STEPS: Final = 50
OPENING_PERIOD: Final = 6000
"""Seconds in which the opening fee falls."""

WAYS: Final = {"normal fee": (False, 1), "falling, monopolist": (True, 1), "falling, competitors": (True, 5)}
"""How the market opens: whether the fee falls, and how many are informed."""

DUMPERS: Final = (1, 3, 10)
DUMPED: Final[dict[str, Any]] = {"curve": "clock", "listed": 0.2, "retained": 0.2, "fee": FEE}
VARIED: Final[tuple[dict[str, Any], ...]] = (
    *({"curve": curve, "listed": listed} for listed in (0.2, 0.6) for curve in ("clock", "pairs", "lmsr")),
    *({"retained": retained} for retained in (0.0, 0.4, 0.6)),
    *({"fee": fee} for fee in (0.0, 0.01, 0.05)),
)
"""What differs from DUMPED where clients dump: curve and listed part, then retention, then the fee."""


def measure(settings: Mapping[str, Any]) -> Answer:
    """Return the rows of one part of the question.

    Settings: seed, market, part (one of PARTS), clients, rounds, and cells: the options of `_sniped`,
    `_opened` or `_dumped`, a dictionary for each.  Raises ValueError for a part that does not exist.
    """
    if settings["part"] not in PARTS:
        raise ValueError(f"no part {settings['part']!r}; there are {', '.join(PARTS)}")
    parts: dict[str, Callable[..., list[dict[str, Any]]]]
    parts = {"sniper": _sniped, "opening": _opened, "dumping": _dumped}
    asked = parts[settings["part"]]
    return {"rows": [cell | row for cell in settings["cells"] for row in asked(settings, **cell)]}


def jobs(*, quick: bool, seeds: int | None, market: str = "model") -> list[Job]:
    """Return one job for each seed and part.  On a chain: three clients and rounds, not the opening."""
    chain = market == "chain"
    count = seeds if seeds is not None else (1 if quick or chain else SEEDS)
    clients, rounds = (3, 3) if chain else (10, 20 if quick else 50)
    curves = [name for name, curve in CURVES.items() if curve.on_chain or not chain]
    dumpers = [number for number in DUMPERS if number < clients] + [clients]
    cells: dict[str, list[dict[str, Any]]] = {
        "sniper": [{"curve": curve, "noise": NOISE} for curve in curves],
        "opening": [
            {"spread": spread, "way": way, "listed": listed}
            for listed in (0.02, 0.2)
            for spread in SPREADS
            for way in WAYS
        ],
        "dumping": [
            DUMPED | varied | {"dumpers": number}
            for varied in VARIED
            for number in dumpers
            if varied.get("curve", "clock") in curves
        ],
    }
    costs = {"sniper": 10.0, "opening": 3.0, "dumping": 1.0}
    return [
        Job(
            measure,
            {
                "seed": seed,
                "market": market,
                "part": part,
                "clients": clients,
                "rounds": rounds,
                "cells": cells[part],
            },
            cost=costs[part],
        )
        for part in PARTS
        if part != "opening" or not chain
        for seed in range(count)
    ]


# --- (a) the sniper ---


def _sniped(settings: Mapping[str, Any], curve: str, noise: float) -> list[dict[str, Any]]:
    """Return a row for every round with a sniper, and one, of round 0, for the whole life."""
    rng = np.random.default_rng([settings["seed"], 0])
    expected = expected_shares(settings["clients"], SPREAD, rng)
    shares = noisy_rounds(expected, settings["rounds"], noise, rng)
    rounds, result, profit = _sniped_life(settings, curve, expected, shares, cash=SNIPER_CASH)
    _, without, _ = _sniped_life(settings, curve, expected, shares, cash=0.0)
    return [*rounds, {"round": 0, "profit": profit / BUDGET, "taken": without - result}]


def _sniped_life(
    settings: Mapping[str, Any], curve: str, expected: Floats, shares: Floats, *, cash: float
) -> tuple[list[dict[str, Any]], float, float]:
    """Play a life; returns a row a round, what providers have over holding, and the sniper's profit."""
    stage = Stage(
        clients=settings["clients"],
        rounds=settings["rounds"],
        curve=curve,
        market=settings["market"],
        budget=BUDGET,
        swap_fee=FEE,
        opening_fee=FEE,
    )
    market = open_stage(stage, {"arbitrageur": PURSE, SNIPER: cash}, seed=settings["seed"])
    endow(market, "arbitrageur", HOLDING)
    at_opening = CURVES[curve].record_at == "opening"

    def known(_: object) -> Floats:
        """What tokens are worth, by the open round's scores where its pot goes with the tokens."""
        is_open = market.finalized() < market.opened()
        return theory(market, expected, shares[market.opened() - 1] if is_open else None)

    rng = np.random.default_rng([settings["seed"], 1])
    arbitrageur = PerfectArbitrageur("arbitrageur", known)
    # Nobody trades between the sniper's two trades: before the record date, and after it.
    life = Life(market, [arbitrageur], rng, sessions=(2, 0) if at_opening else (2, 1))
    buys, sells = ("trading", "opened") if at_opening else ("opened", "paid")
    supplies = np.array([market.supply(k) for k in range(market.clients)])
    rows: list[dict[str, Any]] = []
    money, spent, bought = 0.0, 0.0, np.zeros(market.clients)
    for moment in life.play(shares):
        if cash == 0 or moment.round == market.rounds:
            continue
        if moment.phase == buys:
            money = market.balance_of(SNIPER, NUMERAIRE)
            bought = _buy_all(market)
            spent = money - market.balance_of(SNIPER, NUMERAIRE)
        if moment.phase == sells:
            _sell_all(market)
        if moment.phase == "paid":
            market.claim(SNIPER)
            gain = market.balance_of(SNIPER, NUMERAIRE) - money
            paid = float(bought @ (life.pots[-1] * expected / supplies))
            rows.append({"round": moment.round, "captured": gain / paid, "return": gain / spent})
    profit = market.balance_of(SNIPER, NUMERAIRE) - cash
    return rows, life.liquidity_result(), profit


def _buy_all(market: DrivenMarket) -> Floats:
    """Let the sniper buy about the same part of every supply; returns whole tokens (n,)."""
    supplies = np.array([market.supply(k) for k in range(market.clients)])
    prices = market.spot_prices() * supplies
    money = min(SNIPER_CASH, market.balance_of(SNIPER, NUMERAIRE)) * prices / prices.sum()
    return np.array([buy(market, SNIPER, k, spend, np.inf) for k, spend in enumerate(money.tolist())])


def _sell_all(market: DrivenMarket) -> None:
    """Let the sniper sell what it has, in pieces that the pool takes."""
    for k in range(market.clients):
        while sell(market, SNIPER, k, market.balance_of(SNIPER, k + 1), 0.0) > 0:
            pass


# --- (b) the opening ---


def _opened(settings: Mapping[str, Any], spread: float, way: str, listed: float) -> list[dict[str, Any]]:
    """Return what one opening costs providers, at maturity."""
    falling, informed = WAYS[way]
    clients, rounds = settings["clients"], settings["rounds"]
    expected = expected_shares(clients, spread, np.random.default_rng([settings["seed"], 2]))
    stage = Stage(
        clients=clients,
        rounds=rounds,
        market=settings["market"],
        budget=BUDGET,
        listed=listed,
        retained=0.0 if listed < 0.2 else 0.2,
        swap_fee=FEE,
        opening_fee=0.9 if falling else FEE,
        opening_period=OPENING_PERIOD,
    )
    names = [f"informed-{number}" for number in range(informed)]
    market = open_stage(stage, dict.fromkeys(names, PURSE / informed), seed=settings["seed"], wait=False)
    holding = 1.0 - listed - stage.retained if listed < 0.2 else HOLDING
    for name in names:
        endow(market, name, holding / informed)
    agents: list[Agent] = [PerfectArbitrageur(name, lambda _: theory(market, expected)) for name in names]
    rng = np.random.default_rng([settings["seed"], 3])
    life = Life(market, agents, rng, sessions=(1, 0))
    for _ in range(STEPS):
        if informed > 1 or not falling:
            trade(market, agents, rng)
        market.advance_time(OPENING_PERIOD // STEPS)
    for _ in life.play(np.tile(expected, (rounds, 1))):
        pass
    has = sum(market.balance_of(name, NUMERAIRE) + market.claimable(name) for name in names)
    # As the budget is paid, a token of every client earns it: `holding` is what was endowed.
    profit = (has - PURSE) / BUDGET - holding
    return [{"result": life.liquidity_result(), "profit": profit}]


# --- (c) dumping ---


def _dumped(
    settings: Mapping[str, Any], curve: str, listed: float, retained: float, fee: float, dumpers: int
) -> list[dict[str, Any]]:
    """Return what `dumpers` worthless clients leave of the pool, selling all they may after the opening."""
    clients, rounds = settings["clients"], settings["rounds"]
    stage = Stage(
        clients=clients,
        rounds=rounds,
        curve=curve,
        market=settings["market"],
        budget=BUDGET,
        listed=listed,
        retained=retained,
        swap_fee=fee,
        opening_fee=fee,
    )
    market = open_stage(stage, {}, seed=settings["seed"])
    before = market.reserves()[NUMERAIRE]
    life = Life(market, [], np.random.default_rng(settings["seed"]))
    for k, name in enumerate(client_names(dumpers)):
        while sell(market, name, k, market.spendable(name, k + 1), 0.0) > 0:
            pass
    lost = 1.0 - market.reserves()[NUMERAIRE] / before
    result = None
    if dumpers < clients:
        honest = expected_shares(clients - dumpers, SPREAD, np.random.default_rng([settings["seed"], 4]))
        shares = np.concatenate([np.zeros(dumpers), honest])
        for _ in life.play(np.tile(shares, (rounds, 1))):
            pass
        result = life.liquidity_result()
    bound = dumping_bound(dumpers / clients, listed, retained)
    return [{"lost": float(lost), "bound": bound, "result": result}]


def dumping_bound(part: float, listed: float, retained: float) -> float:
    """Return the part of a constant-mean pool's numeraire that is lost if `part` of its clients dump.

    From x_0^w_0 prod x_k^w_k = constant with half of the weight in the numeraire: each dumped reserve grows
    from `listed` to 1 - `retained` of the supply.
    """
    return 1.0 - float((listed / (1.0 - retained)) ** part)
