"""From jobs and answers to flat rows, and to Parquet: what a researcher loads to ask their own question."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from wallstreetfeds.experiments.report import Row
from wallstreetfeds.experiments.runner import Job
from wallstreetfeds.sim.learning.cache import Answer


def flat_rows(jobs: Sequence[Job], answers: Sequence[Answer]) -> list[Row]:
    """Return one row for each of an answer's "rows", the job's settings first; no rows: the answer is one.

    What is neither a number, a text nor a truth value is written as JSON.
    """
    rows = []
    for job, answer in zip(jobs, answers, strict=True):
        for row in answer.get("rows", [answer]):
            rows.append({name: _cell(value) for name, value in {**job.settings, **row}.items()})
    return rows


def as_parquet(rows: Sequence[Row], provenance: Mapping[str, Any]) -> bytes:
    """Return the rows as a Parquet file; `provenance` is JSON under the schema's key "wallstreetfeds".

    Raises ModuleNotFoundError without pyarrow.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "Parquet needs the optional package pyarrow: pip install 'wallstreetfeds[report]'", name="pyarrow"
        ) from error
    columns = list(dict.fromkeys(name for row in rows for name in row))
    table = pa.table({name: _column([row.get(name) for row in rows]) for name in columns})
    table = table.replace_schema_metadata({"wallstreetfeds": json.dumps(dict(provenance))})
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


def _cell(value: Any) -> Any:
    return value if value is None or isinstance(value, str | bool | int | float) else json.dumps(value)


def _column(cells: list[Any]) -> list[Any]:
    """One type a column: numbers stay numbers, a mixture becomes text."""
    kinds = {type(cell) for cell in cells if cell is not None}
    if kinds <= {int, float} and float in kinds:
        return [None if cell is None else float(cell) for cell in cells]
    if len(kinds) > 1:
        return [None if cell is None else str(cell) for cell in cells]
    return cells
