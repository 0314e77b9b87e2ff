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

LN2: Final = math.log(2.0)
PER_LN2: Final = 1.0 / LN2
LN2_HIGH: Final = 6.93147180369123816490e-01
"""The leading 33 bits of ln 2: its product with a small integer is exact."""
LN2_LOW: Final = 1.90821492927058770002e-10
TO_INTEGER: Final = 1.5 * 2.0**52
"""Adding it to a small number rounds that to an integer, kept in the low bits of the sum."""
FARTHEST: Final = 708.0
"""exp(-708) is near the smallest normal float64; beyond, the exponential stays there."""

UNITS_AT_ONCE: Final = 4
"""Inputs of a dense layer added in one pass; layers are padded to a multiple of it with zeros."""
OUTPUTS_AT_ONCE: Final = 2
INPUT_TILE: Final = 64
"""Inputs of a dense layer that stay in the processor's nearest cache while all outputs use them."""


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
    """Return exp(-x) for x >= 0 to about one unit in the last place; for x > 708 some 3e-308.

    -x = r - k ln 2 with |r| <= ln 2 / 2; exp(r) = 1 + r + r**2 q(r), q of degree 9 through Chebyshev nodes
    (its relative error is 1.6e-17), summed in pairs; 2**-k is taken off the exponent field.
    """
    bounded = x if x < FARTHEST else FARTHEST
    shifted = bounded * PER_LN2 + TO_INTEGER
    k = shifted - TO_INTEGER
    r = (k * LN2_HIGH - bounded) + k * LN2_LOW
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
def folded(addends: NDArray[np.float64], factors: NDArray[np.float64]) -> float:
    """Return the sum of `addends` plus the logarithm of the product of `factors` (each >= 1); overwrites
    both.

    Both (a power of two,): the second half is folded on the first until one is left, a fixed order.
    """
    half = addends.shape[0] // 2
    while half:
        for j in range(half):
            addends[j] += addends[j + half]
            factors[j] *= factors[j + half]
        half //= 2
    return addends[0] + log_above_one(factors[0])  # type: ignore[no-any-return]


@numba.njit(nogil=True)
def logistic_loss(
    margins: NDArray[np.float64], addends: NDArray[np.float64], factors: NDArray[np.float64]
) -> float:
    """Return the summed log-loss log(1 + exp(-margin)) of `margins` (rows,), at most 512 rows.

    A margin is the logit, its sign turned for label 0. The logarithm is taken once, of the product of factors
    between 1 and 2. `addends` and `factors` are work space, (a power of two >= rows,).
    """
    rows = margins.shape[0]
    for j in range(rows):
        factors[j] = 1.0 + exp_minus(abs(margins[j]))
    for j in range(rows):
        addends[j] = -margins[j] if margins[j] < 0.0 else 0.0
    addends[rows:] = 0.0
    factors[rows:] = 1.0
    return folded(addends, factors)


@numba.njit(nogil=True)
def softmax_loss(
    logits: NDArray[np.float64],
    labels: NDArray[np.int64],
    highest: NDArray[np.float64],
    addends: NDArray[np.float64],
    factors: NDArray[np.float64],
) -> float:
    """Return the summed log-loss of `logits` (classes, width >= rows) against `labels` (rows,).

    The loss of a row is (highest logit - own logit) + log(sum of exp(logit - highest)); the logarithm is
    taken once, of the product over rows: classes**rows has to be below 2**1023. `highest` (width,), `addends`
    and `factors` (a power of two >= width,) are work space.
    """
    rows = labels.shape[0]
    classes, width = logits.shape
    highest[:] = logits[0]
    for c in range(1, classes):
        for j in range(width):
            highest[j] = logits[c, j] if logits[c, j] > highest[j] else highest[j]
    factors[:width] = 0.0
    for c in range(classes):
        for j in range(width):
            factors[j] += exp_minus(highest[j] - logits[c, j])
    for j in range(rows):
        addends[j] = highest[j] - logits[labels[j], j]
    addends[rows:] = 0.0
    factors[rows:] = 1.0
    return folded(addends, factors)


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
    used = np.empty(d + UNITS_AT_ONCE, dtype=np.int64)
    for row in range(rows):
        count = 0
        for j in range(d):
            used[count] = j
            count += features[row, j] != 0.0
        sums = out[row]
        sums[:] = 0.0
        whole = count - count % UNITS_AT_ONCE
        for start in range(0, whole, UNITS_AT_ONCE):
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

    `inputs` (a multiple of 4, rows), `weights` (inputs, units), `bias` (units,), an even number of units.
    Four inputs and two units a pass: the additions, not the loads, then set the pace.
    """
    many, rows = inputs.shape
    units = bias.shape[0]
    for c in range(units):
        out[c, :] = bias[c]
    for tile in range(0, many, INPUT_TILE):
        end = min(tile + INPUT_TILE, many)
        for c in range(0, units, OUTPUTS_AT_ONCE):
            left, right = out[c], out[c + 1]
            for i in range(tile, end, UNITS_AT_ONCE):
                x0, x1, x2, x3 = inputs[i], inputs[i + 1], inputs[i + 2], inputs[i + 3]
                l0, l1, l2, l3 = weights[i, c], weights[i + 1, c], weights[i + 2, c], weights[i + 3, c]
                r0, r1 = weights[i, c + 1], weights[i + 1, c + 1]
                r2, r3 = weights[i + 2, c + 1], weights[i + 3, c + 1]
                for j in range(rows):
                    left[j] = (((left[j] + x0[j] * l0) + x1[j] * l1) + x2[j] * l2) + x3[j] * l3
                    right[j] = (((right[j] + x0[j] * r0) + x1[j] * r1) + x2[j] * r2) + x3[j] * r3
