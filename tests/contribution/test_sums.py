"""Sums whose order does not matter: exact on a grid, correctly rounded, refused where they overflow."""

import math

import numpy as np
import pytest

from wallstreetfeds.contribution.coalitions import members
from wallstreetfeds.contribution.sums import CHUNK, exact_sum, on_grid


def spread(rng, size, decades):
    return rng.normal(size=size) * 10.0 ** rng.integers(-decades, decades + 1, size)


@pytest.mark.parametrize("size", [1, 5, CHUNK, CHUNK + 1, 3 * CHUNK - 7])
@pytest.mark.parametrize("decades", [0, 3, 120])
def test_the_exact_sum_is_the_correctly_rounded_one(size, decades):
    terms = spread(np.random.default_rng(size), size, decades)
    assert exact_sum(terms) == math.fsum(terms)


def test_what_cancels_is_not_lost():
    assert exact_sum(np.array([1e16, 1.0, -1e16])) == 1.0
    assert exact_sum(np.array([1e300, 5e-324, -1e300])) == 5e-324


def test_nothing_sums_to_nothing():
    assert exact_sum(np.empty(0)) == 0.0
    assert exact_sum(np.zeros(9)) == 0.0


def test_sums_on_a_grid_are_the_same_in_any_order_and_grouping():
    rng = np.random.default_rng(0)
    terms = on_grid(spread(rng, (11, 400), 6))
    expected = terms.sum(axis=0)
    for _ in range(20):
        order = rng.permutation(11)
        running = np.zeros(400)
        for row in order[:5]:
            running += terms[row]
        assert (running + sum(terms[row] for row in order[5:]) == expected).all()


def test_sums_off_the_grid_are_not():
    rng = np.random.default_rng(0)
    terms = spread(rng, (11, 400), 6)
    assert (sum(terms[row] for row in range(11)) != sum(terms[row] for row in reversed(range(11)))).any()


def test_the_grid_moves_no_term_by_more_than_an_ordinary_sum_would():
    terms = spread(np.random.default_rng(1), (50, 300), 2)
    bound = 2.0**-51 * 50 * np.abs(terms).max(axis=0)
    assert (np.abs(on_grid(terms) - terms) <= bound).all()


def test_the_grid_keeps_zeros_and_equal_terms():
    terms = np.array([[0.0, 1 / 3], [1e-3, 1 / 3], [7.1, -1 / 3]])
    moved = on_grid(terms)
    assert moved[0, 0] == 0.0
    assert moved[0, 1] == moved[1, 1] == -moved[2, 1]


@pytest.mark.parametrize("function", [exact_sum, on_grid])
def test_refuses_numbers_whose_sum_could_overflow(function):
    with pytest.raises(ValueError, match="too large to be summed"):
        function(np.array([1e308, -1e308]))


def test_coalitions_by_number():
    assert members(5, 9, 4).astype(int).tolist() == [[1, 0, 1, 0], [0, 1, 1, 0], [1, 1, 1, 0], [0, 0, 0, 1]]
    assert members(0, 1, 20).dtype == np.bool_
