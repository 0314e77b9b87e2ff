"""Sampled Shapley values: unbiased within their own standard errors, and exact where they must be."""

import numpy as np
import pytest

from wallstreetfeds.contribution import Game, exact_shapley, sampled_shapley, shapley


def curved_game(n, seed=0, null=None):
    """A game with interactions: the logarithm of a sum of positive addends."""
    addends = np.random.default_rng(seed).uniform(0.1, 2.0, n)
    if null is not None:
        addends[null] = 0.0
    return Game(n, lambda coalitions: np.log1p(coalitions @ addends))


def test_estimates_lie_within_their_standard_errors():
    game = curved_game(10)
    exact = exact_shapley(game).values
    scores = []
    for seed in range(40):
        estimate = sampled_shapley(game, evaluations=2_000, seed=seed)
        scores.append((estimate.values - exact) / estimate.standard_errors)
    scores = np.array(scores)
    assert abs(scores.mean()) < 0.2
    assert 0.8 < scores.std() < 1.2


def test_values_sum_to_the_grand_coalition_less_the_empty_one():
    result = sampled_shapley(curved_game(30), evaluations=1_000, seed=3)
    assert result.values.sum() == pytest.approx(result.grand_utility - result.empty_utility, abs=1e-12)


def test_a_null_player_is_worth_exactly_nothing():
    result = sampled_shapley(curved_game(20, null=7), evaluations=2_000, seed=1)
    assert result.values[7] == 0.0
    assert result.standard_errors[7] == 0.0


def test_stays_within_the_budget_and_counts_what_it_evaluates():
    game = curved_game(12)
    rows = []
    counting = Game(12, lambda s: (rows.append(len(s)), game.utility(s))[1])
    result = sampled_shapley(counting, evaluations=1_000, seed=0)
    assert result.evaluations == sum(rows)
    assert 900 < result.evaluations <= 1_000


def test_the_seed_decides():
    game = curved_game(18)
    first = sampled_shapley(game, evaluations=1_000, seed=5)
    again = sampled_shapley(game, evaluations=1_000, seed=5)
    other = sampled_shapley(game, evaluations=1_000, seed=6)
    assert (first.values == again.values).all()
    assert (first.values != other.values).any()
    assert first.seed == 5


def test_a_larger_budget_means_smaller_errors():
    game = curved_game(18)
    small = sampled_shapley(game, evaluations=1_000, seed=0).standard_errors.mean()
    large = sampled_shapley(game, evaluations=16_000, seed=0).standard_errors.mean()
    assert large == pytest.approx(small / 4, rel=0.35)


def test_refuses_a_budget_without_a_standard_error():
    with pytest.raises(ValueError, match="too few for 30 clients: at least 118"):
        sampled_shapley(curved_game(30), evaluations=117, seed=0)


def test_refuses_a_negative_seed():
    with pytest.raises(ValueError, match="seed"):
        sampled_shapley(curved_game(5), evaluations=1_000, seed=-1)


def test_small_games_are_exact_and_large_ones_labelled_as_estimates():
    assert shapley(curved_game(16)).exact
    estimate = shapley(curved_game(17), evaluations=1_000, seed=9)
    assert not estimate.exact
    assert estimate.seed == 9


def test_one_client_gets_everything():
    result = sampled_shapley(curved_game(1), evaluations=6, seed=0)
    assert result.values[0] == result.grand_utility - result.empty_utility
