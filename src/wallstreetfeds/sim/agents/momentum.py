"""The trend follower."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.sim.agents.agent import buy, sell
from wallstreetfeds.sim.agents.checks import check
from wallstreetfeds.sim.market import NUMERAIRE, Market


@dataclass
class MomentumTrader:
    """Buys what rose most since it last looked and sells what it holds and fell.

    The clock's own fall is taken out of the prices.  It pays at most `patience` above the spot price.
    """

    name: str
    spend: float = 0.1
    patience: float = 0.02
    last: NDArray[np.float64] | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        check(self, parts=["spend"], amounts=["patience"])

    def step(self, market: Market, rng: np.random.Generator) -> None:  # noqa: ARG002
        """Follow the trend."""
        if market.remaining() <= 0:
            return
        prices = market.spot_prices()
        level = prices / market.remaining()
        previous, self.last = self.last, level
        if previous is None:
            return
        change = np.zeros(len(level))
        with np.errstate(divide="ignore", invalid="ignore"):
            # A price of 0 has no trend.
            grown = level[: len(previous)] / previous - 1
        change[: len(previous)] = np.nan_to_num(grown, posinf=0.0)
        for k in range(market.clients):
            if change[k] < 0:
                sell(market, self.name, k, market.balance_of(self.name, k + 1), 0.0)
        best = int(np.argmax(change))
        if change[best] > 0:
            spend = market.balance_of(self.name, NUMERAIRE) * self.spend
            buy(market, self.name, best, spend, float(prices[best]) * (1 + self.patience))
