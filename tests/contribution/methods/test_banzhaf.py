"""Banzhaf values: against the definition in exact fractions, scaled for pay, and sampled."""

import numpy as np
import pytest

from wallstreetfeds.contribution import Game, exact_banzhaf, sampled_banzhaf
from wallstreetfeds.contribution.coalitions import members


@pytest.mark.parametrize("n", [1, 2, 3, 5, 7])
def test_equals_the_definition(games, n):
    game = games.table(np.random.default_rng(n).normal(size=1 << n))
    result = exact_banzhaf(game, scaled=False)
    assert result.values == pytest.approx(games.banzhaf(game), rel=1e-13, abs=1e-15)
    assert result.evaluations == 1 << n
    assert result.exact


def test_scaled_values_sum_to_the_grand_coalition_less_the_empty_one(games):
    result = exact_banzhaf(games.curved(8))
    raw = exact_banzhaf(games.curved(8), scaled=False)
    assert result.values.sum() == pytest.approx(result.grand_utility - result.empty_utility, abs=1e-12)
    assert result.values / raw.values == pytest.approx(np.full(8, (result.values / raw.values)[0]))


def test_scaling_that_would_turn_every_sign_is_left_out(games):
    # Everybody alone helps, all together lose: the values are positive, v(N) - v(empty) is not.
    game = Game(3, lambda s: np.array([0.0, 1.0, 1.5, -0.1])[s.sum(axis=1)])
    result = exact_banzhaf(game)
    assert (result.values > 0).all()
    assert "not scaled" in result.note


def test_a_null_player_is_worth_exactly_nothing(games):
    assert exact_banzhaf(games.curved(7, null=2)).values[2] == 0.0


def test_symmetric_clients_get_equal_values_to_the_bit():
    by_size = np.random.default_rng(1).normal(size=9)
    game = Game(8, lambda s: by_size[s.sum(axis=1)])
    assert len(set(exact_banzhaf(game).values.tolist())) == 1


def test_a_game_that_changes_nothing_pays_nothing():
    result = exact_banzhaf(Game(4, lambda s: np.full(len(s), 0.3)))
    assert (result.values == 0.0).all()
    assert result.note == ""


def test_refuses_too_many_clients():
    with pytest.raises(ValueError, match="sampled_banzhaf above 20"):
        exact_banzhaf(Game(21, lambda s: s.sum(axis=1).astype(float)))


def test_the_mean_over_seeds_is_the_banzhaf_value(games):
    game = games.table(np.random.default_rng(3).normal(size=1 << 6))
    expected = games.banzhaf(game)
    estimates = np.array(
        [sampled_banzhaf(game, evaluations=66, seed=seed, scaled=False).values for seed in range(300)]
    )
    spread = estimates.std(axis=0, ddof=1) / np.sqrt(len(estimates))
    assert np.abs((estimates.mean(axis=0) - expected) / spread).max() < 4.0


def test_standard_errors_say_how_far_estimates_lie(games):
    game = games.table(np.random.default_rng(3).normal(size=1 << 6))
    expected = games.banzhaf(game)
    inside = []
    for seed in range(100):
        estimate = sampled_banzhaf(game, evaluations=202, seed=seed, scaled=False)
        inside.append(np.abs(estimate.values - expected) < 2.0 * estimate.standard_errors)
    assert 0.91 < np.mean(inside) < 0.99


@pytest.mark.parametrize("kind", ["dominant", "curved", "rough"])
def test_standard_errors_of_scaled_values_know_the_noise_of_the_sum(games, kind):
    addends = np.array([5.0, 0.3, 0.2, 0.1, 0.1, 0.05])
    game = {
        "dominant": Game(6, lambda s: np.sqrt(0.1 + s @ addends)),
        "curved": games.curved(6),
        "rough": games.table(
            np.random.default_rng(3).normal(size=1 << 6) + 2.0 * members(0, 1 << 6, 6).sum(axis=1)
        ),
    }[kind]
    expected = exact_banzhaf(game).values
    found = [sampled_banzhaf(game, evaluations=602, seed=seed) for seed in range(150)]
    values, errors = (
        np.array([getattr(one, name) for one in found]) for name in ("values", "standard_errors")
    )
    assert np.sqrt((errors**2).mean(axis=0)) == pytest.approx(values.std(axis=0, ddof=1), rel=0.35)
    inside = (np.abs(values - expected) <= 1.96 * errors).mean(axis=0)
    assert inside.min() > 0.85


def test_a_lone_client_has_no_error(games):
    result = sampled_banzhaf(games.curved(1), evaluations=100)
    assert result.standard_errors.tolist() == [0.0]


def test_scaling_does_not_depend_on_the_unit_of_the_utility():
    def game(unit):
        return Game(3, lambda s: (s @ np.array([1.0, 2.0, 3.0])) ** 2 * unit)

    for method in (exact_banzhaf, sampled_banzhaf):
        tiny = method(game(2.0**-700))
        assert tiny.note == ""
        assert tiny.values == pytest.approx(method(game(1.0)).values * 2.0**-700, rel=1e-12, abs=0.0)


def test_sampled_and_scaled_sums_as_the_exact_one(games):
    game, rows = games.counting(games.curved(30))
    result = sampled_banzhaf(game, evaluations=501, seed=4)
    assert result.values.sum() == pytest.approx(result.grand_utility - result.empty_utility)
    assert sum(rows) == result.evaluations == 500
    assert result.seed == 4


def test_refuses_too_small_a_budget_and_a_negative_seed(games):
    with pytest.raises(ValueError, match="5 evaluations are too few for 4 clients: at least 6"):
        sampled_banzhaf(games.curved(4), evaluations=5)
    with pytest.raises(ValueError, match="seed"):
        sampled_banzhaf(games.curved(4), seed=-1)
