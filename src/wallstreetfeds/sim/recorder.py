"""What a run looked like, round by round, read from the market and kept as arrays."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.sim.fair_value import cumulative_shares, fair_prices
from wallstreetfeds.sim.market import Market


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Prices of all clients at one instant; arrays of shape (clients,), numeraire per whole token."""

    opened: int
    prices: NDArray[np.float64]
    fair: NDArray[np.float64]


@dataclass
class Recorder:
    """Collects one snapshot after every trading session."""

    snapshots: list[Snapshot] = field(default_factory=list)

    def record(self, market: Market) -> Snapshot:
        """Read prices and fair values now and keep them."""
        supplies = np.array([market.supply(k) for k in range(market.clients)])
        snapshot = Snapshot(
            opened=market.opened(),
            prices=np.array([market.spot_price(k + 1) for k in range(market.clients)]),
            fair=fair_prices(cumulative_shares(market.reward_shares()), market.remaining(), supplies),
        )
        self.snapshots.append(snapshot)
        return snapshot
