"""How much was traded, by how many, and how much of it changed who holds what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.sim.market import NUMERAIRE, Market, Trade

DUST: Final = 1e-6
"""Whole tokens that rounding may leave behind."""


@dataclass(frozen=True, slots=True)
class Turnover:
    """Of some swaps: `volume` (clients,), the numeraire that was paid for or with each token, and
    `net` (clients,), what of it remains if every trader's sales are set off against its own purchases.

    Nobody's own purchases and sales cancel: `net` is `volume`. A trade there and back: `net` is about two
    fees. Swaps of one client's token for another's are not counted.
    """

    volume: NDArray[np.float64]
    net: NDArray[np.float64]


def turnover(trades: Sequence[Trade], clients: int) -> Turnover:
    """Return the turnover of `trades` in a market of so many clients."""
    volume = np.zeros(clients)
    flows: dict[tuple[str, int], float] = {}
    for trade in trades:
        if trade.asset_in == NUMERAIRE:
            client, flow = trade.asset_out - 1, trade.amount_in
        elif trade.asset_out == NUMERAIRE:
            client, flow = trade.asset_in - 1, -trade.amount_out
        else:
            continue
        volume[client] += abs(flow)
        flows[trade.trader, client] = flows.get((trade.trader, client), 0.0) + flow
    net = np.zeros(clients)
    for (_, client), flow in flows.items():
        net[client] += abs(flow)
    return Turnover(volume, net)


def holders(market: Market, names: Sequence[str]) -> NDArray[np.int64]:
    """Return how many of `names` hold more than dust of each client's token (clients,)."""
    return np.array(
        [sum(market.balance_of(name, k + 1) > DUST for name in names) for k in range(market.clients)]
    )
