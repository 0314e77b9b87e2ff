"""Shapley values by sampling, with every client at every position equally often.

Seat the clients at random around a circle and let every client start a walk in both directions: 2n joining
orders in which each client has each position exactly twice, so the noise that comes from position is gone
(strata of equal weight). The walks share their coalitions: an arc is the beginning of one walk each way, and
a circle has n (n - 1) of them, so 2n^2 marginals cost n (n - 1) evaluations.

Sources: Maleki, Tran-Thanh, Hines, Rahwan, Rogers (2013), "Bounding the Estimation Error of Sampling-based
Shapley Value Approximation" (strata by size); Castro, Gomez, Molina, Tejada (2017), "Improving polynomial
estimation of the Shapley value by stratified random sampling with optimum allocation". Equal allocation and
the circle are ours.
"""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.contribution.game import Coalitions, Contributions, Game
from wallstreetfeds.contribution.methods.sampling import generator, require


def least_evaluations(clients: int) -> int:
    """Return the two ends and two circles."""
    return 2 + 2 * clients * (clients - 1)


def stratified_shapley(game: Game, *, evaluations: int = 20_000, seed: int = 0) -> Contributions:
    """Return an unbiased estimate of the Shapley values of `game` with its standard errors.

    `evaluations` is the most coalitions to evaluate; at least two circles of n (n - 1) are drawn. The values
    sum to v(N) - v(empty) (up to float rounding), and a null player gets exactly 0.0. The standard errors are
    those of the mean over independent circles. Memory: n^3 bytes for the coalitions of one circle. Raises
    ValueError when the budget does not pay for two circles, or the seed is negative.
    """
    n = game.clients
    require(evaluations, least_evaluations(n), n)
    rng = generator(seed)
    empty, grand = game.ends()
    circles = (evaluations - 2) // (n * (n - 1)) if n > 1 else 2
    means = np.empty((circles, n))
    for circle in range(circles):
        seats = rng.permutation(n)
        means[circle, seats] = _mean_marginals(game, seats, empty, grand)
    errors = means.std(axis=0, ddof=1) / sqrt(circles)
    return Contributions(means.mean(axis=0), errors, empty, grand, 2 + circles * n * (n - 1), seed)


def _mean_marginals(game: Game, seats: NDArray[np.int64], empty: float, grand: float) -> NDArray[np.float64]:
    """Return the mean marginal (n,) of the client in each seat over the 2n walks of one circle."""
    n = len(seats)
    inner = game.evaluate(_arcs(seats)).reshape(n - 1, n)
    worth = np.concatenate([np.full((1, n), empty), inner, np.full((1, n), grand)])
    total = np.zeros(n)
    for size in range(n):  # arc of `size` seats from `first`; worth[size, first]
        first = np.arange(n)
        total += worth[size + 1, (first - size) % n] - worth[size, (first - size) % n]  # joined at the end
        total += worth[size + 1, first] - worth[size, (first + 1) % n]  # joined at the beginning
    return total / (2 * n)


def _arcs(seats: NDArray[np.int64]) -> Coalitions:
    """Return the arcs of 1 to n - 1 seats as coalitions (n * (n - 1), n), by size, then by first seat."""
    n = len(seats)
    place = np.argsort(seats)
    offset = (place[None, :] - np.arange(n)[:, None]) % n
    return np.asarray((offset[None] < np.arange(1, n)[:, None, None]).reshape(n * (n - 1), n))
