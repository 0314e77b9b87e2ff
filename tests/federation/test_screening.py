"""A bad reply costs its sender the round and nobody else: model and pay are as if it had not answered."""

import numpy as np
import pytest
from flwr.app import Array, ArrayRecord, ConfigRecord, Message, MetricRecord, RecordDict
from flwr.serverapp.strategy import FedAvg

from wallstreetfeds.federation import LocalGrid, Rewarded, assessor, client_app
from wallstreetfeds.federation.screening import screen
from wallstreetfeds.federation.tasks import CREDIT

HOSTILE = 4
"""Position of the client that misbehaves."""


def changed_array(change):
    def attack(content):
        arrays = content["arrays"].to_numpy_ndarrays()
        content["arrays"] = ArrayRecord([change(arrays[0]), *arrays[1:]])

    return attack


def changed_metrics(**metrics):
    def attack(content):
        named = {name.replace("_", "-"): value for name, value in metrics.items()}
        content["metrics"] = MetricRecord({**content["metrics"], **named})

    return attack


def poked(value):
    def change(array):
        array = array.copy()
        array[0] = value
        return array

    return changed_array(change)


def extra_array(content):
    content["arrays"]["9"] = Array(np.zeros(3))


def missing_array(content):
    del content["arrays"]["1"]


def renamed_array(content):
    content["arrays"]["weights"] = content["arrays"].pop("0")


def unreadable_array(content):
    honest = content["arrays"]["0"]
    content["arrays"]["0"] = Array(honest.dtype, honest.shape, honest.stype, b"not numpy")


def lying_array(content):
    honest = content["arrays"]["0"]
    content["arrays"]["0"] = Array(honest.dtype, honest.shape, honest.stype, Array(np.zeros(2)).data)


def second_array_record(content):
    content["more"] = ArrayRecord([np.zeros(1)])


def no_array_record(content):
    del content["arrays"]


def no_metrics(content):
    del content["metrics"]


def second_metric_record(content):
    content["more"] = MetricRecord({"num-examples": 1})


def other_record_name(content):
    content["parameters"] = content.pop("arrays")


def no_count(content):
    content["metrics"] = MetricRecord({"accuracy": 1.0})


ATTACKS = {
    "NaN": (poked(np.nan), "NaN"),
    "infinity": (poked(-np.inf), "NaN, infinity"),
    "overflow": (poked(1e300), "beyond 1e\\+30"),
    "longer": (changed_array(lambda a: np.append(a, 0.0)), "shape"),
    "two dimensions": (changed_array(lambda a: a[None, :]), "shape"),
    "one number": (changed_array(lambda a: np.array(0.0)), "shape"),
    "single precision": (changed_array(lambda a: a.astype(np.float32)), "dtype float32"),
    "integers": (changed_array(lambda a: a.astype(np.int64)), "dtype int64"),
    "complex": (changed_array(lambda a: a.astype(np.complex128)), "dtype complex128"),
    "text": (changed_array(lambda a: a.astype(str)), "dtype"),
    "extra array": (extra_array, "unexpected array '9'"),
    "missing array": (missing_array, "'1' is missing"),
    "renamed array": (renamed_array, "'0' is missing"),
    "unreadable": (unreadable_array, "cannot be read"),
    "lying": (lying_array, "not what its description says"),
    "two array records": (second_array_record, "2 array records"),
    "no array record": (no_array_record, "0 array records"),
    "two metric records": (second_metric_record, "2 metric records"),
    "no metric record": (no_metrics, "0 metric records"),
    "other record name": (other_record_name, "parameters/metrics"),
    "extra metric": (changed_metrics(backdoor=1.0), "backdoor"),
    "missing count": (no_count, "'num-examples' is missing"),
    "negative count": (changed_metrics(num_examples=-5), "not a positive number"),
    "zero count": (changed_metrics(num_examples=0), "not a positive number"),
    "NaN count": (changed_metrics(num_examples=float("nan")), "not a positive number"),
    "infinite count": (changed_metrics(num_examples=float("inf")), "not a positive number"),
    "enormous count": (changed_metrics(num_examples=10**9), "above the limit"),
    "list of counts": (changed_metrics(num_examples=[1, 2]), "is a list"),
    "NaN metric": (changed_metrics(loss=float("nan")), "'loss' is not finite"),
    "infinite metric": (changed_metrics(loss=[1.0, float("inf")]), "'loss' is not finite"),
}


def one_round(split, settlement, app, tamper=lambda replies: replies):
    """Run one round of `app` on all nodes; return the report, and the bytes of the model."""
    reports = []
    strategy = Rewarded(
        FedAvg(fraction_evaluate=0.0),
        settlement=settlement,
        nodes=range(1, 11),
        assess=assessor(CREDIT, split),
        on_round=reports.append,
    )
    grid = LocalGrid(app, {k + 1: {"partition-id": k} for k in range(10)})
    initial = ArrayRecord(list(split.initial))
    messages = list(strategy.configure_train(1, initial, ConfigRecord(), grid))
    arrays, _ = strategy.aggregate_train(1, tamper(list(grid.send_and_receive(messages))))
    return reports[0], {name: array.data for name, array in arrays.items()}


def attacked(app, attack):
    def call(message, context):
        reply = app(message, context)
        if context.node_config["partition-id"] == HOSTILE:
            attack(reply.content)
        return reply

    return call


@pytest.fixture(scope="module")
def honest(lenders):
    return client_app(CREDIT, lenders, 0)


@pytest.fixture
def without(lenders, new_settlement, honest):
    """The round as it is when the client does not answer at all."""

    def silenced(replies):
        return [reply for reply in replies if reply.metadata.src_node_id != HOSTILE + 1]

    return one_round(lenders, new_settlement(), honest, silenced)


def assert_costs_only_the_sender(outcome, without, reason):
    report, model = outcome
    expected, expected_model = without
    assert [(one.client, one.node) for one in report.excluded] == [(HOSTILE, HOSTILE + 1)]
    assert reason in report.excluded[0].reason
    assert report.scores == expected.scores
    assert report.scores[HOSTILE] == 0
    assert report.contributions == expected.contributions
    assert model == expected_model
    # The evidence says who was left out, and why.
    same_evidence = report.evidence_root == expected.evidence_root
    assert same_evidence == (report.excluded == expected.excluded)


@pytest.mark.parametrize("name", ATTACKS)
def test_a_bad_reply_costs_its_sender_the_round(name, lenders, settlement, honest, without):
    attack, reason = ATTACKS[name]
    outcome = one_round(lenders, settlement, attacked(honest, attack))
    assert_costs_only_the_sender(outcome, without, reason.replace("\\", ""))


def test_a_client_that_raises_costs_itself_the_round(lenders, settlement, honest, without):
    def broken(content):
        raise MemoryError("no room")

    outcome = one_round(lenders, settlement, attacked(honest, broken))
    assert_costs_only_the_sender(outcome, without, "MemoryError: no room")


def test_silence_is_named(without):
    assert_costs_only_the_sender(without, without, "no reply")


def test_two_replies_from_one_node_cost_it_the_round(lenders, settlement, honest, without):
    def doubled(replies):
        own = next(reply for reply in replies if reply.metadata.src_node_id == HOSTILE + 1)
        return [*replies, own, own]

    outcome = one_round(lenders, settlement, honest, doubled)
    assert_costs_only_the_sender(outcome, without, "3 replies in one round")


def test_a_reply_of_an_unknown_node_is_reported_without_a_client(lenders, new_settlement, honest):
    def stranger(replies):
        sent = LocalGrid(honest, {99: {"partition-id": HOSTILE}})
        content = RecordDict(
            {
                "arrays": ArrayRecord(list(lenders.initial)),
                "config": ConfigRecord({"server-round": 1}),
            }
        )
        return [*replies, *sent.send_and_receive([Message(content, 99, "train")])]

    plain, model = one_round(lenders, new_settlement(), honest)
    report, attacked_model = one_round(lenders, new_settlement(), honest, stranger)
    assert [(one.client, one.node, one.reason) for one in report.excluded] == [(None, 99, "unknown node")]
    assert report.scores == plain.scores
    assert attacked_model == model


def test_a_client_that_was_not_asked_cannot_answer(lenders, honest):
    grid = LocalGrid(honest, {1: {"partition-id": 0}, 2: {"partition-id": 1}})
    model = ArrayRecord(list(lenders.initial))
    content = RecordDict({"arrays": model, "config": ConfigRecord({"server-round": 1})})
    replies = grid.send_and_receive([Message(content, node, "train") for node in (1, 2)])
    accepted, excluded = screen(replies, nodes=[1, 2], asked={1}, model=model)
    assert [reply.client for reply in accepted] == [0]
    assert [(one.client, one.reason) for one in excluded] == [(1, "was not asked this round")]


def test_several_bad_clients_are_reported_in_join_order(lenders, settlement, honest):
    def call(message, context):
        reply = honest(message, context)
        client = context.node_config["partition-id"]
        if client == 7:
            poked(np.nan)(reply.content)
        if client == 2:
            raise OSError("gone")
        return reply

    report, _ = one_round(lenders, settlement, call)
    assert [one.client for one in report.excluded] == [2, 7]
    assert report.accepted == (0, 1, 3, 4, 5, 6, 8, 9)


def test_metric_keys_agreed_on_beforehand_overrule_the_majority(lenders, honest):
    model = ArrayRecord(list(lenders.initial))
    content = RecordDict({"arrays": model, "config": ConfigRecord({"server-round": 1})})
    grid = LocalGrid(honest, {k + 1: {"partition-id": k} for k in range(3)})
    replies = list(grid.send_and_receive([Message(content, k + 1, "train") for k in range(3)]))
    for reply in replies[:2]:
        changed_metrics(backdoor=1.0)(reply.content)
    options = {"nodes": [1, 2, 3], "asked": {1, 2, 3}, "model": model}
    accepted, _ = screen(replies, **options)
    assert [reply.client for reply in accepted] == [0, 1]
    accepted, excluded = screen(replies, **options, metric_keys=[])
    assert [reply.client for reply in accepted] == [2]
    assert "agreed" not in excluded[0].reason
    accepted, excluded = screen(replies, **options, metric_keys=["loss"])
    assert accepted == []
    assert "the agreed keys" in excluded[0].reason


def test_a_tie_over_metric_keys_goes_to_the_fewest(lenders, honest):
    model = ArrayRecord(list(lenders.initial))
    content = RecordDict({"arrays": model, "config": ConfigRecord({"server-round": 1})})
    grid = LocalGrid(honest, {1: {"partition-id": 0}, 2: {"partition-id": 1}})
    replies = list(grid.send_and_receive([Message(content, node, "train") for node in (1, 2)]))
    changed_metrics(backdoor=1.0)(replies[0].content)
    accepted, _ = screen(replies, nodes=[1, 2], asked={1, 2}, model=model)
    assert [reply.client for reply in accepted] == [1]


def test_arrays_in_another_order_are_put_in_the_models(lenders, new_settlement, honest):
    def reordered(content):
        honest_arrays = content["arrays"]
        content["arrays"] = ArrayRecord({name: honest_arrays[name] for name in ("1", "0")})

    plain, model = one_round(lenders, new_settlement(), honest)
    report, same = one_round(lenders, new_settlement(), attacked(honest, reordered))
    assert report.scores == plain.scores
    assert same == model
