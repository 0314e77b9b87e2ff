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

from wallstreetfeds.contribution.utilities.kernels import dense, logistic_loss, softmax_loss
from wallstreetfeds.contribution.utilities.tables import move


@numba.njit(nogil=True)
def place(
    rest: NDArray[np.float64],
    low: NDArray[np.float64],
    base: NDArray[np.float64],
    scale: NDArray[np.float64],
    m: int,
    out: NDArray[np.float64],
) -> None:
    """Write to `out` (width,) the numbers of coalition `m`: the `rest` of `move`, and `low` of the first
    group."""
    if scale.shape[0]:
        by = scale[m]
        for j in range(out.shape[0]):
            out[j] = base[j] + by * (rest[j] + low[j])
    else:
        for j in range(out.shape[0]):
            out[j] = rest[j] + low[j]


@numba.njit(nogil=True)
def power_of_two(count: int) -> int:
    """Return the smallest power of two that is at least `count`."""
    power = 1
    while power < count:
        power *= 2
    return power


@numba.njit(nogil=True)
def logistic_losses(
    base: NDArray[np.float64],
    tables: NDArray[np.float64],
    index: NDArray[np.int64],
    scale: NDArray[np.float64],
    losses: NDArray[np.float64],
) -> None:
    """Add to `losses` (m,) the summed log-loss of each coalition; `base` (rows,) and `tables` are margins."""
    rows = base.shape[0]
    start = np.zeros_like(base) if scale.shape[0] else base
    rest = start.copy()
    margins = np.empty(rows)
    addends, factors = np.empty(power_of_two(rows)), np.empty(power_of_two(rows))
    before = np.zeros_like(index[0])
    for m in range(index.shape[0]):
        move(rest, start, tables, before, index[m])
        before = index[m]
        place(rest, tables[0, before[0]], base, scale, m, margins)
        losses[m] += logistic_loss(margins, addends, factors)


@numba.njit(nogil=True)
def softmax_losses(
    base: NDArray[np.float64],
    tables: NDArray[np.float64],
    index: NDArray[np.int64],
    scale: NDArray[np.float64],
    labels: NDArray[np.int64],
    losses: NDArray[np.float64],
) -> None:
    """Add to `losses` (m,) the summed log-loss of each coalition; `base` (classes * rows,) are logits, all
    rows of a class together, `labels` (rows,) from 0."""
    rows = labels.shape[0]
    start = np.zeros_like(base) if scale.shape[0] else base
    rest = start.copy()
    logits = np.empty((base.shape[0] // rows, rows))
    highest = np.empty(rows)
    addends, factors = np.empty(power_of_two(rows)), np.empty(power_of_two(rows))
    before = np.zeros_like(index[0])
    for m in range(index.shape[0]):
        move(rest, start, tables, before, index[m])
        before = index[m]
        place(rest, tables[0, before[0]], base, scale, m, logits.reshape(-1))
        losses[m] += softmax_loss(logits, labels, highest, addends, factors)


@numba.njit(nogil=True)
def linear_logits(
    base: NDArray[np.float64],
    tables: NDArray[np.float64],
    index: NDArray[np.int64],
    scale: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    """Write to `out` (m, width) the numbers of each coalition: base (width,) plus the members' deltas."""
    start = np.zeros_like(base) if scale.shape[0] else base
    rest = start.copy()
    before = np.zeros_like(index[0])
    for m in range(index.shape[0]):
        move(rest, start, tables, before, index[m])
        before = index[m]
        place(rest, tables[0, before[0]], base, scale, m, out[m])


@numba.njit(nogil=True)
def rectify(values: NDArray[np.float64]) -> None:
    """Replace negative `values` (units, rows) by zero."""
    for unit in range(values.shape[0]):
        row = values[unit]
        for j in range(row.shape[0]):
            row[j] = row[j] if row[j] > 0.0 else 0.0


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
    at = 0
    for layer in range(sizes.shape[0] - 1):
        many, units = sizes[layer], sizes[layer + 1]
        end = at + many * units
        out = work[layer % 2, :units]
        dense(inputs, theta[at:end].reshape(many, units), theta[end : end + units], out)
        if layer + 2 < sizes.shape[0]:
            rectify(out)
        inputs = out
        at = end + units
    return inputs


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
    block = base.shape[0] // sizes[0]
    scaled = scale.shape[0] > 0
    start = np.zeros_like(base) if scaled else base
    deep_start = np.zeros_like(deep_base) if scaled else deep_base
    rest, deep_rest = start.copy(), deep_start.copy()
    theta = np.empty_like(deep_base)
    hidden = np.empty((sizes[0], block))
    work = np.empty((2, sizes.max(), block))
    signs = np.where(labels == 1, 1.0, -1.0)
    highest = np.empty(block)
    addends, factors = np.empty(power_of_two(block)), np.empty(power_of_two(block))
    before = np.zeros_like(index[0])
    for m in range(index.shape[0]):
        now = index[m]
        move(rest, start, tables, before, now)
        move(deep_rest, deep_start, deep_tables, before, now)
        before = now
        place(rest, tables[0, now[0]], base, scale, m, hidden.reshape(-1))
        place(deep_rest, deep_tables[0, now[0]], deep_base, scale, m, theta)
        rectify(hidden)
        found = deeper_layers(hidden, theta, sizes, work)
        if logits.shape[0]:
            logits[m] = found[:classes, :rows]
        elif classes == 1:
            margins = found[0, :rows]
            margins *= signs
            losses[m] += logistic_loss(margins, addends, factors)
        else:
            losses[m] += softmax_loss(found[:classes], labels, highest, addends, factors)
