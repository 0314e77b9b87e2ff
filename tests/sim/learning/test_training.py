"""The compiled trainer: against a plain NumPy loop, over threads and seeds, and what it refuses."""

from dataclasses import replace

import numpy as np
import pytest

from wallstreetfeds.bench.sim import numpy_loop
from wallstreetfeds.federation.tasks.base import Partition
from wallstreetfeds.sim.learning.networks import (
    accuracies,
    arrays,
    log_losses,
    logits,
    random_network,
    vector,
    widths_of,
)
from wallstreetfeds.sim.learning.training import Recipe, train_federation

WEIGHTS = np.array([2.0, 3.0, 0.5, 1.5])
RECIPE = Recipe(learning_rate=0.2, epochs=2, batch=8)
ROUNDS = 4


def plain(parts, initial, seed):
    """Federated averaging, one client and one array after the other."""
    model = [array.copy() for array in initial]
    rounds = []
    for number in range(1, ROUNDS + 1):
        updates = [
            numpy_loop.train(
                model,
                part.features,
                part.labels,
                np.random.default_rng([seed, number, client]),
                learning_rate=RECIPE.learning_rate,
                epochs=RECIPE.epochs,
                batch=RECIPE.batch,
            )
            for client, part in enumerate(parts)
        ]
        rounds.append(updates)
        model = [
            np.average([update[place] for update in updates], axis=0, weights=WEIGHTS)
            for place in range(len(model))
        ]
    return model, rounds


@pytest.mark.parametrize("widths", [(6, 3), (6, 7, 3), (6, 9, 5, 3)], ids=["softmax", "mlp", "deep"])
def test_a_federation_is_that_of_a_plain_numpy_loop(parts, widths):
    initial = random_network(widths, np.random.default_rng(2))
    trained = train_federation(parts, initial, WEIGHTS, RECIPE, ROUNDS, seed=5)
    model, rounds = plain(parts, initial, seed=5)
    for ours, theirs in zip(trained.final, model, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)
    for seen, sent in zip(trained.rounds, rounds, strict=True):
        for ours, theirs in zip(seen.updates, sent, strict=True):
            np.testing.assert_allclose(vector(ours), vector(theirs), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("threads", [2, 3, 7])
def test_threads_change_no_bit(parts, initial, threads):
    alone = train_federation(parts, initial, WEIGHTS, RECIPE, ROUNDS, seed=5)
    together = train_federation(parts, initial, WEIGHTS, RECIPE, ROUNDS, seed=5, threads=threads)
    np.testing.assert_array_equal(alone.models, together.models)
    np.testing.assert_array_equal(alone.updates, together.updates)


def test_what_a_client_sends_depends_on_nobody_else_in_the_round(parts, initial):
    all_of_them = train_federation(parts, initial, WEIGHTS, RECIPE, 1, seed=5)
    first_two = train_federation(parts[:2], initial, WEIGHTS[:2], RECIPE, 1, seed=5)
    np.testing.assert_array_equal(all_of_them.updates[0, :2], first_two.updates[0])


def test_another_seed_trains_another_model(parts, initial):
    one, other = (train_federation(parts, initial, WEIGHTS, RECIPE, 1, seed=seed) for seed in (1, 2))
    assert np.abs(one.models[-1] - other.models[-1]).max() > 1e-6


def test_training_lowers_the_loss_on_rows_nobody_trained_on(parts, validation, initial):
    trained = train_federation(parts, initial, WEIGHTS, RECIPE, 10, seed=5)
    losses = log_losses(logits(trained.stack, validation.features), validation.labels)
    rights = accuracies(logits(trained.stack, validation.features), validation.labels)
    assert losses[-1] < 0.7 * losses[0]
    assert rights[-1] > rights[0] + 0.2


def test_a_client_without_rows_sends_the_model_back(parts, initial):
    nobody = Partition(np.empty((0, 6)), np.empty(0, dtype=np.int64))
    trained = train_federation([*parts, nobody], initial, np.ones(5), RECIPE, 2, seed=5)
    np.testing.assert_array_equal(trained.updates[:, 4], trained.models[:2])


def test_a_free_rider_sends_the_model_back_whatever_it_has(parts, initial):
    lazy = [*parts[:3], replace(parts[3], quality="free-rider")]
    trained = train_federation(lazy, initial, WEIGHTS, RECIPE, 2, seed=5)
    busy = train_federation(parts, initial, WEIGHTS, RECIPE, 2, seed=5)
    np.testing.assert_array_equal(trained.updates[:, 3], trained.models[:2])
    np.testing.assert_array_equal(trained.updates[0, :3], busy.updates[0, :3])


def test_a_client_without_weight_moves_nothing(parts, initial):
    without = train_federation(parts[:3], initial, WEIGHTS[:3], RECIPE, 2, seed=5)
    silent = train_federation(parts, initial, WEIGHTS * [1, 1, 1, 0], RECIPE, 2, seed=5)
    np.testing.assert_array_equal(without.models, silent.models)


def test_a_network_becomes_a_vector_and_back(initial):
    for array, same in zip(initial, arrays(vector(initial), widths_of(initial)), strict=True):
        np.testing.assert_array_equal(array, same)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"learning_rate": 0.0}, "learning rate"),
        ({"learning_rate": float("nan")}, "learning rate"),
        ({"epochs": 0}, "epoch"),
        ({"batch": 0}, "row a batch"),
        ({"proximal": -0.1}, "mu"),
    ],
)
def test_a_recipe_nobody_can_cook_is_refused(change, words):
    with pytest.raises(ValueError, match=words):
        Recipe(**{"learning_rate": 0.1, **change})


def refused(parts, initial, words, **changes):
    settings = {"weights": np.ones(len(parts)), "recipe": RECIPE, "rounds": 1, "seed": 0} | changes
    with pytest.raises(ValueError, match=words):
        train_federation(parts, initial, **settings)


def test_rounds_seeds_weights_and_threads_that_do_not_fit_are_refused(parts, initial):
    refused(parts, initial, "at least one round", rounds=0)
    refused(parts, initial, "seed", seed=-1)
    refused(parts, initial, "aggregation weights", weights=np.ones(3))
    refused(parts, initial, "aggregation weights", weights=np.zeros(4))
    refused(parts, initial, "thread", threads=0)


def test_data_that_do_not_fit_are_refused(parts, initial):
    good = parts[0]
    refused([], initial, "at least one client")
    refused([good, Partition(good.features[:, :5], good.labels)], initial, "client 1 has features")
    refused([Partition(good.features, good.labels + 1)], initial, "labels outside 0 to 2")
    bad = good.features.copy()
    bad[3, 2] = np.nan
    refused([good, Partition(bad, good.labels)], initial, "client 1 has features that are NaN")


def test_layers_that_do_not_fit_are_refused(parts, initial):
    refused(parts, initial[:3], "a network is W1, b1")
    refused(parts, [initial[0], initial[1], initial[2].T, initial[3]], "a network is W1, b1")


def test_a_learning_rate_that_diverges_is_named(parts, initial):
    refused(parts, initial, "choose a learning rate below", recipe=Recipe(1e200, epochs=3))
