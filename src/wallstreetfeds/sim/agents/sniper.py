"""Somebody who wants the payout and not the risk."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from wallstreetfeds.sim.agents.agent import buy, sell
from wallstreetfeds.sim.agents.checks import check
from wallstreetfeds.sim.market import NUMERAIRE, Market


@dataclass
class PayoutSniper:
    """Buys some of every token before a round opens and sells them once it has.

    Where the price does not fall at the record date, it earns the yield of the round and gives the tokens
    back. It buys once a round, for equal amounts of numeraire, the part `spend` of what it has.
    """

    name: str
    spend: float = 0.9
    _opened: int = field(default=-1, init=False, repr=False)

    def __post_init__(self) -> None:
        check(self, parts=["spend"])

    def step(self, market: Market, rng: np.random.Generator) -> None:  # noqa: ARG002
        """Buy before the record date, sell after it."""
        if market.opened() == market.finalized():
            if self._opened == market.opened():
                return
            self._opened = market.opened()
            each = market.balance_of(self.name, NUMERAIRE) * self.spend / market.clients
            for client in range(market.clients):
                buy(market, self.name, client, each, np.inf)
            return
        for client in range(market.clients):
            sell(market, self.name, client, market.balance_of(self.name, client + 1), 0.0)
