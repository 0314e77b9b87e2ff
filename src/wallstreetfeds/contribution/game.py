"""Cooperative games: who plays, what a coalition is worth, and what an assessment of the players looks
like."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.contribution.checks import checked_coalitions, whole

Coalitions = NDArray[np.bool_]
"""Boolean matrix (m, n): row = one coalition, column = one client in join order."""

Utility = Callable[[Coalitions], NDArray[np.float64]]
"""Maps m coalitions (m, n) to their m utilities (m,); a pure function of each row."""

MOST_EXAMPLES: Final = 2**63


@dataclass(frozen=True)
class Game:
    """A cooperative game of `clients` players with the characteristic function `utility`.

    `utility(coalitions)` takes a boolean matrix (m, n) and returns m float64 utilities. It must give the
    same number for the same row whatever rows surround it: exact properties (a null player is worth exactly
    0.0) rest on it. `num_examples` (n integers of at least 0) is what the data-size baseline pays by; no
    other method reads it. Raises ValueError without a client, or when the numbers do not fit or are no
    integers.
    """

    clients: int
    utility: Utility
    num_examples: Sequence[int] | None = None

    def __post_init__(self) -> None:
        if whole(self.clients, "the number of clients") < 1:
            raise ValueError(f"a game needs at least one client, got {self.clients}")
        if self.num_examples is not None:
            if len(self.num_examples) != self.clients:
                raise ValueError(f"expected {self.clients} numbers of examples, got {len(self.num_examples)}")
            counts = [whole(count, "a number of examples") for count in self.num_examples]
            if not 0 <= min(counts) <= max(counts) < MOST_EXAMPLES:
                raise ValueError("a number of examples is at least 0 and below 2**63")

    def evaluate(self, coalitions: Coalitions) -> NDArray[np.float64]:
        """Return the utilities (m,) of `coalitions` (m, n).

        Raises ValueError when `coalitions` is no boolean matrix, when the utility returns another shape, and,
        naming the coalition, when it returns NaN or infinity or raises an exception itself (then the cause).
        """
        checked_coalitions(coalitions, self.clients)
        try:
            returned = self.utility(coalitions)
        except Exception as error:
            raise self._named(coalitions, error) from error
        values = np.asarray(returned, dtype=np.float64)
        if values.shape != (coalitions.shape[0],):
            raise ValueError(
                f"the utility returned shape {values.shape} for {coalitions.shape[0]} coalitions; "
                f"expected ({coalitions.shape[0]},)"
            )
        if not np.isfinite(values).all():
            row = int(np.flatnonzero(~np.isfinite(values))[0])
            raise ValueError(
                f"the utility of coalition {_members(coalitions[row])} is {values[row]}, not a finite number"
            )
        return values

    def ends(self) -> tuple[float, float]:
        """Return v(empty) and v(N), in two evaluations."""
        both = np.zeros((2, self.clients), dtype=np.bool_)
        both[1] = True
        empty, grand = self.evaluate(both).tolist()
        return empty, grand

    def _named(self, coalitions: Coalitions, error: Exception) -> ValueError:
        """Return an error that names the first coalition whose utility fails, found one by one."""
        for row in coalitions:
            try:
                self.utility(row[None, :])
            except Exception as alone:
                return ValueError(f"the utility of coalition {_members(row)} failed: {alone}")
        return ValueError(
            f"the utility failed on {len(coalitions)} coalitions together, on none alone: {error}"
        )


@dataclass(frozen=True)
class Contributions:
    """What each client was worth in one round.

    - `values` (n,): contributions in join order, in units of the utility. Shapley values, and Banzhaf
      values as they are paid by, sum to `grand_utility - empty_utility`; the docstring of every other method
      says what they sum to.
    - `standard_errors` (n,), or None when the method does not sample.
    - `empty_utility`, `grand_utility`: v(empty) and v(N).
    - `evaluations`: coalitions evaluated, and model passes made before them.
    - `seed`: the sampling seed, or None when the method does not sample.
    - `note`: what a reader should know about this result, if anything; one sentence.

    Raises ValueError when a value or a standard error is not finite: utilities were too far apart to be
    subtracted, or to be squared for an error.
    """

    values: NDArray[np.float64]
    standard_errors: NDArray[np.float64] | None
    empty_utility: float
    grand_utility: float
    evaluations: int
    seed: int | None
    note: str = ""

    def __post_init__(self) -> None:
        errors = () if self.standard_errors is None else self.standard_errors
        if not (np.isfinite(self.values).all() and np.isfinite(errors).all()):
            raise ValueError(
                "the contributions are not finite numbers: the utilities are too far apart to be subtracted "
                "or squared; give the utility a larger unit"
            )

    @property
    def exact(self) -> bool:
        """Whether the values are those of the method's definition and not estimates."""
        return self.standard_errors is None


def _members(row: NDArray[np.bool_]) -> list[int]:
    members: list[int] = np.flatnonzero(row).tolist()
    return members
