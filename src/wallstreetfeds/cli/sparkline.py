"""A series of numbers in one line of text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

BARS: Final = "▁▂▃▄▅▆▇█"


def sparkline(values: Sequence[float], top: float = 1.0) -> str:
    """Return one character a value, its height in proportion to `top`."""
    return "".join(BARS[min(len(BARS) - 1, max(0, int(value / top * len(BARS))))] for value in values)


def heights(values: Sequence[float], most: int) -> list[float]:
    """Return at most `most` of the values, thinned evenly, from 0 for the lowest to 1 for the highest."""
    kept = thinned(values, most)
    low, high = min(values), max(values)
    if high <= low:
        return [0.5] * len(kept)
    return [(value - low) / (high - low) for value in kept]


def thinned(values: Sequence[float], most: int) -> list[float]:
    """Return at most `most` of the values, evenly, the first and the last among them."""
    if len(values) <= most:
        return list(values)
    return [values[i * (len(values) - 1) // (most - 1)] for i in range(most)]
