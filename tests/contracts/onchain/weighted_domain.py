"""The domain that weighted_math states, drawn at random with its corners, and what it should answer.

Exact here is 256 bits of gmpy2; the tests hold it against 60 digits of mpmath.  A case is the struct that
MathHarness takes, five integers:

    swap            balance_in, weight_in, balance_out, weight_out, amount (that enters, or that leaves)
    single asset    supply, balance, weight, total_weight, amount (that enters, or of shares)
"""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gmpy2
from gmpy2 import expm1, log1p, mpfr, mpz

Q128 = 2**128
# Rounded down in Q128, as in weighted_math.
MAX_EXPONENT = 121_370_194_144_864_887_764_022_683_296_838_207_581
MAX_EXPONENT_IN = 89_277_932_908_468_927_856_857_351_378_927_097_951

TOO_SMALL = "trade too small"
TOO_LARGE = "more than 30% of a balance"

Case = tuple[int, int, int, int, int]
Frame = tuple[int, int, int, int]


def precise() -> Any:
    """Context in which gmpy2 computes with 256 bits: the exact values and the caps need it."""
    return gmpy2.context(precision=256)


@dataclass(frozen=True)
class Error:
    """The stated error of a result: on which side it is, a part of the exact value, and units beside.

    The ten-thousandth of a unit is what the fixed point itself cuts off: four 2^-128 of a balance of 2^112.
    """

    # 1 if never below the exact value, -1 if never above, 0 if on either side.
    side: int
    relative: float
    units: float

    def used(self, result: int, exact: Any) -> float:
        """How much of the relative error is needed beside the units: above 1, and infinite, is a finding."""
        error = (result - exact) * self.side if self.side else abs(result - exact)
        return math.inf if error < 0 else float((error - self.units) / exact / self.relative)


@dataclass(frozen=True)
class Kernel:
    """One step of the maths: name, argument, how a case is drawn, what is exact, and the stated error."""

    name: str
    argument: str
    draw: Callable[[random.Random], tuple[int, ...]]
    exact: Callable[[Any], Any]
    stated: Error


@dataclass(frozen=True)
class Function:
    """One priced function of weighted_math."""

    name: str
    frame: Callable[[random.Random], Frame]
    exact: Callable[[Case], Any]
    # Which of a case's integers the amount is a part of.
    base: int
    # The fraction of it at which the exponent is its cap (Q128); none where 30 % always comes first.
    at_cap: Callable[[Frame, int], Any] | None
    cap: int
    stated: Error
    argument: str = "(uint256,uint256,uint256,uint256,uint256)"

    def least(self, frame: Frame) -> int:
        """The smallest amount."""
        return -(-frame[self.base] >> 40)

    def most(self, frame: Frame, slack: int = -1) -> int:
        """The largest amount by the exponent's cap; 2^-80 around it are open: slack -1 below, 1 above."""
        if self.at_cap is None:
            return frame[self.base]
        fraction = self.at_cap(frame, self.cap + slack * (self.cap >> 80))
        # An mpz and no int otherwise.
        return int(gmpy2.floor(frame[self.base] * fraction))

    def draw(self, rng: random.Random) -> Case:
        """A case inside the domain; one in sixteen is the smallest or the largest."""
        while True:
            frame = self.frame(rng)
            least, most = self.least(frame), min(frame[self.base] * 3 // 10, self.most(frame))
            if least <= most:
                return (*frame, log_uniform(rng, least, most))

    def beyond(self, rng: random.Random) -> tuple[Case, str]:
        """A case just outside of the domain, and the reason to refuse it."""
        side = rng.randrange(3 if self.at_cap else 2)
        while True:
            frame = self.frame(rng)
            if side == 0:
                return (*frame, self.least(frame) - 1), TOO_SMALL
            ratio = frame[self.base] * 3 // 10
            if side == 1:
                return (*frame, ratio + 1), TOO_LARGE
            if self.least(frame) <= self.most(frame, 1) + 1 <= ratio:
                return (*frame, self.most(frame, 1) + 1), TOO_LARGE


def log_uniform(rng: random.Random, low: int, high: int) -> int:
    """An integer from low to high, every doubling as likely as another; one in sixteen is an end."""
    corner = rng.randrange(32)
    if corner < 2:
        return (low, high)[corner]
    while True:
        bits = rng.randint(low.bit_length(), high.bit_length()) - 1
        drawn = (1 << bits) | rng.getrandbits(bits) if bits else 1
        if low <= drawn <= high:
            return drawn


def _scaled(rng: random.Random, whole: int, low: int, high: int) -> int:
    """The whole times 2 to a power between low and high."""
    return (whole * int(2.0 ** (rng.uniform(low, high) + 60))) >> 60


def _balance(rng: random.Random) -> int:
    """Of a token, or of a numeraire."""
    return log_uniform(rng, 10**6, 2 ** rng.choice((64, 112)) - 1)


def _swap(rng: random.Random) -> Frame:
    """Balances and weights; the weights' ratio from 2^-15 to 2^15."""
    kind = rng.randrange(8)
    while True:
        weight = log_uniform(rng, 2**16, 2**57 - 1)
        if kind == 0:
            other = weight
        elif kind == 1:
            # As a numeraire of half the value is to one of 64 tokens, B / rho from 1 to 256.
            other = weight * rng.randint(1, 64) * rng.randint(1, 256)
        elif kind == 2:
            other = weight << 15
        else:
            other = _scaled(rng, weight, -15, 15)
        if other and weight <= other << 15 and other <= weight << 15:
            weights = (weight, other) if rng.random() < 0.5 else (other, weight)
            return _balance(rng), weights[0], _balance(rng), weights[1]


def _single(rng: random.Random) -> Frame:
    """Supply, balance, weight and the sum of all; the weights' ratio from 2^-21 to 1."""
    total = log_uniform(rng, 2**21, 2**72 - 1)
    kind = rng.randrange(8)
    if kind == 0:
        weight = total
    elif kind == 1:
        weight = -(-total >> 21)
    else:
        weight = max(_scaled(rng, total, -21, 0), -(-total >> 21))
    # The stated supply, or one so large that no whole share hides the error of the fraction.
    supply = log_uniform(rng, 10**6, 2**64 - 1) if rng.random() < 0.75 else 2**112 - 1
    return supply, _balance(rng), weight, total


def _out_given_in(case: Case) -> Any:
    balance_in, weight_in, balance_out, weight_out, amount = map(mpz, case)
    return -balance_out * expm1(-log1p(mpfr(amount) / balance_in) * weight_in / weight_out)


def _in_given_out(case: Case) -> Any:
    balance_in, weight_in, balance_out, weight_out, amount = map(mpz, case)
    return balance_in * expm1(log1p(mpfr(amount) / (balance_out - amount)) * weight_out / weight_in)


def _shares_given_amount(case: Case) -> Any:
    supply, balance, weight, total_weight, amount = map(mpz, case)
    return supply * expm1(log1p(mpfr(amount) / balance) * weight / total_weight)


def _amount_given_shares(case: Case) -> Any:
    supply, balance, weight, total_weight, shares = map(mpz, case)
    return -balance * expm1(-log1p(mpfr(shares) / (supply - shares)) * total_weight / weight)


def _atanh_over_z(z2: Any) -> Any:
    z = gmpy2.sqrt(z2)
    return gmpy2.atanh(z) / z


def _y_over_tanh(y2: Any) -> Any:
    y = gmpy2.sqrt(y2)
    return y / gmpy2.tanh(y)


FUNCTIONS = [
    Function(
        name="out_given_in",
        frame=_swap,
        exact=_out_given_in,
        base=0,
        at_cap=lambda frame, cap: expm1(mpfr(cap) / Q128 * frame[3] / frame[1]),
        cap=MAX_EXPONENT,
        stated=Error(-1, 2.0**-83, 1.0001),
    ),
    Function(
        name="in_given_out",
        frame=_swap,
        exact=_in_given_out,
        base=2,
        at_cap=lambda frame, cap: -expm1(-mpfr(cap) / Q128 * frame[1] / frame[3]),
        cap=MAX_EXPONENT_IN,
        stated=Error(1, 2.0**-82, 2.0001),
    ),
    Function(
        name="shares_given_amount",
        frame=_single,
        exact=_shares_given_amount,
        base=1,
        at_cap=None,
        cap=0,
        stated=Error(-1, 2.0**-82, 1.0001),
    ),
    Function(
        name="amount_given_shares",
        frame=_single,
        exact=_amount_given_shares,
        base=0,
        at_cap=lambda frame, cap: -expm1(-mpfr(cap) / Q128 * frame[2] / frame[3]),
        cap=MAX_EXPONENT,
        stated=Error(-1, 2.0**-83, 1.0001),
    ),
]


def _ratio(rng: random.Random) -> tuple[int, int]:
    denominator = log_uniform(rng, 7 * 10**5, 2**112 - 1)
    return log_uniform(rng, -(-denominator >> 40), denominator * 3 // 7), denominator


def _exponent(cap: int) -> Callable[[random.Random], tuple[int]]:
    return lambda rng: (log_uniform(rng, 1, cap),)


# Squares in Q96 of the largest z and y: 3/17 and ln(10/7) / 2, which rounded down may be exceeded by a unit.
MAX_Z2 = 9 * 2**96 // 289
MAX_Y2 = MAX_EXPONENT**2 >> 162

KERNELS = [
    Kernel(
        name="log1p",
        argument="(uint256,uint256)",
        draw=_ratio,
        exact=lambda case: Q128 * log1p(mpfr(case[0]) / case[1]),
        stated=Error(-1, 2.0**-86, 1),
    ),
    Kernel(
        name="one_minus_exp",
        argument="uint256",
        draw=_exponent(MAX_EXPONENT),
        exact=lambda case: -Q128 * expm1(-mpfr(case[0]) / Q128),
        stated=Error(0, 2.0**-92, 1),
    ),
    Kernel(
        name="exp_minus_one",
        argument="uint256",
        draw=_exponent(MAX_EXPONENT_IN),
        exact=lambda case: Q128 * expm1(mpfr(case[0]) / Q128),
        stated=Error(0, 2.0**-92, 1),
    ),
    Kernel(
        name="atanh_over_z",
        argument="uint256",
        draw=_exponent(MAX_Z2),
        exact=lambda case: _atanh_over_z(mpfr(case[0]) / 2**96) * 2**96,
        stated=Error(-1, 2.0**-88, 1),
    ),
    Kernel(
        name="y_over_tanh",
        argument="uint256",
        draw=_exponent(MAX_Y2),
        exact=lambda case: _y_over_tanh(mpfr(case[0]) / 2**96) * 2**96,
        stated=Error(0, 2.0**-90, 1),
    ),
]
