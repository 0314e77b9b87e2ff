"""The engines' models written out in NumPy, and random federations to compare them on."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np


class Federation(NamedTuple):
    features: np.ndarray
    labels: np.ndarray
    previous: list
    updates: list
    weights: np.ndarray


def network(sizes, clients, rows, seed=0, scale=0.3):
    """A federation of ReLU networks: `sizes` are inputs, hidden units, logits (1 logit: two classes)."""
    rng = np.random.default_rng(seed)
    previous = []
    for inputs, units in pairwise(sizes):
        previous += [rng.normal(size=(inputs, units)) / np.sqrt(inputs), rng.normal(size=units) / 10]
    updates = [[old + scale * rng.normal(size=old.shape) for old in previous] for _ in range(clients)]
    labels = rng.integers(0, max(sizes[-1], 2), rows)
    return Federation(
        rng.normal(size=(rows, sizes[0])), labels, previous, updates, rng.uniform(1, 9, clients)
    )


def logits(model, features):
    """Logits (rows, k) of a model W1, b1, ..., a single layer being a linear model."""
    values = features
    for weights, bias in zip(model[:-2:2], model[1:-2:2], strict=True):
        values = np.maximum(values @ weights + bias, 0.0)
    return values @ model[-2] + model[-1]


def log_loss(found, labels):
    """Mean log-loss of logits (rows, k); k = 1 for two classes."""
    if found.shape[1] == 1:
        found = np.concatenate([np.zeros_like(found), found], axis=1)
    found = found - found.max(axis=1, keepdims=True)
    return np.mean(np.log(np.exp(found).sum(axis=1)) - found[np.arange(len(labels)), labels])


def model_of(federation, members, absent):
    """The model of the coalition `members` (n,), by the two rules of `models`."""
    share = federation.weights / federation.weights.sum()
    if absent == "left out":
        present = share[members].sum()
        share = share / present if present else share * 0.0
    return [
        old + sum((share[k] * (federation.updates[k][i] - old) for k in np.flatnonzero(members)), 0.0 * old)
        for i, old in enumerate(federation.previous)
    ]


def utilities(federation, coalitions, absent="previous"):
    """Negative mean log-loss (m,) of the coalitions (m, n), one model at a time."""
    return np.array(
        [
            -log_loss(logits(model_of(federation, members, absent), federation.features), federation.labels)
            for members in coalitions
        ]
    )
