"""What a token is worth if the shares of the past go on: the theory that prices are held against."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def cumulative_shares(reward_shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each client's share of all pots so far, shape (clients,).

    `reward_shares` has shape (rounds, clients).  Pots are uniform, so the mean over rounds is the share
    weighted by round rewards.  Before the first round nobody is known to be better: equal shares.
    """
    rounds, clients = reward_shares.shape
    if rounds == 0:
        return np.full(clients, 1.0 / clients)
    shares: NDArray[np.float64] = reward_shares.mean(axis=0)
    return shares


def fair_prices(
    shares: NDArray[np.float64], remaining: float, supplies: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the fair price of each token, numeraire per whole token, shape (clients,).

    p_k = c_k * rho / S_k: the discounted sum of expected rewards of the paper (arXiv 2506.20518) with no
    discount between rounds and constant shares c_k.
    """
    return shares * remaining / supplies
