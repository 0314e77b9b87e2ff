"""The written-out exponential and logarithm: against arbitrary precision, at the edges, and in order."""

import mpmath
import numba
import numpy as np
import pytest
from numba import types
from numba.extending import intrinsic

from wallstreetfeds.contribution.utilities.kernels import (
    PASSED,
    affine,
    dense,
    log_above_one,
    logistic_loss,
    softmax_loss,
)
from wallstreetfeds.contribution.utilities.vectors import LANES, exp_minus, load, store

UNIT = 2.0**-53


@intrinsic
def exp_minus_tile(_context, values, _position):
    def generate(context, builder, signature, args):
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        store(builder, exp_minus(builder, load(builder, data, args[1])), data, args[1])
        return context.get_dummy_value()

    return types.void(values, types.intp), generate


@numba.njit
def each(values):
    for position in range(0, len(values), LANES):
        exp_minus_tile(values, position)


def over(values):
    padded = np.concatenate([values, np.zeros(-len(values) % LANES)])
    each(padded)
    return padded[: len(values)]


def relative_errors(measured, exact):
    return [abs(float((mpmath.mpf(float(a)) - b) / b)) for a, b in zip(measured, exact, strict=True)]


def test_the_exponential_is_good_to_two_units_of_one():
    rng = np.random.default_rng(0)
    points = np.concatenate([rng.uniform(0, 1, 2000), rng.uniform(0, 40, 2000), rng.uniform(40, 700, 500)])
    with mpmath.workdps(40):
        exact = [mpmath.exp(-mpmath.mpf(float(x))) for x in points]
    found = over(points)
    assert max(abs(float(mpmath.mpf(float(a)) - b)) for a, b in zip(found, exact, strict=True)) < 2 * UNIT
    relative = np.array(relative_errors(found, exact))
    assert (relative < 2 * UNIT * (1 + points)).all()


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


@pytest.mark.parametrize(("inputs", "units", "rows"), [(1, 1, 8), (3, 5, 8), (7, 13, 24), (70, 6, 40)])
def test_a_dense_layer_adds_its_inputs_from_the_first_to_the_last(inputs, units, rows):
    rng = np.random.default_rng(units)
    values, weights, bias = (
        rng.normal(size=(inputs, rows)),
        rng.normal(size=(inputs, units)),
        rng.normal(size=units),
    )
    out = np.empty((units, rows))
    dense(values, weights, bias, out)
    expected = np.repeat(bias[:, None], rows, axis=1)
    for row, factors in zip(values, weights, strict=True):
        expected = expected + factors[:, None] * row
    assert (out == expected).all()


@pytest.mark.parametrize("zeros", [0.0, 0.5, 1.0])
def test_an_affine_map_adds_its_features_from_the_first_to_the_last(zeros):
    rng = np.random.default_rng(3)
    features, coefficients, bias = rng.normal(size=(9, 11)), rng.normal(size=(11, 5)), rng.normal(size=5)
    features[rng.random(features.shape) < zeros] = 0.0
    out = np.empty((9, 5))
    affine(features, coefficients, bias, out)
    expected = np.zeros((9, 5))
    for column, row in zip(features.T, coefficients, strict=True):
        expected = expected + column[:, None] * row
    assert (out == expected + bias).all()


def filled_up(values, number):
    return np.pad(
        values, [(0, 0)] * (values.ndim - 1) + [(0, -values.shape[-1] % LANES)], constant_values=number
    )


@pytest.mark.parametrize("rows", [1, 2, 7, 8, 9, 255, 511])
def test_the_losses_of_rows_are_summed(rows):
    rng = np.random.default_rng(rows)
    margins, logits = rng.normal(size=rows) * 9, rng.normal(size=(3, rows)) * 9
    labels = rng.integers(0, 3, rows)
    space = np.full((2, rows + LANES), np.nan)
    found = logistic_loss(filled_up(margins, PASSED), space)
    assert found == pytest.approx(np.logaddexp(0, -margins).sum(), rel=1e-13)
    own = logits[labels, np.arange(rows)]
    expected = (np.log(np.exp(logits).sum(axis=0)) - own).sum()
    assert softmax_loss(filled_up(logits, np.nan), labels, space) == pytest.approx(expected, rel=1e-13)


def test_a_row_that_is_passed_over_loses_nothing():
    assert logistic_loss(np.full(LANES, PASSED), np.empty((2, LANES))) == 0.0


def test_a_loss_of_nan_is_nan():
    space = np.empty((2, LANES))
    assert np.isnan(logistic_loss(filled_up(np.array([1.0, np.nan]), PASSED), space))
    for bad in range(3):
        logits = np.zeros((3, LANES))
        logits[bad, 1] = np.nan
        assert np.isnan(softmax_loss(logits, np.array([0, 2]), space))
