"""Values over rounds: sums, clients that skip rounds, weights, and the run as one game."""

import numpy as np
import pytest

from wallstreetfeds.contribution import (
    Game,
    ModelUtility,
    accumulated,
    early_rounds_weigh_more,
    exact_shapley,
    over_rounds,
)

HERE = np.array([[True, True, False], [True, False, False]])
VALUES = np.array([[0.4, 0.2, np.nan], [0.6, np.nan, np.nan]])


def test_everybody_is_paid_for_every_round():
    assert over_rounds(np.array([[0.25, 0.5], [0.75, -0.25]])).tolist() == [1.0, 0.25]


def test_a_round_that_was_skipped_is_worth_nothing():
    assert over_rounds(VALUES, took_part=HERE) == pytest.approx([1.0, 0.2, 0.0])


def test_rounds_a_client_was_not_asked_for_may_count_at_its_own_mean():
    assert over_rounds(VALUES, took_part=HERE, skipped="own mean") == pytest.approx([1.0, 0.4, 0.0])


def test_equal_clients_get_equal_values_however_often_they_were_asked():
    rng = np.random.default_rng(0)
    here = rng.random((40, 6)) < 0.5
    assert here.any(axis=0).all()
    values = np.full((40, 6), 0.125)
    fair = over_rounds(values, took_part=here, skipped="own mean")
    assert fair == pytest.approx(np.full(6, 5.0))
    assert len(set(over_rounds(values, took_part=here).tolist())) > 1


def test_what_a_round_was_worth_weighs_in_the_own_mean_too():
    values = np.array([[4.0, 4.0], [1.0, np.nan]])
    here = np.array([[True, True], [True, False]])
    found = over_rounds(values, took_part=here, weights=np.array([1.0, 0.5]), skipped="own mean")
    assert found == pytest.approx([4.5, 6.0])


def test_early_rounds_weigh_more_linearly():
    assert early_rounds_weigh_more(4).tolist() == [1.0, 0.75, 0.5, 0.25]
    values = np.array([[1.0, 0.0], [0.0, 1.0]])
    assert over_rounds(values, weights=early_rounds_weigh_more(2)).tolist() == [1.0, 0.5]


def test_refuses_a_value_that_is_not_finite_where_a_client_took_part():
    with pytest.raises(ValueError, match="client 1 in round 2 is nan"):
        over_rounds(VALUES, took_part=np.array([[True, True, False], [True, True, False]]))


@pytest.mark.parametrize("weights", [[1.0], [1.0, -1.0], [1.0, np.nan]])
def test_refuses_weights_that_do_not_fit(weights):
    with pytest.raises(ValueError, match="2 finite numbers"):
        over_rounds(np.zeros((2, 3)), weights=np.array(weights))


def test_refuses_tables_that_do_not_fit():
    with pytest.raises(ValueError, match=r"shape \(rounds, n\)"):
        over_rounds(np.zeros(3))
    with pytest.raises(ValueError, match="took_part must be boolean"):
        over_rounds(np.zeros((2, 3)), took_part=np.ones((2, 2), dtype=np.bool_))
    with pytest.raises(ValueError, match="took_part must be boolean"):
        over_rounds(np.zeros((2, 3)), took_part=np.ones((2, 3)))


def test_refuses_an_unknown_rule_and_no_rounds():
    with pytest.raises(ValueError, match="'own mean'"):
        over_rounds(np.zeros((1, 1)), skipped="mean")
    with pytest.raises(ValueError, match="at least one round"):
        early_rounds_weigh_more(0)


def run(rng, rounds, clients, present):
    """A run of made-up updates: everything `accumulated` takes, and the last model."""
    initial = [rng.normal(size=(2, 3)), rng.normal(size=3)]
    model, before, updates, weights = initial, [], [], []
    for t in range(rounds):
        sent = [
            [a + rng.normal(size=a.shape) for a in model] if present[t][k] else None for k in range(clients)
        ]
        weight = rng.uniform(1.0, 5.0, clients)
        total = sum(weight[k] for k in range(clients) if present[t][k])
        before.append(model)
        updates.append(sent)
        weights.append(weight.tolist())
        model = [
            old + sum(weight[k] / total * (sent[k][j] - old) for k in range(clients) if present[t][k])
            for j, old in enumerate(model)
        ]
    return initial, before, updates, weights, model


def test_the_accumulated_models_average_to_the_last_model_of_the_run():
    present = [[True, True, False], [True, False, True], [False, True, True]]
    initial, before, updates, weights, last = run(np.random.default_rng(1), 3, 3, present)
    models = accumulated(initial, before, updates, weights)
    for j, array in enumerate(last):
        assert np.mean([model[j] for model in models], axis=0) == pytest.approx(array)


def test_over_one_round_both_reconstructions_agree():
    rng = np.random.default_rng(2)
    initial, before, updates, weights, _ = run(rng, 1, 4, [[True] * 4])

    def worth(arrays):
        return -float(sum((array**2).sum() for array in arrays))

    by_round = exact_shapley(Game(4, ModelUtility(initial, updates[0], np.array(weights[0]), worth)))
    models = accumulated(initial, before, updates, weights)
    over_run = exact_shapley(Game(4, ModelUtility(initial, models, np.ones(4), worth)))
    assert over_run.values == pytest.approx(by_round.values)


def test_a_client_that_never_took_part_is_a_null_player_of_the_run():
    present = [[True, True, False]] * 2
    initial, before, updates, weights, _ = run(np.random.default_rng(3), 2, 3, present)
    models = accumulated(initial, before, updates, weights)
    utility = ModelUtility(initial, models, np.ones(3), lambda arrays: float(np.sin(arrays[1]).sum()))
    assert exact_shapley(Game(3, utility)).values[2] == 0.0


def test_refuses_rounds_that_do_not_fit():
    initial, before, updates, weights, _ = run(np.random.default_rng(4), 2, 3, [[True] * 3] * 2)
    with pytest.raises(ValueError, match="for each round"):
        accumulated(initial, before[:1], updates, weights)
    with pytest.raises(ValueError, match="every round lists all 3 clients"):
        accumulated(initial, before, [updates[0], updates[1][:2]], weights)
    with pytest.raises(ValueError, match="more than 0"):
        accumulated(initial, before, updates, [weights[0], [0.0] * 3])


@pytest.mark.parametrize(
    ("before", "update", "weights", "says"),
    [
        (np.zeros(3), np.ones(1), [1, 1], r"update of client 1 in round 1 has arrays of shapes \[\(1,\)\]"),
        (np.zeros(1), np.ones(3), [1, 1], "global model of round 1 has arrays of shapes"),
        (np.zeros(3), np.full(3, np.nan), [1, 1], "update of client 1 in round 1 holds NaN"),
        (np.zeros(3), np.ones(3), [3, -1], "finite and at least 0"),
        (np.zeros(3), np.ones(3), [1, np.inf], "finite and at least 0"),
    ],
)
def test_accumulates_nothing_that_would_be_broadcast_or_is_not_a_number(before, update, weights, says):
    with pytest.raises(ValueError, match=says):
        accumulated([np.zeros(3)], [[before]], [[[np.zeros(3)], [update]]], [weights])


def test_refuses_weights_too_large_to_be_summed_and_rounds_that_are_no_integer():
    with pytest.raises(ValueError, match="too large to be summed"):
        over_rounds(np.ones((2, 2)), weights=np.full(2, 1e308), skipped="own mean")
    with pytest.raises(ValueError, match="number of rounds must be an integer"):
        early_rounds_weigh_more(2.5)
