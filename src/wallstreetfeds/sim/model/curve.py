"""The constant-mean market's formulas in float64 (weighted_math.vy; Martinelli and Mushegian, Balancer 2019).

                        x_in        (w_in / w_out)
    out = x_out * ( 1 - ------------               )        in = x_in * ( ( --------- ) ^ (w_out / w_in) - 1 )
                        x_in + net                                          x_out - out

with `net` what enters less the fee.  By log1p and expm1, so that small trades keep their relative precision.
Plain functions of floats: `kernels` compiles these very lines, so that a batch gives what single calls give.
Every price comes with a code: ACCEPTED, or why the contracts refuse.  What is not a number is too large.
"""

from __future__ import annotations

from math import expm1, log, log1p
from typing import Final

MAX_RATIO: Final = 0.3
"""A trade moves at most this part of a balance, on either side."""
MIN_RATIO: Final = 2.0**-40
"""What enters is at least this part of the balance it enters."""
MAX_EXPONENT: Final = log(10 / 7)
MAX_EXPONENT_IN: Final = log(13 / 10)
MIN_BALANCE_UNITS: Final = 1e6
"""A trade leaves at least so many smallest units of both assets."""

ACCEPTED: Final = 0
TOO_LARGE: Final = 1
TOO_SMALL: Final = 2
ALMOST_EMPTY: Final = 3
ONE_ASSET: Final = 4
REASONS: Final = (
    "",
    "more than 30% of a balance",
    "trade too small",
    "the pool is almost empty",
    "one asset for itself",
)
"""What the contracts say, by code."""


def price_exact_in(
    balance_in: float,
    weight_in: float,
    balance_out: float,
    weight_out: float,
    fee: float,
    unit_in: float,
    unit_out: float,
    amount_in: float,
) -> tuple[int, float]:
    """Return (code, what `amount_in` buys); `fee` is a part of what enters, units are smallest amounts."""
    net = amount_in * (1.0 - fee)
    if not net <= MAX_RATIO * balance_in:
        return TOO_LARGE, 0.0
    if net < MIN_RATIO * balance_in:
        return TOO_SMALL, 0.0
    exponent = log1p(net / balance_in) * weight_in / weight_out
    if exponent > MAX_EXPONENT:
        return TOO_LARGE, 0.0
    amount_out = -balance_out * expm1(-exponent)
    if amount_out < unit_out:
        return TOO_SMALL, 0.0
    if (
        balance_in + amount_in < MIN_BALANCE_UNITS * unit_in
        or balance_out - amount_out < MIN_BALANCE_UNITS * unit_out
    ):
        return ALMOST_EMPTY, 0.0
    return ACCEPTED, amount_out


def price_exact_out(
    balance_in: float,
    weight_in: float,
    balance_out: float,
    weight_out: float,
    fee: float,
    unit_in: float,
    unit_out: float,
    amount_out: float,
) -> tuple[int, float]:
    """Return (code, what `amount_out` costs, fee included)."""
    if not amount_out <= MAX_RATIO * balance_out:
        return TOO_LARGE, 0.0
    if amount_out < MIN_RATIO * balance_out:
        return TOO_SMALL, 0.0
    exponent = -log1p(-amount_out / balance_out) * weight_out / weight_in
    if exponent > MAX_EXPONENT_IN:
        return TOO_LARGE, 0.0
    amount_in = balance_in * expm1(exponent) / (1.0 - fee)
    if (
        balance_in + amount_in < MIN_BALANCE_UNITS * unit_in
        or balance_out - amount_out < MIN_BALANCE_UNITS * unit_out
    ):
        return ALMOST_EMPTY, 0.0
    return ACCEPTED, amount_in


def shares_given_amount(supply: float, balance: float, weight: float, net: float) -> tuple[int, float]:
    """Return (code, LP shares for `net` of one asset): supply * ((1 + net / x) ^ w - 1).

    `weight` is the asset's part of all weights, `net` is after the fee.
    """
    if not net <= MAX_RATIO * balance:
        return TOO_LARGE, 0.0
    if net < MIN_RATIO * balance:
        return TOO_SMALL, 0.0
    return ACCEPTED, supply * expm1(log1p(net / balance) * weight)


def amount_given_shares(supply: float, balance: float, weight: float, shares: float) -> tuple[int, float]:
    """Return (code, amount of one asset for `shares`): x * (1 - (1 - shares / supply) ^ (1 / w)).

    `weight` is the asset's part of all weights, the amount is before the fee.
    """
    if not shares <= MAX_RATIO * supply:
        return TOO_LARGE, 0.0
    if shares < MIN_RATIO * supply:
        return TOO_SMALL, 0.0
    exponent = -log1p(-shares / supply) / weight
    if exponent > MAX_EXPONENT:
        return TOO_LARGE, 0.0
    return ACCEPTED, -balance * expm1(-exponent)
