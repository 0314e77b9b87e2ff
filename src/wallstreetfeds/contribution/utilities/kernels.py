"""Arithmetic that gives the same bits on every machine: logarithm, log-loss, dense layers.

Float64, one thread, order of operations fixed in the source. No fast-math, no library: a compiler may then
neither reorder sums nor fuse a product with a sum, and vector instructions give what scalar ones give. Arrays
of a block of validation rows have the rows last, (units, rows), so that the compiler vectorises over rows.
"""

from __future__ import annotations

import math
from typing import Final

import numba
import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.contribution.utilities.loss_tiles import logistic_tile, softmax_tile, sum_and_product
from wallstreetfeds.contribution.utilities.tile import UNITS, narrow_tile, wide_tile
from wallstreetfeds.contribution.utilities.vectors import FARTHEST, LANES, LN2

PASSED: Final = 2.0 * FARTHEST
"""A margin whose loss is exactly zero."""
FEATURES_AT_ONCE: Final = 4
"""Features of a row added in one pass."""


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
def logistic_loss(margins: NDArray[np.float64], space: NDArray[np.float64]) -> float:
    """Return the summed log-loss log(1 + exp(-margin)) of `margins` (rows,), at most 512 rows.

    A margin is the logit, its sign turned for label 0; `PASSED` where there is no row, to fill up a
    multiple of `LANES`. The logarithm is taken once, of the product of factors between 1 and 2. `space`
    (2, rows or more) is work space.
    """
    rows = margins.shape[0]
    for row in range(0, rows, LANES):
        logistic_tile(margins, space[0], space[1], row)
    total, product = sum_and_product(space[0], space[1], rows)
    return total + log_above_one(product)  # type: ignore[no-any-return]


@numba.njit(nogil=True)
def softmax_loss(logits: NDArray[np.float64], labels: NDArray[np.int64], space: NDArray[np.float64]) -> float:
    """Return the summed log-loss of `logits` (classes, width) against `labels` (rows,), rows <= width.

    `width` is a multiple of `LANES`. The loss of a row is (highest logit - own logit) + log(sum of
    exp(logit - highest)); the logarithm is taken once, of the product over rows: classes**rows has to be
    below 2**1023. `space` (2, width or more) is work space.
    """
    rows, width = labels.shape[0], logits.shape[1]
    highest, factors = space[0], space[1]
    for row in range(0, width, LANES):
        softmax_tile(logits, highest, factors, row)
    for j in range(rows):
        highest[j] -= logits[np.uint64(labels[j]), j]
    for j in range(rows, width):
        highest[j] = 0.0
        factors[j] = 1.0
    total, product = sum_and_product(highest, factors, width)
    return total + log_above_one(product)  # type: ignore[no-any-return]


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

    `inputs` (many, rows), `weights` (many, units), `bias` (units,); rows are a multiple of `LANES`.
    """
    rows = inputs.shape[1]
    units = bias.shape[0]
    whole = units - units % UNITS
    for row in range(0, rows, LANES):
        for unit in range(0, whole, UNITS):
            wide_tile(inputs, weights, bias, out, row, unit)
        for unit in range(whole, units):
            narrow_tile(inputs, weights, bias, out, row, unit)
