"""Any Flower strategy: the same public behaviour, and the model the strategy makes without us."""

import numpy as np
import pytest
from flwr.app import ArrayRecord, MetricRecord
from flwr.serverapp import strategy as flower

from wallstreetfeds.federation import LocalGrid, Rewarded, assessor, client_app
from wallstreetfeds.federation.screening import nudged
from wallstreetfeds.federation.tasks import CREDIT

NODES = {k + 1: {"partition-id": k} for k in range(10)}

STRATEGIES = {
    "FedAvg": lambda: flower.FedAvg(fraction_evaluate=0.0),
    "FedAvgM": lambda: flower.FedAvgM(fraction_evaluate=0.0, server_momentum=0.5),
    "FedAdam": lambda: flower.FedAdam(fraction_evaluate=0.0, eta=0.05),
    "FedYogi": lambda: flower.FedYogi(fraction_evaluate=0.0, eta=0.05),
    "FedAdagrad": lambda: flower.FedAdagrad(fraction_evaluate=0.0, eta=0.05),
    "FedProx": lambda: flower.FedProx(fraction_evaluate=0.0, proximal_mu=0.1),
    "FedMedian": lambda: flower.FedMedian(fraction_evaluate=0.0),
    "FedTrimmedAvg": lambda: flower.FedTrimmedAvg(fraction_evaluate=0.0, beta=0.2),
    "Krum": lambda: flower.Krum(fraction_evaluate=0.0, num_malicious_nodes=2),
}


def private(inner):
    return flower.DifferentialPrivacyServerSideFixedClipping(
        inner, noise_multiplier=0.001, clipping_norm=5.0, num_sampled_clients=10
    )


def rewarded(inner, split, settlement, on_round=None):
    return Rewarded(
        inner,
        settlement=settlement,
        nodes=list(NODES),
        assess=assessor(CREDIT, split),
        on_round=on_round,
    )


def start(strategy, split, app, rounds=3):
    result = strategy.start(
        grid=LocalGrid(app, NODES), initial_arrays=ArrayRecord(list(split.initial)), num_rounds=rounds
    )
    return result.arrays.to_numpy_ndarrays()


def one_example_each(app):
    def call(message, context):
        reply = app(message, context)
        reply.content["metrics"] = MetricRecord({"num-examples": 1})
        return reply

    return call


def one_client_sends_nan(app):
    def call(message, context):
        reply = app(message, context)
        if context.node_config["partition-id"] == 3:
            arrays = reply.content["arrays"].to_numpy_ndarrays()
            reply.content["arrays"] = ArrayRecord([np.full_like(array, np.nan) for array in arrays])
        return reply

    return call


@pytest.mark.parametrize("name", STRATEGIES)
def test_the_model_is_the_one_the_strategy_makes_without_us(name, lenders, settlement):
    app = client_app(CREDIT, lenders, 0)
    ours = start(rewarded(STRATEGIES[name](), lenders, settlement), lenders, app)
    theirs = start(STRATEGIES[name](), lenders, one_example_each(app))
    for mine, stock in zip(ours, theirs, strict=True):
        assert mine == pytest.approx(stock, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", [*STRATEGIES, "private FedAvg", "private FedAdam"])
def test_every_round_is_settled_and_a_hostile_client_excluded(name, lenders, settlement):
    kind = name.removeprefix("private ")
    inner = STRATEGIES[kind]()
    reports = []
    app = one_client_sends_nan(client_app(CREDIT, lenders, 0))
    wrapped = private(inner) if name.startswith("private") else inner
    model = start(rewarded(wrapped, lenders, settlement, reports.append), lenders, app)
    assert list(settlement.paid) == [1, 2, 3]
    for report in reports:
        assert [one.client for one in report.excluded] == [3]
        assert report.scores[3] == 0
        assert sum(report.scores) == 10**9
    assert all(np.isfinite(array).all() for array in model)
    assert any((array != first).any() for array, first in zip(model, lenders.initial, strict=True))


def test_the_first_round_pays_the_same_under_every_strategy(lenders, new_settlement):
    app = client_app(CREDIT, lenders, 0)
    paid = set()
    for make in STRATEGIES.values():
        if make is STRATEGIES["FedProx"]:
            continue  # changes what clients are asked to do
        settlement = new_settlement()
        start(rewarded(make(), lenders, settlement), lenders, app, rounds=1)
        paid.add(settlement.paid[1])
    assert len(paid) == 1


@pytest.mark.parametrize("adaptive", [False, True])
def test_a_free_rider_does_not_end_a_private_run(adaptive, lenders, settlement):
    inner = STRATEGIES["FedAvg"]()
    if adaptive:
        wrapped = flower.DifferentialPrivacyServerSideAdaptiveClipping(
            inner, noise_multiplier=0.1, num_sampled_clients=10
        )
    else:
        wrapped = private(inner)
    assert "free-rider" in lenders.qualities
    reports = []
    model = start(
        rewarded(wrapped, lenders, settlement, reports.append), lenders, client_app(CREDIT, lenders, 0)
    )
    assert [report.excluded for report in reports] == [(), (), ()]
    assert [report.contributions[lenders.qualities.index("free-rider")] for report in reports] == [0.0] * 3
    assert all(np.isfinite(array).all() for array in model)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_nudge_moves_one_parameter_by_a_hair_and_only_if_nothing_else_moved(dtype):
    model = [np.array([0.5, 2.0], dtype=dtype), np.zeros(1, dtype=dtype)]
    record = ArrayRecord(model)
    moved = nudged(model, record)
    step = np.linalg.norm((moved[0] - model[0]).astype(np.float64))
    assert 0 < step < 1e-6
    assert (moved[1] == model[1]).all()
    honest = [model[0] + dtype(0.1), model[1]]
    assert all(a is b for a, b in zip(nudged(honest, record), honest, strict=True))
    assert nudged([np.zeros(1, dtype=dtype)], ArrayRecord([np.zeros(1, dtype=dtype)]))[0][0] > 0


def test_nested_the_other_way_round_the_clipped_updates_are_assessed(settlement):
    nobody_rides_free = CREDIT.load(6, 0)
    assert "free-rider" not in nobody_rides_free.qualities
    nodes = {k + 1: {"partition-id": k} for k in range(6)}
    reports = []
    inner = Rewarded(
        STRATEGIES["FedAvg"](),
        settlement=settlement,
        nodes=list(nodes),
        assess=assessor(CREDIT, nobody_rides_free),
        on_round=reports.append,
    )
    strategy = flower.DifferentialPrivacyServerSideFixedClipping(
        inner, noise_multiplier=0.001, clipping_norm=0.05, num_sampled_clients=6
    )
    model = strategy.start(
        grid=LocalGrid(client_app(CREDIT, nobody_rides_free, 0), nodes),
        initial_arrays=ArrayRecord(list(nobody_rides_free.initial)),
        num_rounds=3,
    ).arrays.to_numpy_ndarrays()
    assert list(settlement.paid) == [1, 2, 3]
    assert all(report.excluded == () for report in reports)
    assert all(np.isfinite(array).all() for array in model)
    # Clipped to 0.05 each, six updates cannot gain what free ones do (0.05 nats and more in round one).
    assert 0 < reports[0].utility_after - reports[0].utility_before < 0.05
