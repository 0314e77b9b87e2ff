"""Fidelity on federations small enough to know what must come out."""

import numpy as np
import pytest

from wallstreetfeds.experiments.assessment.fidelity import CEILING, compared, measure

SMALL = {"federation": "credit", "clients": 3, "rounds": 2, "seed": 1}


def test_the_truth_compares_perfectly_with_itself():
    truth = np.array([0.3, -0.1, 0.2])
    same = compared(truth, truth)
    assert same["pearson"] == pytest.approx(1.0)
    assert same["spearman"] == pytest.approx(1.0)
    assert same["l_infinity"] == 0.0
    assert same["cosine_distance"] == pytest.approx(0.0, abs=1e-12)


def test_l_infinity_is_the_largest_error_of_a_pay_share():
    assert compared(np.array([1.0, 1.0]), np.array([3.0, 1.0]))["l_infinity"] == pytest.approx(0.25)


def test_equal_pay_has_no_correlation_and_says_so():
    assert compared(np.ones(3), np.array([1.0, 2.0, 3.0]))["pearson"] is None


def test_after_a_single_round_renormalised_shapley_is_retraining():
    # After one round from the same model, the model of a retrained coalition is the renormalised aggregate.
    found = measure({**SMALL, "skew": "label-noise", "rounds": 1})["measures"]["shapley, renormalised"]
    assert found["pearson"] == pytest.approx(1.0)
    assert found["l_infinity"] == pytest.approx(0.0, abs=1e-9)


def test_label_noise_is_seen_by_shapley_and_not_by_equal_pay():
    found = measure({**SMALL, "skew": "label-noise", "rounds": 3})
    assert found["measures"]["shapley"]["pearson"] > 0.95
    assert found["measures"]["equal"]["pearson"] is None
    assert found["measures"]["shapley"]["l_infinity"] < found["measures"]["equal"]["l_infinity"]
    assert found["log_loss_after"] < found["log_loss_before"]
    assert found["measures"][CEILING]["pearson"] > 0.9
