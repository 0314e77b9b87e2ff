"""What all samplers share: the seed, random orders, and the marginals along them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.contribution.checks import whole
from wallstreetfeds.contribution.game import Coalitions, Game

BATCH = 1 << 14
"""Coalitions handed to the utility at once; bounds the memory of the boolean matrix."""


def generator(seed: int) -> np.random.Generator:
    """Return the random numbers of `seed`. Raises ValueError when it is negative or no integer."""
    if whole(seed, "a seed") < 0:
        raise ValueError(f"a seed is an integer of at least 0, got {seed}")
    return np.random.default_rng(seed)


def require(evaluations: int, least: int, clients: int) -> None:
    """Raise ValueError when `evaluations` is no integer, or below the `least` a method needs for `clients`
    clients."""
    if whole(evaluations, "the number of evaluations") < least:
        raise ValueError(f"{evaluations} evaluations are too few for {clients} clients: at least {least}")


def random_orders(rng: np.random.Generator, count: int, clients: int) -> NDArray[np.int64]:
    """Return `count` uniformly random joining orders (count, n)."""
    return np.array([rng.permutation(clients) for _ in range(count)], dtype=np.int64).reshape(count, clients)


def prefixes(orders: NDArray[np.int64]) -> Coalitions:
    """Return the coalitions of the first 1 to n - 1 clients of each of the `orders` (p, n).

    Shape (p * (n - 1), n): order by order, each from its smallest coalition to its largest.
    """
    count, n = orders.shape
    position = np.argsort(orders, axis=1)
    steps = np.arange(1, n)
    return np.asarray((position[:, None, :] < steps[None, :, None]).reshape(count * (n - 1), n))


def marginals(game: Game, orders: NDArray[np.int64], empty: float, grand: float) -> NDArray[np.float64]:
    """Return each client's marginal contribution (p, n) along each of the joining `orders` (p, n)."""
    count, n = orders.shape
    inner = game.evaluate(prefixes(orders)).reshape(count, n - 1)
    path = np.concatenate([np.full((count, 1), empty), inner, np.full((count, 1), grand)], axis=1)
    return np.asarray(np.take_along_axis(np.diff(path, axis=1), np.argsort(orders, axis=1), axis=1))
