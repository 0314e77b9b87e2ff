"""Numba kernels of the log-loss engine: float64, one thread, fixed reduction order.

The logits of a coalition are the base logits plus one row of a table for each group of clients; the tables
hold the sum of every subset of a group, added in join order. Compared with a running sum in Gray-code order
it costs the same (an addition or two for each logit, the exponential dominates), does not drift, and makes
the value of a coalition a function of its members alone: a client whose logit delta is zero changes no bit
of any utility.
"""

from __future__ import annotations

import math
from typing import Final

import numba
import numpy as np
from numpy.typing import NDArray

GROUP: Final = 6
"""Clients in one table; a table has 2**6 rows."""

LN2: Final = math.log(2.0)
LN2_HIGH: Final = 6.93147180369123816490e-01
"""The leading 33 bits of ln 2: its product with a small integer is exact."""
LN2_LOW: Final = 1.90821492927058770002e-10
HALVINGS: Final = 0.5 ** np.arange(1100)
"""2**-k; below the smallest float64 from k = 1075 on."""


@numba.njit(inline="always")
def exp_minus(x: float) -> float:
    """Return exp(-x) for x >= 0 to about one unit in the last place.

    Written out (range reduction by ln 2, Taylor polynomial of degree 13) because libraries differ in the
    last bit from machine to machine, and because the compiler turns it into vector instructions.
    """
    bounded = min(x, 760.0)
    k = np.uint32(bounded * (1.0 / LN2) + 0.5)
    whole = np.float64(k)
    r = (whole * LN2_HIGH - bounded) + whole * LN2_LOW
    p = 1.0 + r * (1.0 / 13.0)
    p = 1.0 + p * (r * (1.0 / 12.0))
    p = 1.0 + p * (r * (1.0 / 11.0))
    p = 1.0 + p * (r * (1.0 / 10.0))
    p = 1.0 + p * (r * (1.0 / 9.0))
    p = 1.0 + p * (r * (1.0 / 8.0))
    p = 1.0 + p * (r * (1.0 / 7.0))
    p = 1.0 + p * (r * (1.0 / 6.0))
    p = 1.0 + p * (r * (1.0 / 5.0))
    p = 1.0 + p * (r * (1.0 / 4.0))
    p = 1.0 + p * (r * (1.0 / 3.0))
    p = 1.0 + p * (r * (1.0 / 2.0))
    p = 1.0 + p * r
    return p * HALVINGS[k]  # type: ignore[no-any-return]


@numba.njit(nogil=True)
def log_above_one(x: float) -> float:
    """Return ln(x) for finite x >= 1 to a few units in the last place; the same bits on every machine.

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
def affine(
    features: NDArray[np.float64],
    coefficients: NDArray[np.float64],
    bias: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    """Write features @ coefficients + bias to `out` (rows, k), summed from the first feature to the last.

    `features` (rows, d), `coefficients` (d, k), `bias` (k,). Linear-algebra libraries sum in an order of the
    processor's choosing; this one is the same everywhere.
    """
    rows, d = features.shape
    width = bias.shape[0]
    for row in range(rows):
        for c in range(width):
            out[row, c] = 0.0
        for j in range(d):
            x = features[row, j]
            for c in range(width):
                out[row, c] += x * coefficients[j, c]
        for c in range(width):
            out[row, c] += bias[c]


@numba.njit(nogil=True)
def subset_sums(deltas: NDArray[np.float64], tables: NDArray[np.float64]) -> None:
    """Fill `tables` (groups, 2**GROUP, k) with the sums of all subsets of each group's `deltas` (n, k)."""
    clients, width = deltas.shape
    for group in range(tables.shape[0]):
        table = tables[group]
        for j in range(width):
            table[0, j] = 0.0
        for member in range(min(GROUP, clients - group * GROUP)):
            bit = 1 << member
            delta = deltas[group * GROUP + member]
            for subset in range(bit):
                for j in range(width):
                    table[subset + bit, j] = table[subset, j] + delta[j]


@numba.njit(nogil=True)
def binary_losses(
    base: NDArray[np.float64],
    tables: NDArray[np.float64],
    index: NDArray[np.int64],
    signs: NDArray[np.float64],
    losses: NDArray[np.float64],
) -> None:
    """Add to `losses` (m,) the summed log-loss of each coalition over the rows of one block.

    `base` (rows,) are the previous model's logits, `index` (m, groups) the table row of each group, `signs`
    (rows,) +1 for label 1 and -1 for label 0. The loss of a row is log(1 + exp(-sign * logit)); the
    logarithm is taken once a block, of the product of factors between 1 and 2 (at most 512 rows, below the
    largest float64).
    """
    rows = base.shape[0]
    logits = np.empty(rows)
    powers = np.empty(rows)
    for m in range(index.shape[0]):
        first = tables[0, index[m, 0]]
        for j in range(rows):
            logits[j] = base[j] + first[j]
        for group in range(1, tables.shape[0]):
            more = tables[group, index[m, group]]
            for j in range(rows):
                logits[j] += more[j]
        for j in range(rows):
            logits[j] *= signs[j]
        for j in range(rows):
            powers[j] = exp_minus(abs(logits[j]))
        linear = 0.0
        product = 1.0
        for j in range(rows):
            linear += max(-logits[j], 0.0)
            product *= 1.0 + powers[j]
        losses[m] += linear + log_above_one(product)


@numba.njit(nogil=True)
def multiclass_losses(
    base: NDArray[np.float64],
    tables: NDArray[np.float64],
    index: NDArray[np.int64],
    labels: NDArray[np.int64],
    losses: NDArray[np.float64],
) -> None:
    """Add to `losses` (m,) the summed log-loss of each coalition over the rows of one block.

    As `binary_losses`, with flattened logits: `base` (rows * classes,) row by row, and `labels` (rows,)
    from 0.
    """
    rows = labels.shape[0]
    width = base.shape[0]
    classes = width // rows
    logits = np.empty(width)
    gaps = np.empty(rows)
    for m in range(index.shape[0]):
        first = tables[0, index[m, 0]]
        for j in range(width):
            logits[j] = base[j] + first[j]
        for group in range(1, tables.shape[0]):
            more = tables[group, index[m, group]]
            for j in range(width):
                logits[j] += more[j]
        for row in range(rows):
            start = row * classes
            highest = logits[start]
            for c in range(1, classes):
                highest = max(highest, logits[start + c])
            own = logits[start + labels[row]]
            gaps[row] = highest - own
            for c in range(classes):
                logits[start + c] = highest - logits[start + c]
        for j in range(width):
            logits[j] = exp_minus(logits[j])
        total = 0.0
        for row in range(rows):
            partition = 0.0
            for c in range(classes):
                partition += logits[row * classes + c]
            total += gaps[row] + log_above_one(partition)
        losses[m] += total
