"""How one data set becomes many clients: shares, splits, and what makes some clients bad."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.federation.tasks.base import Quality

Rows = NDArray[np.int64]
"""Row numbers of a data set."""

SMALLEST_SHARE: Final = 0.5
LARGEST_SHARE: Final = 1.5
"""Range of an unequal client's size, in units of the mean size before normalising."""


def stratified(labels: NDArray[Any], fraction: float, rng: np.random.Generator) -> tuple[Rows, Rows]:
    """Return (held out, the rest), both shuffled: `fraction` of the rows of every label are held out."""
    held_out, rest = [], []
    for label in np.unique(labels):
        rows = rng.permutation(np.flatnonzero(labels == label))
        cut = round(fraction * len(rows))
        held_out.append(rows[:cut])
        rest.append(rows[cut:])
    return rng.permutation(np.concatenate(held_out)), rng.permutation(np.concatenate(rest))


def unequal(rows: Rows, clients: int, rng: np.random.Generator) -> list[Rows]:
    """Return an IID split with sizes drawn uniformly between half and one and a half times the mean."""
    sizes = rng.uniform(SMALLEST_SHARE, LARGEST_SHARE, clients)
    return _cut(rng.permutation(rows), sizes)


def even(rows: Rows, clients: int, rng: np.random.Generator) -> list[Rows]:
    """Return an IID split into sizes that differ by one row at most."""
    return _cut(rng.permutation(rows), np.ones(clients))


def dirichlet(
    rows: Rows, labels: NDArray[Any], clients: int, alpha: float, rng: np.random.Generator
) -> list[Rows]:
    """Return a split with label skew: each label's rows are shared out by a Dirichlet(alpha) draw over
    clients.

    `labels` are those of the whole data set. Large `alpha` is near-even; below about 3 good clients can
    score below bad ones under any per-round utility. The draws are normalised Gamma variates; a client left
    without a row takes one from the largest. Raises ValueError unless `alpha` is a positive finite number.
    """
    if not (np.isfinite(alpha) and alpha > 0):
        raise ValueError(f"the Dirichlet parameter must be a positive number, got {alpha}")
    parts: list[list[int]] = [[] for _ in range(clients)]
    for label in np.unique(labels[rows]):
        own = rng.permutation(rows[labels[rows] == label])
        shares = np.maximum(rng.gamma(alpha, size=clients), np.finfo(np.float64).tiny)
        bounds = np.floor(len(own) * np.cumsum(shares / shares.sum()) + 1e-9).astype(np.int64)
        for client, part in enumerate(np.split(own, bounds[:-1])):
            parts[client].extend(part.tolist())
    return _sorted(_nobody_empty(parts))


def by_column(rows: Rows, values: NDArray[Any], clients: int, rng: np.random.Generator) -> list[Rows]:
    """Return a natural split: all `rows` with the same value (`values`, of the whole data set) go to one
    client.

    Values are dealt out from the most to the least frequent, each to the client with the fewest rows so
    far; which position gets which group is random. Raises ValueError when there are more clients than
    values.
    """
    kinds, count = np.unique(values[rows], return_counts=True)
    if len(kinds) < clients:
        raise ValueError(f"the data have {len(kinds)} groups: choose at most so many clients, not {clients}")
    parts: list[list[int]] = [[] for _ in range(clients)]
    for kind in kinds[np.argsort(-count, kind="stable")]:
        smallest = min(range(clients), key=lambda client: len(parts[client]))
        parts[smallest].extend(rows[values[rows] == kind].tolist())
    return _sorted([parts[position] for position in rng.permutation(clients).tolist()])


def qualities(clients: int, rng: np.random.Generator) -> tuple[Quality, ...]:
    """Return who is bad, in join order; the positions are random.

    max(1, floor(0.3 n)) of n clients are bad; of those a third, rounded down, are free-riders and the
    others have noisy labels: one noisy at 3 clients, two noisy and one free-rider at 10, six and three at
    30.
    """
    bad = max(1, 3 * clients // 10)
    free_riders = bad // 3
    kinds: list[Quality] = ["good"] * clients
    for place, client in enumerate(rng.permutation(clients)[:bad].tolist()):
        kinds[client] = "noisy-labels" if place < bad - free_riders else "free-rider"
    return tuple(kinds)


def flipped(
    labels: NDArray[np.int64], fraction: float, classes: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return `labels` with exactly round(fraction * rows) of them changed to another class, evenly drawn."""
    noisy = labels.copy()
    rows = rng.choice(len(labels), size=round(fraction * len(labels)), replace=False)
    noisy[rows] = (noisy[rows] + rng.integers(1, classes, size=len(rows))) % classes
    return noisy


def _sorted(parts: Sequence[Sequence[int]]) -> list[Rows]:
    return [np.sort(np.array(part, dtype=np.int64)) for part in parts]


def _nobody_empty(parts: list[list[int]]) -> list[list[int]]:
    if sum(map(len, parts)) < len(parts):
        raise ValueError(f"{sum(map(len, parts))} rows cannot be split over {len(parts)} clients")
    for part in parts:
        if not part:
            part.append(max(parts, key=len).pop())
    return parts


def _cut(rows: Rows, sizes: NDArray[np.float64]) -> list[Rows]:
    """Cut `rows` in proportion to `sizes`; everybody gets at least one row."""
    clients = len(sizes)
    if len(rows) < clients:
        raise ValueError(f"{len(rows)} rows cannot be split over {clients} clients")
    spare = len(rows) - clients
    bounds = np.floor(spare * np.cumsum(sizes) / sizes.sum() + 1e-9).astype(np.int64) + np.arange(
        1, clients + 1
    )
    return [np.sort(part) for part in np.split(rows, bounds[:-1])]
