"""Fixed-point integers: named scales, named roundings, and the way to `Decimal` and back.

Amounts are integers in the smallest unit of their token.  `Decimal` is for people (command line, reports),
`float` never touches money.
"""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal, localcontext
from typing import Final

WAD: Final = 10**18
"""Fixed-point one: 18 decimals."""

BPS: Final = 10_000
"""Basis points in one."""

TOKEN_DECIMALS: Final = 12
"""Decimals of every client token and of LP shares (one million tokens stay below 2**64 units)."""

TOKEN: Final = 10**TOKEN_DECIMALS
"""Smallest units in one whole client token or one whole LP share."""


def div_down(numerator: int, denominator: int) -> int:
    """Return numerator / denominator rounded towards zero; both are non-negative integers."""
    return numerator // denominator


def div_up(numerator: int, denominator: int) -> int:
    """Return numerator / denominator rounded away from zero; both are non-negative integers."""
    return -(-numerator // denominator)


def to_units(amount: Decimal | str | int, decimals: int) -> int:
    """Return `amount` whole tokens as an integer of smallest units.

    Raises ValueError when the amount is not a finite number >= 0 or has more digits than `decimals`.
    """
    try:
        value = Decimal(amount)
    except ArithmeticError:
        raise ValueError(f"not a number: {amount!r}") from None
    if not value.is_finite() or value < 0:
        raise ValueError(f"an amount must be a finite number of at least 0, got {amount}")
    with localcontext() as context:
        context.prec = 200
        scaled = value.scaleb(decimals)
        if scaled != scaled.to_integral_value():
            raise ValueError(f"{amount} has more than the {decimals} decimals of this token")
        return int(scaled)


def to_decimal(units: int, decimals: int) -> Decimal:
    """Return an integer of smallest units as whole tokens, exactly."""
    with localcontext() as context:
        context.prec = 200
        return Decimal(units).scaleb(-decimals)


def show(units: int, decimals: int, places: int = 2) -> str:
    """Return smallest units as text with thousands separators, cut (not rounded up) to `places`."""
    with localcontext() as context:
        context.prec = 200
        value = to_decimal(units, decimals).quantize(Decimal(1).scaleb(-places), rounding=ROUND_DOWN)
    return f"{value:,}"
