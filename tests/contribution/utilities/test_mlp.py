"""The engine for ReLU networks: against NumPy, model by model, and the exactness that pay rests on."""

import numpy as np
import pytest

from wallstreetfeds.contribution import Game, exact_shapley
from wallstreetfeds.contribution.coalitions import members
from wallstreetfeds.contribution.utilities.mlp import mlp_log_loss

from .reference import logits, model_of, network, utilities

SHAPES = [
    ((3, 1, 1), 1, 1),
    ((5, 3, 1), 4, 30),
    ((7, 5, 2), 3, 9),
    ((6, 9, 3), 7, 100),
    ((64, 32, 10), 5, 150),
    ((9, 5, 7, 4), 6, 33),
    ((4, 11, 6, 5, 1), 5, 70),
    ((2, 70, 3), 4, 40),
]


@pytest.mark.parametrize("absent", ["previous", "left out"])
@pytest.mark.parametrize(("sizes", "clients", "rows"), SHAPES)
def test_equals_building_every_coalition_model(sizes, clients, rows, absent):
    federation = network(sizes, clients, rows)
    coalitions = members(0, 1 << clients, clients)
    found = mlp_log_loss(*federation, absent=absent)(coalitions)
    assert found == pytest.approx(utilities(federation, coalitions, absent), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("seed", range(25))
def test_equals_it_for_random_shapes_and_coalitions(seed):
    rng = np.random.default_rng(seed)
    layers, clients, rows = rng.integers(2, 5), int(rng.integers(1, 30)), int(rng.integers(1, 90))
    sizes = [int(size) for size in rng.integers(1, 17, layers)]
    federation = network([*sizes, int(rng.integers(1, 8))], clients, rows, seed)
    coalitions = rng.random((int(rng.integers(1, 40)), clients)) < rng.random()
    absent = ("previous", "left out")[seed % 2]
    found = mlp_log_loss(*federation, threads=1 + seed % 3, absent=absent)(coalitions)
    assert found == pytest.approx(utilities(federation, coalitions, absent), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("absent", ["previous", "left out"])
def test_any_number_of_threads_gives_the_same_bits(absent):
    federation = network((8, 12, 3), 9, 60)
    coalitions = members(0, 512, 9)
    one = mlp_log_loss(*federation, absent=absent)(coalitions)
    for threads in (2, 3, 1000):
        assert (mlp_log_loss(*federation, absent=absent, threads=threads)(coalitions) == one).all()


def test_a_coalition_is_worth_the_same_in_any_company():
    federation = network((8, 12, 3), 20, 60)
    utility = mlp_log_loss(*federation)
    coalitions = np.random.default_rng(1).random((500, 20)) < 0.5
    together = utility(coalitions)
    order = np.random.default_rng(2).permutation(500)
    assert (utility(coalitions[order]) == together[order]).all()
    assert [utility(row[None])[0] for row in coalitions[:50]] == together[:50].tolist()


@pytest.mark.parametrize("position", [0, 4, 7])
def test_a_free_rider_is_worth_exactly_nothing(position):
    federation = network((8, 12, 3), 8, 60)
    federation.updates[position] = federation.previous
    values = exact_shapley(Game(8, mlp_log_loss(*federation))).values
    assert values[position] == 0.0
    assert np.count_nonzero(values) == 7


@pytest.mark.parametrize("absent", ["previous", "left out"])
def test_a_client_with_no_data_is_worth_exactly_nothing(absent):
    federation = network((8, 12, 3), 6, 60)
    federation.weights[2] = 0.0
    values = exact_shapley(Game(6, mlp_log_loss(*federation, absent=absent))).values
    assert values[2] == 0.0
    assert np.count_nonzero(values) == 5


@pytest.mark.parametrize("absent", ["previous", "left out"])
def test_clients_with_the_same_update_get_the_same_to_the_bit(absent):
    federation = network((8, 12, 3), 9, 60)
    federation.updates[7] = federation.updates[1]
    federation.weights[7] = federation.weights[1]
    values = exact_shapley(Game(9, mlp_log_loss(*federation, absent=absent))).values
    assert values[7] == values[1] != 0.0


def test_the_order_of_the_clients_changes_no_bit():
    federation = network((8, 12, 3), 7, 60)
    turned = federation._replace(updates=federation.updates[::-1], weights=federation.weights[::-1])
    coalitions = members(0, 128, 7)
    assert (mlp_log_loss(*federation)(coalitions) == mlp_log_loss(*turned)(coalitions[:, ::-1])).all()


@pytest.mark.parametrize("absent", ["previous", "left out"])
def test_updates_that_change_nothing_are_all_worth_nothing(absent):
    federation = network((8, 12, 3), 5, 60)
    idle = federation._replace(updates=[federation.previous] * 5)
    assert (exact_shapley(Game(5, mlp_log_loss(*idle, absent=absent))).values == 0.0).all()


def test_equal_updates_share_equally():
    federation = network((8, 12, 3), 5, 60)
    same = federation._replace(updates=[federation.updates[0]] * 5, weights=np.ones(5))
    assert len(set(exact_shapley(Game(5, mlp_log_loss(*same))).values.tolist())) == 1


@pytest.mark.parametrize("sizes", [(5, 6, 1), (5, 6, 4, 3)])
@pytest.mark.parametrize("absent", ["previous", "left out"])
def test_logits_of_coalitions(sizes, absent):
    federation = network(sizes, 6, 50)
    coalitions = members(0, 64, 6)
    expected = np.array(
        [logits(model_of(federation, row, absent), federation.features) for row in coalitions]
    )
    engine = mlp_log_loss(*federation, absent=absent)
    found = engine.coalition_logits(coalitions)
    assert found.shape == ((64, 50) if sizes[-1] == 1 else (64, 50, 3))
    assert found.reshape(expected.shape) == pytest.approx(expected, rel=1e-12, abs=1e-12)
    assert engine.logits(coalitions.astype(float)) == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_logits_of_clients_that_take_part_by_halves():
    federation = network((5, 6, 3), 3, 20)
    share = federation.weights / federation.weights.sum()
    half = [
        old + sum(0.5 * share[k] * (federation.updates[k][i] - old) for k in range(3))
        for i, old in enumerate(federation.previous)
    ]
    found = mlp_log_loss(*federation).logits(np.full((1, 3), 0.5))[0]
    assert found == pytest.approx(logits(half, federation.features), rel=1e-12, abs=1e-12)


def test_survives_enormous_logits():
    federation = network((3, 4, 2), 2, 10, scale=1e5)
    assert np.isfinite(mlp_log_loss(*federation)(members(0, 4, 2))).all()


def test_numbers_that_overflow_are_named_and_not_paid():
    federation = network((3, 4, 2), 2, 10)
    federation.updates[1] = [array * 1e200 for array in federation.updates[1]]
    with pytest.raises(ValueError, match=r"coalition \[1\] is nan"):
        exact_shapley(Game(2, mlp_log_loss(*federation)))


def test_no_coalitions_have_no_values():
    assert mlp_log_loss(*network((3, 4, 2), 2, 10))(np.zeros((0, 2), dtype=bool)).shape == (0,)


def changed(federation, **changes):
    return federation._replace(**changes)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: changed(f, features=np.zeros((10, 4))), "do not fit a model of 3 inputs"),
        (lambda f: changed(f, features=np.full((10, 3), np.nan)), "features must be finite"),
        (lambda f: changed(f, features=np.zeros((0, 3)), labels=np.zeros(0)), "at least one row"),
        (lambda f: changed(f, labels=f.labels[1:]), "labels must have shape"),
        (lambda f: changed(f, labels=f.labels + 2), "integers from 0 to 1"),
        (lambda f: changed(f, previous=f.previous[:2]), "at least two layers"),
        (lambda f: changed(f, previous=f.previous[:3]), "at least two layers"),
        (lambda f: changed(f, previous=[f.previous[0].T, *f.previous[1:]]), "at least two layers"),
        (lambda f: changed(f, updates=[f.updates[0], f.updates[1][:3]]), "client 1 has arrays of shapes"),
        (
            lambda f: changed(f, updates=[f.updates[0], [x + np.inf for x in f.updates[1]]]),
            "client 1 holds NaN",
        ),
        (lambda f: changed(f, previous=[x * np.nan for x in f.previous]), "previous model holds NaN"),
        (lambda f: changed(f, updates=[], weights=np.zeros(0)), "at least one client"),
        (lambda f: changed(f, weights=np.ones(3)), "expected 2 aggregation weights"),
        (lambda f: changed(f, weights=np.array([1.0, -1.0])), "none negative"),
        (lambda f: changed(f, weights=np.zeros(2)), "not all zero"),
        (lambda f: changed(f, weights=np.array([1.0, np.nan])), "finite"),
    ],
)
def test_refuses_what_does_not_fit(change, message):
    with pytest.raises(ValueError, match=message):
        mlp_log_loss(*change(network((3, 4, 2), 2, 10)))


@pytest.mark.parametrize(
    ("options", "message"),
    [({"threads": 0}, "at least one thread"), ({"absent": "ignored"}, "absent clients")],
)
def test_refuses_options_that_do_not_exist(options, message):
    with pytest.raises(ValueError, match=message):
        mlp_log_loss(*network((3, 4, 2), 2, 10), **options)


def test_refuses_coalitions_of_another_game():
    utility = mlp_log_loss(*network((3, 4, 2), 2, 10))
    for call in (utility, utility.coalition_logits, utility.logits):
        with pytest.raises(ValueError, match=r"shape \(m, 2\)"):
            call(np.zeros((1, 3), dtype=bool))
