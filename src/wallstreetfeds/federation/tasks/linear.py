"""Logistic and softmax regression: local training by SGD, and the worth of a model, in NumPy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.contribution import LogLoss, linear_log_loss, log_loss
from wallstreetfeds.federation.tasks.base import Arrays, Partition


def logits(arrays: Arrays, features: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the logits of `features` (rows, d): (rows,) for two classes, (rows, classes) for more.

    The model is (coefficients, bias): (d,) and (1,), or (d, classes) and (classes,).
    """
    coefficients, bias = arrays
    return np.asarray(features @ coefficients + (bias[0] if coefficients.ndim == 1 else bias))


def train(
    arrays: Arrays,
    partition: Partition,
    rng: np.random.Generator,
    *,
    learning_rate: float,
    epochs: int,
    batch: int,
) -> list[NDArray[Any]]:
    """Return the model after `epochs` of mini-batch SGD on the mean log-loss; float64, rows shuffled by
    `rng`."""
    coefficients, bias = (np.array(array, dtype=np.float64) for array in arrays)
    single = coefficients.ndim == 1
    targets = partition.labels if single else np.eye(coefficients.shape[1])[partition.labels]
    for _ in range(epochs):
        order = rng.permutation(len(partition))
        for start in range(0, len(order), batch):
            rows = order[start : start + batch]
            features = partition.features[rows]
            error = _probabilities(logits((coefficients, bias), features)) - targets[rows]
            coefficients -= learning_rate / len(rows) * (features.T @ error)
            bias -= learning_rate / len(rows) * np.atleast_1d(error.sum(axis=0))
    return [coefficients, bias]


def utility(arrays: Arrays, validation: Partition) -> float:
    """Return the negative mean log-loss in nats of a model on the validation set."""
    return -log_loss(logits(arrays, validation.features), validation.labels)


def coalitions(
    previous: Arrays, updates: Sequence[Arrays], weights: NDArray[np.float64], validation: Partition
) -> LogLoss:
    """Return the utility of all coalitions of one round, from n products with the validation set."""
    return linear_log_loss(validation.features, validation.labels, previous, updates, weights)


def _probabilities(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sigmoid of (rows,) or the softmax of (rows, classes); safe for logits of any size."""
    if scores.ndim == 1:
        return np.asarray(0.5 * (1.0 + np.tanh(0.5 * scores)))
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))
