"""Cheap baselines: what they pay is known at once, and so are their faults.

Sources: the comparisons of "leave-one-out" and "individual" in the literature on federated contribution
assessment, for example Liu, Chen, Zhao, Yu, Liu, Cui (2022), "GTG-Shapley", section 5.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.contribution.game import Contributions, Game


def leave_one_out(game: Game) -> Contributions:
    """Return v(N) - v(N without i) for each client i, in n + 2 evaluations.

    Blind to redundancy: two clients with the same good data are both worth nothing. The values sum to
    anything. A null player gets exactly 0.0.
    """
    n = game.clients
    empty, grand = game.ends()
    values = grand - game.evaluate(~np.eye(n, dtype=np.bool_))
    return Contributions(values, None, empty, grand, n + 2, None)


def standalone(game: Game) -> Contributions:
    """Return v({i}) - v(empty) for each client i ("individual"), in n + 2 evaluations.

    Blind to what the others already bring: a copy of good data is paid in full, every time. The values sum
    to anything. A null player gets exactly 0.0.
    """
    n = game.clients
    empty, grand = game.ends()
    values = game.evaluate(np.eye(n, dtype=np.bool_)) - empty
    return Contributions(values, None, empty, grand, n + 2, None)


def data_size(game: Game) -> Contributions:
    """Return v(N) - v(empty) split by `game.num_examples`, in 2 evaluations.

    It pays what a client says about itself and nothing for quality. A client without data gets exactly 0.0;
    where nobody has any, everybody does. Raises ValueError when the game has no `num_examples`.
    """
    if game.num_examples is None:
        raise ValueError("pay by data size needs the game's num_examples: Game(n, utility, num_examples)")
    return _split(game, np.array(game.num_examples, dtype=np.float64))


def equal(game: Game) -> Contributions:
    """Return v(N) - v(empty) split equally, in 2 evaluations: free-riders welcome."""
    return _split(game, np.ones(game.clients))


def _split(game: Game, shares: NDArray[np.float64]) -> Contributions:
    empty, grand = game.ends()
    total = shares.sum()
    values = shares * ((grand - empty) / total) if total > 0 else np.zeros(game.clients)
    return Contributions(values, None, empty, grand, 2, None)
