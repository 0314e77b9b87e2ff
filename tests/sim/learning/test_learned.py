"""From a federation to what a market trades on: assessed as the library does, paid as the contracts do."""

from dataclasses import fields, replace

import numpy as np
import pytest

from wallstreetfeds.contribution import Game, exact_shapley, mlp_log_loss
from wallstreetfeds.sim.learning import learned as learning
from wallstreetfeds.sim.learning.assessment import assess_rounds, default_method, reward_shares
from wallstreetfeds.sim.learning.cache import Cache
from wallstreetfeds.sim.learning.federations import Federation, split_federation
from wallstreetfeds.sim.learning.learned import Plan, learn
from wallstreetfeds.sim.learning.training import Recipe, train_federation

PLAN = Plan(Recipe(0.2, epochs=2, batch=8), rounds=3, seed=5)


@pytest.fixture(scope="module")
def federation(parts, validation, initial):
    return Federation(tuple(parts), validation, tuple(initial))


@pytest.fixture(scope="module")
def found(federation):
    return learn(federation, PLAN, cache=None)


def same(one, other):
    for field in fields(one):
        np.testing.assert_array_equal(getattr(one, field.name), getattr(other, field.name))


def test_rounds_are_valued_by_exact_shapley_values_of_the_log_loss(federation, found):
    trained = train_federation(
        federation.partitions, federation.initial, federation.sizes, PLAN.recipe, PLAN.rounds, PLAN.seed
    )
    held = federation.validation
    for values, seen in zip(found.values, trained.rounds, strict=True):
        utility = mlp_log_loss(held.features, held.labels, seen.previous, seen.updates, federation.sizes)
        np.testing.assert_array_equal(values, exact_shapley(Game(4, utility)).values)
    assert found.method == "exact"
    assert found.standard_errors is None


def test_contributions_add_up_to_what_the_model_gained(found):
    np.testing.assert_allclose(found.values.sum(axis=1), -np.diff(found.log_loss), rtol=1e-9)


def test_pots_are_paid_in_full_and_nobody_pays_in(found):
    np.testing.assert_allclose(found.reward_shares.sum(axis=1), 1.0, rtol=1e-12)
    assert (found.reward_shares >= 0.0).all()
    assert found.reward_shares.shape == (3, 4)


def test_shares_are_those_of_the_contract():
    values = np.array([[0.92, 0.04, 0.04, 0, 0, 0, 0, 0], [-1.0, 0, 0, 0, 0, 0, 0, 0]])
    shares = reward_shares(values)
    np.testing.assert_allclose(shares[0, :3], [0.5, 0.25, 0.25])  # cut to four times an eighth
    np.testing.assert_allclose(shares[1], 0.125)
    supplies = (1, 1, 1, 1, 1, 1, 1, 3)
    np.testing.assert_allclose(reward_shares(values[1:], supplies=supplies)[0, -1], 0.3)


def test_learning_is_seen_in_every_round(found):
    assert found.log_loss.shape == found.accuracy.shape == (4,)
    assert found.log_loss[-1] < found.log_loss[0]
    assert found.accuracy[-1] > found.accuracy[0]


def test_wrong_labels_earn_least_and_are_worth_least_by_retraining():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, size=400)
    features = 2.0 * np.eye(3)[labels] + rng.normal(size=(400, 3))
    bad = np.array([0.0, 0.7, 0.0, 0.0])
    data = split_federation(features, labels, 4, seed=1, wrong_labels=bad)
    found = learn(data, replace(PLAN, truth=16), cache=None)
    assert found.retrained.argmin() == found.reward_shares.sum(axis=0).argmin() == 1
    assert found.quality.tolist() == pytest.approx([1.0, 0.3, 1.0, 1.0])


def test_a_free_rider_is_paid_nothing(federation):
    lazy = replace(federation.partitions[1], quality="free-rider")
    found = learn(
        replace(federation, partitions=(federation.partitions[0], lazy, *federation.partitions[2:])),
        PLAN,
        cache=None,
    )
    assert (found.values[:, 1] == 0.0).all()
    assert (found.reward_shares.argmin(axis=1) == 1).all()


def test_truth_is_sampled_where_all_coalitions_are_too_many(federation):
    eight = replace(federation, partitions=federation.partitions * 2)
    exact, sampled = (
        learn(eight, replace(PLAN, method="equal", rounds=1, truth=truth), cache=None).retrained
        for truth in (256, 128)
    )
    assert np.abs(exact - sampled).max() > 0.0
    assert exact.sum() == pytest.approx(sampled.sum(), rel=0.1)  # in expectation, by this sampler
    assert np.corrcoef(exact, sampled)[0, 1] > 0.95


@pytest.mark.parametrize("method", ["surrogate", "data-size"])
def test_threads_change_no_bit(federation, method):
    plan = replace(PLAN, method=method, truth=8)
    same(learn(federation, plan, cache=None, threads=3), learn(federation, plan, cache=None))


def test_samplers_have_standard_errors_and_know_the_rows(federation):
    assert learn(federation, replace(PLAN, method="antithetic"), cache=None).standard_errors.shape == (3, 4)
    by_rows = learn(federation, replace(PLAN, method="data-size"), cache=None)
    np.testing.assert_allclose(by_rows.values[0] / by_rows.values[0].sum(), federation.sizes / 75.0)


def test_weights_can_be_equal(federation, found):
    assert (
        np.abs(
            learn(federation, replace(PLAN, equal_weights=True), cache=None).log_loss - found.log_loss
        ).max()
        > 1e-6
    )


def test_many_clients_are_assessed_by_the_surrogate():
    assert (default_method(16), default_method(17)) == ("exact", "surrogate")


def test_what_is_kept_is_what_was_found(federation, found, tmp_path, monkeypatch):
    cache = Cache(tmp_path)
    same(learn(federation, PLAN, cache=cache), found)
    monkeypatch.setattr(learning, "_computed", None)
    same(learn(federation, PLAN, cache=cache, threads=2), found)


@pytest.mark.parametrize(
    "change",
    [{"seed": 6}, {"rounds": 2}, {"recipe": Recipe(0.1)}, {"method": "surrogate"}, {"score_cap": 2.0}],
    ids=str,
)
def test_another_plan_is_another_answer(federation, tmp_path, monkeypatch, change):
    cache = Cache(tmp_path)
    monkeypatch.setattr(learning, "_computed", lambda *_: pytest.fail("computed"))
    monkeypatch.setattr(cache, "get", asked := [].append)
    for plan in (PLAN, replace(PLAN, **change)):
        with pytest.raises(pytest.fail.Exception):
            learn(federation, plan, cache=cache)
    assert len(set(asked.__self__)) == 2


def test_another_row_is_another_answer(federation, tmp_path):
    cache = Cache(tmp_path)
    learn(federation, PLAN, cache=cache)
    held = federation.validation
    learn(replace(federation, validation=replace(held, labels=held.labels[::-1])), PLAN, cache=cache)
    assert len(list(tmp_path.iterdir())) == 2


def test_an_unknown_method_is_refused_and_the_known_ones_are_named(federation):
    trained = train_federation(federation.partitions, federation.initial, federation.sizes, PLAN.recipe, 1, 0)
    with pytest.raises(ValueError, match="no method 'guess'; there are exact, banzhaf"):
        assess_rounds(trained, federation.sizes, federation.validation, method="guess", evaluations=0, seed=0)
