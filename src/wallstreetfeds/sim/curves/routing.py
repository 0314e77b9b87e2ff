"""A token for a token where a curve prices tokens against the numeraire alone: two swaps, two fees."""

from __future__ import annotations

from typing import Final, Protocol, Self

from wallstreetfeds.sim.market import NUMERAIRE, TradeRefused
from wallstreetfeds.sim.model import curve
from wallstreetfeds.sim.model.pricing import Pricing

CLOSE: Final = 4e-16
"""Relative, where a search ends."""


class Hypothetical(Pricing, Protocol):
    """A pricing that can say what it would be after a swap."""

    def after(self, asset_in: int, asset_out: int, amount_in: float, amount_out: float, fee: float) -> Self:
        """Return the pricing as it would be after a swap, with books of its own."""
        ...


def out_through_numeraire(
    pricing: Hypothetical, asset_in: int, asset_out: int, amount_in: float, fee: float
) -> float:
    """Return what `amount_in` of a token buys of another: sold for numeraire, which buys it.

    Raises TradeRefused where one of the two swaps is refused.
    """
    between = pricing.out_given_in(asset_in, NUMERAIRE, amount_in, fee)
    then = pricing.after(asset_in, NUMERAIRE, amount_in, between, fee)
    return then.out_given_in(NUMERAIRE, asset_out, between, fee)


def in_through_numeraire(
    pricing: Hypothetical, asset_in: int, asset_out: int, amount_out: float, fee: float
) -> float:
    """Return how much of a token buys `amount_out` of another, to the last bits by bisection.

    What the second swap costs depends on how large the first is, so there is no formula; what comes out
    grows with what enters.  Raises TradeRefused.
    """
    if not amount_out > 0:
        raise TradeRefused(curve.REASONS[curve.TOO_SMALL])
    price = pricing.spot_price(asset_in)
    if not price > 0:
        raise TradeRefused("the price is 0")

    def is_enough(amount_in: float) -> bool:
        """Whether it buys as much, or is more than can be traded at all."""
        try:
            return out_through_numeraire(pricing, asset_in, asset_out, amount_in, fee) >= amount_out
        except TradeRefused as refusal:
            return str(refusal) != curve.REASONS[curve.TOO_SMALL]

    low, high = 0.0, max(amount_out * pricing.spot_price(asset_out) / price, amount_out * CLOSE)
    while not is_enough(high):
        low, high = high, 2 * high
    while high - low > CLOSE * high:
        middle = (low + high) / 2
        if not low < middle < high:
            break
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    # Where it is only too much, this says why.
    out_through_numeraire(pricing, asset_in, asset_out, high, fee)
    return high
