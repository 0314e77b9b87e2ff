"""Smoothing over rounds: an average that forgets."""

import numpy as np
import pytest

from wallstreetfeds.contribution import integer_scores, smoothed


def test_the_first_round_is_as_it_is():
    assert smoothed([0.5, -0.25], None) == [0.5, -0.25]


def test_later_rounds_keep_four_fifths_of_the_past():
    assert smoothed([1.0, 0.0], [0.0, 1.0]) == pytest.approx([0.2, 0.8])


def test_without_a_past_kept_every_round_stands_alone():
    assert smoothed([1.0, 0.0], [5.0, 5.0], keep=0.0) == [1.0, 0.0]


def test_the_spread_of_a_steady_client_falls_to_a_third():
    rng = np.random.default_rng(0)
    values, spread = None, []
    for _ in range(4_000):
        values = smoothed((1.0 + 0.1 * rng.normal(size=3)).tolist(), values)
        spread.append(values)
    assert np.std(spread[50:]) == pytest.approx(0.1 / 3, rel=0.1)


def test_smoothed_values_make_scores():
    assert sum(integer_scores(smoothed([1.0, -2.0, 0.5], [0.1, 0.2, 0.3]))) == 1_000_000_000


@pytest.mark.parametrize("keep", [-0.1, 1.0, float("nan")])
def test_refuses_a_share_outside_zero_to_one(keep):
    with pytest.raises(ValueError, match="share kept"):
        smoothed([1.0], [1.0], keep=keep)


def test_refuses_values_that_do_not_fit():
    with pytest.raises(ValueError, match="expected 2 earlier values, got 1"):
        smoothed([1.0, 2.0], [1.0])
    with pytest.raises(ValueError, match="client 1 is nan"):
        smoothed([1.0, 2.0], [1.0, float("nan")])
