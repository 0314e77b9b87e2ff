"""The one who needs no belief: a complete set is worth the escrow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.sim.agents.agent import HALVINGS, TOLERANCE, sell
from wallstreetfeds.sim.agents.checks import check
from wallstreetfeds.sim.market import NUMERAIRE, Market, TradeRefused


@dataclass
class CompleteSets:
    """Buys all tokens in proportion to their supplies when together they cost less than what is left to be
    paid, and sells such sets when they bring more.

    One complete set, S_k tokens of every client k, is worth exactly the escrow, whoever is good: the floor.
    At most the part `spend` of its numeraire, or of its sets, a step. It holds sets and nothing else.
    """

    name: str
    spend: float = 0.25

    def __post_init__(self) -> None:
        check(self, parts=["spend"])

    def step(self, market: Market, rng: np.random.Generator) -> None:  # noqa: ARG002
        """Buy or sell sets, halved until they pay."""
        worth = market.escrow() + market.pending()
        prices = market.spot_prices()
        if market.remaining() <= 0 or not np.isfinite(prices).all():
            return
        supplies = np.array([market.supply(k) for k in range(market.clients)])
        price = float(prices @ supplies)
        if price < worth:
            part = self._cheap(market, self.spend * market.balance_of(self.name, NUMERAIRE) / price, worth)
            self._buy(market, part * supplies)
        else:
            part = self._dear(market, self.spend * self.sets(market), worth)
            for k, amount in enumerate((part * supplies).tolist()):
                sell(market, self.name, k, amount, 0.0)

    def sets(self, market: Market) -> float:
        """Return how many complete sets it has, in parts of all there is."""
        clients = range(market.clients)
        return min(market.balance_of(self.name, k + 1) / market.supply(k) for k in clients)

    def _cheap(self, market: Market, part: float, worth: float) -> float:
        """Return how much of all there is, `part` at most, costs less than its worth; 0 if nothing does."""
        return self._paying(part, lambda share: self._cost(market, share) < share * worth)

    def _dear(self, market: Market, part: float, worth: float) -> float:
        """Return how much of all there is, `part` at most, brings more than its worth; 0 if nothing does."""
        return self._paying(part, lambda share: self._proceeds(market, share) > share * worth)

    @staticmethod
    def _paying(part: float, pays: Callable[[float], bool]) -> float:
        for _ in range(HALVINGS if part > 0 else 0):
            try:
                if pays(part):
                    return part
            except TradeRefused:
                pass
            part /= 2
        return 0.0

    def _cost(self, market: Market, part: float) -> float:
        """Return what `part` of everything costs. Its parts are quoted one by one, and what is paid for one
        makes the next dearer: prices grow with the pool's numeraire."""
        clients = range(market.clients)
        alone = sum(market.quote_exact_out(NUMERAIRE, k + 1, part * market.supply(k)) for k in clients)
        return alone * (1.0 + alone / (2.0 * float(market.reserves()[NUMERAIRE])))

    def _proceeds(self, market: Market, part: float) -> float:
        """Return what `part` of everything brings, by the same reasoning."""
        clients = range(market.clients)
        alone = sum(market.quote_exact_in(k + 1, NUMERAIRE, part * market.supply(k)) for k in clients)
        return alone * (1.0 - alone / (2.0 * float(market.reserves()[NUMERAIRE])))

    def _buy(self, market: Market, amounts: NDArray[np.float64]) -> None:
        for k, amount in enumerate(amounts.tolist()):
            if amount <= 0:
                return
            try:
                most = market.quote_exact_out(NUMERAIRE, k + 1, amount) * (1 + TOLERANCE)
                market.swap_exact_out(self.name, NUMERAIRE, k + 1, amount, most)
            except TradeRefused:
                return
