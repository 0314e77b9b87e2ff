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

    A join or exit with a single asset is the same power with the LP supply S in the place of one balance and
    the sum of all weights W in the place of its weight:

    shares_given_amount:  shares = S * ( (1 + amount / x) ^ (w / W) - 1 )
    amount_given_shares:  amount = x * ( 1 - (1 - shares / S) ^ (W / w) )
@dev Fixed point: Q128 for values below one that keep their relative precision, Q96 for the fractions.
"""

Q96: constant(uint256) = 2**96
# Squares (Q96) below which a continued fraction needs fewer levels.
SMALL_SQUARE: constant(uint256) = 2**78
MIDDLE_SQUARE: constant(uint256) = 2**86

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
def _levels(square: uint256, some: uint256, most: uint256) -> uint256:
    """
    @notice How many levels of a fraction bring its rest below 2^-88: four up to 2^-18 (a trade of less than
            0.39 % of a balance), `some` up to 2^-10 (6.4 %), `most` in the whole domain.
    """
    if square < SMALL_SQUARE:
        return 4
    if square < MIDDLE_SQUARE:
        return some
    return most


@pure
def _atanh_over_z(z2: uint256) -> uint256:
    """
    @notice atanh(z) / z = 1 / (1 - z2 / (3 - 4 z2 / (5 - 9 z2 / (7 - ...)))), z2 = z^2.
    @param z2 Q96, at most 0.0312 (z at most 3/17)
    @return Q96, within 2^-88
    """
    # Level k: d = (2k - 1) - k^2 z2 / d; `part` is k^2 z2 and falls by `step`.
    k: uint256 = self._levels(z2, 7, 12)
    n: uint256 = z2 << 96
    part: uint256 = k * k * n
    odd: uint256 = (2 * k - 1) * Q96
    d: uint256 = odd + 2 * Q96
    step: uint256 = (2 * k - 1) * n
    n *= 2
    for _: uint256 in range(k - 1, bound=11):
        d = odd - part // d
        odd -= 2 * Q96
        part -= step
        step -= n
    d = odd - part // d
    return (1 << 192) // d


@pure
def _y_over_tanh(y2: uint256) -> uint256:
    """
    @notice y / tanh(y) = 1 + y2 / (3 + y2 / (5 + y2 / (7 + ...))), y2 = y^2.
    @param y2 Q96, at most 0.0319 (y at most ln(10/7) / 2)
    @return Q96, within 2^-90
    """
    k: uint256 = self._levels(y2, 6, 8)
    n: uint256 = y2 << 96
    odd: uint256 = (2 * k - 1) * Q96
    d: uint256 = odd + 2 * Q96
    for _: uint256 in range(k - 1, bound=7):
        d = odd + n // d
        odd -= 2 * Q96
    return Q96 + n // d


@pure
def _log1p(numerator: uint256, denominator: uint256) -> uint256:
    """
    @notice ln(1 + numerator / denominator), rounded down.
    @param numerator Below 2^112, at most 3/7 of the denominator
    @param denominator Below 2^112, not zero
    @return Q128, never above and within 2^-86 if the fraction is at least 2^-40
    """
    z: uint256 = (numerator << 128) // (2 * denominator + numerator)
    return (2 * z * self._atanh_over_z((z * z) >> 160)) >> 96


@pure
def _one_minus_exp(t: uint256) -> uint256:
    """
    @notice 1 - exp(-t), up to the safety margin.
    @param t Q128, at most MAX_EXPONENT
    @return Q128, within 2^-92 and one unit, on either side
    """
    return (t << 96) // (self._y_over_tanh((t * t) >> 162) + (t >> 33))


@pure
def _exp_minus_one(t: uint256) -> uint256:
    """
    @notice exp(t) - 1, up to the safety margin.
    @param t Q128, at most MAX_EXPONENT_IN
    @return Q128, within 2^-92 and one unit, on either side
    """
    return (t << 96) // (self._y_over_tanh((t * t) >> 162) - (t >> 33) - 1)


@pure
def _part_that_leaves(numerator: uint256, denominator: uint256, weight: uint256, weight_out: uint256) -> uint256:
    """
    @notice 1 - (1 + numerator / denominator) ^ -(weight / weight_out), rounded down: for the pool.
    @return Q128
    """
    t: uint256 = self._log1p(numerator, denominator) * weight // weight_out
    assert t <= MAX_EXPONENT, "more than 30% of a balance"
    part: uint256 = self._one_minus_exp(t)
    # At least 2^71: the smallest ratio is 2^-40 and the smallest weight 2^-16 of the other (2^-21 of all).
    return part - (part >> SAFETY_BITS) - 1


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
    @return Smallest units of the asset that leaves, at most 2^-83 and 1.0001 units below the exact value
    """
    self._check_ratio(amount_in, balance_in)
    return (balance_out * self._part_that_leaves(amount_in, balance_in, weight_in, weight_out)) >> 128


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
    @return Smallest units of the asset that enters, at most 2^-82 and 2.0001 units above the exact value
    """
    self._check_ratio(amount_out, balance_out)
    logarithm: uint256 = self._log1p(amount_out, balance_out - amount_out)
    # Up: the relative margin, and what the division inside the logarithm may have cut off.
    logarithm += (logarithm >> SAFETY_BITS) + 4
    t: uint256 = logarithm * weight_out // weight_in + 1
    assert t <= MAX_EXPONENT_IN, "more than 30% of a balance"
    fraction: uint256 = self._exp_minus_one(t)
    fraction += (fraction >> SAFETY_BITS) + 1
    return ((balance_in * fraction) >> 128) + 1


@pure
def _shares_given_amount(
    supply: uint256, balance: uint256, weight: uint256, total_weight: uint256, amount: uint256
) -> uint256:
    """
    @notice LP shares for `amount` of one asset (fee already taken off), rounded down: for the pool.
    @param supply LP shares, below 2^64
    @param balance Smallest units of the asset, below 2^112
    @param weight The asset's weight, at most `total_weight`, below 2^72
    @param total_weight Sum of all weights
    @param amount Smallest units of the asset
    @return LP shares, at most 2^-82 and one share below the exact value
    """
    self._check_ratio(amount, balance)
    # t is at most ln(13 / 10), since the weight is at most the sum of all.
    fraction: uint256 = self._exp_minus_one(self._log1p(amount, balance) * weight // total_weight)
    return (supply * (fraction - (fraction >> (SAFETY_BITS - 1)) - 2)) >> 128


@pure
def _amount_given_shares(
    supply: uint256, balance: uint256, weight: uint256, total_weight: uint256, shares: uint256
) -> uint256:
    """
    @notice What `shares` burnt for one asset alone give (fee not yet taken off), rounded down: for the pool.
    @param supply LP shares, below 2^64
    @param balance Smallest units of the asset, below 2^112
    @param weight The asset's weight, not zero, at most `total_weight`, below 2^72
    @param total_weight Sum of all weights
    @param shares LP shares
    @return Smallest units of the asset, at most 2^-83 and 1.0001 units below the exact value
    """
    self._check_ratio(shares, supply)
    return (balance * self._part_that_leaves(shares, supply - shares, total_weight, weight)) >> 128


@pure
def _check_ratio(amount: uint256, balance: uint256):
    """
    @notice Refuse what is outside the domain that the precision is stated for.
    """
    assert amount * MAX_RATIO_DENOMINATOR <= balance * MAX_RATIO_NUMERATOR, "more than 30% of a balance"
    assert amount << MIN_RATIO_BITS >= balance, "trade too small"
