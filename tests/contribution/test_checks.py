"""Arguments of the wrong type: one clear refusal, and never a silent truncation."""

import numpy as np
import pytest

from wallstreetfeds.contribution import (
    METHODS,
    AggregateUtility,
    Contributions,
    Game,
    ModelUtility,
    exact_banzhaf,
    exact_shapley,
    integer_scores,
    leave_one_out,
    linear_log_loss,
    linear_utility,
    mlp_log_loss,
    sampled_banzhaf,
)
from wallstreetfeds.contribution.utilities.threads import MOST_THREADS, checked_threads

SAMPLERS = [name for name, method in METHODS.items() if method.kind == "sampled"]
NO_INTEGERS = [1e2, float("nan"), "100", None, True, [100]]
WHO = np.array([[True, False, True], [False, True, True]])


def additive(coalitions):
    return coalitions @ np.array([1.0, 2.0, 3.0])


def mean(_previous, updates, weights):
    return [np.average([update[0] for update in updates], axis=0, weights=weights)]


def utilities():
    """Every utility of three clients, by name."""
    rng = np.random.default_rng(0)
    features, labels = rng.normal(size=(9, 4)), np.arange(9) % 2
    linear = [[rng.normal(size=4), rng.normal(size=1)] for _ in range(4)]
    mlp = [[rng.normal(size=shape) for shape in ((4, 3), (3,), (3, 2), (2,))] for _ in range(4)]
    one = [[array[0]] for array in linear]
    ones = np.ones(3)
    return {
        "linear": linear_log_loss(features, labels, linear[0], linear[1:], ones),
        "accuracy": linear_utility(features, labels, linear[0], linear[1:], ones, metric="accuracy"),
        "mlp": mlp_log_loss(features, labels, mlp[0], mlp[1:], ones),
        "model": ModelUtility(one[0], one[1:], ones, lambda model: float(model[0].sum())),
        "aggregate": AggregateUtility(one[0], one[1:], ones, mean, lambda model: float(model[0].sum())),
        "game": Game(3, additive).evaluate,
    }


@pytest.mark.parametrize("coalitions", [WHO.astype(int), WHO * 0.5, WHO.astype(np.uint8), WHO.tolist()])
@pytest.mark.parametrize("name", ["linear", "accuracy", "mlp", "model", "aggregate", "game"])
def test_refuses_coalitions_that_are_not_true_or_false(name, coalitions):
    with pytest.raises(ValueError, match=r"coalitions must be a boolean matrix \(m, 3\), got"):
        utilities()[name](coalitions)


@pytest.mark.parametrize("bad", NO_INTEGERS)
@pytest.mark.parametrize("name", SAMPLERS)
def test_refuses_budgets_and_seeds_that_are_no_integers(name, bad):
    game = Game(3, additive)
    with pytest.raises(ValueError, match="the number of evaluations must be an integer"):
        METHODS[name](game, evaluations=bad)
    with pytest.raises(ValueError, match="a seed must be an integer"):
        METHODS[name](game, evaluations=200, seed=bad)


@pytest.mark.parametrize("bad", NO_INTEGERS)
def test_refuses_numbers_of_clients_examples_threads_and_supplies_that_are_no_integers(bad):
    with pytest.raises(ValueError, match="number of clients must be an integer"):
        Game(bad, additive)
    with pytest.raises(ValueError, match="number of examples must be an integer"):
        Game(3, additive, [1, bad, 2])
    with pytest.raises(ValueError, match="number of threads must be an integer"):
        checked_threads(bad)
    with pytest.raises(ValueError, match="a supply must be an integer"):
        integer_scores([1.0, 2.0], supplies=[1, bad])


def test_takes_the_integers_of_numpy():
    result = METHODS["data-size"](Game(np.int64(3), additive, np.array([1, 2, 3])))
    assert result.values.tolist() == [1.0, 2.0, 3.0]
    assert (
        METHODS["antithetic"](Game(3, additive), evaluations=np.int32(40), seed=np.int64(1)).evaluations <= 40
    )


def test_refuses_a_number_of_examples_that_no_data_set_has():
    with pytest.raises(ValueError, match="below 2\\*\\*63"):
        Game(2, additive, [1, 10**400])


def test_starts_no_more_threads_than_are_of_use():
    assert checked_threads(10**6) == MOST_THREADS
    assert checked_threads(2) == 2


@pytest.mark.parametrize("method", [exact_shapley, exact_banzhaf, leave_one_out, sampled_banzhaf])
def test_refuses_utilities_too_far_apart_to_be_subtracted(method):
    game = Game(2, lambda s: np.where(s[:, 0], 1.7e308, -1.7e308))
    with np.errstate(all="ignore"), pytest.raises(ValueError, match="larger unit"):
        method(game)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_contributions_are_finite(bad):
    with pytest.raises(ValueError, match="the contributions are not finite"):
        Contributions(np.array([1.0, bad]), None, 0.0, 1.0, 4, None)
    with pytest.raises(ValueError, match="the contributions are not finite"):
        Contributions(np.ones(2), np.array([0.1, bad]), 0.0, 1.0, 4, 0)
