"""`Rewarded` around FedAvg, over the in-process grid, on real credit data."""

import os
import subprocess
import sys

import numpy as np
import pytest
from flwr.app import ArrayRecord, ConfigRecord, MetricRecord
from flwr.serverapp.strategy import FedAvg

from wallstreetfeds.contribution import linear_log_loss, log_loss
from wallstreetfeds.federation import LocalGrid, Rewarded, assessor, client_app, round_seed, run_locally
from wallstreetfeds.federation.tasks import CREDIT
from wallstreetfeds.federation.tasks.linear import logits


def run(split, settlement, *, rounds=2, seed=0, **options):
    reports = []
    result = run_locally(
        CREDIT,
        split,
        rounds=rounds,
        seed=seed,
        settlement=settlement,
        on_round=reports.append,
        **options,
    )
    return reports, result


def metric(result, server_round):
    return result.evaluate_metrics_serverapp[server_round]["log-loss"]


def test_every_round_is_opened_scored_and_paid_once(lenders, settlement):
    reports, _ = run(lenders, settlement, rounds=3)
    assert [opened.round for opened in settlement.opened] == [1, 2, 3]
    assert list(settlement.paid) == [1, 2, 3]
    for report in reports:
        assert settlement.paid[report.round] == report.scores
        assert settlement.roots[report.round] == report.evidence_root
        assert sum(report.scores) == 10**9
        assert sum(report.score_shares) == pytest.approx(1.0)
        assert report.excluded == ()
        assert report.accepted == tuple(range(10))
        assert report.standard_errors is None
        assert report.evaluations == 1024


def test_the_model_is_the_one_fedavg_makes_without_us(lenders, settlement):
    _, ours = run(lenders, settlement, rounds=2)
    stock = FedAvg(fraction_evaluate=0.0).start(
        grid=LocalGrid(
            # equal counts, as `Rewarded` weighs clients equally
            equal_counts(client_app(CREDIT, lenders, 0)),
            {k + 1: {"partition-id": k} for k in range(10)},
        ),
        initial_arrays=ArrayRecord(list(lenders.initial)),
        num_rounds=2,
    )
    for mine, theirs in zip(ours.arrays.to_numpy_ndarrays(), stock.arrays.to_numpy_ndarrays(), strict=True):
        assert mine == pytest.approx(theirs, rel=1e-12)


def equal_counts(app):
    """Let every client claim one example."""

    def call(message, context):
        reply = app(message, context)
        reply.content["metrics"] = MetricRecord({"num-examples": 1})
        return reply

    return call


def test_contributions_sum_to_the_gain_of_the_round(lenders, settlement):
    reports, result = run(lenders, settlement, rounds=3)
    for report in reports:
        gain = report.utility_after - report.utility_before
        assert sum(report.contributions) == pytest.approx(gain, abs=1e-12)
        assert report.utility_before == pytest.approx(-metric(result, report.server_round - 1), abs=1e-12)
        assert report.utility_after == pytest.approx(-metric(result, report.server_round), abs=1e-9)


def test_the_free_rider_is_worth_exactly_nothing(lenders, settlement):
    reports, _ = run(lenders, settlement, rounds=3)
    rider = lenders.qualities.index("free-rider")
    assert all(report.contributions[rider] == 0.0 and report.scores[rider] == 0 for report in reports)


@pytest.mark.parametrize("seed", range(10))
def test_bad_lenders_have_the_lowest_shares_and_the_model_learns(seed, settlement):
    split = CREDIT.load(10, seed)
    reports, result = run(split, settlement, rounds=10, seed=seed)
    shares = np.mean([report.score_shares for report in reports], axis=0)
    good = np.array([quality == "good" for quality in split.qualities])
    assert shares[~good].max() < shares[good].min()
    assert metric(result, 0) == pytest.approx(0.595, abs=0.001)
    assert metric(result, 10) < 0.49


def test_the_same_seed_gives_the_same_scores_and_another_does_not(lenders, new_settlement):
    first, _ = run(lenders, new_settlement(), seed=1)
    again, _ = run(lenders, new_settlement(), seed=1)
    other, _ = run(lenders, new_settlement(), seed=2)
    assert [report.scores for report in first] == [report.scores for report in again]
    assert [report.evidence_root for report in first] == [report.evidence_root for report in again]
    assert [report.scores for report in first] != [report.scores for report in other]


def test_a_client_that_is_sampled_out_scores_nothing(lenders, settlement):
    half = FedAvg(fraction_train=0.5, fraction_evaluate=0.0)
    reports, _ = run(lenders, settlement, inner=half, score_cap=10)  # a cap that nobody can reach
    for report in reports:
        assert len(report.accepted) == 5
        assert report.excluded == ()
        assert all(report.scores[k] == 0 for k in range(10) if k not in report.accepted)
    assert reports[0].accepted != reports[1].accepted


def test_the_opening_block_decides_who_is_sampled(lenders, new_settlement):
    inner = {"inner": FedAvg(fraction_train=0.5, fraction_evaluate=0.0)}
    first, _ = run(lenders, new_settlement(), **inner)
    again, _ = run(lenders, new_settlement(), **inner)
    other, _ = run(lenders, new_settlement(salt=b"another chain"), **inner)
    assert [report.accepted for report in first] == [report.accepted for report in again]
    assert [report.accepted for report in first] != [report.accepted for report in other]


def test_clients_learn_the_round_and_the_opening_block(lenders, settlement):
    seen = []
    app = client_app(CREDIT, lenders, 0)

    def call(message, context):
        seen.append(dict(message.content["config"]))
        return app(message, context)

    strategy = Rewarded(
        FedAvg(fraction_evaluate=0.0),
        settlement=settlement,
        nodes=range(1, 11),
        assess=assessor(CREDIT, lenders),
    )
    grid = LocalGrid(call, {k + 1: {"partition-id": k} for k in range(10)})
    strategy.start(grid=grid, initial_arrays=ArrayRecord(list(lenders.initial)), num_rounds=1)
    assert len(seen) == 10
    assert all(config["round"] == 1 for config in seen)
    assert all(config["block-hash"] == settlement.opened[0].block_hash for config in seen)


def test_claimed_sample_counts_set_neither_pay_nor_model(lenders, new_settlement):
    def inflated(app, claim):
        def call(message, context):
            reply = app(message, context)
            if context.node_config["partition-id"] == 4:
                reply.content["metrics"] = MetricRecord({"num-examples": claim})
            return reply

        return call

    def outcome(claim):
        settlement = new_settlement()
        reports = []
        strategy = Rewarded(
            FedAvg(fraction_evaluate=0.0),
            settlement=settlement,
            nodes=range(1, 11),
            assess=assessor(CREDIT, lenders),
            on_round=reports.append,
        )
        app = inflated(client_app(CREDIT, lenders, 0), claim)
        grid = LocalGrid(app, {k + 1: {"partition-id": k} for k in range(10)})
        result = strategy.start(grid=grid, initial_arrays=ArrayRecord(list(lenders.initial)), num_rounds=2)
        return [report.scores for report in reports], result.arrays.to_numpy_ndarrays()

    scores, model = outcome(1)
    inflated_scores, inflated_model = outcome(1_000_000)
    assert scores == inflated_scores
    assert all((a == b).all() for a, b in zip(model, inflated_model, strict=True))


def test_weights_fixed_at_joining_set_the_aggregate(lenders, settlement, new_settlement):
    weights = [len(partition) for partition in lenders.partitions]
    reports, result = run(lenders, settlement, rounds=1, weights=weights)
    equal, _ = run(lenders, new_settlement(), rounds=1)
    assert reports[0].utility_after == pytest.approx(-metric(result, 1), abs=1e-9)
    assert reports[0].scores != equal[0].scores


def test_scores_respect_the_cap(lenders, settlement):
    reports, _ = run(lenders, settlement, rounds=1, score_cap=1.2)
    assert max(reports[0].scores) <= 120_000_001
    assert sum(reports[0].scores) == 10**9


def test_a_round_without_any_reply_is_still_paid(lenders, settlement):
    def silent(message, context):
        raise ConnectionError("gone")

    strategy = Rewarded(
        FedAvg(fraction_evaluate=0.0),
        settlement=settlement,
        nodes=range(1, 11),
        assess=assessor(CREDIT, lenders),
    )
    initial = ArrayRecord(list(lenders.initial))
    grid = LocalGrid(silent, {k + 1: {"partition-id": k} for k in range(10)})
    messages = strategy.configure_train(1, initial, ConfigRecord(), grid)
    assert strategy.aggregate_train(1, grid.send_and_receive(messages)) == (None, None)
    assert settlement.paid == {1: (0,) * 10}


def test_replies_arrive_in_any_order_and_are_summed_in_join_order(lenders, new_settlement):
    def outcome(reorder):
        settlement = new_settlement()
        strategy = Rewarded(
            FedAvg(fraction_evaluate=0.0),
            settlement=settlement,
            nodes=range(1, 11),
            assess=assessor(CREDIT, lenders),
        )
        grid = LocalGrid(client_app(CREDIT, lenders, 0), {k + 1: {"partition-id": k} for k in range(10)})
        initial = ArrayRecord(list(lenders.initial))
        replies = list(grid.send_and_receive(strategy.configure_train(1, initial, ConfigRecord(), grid)))
        arrays, _ = strategy.aggregate_train(1, reorder(replies))
        return settlement.paid, settlement.roots, [array.data for array in arrays.values()]

    assert outcome(list) == outcome(lambda replies: replies[::-1])


def test_refuses_replies_before_a_round_is_open(lenders, settlement):
    strategy = Rewarded(FedAvg(), settlement=settlement, nodes=[1, 2], assess=assessor(CREDIT, lenders))
    with pytest.raises(RuntimeError, match="opened by configure_train"):
        strategy.aggregate_train(1, [])


@pytest.mark.parametrize("nodes", [[], [1, 2, 1]])
def test_refuses_nodes_that_are_not_distinct(lenders, settlement, nodes):
    with pytest.raises(ValueError, match="distinct node ids"):
        Rewarded(FedAvg(), settlement=settlement, nodes=nodes, assess=assessor(CREDIT, lenders))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"supplies": [1e24, 1e24]}, "supplies are whole numbers"),
        ({"supplies": [1, 0]}, "expected 2 supplies above 0"),
        ({"supplies": [1]}, "expected 2 supplies above 0"),
        ({"score_cap": 0.5}, "score cap below one"),
        ({"score_cap": float("nan")}, "a score cap is a finite number"),
    ],
)
def test_refuses_at_once_what_no_round_could_be_checked_with(lenders, settlement, options, message):
    with pytest.raises(ValueError, match=message):
        Rewarded(FedAvg(), settlement=settlement, nodes=[1, 2], assess=assessor(CREDIT, lenders), **options)


def test_refuses_a_federation_of_one_or_of_no_rounds(settlement):
    with pytest.raises(ValueError, match="at least one round"):
        run_locally(CREDIT, CREDIT.load(3, 0), rounds=0, seed=0, settlement=settlement)
    with pytest.raises(ValueError, match="at least two clients"):
        run_locally(CREDIT, CREDIT.load(1, 0), rounds=1, seed=0, settlement=settlement)


def test_the_reported_utilities_are_log_losses(lenders):
    rng = np.random.default_rng(0)
    updates = [[array + rng.normal(size=array.shape) for array in lenders.initial] for _ in range(3)]
    data = lenders.validation
    utility = linear_log_loss(data.features, data.labels, lenders.initial, updates, np.ones(3))
    average = [sum(u[k] for u in updates) / 3 for k in (0, 1)]
    expected = -log_loss(logits(average, data.features), data.labels)
    assert utility(np.ones((1, 3), dtype=bool))[0] == pytest.approx(expected, rel=1e-12)


def test_round_seeds_depend_on_the_block_and_the_round():
    seeds = {round_seed(bytes([block]) * 32, number) for block in range(3) for number in range(1, 4)}
    assert len(seeds) == 9
    assert all(0 <= seed < 2**63 for seed in seeds)


def test_flowers_switches_are_set_before_flower_is_imported():
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("FLWR", "RAY"))}
    finished = subprocess.run(
        [sys.executable, "-c", WATCHED_IMPORT], capture_output=True, text=True, check=False, env=clean
    )
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.strip() == "0 1 1 0"


WATCHED_IMPORT = """
import os, sys

class Watch:
    seen = None

    def find_spec(self, name, path=None, target=None):
        if name == "flwr" and Watch.seen is None:
            Watch.seen = [
                os.environ.get(switch, "unset")
                for switch in (
                    "FLWR_TELEMETRY_ENABLED",
                    "FLWR_DISABLE_UPDATE_CHECK",
                    "FLWR_DISABLE_RUNTIME_DEPENDENCY_INSTALLATION",
                    "RAY_USAGE_STATS_ENABLED",
                )
            ]

sys.meta_path.insert(0, Watch())
import wallstreetfeds.federation.strategy
print(*Watch.seen)
"""
