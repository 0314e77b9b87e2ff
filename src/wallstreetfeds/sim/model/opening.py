"""What a pool opens with: weights and LP shares by value at the prior price (opening.vy).

Every token opens at exactly the prior price, and nobody's deposit is worth more shares than another's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from wallstreetfeds.sim.market import Refused
from wallstreetfeds.sim.model.clock import Clock
from wallstreetfeds.sim.model.terms import Terms

OPENING_SHARES: Final = 1_000.0
"""LP shares of a pool when it opens, of which a millionth of one stays locked at least."""
LOCKED_SHARES: Final = 1e-6
MIN_NUMERAIRE_UNITS: Final = 1e6
MAX_WEIGHT_RATIO: Final = 2.0**15
"""Largest exponent of the market over its whole life, either way round."""


@dataclass(frozen=True, slots=True)
class Opening:
    """Weights by asset, the numeraire first (sum 1); LP shares of every listing and of every provider."""

    reserves: tuple[float, ...]
    weights: tuple[float, ...]
    listing_shares: tuple[float, ...]
    provider_shares: tuple[float, ...]


def opening_of(
    terms: Terms, clock: Clock, amounts: Sequence[float], deposits: Mapping[str, float], prior_price: float
) -> Opening:
    """Return what a pool opens with: whole tokens of every listing, and numeraire by provider.

    `prior_price` is whole numeraire a whole token.  Raises Refused with the contracts' reason.
    """
    numeraire = sum(deposits.values())
    if numeraire < MIN_NUMERAIRE_UNITS * terms.numeraire_unit:
        raise Refused("numeraire outside its domain")
    if not amounts:
        raise Refused("too few clients listed")
    values = [amount * prior_price for amount in amounts]
    total = numeraire + sum(values)
    weights = (numeraire / total, *(value / total for value in values))
    _check(weights[0], min(weights[1:]), max(weights[1:]), clock.rho / terms.last_part)
    by_value = (OPENING_SHARES - LOCKED_SHARES) / total
    return Opening(
        (numeraire, *amounts),
        weights,
        tuple(value * by_value for value in values),
        tuple(deposit * by_value for deposit in deposits.values()),
    )


def _check(numeraire: float, smallest: float, largest: float, growth: float) -> None:
    """Refuse weights whose ratios would leave the domain before the last round opens.

    `growth` is what the clock multiplies the numeraire's weight by until then.
    """
    if numeraire * growth > smallest * MAX_WEIGHT_RATIO:
        raise Refused("numeraire outweighs the tokens")
    if largest > numeraire * MAX_WEIGHT_RATIO:
        raise Refused("tokens outweigh the numeraire")
    if largest > smallest * MAX_WEIGHT_RATIO:
        raise Refused("the listed supplies are too unequal")
