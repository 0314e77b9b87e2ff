"""Somebody who knows: the best case for prices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.sim.agents.beliefs import trade_towards, values_of
from wallstreetfeds.sim.agents.checks import check
from wallstreetfeds.sim.market import Market


@dataclass
class InformedArbitrageur:
    """Knows the shares (clients,) that rewards will have and trades every price to what they make it worth.

    `shares` may be changed between steps. It stops where the fee eats the gap.
    """

    name: str
    shares: NDArray[np.float64]
    spend: float = 0.5

    def __post_init__(self) -> None:
        check(self, parts=["spend"])
        shares = np.asarray(self.shares)
        if not (np.isfinite(shares).all() and (shares >= 0).all()):
            raise ValueError(f"InformedArbitrageur: shares have to be numbers of at least 0, got {shares}")

    def step(self, market: Market, rng: np.random.Generator) -> None:  # noqa: ARG002
        """Trade every mispricing."""
        values = values_of(market, self.shares)
        trade_towards(market, self.name, values, edge=0.0, trades=market.clients, spend=self.spend)
