"""One failure, one message: what was wrong and what to do, on standard error or inside the JSON."""

from __future__ import annotations

import json
import sys


class Failure(Exception):
    """A failure a person can act on: `what` was wrong, and what to do about it."""

    def __init__(self, what: str, todo: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.todo = todo


def report(failure: Failure, as_json: bool) -> None:
    """Print a failure: as `{"error": ..., "hint": ...}` on standard output, or as text on standard error."""
    if as_json:
        print(json.dumps({"error": failure.what, "hint": failure.todo}))
        return
    print(f"wsf: {failure.what}", file=sys.stderr)
    if failure.todo:
        print(f"     {failure.todo}", file=sys.stderr)
