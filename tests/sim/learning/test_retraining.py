"""Retraining coalitions: each is a federation of its own."""

import numpy as np
import pytest

from wallstreetfeds.contribution import Game, exact_shapley
from wallstreetfeds.contribution.coalitions import members
from wallstreetfeds.federation.tasks.base import Partition
from wallstreetfeds.sim.learning.networks import log_losses, logits, stacked, vector
from wallstreetfeds.sim.learning.retraining import Retrained, train_coalitions
from wallstreetfeds.sim.learning.training import Recipe, train_federation, train_locally

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
    for stack, expected in zip(trained, federated(parts, initial, who), strict=True):
        np.testing.assert_allclose(stack[number], expected, rtol=1e-10, atol=1e-12)


def test_nobody_trains_nothing(initial, trained):
    for stack, first in zip(trained, initial, strict=True):
        np.testing.assert_array_equal(stack[0], first)


def test_all_together_are_the_federation_to_the_bit(parts, initial, trained):
    whole = train_federation(parts, initial, WEIGHTS, RECIPE, ROUNDS, seed=9)
    np.testing.assert_array_equal(vector([stack[-1] for stack in trained]), whole.models[-1])


def test_threads_change_no_bit(parts, initial, trained):
    again = train_coalitions(parts, initial, WEIGHTS, members(0, 8, 3), RECIPE, ROUNDS, seed=9, threads=3)
    for one, other in zip(trained, again, strict=True):
        np.testing.assert_array_equal(one, other)


def test_another_seed_trains_another_model(parts, initial, trained):
    other = train_coalitions(parts, initial, WEIGHTS, members(7, 8, 3), RECIPE, ROUNDS, seed=8)
    assert np.abs(other[0][0] - trained[0][7]).max() > 1e-6


def test_retraining_is_a_utility_like_any_other(parts, initial, trained):
    held = Partition(np.random.default_rng(3).normal(size=(30, 4)), np.arange(30) % 3)
    game = Game(3, Retrained(parts, held, initial, WEIGHTS, RECIPE, ROUNDS, seed=9, threads=2))
    losses = log_losses(logits(trained, held.features), held.labels)
    np.testing.assert_allclose(game.evaluate(members(0, 8, 3)), -losses, rtol=1e-12)
    assert exact_shapley(game).values.sum() == pytest.approx(losses[0] - losses[-1])


def test_a_client_with_no_weight_is_worth_nothing(parts, initial):
    held = Partition(np.random.default_rng(3).normal(size=(30, 4)), np.arange(30) % 3)
    utility = Retrained(parts, held, initial, np.array([1.0, 0.0, 2.0]), RECIPE, 2, seed=9)
    assert exact_shapley(Game(3, utility)).values[1] == 0.0


def test_coalitions_of_other_clients_are_refused(parts, initial):
    with pytest.raises(ValueError, match=r"shape \(m, 3\)"):
        train_coalitions(parts, initial, WEIGHTS, members(0, 16, 4), RECIPE, 1, seed=9)
