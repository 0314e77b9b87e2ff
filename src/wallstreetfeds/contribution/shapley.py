"""Exact Shapley values by enumeration of all coalitions.

Source: Shapley (1953), "A value for n-person games":
phi_i = sum over S without i of |S|! (n - |S| - 1)! / n! * (v(S + i) - v(S)).
"""

from __future__ import annotations

from math import comb, fsum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.contribution.game import Coalitions, Contributions, Game

MOST_CLIENTS_EXACT: Final = 20
"""Above this the table of 2**n utilities is refused."""

CHUNK: Final = 1 << 14
"""Coalitions handed to the utility at once; bounds the memory of the boolean matrix."""


def exact_shapley(game: Game) -> Contributions:
    """Return the exact Shapley values of `game`, in 2**n evaluations.

    Every sum is correctly rounded (`math.fsum`), so the result does not depend on the order of summation: a
    null player gets exactly 0.0, and clients whose utilities are equal to the bit get equal values to the
    bit. Memory: 8 bytes a coalition, and one chunk of the coalition matrix. Raises ValueError above 20
    clients or when a utility is not finite.
    """
    n = game.clients
    if n > MOST_CLIENTS_EXACT:
        raise ValueError(
            f"exact Shapley values of {n} clients need 2**{n} evaluations; sample above 20 clients"
        )
    table = coalition_table(game)
    size = _sizes(n - 1)
    weight = np.array([1.0 / (n * comb(n - 1, members)) for members in range(n)])[size]
    values = np.empty(n)
    for client in range(n):
        split = table.reshape(-1, 2, 1 << client)
        marginal = (split[:, 1, :] - split[:, 0, :]).ravel()
        values[client] = fsum((weight * marginal).tolist())
    return Contributions(values, None, float(table[0]), float(table[-1]), 1 << n, None)


def coalition_table(game: Game) -> NDArray[np.float64]:
    """Return all 2**n utilities; bit k of the index says whether client k takes part."""
    n = game.clients
    table = np.empty(1 << n)
    for start in range(0, 1 << n, CHUNK):
        stop = min(start + CHUNK, 1 << n)
        table[start:stop] = game.evaluate(_members(start, stop, n))
    return table


def _members(start: int, stop: int, n: int) -> Coalitions:
    """Return coalitions number `start` to `stop` - 1 as a boolean matrix."""
    number = np.arange(start, stop, dtype=np.int64)[:, None]
    return np.asarray((number >> np.arange(n, dtype=np.int64)) & 1 == 1)


def _sizes(n: int) -> NDArray[np.int64]:
    """Return the number of members of each of the 2**n coalitions."""
    size = np.zeros(1, dtype=np.int64)
    for _ in range(n):
        size = np.concatenate([size, size + 1])
    return size
