"""The friend of a federator that cheats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.sim.agents.beliefs import trade_towards, values_of
from wallstreetfeds.sim.agents.checks import check
from wallstreetfeds.sim.market import Market


@dataclass
class Colluder:
    """Knows what some clients, `seats`, will be paid, and trades their tokens alone towards that value.

    `shares` (clients,) are the shares of pots that it expects, those of other clients are not read.
    """

    name: str
    seats: Sequence[int]
    shares: NDArray[np.float64]
    spend: float = 0.5

    def __post_init__(self) -> None:
        check(self, parts=["spend"])
        if not all(np.isfinite(self.shares[seat]) for seat in self.seats):
            raise ValueError(f"Colluder: the shares of its seats have to be numbers, got {self.shares!r}")

    def step(self, market: Market, rng: np.random.Generator) -> None:  # noqa: ARG002
        """Buy what will be overpaid while others do not know; sell what others overpay."""
        if market.remaining() <= 0:
            return
        values, seats = market.spot_prices(), list(self.seats)
        values[seats] = values_of(market, self.shares)[seats]
        trade_towards(market, self.name, values, edge=0.0, trades=len(seats), spend=self.spend)
