"""From Python values to call data and back, and from logs to records; types come from the artifacts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Final

from eth_abi.abi import decode, encode
from eth_utils.abi import (
    collapse_if_tuple,
    event_abi_to_log_topic,
    function_abi_to_4byte_selector,
)
from eth_utils.address import to_checksum_address

from wallstreetfeds.chain.artifacts import artifact
from wallstreetfeds.chain.words import unpack_scores
from wallstreetfeds.records import EVENTS, Record

CONTRACTS: Final = ("Orchestrator", "Scenario", "Challenges", "ClientToken", "Pool", "DemoNumeraire")
"""All deployable contracts."""

ZERO_ADDRESS: Final = "0x" + "0" * 40


@lru_cache(maxsize=4096)
def checksum(address: str) -> str:
    """Return an address in checksummed form."""
    return to_checksum_address(address)


@dataclass(frozen=True, slots=True)
class Function:
    """One function of a contract, ready to encode and decode."""

    name: str
    selector: bytes
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    arguments: tuple[str, ...]
    view: bool

    def encode(self, values: Sequence[Any]) -> bytes:
        """Return the call data.  Raises eth_abi's EncodingError for a value that does not fit."""
        return self.selector + encode(self.inputs, values)

    def decode(self, data: bytes) -> Any:
        """Return the one value, or a tuple of several."""
        values = _plain(self.outputs, decode(self.outputs, data))
        return values[0] if len(values) == 1 else values


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a contract and the record it becomes."""

    record: type[Record]
    names: tuple[str, ...]
    indexed: tuple[tuple[str, str], ...]
    unindexed: tuple[tuple[str, str], ...]


@cache
def functions(contract: str) -> dict[str, Function]:
    """Return the functions of a contract by name."""
    found = {}
    for entry in artifact(contract).abi:
        if entry["type"] == "function":
            found[entry["name"]] = Function(
                name=entry["name"],
                selector=function_abi_to_4byte_selector(entry),  # type: ignore[arg-type]
                inputs=_types(entry["inputs"]),
                outputs=_types(entry["outputs"]),
                arguments=tuple(item["name"] for item in entry["inputs"]),
                view=entry["stateMutability"] in {"view", "pure"},
            )
    return found


@cache
def constructor_types(contract: str) -> tuple[str, ...]:
    """Return the types of the constructor's arguments."""
    for entry in artifact(contract).abi:
        if entry["type"] == "constructor":
            return _types(entry["inputs"])
    return ()


def deployment(contract: str, arguments: Sequence[Any] = ()) -> bytes:
    """Return the init code of a contract with its constructor's arguments."""
    return artifact(contract).bytecode + encode(constructor_types(contract), arguments)


@cache
def events() -> dict[bytes, Event]:
    """Return every event of every contract by its first topic."""
    found = {}
    for contract in CONTRACTS:
        for entry in artifact(contract).abi:
            if entry["type"] == "event":
                inputs = entry["inputs"]
                found[bytes(event_abi_to_log_topic(entry))] = Event(  # type: ignore[arg-type]
                    record=EVENTS[entry["name"]],
                    names=tuple(item["name"] for item in inputs),
                    indexed=tuple((i["name"], collapse_if_tuple(i)) for i in inputs if i["indexed"]),
                    unindexed=tuple((i["name"], collapse_if_tuple(i)) for i in inputs if not i["indexed"]),
                )
    return found


def topic_of(kind: type[Record]) -> str:
    """Return the first topic ("0x...") of the events that become this record."""
    return next("0x" + topic.hex() for topic, event in events().items() if event.record is kind)


def decode_log(
    contract: str,
    topics: Sequence[bytes],
    data: bytes,
    *,
    block: int,
    timestamp: int,
    log_index: int,
) -> Record | None:
    """Return the record of a log, or None if it is not an event of ours."""
    event = events().get(topics[0]) if topics else None
    if event is None or len(topics) != len(event.indexed) + 1:
        return None
    values: dict[str, Any] = {}
    for (name, kind), topic in zip(event.indexed, topics[1:], strict=True):
        values[name] = _plain((kind,), decode((kind,), topic))[0]
    kinds = tuple(kind for _, kind in event.unindexed)
    for (name, _), item in zip(event.unindexed, _plain(kinds, decode(kinds, data)), strict=True):
        values[name] = unpack_scores(item) if name == "scores" else item
    return event.record(
        **values, contract=checksum(contract), block=block, timestamp=timestamp, log_index=log_index
    )


def _types(inputs: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    return tuple(collapse_if_tuple(item) for item in inputs)


def _plain(kinds: Sequence[str], values: Sequence[Any]) -> tuple[Any, ...]:
    """Addresses checksummed, wherever they stand; everything else as eth_abi gives it."""
    return tuple(_value(kind, item) for kind, item in zip(kinds, values, strict=True))


def _value(kind: str, item: Any) -> Any:
    if kind == "address":
        return checksum(item)
    if "address" in kind and isinstance(item, tuple):
        if kind.endswith("]"):
            inner = kind[: kind.rindex("[")]
            return tuple(_value(inner, part) for part in item)
        return tuple(_value(inner, part) for inner, part in zip(_members(kind), item, strict=True))
    return item


@cache
def _members(kind: str) -> tuple[str, ...]:
    """The types inside "(address,(uint256,bool),...)"."""
    parts, depth, start = [], 0, 1
    for place, letter in enumerate(kind):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if (letter == "," and depth == 1) or (letter == ")" and depth == 0):
            parts.append(kind[start:place])
            start = place + 1
    return tuple(parts)
