"""The in-process grid behaves like Flower's: state, errors, isolation."""

import numpy as np
import pytest
from flwr.app import ArrayRecord, ConfigRecord, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp

from wallstreetfeds.federation import LocalGrid


def request(node, value=1.0):
    content = RecordDict(
        {"arrays": ArrayRecord([np.full(2, value)]), "config": ConfigRecord({"server-round": 1})}
    )
    return Message(content, node, "train")


def counting_app():
    app = ClientApp()

    @app.train()
    def train(message, context):
        seen = context.state.metric_records.get("seen", MetricRecord({"count": 0}))
        context.state["seen"] = MetricRecord({"count": seen["count"] + 1})
        return Message(RecordDict({"seen": context.state["seen"]}), reply_to=message)

    return app


def test_replies_come_in_the_order_sent_and_name_their_sender():
    grid = LocalGrid(counting_app(), {7: {}, 3: {}, 5: {}})
    replies = list(grid.send_and_receive([request(5), request(7)]))
    assert [reply.metadata.src_node_id for reply in replies] == [5, 7]
    assert list(grid.get_node_ids()) == [7, 3, 5]


def test_a_nodes_state_lives_as_long_as_the_grid_and_is_its_own():
    grid = LocalGrid(counting_app(), {1: {}, 2: {}})
    grid.send_and_receive([request(1), request(2)])
    replies = grid.send_and_receive([request(1)])
    assert next(iter(replies)).content["seen"]["count"] == 2


def test_an_exception_in_one_clientapp_is_an_error_reply():
    def broken(message, context):
        raise OSError("disk full")

    grid = LocalGrid({1: counting_app(), 2: broken}, {1: {}, 2: {}})
    fine, failed = grid.send_and_receive([request(1), request(2)])
    assert fine.has_content()
    assert failed.has_error()
    assert failed.metadata.src_node_id == 2
    assert failed.error.reason == "OSError: disk full"


def test_an_interrupt_ends_the_run():
    def interrupted(message, context):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        LocalGrid(interrupted, {1: {}}).send_and_receive([request(1)])


def test_a_clientapp_that_returns_nothing_is_an_error_reply():
    (reply,) = LocalGrid(lambda message, context: None, {1: {}}).send_and_receive([request(1)])
    assert "returned NoneType" in reply.error.reason


def test_a_reply_to_another_message_is_an_error_reply():
    kept = []

    def replayed(message, context):
        kept.append(Message(RecordDict(), reply_to=message))
        return kept[0]

    grid = LocalGrid(replayed, {1: {}})
    (first,) = grid.send_and_receive([request(1)])
    (second,) = grid.send_and_receive([request(1)])
    assert first.has_content()
    assert "answered another message" in second.error.reason


def test_a_node_that_is_not_there_is_an_error_reply():
    (reply,) = LocalGrid(counting_app(), {1: {}}).send_and_receive([request(9)])
    assert reply.has_error()
    assert reply.metadata.src_node_id == 9


def test_a_client_cannot_change_what_the_next_one_receives():
    received = []

    def vandal(message, context):
        received.append((message.content["config"]["server-round"], list(message.content["arrays"])))
        message.content["config"]["server-round"] = 99
        message.content["arrays"].clear()
        return Message(RecordDict(), reply_to=message)

    content = request(1).content
    messages = [Message(content, node, "train") for node in (1, 2)]
    list(LocalGrid(vandal, {1: {}, 2: {}}).send_and_receive(messages))
    assert received == [(1, ["0"]), (1, ["0"])]


def test_pulling_hands_out_each_reply_once():
    grid = LocalGrid(counting_app(), {1: {}})
    ids = list(grid.push_messages([request(1)]))
    assert len(list(grid.pull_messages(ids))) == 1
    assert list(grid.pull_messages(ids)) == []


def test_contexts_carry_node_and_run_configuration():
    seen = {}

    def look(message, context):
        seen[context.node_id] = (dict(context.node_config), dict(context.run_config), context.run_id)
        return Message(RecordDict(), reply_to=message)

    grid = LocalGrid(look, {4: {"partition-id": 0}}, run_config={"lr": 0.1}, run_id=12)
    grid.send_and_receive([request(4)])
    assert seen == {4: ({"partition-id": 0}, {"lr": 0.1}, 12)}
    assert grid.run.run_id == 12


def test_refuses_a_grid_without_nodes_or_with_nodes_without_apps():
    with pytest.raises(ValueError, match="at least one node"):
        LocalGrid(counting_app(), {})
    with pytest.raises(ValueError, match="every node needs a ClientApp"):
        LocalGrid({1: counting_app()}, {1: {}, 2: {}})
