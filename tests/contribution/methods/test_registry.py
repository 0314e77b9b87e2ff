"""All methods behind one call."""

import numpy as np
import pytest

from wallstreetfeds.contribution import METHODS, Contributions, Game


def test_the_names_are_the_keys():
    assert [method.name for method in METHODS.values()] == list(METHODS)


@pytest.mark.parametrize("name", METHODS)
def test_every_method_takes_the_same_call(name):
    method = METHODS[name]
    game = Game(5, lambda s: np.log1p(s @ np.arange(5.0)), num_examples=[1, 2, 3, 4, 5])
    result = method(game, evaluations=300, seed=1)
    assert isinstance(result, Contributions)
    assert result.values.shape == (5,)
    assert np.isfinite(result.values).all()
    assert (result.standard_errors is None) == (method.kind != "sampled")
    assert result.empty_utility == 0.0
    assert result.grand_utility == np.log1p(10.0)


@pytest.mark.parametrize("name", [m.name for m in METHODS.values() if m.kind != "sampled"])
def test_the_cost_of_methods_that_do_not_sample_is_known_beforehand(name):
    game = Game(5, lambda s: np.log1p(s @ np.arange(5.0)), num_examples=[1, 2, 3, 4, 5])
    assert METHODS[name](game).evaluations == METHODS[name].least_evaluations(game)


@pytest.mark.parametrize("name", METHODS)
def test_a_utility_that_raises_is_named(name):
    def utility(coalitions):
        if coalitions.all(axis=1).any():
            raise RuntimeError("out of memory")
        return np.zeros(len(coalitions))

    with pytest.raises(ValueError, match=r"coalition \[0, 1, 2\] failed: out of memory"):
        METHODS[name](Game(3, utility, num_examples=[1, 1, 1]), evaluations=100)


@pytest.mark.parametrize("name", [m.name for m in METHODS.values() if m.kind != "sampled"])
def test_identical_clients_get_equal_values_to_the_bit(name):
    addends = np.array([0.25, 1.5, 0.25, 0.75])  # clients 0 and 2 are the same; sums are exact
    game = Game(4, lambda s: np.sqrt(s @ addends), num_examples=[5, 7, 5, 1])
    values = METHODS[name](game).values
    assert values[0] == values[2]
