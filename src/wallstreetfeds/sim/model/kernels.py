"""Swaps in batches, compiled: the lines of `curve`, many times over, on arrays.

For what asks nobody in between: a session of noise trades, a sweep over depths, a benchmark.  The same orders
one by one through `Pool.swap_exact_in` give the same bits, as a test holds.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.sim.model import curve

_price_exact_in = numba.njit(nogil=True)(curve.price_exact_in)


@numba.njit(nogil=True)
def swap_batch(
    reserves: NDArray[np.float64],
    weights: NDArray[np.float64],
    units: NDArray[np.float64],
    fee: float,
    funds: NDArray[np.float64],
    traders: NDArray[np.int64],
    assets_in: NDArray[np.int64],
    assets_out: NDArray[np.int64],
    amounts_in: NDArray[np.float64],
    amounts_out: NDArray[np.float64],
    codes: NDArray[np.int64],
) -> None:
    """Sell `amounts_in` one after the other; what comes out, and a code of `curve`, in the last two.

    `reserves`, `weights` and `units` have shape (assets,); `funds` (traders, assets) is what every trader may
    still spend; the orders' arrays have shape (orders,).  Changes `reserves` and `funds` in place.  A refused
    order gives 0 and changes nothing.  An order above the trader's funds is cut to them, as the seam does.
    """
    for k in range(traders.shape[0]):
        who, i, j = traders[k], assets_in[k], assets_out[k]
        amount = min(amounts_in[k], funds[who, i])
        code, out = curve.TOO_SMALL, 0.0
        if i == j:
            code = curve.ONE_ASSET
        elif amount > 0.0:
            code, out = _price_exact_in(
                reserves[i], weights[i], reserves[j], weights[j], fee, units[i], units[j], amount
            )
        if code == curve.ACCEPTED:
            reserves[i] += amount
            reserves[j] -= out
            funds[who, i] -= amount
            funds[who, j] += out
        amounts_out[k] = out
        codes[k] = code
