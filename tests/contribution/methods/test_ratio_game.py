"""Shapley values of ratio games by quadrature, against enumeration."""

import numpy as np
import pytest

from wallstreetfeds.contribution import Game, exact_shapley
from wallstreetfeds.contribution.methods.ratio_game import RatioGame


def ratio_game(n, seed, least=0.05):
    rng = np.random.default_rng(seed)
    share = rng.uniform(least, 1.0, n)
    curvature = rng.normal(size=(n, n))
    return RatioGame(share / share.sum(), rng.normal(size=n), curvature + curvature.T)


@pytest.mark.parametrize("n", [1, 2, 3, 6, 11])
def test_the_integrals_are_the_shapley_values(n):
    game = ratio_game(n, seed=n)
    exact = exact_shapley(Game(n, game)).values
    assert np.abs(game.shapley() - exact).max() < 1e-8 * np.abs(exact).max()


def test_weights_may_differ_a_thousandfold():
    game = ratio_game(8, seed=1)
    share = np.array([1e-3, 1.0, 0.5, 2e-3, 0.3, 1e-2, 0.9, 0.1])
    game = RatioGame(share / share.sum(), game.slope, game.curvature)
    exact = exact_shapley(Game(8, game)).values
    assert np.abs(game.shapley() - exact).max() < 1e-8 * np.abs(exact).max()


def test_the_empty_coalition_is_worth_nothing_and_single_ones_by_hand():
    game = RatioGame(np.array([0.25, 0.75]), np.array([1.0, -1.0]), np.array([[2.0, 0.5], [0.5, -1.0]]))
    coalitions = np.array([[False, False], [True, False], [True, True]])
    assert game(coalitions) == pytest.approx([0.0, 1.0 / 0.25 + 0.5 * 2.0 / 0.25**2, 0.5 * 2.0])
