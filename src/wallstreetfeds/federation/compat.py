"""The one place that touches what Flower does not promise to keep: tried on flwr 1.23 to 1.41."""

from __future__ import annotations

from contextlib import suppress
from copy import deepcopy
from importlib import import_module
from typing import Any

from flwr.app import Error, Message
from flwr.common.constant import ErrorCode
from flwr.serverapp.strategy import (
    DifferentialPrivacyServerSideAdaptiveClipping,
    DifferentialPrivacyServerSideFixedClipping,
    Strategy,
)

_CLIPPING = (DifferentialPrivacyServerSideFixedClipping, DifferentialPrivacyServerSideAdaptiveClipping)

SERVER_NODE_ID = 1
"""Node id of the server, as Flower's own SuperLink uses it."""


def assume_identity(run_id: int) -> None:
    """Let this process create messages of run `run_id`.

    From 1.38 on, Flower takes the sender of a `Message` from a private class that only its own processes set;
    before, a grid fills the sender in when it sends.
    """
    with suppress(ImportError):
        from flwr.supercore.task_identity import TaskIdentity

        TaskIdentity.task_id = 1
        TaskIdentity.run_id = run_id
        TaskIdentity.node_id = SERVER_NODE_ID


def address(message: Message, run_id: int, message_id: str) -> None:
    """Fill in the metadata of `message` that a grid owns: run, sender, and the message's own id."""
    message.metadata.__dict__["_run_id"] = run_id
    message.metadata.__dict__["_src_node_id"] = SERVER_NODE_ID
    message.metadata.__dict__["_message_id"] = message_id


def private_copy(message: Message) -> Message:
    """Return `message` with a content of its own, as if it had come over a wire."""
    return Message(deepcopy(message.content), metadata=message.metadata)  # type: ignore[call-overload,no-any-return]


def error_reply(message: Message, error: BaseException) -> Message:
    """Return the reply that a SuperNode sends when its ClientApp has raised `error`."""
    reason = f"{type(error).__qualname__}: {error}"
    return Message(Error(code=ErrorCode.CLIENT_APP_RAISED_EXCEPTION, reason=reason), reply_to=message)


def unavailable_reply(message: Message) -> Message:
    """Return the reply that stands for a node which is not there."""
    return Message(Error(code=ErrorCode.NODE_UNAVAILABLE, reason="node unavailable"), reply_to=message)


def clips_updates(strategy: Strategy) -> bool:
    """Whether `strategy` is, or wraps, one that divides by the norm of every update.

    Flower's server-side clipping raises ZeroDivisionError on an update equal to the model it was sent, so
    that one free-rider ends the run (flwr 1.23 to 1.41).
    """
    inner: Any = strategy
    while inner is not None:
        if isinstance(inner, _CLIPPING):
            return True
        inner = getattr(inner, "strategy", getattr(inner, "inner", None))
    return False


def empty_run(run_id: int) -> Any:
    """Return Flower's description of a run, with nothing in it but its id."""
    try:
        module = import_module("flwr.supercore.run")
    except ImportError:
        module = import_module("flwr.common.typing")
    return module.Run.create_empty(run_id)
