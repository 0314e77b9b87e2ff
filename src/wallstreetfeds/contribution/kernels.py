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
    for m in range(index.shape[0]):
        first = tables[0, index[m, 0]]
        for j in range(rows):
            logits[j] = base[j] + first[j]
        for group in range(1, tables.shape[0]):
            more = tables[group, index[m, group]]
            for j in range(rows):
                logits[j] += more[j]
        linear = 0.0
        product = 1.0
        for j in range(rows):
            margin = signs[j] * logits[j]
            linear += max(-margin, 0.0)
            product *= 1.0 + math.exp(-abs(margin))
        losses[m] += linear + math.log(product)


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
    for m in range(index.shape[0]):
        first = tables[0, index[m, 0]]
        for j in range(width):
            logits[j] = base[j] + first[j]
        for group in range(1, tables.shape[0]):
            more = tables[group, index[m, group]]
            for j in range(width):
                logits[j] += more[j]
        total = 0.0
        for row in range(rows):
            start = row * classes
            highest = logits[start]
            for c in range(1, classes):
                highest = max(highest, logits[start + c])
            partition = 0.0
            for c in range(classes):
                partition += math.exp(logits[start + c] - highest)
            total += highest + math.log(partition) - logits[start + labels[row]]
        losses[m] += total
