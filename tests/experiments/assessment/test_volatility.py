"""The authors' measure, their Lemma 1, and real Flower strategies on a small federation."""

import numpy as np
import pytest

from wallstreetfeds.experiments.assessment import volatility
from wallstreetfeds.federation.inner import INNER, inner_strategy


@pytest.mark.parametrize(("alpha", "printed"), [(1.0, 13.33), (10.0, 1.57), (100.0, 0.16)])
def test_lemma_1_gives_the_papers_column_for_equal_pay(alpha, printed):
    assert 100.0 * volatility.lemma(5, alpha) == pytest.approx(printed, abs=0.005)


@pytest.mark.parametrize("alpha", [0.5, 3.0])
def test_lemma_1_is_what_dirichlet_draws_show(alpha):
    mean, error = volatility.simulated(4, alpha, 50_000, seed=1)
    assert abs(mean - volatility.lemma(4, alpha)) < 4.0 * error
    assert error < 0.02 * mean


def test_the_distance_is_a_hundred_times_the_square():
    assert volatility.distance(np.array([0.6, 0.4]), np.array([0.5, 0.5])) == pytest.approx(2.0)


@pytest.fixture(scope="module")
def measured():
    return volatility.measure(
        {
            "federation": "digits",
            "alpha": 5.0,
            "clients": 5,
            "rounds": 2,
            "seed": 1,
            "strategies": list(INNER),
        }
    )


def test_there_are_at_least_eight_strategies_of_flower(measured):
    assert len(measured["strategies"]) >= 8
    assert {type(inner_strategy(name)).__name__ for name in INNER} == set(INNER)


def test_every_strategy_trains_and_pays_whole_pots(measured):
    for name, found in measured["strategies"].items():
        assert found["log_loss"] < np.log(10.0), name
        for shares in found["shares"].values():
            assert sum(shares) == pytest.approx(1.0), name


def test_strategies_lead_to_different_models(measured):
    losses = {round(found["log_loss"], 6) for found in measured["strategies"].values()}
    assert len(losses) == len(measured["strategies"])


def test_equal_pay_is_measured_on_the_same_split(measured):
    shares = np.array(measured["data_shares"])
    assert measured["equal"] == pytest.approx(100.0 * ((shares - 0.2) ** 2).sum())


def test_the_round_before_the_aggregate_is_valued_alike_for_all(measured):
    # FedMedian and FedAvg send the same first model to the same clients: only later rounds differ.
    one = volatility.measure(
        {
            "federation": "digits",
            "alpha": 5.0,
            "clients": 5,
            "rounds": 1,
            "seed": 1,
            "strategies": ["FedAvg", "FedMedian"],
        }
    )
    first, second = (found["shares"]["shapley"] for found in one["strategies"].values())
    assert first == second


def test_an_unknown_strategy_is_refused_by_name():
    with pytest.raises(ValueError, match="unknown strategy 'FedNothing'"):
        inner_strategy("FedNothing")
