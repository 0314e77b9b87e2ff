"""Measures on values whose answers are known."""

import numpy as np
import pytest

from wallstreetfeds.experiments.statistics import (
    bootstrap,
    cosine_distance,
    pay_shares,
    pearson,
    ranks,
    spearman,
)


def test_negative_contributions_are_paid_nothing():
    np.testing.assert_allclose(pay_shares(np.array([3.0, -5.0, 1.0])), [0.75, 0.0, 0.25])


def test_nobody_above_zero_is_paid_equally():
    np.testing.assert_allclose(pay_shares(np.array([0.0, -1.0])), [0.5, 0.5])


def test_pearson_of_a_line_is_one_and_of_a_mirror_minus_one():
    x = np.array([1.0, 2.0, 4.0])
    assert pearson(x, 3.0 * x + 1.0) == pytest.approx(1.0)
    assert pearson(x, -x) == pytest.approx(-1.0)


def test_pearson_is_numpys():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 9))
    assert pearson(x, y) == pytest.approx(np.corrcoef(x, y)[0, 1])


def test_a_constant_correlates_with_nothing():
    assert np.isnan(pearson(np.array([1.0, 2.0]), np.full(2, 0.1)))
    assert np.isnan(pearson(np.array([1.0, 2.0, 3.0]), np.array([0.1 + 0.2, 0.3, 0.3])))


def test_equal_values_share_their_rank():
    np.testing.assert_array_equal(ranks(np.array([5.0, 1.0, 5.0, 9.0])), [1.5, 0.0, 1.5, 3.0])


def test_spearman_sees_order_alone():
    x = np.array([1.0, 2.0, 3.0, 4.0])
    assert spearman(x, np.exp(9.0 * x)) == pytest.approx(1.0)
    assert pearson(x, np.exp(9.0 * x)) < 0.9


def test_cosine_distance_of_right_angles_is_one():
    assert cosine_distance(np.array([1.0, 0.0]), np.array([0.0, 2.0])) == pytest.approx(1.0)
    assert np.isnan(cosine_distance(np.zeros(2), np.ones(2)))


def test_the_interval_of_many_values_is_the_textbooks():
    values = np.random.default_rng(1).normal(size=400)
    mean, low, high = bootstrap(values.tolist())
    half = 1.96 * values.std() / 20.0
    assert mean == pytest.approx(values.mean())
    assert low == pytest.approx(mean - half, abs=0.15 * half)
    assert high == pytest.approx(mean + half, abs=0.15 * half)


def test_the_same_values_give_the_same_interval():
    values = [0.1, 0.5, 0.7]
    assert bootstrap(values) == bootstrap(values)


def test_what_is_not_defined_is_left_out():
    assert bootstrap([None, 2.0, None])[0] == 2.0
    assert np.isnan(bootstrap([None])[0])
