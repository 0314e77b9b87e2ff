"""Stratified SVARM: every coalition informs every client, without marginal contributions.

The Shapley value of i is the mean over sizes s of v+(i, s) - v-(i, s), the mean utility of coalitions of
size s + 1 with i and of size s without i. One evaluated coalition is a sample of its stratum for all n
clients: of v+ for its members, of v- for the others. Sizes 0, 1, n - 1 and n are enumerated; each other size
gets its share of the budget.

Source: Kolpaczki, Bengs, Muschalik, Huellermeier (2024), "Approximating the Shapley Value without Marginal
Contributions", AAAI (Stratified SVARM; with its warm-up, here: partitions of the clients into coalitions of
one size, drawn for the sizes s and n - s together, so that every stratum has a sample). Sizes are drawn in
equal numbers, in a fixed turn.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.contribution.game import Coalitions, Contributions, Game
from wallstreetfeds.contribution.methods.sampling import BATCH, generator, require

SAMPLES_EACH: Final = 2
"""Coverings of the clients a size is warmed up with: two samples of a stratum show its spread."""


def least_evaluations(clients: int) -> int:
    """Return the sizes that are enumerated, and two coverings of the clients by each of the others."""
    return len(_enumerated(clients)) + len(_warm_up(np.random.default_rng(0), clients))


def stratified_svarm(game: Game, *, evaluations: int = 20_000, seed: int = 0) -> Contributions:
    """Return an estimate of the Shapley values of `game` with its standard errors.

    `evaluations` is the most coalitions to evaluate. The values sum to v(N) - v(empty), and a null player
    gets 0.0, in expectation only. The standard errors treat strata as independent. Raises ValueError when the
    budget does not pay for the warm-up, or the seed is negative.
    """
    n = game.clients
    require(evaluations, least_evaluations(n), n)
    rng = generator(seed)
    strata = _Strata(n)
    exact = _enumerated(n)
    utilities = strata.add(game, exact)
    spent = len(exact)
    warm = _warm_up(rng, n)
    strata.add(game, warm)
    spent += len(warm)
    sizes = np.arange(2, n - 1)
    left = evaluations - spent if len(sizes) else 0
    for start in range(0, left, BATCH):
        turn = np.arange(start, min(start + BATCH, left)) % max(len(sizes), 1)
        strata.add(game, _random(rng, sizes[turn], n))
    values, errors = strata.estimate()
    empty, grand = float(utilities[0]), float(utilities[1])
    return Contributions(values, errors, empty, grand, spent + left, seed)


class _Strata:
    """Counts, means and square sums of the utilities seen with (1) and without (0) each client, by size."""

    def __init__(self, n: int) -> None:
        self._n = n
        self._count = np.zeros((2, n + 1, n))
        self._sum = np.zeros((2, n + 1, n))
        self._square = np.zeros((2, n + 1, n))
        self._shift = 0.0

    def add(self, game: Game, coalitions: Coalitions) -> NDArray[np.float64]:
        """Evaluate `coalitions` (m, n), remember what they show, return their utilities (m,)."""
        utilities = game.evaluate(coalitions)
        if not self._count.any() and len(utilities):
            self._shift = float(utilities[0])  # squares of small numbers lose no digits
        sizes = coalitions.sum(axis=1)
        above = (utilities - self._shift)[:, None]
        for side, inside in enumerate((~coalitions, coalitions)):
            np.add.at(self._count[side], sizes, inside)
            np.add.at(self._sum[side], sizes, inside * above)
            np.add.at(self._square[side], sizes, inside * above**2)
        return utilities

    def estimate(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the values (n,) and their standard errors (n,)."""
        n = self._n
        count = np.maximum(self._count, 1)
        mean = self._sum / count
        spread = np.maximum(self._square / count - mean**2, 0.0) / np.maximum(count - 1, 1)
        known = np.ones(n + 1)
        known[2 : n - 1] = 0  # enumerated sizes have no error
        noise = spread * (1.0 - known)[None, :, None]
        values = (mean[1, 1:] - mean[0, :n]).sum(axis=0) / n
        variance = (noise[1, 1:] + noise[0, :n]).sum(axis=0) / n**2
        return values, np.sqrt(variance)


def _enumerated(n: int) -> Coalitions:
    """Return the empty and the grand coalition, then all of size 1 and n - 1, each once."""
    ends = np.zeros((2, n), dtype=np.bool_)
    ends[1] = True
    ones = np.eye(n, dtype=np.bool_)
    middle = [ones, ~ones] if n > 2 else [ones] if n == 2 else []
    return np.concatenate([ends, *middle])


def _warm_up(rng: np.random.Generator, n: int) -> Coalitions:
    """Return coalitions of each size from 2 to n - 2 such that every stratum has two samples or more."""
    rows = [np.zeros((0, n), dtype=np.bool_)]
    for size in range(2, n // 2 + 1):
        for _ in range(SAMPLES_EACH):
            order = rng.permutation(n)
            starts = range(0, n, size)
            cover = np.zeros((len(starts), n), dtype=np.bool_)
            for row, start in enumerate(starts):
                cover[row, order[np.arange(start, start + size) % n]] = True
            rows.append(cover)
            if size < n - size:
                rows.append(~cover)
    return np.concatenate(rows)


def _random(rng: np.random.Generator, sizes: NDArray[np.int64], n: int) -> Coalitions:
    """Return one uniformly random coalition of each of `sizes` (m,)."""
    ranks = rng.permuted(np.tile(np.arange(n), (len(sizes), 1)), axis=1)
    return np.asarray(ranks < sizes[:, None])
