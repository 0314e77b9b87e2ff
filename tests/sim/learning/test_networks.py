"""Stacked networks: gradients against differences, one model against many, losses against the library's."""

from itertools import pairwise

import numpy as np
import pytest

from wallstreetfeds.federation.tasks import linear
from wallstreetfeds.federation.tasks.base import Partition
from wallstreetfeds.sim.learning.networks import accuracies, log_losses, logits, stacked
from wallstreetfeds.sim.learning.training import Recipe, train_locally

WIDTHS = {"binary": (5, 1), "softmax": (5, 3), "mlp": (5, 4, 3), "deep": (5, 4, 4, 1)}


def network(widths, copies, seed=0):
    rng = np.random.default_rng(seed)
    stack = []
    for inputs, outputs in pairwise(widths):
        stack += [rng.normal(size=(copies, inputs, outputs)), rng.normal(size=(copies, outputs))]
    return stack


def data(outputs, rows=24, seed=1):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(rows, 5)), rng.integers(0, max(outputs, 2), size=rows)


def loss_of(stack, features, labels):
    return log_losses(logits(stack, features), labels)


@pytest.mark.parametrize("kind", WIDTHS)
def test_one_step_goes_down_the_slope_found_by_differences(kind):
    stack = network(WIDTHS[kind], 2)
    features, labels = data(WIDTHS[kind][-1])
    recipe = Recipe(learning_rate=1.0, epochs=1, batch=len(labels))
    moved = train_locally(stack, features, labels, recipe, np.random.default_rng(0))
    for place, array in enumerate(stack):
        slope = np.empty_like(array[0])
        for spot in np.ndindex(slope.shape):
            ends = []
            for nudge in (1e-6, -1e-6):
                near = [a.copy() for a in stack]
                near[place][(slice(None), *spot)] += nudge
                ends.append(loss_of(near, features, labels)[0])
            slope[spot] = (ends[0] - ends[1]) / 2e-6
        np.testing.assert_allclose(array[0] - moved[place][0], slope, atol=1e-7)


@pytest.mark.parametrize("kind", WIDTHS)
def test_a_model_trains_in_company_as_it_does_alone(kind):
    stack = network(WIDTHS[kind], 3)
    features, labels = data(WIDTHS[kind][-1])
    recipe = Recipe(learning_rate=0.1, epochs=2, batch=7)
    together = train_locally(stack, features, labels, recipe, np.random.default_rng(3))
    for model in range(3):
        alone = [array[model : model + 1] for array in stack]
        alone = train_locally(alone, features, labels, recipe, np.random.default_rng(3))
        for mine, theirs in zip(alone, together, strict=True):
            np.testing.assert_allclose(mine[0], theirs[model], rtol=1e-12, atol=1e-14)


def test_training_is_that_of_the_built_in_tasks():
    features, labels = data(3, rows=64)
    coefficients, bias = (array[0] for array in network((5, 3), 1))
    partition = Partition(features, labels)
    theirs = linear.train(
        [coefficients, bias], partition, np.random.default_rng(5), learning_rate=0.1, epochs=2, batch=32
    )
    recipe = Recipe(learning_rate=0.1, epochs=2, batch=32)
    ours = train_locally(stacked([coefficients, bias], 1), features, labels, recipe, np.random.default_rng(5))
    for mine, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine[0], other, rtol=1e-12, atol=1e-14)


def test_training_leaves_its_input_alone():
    stack = network((5, 3), 2)
    before = [array.copy() for array in stack]
    train_locally(stack, *data(3), Recipe(learning_rate=0.5), np.random.default_rng(0))
    for array, old in zip(stack, before, strict=True):
        np.testing.assert_array_equal(array, old)


def test_a_strong_proximal_term_keeps_the_model_where_it_was():
    stack = network((5, 3), 1)
    features, labels = data(3)
    free, held = (
        train_locally(
            stack,
            features,
            labels,
            Recipe(learning_rate=0.1, epochs=5, batch=4, proximal=mu),
            np.random.default_rng(0),
        )
        for mu in (0.0, 5.0)
    )
    assert np.linalg.norm(held[0] - stack[0]) < 0.5 * np.linalg.norm(free[0] - stack[0])


def test_no_step_rests_on_a_row_that_is_left_over():
    features, labels = data(3, rows=33)
    labels[:] = 0
    stack = [np.zeros((1, 5, 3)), np.zeros((1, 3))]
    recipe = Recipe(learning_rate=1.0, batch=32)
    moved = train_locally(stack, 0.0 * features, labels, recipe, np.random.default_rng(0))
    first = 1.0 - 1.0 / 3.0
    powers = np.exp([first, -1.0 / 3.0, -1.0 / 3.0])
    assert moved[1][0, 0] == pytest.approx(first + 1.0 - powers[0] / powers.sum())


def test_log_losses_are_the_mean_surprise():
    _, labels = data(3)
    found = logits(network((5, 3), 2), data(3)[0])
    chances = np.exp(found) / np.exp(found).sum(axis=2, keepdims=True)
    own = np.array([[chances[m, row, label] for row, label in enumerate(labels)] for m in range(2)])
    np.testing.assert_allclose(log_losses(found, labels), -np.log(own).mean(axis=1), rtol=1e-12)


def test_two_classes_by_one_logit_are_two_logits_of_which_one_is_zero():
    features, labels = data(1)
    single = logits(network((5, 1), 2), features)
    double = np.concatenate([np.zeros_like(single), single], axis=2)
    np.testing.assert_allclose(log_losses(single, labels), log_losses(double, labels), rtol=1e-12)


def test_log_losses_of_huge_logits_are_finite():
    outputs = np.array([[[800.0], [-800.0]]])
    assert log_losses(outputs, np.array([1, 0]))[0] == 0.0
    assert log_losses(outputs, np.array([0, 1]))[0] == pytest.approx(800.0)
    assert log_losses(np.array([[[900.0, -900.0]]]), np.array([1]))[0] == pytest.approx(1800.0)


def test_accuracy_counts_the_most_likely_label():
    outputs = np.array([[[0.1, 0.9], [0.8, 0.2], [0.4, 0.6]]])
    assert accuracies(outputs, np.array([1, 0, 0]))[0] == pytest.approx(2 / 3)
    assert accuracies(np.array([[[2.0], [-1.0], [0.0]]]), np.array([1, 1, 0]))[0] == pytest.approx(2 / 3)
