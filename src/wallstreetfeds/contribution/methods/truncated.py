"""Truncated Monte Carlo (TMC): walk random joining orders, stop where little is left to gain.

Once the utility of those who have joined is within a tolerance of v(N), the rest of the order is not
evaluated and its marginals count as zero. That saves evaluations and biases: clients lose what they would
have added late, and the values need not sum to v(N) - v(empty).

Source: Ghorbani, Zou (2019), "Data Shapley: Equitable Valuation of Data for Machine Learning", ICML,
algorithm 1. Their stopping rule over orders is left out: the budget is the rule.
"""

from __future__ import annotations

from math import sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.contribution.game import Contributions, Game
from wallstreetfeds.contribution.methods.sampling import generator, random_orders, require

ORDERS_AT_ONCE = 32
"""Orders that are walked side by side, so that the utility is asked for many coalitions at once."""

NEVER: Final = -1.0
"""A distance from v(N) that no walk comes within."""
TRUNCATED = "the round changed the utility by no more than the tolerance: nobody is paid"


def least_evaluations(clients: int) -> int:
    """Return the two ends and two whole walks."""
    return 2 + 2 * max(clients - 1, 1)


def truncated_shapley(
    game: Game, *, evaluations: int = 20_000, seed: int = 0, tolerance: float = 0.01
) -> Contributions:
    """Return an estimate of the Shapley values of `game` with its standard errors.

    `tolerance` is the share of |v(N) - v(empty)| within which a walk stops; 0 never stops one, not even at
    v(N) itself, and leaves an unbiased estimate. Where v(N) = v(empty) any other tolerance stops every walk
    before it begins, and nobody is paid: `note` says so. A null player gets exactly 0.0. The standard errors
    are those of the mean over orders and do not know the bias. Raises ValueError when the budget does not pay
    for two walks, the seed or the tolerance is negative.
    """
    n = game.clients
    require(evaluations, least_evaluations(n), n)
    if not tolerance >= 0:
        raise ValueError(f"a tolerance is at least 0, got {tolerance}")
    rng = generator(seed)
    empty, grand = game.ends()
    near = tolerance * abs(grand - empty) if tolerance > 0 else NEVER
    if near >= abs(grand - empty):
        return Contributions(np.zeros(n), np.zeros(n), empty, grand, 2, seed, TRUNCATED)
    spent, parts, walked = 2, [], 0
    while (count := (evaluations - spent) // max(n - 1, 1)) >= 1 and walked < evaluations:
        orders = random_orders(rng, min(count, ORDERS_AT_ONCE), n)
        found, cost = _walk(game, orders, empty, grand, near)
        parts.append(found)
        walked += len(found)
        spent += cost
    walks = np.concatenate(parts)
    errors = walks.std(axis=0, ddof=1) / sqrt(len(walks))
    return Contributions(walks.mean(axis=0), errors, empty, grand, spent, seed)


def _walk(
    game: Game, orders: NDArray[np.int64], empty: float, grand: float, near: float
) -> tuple[NDArray[np.float64], int]:
    """Return the marginals (p, n) along each of the `orders` (p, n), and the evaluations they cost."""
    count, n = orders.shape
    joined = np.zeros((count, n), dtype=np.bool_)
    worth = np.full(count, empty)
    found = np.zeros((count, n))
    cost = 0
    for step in range(n):
        going = np.flatnonzero(np.abs(grand - worth) > near)
        if len(going) == 0:
            break
        client = orders[going, step]
        joined[going, client] = True
        if step == n - 1:
            now = np.full(len(going), grand)
        else:
            now = game.evaluate(joined[going])
            cost += len(going)
        found[going, client] = now - worth[going]
        worth[going] = now
    return found, cost
