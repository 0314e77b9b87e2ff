"""One constant-product pair for every client, x * y = k.

Adams, Zinsmeister, Robinson, Uniswap v2 Core, 2020.

                                      net
    out = x_out * --------------          with `net` what enters less the fee
                                  x_in + net

The pool's numeraire is split over the pairs by the value of their tokens.  A pair opens at the prior price,
which fixes how much of one side goes with the other: what does not fit lies in the books, untraded, and is
the LPs'.  A token for a token goes through two pairs and pays two fees.

On the clock, an option, a pair is the contracts' pool of two assets, x * y^w = k with w = B / rho.

Money apart makes finding out who is good cheaper: where token k turns out to be worth v_k times its price
(mean 1, equal listings, no fee), a shared constant-mean pool keeps prod v_k^(1/2n) of holding, pairs keep
mean v_k^(1/2), which is never less.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from wallstreetfeds.sim.market import NUMERAIRE, TradeRefused
from wallstreetfeds.sim.model import curve
from wallstreetfeds.sim.model.pricing import Books, Formula

NO_SINGLE_ASSET: Final = "this curve has no joins and exits with one asset"


class Pairs:
    """Both sides of every pair, whole tokens: the books less what lies aside.

    By the limits of the contracts' curve, whose formula with equal weights is the constant product.
    `clocked`: the numeraire's weight grows with the clock.
    """

    keeps_rewards = False

    def __init__(self, books: Books, clocked: bool = False) -> None:
        reserves, weights = books.reserves, books.weights
        # Values at the prior price are in proportion to the weights of the opening.
        values = sum(weights[1:])
        fits = min(1.0, values / weights[NUMERAIRE]), min(1.0, weights[NUMERAIRE] / values)
        self._units = books.units
        self._clock = books.clock if clocked else None
        self._money = [0.0, *(reserves[NUMERAIRE] * fits[0] * weight / values for weight in weights[1:])]
        self._tokens = [0.0, *(reserve * fits[1] for reserve in reserves[1:])]

    @property
    def _weight(self) -> float:
        """The numeraire's, over the token's."""
        return 1.0 if self._clock is None else self._clock.factor

    def spot_price(self, asset: int) -> float:
        """Return y / x of the token's pair, over the numeraire's weight."""
        return 1.0 if asset == NUMERAIRE else self._money[asset] / self._tokens[asset] / self._weight

    def out_given_in(self, asset_in: int, asset_out: int, amount_in: float, fee: float) -> float:
        """Return what `amount_in` buys, through one pair or two."""
        if asset_in == NUMERAIRE:
            return self._priced(curve.price_exact_in, asset_out, amount_in, fee, buys=True)
        between = self._priced(curve.price_exact_in, asset_in, amount_in, fee, buys=False)
        if asset_out == NUMERAIRE:
            return between
        return self._priced(curve.price_exact_in, asset_out, between, fee, buys=True)

    def in_given_out(self, asset_in: int, asset_out: int, amount_out: float, fee: float) -> float:
        """Return what `amount_out` costs, through one pair or two."""
        if asset_out == NUMERAIRE:
            return self._priced(curve.price_exact_out, asset_in, amount_out, fee, buys=False)
        between = self._priced(curve.price_exact_out, asset_out, amount_out, fee, buys=True)
        if asset_in == NUMERAIRE:
            return between
        return self._priced(curve.price_exact_out, asset_in, between, fee, buys=False)

    def part(self, asset: int) -> float:  # noqa: ARG002
        """Refuse: a join with one asset would have to open every pair."""
        raise TradeRefused(NO_SINGLE_ASSET)

    def round_opened(self) -> None:
        """Nothing: where there is a clock, it is read."""

    def swapped(self, asset_in: int, asset_out: int, amount_in: float, amount_out: float, fee: float) -> None:
        """Move both sides of the pairs that were used."""
        money = amount_in if asset_in == NUMERAIRE else amount_out
        if NUMERAIRE not in (asset_in, asset_out):
            money = self.out_given_in(asset_in, NUMERAIRE, amount_in, fee)
        if asset_in != NUMERAIRE:
            self._tokens[asset_in] += amount_in
            self._money[asset_in] -= money
        if asset_out != NUMERAIRE:
            self._tokens[asset_out] -= amount_out
            self._money[asset_out] += money

    def scaled(self, factor: float) -> None:
        """Scale every pair."""
        self._money = [amount * factor for amount in self._money]
        self._tokens = [amount * factor for amount in self._tokens]

    def paid(self, rewards: Sequence[float]) -> None:
        """Nothing: the LPs are paid."""

    def _priced(self, formula: Formula, asset: int, amount: float, fee: float, *, buys: bool) -> float:
        """Price a swap in one pair; `buys` tells whether the token comes out."""
        money = self._money[asset], self._weight, self._units[NUMERAIRE]
        token = self._tokens[asset], 1.0, self._units[asset]
        (balance_in, weight_in, unit_in), (balance_out, weight_out, unit_out) = (
            (money, token) if buys else (token, money)
        )
        code, priced = formula(balance_in, weight_in, balance_out, weight_out, fee, unit_in, unit_out, amount)
        if code:
            raise TradeRefused(curve.REASONS[code])
        return priced
