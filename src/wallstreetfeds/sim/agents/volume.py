"""The one that takes turnover for interest."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from wallstreetfeds.sim.agents.agent import buy, sell
from wallstreetfeds.sim.agents.checks import check
from wallstreetfeds.sim.market import NUMERAIRE, Market
from wallstreetfeds.sim.turnover import turnover


@dataclass
class VolumeFollower:
    """Buys the token that was traded most since it last looked, and sells what was not traded at all.

    It leaves out its own trades and pays at most `patience` above the spot price; `spend` is the part of its
    numeraire that one purchase takes.
    """

    name: str
    spend: float = 0.1
    patience: float = 0.1
    _seen: int = field(default=0, init=False, repr=False)

    def __post_init__(self) -> None:
        check(self, parts=["spend"], amounts=["patience"])

    def step(self, market: Market, rng: np.random.Generator) -> None:  # noqa: ARG002
        """Follow the crowd."""
        if market.remaining() <= 0:
            return
        trades = market.trades()
        recent, self._seen = trades[self._seen :], len(trades)
        others = [trade for trade in recent if trade.trader != self.name]
        volume = turnover(others, market.clients).volume
        if not volume.any():
            return
        for k in np.flatnonzero(volume == 0).tolist():
            sell(market, self.name, k, market.balance_of(self.name, k + 1), 0.0)
        most = int(np.argmax(volume))
        spend = market.balance_of(self.name, NUMERAIRE) * self.spend
        buy(market, self.name, most, spend, market.spot_price(most + 1) * (1 + self.patience))
