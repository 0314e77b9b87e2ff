"""How far do prices leave value when money follows prices, and does the escrow hold them?

Question: with from nothing to nine tenths of the traders' money in followers of trends and noise, how far and
how long is price away from fundamental value; does it help that a complete set is worth exactly the escrow,
or that clients sell what is too dear; and does volatility made by traders say anything about the model?

Method: ten clients (Dirichlet 10), noisy pots, on the clock. All traders together have three tenths of the
budget and 12 % of the supplies, hot ones (momentum and noise, half and half) a part of both, value investors
the rest. Somebody has 5 % of each besides: "none" leaves it out, "sets" gives it to a trader of complete
sets, "value" to one more value investor, so that a floor is not mistaken for more money. Everybody has random
numbers of its own, also for its place in the order, so that one more changes nobody else's. Apart from that,
ten clients learn on credit data with wrong labels at levels of their own, their pots are traded by such a
crowd with pump and dump in it, and the volatility of prices is held against what the model gains.

Measure: fundamental value is a Bayesian's by the scores paid so far. Highest price over value of a token in
all rounds, and the typical distance, the mean |ln(price / value)|; part of token-rounds, and most rounds in a
row, with a price above 1.5 times value; the same of the market as a whole (all tokens over the escrow),
highest and lowest. Heights are kept as logarithms to base ten: they differ by orders of magnitude.
Volatility: mean |change| of ln(price / remaining budget) from round to round. Its Spearman correlation with
the gain in log-loss of the round whose scores were news: within a federation; with what all rounds and all
federations share taken out of the ranks; and over federations, of mean volatility with final accuracy.

How it could fail: hot money that never learns and cannot leave is as stubborn as it gets. Nobody can sell
what it does not hold; with lending, what is too dear would fall faster. Value is by public scores: a price
may be right where these are wrong. Scores drive prices and models drive scores, so a correlation of
volatility and learning is expected from news alone; the arm without hot money shows how much.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, Final

import numpy as np

from wallstreetfeds.experiments.histories import federation_of, history
from wallstreetfeds.experiments.lab import (
    Floats,
    Life,
    Role,
    Stage,
    client_names,
    endow,
    open_stage,
    own_numbers,
)
from wallstreetfeds.experiments.runner import Job
from wallstreetfeds.sim.agents import (
    Agent,
    MomentumTrader,
    NoiseTrader,
    PumpAndDump,
    Treasurer,
    ValueInvestor,
    believed_values,
)
from wallstreetfeds.sim.agents.complete_sets import CompleteSets
from wallstreetfeds.sim.learning.cache import Answer

HOT: Final = (0.0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9)
EXTRAS: Final = ("none", "sets", "value")
SEEDS: Final = 30
FEDERATIONS: Final = 60
"""Seeds of what is learned: one federation each."""

BUDGET: Final = 1_000_000.0
MONEY: Final = 0.3
TOKENS: Final = 0.12
EXTRA: Final = 0.05
"""Money, as a part of the budget, and tokens, as a part of every supply, of the one who comes besides."""

SPREAD: Final = 10.0
SCORE_NOISE: Final = 0.5
PATIENCE: Final = 0.1
"""How far above the spot price momentum buys, five times what it usually does."""

BUBBLE: Final = 1.5
SIZES: Final = {"clients": 10, "rounds": 20, "crowd": 2, "sessions": 3}
ON_CHAIN_SIZES: Final = {"clients": 3, "rounds": 2, "crowd": 1, "sessions": 1}


def jobs(*, quick: bool, seeds: int | None, market: str = "model") -> list[Job]:
    """Return one job for each crowd and seed, and for each learned federation (not on a chain)."""
    crowds = [(hot, extra, sell) for sell in (False, True) for extra in EXTRAS for hot in HOT]
    count, sizes, learned = SEEDS, SIZES, FEDERATIONS
    if quick:
        crowds, count, learned = [(hot, extra, False) for extra in EXTRAS[:2] for hot in HOT[::3]], 4, 0
    if market == "chain":
        crowds, count, sizes, learned = [(0.6, extra, False) for extra in EXTRAS[:2]], 2, ON_CHAIN_SIZES, 0
    names = ("hot", "extra", "clients_sell")
    found = [
        Job(measure, {"seed": seed, "market": market, **dict(zip(names, crowd, strict=True)), **sizes})
        for crowd in crowds
        for seed in range(1, (seeds or count) + 1)
    ]
    drawn = range(1, (min(seeds or learned, learned)) + 1)
    return found + [
        Job(measure_learned, {"seed": seed, "market": market, "hot": hot, **sizes}, cost=2.0)
        for hot in (HOT[0], HOT[-1])
        for seed in drawn
    ]


def measure(settings: Mapping[str, Any]) -> Answer:
    """Return how far and how long one crowd's prices were off value; raises ValueError for a bad crowd."""
    seed, clients = settings["seed"], settings["clients"]
    rng = np.random.default_rng([seed, 0])
    quality = rng.dirichlet(np.full(clients, SPREAD))
    shape = SCORE_NOISE**-2
    drawn = quality * rng.gamma(shape, 1.0 / shape, (settings["rounds"], clients))
    life = _life(settings, settings["extra"], settings["clients_sell"])
    ratios, market = [], []
    for moment in _rounds(life, drawn / drawn.sum(axis=1, keepdims=True)):
        if moment == "trading":
            prices = life.market.spot_prices()
            supplies = np.array([life.market.supply(k) for k in range(clients)])
            ratios.append(prices / believed_values(life.market, 1.0))
            market.append(float(prices @ supplies / life.market.escrow()))
    off = np.array(ratios)
    return {
        "rows": [
            {
                "height": float(np.log10(off.max())),
                "distance": float(np.abs(np.log(off)).mean()),
                "above": float((off > BUBBLE).mean()),
                "longest": max(_longest(column > BUBBLE) for column in off.T),
                "market_height": float(np.log10(max(market))),
                "market_low": min(market) - 1.0,
                "market_longest": _longest(np.array(market) > BUBBLE),
            }
        ]
    }


def measure_learned(settings: Mapping[str, Any]) -> Answer:
    """Return, for every round but the last, how much one trained federation's prices moved on
    its scores, and what its model gained in it."""
    seed, clients, rounds = settings["seed"], settings["clients"], settings["rounds"]
    rng = np.random.default_rng([seed, 0])
    wrong = rng.uniform(0.0, 0.5 * rng.uniform(), clients)
    federation = federation_of("credit", clients, seed, wrong_labels=wrong)
    learned = history("credit", federation, rounds, seed, method="surrogate", evaluations=128)
    life = _life(settings, "pump" if settings["hot"] else "none", True)
    levels = []
    for moment in _rounds(life, learned.reward_shares):
        if moment == "trading":
            levels.append(np.log(life.market.spot_prices() / life.market.remaining()))
    moves = np.abs(np.diff(levels, axis=0)).mean(axis=1)
    # Prices before round t + 1 know the scores of round t; those before the second are the first.
    gains = -np.diff(learned.log_loss)[: len(moves)]
    accuracy = float(learned.accuracy[-1])
    return {
        "rows": [
            {"round": number, "volatility": move, "gain": gain, "accuracy": accuracy}
            for number, (move, gain) in enumerate(zip(moves.tolist(), gains.tolist(), strict=True), 1)
        ]
    }


# --- inside ---


def _life(settings: Mapping[str, Any], extra: str, clients_sell: bool) -> Life:
    """Open the market and bring in the crowd."""
    hot, crowd, seed = settings["hot"], settings["crowd"], settings["seed"]
    parts = {"value": 1.0 - hot, "momentum": hot / 2, "noise": hot / 2}
    if not 0 <= hot <= 1 or extra not in (*EXTRAS, "pump"):
        raise ValueError(f"hot money is a part of all, and besides comes one of {EXTRAS}: {hot}, {extra!r}")
    owned = {
        f"{kind}-{i}": (MONEY * part / crowd, TOKENS * part / crowd)
        for kind, part in parts.items()
        if part > 0
        for i in range(1, crowd + 1)
    }
    if extra != "none":
        owned[f"{extra}-{crowd + 1}"] = (EXTRA, EXTRA)
    stage = Stage(clients=settings["clients"], rounds=settings["rounds"], market=settings["market"])
    market = open_stage(stage, {name: money * BUDGET for name, (money, _) in owned.items()}, seed=seed)
    for name, (_, tokens) in owned.items():
        endow(market, name, tokens)
    names = [*owned, *(client_names(settings["clients"]) if clients_sell else ())]
    cast = [Role(_agent(name), own_numbers(seed, name)) for name in names]
    return Life(market, cast, np.random.default_rng([seed, 1]), (settings["sessions"], 1))


def _rounds(life: Life, shares: Floats) -> Iterator[str]:
    """Play all rounds, everybody claiming after each payment; yields the phases."""
    for moment in life.play(shares):
        if moment.phase == "paid":
            for agent in life.agents:
                life.market.claim(agent.name)
        yield moment.phase


def _agent(name: str) -> Agent:
    kind, number = name.split("-")
    kinds: Mapping[str, Callable[[str], Agent]] = {
        "value": ValueInvestor,
        "momentum": lambda name: MomentumTrader(name, patience=PATIENCE),
        "noise": NoiseTrader,
        "sets": CompleteSets,
        "pump": lambda name: PumpAndDump(name, 0, pump=20, dump=10),
        "client": lambda name: Treasurer(name, int(number) - 1),
    }
    return kinds[kind](name)


def _longest(over: Iterable[bool]) -> int:
    """Return the most rounds in a row that are over."""
    return max((len(list(run)) for above, run in groupby(map(bool, over)) if above), default=0)
