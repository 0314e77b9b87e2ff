"""Coalitions by number: bit k of the number says whether client k takes part."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.contribution.game import Coalitions, Game

CHUNK: Final = 1 << 14
"""Coalitions handed to the utility at once; bounds the memory of the boolean matrix."""


def coalition_table(game: Game) -> NDArray[np.float64]:
    """Return all 2**n utilities; bit k of the index says whether client k takes part."""
    n = game.clients
    table = np.empty(1 << n)
    for start in range(0, 1 << n, CHUNK):
        stop = min(start + CHUNK, 1 << n)
        table[start:stop] = game.evaluate(members(start, stop, n))
    return table


def members(start: int, stop: int, n: int) -> Coalitions:
    """Return coalitions number `start` to `stop` - 1 as a boolean matrix."""
    octets = np.arange(start, stop, dtype="<u8").view(np.uint8).reshape(-1, 8)
    return np.unpackbits(octets, axis=1, count=n, bitorder="little").view(np.bool_)


def sizes(n: int) -> NDArray[np.int64]:
    """Return the number of members of each of the 2**n coalitions."""
    size = np.zeros(1, dtype=np.int64)
    for _ in range(n):
        size = np.concatenate([size, size + 1])
    return size
