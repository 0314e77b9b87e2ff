"""Everything `--out` writes, as bytes; draws and packs only when asked to."""

from __future__ import annotations

import json
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wallstreetfeds.demo.result import DemoResult

EXTRA = "wallstreetfeds[report]"
NEEDED = ("matplotlib", "pyarrow")


def missing() -> list[str]:
    """Return which packages a report needs and are not installed; imports none of them."""
    return [name for name in NEEDED if find_spec(name) is None]


def export(result: DemoResult, command: str) -> dict[str, bytes]:
    """Return file names and contents.  `command` is how the run was started.

    Raises ImportError where a package that `missing` names is wanted.
    """
    from wallstreetfeds.demo import parquet
    from wallstreetfeds.demo.page import page

    return {
        "report.html": page(result, command).encode(),
        "results.json": (json.dumps(result.as_json(), indent=1) + "\n").encode(),
        "rounds.parquet": parquet.rounds(result),
        "events.parquet": parquet.events(result),
    }
