"""Every sampler of Shapley values: unbiased, honest about its error and its cost, the same by seed."""

from time import process_time

import numpy as np
import pytest

from wallstreetfeds.contribution import METHODS, Game, gtg_shapley, truncated_shapley

SHAPLEY = [m.name for m in METHODS.values() if m.kind == "sampled" and m.estimates == "shapley"]
UNBIASED = [name for name in SHAPLEY if name not in ("tmc", "gtg")]
WALKERS = ["antithetic", "stratified", "gtg", "tmc"]
EFFICIENT = ["antithetic", "stratified", "regression", "surrogate"]
N = 7


def run(name, game, evaluations, seed):
    """The method's estimate, without the truncation that biases two of them."""
    if name == "gtg":
        return gtg_shapley(game, evaluations=evaluations, seed=seed, between=0.0, within=0.0)
    if name == "tmc":
        return truncated_shapley(game, evaluations=evaluations, seed=seed, tolerance=0.0)
    return METHODS[name](game, evaluations=evaluations, seed=seed)


def rough_game(games):
    """Utilities without any structure: nothing that a sampler could exploit."""
    return games.table(np.random.default_rng(5).normal(size=1 << N))


@pytest.mark.parametrize("name", SHAPLEY)
@pytest.mark.parametrize("kind", ["rough", "curved"])
def test_the_mean_over_seeds_is_the_shapley_value(games, name, kind):
    game = rough_game(games) if kind == "rough" else games.curved(N)
    expected = games.shapley(game)
    evaluations = 140 if name == "gtg" else 128  # 140: whole turns of leaders, all coalitions known by then
    estimates = np.array([run(name, game, evaluations, seed).values for seed in range(120)])
    spread = estimates.std(axis=0, ddof=1) / np.sqrt(len(estimates))
    scores = (estimates.mean(axis=0) - expected) / spread
    assert np.abs(scores).max() < 4.0
    assert scores.std() < 2.0


@pytest.mark.parametrize("name", SHAPLEY)
def test_standard_errors_say_how_far_estimates_lie(games, name):
    game = rough_game(games)
    expected = games.shapley(game)
    inside = []
    for seed in range(40):
        estimate = run(name, game, 100 if name == "gtg" else 600, seed)
        inside.append(np.abs(estimate.values - expected) < 2.0 * estimate.standard_errors)
    assert 0.88 < np.mean(inside) <= 1.0


@pytest.mark.parametrize("name", SHAPLEY)
def test_a_larger_budget_means_smaller_errors(games, name):
    game = rough_game(games)
    expected = games.shapley(game)
    small = [np.abs(run(name, game, 90, seed).values - expected).mean() for seed in range(12)]
    large = [np.abs(run(name, game, 1_440, seed).values - expected).mean() for seed in range(12)]
    assert np.mean(large) < 0.5 * np.mean(small)


@pytest.mark.parametrize("name", SHAPLEY)
@pytest.mark.parametrize("n", [1, 2, 3, 6, 20])
def test_stays_within_the_budget_and_counts_what_it_evaluates(games, name, n):
    game, rows = games.counting(games.curved(n))
    least = METHODS[name].least_evaluations(game)
    for evaluations in (least, least + 37):
        rows.clear()
        result = METHODS[name](game, evaluations=evaluations, seed=1)
        assert sum(rows) == result.evaluations <= evaluations
        assert result.seed == 1
        assert not result.exact


@pytest.mark.parametrize("name", SHAPLEY)
def test_refuses_one_evaluation_less_than_the_least(games, name):
    game = games.curved(20)
    least = METHODS[name].least_evaluations(game)
    with pytest.raises(ValueError, match=f"{least - 1} evaluations are too few for 20 clients"):
        METHODS[name](game, evaluations=least - 1)


@pytest.mark.parametrize("name", SHAPLEY)
def test_refuses_a_negative_seed(games, name):
    with pytest.raises(ValueError, match="seed"):
        METHODS[name](games.curved(5), evaluations=1_000, seed=-1)


@pytest.mark.parametrize("name", SHAPLEY)
def test_the_seed_decides(games, name):
    game = games.curved(9)
    first, again, other = (METHODS[name](game, evaluations=400, seed=seed) for seed in (5, 5, 6))
    assert first.values.tobytes() == again.values.tobytes()
    assert (first.values != other.values).any()


@pytest.mark.parametrize("name", [name for name in SHAPLEY if name != "tmc"])
@pytest.mark.parametrize("n", [1, 2])
def test_one_and_two_clients_are_exact(games, name, n):
    game = games.curved(n)
    assert METHODS[name](game, evaluations=60).values == pytest.approx(games.shapley(game), abs=1e-12)


@pytest.mark.parametrize("name", WALKERS)
def test_a_null_player_is_worth_exactly_nothing_along_orders(games, name):
    result = METHODS[name](games.curved(8, null=3), evaluations=400, seed=2)
    assert result.values[3] == 0.0
    assert result.standard_errors[3] == 0.0


@pytest.mark.parametrize("name", EFFICIENT)
def test_values_sum_to_the_grand_coalition_less_the_empty_one(games, name):
    result = METHODS[name](games.curved(12), evaluations=300, seed=3)
    assert result.values.sum() == pytest.approx(result.grand_utility - result.empty_utility, abs=1e-12)


@pytest.mark.parametrize("name", ["antithetic", "stratified", "gtg"])
def test_an_additive_game_needs_no_luck(games, name):
    addends = np.array([0.5, -0.25, 3.0, 0.0, 1.0])
    game = Game(5, lambda coalitions: coalitions @ addends)
    assert run(name, game, 100, 0).values == pytest.approx(addends, abs=1e-12)


@pytest.mark.parametrize("name", SHAPLEY)
def test_updates_that_are_all_equal_to_nothing_pay_nothing(name):
    result = METHODS[name](Game(6, lambda coalitions: np.full(len(coalitions), 0.25)), evaluations=200)
    assert (result.values == 0.0).all()


@pytest.mark.parametrize("name", SHAPLEY)
def test_names_the_coalition_whose_utility_is_not_a_number(name):
    game = Game(4, lambda s: np.where(s.all(axis=1), np.nan, 1.0))
    with pytest.raises(ValueError, match=r"coalition \[0, 1, 2, 3\] is nan"):
        METHODS[name](game, evaluations=200)


def test_first_positions_count_in_every_walk(games):
    # An estimator that skips them misses v({i}) - v(empty), here all there is.
    game = Game(5, lambda s: s.any(axis=1).astype(float))
    for name in WALKERS:
        assert run(name, game, 200, 0).values == pytest.approx([0.2] * 5, abs=0.15)
        assert run(name, game, 200, 0).values.sum() == pytest.approx(1.0)


def test_negative_marginals_are_not_clipped():
    game = Game(3, lambda s: -s[:, 0].astype(float))
    for name in WALKERS:
        assert run(name, game, 60, 0).values == pytest.approx([-1.0, 0.0, 0.0], abs=1e-12)


def test_truncation_saves_evaluations_and_never_costs_more(games):
    game = games.curved(30)
    whole = truncated_shapley(game, evaluations=3_000, seed=0, tolerance=0.0)
    cut = truncated_shapley(game, evaluations=3_000, seed=0, tolerance=0.2)
    assert cut.standard_errors.mean() < whole.standard_errors.mean()  # more orders for the same money
    assert cut.values.sum() < whole.values.sum()  # and this is the bias


def test_refuses_a_negative_tolerance(games):
    with pytest.raises(ValueError, match="tolerance"):
        truncated_shapley(games.curved(4), tolerance=-0.1)


def test_gtg_pays_nobody_for_a_round_that_changed_nothing(games):
    game = games.curved(10)
    result = gtg_shapley(game, evaluations=200, between=1e9)
    assert (result.values == 0.0).all()
    assert result.evaluations == 2
    assert "nobody is paid" in result.note


def test_gtg_lets_every_client_lead_in_turn():
    leaders = []

    def utility(coalitions):
        for row in coalitions:
            if row.sum() == 1:
                leaders.append(int(np.flatnonzero(row)[0]))
        return coalitions.sum(axis=1).astype(float) ** 2

    gtg_shapley(Game(6, utility), evaluations=2 + 6 * 5, within=0.0)
    assert leaders == [0, 1, 2, 3, 4, 5]


def test_gtg_evaluates_no_coalition_twice():
    seen = []

    def utility(coalitions):
        seen.extend(row.tobytes() for row in coalitions)
        return coalitions.sum(axis=1).astype(float) ** 2

    result = gtg_shapley(Game(4, utility), evaluations=1_000, within=0.0)
    assert len(seen) == len(set(seen)) == result.evaluations == 16


def test_refuses_negative_thresholds(games):
    with pytest.raises(ValueError, match="thresholds"):
        gtg_shapley(games.curved(4), within=-1.0)


@pytest.mark.parametrize("name", ["gtg", "tmc"])
def test_without_thresholds_a_walk_goes_on_where_it_comes_across_the_grand_utility(name):
    tie = Game(3, lambda s: np.where(s[:, 0] & ~s[:, 1], 1.0, 0.0))  # v(empty) = v(N) = v of most others
    result = run(name, tie, 20_000 if name == "tmc" else 2_000, 3)
    assert result.values == pytest.approx([0.5, -0.5, 0.0], abs=4 * result.standard_errors.max())
    assert result.standard_errors[:2].min() > 0


def test_tmc_pays_nobody_where_walks_stop_before_they_begin():
    result = truncated_shapley(Game(6, lambda s: (s.sum(axis=1) % 2).astype(float)), evaluations=10**7)
    assert (result.values == 0.0).all()
    assert (result.standard_errors == 0.0).all()
    assert result.evaluations == 2
    assert "nobody is paid" in result.note


def test_gtg_walks_what_it_knows_quickly():
    start = process_time()
    gtg_shapley(Game(4, lambda s: s.sum(axis=1) ** 2.0), evaluations=60_000)
    assert process_time() - start < 1.5  # a third of that on an idle machine
