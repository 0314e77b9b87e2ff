"""How data become a federation: nothing lost, nothing twice, as skewed as it says."""

import numpy as np
import pytest

from wallstreetfeds.experiments.federations import SETTINGS, Setting, federation
from wallstreetfeds.sim.learning.training import Recipe

ROWS = 400


def numbered():
    """400 rows that carry their number, three labels in turn."""
    rng = np.random.default_rng(0)
    features = np.column_stack([np.arange(ROWS, dtype=np.float64), rng.normal(size=(ROWS, 2))])
    return np.arange(ROWS) % 3, lambda _: features


TINY = Setting("tiny", numbered, 3, (4,), Recipe(0.1), rounds=1)
SKEWS = ("none", "quantity", "sizes", "labels", "label-noise", "feature-noise")


@pytest.mark.parametrize("skew", [skew for skew in SKEWS if skew != "feature-noise"])
def test_every_row_has_one_owner(skew):
    data = federation(TINY, skew, 4, 1)
    owned = np.concatenate([part.features[:, 0] for part in (*data.partitions, data.validation)])
    np.testing.assert_array_equal(np.sort(owned), np.arange(ROWS))


def test_equal_sizes_are_equal_to_the_row():
    assert np.ptp(federation(TINY, "none", 7, 1).sizes) == 0.0


@pytest.mark.parametrize("skew", SKEWS)
def test_the_same_arguments_give_the_same_federation(skew):
    one, two, other = (federation(TINY, skew, 4, seed) for seed in (1, 1, 2))
    for mine, same in zip(one.partitions, two.partitions, strict=True):
        np.testing.assert_array_equal(mine.features, same.features)
        np.testing.assert_array_equal(mine.labels, same.labels)
    assert not np.array_equal(one.validation.features, other.validation.features)


def test_quantity_skew_is_a_ladder():
    sizes = np.sort(federation(TINY, "quantity", 4, 0).sizes)
    np.testing.assert_allclose(sizes / sizes.sum(), [0.1, 0.2, 0.3, 0.4], atol=0.01)


def test_sizes_even_out_as_alpha_grows():
    spread = [
        np.mean([federation(TINY, "sizes", 4, seed, alpha=alpha).sizes.std() for seed in range(10)])
        for alpha in (0.5, 5.0, 500.0)
    ]
    assert spread[0] > 2.0 * spread[1] > 4.0 * spread[2]


def test_a_tiny_alpha_leaves_nobody_empty():
    assert federation(TINY, "sizes", 6, 0, alpha=0.02).sizes.min() >= 1


def test_label_noise_climbs_from_none_to_half():
    clean, noisy = (federation(TINY, skew, 6, 3) for skew in ("none", "label-noise"))
    wrong = sorted(
        np.mean(mine.labels != true.labels)
        for mine, true in zip(noisy.partitions, clean.partitions, strict=True)
    )
    np.testing.assert_allclose(wrong, [0.0, 0.1, 0.2, 0.3, 0.4, 0.5], atol=0.01)


def test_feature_noise_climbs_from_none_to_two_deviations():
    clean, noisy = (federation(TINY, skew, 5, 3) for skew in ("none", "feature-noise"))
    spread = federation(TINY, "none", 5, 3).validation.features.std(axis=0)
    moved = sorted(
        float(((mine.features - true.features) / spread).std())
        for mine, true in zip(noisy.partitions, clean.partitions, strict=True)
    )
    np.testing.assert_allclose(moved, [0.0, 0.5, 1.0, 1.5, 2.0], atol=0.25)


def test_the_federator_never_trains_on_noise():
    for skew in ("label-noise", "feature-noise"):
        held = federation(TINY, skew, 4, 1).validation
        np.testing.assert_array_equal(held.labels, held.features[:, 0].astype(int) % 3)


@pytest.mark.parametrize("name", ["credit", "lending-club", "digits", "digits-mlp"])
def test_real_data_arrive_whole(name):
    data = federation(SETTINGS[name], "none", 6, 1)
    widths = [array.shape for array in data.initial]
    features = data.validation.features
    assert widths[0][0] == features.shape[1]
    assert all(np.isfinite(part.features).all() for part in (*data.partitions, data.validation))
    assert data.sizes.sum() > 2 * len(features)
