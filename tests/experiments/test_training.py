"""Retraining coalitions: each is a federation of its own."""

import numpy as np
import pytest

from wallstreetfeds.contribution.coalitions import members
from wallstreetfeds.experiments.networks import Recipe, stacked, train_locally
from wallstreetfeds.experiments.training import train_coalitions
from wallstreetfeds.federation.tasks.base import Partition

RECIPE = Recipe(learning_rate=0.2, epochs=2, batch=8)
WEIGHTS = np.array([1.0, 2.0, 5.0])
ROUNDS = 3


@pytest.fixture(scope="module")
def parts():
    rng = np.random.default_rng(0)
    return [Partition(rng.normal(size=(20, 4)), rng.integers(0, 3, size=20)) for _ in range(3)]


@pytest.fixture(scope="module")
def initial():
    rng = np.random.default_rng(1)
    shapes = ((4, 5), (5,), (5, 3), (3,))
    return [rng.normal(size=shape) for shape in shapes]


@pytest.fixture(scope="module")
def trained(parts, initial):
    return train_coalitions(parts, initial, WEIGHTS, members(0, 8, 3), RECIPE, ROUNDS, seed=9)


def federated(parts, initial, who):
    """FedAvg of the clients `who`, written down plainly."""
    model = [array.copy() for array in initial]
    for number in range(1, ROUNDS + 1):
        total = WEIGHTS[who].sum()
        new = [np.zeros_like(array) for array in model]
        for client in who:
            rng = np.random.default_rng([9, number, client])
            part = parts[client]
            local = train_locally(stacked(model, 1), part.features, part.labels, RECIPE, rng)
            for place, array in enumerate(local):
                new[place] += WEIGHTS[client] / total * array[0]
        model = new
    return model


@pytest.mark.parametrize("number", range(1, 8))
def test_every_coalition_is_trained_as_if_it_were_alone(parts, initial, trained, number):
    who = [client for client in range(3) if number >> client & 1]
    for stack, expected in zip(trained.models, federated(parts, initial, who), strict=True):
        np.testing.assert_allclose(stack[number], expected, rtol=1e-10, atol=1e-12)


def test_nobody_trains_nothing(initial, trained):
    for stack, first in zip(trained.models, initial, strict=True):
        np.testing.assert_array_equal(stack[0], first)


def test_the_rounds_recorded_are_those_of_the_grand_coalition(trained):
    assert len(trained.rounds) == ROUNDS
    share = WEIGHTS / WEIGHTS.sum()
    last = trained.rounds[-1]
    for place, stack in enumerate(trained.models):
        steps = [update[place] - last.previous[place] for update in last.updates]
        model = last.previous[place] + sum(a * step for a, step in zip(share, steps, strict=True))
        np.testing.assert_allclose(stack[-1], model, rtol=1e-12, atol=1e-14)


def test_another_seed_trains_another_model(parts, initial, trained):
    other = train_coalitions(parts, initial, WEIGHTS, members(7, 8, 3), RECIPE, ROUNDS, seed=8)
    assert np.abs(other.models[0][0] - trained.models[0][7]).max() > 1e-6
