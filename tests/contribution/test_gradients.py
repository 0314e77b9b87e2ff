"""Pay by direction: what it gives, what it refuses, and the weakness its docstring admits."""

import numpy as np
import pytest

from wallstreetfeds.contribution import Game, ModelUtility, cosine_similarity, exact_shapley


def models(*steps):
    previous = [np.array([1.0, 1.0]), np.array([2.0])]
    return previous, [
        [previous[0] + step[:2], previous[1] + step[2:]] for step in np.array(steps, dtype=float)
    ]


def test_the_same_direction_is_one_and_the_opposite_minus_one():
    previous, updates = models([1, 2, 3], [2, 4, 6], [-1, -2, -3])
    assert cosine_similarity(previous, updates, np.array([1.0, 1.0, 0.5])) == pytest.approx([1.0, 1.0, -1.0])


def test_length_buys_nothing():
    previous, updates = models([1, 0, 0], [0, 1, 0])
    _, longer = models([1, 0, 0], [0, 1e6, 0])
    weights = np.ones(2)
    small = cosine_similarity(previous, updates, weights)
    assert cosine_similarity(previous, longer, weights) == pytest.approx(small)


def test_a_free_rider_gets_nothing():
    previous, updates = models([1, 2, 3], [0, 0, 0])
    assert cosine_similarity(previous, updates, np.ones(2)).tolist()[1] == 0.0


def test_steps_that_cancel_pay_nobody():
    previous, updates = models([1, 0, 0], [-1, 0, 0])
    assert cosine_similarity(previous, updates, np.ones(2)).tolist() == [0.0, 0.0]


def test_its_weakness_conformity_is_paid_where_the_rare_client_brings_what_is_needed():
    # Where the model should go is along the last axis; eight of ten clients have little to say about it.
    rng = np.random.default_rng(0)
    common = [np.array([1.0, 0.0, 0.02]) + 0.05 * rng.normal(size=3) * [1, 1, 0] for _ in range(8)]
    previous, updates = models(*common, [0.2, 0.1, 1.0], [0.1, -0.1, 1.0])
    utility = ModelUtility(previous, updates, np.ones(10), lambda arrays: -abs(float(arrays[1][0]) - 3.0))
    fair = exact_shapley(Game(10, utility)).values
    paid = cosine_similarity(previous, updates, np.ones(10))
    assert np.corrcoef(fair, paid)[0, 1] < -0.9


@pytest.mark.parametrize("weights", [[1.0], [1.0, np.nan], [1.0, -1.0], [0.0, 0.0]])
def test_refuses_weights_that_do_not_fit(weights):
    previous, updates = models([1, 0, 0], [0, 1, 0])
    with pytest.raises(ValueError, match="weights"):
        cosine_similarity(previous, updates, np.array(weights))


def test_refuses_updates_that_do_not_fit():
    previous, updates = models([1, 0, 0], [0, np.inf, 0])
    with pytest.raises(ValueError, match="update 1 is not finite"):
        cosine_similarity(previous, updates, np.ones(2))
    with pytest.raises(
        ValueError, match=r"update 0 has arrays of shapes \[\(2,\)\], the previous model \[\(2,\), \(1,\)\]"
    ):
        cosine_similarity(previous, [[np.zeros(2)]], np.ones(1))
    with pytest.raises(ValueError, match="at least one"):
        cosine_similarity(previous, [], np.ones(0))


def test_refuses_a_transposed_update_and_takes_weights_as_large_as_numbers_go():
    previous, updates = [np.zeros((2, 3))], [[np.ones((2, 3))], [np.eye(2, 3)]]
    with pytest.raises(ValueError, match=r"update 1 has arrays of shapes \[\(3, 2\)\]"):
        cosine_similarity(previous, [updates[0], [np.eye(3, 2)]], np.ones(2))
    large = cosine_similarity(previous, updates, np.full(2, 1e308))
    assert large.tolist() == cosine_similarity(previous, updates, np.ones(2)).tolist()
