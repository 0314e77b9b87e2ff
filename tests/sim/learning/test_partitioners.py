"""How rows are shared out: nothing lost, nothing twice, as skewed as asked; and what is done to them."""

import numpy as np
import pytest

from wallstreetfeds.sim.learning.federations import split_federation
from wallstreetfeds.sim.learning.partitioners import (
    Even,
    FeatureSkew,
    LabelSkew,
    QuantitySkew,
    evenly_spaced,
    in_proportion,
)

ROWS = 600
SHARINGS = (Even(), QuantitySkew(0.5), LabelSkew(0.3), FeatureSkew(), FeatureSkew(mixed=0.5))


def table(seed=0):
    """600 rows whose first feature is their number and spreads most, three labels in turn."""
    rng = np.random.default_rng(seed)
    return np.column_stack([np.arange(ROWS, dtype=np.float64), rng.normal(size=(ROWS, 3))]), np.arange(
        ROWS
    ) % 3


def shared(sharing, clients=6, seed=1):
    features, labels = table()
    return sharing(features, labels, np.arange(ROWS), clients, np.random.default_rng(seed))


@pytest.mark.parametrize("sharing", SHARINGS, ids=str)
def test_every_row_has_one_owner_and_nobody_has_none(sharing):
    shares = shared(sharing)
    np.testing.assert_array_equal(np.sort(np.concatenate(shares)), np.arange(ROWS))
    assert min(map(len, shares)) >= 1


@pytest.mark.parametrize("sharing", SHARINGS, ids=str)
def test_a_seed_says_it_all(sharing):
    one, same, other = shared(sharing), shared(sharing), shared(sharing, seed=2)
    assert all(np.array_equal(mine, again) for mine, again in zip(one, same, strict=True))
    assert not all(np.array_equal(mine, again) for mine, again in zip(one, other, strict=True))


def test_sizes_even_out_as_alpha_grows():
    few, some, many = (
        np.mean(
            [np.std([len(part) for part in shared(QuantitySkew(alpha), seed=seed)]) for seed in range(10)]
        )
        for alpha in (0.3, 3.0, 300.0)
    )
    assert few > 2.0 * some > 4.0 * many


def test_labels_even_out_as_alpha_grows():
    _, labels = table()

    def spread(alpha):
        counts = [np.bincount(labels[part], minlength=3) / len(part) for part in shared(LabelSkew(alpha))]
        return float(np.std(counts, axis=0).mean())

    assert spread(0.2) > 3.0 * spread(200.0)


def test_feature_skew_cuts_along_the_direction_of_the_largest_spread():
    for part in shared(FeatureSkew()):
        assert np.ptp(part) == len(part) - 1


def test_the_more_rows_are_mixed_the_less_clients_differ():
    features, _ = table()

    def apart(mixed):
        return float(np.std([features[part, 0].mean() for part in shared(FeatureSkew(mixed))]))

    assert apart(0.0) > apart(0.5) > 3.0 * apart(1.0)


def test_proportions_are_kept_to_the_row():
    assert [len(part) for part in in_proportion(np.arange(100), np.array([1, 2, 3, 4]))] == [10, 20, 30, 40]
    assert [len(part) for part in in_proportion(np.arange(4), np.array([0.0, 0.0, 1e9, 1.0]))] == [1, 1, 1, 1]


def test_levels_are_spaced_evenly_from_none_to_most():
    levels = evenly_spaced(5, 0.8, np.random.default_rng(0))
    np.testing.assert_allclose(np.sort(levels), [0.0, 0.2, 0.4, 0.6, 0.8])
    assert evenly_spaced(1, 0.8, np.random.default_rng(0)).tolist() == [0.0]


def test_noise_is_what_was_asked_for_and_the_federator_has_none():
    features, labels = table()
    wrong, noise = np.array([0.0, 0.5, 0.0, 1.0]), np.array([0.0, 0.0, 2.0, 0.0])
    clean = split_federation(features, labels, 4, seed=3)
    noisy = split_federation(features, labels, 4, seed=3, wrong_labels=wrong, feature_noise=noise)
    for client, (true, mine) in enumerate(zip(clean.partitions, noisy.partitions, strict=True)):
        assert np.mean(true.labels != mine.labels) == pytest.approx(wrong[client], abs=0.01)
        moved = ((mine.features - true.features) / features.std(axis=0)).std()
        assert moved == pytest.approx(noise[client], abs=0.2)
    np.testing.assert_array_equal(noisy.validation.labels, noisy.validation.features[:, 0].astype(int) % 3)
    np.testing.assert_allclose(noisy.quality, [1.0, 0.5, 0.2, 0.0])
    np.testing.assert_array_equal(clean.quality, np.ones(4))


def test_free_riders_have_rows_like_others_and_no_quality():
    features, labels = table()
    clean, lazy = (split_federation(features, labels, 4, seed=3, free_riders=who) for who in ((), (2,)))
    np.testing.assert_array_equal(clean.partitions[2].features, lazy.partitions[2].features)
    assert [part.quality for part in lazy.partitions] == ["good", "good", "free-rider", "good"]
    assert lazy.quality.tolist() == [1.0, 1.0, 0.0, 1.0]


def test_two_classes_are_one_logit_and_more_a_softmax():
    features, labels = table()
    assert split_federation(features, labels, 2, 0, hidden=(5,)).initial[-1].shape == (3,)
    assert split_federation(features, labels % 2, 2, 0, hidden=(5,)).initial[-1].shape == (1,)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: QuantitySkew(0.0), "Dirichlet"),
        (lambda: LabelSkew(float("inf")), "Dirichlet"),
        (lambda: FeatureSkew(1.5), "from 0 to 1"),
        (lambda: in_proportion(np.arange(3), np.ones(4)), "3 rows cannot be split over 4"),
        (lambda: split_federation(*table(), 0, 0), "at least one client"),
        (lambda: split_federation(*table(), 2, 0, free_riders=[2]), "0 to 1, got"),
        (lambda: split_federation(*table(), 2, 0, validation=1.0), "between 0 and 1"),
        (lambda: split_federation(*table(), 2, 0, wrong_labels=np.array([0.1])), "2 levels"),
        (lambda: split_federation(*table(), 2, 0, wrong_labels=np.array([0.1, 1.1])), "at most 1"),
        (lambda: split_federation(*table(), 2, 0, feature_noise=np.array([0.1, -1.0])), "at least 0"),
    ],
)
def test_what_cannot_be_is_refused(make, words):
    with pytest.raises(ValueError, match=words):
        make()
