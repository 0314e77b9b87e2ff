"""The written-out exponential and logarithm: against arbitrary precision, at the edges, and in order."""

import mpmath
import numba
import numpy as np
import pytest

from wallstreetfeds.contribution.utilities.kernels import exp_minus, log_above_one

UNIT = 2.0**-53


@numba.njit
def over(values):
    result = np.empty_like(values)
    for position in range(len(values)):
        result[position] = exp_minus(values[position])
    return result


def relative_errors(measured, exact):
    return [abs(float((mpmath.mpf(float(a)) - b) / b)) for a, b in zip(measured, exact, strict=True)]


def test_the_exponential_is_good_to_two_units_in_the_last_place():
    rng = np.random.default_rng(0)
    points = np.concatenate([rng.uniform(0, 1, 2000), rng.uniform(0, 40, 2000), rng.uniform(40, 700, 500)])
    with mpmath.workdps(40):
        exact = [mpmath.exp(-mpmath.mpf(float(x))) for x in points]
    assert max(relative_errors(over(points), exact)) < 4 * UNIT


def test_the_exponential_at_its_edges():
    assert over(np.array([0.0, -0.0, 5e-324])).tolist() == [1.0, 1.0, 1.0]
    far = over(np.array([708.0, 746.0, 1e4, 1e300, np.inf]))
    assert ((far > 0) & (far < 4e-308)).all()


def test_the_exponential_never_grows():
    points = np.linspace(0, 50, 400_001)
    assert (np.diff(over(points)) < 1e-15 * over(points[:-1])).all()


def test_the_logarithm_is_good_to_four_units_in_the_last_place():
    rng = np.random.default_rng(1)
    points = np.concatenate([1 + 10.0 ** rng.uniform(-15, 0, 2000), 10.0 ** rng.uniform(0, 300, 2000)])
    with mpmath.workdps(40):
        exact = [mpmath.log(mpmath.mpf(float(x))) for x in points]
    assert max(relative_errors([log_above_one(x) for x in points], exact)) < 8 * UNIT


@pytest.mark.parametrize("x", [1.0, 2.0, 2.0**1023])
def test_the_logarithm_of_powers_of_two(x):
    assert log_above_one(x) == pytest.approx(np.log(x), rel=4e-16, abs=0)
