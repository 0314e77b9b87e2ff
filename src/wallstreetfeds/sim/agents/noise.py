"""The uninformed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wallstreetfeds.sim.agents.agent import buy, sell
from wallstreetfeds.sim.agents.checks import check
from wallstreetfeds.sim.market import NUMERAIRE, Market


@dataclass
class NoiseTrader:
    """Trades a random token in a random direction, at most `patience` off the spot price."""

    name: str
    spend: float = 0.05
    patience: float = 0.05

    def __post_init__(self) -> None:
        check(self, parts=["spend"], amounts=["patience"])

    def step(self, market: Market, rng: np.random.Generator) -> None:
        """Buy or sell one token."""
        k = int(rng.integers(market.clients))
        size = float(rng.uniform(0.2, 1.0))
        price = market.spot_price(k + 1)
        held = market.balance_of(self.name, k + 1)
        if held > 0 and rng.random() < 0.5:
            sell(market, self.name, k, held * size, price * (1 - self.patience))
            return
        spend = market.balance_of(self.name, NUMERAIRE) * self.spend * size
        buy(market, self.name, k, spend, price * (1 + self.patience))
