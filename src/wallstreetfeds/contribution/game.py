"""Cooperative games: who plays, what a coalition is worth, and what an assessment of the players looks
like."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Coalitions = NDArray[np.bool_]
"""Boolean matrix (m, n): row = one coalition, column = one client in join order."""

Utility = Callable[[Coalitions], NDArray[np.float64]]
"""Maps m coalitions (m, n) to their m utilities (m,); a pure function of each row."""


@dataclass(frozen=True)
class Game:
    """A cooperative game of `clients` players with the characteristic function `utility`.

    `utility(coalitions)` takes a boolean matrix (m, n) and returns m float64 utilities. It must give the
    same number for the same row whatever rows surround it: exact properties (a null player is worth exactly
    0.0) rest on it.
    """

    clients: int
    utility: Utility

    def __post_init__(self) -> None:
        if self.clients < 1:
            raise ValueError(f"a game needs at least one client, got {self.clients}")

    def evaluate(self, coalitions: Coalitions) -> NDArray[np.float64]:
        """Return the utilities (m,) of `coalitions` (m, n).

        Raises ValueError when the utility returns another shape, NaN or infinity.
        """
        if coalitions.ndim != 2 or coalitions.shape[1] != self.clients:
            raise ValueError(f"coalitions must have shape (m, {self.clients}), got {coalitions.shape}")
        values = np.asarray(self.utility(coalitions), dtype=np.float64)
        if values.shape != (coalitions.shape[0],):
            raise ValueError(
                f"the utility returned shape {values.shape} for {coalitions.shape[0]} coalitions; "
                f"expected ({coalitions.shape[0]},)"
            )
        if not np.isfinite(values).all():
            row = int(np.flatnonzero(~np.isfinite(values))[0])
            members = np.flatnonzero(coalitions[row]).tolist()
            raise ValueError(f"the utility of coalition {members} is {values[row]}, not a finite number")
        return values


@dataclass(frozen=True)
class Contributions:
    """What each client was worth in one round.

    - `values` (n,): contributions in join order, in units of the utility; they sum to
      `grand_utility - empty_utility`.
    - `standard_errors` (n,), or None when the values are exact.
    - `empty_utility`, `grand_utility`: v(empty) and v(N).
    - `evaluations`: coalitions evaluated.
    - `seed`: the sampling seed, or None when the values are exact.
    """

    values: NDArray[np.float64]
    standard_errors: NDArray[np.float64] | None
    empty_utility: float
    grand_utility: float
    evaluations: int
    seed: int | None

    @property
    def exact(self) -> bool:
        """Whether the values are exact and not estimates."""
        return self.standard_errors is None
