"""A small federation of three classes, and the first model of a network for it."""

import numpy as np
import pytest

from wallstreetfeds.federation.tasks.base import Partition
from wallstreetfeds.sim.learning.networks import random_network


def rows_of(number, seed, classes=3, inputs=6):
    """Return `number` rows whose classes can be told apart, a third of the features zero."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, size=number)
    centres = np.random.default_rng(99).normal(size=(classes, inputs))
    features = centres[labels] + 0.7 * rng.normal(size=(number, inputs))
    return Partition(features * (rng.random(features.shape) > 0.33), labels)


@pytest.fixture(scope="session")
def parts():
    """Four clients of unequal size: more than one batch of 8, one that fills none, one odd row."""
    return [rows_of(number, seed) for seed, number in enumerate((20, 33, 5, 17))]


@pytest.fixture(scope="session")
def validation():
    return rows_of(80, 50)


@pytest.fixture(scope="session")
def initial():
    return random_network((6, 7, 3), np.random.default_rng(1))
