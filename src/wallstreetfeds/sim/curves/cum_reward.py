"""Quoting tokens with the rewards that they have been paid: a static curve for a claim that decays.

The curve is the constant mean (Martinelli, Mushegian, Balancer, 2019) on *cum-reward tokens*, one token and
H_k numeraire of backing each, H_k being all that a token of client k has been paid so far.  No payment takes
value from a cum-reward token: its price needs no clock.  Who buys pays the curve's price less H_k,
which is there already; who sells gets as much.

    y = books - sum_k H_k x_k             price_k = max(0, (y / w_0) / (x_k / w_k) - H_k)

What the pool's own tokens earn is their backing and stays in its books.  The idea is this project's (the
paper, arXiv 2506.20518, leaves open how a curve prices a decaying claim).

A token that was paid more than its quote has the price 0: it is given away until the quote has caught up, and
nobody can sell it.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from math import expm1, log1p
from typing import Final, Self

from wallstreetfeds.sim.curves.pairs import NO_SINGLE_ASSET
from wallstreetfeds.sim.curves.routing import in_through_numeraire, out_through_numeraire
from wallstreetfeds.sim.market import NUMERAIRE, TradeRefused
from wallstreetfeds.sim.model import curve
from wallstreetfeds.sim.model.pricing import Books

STEPS: Final = 100
"""Newton's, from the side on which they cannot overshoot; a dozen as a rule."""
CLOSE: Final = 4e-16


class CumReward:
    """The curve, with what every token has been paid, whole numeraire, since the pool opened."""

    keeps_rewards = True

    def __init__(self, books: Books) -> None:
        self._books = books
        self._paid = [0.0] * len(books.reserves)
        self._backing = 0.0

    def spot_price(self, asset: int) -> float:
        """Return the curve's price less what has been paid, at least 0."""
        if asset == NUMERAIRE:
            return 1.0
        ratio = self._ratio(asset)
        return max(0.0, self._money() * ratio / self._books.reserves[asset] - self._paid[asset])

    def cum_price(self, asset: int) -> float:
        """Return the curve's own price: what a token costs and all that it has been paid."""
        return self._money() * self._ratio(asset) / self._books.reserves[asset]

    def out_given_in(self, asset_in: int, asset_out: int, amount_in: float, fee: float) -> float:
        """Return what `amount_in` buys."""
        if asset_in == NUMERAIRE:
            amount_out = self._bought(asset_out, amount_in * (1 - fee))
        elif asset_out == NUMERAIRE:
            amount_out = self._proceeds(asset_in, amount_in, amount_in * (1 - fee))
        else:
            amount_out = out_through_numeraire(self, asset_in, asset_out, amount_in, fee)
        self._can_leave(asset_out, amount_out)
        return amount_out

    def in_given_out(self, asset_in: int, asset_out: int, amount_out: float, fee: float) -> float:
        """Return what `amount_out` costs."""
        self._can_leave(asset_out, amount_out)
        if asset_in == NUMERAIRE:
            return self._cost(asset_out, amount_out) / (1 - fee)
        if asset_out == NUMERAIRE:
            net = self._sold(asset_in, amount_out)
            # Refused where the sale would be.
            self._proceeds(asset_in, net / (1 - fee), net)
            return net / (1 - fee)
        return in_through_numeraire(self, asset_in, asset_out, amount_out, fee)

    def part(self, asset: int) -> float:  # noqa: ARG002
        """Refuse: one asset alone would come without its backing."""
        raise TradeRefused(NO_SINGLE_ASSET)

    def round_opened(self) -> None:
        """Nothing: there is no clock here."""

    def swapped(self, *_: float) -> None:
        """Put the backing of what has entered aside."""
        self._back()

    def scaled(self, _: float) -> None:
        """The backing scales with the books."""
        self._back()

    def paid(self, rewards: Sequence[float]) -> None:
        """The pool has been paid its tokens' rewards: all of it is backing."""
        self._paid = [before + now for before, now in zip(self._paid, (0.0, *rewards), strict=True)]
        self._back()

    def after(self, asset_in: int, asset_out: int, amount_in: float, amount_out: float, _: float) -> Self:
        """Return the curve as it would be after a swap."""
        then = copy(self)
        then._books = self._books.moved(asset_in, asset_out, amount_in, amount_out)
        then._back()
        return then

    # --- inside ---

    def _back(self) -> None:
        self._backing = sum(paid * held for paid, held in zip(self._paid, self._books.reserves, strict=True))

    def _money(self) -> float:
        """The curve's numeraire, y."""
        return self._books.reserves[NUMERAIRE] - self._backing

    def _ratio(self, asset: int) -> float:
        """w_k / w_0."""
        return self._books.weights[asset] / self._books.weights[NUMERAIRE]

    def _at_no_loss(self, asset: int) -> tuple[float, float]:
        """The token's reserve and y from which its price is above 0: what is more is given away."""
        held, money = self._books.reserves[asset], self._money()
        paid, ratio = self._paid[asset], self._ratio(asset)
        if money * ratio >= paid * held:
            return held, money
        kept = ratio * (money + paid * held) / (paid * (1 + ratio))
        return kept, money + paid * (held - kept)

    def _cost(self, asset: int, amount: float) -> float:
        """What `amount` of a token costs before the fee."""
        free = self._books.reserves[asset]
        if not amount <= curve.MAX_RATIO * free:
            raise TradeRefused(curve.REASONS[curve.TOO_LARGE])
        held, money = self._at_no_loss(asset)
        amount -= free - held
        if amount <= 0:
            return 0.0
        quoted = money * expm1(-self._ratio(asset) * log1p(-amount / held))
        if quoted > curve.MAX_RATIO * money:
            raise TradeRefused(curve.REASONS[curve.TOO_LARGE])
        return max(0.0, quoted - self._paid[asset] * amount)

    def _bought(self, asset: int, net: float) -> float:
        """What `net` numeraire buys: `_cost` solved for the amount, from above, where it is convex."""
        whole = self._books.reserves[asset]
        held, money = self._at_no_loss(asset)
        if net < curve.MIN_RATIO * money:
            raise TradeRefused(curve.REASONS[curve.TOO_SMALL])
        paid, ratio, free = self._paid[asset], self._ratio(asset), whole - held
        # The most that may be sold: 30 % of the tokens, or for 30 % of the money.
        amount = curve.MAX_RATIO * whole - free
        amount = min(amount, -held * expm1(-log1p(curve.MAX_RATIO) / ratio))
        if not (amount > 0 and net <= money * expm1(-ratio * log1p(-amount / held)) - paid * amount):
            raise TradeRefused(curve.REASONS[curve.TOO_LARGE])
        slope = money * ratio / held - paid
        if slope * amount > net:
            amount = net / slope
        for _ in range(STEPS):
            grown = -ratio * log1p(-amount / held)
            over = money * expm1(grown) - paid * amount - net
            slope = money * ratio / (held - amount) * (1 + expm1(grown)) - paid
            step = over / slope
            amount -= step
            if abs(step) <= CLOSE * amount:
                break
        return free + amount

    def _proceeds(self, asset: int, amount: float, net: float) -> float:
        """What `net` of a token is sold for, where `amount` enters with the fee."""
        held, money = self._books.reserves[asset], self._money()
        paid, ratio = self._paid[asset], self._ratio(asset)
        if not net <= curve.MAX_RATIO * held:
            raise TradeRefused(curve.REASONS[curve.TOO_LARGE])
        if net < curve.MIN_RATIO * held:
            raise TradeRefused(curve.REASONS[curve.TOO_SMALL])
        quoted = -money * expm1(-ratio * log1p(net / held))
        if quoted > curve.MAX_RATIO * money:
            raise TradeRefused(curve.REASONS[curve.TOO_LARGE])
        left = money - quoted - paid * (amount - net)
        if left * ratio < paid * (held + amount):
            raise TradeRefused("the price would fall below 0")
        return quoted - paid * net

    def _sold(self, asset: int, amount_out: float) -> float:
        """How much of a token, less the fee, is sold for `amount_out`: from below, where it is concave."""
        held, money = self._books.reserves[asset], self._money()
        paid, ratio = self._paid[asset], self._ratio(asset)
        net = 0.0
        for _ in range(STEPS):
            grown = -ratio * log1p(net / held)
            missing = amount_out + money * expm1(grown) + paid * net
            slope = money * ratio / (held + net) * (1 + expm1(grown)) - paid
            if slope <= 0:
                raise TradeRefused("the price would fall below 0")
            step = missing / slope
            net += step
            if abs(step) <= CLOSE * net:
                break
        return net

    def _can_leave(self, asset: int, amount: float) -> None:
        """Refuse what would leave the curve almost empty, or is less than a smallest unit."""
        books = self._books
        if not amount >= books.units[asset]:
            raise TradeRefused(curve.REASONS[curve.TOO_SMALL])
        left = (self._money() if asset == NUMERAIRE else books.reserves[asset]) - amount
        if left < curve.MIN_BALANCE_UNITS * books.units[asset]:
            raise TradeRefused(curve.REASONS[curve.ALMOST_EMPTY])
