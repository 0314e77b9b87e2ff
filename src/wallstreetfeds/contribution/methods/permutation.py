"""Shapley values by sampling, for federations too large to enumerate.

Antithetic permutation sampling: every random joining order is walked forwards and backwards, which cancels
most of the variance that comes from a client's position. Source: Castro, Gomez, Tejada (2009), "Polynomial
calculation of the Shapley value based on sampling"; Mitchell, Cooper, Frank, Holmes (2022), "Sampling
Permutations for Shapley Value Estimation" (antithetic pairs).
"""

from __future__ import annotations

from math import sqrt

import numpy as np

from wallstreetfeds.contribution.game import Contributions, Game
from wallstreetfeds.contribution.methods.sampling import generator, marginals, random_orders, require

PAIRS_AT_ONCE = 64
"""Antithetic pairs whose coalitions are handed to the utility at once; bounds memory."""


def least_evaluations(clients: int) -> int:
    """Return what two antithetic pairs of walks and the two ends cost."""
    return 4 * max(clients - 1, 1) + 2


def sampled_shapley(game: Game, *, evaluations: int = 20_000, seed: int = 0) -> Contributions:
    """Return an unbiased estimate of the Shapley values of `game` with its standard errors.

    `evaluations` is the most coalitions to evaluate; at least two antithetic pairs are drawn, so that there
    is a standard error. The values sum to v(N) - v(empty) (up to float rounding) for any sample, and a null
    player gets exactly 0.0. The standard errors are those of the mean over independent pairs. Raises
    ValueError when the budget does not pay for two pairs, or the seed is negative.
    """
    n = game.clients
    require(evaluations, least_evaluations(n), n)
    pairs = (evaluations - 2) // (2 * max(n - 1, 1))
    rng = generator(seed)
    empty, grand = game.ends()
    means = np.empty((pairs, n))
    for start in range(0, pairs, PAIRS_AT_ONCE):
        stop = min(start + PAIRS_AT_ONCE, pairs)
        orders = random_orders(rng, stop - start, n)
        forward = marginals(game, orders, empty, grand)
        backward = marginals(game, orders[:, ::-1], empty, grand)
        means[start:stop] = (forward + backward) / 2
    errors = means.std(axis=0, ddof=1) / sqrt(pairs)
    return Contributions(means.mean(axis=0), errors, empty, grand, 2 + pairs * 2 * (n - 1), seed)
