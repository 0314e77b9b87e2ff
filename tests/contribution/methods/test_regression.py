"""Paired sampling with a regression: the prior and the fit change the noise, not the mean."""

import numpy as np
import pytest

from wallstreetfeds.contribution import Game, regression_shapley
from wallstreetfeds.contribution.methods.regression import paired_estimate


def estimates(game, pairs, prior, seeds):
    empty, grand = game.ends()
    found = [
        paired_estimate(game, empty, grand, pairs, np.random.default_rng(seed), (prior,))[0]
        for seed in range(seeds)
    ]
    return np.array(found)


def test_an_additive_game_is_exact_once_there_are_more_pairs_than_clients():
    addends = np.array([0.5, -0.25, 3.0, 0.0, 1.0])
    found = regression_shapley(Game(5, lambda s: s @ addends), evaluations=400).values
    assert found == pytest.approx(addends, abs=2e-3)


def test_pairwise_interactions_cancel():
    rng = np.random.default_rng(0)
    table = rng.normal(size=(6, 6))
    game = Game(6, lambda s: ((s @ table) * s).sum(axis=1))
    exact = (table + table.T).sum(axis=1) / 2
    assert estimates(game, 2, exact, 1)[0] == pytest.approx(exact, abs=1e-12)


@pytest.mark.parametrize("pairs", [3, 12, 60])
def test_a_wrong_prior_does_not_bias(games, pairs):
    game = games.table(np.random.default_rng(8).normal(size=1 << 6))
    expected = games.shapley(game)
    wrong = np.random.default_rng(9).normal(size=6)
    found = estimates(game, pairs, wrong, 400)
    scores = (found.mean(axis=0) - expected) / (found.std(axis=0, ddof=1) / np.sqrt(len(found)))
    assert np.abs(scores).max() < 4.0


def test_a_good_prior_takes_out_noise(games):
    game = games.curved(12)
    good = games.shapley(game)
    with_prior = estimates(game, 5, good, 60).std(axis=0).mean()
    without = estimates(game, 5, 3.0 * good[::-1], 60).std(axis=0).mean()
    assert with_prior < 0.8 * without


def test_the_better_prior_is_chosen(games):
    game = games.curved(10)
    good, bad = games.shapley(game), np.linspace(5.0, -5.0, 10)
    empty, grand = game.ends()
    for priors, best in (((good, bad), 0), ((bad, good), 1)):
        assert paired_estimate(game, empty, grand, 20, np.random.default_rng(0), priors)[2] == best
