"""Any aggregator as a utility: called on copies, v(empty) is the previous model, errors name coalitions."""

import numpy as np
import pytest

from wallstreetfeds.contribution import Game, ModelUtility, exact_shapley
from wallstreetfeds.contribution.coalitions import members
from wallstreetfeds.contribution.utilities.callables import AggregateUtility

CLIENTS = 5
EVERYBODY = members(0, 1 << CLIENTS, CLIENTS)
WEIGHTS = np.array([3.0, 1.0, 2.0, 5.0, 4.0])


def setting():
    rng = np.random.default_rng(0)
    previous = [rng.normal(size=(3, 2)), rng.normal(size=2)]
    return previous, [[array + rng.normal(size=array.shape) for array in previous] for _ in range(CLIENTS)]


def worth(model):
    return float(np.tanh(model[0]).sum() + model[1][0] * model[1][1])


def average(previous, updates, weights):
    return [np.average(arrays, axis=0, weights=weights) for arrays in zip(*updates, strict=True)]


def median(previous, updates, weights):
    return [np.median(np.stack(arrays), axis=0) for arrays in zip(*updates, strict=True)]


def test_the_utility_of_a_coalition_is_that_of_its_own_median():
    previous, updates = setting()
    values = AggregateUtility(previous, updates, WEIGHTS, median, worth)(EVERYBODY)
    assert values[0] == worth(previous)
    three = [np.median([updates[0][at], updates[2][at], updates[3][at]], axis=0) for at in range(2)]
    assert values[0b01101] == worth(three)


@pytest.mark.parametrize("absent", ["previous", "left out"])
def test_federated_averaging_gives_what_the_sum_of_updates_gives(absent):
    previous, updates = setting()
    slow = AggregateUtility(previous, updates, WEIGHTS, average, worth, absent=absent)
    assert slow(EVERYBODY) == pytest.approx(
        ModelUtility(previous, updates, WEIGHTS, worth, absent=absent)(EVERYBODY), rel=1e-12
    )


def test_a_median_of_mostly_previous_models_is_the_previous_model():
    previous, updates = setting()
    values = AggregateUtility(previous, updates, WEIGHTS, median, worth, absent="previous")(EVERYBODY)
    few = EVERYBODY.sum(axis=1) <= 2
    # Three of the five models are then the previous one, whatever the other two are.
    assert set(values[few]) == {values[0]}
    assert values[-1] != values[0]


def test_an_aggregator_may_spoil_what_it_is_given():
    previous, updates = setting()

    def spoils(old, given, weights):
        made = average(old, given, weights)
        for array in [*old, *(part for update in given for part in update), weights]:
            array[:] = np.nan
        return made

    clean = AggregateUtility(previous, updates, WEIGHTS, average, worth)(EVERYBODY)
    assert np.array_equal(AggregateUtility(previous, updates, WEIGHTS, spoils, worth)(EVERYBODY), clean)


def test_the_exact_values_of_a_median_sum_to_what_it_gained():
    previous, updates = setting()
    utility = AggregateUtility(previous, updates, WEIGHTS, median, worth)
    result = exact_shapley(Game(utility.clients, utility))
    assert result.values.sum() == pytest.approx(worth(median(None, updates, None)) - worth(previous))


def test_an_exception_names_the_coalition():
    previous, updates = setting()

    def fails(old, given, weights):
        if len(given) == 3:
            raise ZeroDivisionError("three are a crowd")
        return average(old, given, weights)

    utility = AggregateUtility(previous, updates, WEIGHTS, fails, worth)
    with pytest.raises(ZeroDivisionError, match="crowd") as caught:
        utility(EVERYBODY)
    assert caught.value.__notes__ == ["while coalition [0, 1, 2] was evaluated"]
    with pytest.raises(ValueError, match=r"coalition \[0, 1, 2\] failed: three are a crowd"):
        exact_shapley(Game(utility.clients, utility))


def test_refuses_an_aggregate_of_another_shape():
    previous, updates = setting()
    utility = AggregateUtility(previous, updates, WEIGHTS, lambda *_: [np.zeros(3)], worth)
    with pytest.raises(ValueError, match=r"aggregate of coalition \[1\] has arrays of shapes \[\(3,\)\]"):
        utility(EVERYBODY[[0, 2]])


def test_refuses_updates_and_weights_that_do_not_fit():
    previous, updates = setting()
    with pytest.raises(ValueError, match="expected 5 aggregation weights"):
        AggregateUtility(previous, updates, WEIGHTS[:4], median, worth)
    with pytest.raises(ValueError, match="client 1"):
        AggregateUtility(previous, [updates[0], updates[1][:1]], np.ones(2), median, worth)
    with pytest.raises(ValueError, match="absent clients"):
        AggregateUtility(previous, updates, WEIGHTS, median, worth, absent="gone")
