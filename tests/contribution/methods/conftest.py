"""Small games whose values are known by definition, in exact fractions."""

from fractions import Fraction
from itertools import permutations
from math import comb

import numpy as np
import pytest

from wallstreetfeds.contribution import Game
from wallstreetfeds.contribution.coalitions import coalition_table


def table_game(table):
    """A game whose utilities are listed by coalition number (bit k: client k)."""
    n = (len(table) - 1).bit_length()
    powers = 1 << np.arange(n)
    return Game(n, lambda coalitions: np.asarray(table, dtype=np.float64)[coalitions @ powers])


def curved_game(n, seed=0, null=None):
    """A game with interactions: the logarithm of a sum of positive addends."""
    addends = np.random.default_rng(seed).uniform(0.1, 2.0, n)
    if null is not None:
        addends[null] = 0.0
    return Game(n, lambda coalitions: np.log1p(coalitions @ addends))


def by_definition(game, weight):
    """The sum of weight(s, n) * (v(S + i) - v(S)) over all S of s clients without i, in fractions."""
    n = game.clients
    table = [Fraction(float(value)) for value in coalition_table(game)]
    values = []
    for client in range(n):
        others = [number for number in range(1 << n) if not number >> client & 1]
        terms = (weight(s.bit_count(), n) * (table[s | 1 << client] - table[s]) for s in others)
        values.append(float(sum(terms, Fraction(0))))
    return np.array(values)


def shapley_by_definition(game):
    return by_definition(game, lambda s, n: Fraction(1, n * comb(n - 1, s)))


def banzhaf_by_definition(game):
    return by_definition(game, lambda s, n: Fraction(1, 1 << (n - 1)))


def mean_over_orders(game):
    """Shapley values as the mean marginal over all joining orders: a second definition."""
    n = game.clients
    table = coalition_table(game)
    totals = np.zeros(n)
    for order in permutations(range(n)):
        members = 0
        for client in order:
            totals[client] += table[members | 1 << client] - table[members]
            members |= 1 << client
    return totals / len(list(permutations(range(n))))


def counting(game):
    """The same game, and the list of how many coalitions each call asked for."""
    rows = []

    def utility(coalitions):
        rows.append(len(coalitions))
        return game.utility(coalitions)

    return Game(game.clients, utility, game.num_examples), rows


@pytest.fixture(scope="session")
def games():
    """Builders of games and their values by definition."""

    class Games:
        table = staticmethod(table_game)
        curved = staticmethod(curved_game)
        shapley = staticmethod(shapley_by_definition)
        banzhaf = staticmethod(banzhaf_by_definition)
        mean_over_orders = staticmethod(mean_over_orders)
        counting = staticmethod(counting)

    return Games
