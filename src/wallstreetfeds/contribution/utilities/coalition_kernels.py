"""Loops over many coalitions, for one block of validation rows: log-loss or logits of each.

In all of them `base` holds the previous model's numbers, `tables` (groups, 2**group, width) the clients'
deltas summed by subset, `index` (m, groups) a coalition's table rows. `scale` is (m,) where absent clients
are left out and the sum of the deltas is multiplied by it; else it is empty, and base and deltas are on one
grid.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.contribution.utilities.kernels import PASSED, dense, logistic_loss, softmax_loss
from wallstreetfeds.contribution.utilities.tables import move


@numba.njit(nogil=True)
def place(
    rest: NDArray[np.float64],
    low: NDArray[np.float64],
    base: NDArray[np.float64],
    scale: NDArray[np.float64],
    m: int,
    least: float,
    out: NDArray[np.float64],
) -> None:
    """Write to `out` (width,) the numbers of coalition `m`, or `least` where they are less.

    `rest` is that of `move`, `low` the coalition's row of the first table.
    """
    if scale.shape[0]:
        by = scale[m]
        for j in range(out.shape[0]):
            number = base[j] + by * (rest[j] + low[j])
            out[j] = least if least > number else number
    else:
        for j in range(out.shape[0]):
            number = rest[j] + low[j]
            out[j] = least if least > number else number


@numba.njit(nogil=True)
def logistic_losses(
    base: NDArray[np.float64],
    tables: NDArray[np.float64],
    index: NDArray[np.int64],
    scale: NDArray[np.float64],
    losses: NDArray[np.float64],
) -> None:
    """Add to `losses` (m,) the summed log-loss of each coalition; `base` (rows,) and `tables` are margins,
    `base` filled up with `PASSED` to a multiple of `LANES`."""
    rows = base.shape[0]
    rest, margins = np.empty(rows), np.empty(rows)
    space = np.empty((2, rows))
    for m in range(index.shape[0]):
        move(rest, tables, index, m)
        place(rest, tables[0, index[m, 0]], base, scale, m, -np.inf, margins)
        losses[m] += logistic_loss(margins, space)


@numba.njit(nogil=True)
def softmax_losses(
    base: NDArray[np.float64],
    tables: NDArray[np.float64],
    index: NDArray[np.int64],
    scale: NDArray[np.float64],
    labels: NDArray[np.int64],
    classes: int,
    losses: NDArray[np.float64],
) -> None:
    """Add to `losses` (m,) the summed log-loss of each coalition; `base` (classes * block,) are logits, all
    rows of a class together and filled up to a multiple of `LANES`, `labels` (rows <= block,) from 0."""
    width = base.shape[0]
    rest, flat = np.empty(width), np.empty(width)
    logits = flat.reshape(classes, width // classes)
    space = np.empty((2, logits.shape[1]))
    for m in range(index.shape[0]):
        move(rest, tables, index, m)
        place(rest, tables[0, index[m, 0]], base, scale, m, -np.inf, flat)
        losses[m] += softmax_loss(logits, labels, space)


@numba.njit(nogil=True)
def linear_logits(
    base: NDArray[np.float64],
    tables: NDArray[np.float64],
    index: NDArray[np.int64],
    scale: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    """Write to `out` (m, width) the numbers of each coalition: base (width,) plus the members' deltas."""
    rest = np.empty(base.shape[0])
    for m in range(index.shape[0]):
        move(rest, tables, index, m)
        place(rest, tables[0, index[m, 0]], base, scale, m, -np.inf, out[m])


@numba.njit(nogil=True)
def deeper_layers(
    hidden: NDArray[np.float64],
    theta: NDArray[np.float64],
    sizes: NDArray[np.int64],
    work: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the logits (sizes[-1], rows) of the first layer's activations `hidden` (sizes[0], rows).

    `theta` holds weights (inputs, units) and biases (units,) of one layer after the other; `work` (2, most
    units, rows) is work space, part of which is returned.
    """
    inputs = hidden
    sums = work[0]
    at = 0
    for layer in range(sizes.shape[0] - 1):
        many, units = sizes[layer], sizes[layer + 1]
        end = at + many * units
        sums = work[0, :units]
        dense(inputs, theta[at:end].reshape(many, units), theta[end : end + units], sums)
        at = end + units
        inputs = work[1, :units]
        if layer + 2 < sizes.shape[0]:
            for unit in range(units):
                row, out = sums[unit], inputs[unit]
                for j in range(row.shape[0]):
                    out[j] = 0.0 if row[j] < 0.0 else row[j]
    return sums  # type: ignore[no-any-return]


@numba.njit(nogil=True)
def mlp_losses(
    base: NDArray[np.float64],
    tables: NDArray[np.float64],
    deep_base: NDArray[np.float64],
    deep_tables: NDArray[np.float64],
    sizes: NDArray[np.int64],
    index: NDArray[np.int64],
    scale: NDArray[np.float64],
    labels: NDArray[np.int64],
    classes: int,
    losses: NDArray[np.float64],
    logits: NDArray[np.float64],
) -> None:
    """Add to `losses` (m,) the summed log-loss of each coalition, or write its `logits` (m, classes, rows).

    Logits are written, and no losses, when `logits` is not empty. `base` (sizes[0] * block,) and `tables` are
    the first layer before its activation, all rows of a unit together; `deep_base` and `deep_tables` the
    parameters of the layers after it, as in `deeper_layers`. `labels` (rows <= block,); `classes` is 1 for
    one logit.
    """
    rows = labels.shape[0]
    width = base.shape[0]
    block = width // sizes[0]
    most = sizes[0]
    for size in sizes:
        most = max(most, size)
    rest, flat = np.empty(width), np.empty(width)
    hidden = flat.reshape(sizes[0], block)
    deep_rest, theta = np.empty(deep_base.shape[0]), np.empty(deep_base.shape[0])
    work = np.empty((2, most, block))
    margins, space = np.full(block, PASSED), np.empty((2, block))
    for m in range(index.shape[0]):
        move(rest, tables, index, m)
        move(deep_rest, deep_tables, index, m)
        place(rest, tables[0, index[m, 0]], base, scale, m, 0.0, flat)
        place(deep_rest, deep_tables[0, index[m, 0]], deep_base, scale, m, -np.inf, theta)
        found = deeper_layers(hidden, theta, sizes, work)
        if logits.shape[0]:
            for c in range(classes):
                for j in range(rows):
                    logits[m, c, j] = found[c, j]
        elif classes == 1:
            for j in range(rows):
                margins[j] = found[0, j] if labels[j] else -found[0, j]
            losses[m] += logistic_loss(margins, space)
        else:
            losses[m] += softmax_loss(found[:classes], labels, space)
