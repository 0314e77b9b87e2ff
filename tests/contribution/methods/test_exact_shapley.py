"""Exact Shapley values: against the definition in exact fractions, and the axioms."""

from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest

from wallstreetfeds.contribution import Game, exact_shapley


def table_game(table):
    """A game whose utilities are listed by coalition number (bit k: client k)."""
    n = (len(table) - 1).bit_length()
    powers = 1 << np.arange(n)
    return Game(n, lambda coalitions: np.asarray(table, dtype=np.float64)[coalitions @ powers])


def by_definition(table):
    """Shapley values as the mean marginal over all joining orders, in exact fractions."""
    n = (len(table) - 1).bit_length()
    totals = [Fraction(0)] * n
    orders = list(permutations(range(n)))
    for order in orders:
        members = 0
        for client in order:
            joined = members | 1 << client
            totals[client] += Fraction(float(table[joined])) - Fraction(float(table[members]))
            members = joined
    return [total / len(orders) for total in totals]


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 6])
def test_equals_the_mean_over_all_joining_orders(n):
    table = np.random.default_rng(n).normal(size=1 << n)
    result = exact_shapley(table_game(table))
    expected = [float(value) for value in by_definition(table)]
    assert result.values == pytest.approx(expected, rel=1e-13, abs=1e-14)
    assert result.evaluations == 1 << n
    assert result.exact
    assert result.seed is None


@pytest.mark.parametrize("n", [3, 8, 15])
def test_values_sum_to_the_grand_coalition_less_the_empty_one(n):
    table = np.random.default_rng(n).normal(size=1 << n)
    result = exact_shapley(table_game(table))
    assert result.values.sum() == pytest.approx(table[-1] - table[0], abs=1e-12)
    assert result.empty_utility == table[0]
    assert result.grand_utility == table[-1]


def test_a_null_player_is_worth_exactly_nothing():
    rng = np.random.default_rng(0)
    without = rng.normal(size=1 << 6)
    table = np.concatenate([without, without])  # client 6 changes no utility
    assert exact_shapley(table_game(table)).values[6] == 0.0


def test_symmetric_clients_get_equal_values_to_the_bit():
    rng = np.random.default_rng(1)
    by_size = rng.normal(size=9)
    table = [by_size[bin(number).count("1")] for number in range(1 << 8)]
    assert len(set(exact_shapley(table_game(table)).values.tolist())) == 1


def test_additive_games_pay_each_client_its_own_addend():
    addends = np.array([0.5, -0.25, 3.0, 0.0])
    game = Game(4, lambda coalitions: coalitions @ addends)
    assert exact_shapley(game).values == pytest.approx(addends, abs=1e-15)


def test_the_glove_game():
    # Two left gloves, one right: the right one is worth 2/3 (a textbook example).
    game = Game(3, lambda s: np.minimum(s[:, 0].astype(float) + s[:, 1], s[:, 2]))
    assert exact_shapley(game).values == pytest.approx([1 / 6, 1 / 6, 2 / 3], abs=1e-15)


def test_refuses_too_many_clients():
    with pytest.raises(ValueError, match="sample above 20"):
        exact_shapley(Game(21, lambda s: s.sum(axis=1).astype(float)))


def test_refuses_a_game_without_clients():
    with pytest.raises(ValueError, match="at least one client"):
        Game(0, lambda s: np.zeros(len(s)))


def test_names_the_coalition_whose_utility_is_not_finite():
    game = Game(3, lambda s: np.where(s[:, 0] & s[:, 2], np.nan, 1.0))
    with pytest.raises(ValueError, match=r"coalition \[0, 2\] is nan"):
        exact_shapley(game)


def test_refuses_a_utility_of_the_wrong_shape():
    with pytest.raises(ValueError, match="returned shape"):
        exact_shapley(Game(3, lambda s: np.zeros((len(s), 1))))
