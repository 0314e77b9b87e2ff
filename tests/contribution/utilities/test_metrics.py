"""Accuracy and AUC of coalitions: against plain counting, as fractions, and where there is none."""

import numpy as np
import pytest

from wallstreetfeds.contribution import Game, exact_shapley
from wallstreetfeds.contribution.coalitions import members
from wallstreetfeds.contribution.utilities import metrics
from wallstreetfeds.contribution.utilities.linear import linear_log_loss, linear_utility
from wallstreetfeds.contribution.utilities.metrics import accuracy, auc
from wallstreetfeds.contribution.utilities.mlp import mlp_log_loss, mlp_utility

from .reference import logits, model_of, network


def by_pairs(scores, labels):
    """AUC by its definition."""
    pairs = [(a > b) + 0.5 * (a == b) for a in scores[labels == 1] for b in scores[labels == 0]]
    return sum(pairs) / len(pairs)


@pytest.mark.parametrize(("build", "sizes"), [(linear_utility, (4, 3)), (mlp_utility, (4, 5, 3))])
@pytest.mark.parametrize("absent", ["previous", "left out"])
def test_accuracy_is_the_share_of_rows_that_are_right(build, sizes, absent):
    federation = network(sizes, 5, 60)
    coalitions = members(0, 32, 5)
    expected = [
        np.mean(
            logits(model_of(federation, row, absent), federation.features).argmax(axis=1) == federation.labels
        )
        for row in coalitions
    ]
    assert build(*federation, metric="accuracy", absent=absent)(coalitions).tolist() == expected


@pytest.mark.parametrize(
    ("build", "sizes"), [(linear_utility, (4, 1)), (mlp_utility, (4, 5, 1)), (mlp_utility, (4, 5, 2))]
)
def test_auc_is_the_share_of_pairs_in_order(build, sizes):
    federation = network(sizes, 4, 40)
    coalitions = members(0, 16, 4)
    expected = []
    for row in coalitions:
        found = logits(model_of(federation, row, "previous"), federation.features)
        expected.append(by_pairs(found[:, -1] - (found[:, 0] if sizes[-1] == 2 else 0.0), federation.labels))
    assert build(*federation, metric="auc")(coalitions) == pytest.approx(expected, rel=1e-15)


def test_ties_count_half_in_auc_and_as_class_zero_in_accuracy():
    scores, labels = np.array([[0.0, 0.0, 1.0, 1.0]]), np.array([0, 1, 0, 1])
    assert auc(scores, labels).tolist() == [0.5]
    assert accuracy(scores, labels).tolist() == [0.5]
    assert accuracy(np.zeros((1, 3, 4)), np.array([0, 1, 0])).tolist() == [2 / 3]


def test_log_loss_is_the_default():
    linear, deep = network((4, 3), 3, 30), network((4, 5, 3), 3, 30)
    coalitions = members(0, 8, 3)
    assert (linear_utility(*linear)(coalitions) == linear_log_loss(*linear)(coalitions)).all()
    assert (mlp_utility(*deep)(coalitions) == mlp_log_loss(*deep)(coalitions)).all()


def test_a_free_rider_is_worth_exactly_nothing_by_any_metric():
    federation = network((4, 5, 1), 5, 40)
    federation.updates[3] = federation.previous
    for metric in ("accuracy", "auc"):
        assert exact_shapley(Game(5, mlp_utility(*federation, metric=metric))).values[3] == 0.0


def test_chunks_of_logits_change_nothing(monkeypatch):
    federation = network((4, 5, 1), 5, 40)
    coalitions = members(0, 32, 5)
    whole = mlp_utility(*federation, metric="auc")(coalitions)
    monkeypatch.setattr(metrics, "CHUNK_BYTES", 1000)
    assert (mlp_utility(*federation, metric="auc")(coalitions) == whole).all()


def test_refuses_auc_of_three_classes():
    with pytest.raises(ValueError, match="two classes, got 3"):
        mlp_utility(*network((4, 5, 3), 2, 20), metric="auc")


@pytest.mark.parametrize("label", [0, 1])
def test_refuses_auc_of_one_class(label):
    federation = network((4, 1), 2, 20)._replace(labels=np.full(20, label))
    with pytest.raises(ValueError, match="both classes"):
        linear_utility(*federation, metric="auc")


def test_refuses_an_unknown_metric():
    with pytest.raises(ValueError, match="a metric is one of"):
        linear_utility(*network((4, 1), 2, 20), metric="f1")
