"""Shapley values by sampling, for federations too large to enumerate.

Antithetic permutation sampling: every random joining order is walked forwards and backwards, which cancels
most of the variance that comes from a client's position. Source: Castro, Gomez, Tejada (2009), "Polynomial
calculation of the Shapley value based on sampling"; Mitchell, Cooper, Frank, Holmes (2022), "Sampling
Permutations for Shapley Value Estimation" (antithetic pairs).
"""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.contribution.game import Contributions, Game

PAIRS_AT_ONCE = 64
"""Antithetic pairs whose coalitions are handed to the utility at once; bounds memory."""


def sampled_shapley(game: Game, *, evaluations: int, seed: int) -> Contributions:
    """Return an unbiased estimate of the Shapley values of `game` with its standard errors.

    `evaluations` is the most coalitions to evaluate; at least two antithetic pairs are drawn, so that there
    is a standard error. The values sum to v(N) - v(empty) (up to float rounding) for any sample, and a null
    player gets exactly 0.0. The standard errors are those of the mean over independent pairs. Raises
    ValueError when the budget does not pay for two pairs, or the seed is negative.
    """
    n = game.clients
    walk = 2 * max(n - 1, 1)
    pairs = (evaluations - 2) // walk
    if pairs < 2:
        raise ValueError(f"{evaluations} evaluations are too few for {n} clients: at least {2 * walk + 2}")
    if seed < 0:
        raise ValueError(f"a seed is an integer of at least 0, got {seed}")
    rng = np.random.default_rng(seed)
    ends = np.zeros((2, n), dtype=np.bool_)
    ends[1] = True
    empty, grand = game.evaluate(ends).tolist()
    means = np.empty((pairs, n))
    for start in range(0, pairs, PAIRS_AT_ONCE):
        stop = min(start + PAIRS_AT_ONCE, pairs)
        orders = np.array([rng.permutation(n) for _ in range(start, stop)])
        forward = _marginals(game, orders, empty, grand)
        backward = _marginals(game, orders[:, ::-1], empty, grand)
        means[start:stop] = (forward + backward) / 2
    errors = means.std(axis=0, ddof=1) / sqrt(pairs)
    return Contributions(means.mean(axis=0), errors, empty, grand, 2 + pairs * 2 * (n - 1), seed)


def _marginals(game: Game, orders: NDArray[np.int64], empty: float, grand: float) -> NDArray[np.float64]:
    """Return each client's marginal contribution (p, n) along each of the joining `orders` (p, n)."""
    count, n = orders.shape
    position = np.argsort(orders, axis=1)
    steps = np.arange(1, n)
    prefixes = position[:, None, :] < steps[None, :, None]
    inner = game.evaluate(prefixes.reshape(count * (n - 1), n)).reshape(count, n - 1)
    path = np.concatenate([np.full((count, 1), empty), inner, np.full((count, 1), grand)], axis=1)
    return np.asarray(np.take_along_axis(np.diff(path, axis=1), position, axis=1))
