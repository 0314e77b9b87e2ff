"""Arithmetic that gives the same bits on every machine: exponential, logarithm, log-loss, dense layers.

Float64, one thread, order of operations fixed in the source. No fast-math, no library: a compiler may then
neither reorder sums nor fuse a product with a sum, and vector instructions give what scalar ones give. Arrays
of a block of validation rows have the rows last, (units, rows), so that the compiler vectorises over rows.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numba
import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from wallstreetfeds.contribution.utilities.tile import LANES, UNITS, narrow_tile, wide_tile

LN2: Final = math.log(2.0)
PER_LN2: Final = 1.0 / LN2
TO_INTEGER: Final = 1.5 * 2.0**52
"""Adding it to a small number rounds that to an integer, kept in the low bits of the sum."""
FARTHEST: Final = 708.0
"""exp(-708) is near the smallest normal float64; beyond, the exponential stays there."""

STRANDS: Final = 4
"""Running sums of a loss, so that the additions do not wait for each other."""
FEATURES_AT_ONCE: Final = 4
"""Features of a row added in one pass."""


def _bits_of(_context: Any, _x: Any) -> Any:
    """Return the bit pattern of a float64 as an int64."""
    return types.int64(types.float64), lambda _c, builder, _s, args: builder.bitcast(args[0], ir.IntType(64))


def _float_of(_context: Any, _bits: Any) -> Any:
    """Return the float64 of a bit pattern."""
    return types.float64(types.int64), lambda _c, builder, _s, args: builder.bitcast(args[0], ir.DoubleType())


bits_of: Any = intrinsic(_bits_of)
float_of: Any = intrinsic(_float_of)


@numba.njit(inline="always")
def exp_minus(x: float) -> float:
    """Return exp(-x) for x >= 0, within 2e-16; for x > 708 some 3e-308.

    -x = r - k ln 2 with |r| <= ln 2 / 2; exp(r) = 1 + r + r**2 q(r), q of degree 9 through Chebyshev nodes
    (its relative error is 1.6e-17), summed in pairs; 2**-k is taken off the exponent field. The product
    k ln 2 rounds: the relative error grows like x times 2e-16, the absolute one does not.
    """
    bounded = FARTHEST if x > FARTHEST else x
    shifted = bounded * PER_LN2 + TO_INTEGER
    r = (shifted - TO_INTEGER) * LN2 - bounded
    s = r * r
    f = s * s
    low = (0.5000000000000001 + 0.16666666666666669 * r) + (
        0.041666666666624164 + 0.008333333333330065 * r
    ) * s
    middle = (0.0013888888917196719 + 0.00019841269863040545 * r) + (
        2.4801521322368692e-05 + 2.7557268480310024e-06 * r
    ) * s
    high = 2.7620075879983367e-07 + 2.5100375832561234e-08 * r
    power = 1.0 + (r + s * ((low + middle * f) + high * (f * f)))
    return float_of(bits_of(power) - (bits_of(shifted) << 52))  # type: ignore[no-any-return]


@numba.njit(nogil=True)
def log_above_one(x: float) -> float:
    """Return ln(x) for finite x >= 1 to a few units in the last place.

    x = m * 2**e with m around one, ln(m) = 2 artanh((m - 1) / (m + 1)) by its series.
    """
    m, e = math.frexp(x)
    if m < 0.7071067811865476:
        m *= 2.0
        e -= 1
    s = (m - 1.0) / (m + 1.0)
    square = s * s
    series = 0.0
    for power in range(23, 0, -2):
        series = series * square + 1.0 / power
    return float(e * LN2 + 2.0 * s * series)


@numba.njit(nogil=True)
def sum_and_log(addends: NDArray[np.float64], factors: NDArray[np.float64], rows: int) -> float:
    """Return the sum of the first `rows` addends plus the logarithm of the product of as many factors >= 1.

    Four running sums and products, every fourth row each. Overwrites what follows the rows, up to a multiple
    of four.
    """
    end = -(-rows // STRANDS) * STRANDS
    for j in range(rows, end):
        addends[j] = 0.0
        factors[j] = 1.0
    s0, s1, s2, s3 = 0.0, 0.0, 0.0, 0.0
    p0, p1, p2, p3 = 1.0, 1.0, 1.0, 1.0
    for j in range(0, end, STRANDS):
        s0 += addends[j]
        s1 += addends[j + 1]
        s2 += addends[j + 2]
        s3 += addends[j + 3]
        p0 *= factors[j]
        p1 *= factors[j + 1]
        p2 *= factors[j + 2]
        p3 *= factors[j + 3]
    return ((s0 + s1) + (s2 + s3)) + log_above_one((p0 * p1) * (p2 * p3))


@numba.njit(nogil=True)
def logistic_loss(margins: NDArray[np.float64], space: NDArray[np.float64]) -> float:
    """Return the summed log-loss log(1 + exp(-margin)) of `margins` (rows,), at most 512 rows.

    A margin is the logit, its sign turned for label 0. The logarithm is taken once, of the product of factors
    between 1 and 2. `space` (3, rows or more, up to a multiple of four) is work space.
    """
    rows = margins.shape[0]
    addends, factors = space[0], space[1]
    for j in range(rows):
        factors[j] = 1.0 + exp_minus(abs(margins[j]))
    for j in range(rows):
        shortfall = -margins[j]
        addends[j] = 0.0 if shortfall < 0.0 else shortfall
    return sum_and_log(addends, factors, rows)


@numba.njit(nogil=True)
def softmax_loss(logits: NDArray[np.float64], labels: NDArray[np.int64], space: NDArray[np.float64]) -> float:
    """Return the summed log-loss of `logits` (classes, width >= rows) against `labels` (rows,).

    The loss of a row is (highest logit - own logit) + log(sum of exp(logit - highest)); the logarithm is
    taken once, of the product over rows: classes**rows has to be below 2**1023. `space` (3, width or more, up
    to a multiple of four) is work space.
    """
    classes, width = logits.shape
    highest, addends, factors = space[0], space[1], space[2]
    for j in range(width):
        highest[j] = logits[0, j]
        factors[j] = 0.0
    for c in range(1, classes):
        row = logits[c]
        for j in range(width):
            so_far, here = highest[j], row[j]
            addends[j] = so_far if so_far > here else here
        highest, addends = addends, highest
    for c in range(0, classes - 1, 2):
        one, two = logits[c], logits[c + 1]
        for j in range(width):
            top = highest[j]
            factors[j] = (factors[j] + exp_minus(top - one[j])) + exp_minus(top - two[j])
    if classes % 2:
        last = logits[classes - 1]
        for j in range(width):
            factors[j] += exp_minus(highest[j] - last[j])
    rows = labels.shape[0]
    for j in range(rows):
        addends[j] = highest[j] - logits[labels[j], j]
    return sum_and_log(addends, factors, rows)


@numba.njit(nogil=True)
def affine(
    features: NDArray[np.float64],
    coefficients: NDArray[np.float64],
    bias: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    """Write features @ coefficients + bias to `out` (rows, k), summed from the first feature to the last.

    `features` (rows, d), `coefficients` (d, k), `bias` (k,). Features that are zero are passed over, which
    changes no sum and makes sparse rows (images, one-hot columns) cheap.
    """
    rows, d = features.shape
    width = bias.shape[0]
    used = np.empty(d + FEATURES_AT_ONCE, dtype=np.int64)
    for row in range(rows):
        count = 0
        for j in range(d):
            used[count] = j
            count += features[row, j] != 0.0
        sums = out[row]
        for c in range(width):
            sums[c] = 0.0
        whole = count - count % FEATURES_AT_ONCE
        for start in range(0, whole, FEATURES_AT_ONCE):
            i0, i1, i2, i3 = used[start], used[start + 1], used[start + 2], used[start + 3]
            x0, x1, x2, x3 = features[row, i0], features[row, i1], features[row, i2], features[row, i3]
            w0, w1, w2, w3 = coefficients[i0], coefficients[i1], coefficients[i2], coefficients[i3]
            for c in range(width):
                sums[c] = (((sums[c] + x0 * w0[c]) + x1 * w1[c]) + x2 * w2[c]) + x3 * w3[c]
        for position in range(whole, count):
            x, w = features[row, used[position]], coefficients[used[position]]
            for c in range(width):
                sums[c] += x * w[c]
        for c in range(width):
            sums[c] += bias[c]


@numba.njit(nogil=True)
def dense(
    inputs: NDArray[np.float64],
    weights: NDArray[np.float64],
    bias: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    """Write the layer weights^T inputs + bias to `out` (units, rows), summed from the first input to the
    last.

    `inputs` (many, rows), `weights` (many, units), `bias` (units,); rows are a multiple of `tile.LANES`.
    """
    rows = inputs.shape[1]
    units = bias.shape[0]
    whole = units - units % UNITS
    for row in range(0, rows, LANES):
        for unit in range(0, whole, UNITS):
            wide_tile(inputs, weights, bias, out, row, unit)
        for unit in range(whole, units):
            narrow_tile(inputs, weights, bias, out, row, unit)
