"""Somebody who knows and takes all that can be taken: the worst case for those who provide liquidity."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.sim.agents.checks import check
from wallstreetfeds.sim.market import NUMERAIRE, Market, TradeRefused

GOLDEN: Final = (sqrt(5) - 1) / 2
STEPS: Final = 24
"""Each shortens the search by GOLDEN: to a hundred-thousandth of where it began."""

LARGEST_PART: Final = 0.3
"""Of a reserve that one trade may add."""

CLOSE: Final = 1e-4
"""A gap that small beyond the fee, relative, is left alone."""


@dataclass
class PerfectArbitrageur:
    """Knows `values(market)`, what every token is worth (clients,), and takes the whole profit of every gap.

    Each trade has the size that earns most, whatever the curve: beyond it the last token would cost more than
    it is worth, or earn less.  In constant-mean pools one trade moves every price, so a step makes up to
    `passes` passes over all tokens.  It trades no more than it has.
    """

    name: str
    values: Callable[[Market], NDArray[np.float64]]
    passes: int = 3

    def __post_init__(self) -> None:
        check(self, counts=["passes"])

    def step(self, market: Market, rng: np.random.Generator) -> None:  # noqa: ARG002
        """Trade until nothing is left to earn."""
        for _ in range(self.passes):
            if market.remaining() <= 0 or not self._pass(market):
                return

    def _pass(self, market: Market) -> bool:
        """Trade every token once, where that earns anything; whether any was."""
        traded = False
        kept = (1 - market.swap_fee()) * (1 - CLOSE)
        for k, value in enumerate(self.values(market).tolist()):
            price = market.spot_price(k + 1)
            if value * kept > price:
                traded |= self._trade(market, NUMERAIRE, k + 1, 1.0, value)
            elif price * kept > value:
                traded |= self._trade(market, k + 1, NUMERAIRE, value, 1.0)
        return traded

    def _trade(self, market: Market, asset_in: int, asset_out: int, gives: float, gets: float) -> bool:
        """Swap the best amount; `gives` and `gets` are what a unit of either asset is worth."""

        def profit(amount: float) -> float:
            try:
                return gets * market.quote_exact_in(asset_in, asset_out, amount) - gives * amount
            except TradeRefused:
                return -amount

        reserve = float(market.reserves()[asset_in])
        most = min(market.spendable(self.name, asset_in), LARGEST_PART * reserve)
        amount = best_amount(profit, most)
        if not profit(amount) > 0:
            return False
        market.swap_exact_in(self.name, asset_in, asset_out, amount, 0.0)
        return True


def best_amount(profit: Callable[[float], float], most: float) -> float:
    """Return the amount between 0 and `most` where `profit` is largest: concave, and falling where refused.

    Golden-section search (Kiefer, Sequential Minimax Search for a Maximum, 1953); the best amount that was
    tried, for just beyond it may be what is refused.
    """
    low, high = 0.0, most
    left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    at_left, at_right = profit(left), profit(right)
    best = max((at_left, left), (at_right, right))
    for _ in range(STEPS):
        if at_left < at_right:
            low, left, at_left = left, right, at_right
            right = low + GOLDEN * (high - low)
            at_right = profit(right)
            best = max(best, (at_right, right))
        else:
            high, right, at_right = right, left, at_left
            left = high - GOLDEN * (high - low)
            at_left = profit(left)
            best = max(best, (at_left, left))
    return best[1]
