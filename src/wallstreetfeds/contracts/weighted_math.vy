# pragma version 0.4.3
"""
@title Weighted maths
@license Apache-2.0
@notice The powers a constant-mean market needs, in closed form: no table, no iteration to convergence.

                                         x_in        (w_in / w_out)
    out_given_in:  out = x_out * ( 1 - ( ------------- )               )
                                         x_in + amount

        with   L = ln(1 + amount / x_in) = 2 atanh(z),   z = amount / (2 x_in + amount)
               t = L * w_in / w_out
             out = x_out * (1 - exp(-t)) = x_out * t / (D + t/2),   D = (t/2) / tanh(t/2)

                                         x_out         (w_out / w_in)
    in_given_out:  in = x_in * ( ( ---------------- )                 - 1 )
                                    x_out - amount

        with   L = ln(1 + amount / (x_out - amount)),   t = L * w_out / w_in
              in = x_in * (exp(t) - 1) = x_in * t / (D - t/2)

    atanh(z) / z and y / tanh(y) are Lambert's continued fractions (1768), cut where the rest is below
    2^-88 in the domain stated at each function.  Nothing here is ever close to zero by subtraction, so the
    error stays *relative* however small the trade is and however large w_in / w_out is.
@dev Fixed point: Q128 for values below one that keep their relative precision, Q96 for the fractions.
"""

Q96: constant(uint256) = 2**96

# Relative error of `_log1p` and `_one_minus_exp` together is below 2^-85 (measured against 60 digits in
# tests/contracts/weighted_math); what is subtracted for the pool is 2^-84 of the result, and one unit.
SAFETY_BITS: constant(uint256) = 84

# An amount may move at most 30 % of a balance, on either side ...
MAX_RATIO_NUMERATOR: constant(uint256) = 3
MAX_RATIO_DENOMINATOR: constant(uint256) = 10
# ... so t is at most ln(10 / 7) where it leaves, ln(13 / 10) where it enters: Q128, rounded down.
MAX_EXPONENT: constant(uint256) = 121370194144864887764022683296838207581
MAX_EXPONENT_IN: constant(uint256) = 89277932908468927856857351378927097951

# A trade is at least 2^-40 of the balance it enters: below, the stated precision would not hold.
MIN_RATIO_BITS: constant(uint256) = 40


@pure
def _atanh_over_z(z2: uint256) -> uint256:
    """
    @notice atanh(z) / z = 1 / (1 - z2 / (3 - 4 z2 / (5 - 9 z2 / (7 - ...)))), z2 = z^2.
    @param z2 Q96, at most 0.0312 (z at most 3/17)
    @return Q96, within 2^-88
    """
    d: uint256 = 25 * Q96
    d = 23 * Q96 - (144 * z2 << 96) // d
    d = 21 * Q96 - (121 * z2 << 96) // d
    d = 19 * Q96 - (100 * z2 << 96) // d
    d = 17 * Q96 - (81 * z2 << 96) // d
    d = 15 * Q96 - (64 * z2 << 96) // d
    d = 13 * Q96 - (49 * z2 << 96) // d
    d = 11 * Q96 - (36 * z2 << 96) // d
    d = 9 * Q96 - (25 * z2 << 96) // d
    d = 7 * Q96 - (16 * z2 << 96) // d
    d = 5 * Q96 - (9 * z2 << 96) // d
    d = 3 * Q96 - (4 * z2 << 96) // d
    d = Q96 - (z2 << 96) // d
    return (1 << 192) // d


@pure
def _y_over_tanh(y2: uint256) -> uint256:
    """
    @notice y / tanh(y) = 1 + y2 / (3 + y2 / (5 + y2 / (7 + ...))), y2 = y^2.
    @param y2 Q96, at most 0.0319 (y at most ln(10/7) / 2)
    @return Q96, within 2^-90
    """
    n: uint256 = y2 << 96
    d: uint256 = 19 * Q96
    d = 17 * Q96 + n // d
    d = 15 * Q96 + n // d
    d = 13 * Q96 + n // d
    d = 11 * Q96 + n // d
    d = 9 * Q96 + n // d
    d = 7 * Q96 + n // d
    d = 5 * Q96 + n // d
    d = 3 * Q96 + n // d
    return Q96 + n // d


@pure
def _log1p(numerator: uint256, denominator: uint256) -> uint256:
    """
    @notice ln(1 + numerator / denominator), rounded down but for the safety margin.
    @param numerator Below 2^112, at most 3/7 of the denominator
    @param denominator Below 2^112, not zero
    @return Q128
    """
    z: uint256 = (numerator << 128) // (2 * denominator + numerator)
    return (2 * z * self._atanh_over_z((z * z) >> 160)) >> 96


@pure
def _one_minus_exp(t: uint256) -> uint256:
    """
    @notice 1 - exp(-t), rounded down but for the safety margin.
    @param t Q128, at most MAX_EXPONENT
    @return Q128
    """
    return (t << 96) // (self._y_over_tanh((t * t) >> 162) + (t >> 33))


@pure
def _out_given_in(
    balance_in: uint256,
    weight_in: uint256,
    balance_out: uint256,
    weight_out: uint256,
    amount_in: uint256,
) -> uint256:
    """
    @notice What `amount_in` (fee already taken off) buys, rounded down: for the pool.
    @param balance_in Smallest units, below 2^112
    @param weight_in Any scale the two weights share, below 2^72
    @param balance_out Smallest units, below 2^112
    @param weight_out Not zero, same scale
    @param amount_in Smallest units
    @return Smallest units of the asset that leaves
    """
    assert (
        amount_in * MAX_RATIO_DENOMINATOR <= balance_in * MAX_RATIO_NUMERATOR
    ), "trade too large: enters more than 30% of the balance"
    assert amount_in << MIN_RATIO_BITS >= balance_in, "trade too small"
    t: uint256 = self._log1p(amount_in, balance_in) * weight_in // weight_out
    assert t <= MAX_EXPONENT, "trade too large: takes more than 30% of the balance"
    fraction: uint256 = self._one_minus_exp(t)
    margin: uint256 = (fraction >> SAFETY_BITS) + 1
    if fraction <= margin:
        return 0
    return (balance_out * (fraction - margin)) >> 128


@pure
def _in_given_out(
    balance_in: uint256,
    weight_in: uint256,
    balance_out: uint256,
    weight_out: uint256,
    amount_out: uint256,
) -> uint256:
    """
    @notice What has to enter (fee not yet added) for `amount_out` to leave, rounded up: for the pool.
    @param balance_in Smallest units, below 2^112
    @param weight_in Not zero, any scale the two weights share, below 2^72
    @param balance_out Smallest units, below 2^112
    @param weight_out Same scale
    @param amount_out Smallest units
    @return Smallest units of the asset that enters
    """
    assert (
        amount_out * MAX_RATIO_DENOMINATOR <= balance_out * MAX_RATIO_NUMERATOR
    ), "trade too large: takes more than 30% of the balance"
    assert amount_out << MIN_RATIO_BITS >= balance_out, "trade too small"
    logarithm: uint256 = self._log1p(amount_out, balance_out - amount_out)
    # Up: the relative margin, and what the division inside the logarithm may have cut off.
    logarithm += (logarithm >> SAFETY_BITS) + 4
    t: uint256 = logarithm * weight_out // weight_in + 1
    assert t <= MAX_EXPONENT_IN, "trade too large: enters more than 30% of the balance"
    fraction: uint256 = (t << 96) // (self._y_over_tanh((t * t) >> 162) - (t >> 33) - 1)
    fraction += (fraction >> SAFETY_BITS) + 1
    return ((balance_in * fraction) >> 128) + 1
