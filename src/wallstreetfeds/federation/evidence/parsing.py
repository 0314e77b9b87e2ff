"""Reading JSON that a stranger wrote: never deeper than it can be, whatever the process allows itself."""

from __future__ import annotations

import json
import re
from typing import Any, Final

# To its end, or to that of the data: one that does not end is not tried again from every quote in it.
_STRING: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
_NO_BRACKETS: Final = bytes(byte for byte in range(256) if byte not in b"[]{}")


def parse_json(data: bytes, *, deepest: int) -> Any:
    """Return what UTF-8 JSON says.  Raises ValueError for anything else, and beyond `deepest` levels.

    Python's own parser recurses once a level, and ends the process where a library has raised the limit of
    recursion beyond what the stack holds, as Ethereum libraries do.
    """
    depth = 0
    for bracket in _STRING.sub(b"", data).translate(None, _NO_BRACKETS):
        depth += 1 if bracket in b"[{" else -1
        if depth > deepest:
            raise ValueError(f"it is nested deeper than {deepest} levels")
    return json.loads(data.decode())
