"""How much must be seeded before prices carry information?

Question: how do the numeraire that a pool opens with (its depth), the part of the supplies that is listed and
the volume of noise trade decide what an order costs, how far prices are from value, how soon a shock is gone,
and whether prices still say who is good?

Method: ten clients of unlike quality (Dirichlet 3), shares of every pot noisy around it, on the clock. Value
investors who learn from scores have a tenth of the budget; clients sell own tokens that are too dear, or do
not; noise traders have from nothing to three tenths and trade whatever it costs them. Everybody claims after
every payment. Half-way through, somebody pushes the price of the middle client up by a fifth and
keeps the tokens; the round waits while the others trade on. The same seeds in every cell, and everybody with
random numbers of its own, also for its place in the order.

Measure: for an order of a thousandth of the escrow left, its slippage (mean price over spot, without the fee)
and the effective spread (buying and selling it, with the fee, over spot). Price error: how much of the escrow
is priced at the wrong client or not at all, sum S_k |p_k - theory_k| / escrow, theory by the true qualities.
Trading sessions until half of the shock is gone, at most `wait`, and what the shock cost. Spearman's
correlation of prices with quality, mean of the second half of the rounds. Prices carry information at a depth
if the lower end of its interval is above 0.8.

How it could fail: depths are a grid, so the smallest is known to a factor of about three. Noise that trades
whatever it costs is the worst there is: patient noise would trade less in a shallow pool. Investors see
nothing but scores: a price cannot rank better than those, whatever the depth. Nobody sells what it does not
hold, and who has sold out cannot correct a price that is too high. Nobody withdraws liquidity.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import log
from typing import Any, Final

import numpy as np

from wallstreetfeds.experiments.lab import (
    Floats,
    Life,
    Role,
    Stage,
    client_names,
    endow,
    open_stage,
    own_numbers,
    theory,
)
from wallstreetfeds.experiments.runner import Job
from wallstreetfeds.experiments.statistics import spearman
from wallstreetfeds.sim.agents import Agent, NoiseTrader, Treasurer, ValueInvestor
from wallstreetfeds.sim.fair_value import cumulative_shares
from wallstreetfeds.sim.learning.cache import Answer
from wallstreetfeds.sim.market import NUMERAIRE, DrivenMarket, TradeRefused

DEPTHS: Final = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
NOISES: Final = (0.0, 0.03, 0.1, 0.3)
LISTED: Final = 0.2
OTHER_LISTINGS: Final = (0.05, 0.6)
USUAL_NOISE: Final = 0.1

SEEDS: Final = 30

BUDGET: Final = 1_000_000.0
INFORMED: Final = 0.1
"""Value investors' money, a part of the budget."""

ENDOWMENT: Final = 0.06
"""Part of every supply that value investors, and noise traders, start with, so that they can sell."""

SPREAD: Final = 3.0
"""Dirichlet parameter of the qualities."""

SCORE_NOISE: Final = 0.5
"""Standard deviation of a share of a pot around its mean, relative."""

ORDER: Final = 0.001
SHOCK: Final = 0.2
NO_PATIENCE: Final = 0.5
"""How far off the spot price noise still trades: hardly anything stops it."""

SIZES: Final = {"clients": 10, "rounds": 20, "crowd": 2, "sessions": 3, "wait": 40}
ON_CHAIN_SIZES: Final = {"clients": 3, "rounds": 2, "crowd": 1, "sessions": 1, "wait": 2}
SHOCKER: Final = "shocker"


def jobs(*, quick: bool, seeds: int | None, market: str = "model") -> list[Job]:
    """Return one job for each cell and seed; quick and on a chain, a corner of the grid."""
    cells = [(depth, LISTED, noise, sell) for sell in (True, False) for noise in NOISES for depth in DEPTHS]
    cells += [(depth, listed, USUAL_NOISE, True) for listed in OTHER_LISTINGS for depth in DEPTHS]
    count, sizes = SEEDS, SIZES
    if quick:
        cells = [(depth, LISTED, noise, True) for noise in NOISES[::2] for depth in DEPTHS[::3]]
        count = 5
    if market == "chain":
        cells, count, sizes = [(depth, LISTED, 0.1, True) for depth in (0.1, 0.3)], 2, ON_CHAIN_SIZES
    names = ("depth", "listed", "noise", "clients_sell")
    return [
        Job(measure, {"seed": seed, "market": market, **dict(zip(names, cell, strict=True)), **sizes})
        for cell in cells
        for seed in range(1, (seeds or count) + 1)
    ]


def measure(settings: Mapping[str, Any]) -> Answer:
    """Return what one market at one depth, listing and volume of noise did.

    Raises ValueError for parts of the budget that are negative, and where no pool opens.
    """
    seed, clients, rounds = settings["seed"], settings["clients"], settings["rounds"]
    for name in ("depth", "noise"):
        if not settings[name] >= 0:
            raise ValueError(f"{name} is a part of the budget, at least 0, got {settings[name]}")
    rng = np.random.default_rng([seed, 0])
    quality = rng.dirichlet(np.full(clients, SPREAD))
    shares = noisy_shares(quality, rounds, rng)
    cash = _purses(settings)
    stage = Stage(
        clients=clients,
        rounds=rounds,
        market=settings["market"],
        budget=BUDGET,
        depth=settings["depth"],
        listed=settings["listed"],
    )
    market = open_stage(stage, cash | {SHOCKER: BUDGET}, seed=seed)
    cast = _cast([*cash, *(client_names(clients) if settings["clients_sell"] else ())], seed)
    for name in cash:
        endow(market, name, ENDOWMENT / settings["crowd"])
    life = Life(market, cast, np.random.default_rng([seed, 1]), (settings["sessions"], 1))
    seen: dict[str, list[float]] = {
        name: [] for name in ("slippage", "spread", "error", "rank", "rank_by_scores")
    }
    shock: dict[str, float | None] = {}
    for moment in life.play(shares):
        if moment.phase == "paid":
            for name in cash:
                market.claim(name)
        if moment.phase != "trading":
            continue
        for name, value in order_costs(market).items():
            seen[name].append(value)
        worth = theory(market, quality)
        prices = market.spot_prices()
        seen["error"].append(float(np.abs(prices - worth).sum() * market.supply(0) / market.escrow()))
        if 2 * moment.round > rounds:
            seen["rank"].append(spearman(prices, quality))
            known = cumulative_shares(market.reward_shares())
            seen["rank_by_scores"].append(spearman(known, quality))
        if not shock and 2 * moment.round >= rounds:
            shock = _shocked(life, int(np.argsort(quality)[clients // 2]), settings["wait"])
    trades = [t for t in market.trades() if t.trader != SHOCKER]
    volume = sum(t.amount_in if t.asset_in == NUMERAIRE else t.amount_out for t in trades)
    found = {name: _mean(values) for name, values in seen.items()}
    provider = life.liquidity_result()
    return {"rows": [found | shock | {"volume": volume / BUDGET / rounds, "provider": provider}]}


def noisy_shares(quality: Floats, rounds: int, rng: np.random.Generator) -> Floats:
    """Return shares of pots (rounds, clients): gamma noise around `quality` (clients,), rows sum to one."""
    shape = SCORE_NOISE**-2
    drawn = quality * rng.gamma(shape, 1.0 / shape, (rounds, len(quality)))
    shares: Floats = drawn / drawn.sum(axis=1, keepdims=True)
    return shares


def order_costs(market: DrivenMarket) -> dict[str, float]:
    """Return slippage and effective spread of a standard order, means over tokens; nan if all refuse it."""
    amount, fee = ORDER * market.escrow(), market.swap_fee()
    slippage, spread = [], []
    for k, price in enumerate(market.spot_prices().tolist()):
        try:
            bought = amount / market.quote_exact_in(NUMERAIRE, k + 1, amount)
            sold = market.quote_exact_in(k + 1, NUMERAIRE, amount / price) / (amount / price)
        except TradeRefused:
            continue
        slippage.append(bought * (1.0 - fee) / price - 1.0)
        spread.append((bought - sold) / price)
    return {"slippage": _mean_or_nan(slippage), "spread": _mean_or_nan(spread)}


# --- inside ---


def _purses(settings: Mapping[str, Any]) -> dict[str, float]:
    """Return who trades, with its money."""
    crowd, parts = settings["crowd"], {"value": INFORMED, "noise": settings["noise"]}
    return {
        f"{kind}-{i}": part * BUDGET / crowd
        for kind, part in parts.items()
        if part > 0
        for i in range(1, crowd + 1)
    }


def _cast(names: Sequence[str], seed: int) -> list[Role]:
    kinds: Mapping[str, Callable[[str], Agent]] = {
        "value": ValueInvestor,
        "noise": lambda name: NoiseTrader(name, patience=NO_PATIENCE),
        "client": lambda name: Treasurer(name, int(name.split("-")[1]) - 1),
    }
    return [Role(kinds[name.split("-")[0]](name), own_numbers(seed, name)) for name in names]


def _shocked(life: Life, client: int, wait: int) -> dict[str, float | None]:
    """Push a price up and wait; returns the sessions until half is gone and what the push cost.

    None where the push is refused before the price is there.
    """
    market, asset = life.market, client + 1
    before = price = market.spot_price(asset)
    goal = before * (1.0 + SHOCK)
    least = step = min(0.0001 * market.escrow(), 0.01 * float(market.reserves()[NUMERAIRE]))
    spent = 0.0
    while price < goal:
        try:
            market.swap_exact_in(SHOCKER, NUMERAIRE, asset, step, 0.0)
        except TradeRefused:
            return {"recovery": None, "shock_cost": None}
        spent += step
        last, price = price, market.spot_price(asset)
        # As far as the last step says, but not too far: prices rise faster than what is spent.
        step = max(least, 0.8 * step * log(max(goal / price, 1.0)) / log(price / last))
    half = before * (1.0 + SHOCK / 2)
    sessions = 0
    while market.spot_price(asset) > half and sessions < wait:
        life.session()
        sessions += 1
    return {"recovery": float(sessions), "shock_cost": spent / BUDGET}


def _mean(values: list[float]) -> float | None:
    known = [value for value in values if not np.isnan(value)]
    return float(np.mean(known)) if known else None


def _mean_or_nan(values: list[float]) -> float:
    return float(np.mean(values)) if values else float("nan")
