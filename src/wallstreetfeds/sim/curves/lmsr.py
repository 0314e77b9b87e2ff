"""A market maker that trades complete sets by the logarithmic market scoring rule.

Hanson, Combinatorial Information Market Design, 2003, and Logarithmic Market Scoring Rules for Modular
Combinatorial Information Aggregation, 2007.

One token of every client, in proportion to the supplies, is a complete set: it will be paid rho in all,
whoever earns it.  With u_k the part of client k's supply that the maker has sold on balance,

    cost(u) = rho * b * ln( sum_j pi_j exp(u_j / b) )

    price_k * S_k = rho * pi_k exp(u_k / b) / sum_j pi_j exp(u_j / b)

where pi_k is the client's part of all supplies, so that the market opens at the prior price.  The prices of a
set sum to rho at any time.  Whatever is traded and paid, the maker loses at most rho * b * ln(1 / min pi),
which is rho * b * ln n for equal supplies.  It refuses what it cannot pay or does not hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from math import exp, expm1, inf, log1p
from typing import Final, Self

from wallstreetfeds.sim.curves.pairs import NO_SINGLE_ASSET
from wallstreetfeds.sim.curves.routing import in_through_numeraire, out_through_numeraire
from wallstreetfeds.sim.market import NUMERAIRE, TradeRefused
from wallstreetfeds.sim.model import curve
from wallstreetfeds.sim.model.pricing import Books

MAX_EXPONENT: Final = 30.0
"""One trade moves u / b by less than this: beyond, a float no longer tells prices from 0 and rho."""


class Lmsr:
    """The maker of one pool, which has to trade every client's token.

    `liquidity` is b, a part of a supply; None: the listed part.  Raises ValueError where it is not above 0.
    A fee stays in the books and moves no price.  When LPs join or leave, b and u scale with the books.
    """

    keeps_rewards = False

    def __init__(self, books: Books, liquidity: float | None = None) -> None:
        b = books.terms.listed if liquidity is None else liquidity
        if not 0 < b < inf:
            raise ValueError(f"the liquidity of LMSR, a part of a supply, has to be above 0, got {b}")
        self._books, self._b = books, b
        whole = sum(books.supplies)
        self._supplies = (whole, *books.supplies)
        self._prior = [0.0, *(supply / whole for supply in books.supplies)]
        self._sold = [0.0] * len(self._prior)
        self._shares = self._prior.copy()

    @property
    def _depth(self) -> float:
        """b in money: rho * b."""
        return self._books.clock.rho * self._b

    def spot_price(self, asset: int) -> float:
        """Return the token's share of rho, a whole token."""
        if asset == NUMERAIRE:
            return 1.0
        return self._books.clock.rho * self._shares[asset] / self._supplies[asset]

    def out_given_in(self, asset_in: int, asset_out: int, amount_in: float, fee: float) -> float:
        """Return what `amount_in` buys: the cost function, solved for the amount."""
        self._can_be(amount_in)
        b, depth = self._b, self._depth
        net = amount_in * (1 - fee)
        if asset_in == NUMERAIRE:
            moved = log1p(expm1(self._exponent(net / depth)) / self._shares[asset_out])
            amount_out = b * moved * self._supplies[asset_out]
        elif asset_out == NUMERAIRE:
            moved = self._exponent(net / self._supplies[asset_in] / b)
            amount_out = -depth * log1p(self._shares[asset_in] * expm1(-moved))
        else:
            amount_out = out_through_numeraire(self, asset_in, asset_out, amount_in, fee)
        self._can_leave(asset_out, amount_out)
        return amount_out

    def in_given_out(self, asset_in: int, asset_out: int, amount_out: float, fee: float) -> float:
        """Return what `amount_out` costs: the difference of the cost function, and the fee."""
        self._can_be(amount_out)
        self._can_leave(asset_out, amount_out)
        b, depth = self._b, self._depth
        if asset_in == NUMERAIRE:
            moved = self._exponent(amount_out / self._supplies[asset_out] / b)
            net = depth * log1p(self._shares[asset_out] * expm1(moved))
        elif asset_out == NUMERAIRE:
            fallen = expm1(-amount_out / depth) / self._shares[asset_in]
            if fallen <= -1:
                raise TradeRefused("more than the token is worth")
            net = -b * log1p(fallen) * self._supplies[asset_in]
        else:
            return in_through_numeraire(self, asset_in, asset_out, amount_out, fee)
        return net / (1 - fee)

    def part(self, asset: int) -> float:  # noqa: ARG002
        """Refuse: the formula has no weights."""
        raise TradeRefused(NO_SINGLE_ASSET)

    def round_opened(self) -> None:
        """Nothing: rho is read from the clock."""

    def swapped(self, asset_in: int, asset_out: int, amount_in: float, amount_out: float, fee: float) -> None:
        """Count what was sold; a fee in tokens is the maker's and was not bought."""
        if asset_in != NUMERAIRE:
            self._sold[asset_in] -= amount_in * (1 - fee) / self._supplies[asset_in]
        if asset_out != NUMERAIRE:
            self._sold[asset_out] += amount_out / self._supplies[asset_out]
        highest = max(self._sold[1:])
        powers = [
            pi * exp((sold - highest) / self._b) for pi, sold in zip(self._prior, self._sold, strict=True)
        ]
        total = sum(powers)
        self._shares = [power / total for power in powers]

    def scaled(self, factor: float) -> None:
        """Scale the maker: prices stay."""
        self._b *= factor
        self._sold = [sold * factor for sold in self._sold]

    def paid(self, rewards: Sequence[float]) -> None:
        """Nothing: the LPs are paid."""

    def after(self, asset_in: int, asset_out: int, amount_in: float, amount_out: float, fee: float) -> Self:
        """Return the maker as it would be after a swap."""
        then = copy(self)
        then._books = self._books.moved(asset_in, asset_out, amount_in, amount_out)
        then._sold = self._sold.copy()
        then.swapped(asset_in, asset_out, amount_in, amount_out, fee)
        return then

    def _can_leave(self, asset: int, amount: float) -> None:
        """Refuse what the maker does not hold, or what is less than a smallest unit."""
        books = self._books
        if amount < books.units[asset]:
            raise TradeRefused(curve.REASONS[curve.TOO_SMALL])
        if books.reserves[asset] - amount < curve.MIN_BALANCE_UNITS * books.units[asset]:
            raise TradeRefused(curve.REASONS[curve.ALMOST_EMPTY])

    @staticmethod
    def _can_be(amount: float) -> None:
        if not amount < inf:
            raise TradeRefused(curve.REASONS[curve.TOO_LARGE])
        if not amount > 0:
            raise TradeRefused(curve.REASONS[curve.TOO_SMALL])

    @staticmethod
    def _exponent(moved: float) -> float:
        if moved > MAX_EXPONENT:
            raise TradeRefused("the price would leave its range")
        return moved
