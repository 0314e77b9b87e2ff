"""Local training as one writes it down in NumPy: what the Flower clients of the benchmark run.

Batches, order and arithmetic are those of `sim.learning.training`; sums are NumPy's, so that the last bits
differ.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def train(
    model: Sequence[Floats],
    features: Floats,
    labels: NDArray[np.int64],
    rng: np.random.Generator,
    *,
    learning_rate: float,
    epochs: int,
    batch: int,
) -> list[Floats]:
    """Return the ReLU network `model`, [W1 (inputs, units), b1 (units,), ...], after mini-batch SGD.

    The loss is the mean log-loss of a softmax over two outputs or more. Each epoch's order is drawn from
    `rng` and dealt out evenly to batches of at most `batch` rows.
    """
    new = [array.copy() for array in model]
    targets = np.eye(len(new[-1]))[labels]
    for _ in range(epochs):
        order = rng.permutation(len(labels))
        for rows in np.array_split(order, -(-len(order) // batch)):
            values = forward(new, features[rows])
            error = (_softmax(values[-1]) - targets[rows]) / len(rows)
            for layer in range(len(new) // 2 - 1, -1, -1):
                weights, bias = new[2 * layer], new[2 * layer + 1]
                slope, slope_bias = values[layer].T @ error, error.sum(axis=0)
                error = (error @ weights.T) * (values[layer] > 0.0)
                weights -= learning_rate * slope
                bias -= learning_rate * slope_bias
    return new


def forward(model: Sequence[Floats], features: Floats) -> list[Floats]:
    """Return the inputs, what every hidden layer puts out, and the logits (rows, outputs)."""
    values = [features]
    for layer in range(0, len(model), 2):
        out = values[-1] @ model[layer] + model[layer + 1]
        values.append(np.maximum(out, 0.0) if layer + 2 < len(model) else out)
    return values


def _softmax(logits: Floats) -> Floats:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))
