"""How two vectors of contributions compare, and what a mean over seeds is worth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RESAMPLES: Final = 10_000
CONFIDENCE: Final = 0.95


def pay_shares(contributions: Floats) -> Floats:
    """Return the shares of a pot (n,): negative contributions count as zero, the rest is normalised.

    Nobody above zero: equal shares, as the contract pays a round without scores (equal supplies).
    """
    positive = np.maximum(contributions, 0.0)
    total = positive.sum()
    if total <= 0.0:
        return np.full(len(positive), 1.0 / len(positive))
    return np.asarray(positive / total)


def pearson(left: Floats, right: Floats) -> float:
    """Return the linear correlation; NaN where one side does not vary (equal pay ranks nobody)."""
    a, b = left - left.mean(), right - right.mean()
    # What is left of a constant after the subtraction is rounding, not variation.
    if _constant(left) or _constant(right):
        return float("nan")
    return float(a @ b / np.sqrt((a @ a) * (b @ b)))


def spearman(left: Floats, right: Floats) -> float:
    """Return the correlation of ranks, equal values sharing their mean rank; NaN where a side is constant."""
    return pearson(ranks(left), ranks(right))


def ranks(values: Floats) -> Floats:
    """Return the rank of each value (n,) from 0, equal values sharing the mean of theirs."""
    below = (values[None, :] < values[:, None]).sum(axis=1)
    same = (values[None, :] == values[:, None]).sum(axis=1)
    return np.asarray(below + (same - 1) / 2.0)


def cosine_distance(left: Floats, right: Floats) -> float:
    """Return 1 - cos of the angle between two vectors; NaN where one of them is zero."""
    norm = float(np.linalg.norm(left) * np.linalg.norm(right))
    return 1.0 - float(left @ right) / norm if norm > 0.0 else float("nan")


def bootstrap(values: Sequence[float | None]) -> tuple[float, float, float]:
    """Return (mean, low, high): the mean over seeds with its 95 % percentile-bootstrap interval.

    10,000 resamples, drawn with a fixed seed, so that the same values always give the same interval. None
    entries are left out; without any other entry all three are NaN. Percentile intervals of ten values are
    a little too narrow: their true coverage is nearer 90 %.
    """
    known = np.array([value for value in values if value is not None], dtype=np.float64)
    if not len(known):
        return (float("nan"),) * 3
    draws = np.random.default_rng(0).integers(0, len(known), size=(RESAMPLES, len(known)))
    tail = (1.0 - CONFIDENCE) / 2.0
    low, high = np.quantile(known[draws].mean(axis=1), [tail, 1.0 - tail])
    return float(known.mean()), float(low), float(high)


def summary(
    rows: Sequence[Mapping[str, Any]], keys: Sequence[str], values: Sequence[str]
) -> list[dict[str, Any]]:
    """Return one row for each combination of `keys`: each value as [mean, low, high] over seeds, and `seeds`.

    Rows have a "seed".  What differs besides is averaged within a seed first: seeds are what is independent.
    A value is None where nothing is defined; numbers are rounded to six digits.
    """
    groups: dict[tuple[Any, ...], list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[tuple(row[key] for key in keys)].append(row)
    found = []
    for group, members in groups.items():
        summed: dict[str, Any] = dict(zip(keys, group, strict=True))
        for value in values:
            summed[value] = interval(_by_seed(members, value))
        found.append(summed | {"seeds": len({row["seed"] for row in members})})
    return found


def interval(values: Sequence[float | None]) -> list[float] | None:
    """Return [mean, low, high] over seeds, rounded to six digits, or None where nothing is defined."""
    if all(value is None for value in values):
        return None
    return [round(number, 6) for number in bootstrap(values)]


def _by_seed(rows: Iterable[Mapping[str, Any]], value: str) -> list[float | None]:
    seeds: dict[int, list[float]] = defaultdict(list)
    for row in rows:
        seeds[row["seed"]] += [] if row[value] is None else [row[value]]
    return [float(np.mean(known)) if known else None for known in seeds.values()]


def _constant(values: Floats) -> bool:
    return float(np.ptp(values)) <= 1e-12 * float(np.abs(values).max())
