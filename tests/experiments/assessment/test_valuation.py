"""One table of utilities a round: against the library's engines, and what the methods read from it."""

import numpy as np
import pytest

from wallstreetfeds.contribution import (
    METHODS,
    Game,
    LogitUtility,
    ModelUtility,
    exact_shapley,
    linear_log_loss,
)
from wallstreetfeds.contribution.coalitions import members
from wallstreetfeds.experiments.assessment.methods import (
    CAPPED,
    DEFAULT,
    EARLY,
    SETTLED,
    VALUATIONS,
    one_round,
    over_the_run,
    pay,
)
from wallstreetfeds.experiments.assessment.valuation import (
    COSINE,
    LogitLookup,
    Lookup,
    RoundModels,
    Valuation,
    sampling_seed,
    tabulate,
    value_rounds,
)
from wallstreetfeds.federation.tasks.base import Partition
from wallstreetfeds.sim.learning.networks import accuracies, log_losses, logits, stacked
from wallstreetfeds.sim.learning.training import Round

WEIGHTS = np.array([1.0, 3.0, 2.0, 4.0])
SHAPES = {
    "binary": ((5, 1), (1,)),
    "softmax": ((5, 3), (3,)),
    "mlp": ((5, 4), (4,), (4, 3), (3,)),
}


def round_of(kind, seed=0):
    rng = np.random.default_rng(seed)
    previous = [rng.normal(size=shape) for shape in SHAPES[kind]]
    updates = [[array + 0.3 * rng.normal(size=array.shape) for array in previous] for _ in range(4)]
    return Round(previous, updates)


def validation_of(kind, rows=31):
    rng = np.random.default_rng(5)
    classes = max(SHAPES[kind][-1][0], 2)
    return Partition(rng.normal(size=(rows, 5)), rng.integers(0, classes, size=rows))


def test_the_table_is_that_of_the_linear_engine():
    seen, held = round_of("softmax"), validation_of("softmax")
    engine = linear_log_loss(held.features, held.labels, seen.previous, seen.updates, WEIGHTS)
    table = tabulate(RoundModels(seen, WEIGHTS, held)).log_loss
    np.testing.assert_allclose(table, engine(members(0, 16, 4)), rtol=1e-11)


@pytest.mark.parametrize("kind", SHAPES)
def test_the_table_is_that_of_models_built_one_by_one(kind):
    seen, held = round_of(kind), validation_of(kind)

    def accuracy(model):
        return float(accuracies(logits(stacked(model, 1), held.features), held.labels)[0])

    def utility(model):
        return -float(log_losses(logits(stacked(model, 1), held.features), held.labels)[0])

    tables = tabulate(RoundModels(seen, WEIGHTS, held))
    for found, worth in ((tables.log_loss, utility), (tables.accuracy, accuracy)):
        one_by_one = ModelUtility(seen.previous, seen.updates, WEIGHTS, worth)(members(0, 16, 4))
        np.testing.assert_allclose(found, one_by_one, rtol=1e-10)


@pytest.mark.parametrize("kind", SHAPES)
def test_left_out_clients_do_not_thin_the_others(kind):
    seen, held = round_of(kind), validation_of(kind)
    table = tabulate(RoundModels(seen, WEIGHTS, held), "left out").log_loss
    for client in range(4):
        alone = log_losses(logits(stacked(seen.updates[client], 1), held.features), held.labels)[0]
        assert table[1 << client] == pytest.approx(-alone, rel=1e-10)
    whole = tabulate(RoundModels(seen, WEIGHTS, held)).log_loss
    assert table[0] == pytest.approx(whole[0], rel=1e-12)
    assert table[-1] == pytest.approx(whole[-1], rel=1e-12)


def test_looking_up_a_table_plays_the_game_it_was_made_of():
    table = np.random.default_rng(0).normal(size=16)
    game = Game(4, Lookup(table))
    np.testing.assert_array_equal(game.evaluate(members(0, 16, 4)), table)


def test_a_free_rider_is_a_null_player_by_default_and_not_when_renormalised():
    seen, held = round_of("softmax"), validation_of("softmax")
    seen.updates[2] = [array.copy() for array in seen.previous]
    by_default, left_out = (
        exact_shapley(Game(4, Lookup(tabulate(RoundModels(seen, WEIGHTS, held), absent).log_loss))).values
        for absent in ("previous", "left out")
    )
    assert by_default[2] == pytest.approx(0.0, abs=1e-14)
    assert abs(left_out[2]) > 1e-3


def test_contributions_of_a_run_are_the_sums_of_its_rounds():
    held = validation_of("softmax")
    rounds = [round_of("softmax", seed) for seed in range(3)]
    whole = over_the_run(rounds, WEIGHTS, WEIGHTS, held, seed=0)
    parts = [over_the_run([one], WEIGHTS, WEIGHTS, held, seed=0)[DEFAULT].values for one in rounds]
    np.testing.assert_allclose(whole[DEFAULT].values, np.sum(parts, axis=0), rtol=1e-12)
    np.testing.assert_allclose(whole[EARLY].values, np.array([1.0, 2 / 3, 1 / 3]) @ parts, rtol=1e-12)


def test_one_round_as_one_game_is_that_round():
    seen, held = round_of("mlp"), validation_of("mlp")
    exact = exact_shapley(Game(4, Lookup(tabulate(RoundModels(seen, WEIGHTS, held)).log_loss)))
    np.testing.assert_allclose(one_round([seen], WEIGHTS, held), exact.values, rtol=1e-9)


@pytest.mark.parametrize("kind", SHAPES)
def test_fractions_of_zero_and_one_are_coalitions(kind):
    seen, held = round_of(kind), validation_of(kind)
    models = RoundModels(seen, WEIGHTS, held)
    coalitions = members(0, 16, 4)
    losses = log_losses(models.logits(coalitions.astype(float)), held.labels)
    np.testing.assert_allclose(-losses, tabulate(models).log_loss, rtol=1e-12)


def test_the_surrogate_is_offered_logits_and_uses_them():
    seen, held = round_of("softmax"), validation_of("softmax")
    models = RoundModels(seen, WEIGHTS, held)
    table = tabulate(models).log_loss
    assert isinstance(LogitLookup(table, models), LogitUtility)
    assert not isinstance(Lookup(table), LogitUtility)
    found = METHODS["surrogate"](Game(4, LogitLookup(table, models)), evaluations=25, seed=0)
    assert found.note == ""
    np.testing.assert_allclose(found.values, exact_shapley(Game(4, Lookup(table))).values, atol=1e-3)


def test_every_method_pays_out_every_pot():
    held = validation_of("softmax")
    rounds = [round_of("softmax", seed) for seed in range(2)]
    shares = pay(rounds, WEIGHTS, 100.0 * WEIGHTS, held, seed=0)
    assert {DEFAULT, CAPPED, EARLY, SETTLED} <= set(shares)
    for name, share in shares.items():
        assert share.sum() == pytest.approx(1.0), name
        assert share.min() >= 0.0, name


def test_the_data_size_method_pays_by_rows():
    held = validation_of("softmax")
    shares = pay([round_of("softmax")], np.ones(4), 100.0 * WEIGHTS, held, seed=0)
    gained = tabulate(RoundModels(round_of("softmax"), np.ones(4), held)).log_loss
    expected = WEIGHTS / WEIGHTS.sum() if gained[-1] > gained[0] else np.full(4, 0.25)
    np.testing.assert_allclose(shares["data-size"], expected)


def test_every_valuation_is_a_method_of_the_library_and_every_method_is_valued():
    assert {valuation.method for valuation in VALUATIONS.values()} == {*METHODS, COSINE}


def test_a_gain_of_one_round_does_not_hide_the_loss_of_another_when_settled_once():
    held = validation_of("softmax")
    seen = round_of("softmax")
    back = Round(
        [array.mean(axis=0) for array in map(np.array, zip(*seen.updates, strict=True))],
        [seen.previous for _ in range(4)],
    )
    shares = pay([seen, back], np.ones(4), np.ones(4), held, seed=0)
    first, second = (pay([one], np.ones(4), np.ones(4), held, seed=0)[DEFAULT] for one in (seen, back))
    np.testing.assert_allclose(shares[DEFAULT], (first + second) / 2, rtol=1e-9)
    assert np.abs(shares[SETTLED] - shares[DEFAULT]).max() > 0.01


def test_no_two_rounds_of_the_experiments_share_the_draws_of_samplers():
    seeds = {
        sampling_seed(sampling_seed(name, skew, seed), number)
        for name in ("credit", "digits")
        for skew in ("quantity", "labels")
        for seed in range(1, 11)
        for number in range(1, 11)
    }
    assert len(seeds) == 400


def test_samplers_draw_by_seed_and_round():
    held, sampled = validation_of("mlp"), {"antithetic": Valuation("antithetic")}
    rounds = [round_of("mlp")] * 2  # the same round twice: other draws find other values

    def values(seed):
        found = value_rounds(rounds, WEIGHTS, WEIGHTS, held, sampled, evaluations=20, seed=seed)
        return found["antithetic"].values

    first, second = values(1)
    assert (first != second).any()
    assert (values(2)[0] != second).any()
    np.testing.assert_array_equal(values(1)[1], second)
