"""Rewards without learning: what every client earns on average, and what each round makes of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def expected_shares(clients: int, spread: float | None, rng: np.random.Generator) -> Floats:
    """Return the shares of a pot (clients,) that clients earn on average.

    None: equal shares.  Otherwise a draw of the symmetric Dirichlet distribution with the concentration
    `spread`, the smaller the more unequal.  Raises ValueError unless that is above 0.
    """
    if spread is None:
        return np.full(clients, 1.0 / clients)
    if not spread > 0:
        raise ValueError(f"the concentration of a Dirichlet distribution has to be above 0, got {spread}")
    return rng.dirichlet(np.full(clients, spread))


def noisy_rounds(expected: Floats, rounds: int, noise: float, rng: np.random.Generator) -> Floats:
    """Return the shares of every pot (rounds, clients), independent draws whose mean is `expected`.

    Dirichlet distributed; `noise` is the standard deviation of an average client's share (1 / clients) over
    its mean.  Small shares vary more, large ones less.  Raises ValueError for a noise below 0, or one that no
    Dirichlet distribution has: it stays below sqrt(clients - 1).
    """
    clients = len(expected)
    if noise == 0:
        return np.tile(expected, (rounds, 1))
    if not 0 < noise < np.sqrt(clients - 1):
        raise ValueError(
            f"the noise of {clients} clients' shares is at least 0 and below {np.sqrt(clients - 1):.3g}, "
            f"got {noise}"
        )
    concentration = (clients - 1) / noise**2 - 1
    return rng.dirichlet(concentration * expected, size=rounds)
