"""GTG-Shapley: guided orders, truncation between rounds and within one, utilities remembered.

- Guided: the clients take turns at leading an order; the rest of it is random. So everybody's first marginal,
  often the largest, is seen equally often.
- Between rounds: a round that moves the utility by no more than `between` pays nobody.
- Within: once those who joined are within `within` of v(N), the rest of the order counts as zero.
- A coalition that came up before is not evaluated again.

Source: Liu, Chen, Zhao, Yu, Liu, Cui (2022), "GTG-Shapley: Efficient and Accurate Participant Contribution
Evaluation in Federated Learning", ACM TIST 13(4), algorithm 1. Their rule to stop early when the values
settle is left out: the budget is the rule. The thresholds are absolute, in units of the utility, as theirs.
"""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.contribution.game import Contributions, Game
from wallstreetfeds.contribution.methods.sampling import generator, require

TRUNCATED = "the round changed the utility by less than the threshold: nobody is paid"


def least_evaluations(clients: int) -> int:
    """Return the two ends and two whole walks."""
    return 2 + 2 * (clients - 1)


def gtg_shapley(
    game: Game,
    *,
    evaluations: int = 20_000,
    seed: int = 0,
    between: float = 0.001,
    within: float = 0.001,
) -> Contributions:
    """Return an estimate of the Shapley values of `game` with its standard errors.

    `evaluations` is the most coalitions to evaluate, repeats not counted; at most that many orders are
    walked. A null player gets exactly 0.0. Truncation biases as in `truncated_shapley`; `within=0` leaves an
    unbiased estimate after every n orders. The standard errors are those of the mean over orders, as if
    independent. Raises ValueError when the budget does not pay for two walks, the seed or a threshold is
    negative.
    """
    n = game.clients
    require(evaluations, least_evaluations(n), n)
    if not (between >= 0 and within >= 0):
        raise ValueError(f"thresholds are at least 0, got {between} and {within}")
    rng = generator(seed)
    empty, grand = game.ends()
    if abs(grand - empty) <= between:
        return Contributions(np.zeros(n), np.zeros(n), empty, grand, 2, seed, TRUNCATED)
    walk = _Walk(game, empty, grand, within)
    found: list[NDArray[np.float64]] = []
    while walk.spent + n - 1 <= evaluations and len(found) < evaluations:
        found.append(walk.marginals(_guided(rng, len(found) % n, n)))
    walks = np.array(found)
    errors = walks.std(axis=0, ddof=1) / sqrt(len(walks))
    return Contributions(walks.mean(axis=0), errors, empty, grand, walk.spent, seed)


def _guided(rng: np.random.Generator, leader: int, n: int) -> NDArray[np.int64]:
    """Return a random order that `leader` opens."""
    others = np.delete(np.arange(n), leader)
    return np.concatenate([[leader], rng.permutation(others)])


class _Walk:
    """Walks orders one by one and remembers the utility of every coalition; `spent` counts evaluations."""

    def __init__(self, game: Game, empty: float, grand: float, within: float) -> None:
        self._game = game
        self._empty, self._grand, self._within = empty, grand, within
        self._known: dict[bytes, float] = {}
        self.spent = 2

    def marginals(self, order: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the marginals (n,) along `order`, zero from where it is truncated."""
        n = len(order)
        found = np.zeros(n)
        joined = np.zeros(n, dtype=np.bool_)
        worth = self._empty
        for step, client in enumerate(order):
            if abs(self._grand - worth) <= self._within:
                break
            joined[client] = True
            now = self._grand if step == n - 1 else self._utility(joined)
            found[client] = now - worth
            worth = now
        return found

    def _utility(self, joined: NDArray[np.bool_]) -> float:
        key = np.packbits(joined).tobytes()
        if key not in self._known:
            self._known[key] = float(self._game.evaluate(joined[None, :].copy())[0])
            self.spent += 1
        return self._known[key]
