"""One failure, one message: what was wrong and what to do, on standard error or inside the JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any


class Failure(Exception):
    """A failure a person can act on: `what` was wrong, and what to do about it.

    `done` is what has been done all the same, and belongs into the JSON beside the error.
    """

    def __init__(self, what: str, todo: str = "", done: Mapping[str, Any] | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.todo = todo
        self.done = dict(done or {})


def report(failure: Failure, as_json: bool) -> None:
    """Print a failure: as `{"error": ..., "hint": ...}` on standard output, or as text on standard error."""
    if as_json:
        print(json.dumps({**failure.done, "error": failure.what, "hint": failure.todo}))
        return
    print(f"wsf: {failure.what}", file=sys.stderr)
    if failure.todo:
        print(f"     {failure.todo}", file=sys.stderr)
