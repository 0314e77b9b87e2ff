"""The trainer: mini-batch SGD on the mean log-loss of a ReLU network, one client at a time.

Float64, no fast-math: every sum has one order, from the first input, row or client to the last. A client's
training reads nothing that another client's writes, so any number of threads gives the same bits. Between
machines only the exponential may differ, in its last bit: it is the C library's.

A model is one vector: weights (inputs, units) and biases (units,) of one layer after the other, `sizes` the
widths from the inputs to the outputs. One output is the logit of label 1, more are a softmax.
"""

from __future__ import annotations

import math

import numba
import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.contribution.utilities.kernels import affine


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
    widest = 0
    for size in sizes:
        widest = max(widest, size)
    most = -(-rows // batches)
    values = np.empty((sizes.shape[0], most * widest))
    error, below = np.empty(most * widest), np.empty(most * widest)
    turned, slope = np.empty(max(most, widest) * widest), np.empty(start.shape[0])
    zeros = np.zeros(widest)
    for order in orders:
        first = 0
        for number in range(batches):
            count = rows // batches + (1 if number < rows % batches else 0)
            chosen = order[first : first + count]
            first += count
            _forward(model, sizes, features, chosen, values)
            _errors(values[-1], labels, chosen, sizes[-1], error)
            _slopes(model, sizes, count, values, error, below, turned, zeros, slope)
            for j in range(model.shape[0]):
                model[j] -= learning_rate * (slope[j] + proximal * (model[j] - start[j]))


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
def _forward(
    model: NDArray[np.float64],
    sizes: NDArray[np.int64],
    features: NDArray[np.float64],
    chosen: NDArray[np.int64],
    values: NDArray[np.float64],
) -> None:
    """Write the `chosen` rows and what each layer makes of them to the rows of `values`."""
    count = chosen.shape[0]
    inputs = values[0, : count * sizes[0]].reshape(count, sizes[0])
    for row in range(count):
        line = features[chosen[row]]
        for i in range(sizes[0]):
            inputs[row, i] = line[i]
    at = 0
    for layer in range(sizes.shape[0] - 1):
        many, units = sizes[layer], sizes[layer + 1]
        end = at + many * units
        outputs = values[layer + 1, : count * units].reshape(count, units)
        affine(inputs, model[at:end].reshape(many, units), model[end : end + units], outputs)
        if layer + 2 < sizes.shape[0]:
            for row in range(count):
                for unit in range(units):
                    outputs[row, unit] = max(outputs[row, unit], 0.0)
        at = end + units
        inputs = outputs


@numba.njit(nogil=True)
def _errors(
    logits: NDArray[np.float64],
    labels: NDArray[np.int64],
    chosen: NDArray[np.int64],
    outputs: int,
    error: NDArray[np.float64],
) -> None:
    """Write the slope of the mean log-loss in the logits, (probability - target) / rows, to `error`."""
    count = chosen.shape[0]
    for row in range(count):
        label = labels[chosen[row]]
        line = logits[row * outputs : (row + 1) * outputs]
        found = error[row * outputs : (row + 1) * outputs]
        if outputs == 1:
            found[0] = (0.5 * (1.0 + math.tanh(0.5 * line[0])) - label) / count
            continue
        highest, total = line[0], 0.0
        for c in range(1, outputs):
            highest = max(highest, line[c])
        for c in range(outputs):
            found[c] = math.exp(line[c] - highest)
            total += found[c]
        for c in range(outputs):
            found[c] = (found[c] / total - (1.0 if c == label else 0.0)) / count


@numba.njit(nogil=True)
def _slopes(
    model: NDArray[np.float64],
    sizes: NDArray[np.int64],
    count: int,
    values: NDArray[np.float64],
    error: NDArray[np.float64],
    below: NDArray[np.float64],
    turned: NDArray[np.float64],
    zeros: NDArray[np.float64],
    slope: NDArray[np.float64],
) -> None:
    """Write the slope of the mean log-loss in every parameter to `slope` (p,), from the last layer down.

    `error` is the slope in the logits; it, `below` and `turned` are work space.
    """
    end = model.shape[0]
    for layer in range(sizes.shape[0] - 2, -1, -1):
        many, units = sizes[layer], sizes[layer + 1]
        biases = end - units
        at = biases - many * units
        inputs = values[layer, : count * many].reshape(count, many)
        here = error[: count * units].reshape(count, units)
        columns = turned[: many * count].reshape(many, count)
        for row in range(count):
            for i in range(many):
                columns[i, row] = inputs[row, i]
        affine(columns, here, zeros[:units], slope[at:biases].reshape(many, units))
        for unit in range(units):
            slope[biases + unit] = 0.0
        for row in range(count):
            for unit in range(units):
                slope[biases + unit] += here[row, unit]
        if layer:
            weights = model[at:biases].reshape(many, units)
            across = turned[: units * many].reshape(units, many)
            for i in range(many):
                for unit in range(units):
                    across[unit, i] = weights[i, unit]
            lower = below[: count * many].reshape(count, many)
            affine(here, across, zeros[:many], lower)
            for row in range(count):
                for i in range(many):
                    error[row * many + i] = lower[row, i] if inputs[row, i] > 0.0 else 0.0
        end = at
