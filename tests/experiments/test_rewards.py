"""Synthetic rewards have the mean and the noise that were asked for."""

from __future__ import annotations

import numpy as np
import pytest

from wallstreetfeds.experiments.rewards import expected_shares, noisy_rounds


def test_without_spread_everybody_earns_the_same():
    assert expected_shares(4, None, np.random.default_rng(0)) == pytest.approx(np.full(4, 0.25))


def test_a_smaller_concentration_is_more_unequal():
    spreads = [
        np.mean([expected_shares(10, spread, np.random.default_rng(seed)).std() for seed in range(50)])
        for spread in (1.0, 3.0, 10.0)
    ]
    assert spreads[0] > spreads[1] > spreads[2]


def test_rounds_have_the_expected_mean_and_the_noise_of_an_average_client():
    expected = np.array([0.2, 0.05, 0.15, 0.5, 0.1])
    drawn = noisy_rounds(expected, 200_000, 0.5, np.random.default_rng(0))
    assert drawn.sum(axis=1) == pytest.approx(1.0)
    assert drawn.mean(axis=0) == pytest.approx(expected, abs=2e-3)
    assert drawn[:, 0].std() / 0.2 == pytest.approx(0.5, abs=5e-3)


def test_without_noise_every_round_is_the_mean():
    expected = np.array([0.25, 0.75])
    assert noisy_rounds(expected, 3, 0.0, np.random.default_rng(0)) == pytest.approx(
        np.tile(expected, (3, 1))
    )


@pytest.mark.parametrize("noise", [-0.1, 2.0, float("nan")])
def test_a_noise_that_no_shares_have_is_refused(noise):
    with pytest.raises(ValueError, match="noise"):
        noisy_rounds(np.full(4, 0.25), 2, noise, np.random.default_rng(0))


def test_a_concentration_of_nothing_is_refused():
    with pytest.raises(ValueError, match="concentration"):
        expected_shares(4, 0.0, np.random.default_rng(0))
