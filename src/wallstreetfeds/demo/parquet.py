"""A run's rounds and events as Parquet."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, Final, get_type_hints

import pyarrow as pa
import pyarrow.parquet as pq

from wallstreetfeds.demo.result import DemoResult
from wallstreetfeds.records import EVENTS, Record

CLIENT_NUMBER: Final = "client_index"
"""Column of a field `client` that is a number: in other events `client` is an address."""

NUMBERS: Final = frozenset(
    {"round", "index", CLIENT_NUMBER, "asset", "asset_in", "asset_out", "clients", "listed", "scores"}
)
"""Fields that the contracts keep small: numbers of rounds, clients and assets, and scores (at most 10^9)."""

PLACE: Final = ("block", "log_index", "timestamp", "contract")


def rounds(result: DemoResult) -> bytes:
    """Return one row a round and client."""
    rows: dict[str, list[Any]] = {name: [] for name in _ROUNDS.names}
    for round_ in result.series:
        reasons = {excluded.client: excluded.reason for excluded in round_.excluded}
        for k, client in enumerate(result.clients):
            row = {
                "round": round_.round,
                "client": k,
                "name": client.name,
                "quality": client.quality,
                "score": round_.scores[k],
                "score_share": round_.score_shares[k],
                "contribution": round_.contributions[k],
                "standard_error": None if round_.standard_errors is None else round_.standard_errors[k],
                "reward": str(round_.rewards[k]),
                "price": round_.prices[k],
                "fair": round_.fair[k],
                "excluded": reasons.get(k),
                "pot": str(round_.pot),
                "metric": round_.metric,
            }
            for name, value in row.items():
                rows[name].append(value)
    return _write(_ROUNDS, rows)


def events(result: DemoResult) -> bytes:
    """Return one row an event of the federation's contracts, in the chain's order.

    A column a field; a client's number has a column of its own, where others have its address.
    """
    schema = _events_schema()
    rows: dict[str, list[Any]] = {name: [None] * len(result.records) for name in schema.names}
    for index, record in enumerate(result.records):
        named = result.contracts[record.contract]
        rows["block"][index] = record.block
        rows["log_index"][index] = record.log_index
        rows["timestamp"][index] = record.timestamp
        rows["contract"][index] = record.contract
        rows["kind"][index] = named.kind
        rows["name"][index] = named.name
        rows["event"][index] = type(record).__name__
        for name in _own_fields(type(record)):
            value = getattr(record, name)
            column = _column_name(name, isinstance(value, int))
            rows[column][index] = _cell(column, value)
    return _write(schema, rows)


# --- inside ---


def _own_fields(kind: type[Record]) -> list[str]:
    return [field.name for field in fields(kind) if field.name not in PLACE]


def _column_name(field: str, number: bool) -> str:
    return CLIENT_NUMBER if field == "client" and number else field


def _cell(name: str, value: Any) -> Any:
    if isinstance(value, tuple):
        return [_cell(name, item) for item in value]
    if isinstance(value, bool | str | bytes):
        return value
    return value if name in NUMBERS else str(value)


def _column(name: str, hint: Any) -> Any:
    if hint is bool:
        return pa.bool_()
    if hint is str:
        return pa.string()
    if hint is bytes:
        return pa.binary(32)
    number = pa.int64() if name in NUMBERS else pa.string()
    return number if hint is int else pa.list_(number)


def _events_schema() -> Any:
    columns: dict[str, Any] = {
        "block": pa.int64(),
        "log_index": pa.int64(),
        "timestamp": pa.timestamp("s", tz="UTC"),
        "contract": pa.string(),
        "kind": pa.string(),
        "name": pa.string(),
        "event": pa.string(),
    }
    amounts: list[str] = []
    for kind in EVENTS.values():
        hints = get_type_hints(kind)
        for own in _own_fields(kind):
            name = _column_name(own, hints[own] is int)
            columns.setdefault(name, _column(name, hints[own]))
            if hints[own] not in (str, bytes, bool) and name not in NUMBERS and name not in amounts:
                amounts.append(name)
    described = {
        "about": "Every event of one federation's contracts, in the chain's order. Columns after `event` are "
        "the fields of the event, null where it has none of that name.",
        "uint256": "Amounts are uint256 and written as decimal strings, in the smallest unit of what they "
        "count (numeraire: see results.json; client tokens and LP shares: 12 decimals). Numbers of rounds, "
        "clients and assets, and scores, are 64-bit integers: the contracts keep them small. Columns of "
        f"amounts: {', '.join(amounts)}.",
    }
    return pa.schema(list(columns.items()), metadata=described)


def _write(schema: Any, rows: Mapping[str, Sequence[Any]]) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table(dict(rows), schema=schema), buffer, compression="zstd")
    return buffer.getvalue()


_ROUNDS: Final = pa.schema(
    [
        ("round", pa.int64()),
        ("client", pa.int64()),
        ("name", pa.string()),
        ("quality", pa.string()),
        ("score", pa.int64()),
        ("score_share", pa.float64()),
        ("contribution", pa.float64()),
        ("standard_error", pa.float64()),
        ("reward", pa.string()),
        ("price", pa.float64()),
        ("fair", pa.float64()),
        ("excluded", pa.string()),
        ("pot", pa.string()),
        ("metric", pa.float64()),
    ],
    metadata={
        "about": "One row a round and client; client is the place in join order, from 0. pot and metric are "
        "the round's. price and fair value after the round's trades, whole numeraire a whole token, 0 after "
        "the last round. standard_error is null where the contribution is exact.",
        "uint256": "reward and pot are uint256, decimal strings in the numeraire's smallest unit.",
    },
)
