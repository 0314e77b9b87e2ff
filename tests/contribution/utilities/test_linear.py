"""The log-loss engine: against plain NumPy, coalition by coalition, and the exactness that pay rests on."""

import numpy as np
import pytest

from wallstreetfeds.contribution import Game, LogLoss, ModelUtility, exact_shapley, linear_log_loss, log_loss
from wallstreetfeds.contribution.coalitions import members
from wallstreetfeds.contribution.utilities.blocks import MOST_ROWS as BLOCK
from wallstreetfeds.contribution.utilities.models import normalised, shares

from .reference import log_loss as reference_loss
from .reference import logits, model_of, network, utilities

ALL_OF_THREE = members(0, 1 << 3, 3)


def naive(logits, labels):
    """Negative mean log-loss, written out."""
    if logits.ndim == 1:
        logits = np.stack([np.zeros_like(logits), logits], axis=1)
    logits = logits - logits.max(axis=1, keepdims=True)
    chosen = logits[np.arange(len(labels)), labels] - np.log(np.exp(logits).sum(axis=1))
    return chosen.mean()


def setting(n, rows, classes, seed=0):
    rng = np.random.default_rng(seed)
    shape = (rows,) if classes == 2 else (rows, classes)
    return rng.normal(size=shape), rng.normal(size=(n, *shape)), rng.integers(0, classes, rows)


@pytest.mark.parametrize("classes", [2, 3, 10])
@pytest.mark.parametrize(("n", "rows"), [(1, 1), (3, 7), (6, BLOCK), (7, BLOCK + 1), (9, 3 * BLOCK - 5)])
def test_equals_the_written_out_log_loss_of_every_coalition(n, rows, classes):
    base, deltas, labels = setting(n, rows, classes)
    coalitions = members(0, 1 << n, n)
    expected = [naive(base + deltas[members].sum(axis=0), labels) for members in coalitions]
    assert LogLoss(base, deltas, labels)(coalitions) == pytest.approx(expected, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("classes", [2, 4])
def test_works_beyond_one_group_of_clients(classes):
    base, deltas, labels = setting(50, 40, classes)
    coalitions = np.random.default_rng(1).random((64, 50)) < 0.5
    expected = [naive(base + deltas[members].sum(axis=0), labels) for members in coalitions]
    assert LogLoss(base, deltas, labels)(coalitions) == pytest.approx(expected, rel=1e-11)


@pytest.mark.parametrize("classes", [2, 5])
def test_a_coalition_is_worth_the_same_in_any_company(classes):
    base, deltas, labels = setting(8, 300, classes)
    utility = LogLoss(base, deltas, labels)
    coalitions = members(0, 256, 8)
    shuffled = np.random.default_rng(2).permutation(256)
    assert (utility(coalitions)[shuffled] == utility(coalitions[shuffled])).all()
    assert utility(coalitions[77:78])[0] == utility(coalitions)[77]


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("position", [0, 4, 8])
def test_a_free_rider_is_worth_exactly_nothing(classes, position):
    base, deltas, labels = setting(9, 300, classes)
    deltas[position] = 0.0
    assert exact_shapley(Game(9, LogLoss(base, deltas, labels))).values[position] == 0.0


def test_survives_enormous_logits():
    base = np.array([1e4, -1e4, 1e4])
    utility = LogLoss(base, np.zeros((1, 3)), np.array([1, 0, 0]))
    assert utility(np.zeros((1, 1), dtype=bool))[0] == pytest.approx(-1e4 / 3)


@pytest.mark.parametrize("classes", [2, 3])
def test_linear_models_agree_with_building_every_coalition_model(classes):
    rng = np.random.default_rng(4)
    n, rows, d = 5, 60, 4
    shape = (d,) if classes == 2 else (d, classes)
    bias = (1,) if classes == 2 else (classes,)
    features, labels = rng.normal(size=(rows, d)), rng.integers(0, classes, rows)
    previous = [rng.normal(size=shape), rng.normal(size=bias)]
    updates = [[rng.normal(size=shape), rng.normal(size=bias)] for _ in range(n)]
    weights = rng.uniform(1, 9, n)

    def evaluate(model):
        logits = features @ model[0] + (model[1][0] if classes == 2 else model[1])
        return naive(logits, labels)

    coalitions = members(0, 1 << n, n)
    fast = linear_log_loss(features, labels, previous, updates, weights)(coalitions)
    slow = ModelUtility(previous, updates, weights, evaluate)(coalitions)
    assert fast == pytest.approx(slow, rel=1e-12)
    average = [sum(w * u[k] for w, u in zip(weights, updates, strict=True)) / weights.sum() for k in (0, 1)]
    assert fast[-1] == pytest.approx(evaluate(average), rel=1e-12)
    assert fast[0] == pytest.approx(evaluate(previous), rel=1e-12)


def test_refuses_features_of_another_model():
    with pytest.raises(ValueError, match="do not fit"):
        linear_log_loss(
            np.zeros((5, 3)), np.zeros(5), [np.zeros(4), np.zeros(1)], [[np.zeros(4), np.zeros(1)]], [1]
        )


def test_the_generic_path_pays_a_free_rider_exactly_nothing():
    rng = np.random.default_rng(5)
    previous = [rng.normal(size=(3, 2)), rng.normal(size=2)]
    updates = [[array + rng.normal(size=array.shape) for array in previous] for _ in range(4)]
    updates[2] = previous
    utility = ModelUtility(previous, updates, np.ones(4), lambda model: float(np.tanh(model[0]).sum()))
    values = exact_shapley(Game(utility.clients, utility)).values
    assert values[2] == 0.0
    assert (values[[0, 1, 3]] != 0.0).all()


def test_log_loss_of_one_model():
    logits, labels = np.array([0.0, 2.0, -1.0]), np.array([1, 1, 0])
    assert log_loss(logits, labels) == pytest.approx(-naive(logits, labels), rel=1e-14)
    assert log_loss(np.zeros((5, 10)), np.arange(5)) == pytest.approx(np.log(10))


@pytest.mark.parametrize(
    ("base", "deltas", "labels", "message"),
    [
        (np.zeros(0), np.zeros((1, 0)), np.zeros(0), "base logits"),
        (np.zeros(3), np.zeros((2, 4)), np.zeros(3), "logit deltas"),
        (np.zeros(3), np.zeros((2, 3)), np.zeros(4), "labels must have shape"),
        (np.zeros(3), np.zeros((2, 3)), np.array([0, 1, 2]), "integers from 0 to 1"),
        (np.zeros(3), np.zeros((2, 3)), np.array([0, 1, 0.5]), "integers from 0 to 1"),
        (np.zeros((3, 4)), np.zeros((2, 3, 4)), np.array([0, 1, -1]), "integers from 0 to 3"),
        (np.array([0, np.nan, 0]), np.zeros((2, 3)), np.zeros(3), "finite"),
        (np.zeros(3), np.full((2, 3), np.inf), np.zeros(3), "finite"),
    ],
)
def test_refuses_what_does_not_fit(base, deltas, labels, message):
    with pytest.raises(ValueError, match=message):
        LogLoss(base, deltas, labels)


def test_refuses_coalitions_of_another_game():
    base, deltas, labels = setting(4, 5, 2)
    with pytest.raises(ValueError, match=r"shape \(m, 4\)"):
        LogLoss(base, deltas, labels)(np.zeros((2, 5), dtype=bool))


@pytest.mark.parametrize("weights", [[1.0, 0.0], [1.0, -1.0], [1.0, np.nan], [1.0], [np.inf, 1.0]])
def test_refuses_weights_that_are_not_positive_numbers(weights):
    with pytest.raises(ValueError, match="weights"):
        normalised(np.array(weights), 2)


def test_weights_may_be_zero_where_a_client_has_no_data():
    assert shares(np.array([3.0, 0.0, 1.0]), 3).tolist() == [0.75, 0.0, 0.25]


@pytest.mark.parametrize("absent", ["previous", "left out"])
@pytest.mark.parametrize("sizes", [(4, 1), (4, 3)])
def test_absent_clients_count_as_the_rule_says(sizes, absent):
    federation = network(sizes, 7, 300)
    coalitions = members(0, 128, 7)
    expected = utilities(federation, coalitions, absent)
    for threads in (1, 2):
        engine = linear_log_loss(*federation, absent=absent, threads=threads)
        assert engine(coalitions) == pytest.approx(expected, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("absent", ["previous", "left out"])
def test_the_generic_path_agrees_on_who_is_absent(absent):
    federation = network((4, 3), 5, 40)
    coalitions = members(0, 32, 5)

    def evaluate(model):
        return -reference_loss(logits(model, federation.features), federation.labels)

    engine = ModelUtility(
        federation.previous, federation.updates, federation.weights, evaluate, absent=absent
    )
    assert engine(coalitions) == pytest.approx(utilities(federation, coalitions, absent), rel=1e-12)


@pytest.mark.parametrize("absent", ["previous", "left out"])
@pytest.mark.parametrize("sizes", [(4, 1), (4, 3)])
def test_clients_with_the_same_update_get_the_same_to_the_bit(sizes, absent):
    federation = network(sizes, 9, 300)
    federation.updates[7] = federation.updates[1]
    federation.weights[7] = federation.weights[1]
    values = exact_shapley(Game(9, linear_log_loss(*federation, absent=absent))).values
    assert values[7] == values[1] != 0.0


def test_the_generic_path_pays_the_same_for_the_same_to_the_bit():
    federation = network((4, 3), 6, 40)
    federation.updates[4] = federation.updates[1]
    federation.weights[4] = federation.weights[1]
    utility = ModelUtility(
        federation.previous, federation.updates, federation.weights, lambda model: float(model[0].max())
    )
    values = exact_shapley(Game(6, utility)).values
    assert values[4] == values[1] != 0.0


@pytest.mark.parametrize("absent", ["previous", "left out"])
def test_a_client_with_no_data_is_worth_exactly_nothing(absent):
    federation = network((4, 1), 6, 60)
    federation.weights[2] = 0.0
    values = exact_shapley(Game(6, linear_log_loss(*federation, absent=absent))).values
    assert values[2] == 0.0
    assert np.count_nonzero(values) == 5


@pytest.mark.parametrize("classes", [2, 4])
def test_any_number_of_threads_gives_the_same_bits(classes):
    base, deltas, labels = setting(9, 300, classes)
    coalitions = members(0, 512, 9)
    one = LogLoss(base, deltas, labels)(coalitions)
    for threads in (2, 3, 1000):
        assert (LogLoss(base, deltas, labels, threads=threads)(coalitions) == one).all()


@pytest.mark.parametrize("absent", ["previous", "left out"])
@pytest.mark.parametrize("sizes", [(4, 1), (4, 3)])
def test_logits_of_coalitions(sizes, absent):
    federation = network(sizes, 6, 300)
    coalitions = members(0, 64, 6)
    expected = np.array(
        [logits(model_of(federation, row, absent), federation.features) for row in coalitions]
    )
    found = linear_log_loss(*federation, absent=absent).coalition_logits(coalitions)
    assert found.reshape(expected.shape) == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_coefficients_of_one_column_are_two_classes():
    federation = network((4, 1), 3, 20)
    flat = federation._replace(
        previous=[federation.previous[0][:, 0], federation.previous[1]],
        updates=[[update[0][:, 0], update[1]] for update in federation.updates],
    )
    coalitions = members(0, 8, 3)
    assert (linear_log_loss(*federation)(coalitions) == linear_log_loss(*flat)(coalitions)).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [({"threads": 0}, "at least one thread"), ({"absent": "ignored"}, "absent clients")],
)
def test_refuses_options_that_do_not_exist(options, message):
    with pytest.raises(ValueError, match=message):
        linear_log_loss(*network((3, 2), 2, 10), **options)


def test_refuses_a_model_that_is_not_linear():
    with pytest.raises(ValueError, match="a linear model is"):
        linear_log_loss(*network((3, 4, 2), 2, 10))


def test_weights_may_be_as_large_as_numbers_go():
    rng = np.random.default_rng(3)
    features, labels = rng.normal(size=(9, 4)), np.arange(9) % 2
    models = [[rng.normal(size=4), rng.normal(size=1)] for _ in range(4)]
    large, small = (
        linear_log_loss(features, labels, models[0], models[1:], np.full(3, weight))
        for weight in (1e308, 1.0)
    )
    assert large(ALL_OF_THREE).tolist() == small(ALL_OF_THREE).tolist()


def test_later_changes_to_the_arrays_change_nothing():
    rng = np.random.default_rng(4)
    base, deltas, labels = rng.normal(size=9), rng.normal(size=(3, 9)), np.arange(9) % 2
    previous, updates = [np.zeros(3)], [[np.full(3, client)] for client in (1.0, 2.0, 4.0)]
    utility = LogLoss(base, deltas, labels)
    general = ModelUtility(previous, updates, np.ones(3), lambda model: float(model[0].sum()))
    half = np.full((1, 3), 0.5)
    before = utility(ALL_OF_THREE), utility.logits(half), general(ALL_OF_THREE)
    for array in (base, deltas, labels, previous[0], *(update[0] for update in updates)):
        array[:] = 0
        array[:1] = 7 if array is not labels else 1
    after = utility(ALL_OF_THREE), utility.logits(half), general(ALL_OF_THREE)
    assert [one.tolist() for one in after] == [one.tolist() for one in before]
