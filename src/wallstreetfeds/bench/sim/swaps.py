"""Swaps a second: the model in a compiled batch and one by one, our contracts on titanoboa."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.bench.contribution.timing import side_by_side
from wallstreetfeds.bench.sim.on_titanoboa import TitanoboaMarket
from wallstreetfeds.bench.sim.sizes import Figures, Sizes
from wallstreetfeds.bench.sim.swap_market import first, model_market, random_orders, trader_names
from wallstreetfeds.sim.market import TradeRefused
from wallstreetfeds.sim.model.batch import Orders, swap_many
from wallstreetfeds.sim.model.market import ModelMarket

WITHOUT_TITANOBOA: Final = "titanoboa is not installed: pip install 'wallstreetfeds[dev]'"

Fill = Callable[[Orders], NDArray[np.float64]]
"""Make swaps in one market and return what each gave, whole tokens, 0 where it was refused; (orders,)."""


def measure_swaps(sizes: Sizes) -> Figures:
    """Time fills of the same random orders in three ways, each in a market of its own, on one core.

    Before anything is timed each market fills the beginning of the orders, and what they gave is compared:
    `largest_difference` is relative, to the model's single calls.  Then the markets stay open and every
    repeat fills the orders again.  Rates count what was filled; `refused` are orders of the first batch that
    were not.
    """
    orders, fills = random_orders(sizes), _ways(sizes)
    parts = {
        "batch": orders,
        "single": first(orders, sizes.single_orders),
        "titanoboa": first(orders, sizes.titanoboa_orders),
    }
    gave = {name: fill(parts[name]) for name, fill in fills.items()}
    again = {name: partial(fill, parts[name]) for name, fill in fills.items()}
    seconds, filled = side_by_side(again, sizes.repeats)
    rates = {name: np.count_nonzero(filled[name]) / seconds[name] for name in fills}
    figures: Figures = {
        "swaps_per_second": rates["batch"],
        "single_calls_per_second": rates["single"],
        "titanoboa_swaps_per_second": rates.get("titanoboa"),
        "swaps": {
            "assets": sizes.assets,
            "traders": sizes.traders,
            "orders": {name: len(parts[name].traders) for name in fills},
            "refused": int(np.count_nonzero(gave["batch"] == 0.0)),
            "largest_difference": {
                name: largest_difference(gave["single"], out)
                for name, out in gave.items()
                if name != "single"
            },
        },
    }
    if "titanoboa" not in fills:
        figures["swaps"]["reason"] = WITHOUT_TITANOBOA
    return figures


def _ways(sizes: Sizes) -> dict[str, Fill]:
    """Return the ways to fill orders that there are here, each over a new market."""
    names, batch, single = trader_names(sizes), model_market(sizes), model_market(sizes)
    ways: dict[str, Fill] = {
        "batch": lambda orders: swap_many(batch, names, orders).amounts_out,
        "single": partial(one_by_one, single, names),
    }
    if find_spec("boa") is not None:
        ways["titanoboa"] = TitanoboaMarket(sizes).fill
    return ways


def one_by_one(market: ModelMarket, names: list[str], orders: Orders) -> NDArray[np.float64]:
    """Make the swaps by single calls through the seam; returns what each gave, 0 where it was refused."""
    fills = np.zeros(len(orders.traders))
    columns = (orders.traders, orders.assets_in, orders.assets_out, orders.amounts_in)
    for k, (who, i, j, amount) in enumerate(zip(*(column.tolist() for column in columns), strict=True)):
        try:
            fills[k] = market.swap_exact_in(names[who], i, j, amount, 0.0)
        except TradeRefused:
            continue
    return fills


def largest_difference(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> float:
    """Return the largest difference of fills that both have, relative to the larger; 1 where one refused."""
    both = min(len(ours), len(theirs))
    pairs = np.stack([ours[:both], theirs[:both]])
    larger = pairs.max(axis=0)
    return float(np.max(np.ptp(pairs, axis=0) / np.where(larger > 0.0, larger, 1.0), initial=0.0))
