"""The trainer: mini-batch SGD on the mean log-loss of a ReLU network, one client at a time.

Float64, no fast-math: every sum has one order, from the first input, row or client to the last. A client's
training reads nothing that another client's writes, so any number of threads gives the same bits. Between
machines only the exponential may differ, in its last bit: it is the C library's.

A model is one vector: weights (inputs, units) and biases (units,) of one layer after the other, `sizes` the
widths from the inputs to the outputs. One output is the logit of label 1, more are a softmax. All products
are `dense`: whatever is summed over comes first, what fills vector registers last, and is filled up with
zeros to a multiple of `LANES`. So numbers of a batch are kept both ways, (units, rows) and (rows, units).
"""

from __future__ import annotations

import math

import numba
import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.contribution.utilities.kernels import dense
from wallstreetfeds.contribution.utilities.vectors import LANES
from wallstreetfeds.sim.learning.orders import shuffle


@numba.njit(nogil=True)
def train_members(
    members: NDArray[np.int64],
    start: NDArray[np.float64],
    sizes: NDArray[np.int64],
    features: NDArray[np.float64],
    labels: NDArray[np.int64],
    bounds: NDArray[np.int64],
    entropy: NDArray[np.uint64],
    epochs: int,
    batch: int,
    learning_rate: float,
    proximal: float,
    updates: NDArray[np.float64],
) -> None:
    """Write to `updates` (k, p) what the clients `members` (k,) make of `start` (p,).

    Client c has the rows `bounds[c]` to `bounds[c + 1]` of `features` and `labels`; the order of its rows is
    drawn from `entropy` (words,) followed by c. The rest as in `train_client`.
    """
    own = np.empty(entropy.shape[0] + 1, dtype=np.uint64)
    for word in range(entropy.shape[0]):
        own[word] = entropy[word]
    for k in range(members.shape[0]):
        client = members[k]
        first, last = bounds[client], bounds[client + 1]
        own[-1] = np.uint64(client)
        orders = np.empty((epochs, last - first), dtype=np.int64)
        shuffle(own, orders)
        train_client(
            start,
            sizes,
            features[first:last],
            labels[first:last],
            orders,
            batch,
            learning_rate,
            proximal,
            updates[k],
        )


@numba.njit(nogil=True)
def train_client(
    start: NDArray[np.float64],
    sizes: NDArray[np.int64],
    features: NDArray[np.float64],
    labels: NDArray[np.int64],
    orders: NDArray[np.int64],
    batch: int,
    learning_rate: float,
    proximal: float,
    model: NDArray[np.float64],
) -> None:
    """Write to `model` (p,) what a client makes of `start` (p,).

    `features` (rows, d) and `labels` (rows,) are the client's; `orders` (epochs, rows) the order of its rows
    in each epoch, dealt out evenly to batches of at most `batch`. `proximal` is FedProx's mu.
    """
    for j in range(start.shape[0]):
        model[j] = start[j]
    rows = labels.shape[0]
    if rows == 0:
        return
    batches = -(-rows // batch)
    wide = _filled_up(-(-rows // batches))
    widest = 0
    for size in sizes:
        widest = max(widest, _filled_up(size))
    values = np.zeros((sizes.shape[0], widest * wide))
    by_row = np.zeros((sizes.shape[0], wide * widest))
    work = np.zeros((4, widest * max(widest, wide)))
    zeros = np.zeros(widest)
    for order in orders:
        first = 0
        for number in range(batches):
            count = rows // batches + (1 if number < rows % batches else 0)
            chosen = order[first : first + count]
            first += count
            _forward(model, sizes, features, chosen, wide, values, by_row)
            _errors(values[-1], labels, chosen, sizes[-1], wide, work)
            _step(model, start, sizes, count, wide, values, by_row, work, zeros, learning_rate, proximal)


@numba.njit(nogil=True)
def average(
    model: NDArray[np.float64],
    updates: NDArray[np.float64],
    shares: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    """Write model + sum over k of shares_k * (update_k - model) to `out` (p,), in join order.

    `updates` (n, p), `shares` (n,).
    """
    for j in range(model.shape[0]):
        out[j] = model[j]
    for k in range(updates.shape[0]):
        share, update = shares[k], updates[k]
        for j in range(model.shape[0]):
            out[j] += share * (update[j] - model[j])


@numba.njit(nogil=True)
def _filled_up(number: int) -> int:
    return -(-number // LANES) * LANES


@numba.njit(nogil=True)
def _forward(
    model: NDArray[np.float64],
    sizes: NDArray[np.int64],
    features: NDArray[np.float64],
    chosen: NDArray[np.int64],
    wide: int,
    values: NDArray[np.float64],
    by_row: NDArray[np.float64],
) -> None:
    """Write the `chosen` rows and what each layer makes of them to the rows of `values` and `by_row`:
    (units, wide) and (wide, units); columns of `values` beyond the batch are not read."""
    count = chosen.shape[0]
    inputs = values[0, : sizes[0] * wide].reshape(sizes[0], wide)
    lines = by_row[0, : wide * sizes[0]].reshape(wide, sizes[0])
    for row in range(count):
        line = features[chosen[row]]
        for i in range(sizes[0]):
            inputs[i, row] = line[i]
            lines[row, i] = line[i]
    at = 0
    for layer in range(sizes.shape[0] - 1):
        many, units = sizes[layer], sizes[layer + 1]
        end = at + many * units
        outputs = values[layer + 1, : units * wide].reshape(units, wide)
        dense(inputs, model[at:end].reshape(many, units), model[end : end + units], outputs)
        if layer + 2 < sizes.shape[0]:
            lines = by_row[layer + 1, : wide * units].reshape(wide, units)
            for unit in range(units):
                for row in range(wide):
                    outputs[unit, row] = max(outputs[unit, row], 0.0)
                for row in range(count):
                    lines[row, unit] = outputs[unit, row]
        at = end + units
        inputs = outputs


@numba.njit(nogil=True)
def _errors(
    logits: NDArray[np.float64],
    labels: NDArray[np.int64],
    chosen: NDArray[np.int64],
    outputs: int,
    wide: int,
    work: NDArray[np.float64],
) -> None:
    """Write the slope of the mean log-loss in the logits, (probability - target) / rows, to the first two
    rows of `work`: (outputs, wide) and (wide, outputs filled up)."""
    count = chosen.shape[0]
    room = _filled_up(outputs)
    error = work[0, : outputs * wide].reshape(outputs, wide)
    lines = work[1, : wide * room].reshape(wide, room)
    for row in range(count):
        label, line = labels[chosen[row]], lines[row]
        if outputs == 1:
            line[0] = 0.5 * (1.0 + math.tanh(0.5 * logits[row])) - label
        else:
            highest, total = logits[row], 0.0
            for c in range(1, outputs):
                highest = max(highest, logits[c * wide + row])
            for c in range(outputs):
                line[c] = math.exp(logits[c * wide + row] - highest)
                total += line[c]
            for c in range(outputs):
                line[c] = line[c] / total - (1.0 if c == label else 0.0)
        for c in range(outputs):
            line[c] /= count
            error[c, row] = line[c]
        for c in range(outputs, room):
            line[c] = 0.0


@numba.njit(nogil=True)
def _step(
    model: NDArray[np.float64],
    start: NDArray[np.float64],
    sizes: NDArray[np.int64],
    count: int,
    wide: int,
    values: NDArray[np.float64],
    by_row: NDArray[np.float64],
    work: NDArray[np.float64],
    zeros: NDArray[np.float64],
    learning_rate: float,
    proximal: float,
) -> None:
    """Move `model` (p,) down the slope of the mean log-loss, from the last layer to the first.

    The first two rows of `work` hold the slope in the logits; the others are work space.
    """
    end = model.shape[0]
    for layer in range(sizes.shape[0] - 2, -1, -1):
        many, units = sizes[layer], sizes[layer + 1]
        room = _filled_up(units)
        biases = end - units
        at = biases - many * units
        lines = work[1, : wide * room].reshape(wide, room)
        slope = work[2, : many * room].reshape(many, room)
        inputs = by_row[layer, : wide * many].reshape(wide, many)
        dense(lines[:count], inputs[:count], zeros[:many], slope)
        if layer:
            _errors_below(model[at:biases].reshape(many, units), values[layer], wide, work, zeros)
        for unit in range(units):
            total = 0.0
            for row in range(count):
                total += lines[row, unit]
            j = biases + unit
            model[j] -= learning_rate * (total + proximal * (model[j] - start[j]))
        if room > units:  # without what fills up
            for i in range(1, many):
                for unit in range(units):
                    work[2, i * units + unit] = slope[i, unit]
        own, before, flat = model[at:biases], start[at:biases], work[2, : many * units]
        for j in range(own.shape[0]):
            own[j] -= learning_rate * (flat[j] + proximal * (own[j] - before[j]))
        if layer:
            _turn_errors(many, count, wide, work)
        end = at


@numba.njit(nogil=True)
def _errors_below(
    weights: NDArray[np.float64],
    values: NDArray[np.float64],
    wide: int,
    work: NDArray[np.float64],
    zeros: NDArray[np.float64],
) -> None:
    """Turn the errors above a layer of `weights` (many, units), (units, wide) in the first row of `work`,
    into those below it, (many, wide): zero where its inputs `values` were cut off."""
    many, units = weights.shape
    across = work[3, : units * many].reshape(units, many)
    for i in range(many):
        for unit in range(units):
            across[unit, i] = weights[i, unit]
    error = work[0, : units * wide].reshape(units, wide).copy()
    below = work[0, : many * wide].reshape(many, wide)
    dense(error, across, zeros[:many], below)
    passed = values[: many * wide].reshape(many, wide)
    for i in range(many):
        for row in range(wide):
            below[i, row] = below[i, row] if passed[i, row] > 0.0 else 0.0


@numba.njit(nogil=True)
def _turn_errors(units: int, count: int, wide: int, work: NDArray[np.float64]) -> None:
    """Write the errors (units, wide) in the first row of `work` to the second, (wide, units filled up)."""
    room = _filled_up(units)
    error = work[0, : units * wide].reshape(units, wide)
    lines = work[1, : wide * room].reshape(wide, room)
    for row in range(count):
        for unit in range(units):
            lines[row, unit] = error[unit, row]
        for unit in range(units, room):
            lines[row, unit] = 0.0
