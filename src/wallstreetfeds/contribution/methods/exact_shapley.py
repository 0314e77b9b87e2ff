"""Exact Shapley values by enumeration of all coalitions.

Source: Shapley (1953), "A value for n-person games":
phi_i = sum over S without i of |S|! (n - |S| - 1)! / n! * (v(S + i) - v(S)).
"""

from __future__ import annotations

from math import comb
from typing import Final

import numpy as np

from wallstreetfeds.contribution.coalitions import coalition_table, sizes
from wallstreetfeds.contribution.game import Contributions, Game
from wallstreetfeds.contribution.sums import exact_sum

MOST_CLIENTS_EXACT: Final = 20
"""Above this the table of 2**n utilities is refused."""


def exact_shapley(game: Game) -> Contributions:
    """Return the exact Shapley values of `game`, in 2**n evaluations.

    Every sum is correctly rounded (`exact_sum`), so the result does not depend on the order of summation: a
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
    size = sizes(n - 1)
    weight = np.array([1.0 / (n * comb(n - 1, members)) for members in range(n)])[size]
    values = np.empty(n)
    for client in range(n):
        split = table.reshape(-1, 2, 1 << client)
        marginal = (split[:, 1, :] - split[:, 0, :]).ravel()
        values[client] = exact_sum(weight * marginal)
    return Contributions(values, None, float(table[0]), float(table[-1]), 1 << n, None)
