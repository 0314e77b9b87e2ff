"""A liquidity bootstrapping sale: the price starts high and falls by itself until somebody buys.

Martinelli, McDonald, Balancer Liquidity Bootstrapping Pools, 2020; here the opening period of a clocked pool.

    w_0 = base_0 * B / rho / (1 + (premium - 1) * left / period)

The tokens' weights are `premium` times as large against the numeraire's when the market opens, and fall
linearly in time to the contracts' rule at the end of the opening period.  Between two trades all prices fall
with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from wallstreetfeds.sim.market import NUMERAIRE
from wallstreetfeds.sim.model.pricing import Books, ConstantMean


class Bootstrapping:
    """The clocked constant mean with a sale in the opening period.

    `premium` is how many times the prior price a token costs at first.  Raises ValueError where it is below
    1, or where there is no opening period.
    """

    keeps_rewards = False

    def __init__(self, books: Books, premium: float = 3.0) -> None:
        if not 1 <= premium < inf:
            raise ValueError(f"the premium of a sale is a multiple of the price, at least 1, got {premium}")
        if not books.terms.opening_period:
            raise ValueError("a bootstrapping sale takes the opening period, which is 0: set it")
        self._books, self._premium = books, premium
        self._mean = ConstantMean(books)
        self._base = books.weights[NUMERAIRE] / books.clock.factor
        self._settle()

    def spot_price(self, asset: int) -> float:
        """Return the constant mean's price now."""
        self._settle()
        return self._mean.spot_price(asset)

    def out_given_in(self, asset_in: int, asset_out: int, amount_in: float, fee: float) -> float:
        """Return what `amount_in` buys now."""
        self._settle()
        return self._mean.out_given_in(asset_in, asset_out, amount_in, fee)

    def in_given_out(self, asset_in: int, asset_out: int, amount_out: float, fee: float) -> float:
        """Return what `amount_out` costs now."""
        self._settle()
        return self._mean.in_given_out(asset_in, asset_out, amount_out, fee)

    def part(self, asset: int) -> float:
        """Return w_i over the sum of all weights, now."""
        self._settle()
        return self._mean.part(asset)

    def round_opened(self) -> None:
        """Nothing: the clock is read with the time."""

    def swapped(self, asset_in: int, asset_out: int, amount_in: float, amount_out: float, fee: float) -> None:
        """Nothing but the books to keep."""

    def scaled(self, factor: float) -> None:
        """Nothing but the books to keep."""

    def paid(self, rewards: Sequence[float]) -> None:
        """Nothing: the LPs are paid."""

    def _settle(self) -> None:
        """Bring the numeraire's weight to what it is at this second."""
        books = self._books
        period = books.terms.opening_period
        left = max(0, books.opened_at + period - books.clock.now)
        books.weights[NUMERAIRE] = self._base * books.clock.factor / (1 + (self._premium - 1) * left / period)
