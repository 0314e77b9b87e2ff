"""From the chain's logs to records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, TypeVar

from wallstreetfeds.chain.abi import decode_log, topic_of
from wallstreetfeds.chain.bound import BoundContract
from wallstreetfeds.chain.node import RpcError, unhex
from wallstreetfeds.chain.session import Session
from wallstreetfeds.records import Record

CHUNK: Final = 5_000
"""Blocks asked for in one message; halved where the node finds that too many."""

R = TypeVar("R", bound=Record)


def read_events(
    session: Session,
    contracts: Iterable[BoundContract | str],
    first: int,
    last: int | None = None,
    *,
    topics: Sequence[str | None] = (),
) -> list[Record]:
    """Return the events that contracts (or addresses) logged in blocks first..last, in order.

    `last` is the latest block by default.  `topics` filters by indexed fields, as JSON-RPC does.
    """
    addresses = [c.address if isinstance(c, BoundContract) else c for c in contracts]
    if not addresses:
        return []
    end = session.block_number() if last is None else last
    logs = [
        log for low, high in _chunks(first, end) for log in _logs(session, addresses, low, high, list(topics))
    ]
    return _records(session, logs)


def last_event(session: Session, contract: BoundContract, kind: type[R], *topics: str) -> R | None:
    """Return the latest event of a kind that a contract logged, None if there is none.

    `topics` are the values of its first indexed fields, as 32-byte hex words.
    """
    wanted = [topic_of(kind), *topics]
    for low, high in reversed(list(_chunks(0, session.block_number()))):
        for record in reversed(
            _records(session, _logs(session, [contract.address], low, high, list(wanted)))
        ):
            if isinstance(record, kind):
                return record
    return None


def word(value: int | str) -> str:
    """Return an integer or an address as a 32-byte hex word, as topics have it."""
    number = int(value, 16) if isinstance(value, str) else value
    return f"0x{number:064x}"


def _chunks(first: int, last: int) -> Iterator[tuple[int, int]]:
    for low in range(first, last + 1, CHUNK):
        yield low, min(low + CHUNK - 1, last)


def _logs(
    session: Session, addresses: list[str], low: int, high: int, topics: list[str | None]
) -> list[dict[str, Any]]:
    query = {"address": addresses, "fromBlock": hex(low), "toBlock": hex(high), "topics": topics}
    try:
        found: list[dict[str, Any]] = session.node.request("eth_getLogs", query)
    except RpcError:
        if low == high:
            raise
        middle = (low + high) // 2
        return _logs(session, addresses, low, middle, topics) + _logs(
            session, addresses, middle + 1, high, topics
        )
    return found


def _records(session: Session, logs: list[dict[str, Any]]) -> list[Record]:
    times = _times(session, logs)
    found = []
    for log in logs:
        block = int(log["blockNumber"], 16)
        record = decode_log(
            log["address"],
            [unhex(topic) for topic in log["topics"]],
            unhex(log["data"]),
            block=block,
            timestamp=times[block],
            log_index=int(log["logIndex"], 16),
        )
        if record is not None:
            found.append(record)
    return sorted(found, key=lambda record: (record.block, record.log_index))


def _times(session: Session, logs: list[dict[str, Any]]) -> dict[int, int]:
    """Block number -> time; newer nodes put it into every log, the others are asked."""
    known = {
        int(log["blockNumber"], 16): int(log["blockTimestamp"], 16)
        for log in logs
        if log.get("blockTimestamp")
    }
    missing = sorted({int(log["blockNumber"], 16) for log in logs} - known.keys())
    answers = session.node.request_many([("eth_getBlockByNumber", [hex(b), False]) for b in missing])
    return known | {block: int(a["timestamp"], 16) for block, a in zip(missing, answers, strict=True)}
