"""The market whose swaps are counted, and the orders: the same in the model and on titanoboa."""

from __future__ import annotations

from typing import Final

import numpy as np

from wallstreetfeds.bench.sim.sizes import Sizes
from wallstreetfeds.sim.model.batch import Orders
from wallstreetfeds.sim.model.market import ModelMarket
from wallstreetfeds.sim.model.terms import Terms

BUDGET: Final = 1_000_000
DEPOSIT: Final = 200_000
"""Whole numeraire that the pool opens with."""
ROUNDS: Final = 50
DECIMALS: Final = 18
"""Of the numeraire: so many that the contracts' rounding does not hide a difference."""
FUNDS: Final = 1_000_000
"""Whole numeraire of every trader."""
SUPPLY: Final = 1_000_000
SPENDABLE: Final = 0.6
"""The part of its supply that a client may send: a fifth is listed, a fifth retained."""
SMALLEST, LARGEST = 1e-5, 1e-3
"""Orders are such parts of what the pool opens with, log-uniform: what a market of many trades sees."""
SEED: Final = 11


def trader_names(sizes: Sizes) -> list[str]:
    """Return the names of the traders."""
    return [f"trader {k}" for k in range(sizes.traders)]


def tokens_each(sizes: Sizes) -> int:
    """Return the whole tokens of every client that each trader gets: equal parts of all they may send."""
    return int(SUPPLY * SPENDABLE) // sizes.traders


def model_market(sizes: Sizes) -> ModelMarket:
    """Return the market in the model: traders have numeraire and tokens of every client, no opening fee."""
    clients = [f"client {k}" for k in range(sizes.assets - 1)]
    terms = Terms(budget=BUDGET, rounds=ROUNDS, supply=SUPPLY, opening_period=0, numeraire_decimals=DECIMALS)
    names = trader_names(sizes)
    market = ModelMarket.open(terms, clients, {"federator": DEPOSIT}, dict.fromkeys(names, float(FUNDS)))
    for name in names:
        for number, client in enumerate(clients, start=1):
            market.transfer(client, name, number, tokens_each(sizes))
    return market


def random_orders(sizes: Sizes) -> Orders:
    """Return `sizes.orders` orders of random traders between two random assets; always the same ones."""
    rng = np.random.default_rng(SEED)
    traders = rng.integers(sizes.traders, size=sizes.orders)
    assets_in = rng.integers(sizes.assets, size=sizes.orders)
    # Any asset but the one that is sold.
    assets_out = (assets_in + rng.integers(1, sizes.assets, size=sizes.orders)) % sizes.assets
    opening = model_market(sizes).reserves()
    parts = np.exp(rng.uniform(np.log(SMALLEST), np.log(LARGEST), sizes.orders))
    return Orders(traders, assets_in, assets_out, parts * opening[assets_in])


def first(orders: Orders, count: int) -> Orders:
    """Return the first `count` of the orders."""
    return Orders(
        orders.traders[:count], orders.assets_in[:count], orders.assets_out[:count], orders.amounts_in[:count]
    )
