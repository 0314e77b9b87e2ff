"""Screens the replies of a round before anything is computed from them: a bad reply costs its sender the
round.

Stock strategies raise, or average NaN, when one reply differs from the others. Here such a reply is put
aside with a reason, and the model and the pay of all others are as if its sender had not answered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Final

import numpy as np
from flwr.app import Array, ArrayRecord, Message, MetricRecord, RecordDict
from numpy.typing import NDArray

MOST_EXAMPLES: Final = 10_000_000
"""A claimed number of examples above this is taken for an attack (the claim never sets pay anyway)."""

LARGEST_VALUE: Final = 1e30
"""Parameters beyond this are taken for infinite: their sums would overflow somewhere."""

Form = tuple[str, str, tuple[tuple[str, int], ...]]
"""Names of the array and the metric record, and each metric key with its length (-1: a single number)."""


@dataclass(frozen=True)
class Exclusion:
    """A reply that was not accepted: the client's position in join order (None: unknown node), its node,
    why."""

    client: int | None
    node: int
    reason: str


@dataclass(frozen=True)
class Accepted:
    """A reply that was accepted, and its parameters as float arrays in the order of the global model."""

    client: int
    message: Message
    arrays: tuple[NDArray[Any], ...]


class _DefectError(Exception):
    """A reply's defect, in words for a person."""


def screen(
    replies: Iterable[Message],
    *,
    nodes: Sequence[int],
    asked: Collection[int],
    model: ArrayRecord,
    weighted_by_key: str = "num-examples",
    metric_keys: Collection[str] | None = None,
    most_examples: float = MOST_EXAMPLES,
) -> tuple[list[Accepted], list[Exclusion]]:
    """Return the acceptable replies and the exclusions, both in join order.

    `nodes` are the Flower node ids in join order, `asked` those that were sent a message, `model` the
    arrays they were sent. A reply must be the only one of a node that was asked, carry no error, have
    exactly one ArrayRecord with the names, shapes and dtypes of `model` and finite values, and exactly one
    MetricRecord of finite numbers with a positive, credible `weighted_by_key`. The metric keys must be
    `metric_keys` (besides the weight) or, if that is None, those of most acceptable replies; a tie goes to
    the fewest keys.
    """
    clients = {node: client for client, node in enumerate(nodes)}
    expected = {name: array.numpy() for name, array in model.items()}
    received = list(replies)
    count = Counter(message.metadata.src_node_id for message in received)
    excluded: dict[int, Exclusion] = {
        node: Exclusion(clients.get(node), node, "no reply") for node in asked if node not in count
    }
    candidates: list[tuple[Accepted, Form]] = []
    for message in received:
        node = message.metadata.src_node_id
        try:
            _check_sender(node in clients, node in asked, count[node])
            arrays, form = _checked(message, expected, weighted_by_key, most_examples)
            candidates.append((Accepted(clients[node], message, arrays), form))
        except _DefectError as defect:
            excluded[node] = Exclusion(clients.get(node), node, str(defect))
    usual = _usual_form([form for _, form in candidates], weighted_by_key, metric_keys)
    accepted = []
    for reply, form in candidates:
        if form == usual:
            accepted.append(reply)
        else:
            reason = f"metrics {_shown(form)} where {_shown(usual)} are expected"
            excluded[nodes[reply.client]] = Exclusion(reply.client, nodes[reply.client], reason)
    accepted.sort(key=lambda reply: reply.client)
    return accepted, in_join_order(excluded.values())


def in_join_order(excluded: Iterable[Exclusion]) -> list[Exclusion]:
    """Return exclusions in join order, those of unknown nodes last."""
    return sorted(excluded, key=lambda one: (one.client is None, one.client or 0, one.node))


def clean_content(reply: Accepted, arrays: ArrayRecord, weighted_by_key: str, weight: float) -> RecordDict:
    """Return what the inner strategy may see of `reply`: `arrays`, and `weight` for the claimed
    count."""
    content = reply.message.content
    ((array_name, _),) = content.array_records.items()
    ((metric_name, metrics),) = content.metric_records.items()
    clean = RecordDict(
        {
            array_name: arrays,
            metric_name: MetricRecord({**metrics, weighted_by_key: weight}),
        }
    )
    for name, config in content.config_records.items():
        clean[name] = config
    return clean


def nudged(arrays: Sequence[NDArray[Any]], model: ArrayRecord) -> tuple[NDArray[Any], ...]:
    """Return `arrays`, one parameter moved by a hair (1e-12 or one unit in the last place) if they equal
    `model`.

    For strategies that divide by the size of an update; see `compat.clips_updates`.
    """
    sent = model.to_numpy_ndarrays()
    if not all(np.array_equal(array, old) for array, old in zip(arrays, sent, strict=True)):
        return tuple(arrays)
    moved = [np.array(array) for array in arrays]
    for array in moved:
        if array.dtype.kind == "f" and array.size:
            array.flat[0] += max(float(np.spacing(np.abs(array.flat[0]))), 1e-12)
            break
    return tuple(moved)


def _check_sender(known: bool, asked: bool, replies: int) -> None:
    if not known:
        raise _DefectError("unknown node")
    if not asked:
        raise _DefectError("was not asked this round")
    if replies > 1:
        raise _DefectError(f"{replies} replies in one round")


def _checked(
    message: Message, expected: dict[str, NDArray[Any]], weighted_by_key: str, most_examples: float
) -> tuple[tuple[NDArray[Any], ...], Form]:
    """Return a reply's arrays in the order of `expected`, and its form.  Raises _DefectError."""
    if message.has_error():
        raise _DefectError(f"error: {message.error.reason or message.error.code}")
    content = message.content
    if len(content.array_records) != 1:
        raise _DefectError(f"{len(content.array_records)} array records instead of one")
    if len(content.metric_records) != 1:
        raise _DefectError(f"{len(content.metric_records)} metric records instead of one")
    ((array_name, record),) = content.array_records.items()
    ((metric_name, metrics),) = content.metric_records.items()
    _check_examples(metrics, weighted_by_key, most_examples)
    for key, value in metrics.items():
        if not all(isfinite(number) for number in (value if isinstance(value, list) else [value])):
            raise _DefectError(f"metric {key!r} is not finite")
    if missing := sorted(set(expected) - set(record)):
        raise _DefectError(f"array {missing[0]!r} is missing")
    if extra := sorted(set(record) - set(expected)):
        raise _DefectError(f"unexpected array {extra[0]!r}")
    arrays = tuple(_checked_array(name, record[name], wanted) for name, wanted in expected.items())
    lengths = tuple(
        sorted((key, len(value) if isinstance(value, list) else -1) for key, value in metrics.items())
    )
    return arrays, (array_name, metric_name, lengths)


def _check_examples(metrics: MetricRecord, key: str, most: float) -> None:
    if key not in metrics:
        raise _DefectError(f"metric {key!r} is missing")
    examples = metrics[key]
    if isinstance(examples, list):
        raise _DefectError(f"metric {key!r} is a list")
    if not isfinite(examples) or examples <= 0:
        raise _DefectError(f"metric {key!r} is {examples}, not a positive number")
    if examples > most:
        raise _DefectError(f"metric {key!r} is {examples}, above the limit of {most:g}")


def _checked_array(name: str, array: Array, wanted: NDArray[Any]) -> NDArray[Any]:
    # Metadata first: nothing is unpacked whose declared size is not the model's.
    if tuple(array.shape) != wanted.shape:
        raise _DefectError(f"array {name!r} has shape {tuple(array.shape)} instead of {wanted.shape}")
    if array.dtype != str(wanted.dtype):
        raise _DefectError(f"array {name!r} has dtype {array.dtype} instead of {wanted.dtype}")
    try:
        values = array.numpy()
    except Exception as error:  # whatever hostile bytes make NumPy raise
        raise _DefectError(f"array {name!r} cannot be read") from error
    if values.shape != wanted.shape or values.dtype != wanted.dtype:
        raise _DefectError(f"array {name!r} is not what its description says")
    if values.dtype.kind == "f" and not (np.abs(values) <= LARGEST_VALUE).all():
        raise _DefectError(f"array {name!r} holds NaN, infinity or values beyond {LARGEST_VALUE:g}")
    return np.asarray(values)


def _usual_form(forms: Sequence[Form], weighted_by_key: str, keys: Collection[str] | None) -> Form | None:
    if keys is not None:
        wanted = {*keys, weighted_by_key}
        forms = [form for form in forms if {key for key, _ in form[2]} == wanted]
    if not forms:
        return None
    votes = Counter(forms)
    return min(votes, key=lambda form: (-votes[form], len(form[2]), form))


def _shown(form: Form | None) -> str:
    if form is None:
        return "the agreed keys"
    keys = ", ".join(key if length < 0 else f"{key}[{length}]" for key, length in form[2])
    return f"{form[0]}/{form[1]} ({keys})"
