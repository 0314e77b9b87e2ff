"""Many orders at once in a model market's shared pool: from names and balances to arrays and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.sim.market import NUMERAIRE, SHARED_POOL, TradeRefused
from wallstreetfeds.sim.model.kernels import swap_batch
from wallstreetfeds.sim.model.market import ModelMarket
from wallstreetfeds.sim.model.pricing import ConstantMean


@dataclass(frozen=True, slots=True)
class Orders:
    """Orders to sell, one after the other; all arrays have shape (orders,).

    `traders` are indices of the names they are given with, assets have the seam's numbers (0 is the
    numeraire, k + 1 the token of client k), `amounts_in` are whole tokens.  Raises ValueError for arrays of
    different lengths.
    """

    traders: NDArray[np.int64]
    assets_in: NDArray[np.int64]
    assets_out: NDArray[np.int64]
    amounts_in: NDArray[np.float64]

    def __post_init__(self) -> None:
        shapes = {array.shape for array in (self.traders, self.assets_in, self.assets_out, self.amounts_in)}
        if len(shapes) != 1 or len(next(iter(shapes))) != 1:
            raise ValueError(f"orders need four arrays of one length, got shapes {sorted(shapes)}")


@dataclass(frozen=True, slots=True)
class Fills:
    """What every order gave, whole tokens, and its code: 0, or an index of `curve.REASONS`; (orders,)."""

    amounts_out: NDArray[np.float64]
    codes: NDArray[np.int64]


def swap_many(market: ModelMarket, names: Sequence[str], orders: Orders) -> Fills:
    """Make the swaps, each at most of what its trader may spend; what is refused changes nothing.

    The same as one `swap_exact_in` after the other without a minimum: fills and reserves to the last bit,
    but for a client that sells all it may of its own token.  Raises TradeRefused once the last round has
    opened, or for an asset that is not in the shared pool; ValueError for a trader without a name, or a
    market with another curve than the contracts'.  The swaps are not in `market.trades()`.
    """
    pool = market.federation.pools[SHARED_POOL]
    if type(pool.pricing) is not ConstantMean:
        raise ValueError(
            f"only the constant-mean formula is compiled, this market has {type(pool.pricing).__name__}: "
            "use swap_exact_in"
        )
    if market.remaining() == 0:
        raise TradeRefused("the last round has opened")
    if len(orders.traders) and not 0 <= orders.traders.min() <= orders.traders.max() < len(names):
        raise ValueError(f"traders are indices of {len(names)} names, got {orders.traders}")
    assets = market.federation.routes.assets(SHARED_POOL)
    numbers = np.full(market.clients + 1, -1)
    numbers[assets] = np.arange(len(assets))
    funds = np.array([[market.spendable(name, asset) for asset in assets] for name in names])
    before, reserves = funds.copy(), np.array(pool.reserves)
    fills = Fills(np.zeros(len(orders.traders)), np.zeros(len(orders.traders), dtype=np.int64))
    swap_batch(
        reserves,
        np.array(pool.weights),
        np.array(pool.units),
        pool.fee(),
        funds,
        orders.traders,
        _numbered(numbers, orders.assets_in),
        _numbered(numbers, orders.assets_out),
        orders.amounts_in,
        fills.amounts_out,
        fills.codes,
    )
    pool.reserves[:] = reserves.tolist()
    for name, changes in zip(names, funds - before, strict=True):
        for asset, change in zip(assets, changes.tolist(), strict=True):
            if change > 0:
                market.federation.holdings.give(name, asset, change)
            elif change < 0:
                market.federation.holdings.take(name, asset, -change)
    return fills


def _numbered(numbers: NDArray[np.int64], assets: NDArray[np.int64]) -> NDArray[np.int64]:
    """The pool's numbers of assets.  Raises TradeRefused where one is not in it."""
    if len(assets) and (assets.min() < NUMERAIRE or assets.max() >= len(numbers)):
        raise TradeRefused("no such asset")
    found = numbers[assets]
    if (found < 0).any():
        raise TradeRefused("the asset is in no pool")
    return found
