"""What a run looked like, round by round, read from the market and kept as arrays."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.sim.fair_value import cumulative_shares, fair_prices
from wallstreetfeds.sim.market import Market


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The market at one instant.

    `prices` and `fair` have shape (clients,), numeraire per whole token; `reserves` are the pool's books in
    whole tokens, shape (clients + 1,), the numeraire first.
    """

    opened: int
    prices: NDArray[np.float64]
    fair: NDArray[np.float64]
    reserves: NDArray[np.float64]


@dataclass
class Recorder:
    """Collects one snapshot after every trading session."""

    snapshots: list[Snapshot] = field(default_factory=list)

    def record(self, market: Market) -> Snapshot:
        """Read prices, fair values and reserves now and keep them."""
        supplies = np.array([market.supply(k) for k in range(market.clients)])
        snapshot = Snapshot(
            opened=market.opened(),
            prices=np.array([market.spot_price(k + 1) for k in range(market.clients)]),
            fair=fair_prices(cumulative_shares(market.reward_shares()), market.remaining(), supplies),
            reserves=market.reserves(),
        )
        self.snapshots.append(snapshot)
        return snapshot
