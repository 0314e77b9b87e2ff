"""What attackers send, and what the defaults pay the plainest of them."""

import numpy as np
import pytest

from wallstreetfeds.experiments.assessment import attacks
from wallstreetfeds.experiments.assessment.attackers import ATTACKS, Attack, Sight, disguised, honest
from wallstreetfeds.experiments.federations import SETTINGS, federation
from wallstreetfeds.federation.tasks.base import Partition
from wallstreetfeds.sim.learning.training import Recipe

PREVIOUS = [np.full((40, 30), 1.0), np.full(30, -1.0)]
BEFORE = [np.full((40, 30), 0.5), np.full(30, -1.0)]
OWN = [np.full((40, 30), 1.5), np.full(30, -1.0)]
OTHER = [np.full((40, 30), 0.8), np.full(30, -1.0)]


def sent(name, before=BEFORE):
    rng = np.random.default_rng(0)
    return ATTACKS[name].behaviour(Sight(PREVIOUS, before, OWN, OTHER, rng))


def test_a_free_rider_sends_the_model_back():
    for array, old in zip(sent("free-riding"), PREVIOUS, strict=True):
        np.testing.assert_array_equal(array, old)


@pytest.mark.parametrize(("name", "factor"), [("noise x1", 1.0), ("noise x3", 3.0)])
def test_noise_is_as_large_as_an_honest_step(name, factor):
    noise = sent(name)[0] - PREVIOUS[0]
    assert noise.std() == pytest.approx(factor * 0.2, rel=0.1)
    assert abs(noise.mean()) < 0.05 * factor


@pytest.mark.parametrize(("name", "factor"), [("replay", 1.0), ("replay x3", 3.0)])
def test_a_replay_is_the_last_global_step_again(name, factor):
    np.testing.assert_allclose(sent(name)[0] - PREVIOUS[0], factor * 0.5)
    np.testing.assert_array_equal(sent(name, before=None)[0], PREVIOUS[0])


def test_a_boosted_step_is_three_times_the_own():
    np.testing.assert_allclose(sent("boost x3")[0] - PREVIOUS[0], 1.5)


def test_a_copy_is_what_another_client_sent():
    np.testing.assert_array_equal(sent("copy")[0], OTHER[0])


def test_identities_share_the_rows_or_have_them_all():
    part = Partition(np.arange(30.0)[:, None], np.arange(30) % 2)
    rng = np.random.default_rng(0)
    split = disguised(part, ATTACKS["split in 3"], 2, rng)
    rows = np.concatenate([face.features[:, 0] for face in split])
    np.testing.assert_array_equal(np.sort(rows), np.arange(30.0))
    clones = disguised(part, ATTACKS["clones x3"], 2, rng)
    assert [len(face) for face in clones] == [30, 30, 30]


def test_a_noisy_attacker_has_half_its_labels_wrong():
    part = Partition(np.zeros((30, 1)), np.arange(30) % 3)
    (noisy,) = disguised(part, ATTACKS["label noise"], 3, np.random.default_rng(0))
    assert np.mean(np.sort(noisy.labels) != np.sort(part.labels)) <= 0.5
    assert len(noisy) == 30


def test_the_defaults_pay_a_free_rider_nothing_and_equal_pay_pays_it_in_full():
    played = attacks.measure(
        {"federation": "credit", "clients": 4, "rounds": 2, "seed": 1, "attacks": ["free-riding", "copy"]}
    )
    assert set(played) == {"honest", "free-riding", "copy"}
    assert played["free-riding"]["paid"]["shapley, capped"] == 0.0
    assert played["free-riding"]["paid"]["equal"] == pytest.approx(0.25)
    assert played["honest"]["paid"]["shapley, capped"] > 0.1
    assert played["free-riding"]["log_loss"] > played["honest"]["log_loss"]


def test_the_first_clients_alone_attack():
    rng = np.random.default_rng(0)
    parts = [Partition(rng.normal(size=(20, 3)), rng.integers(0, 3, 20)) for _ in range(4)]
    initial = (np.zeros((3, 3)), np.zeros(3))
    double = Attack("double", "", lambda sight: [old + 9.0 for old in sight.previous], identities=2)
    plain = Attack("plain", "", honest)
    weights = np.full(4, 0.25)
    attacked, _ = attacks.train_attacked(parts, initial, weights, double, Recipe(0.1), 1, seed=0)
    clean, _ = attacks.train_attacked(parts, initial, weights, plain, Recipe(0.1), 1, seed=0)
    for client in range(4):
        same = np.array_equal(attacked[0].updates[client][0], clean[0].updates[client][0])
        assert same == (client >= 2)


def test_the_final_model_is_the_average_of_the_last_updates():
    data = federation(SETTINGS["credit"], "none", 3, 1)
    weights = np.array([0.2, 0.3, 0.5])
    history, final = attacks.train_attacked(
        list(data.partitions), data.initial, weights, Attack("plain", "", honest), Recipe(0.1), 2, seed=0
    )
    for place, array in enumerate(final):
        mean = sum(a * update[place] for a, update in zip(weights, history[-1].updates, strict=True))
        np.testing.assert_allclose(array, mean, rtol=1e-12, atol=1e-14)
