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

from array import array
from math import sqrt

import numpy as np

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
    walked. A null player gets exactly 0.0. Truncation biases as in `truncated_shapley`; a threshold of 0
    never truncates, not even at v(N) itself, and with both at 0 the estimate is unbiased after every n
    orders. The standard errors are those of the mean over orders, as if independent. Raises ValueError when
    the budget does not pay for two walks, the seed or a threshold is negative.
    """
    n = game.clients
    require(evaluations, least_evaluations(n), n)
    if not (between >= 0 and within >= 0):
        raise ValueError(f"thresholds are at least 0, got {between} and {within}")
    rng = generator(seed)
    empty, grand = game.ends()
    if between > 0 and abs(grand - empty) <= between:
        return Contributions(np.zeros(n), np.zeros(n), empty, grand, 2, seed, TRUNCATED)
    walk = _Walk(game, empty, grand, within)
    others = [np.delete(np.arange(n), leader) for leader in range(n)]
    found, count = array("d"), 0
    while walk.spent + n - 1 <= evaluations and count < evaluations:
        leader = count % n
        found.extend(walk.marginals([leader, *rng.permutation(others[leader]).tolist()]))
        count += 1
    walks = np.frombuffer(found).reshape(count, n)
    errors = walks.std(axis=0, ddof=1) / sqrt(len(walks))
    return Contributions(walks.mean(axis=0), errors, empty, grand, walk.spent, seed)


class _Walk:
    """Walks orders one by one and remembers the utility of every coalition by its number (bit k: client k);
    `spent` counts evaluations.

    Where all coalitions are known orders cost nothing, so many are walked: in plain Python, each takes
    microseconds.
    """

    def __init__(self, game: Game, empty: float, grand: float, within: float) -> None:
        self._game = game
        self._empty, self._grand, self._within = empty, grand, within
        self._known: dict[int, float] = {}
        self.spent = 2

    def marginals(self, order: list[int]) -> list[float]:
        """Return the marginals (n,) along `order`, zero from where it is truncated."""
        found = [0.0] * len(order)
        number, worth = 0, self._empty
        for step, client in enumerate(order, start=1):
            if self._within > 0 and abs(self._grand - worth) <= self._within:
                break
            number |= 1 << client
            now = self._grand if step == len(order) else self._known.get(number)
            if now is None:
                now = self._evaluated(order[:step], number)
            found[client] = now - worth
            worth = now
        return found

    def _evaluated(self, members: list[int], number: int) -> float:
        joined = np.zeros((1, self._game.clients), dtype=np.bool_)
        joined[0, members] = True
        self._known[number] = float(self._game.evaluate(joined)[0])
        self.spent += 1
        return self._known[number]
