"""From the accepted updates of a round to its scores: one function, for whoever pays and whoever checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.contribution import Contributions, integer_scores
from wallstreetfeds.contribution.utilities.models import normalised
from wallstreetfeds.units import WAD

Model = Sequence[NDArray[Any]]
"""The parameters of one model, in a fixed order."""


class Assess(Protocol):
    """Values the accepted updates of one round."""

    def __call__(
        self, previous: Model, updates: Sequence[Model], weights: NDArray[np.float64], seed: int
    ) -> Contributions:
        """Return one contribution an update.

        `previous` is the global model that was sent out; `updates` the accepted models in join order,
        `weights` (m,) their aggregation weights, summing to one; `seed` derives from the opening block and
        the round.
        """


@dataclass(frozen=True)
class Valuation:
    """What the updates of a round were worth.

    - `worth`: of the accepted updates, as the assessment gave it.
    - `contributions` (n,), `standard_errors` (n,) or None: one for each client, 0.0 without an update.
    - `scores`: n integers, as the contract accepts them.
    """

    worth: Contributions
    contributions: NDArray[np.float64]
    standard_errors: NDArray[np.float64] | None
    scores: tuple[int, ...]


def valuate(
    assess: Assess,
    previous: Model,
    updates: Mapping[int, Model],
    weights: NDArray[np.float64],
    seed: int,
    *,
    supplies: Sequence[int] | None,
    score_cap: Fraction | float,
) -> Valuation:
    """Return the valuation of `updates`, the accepted ones by client.

    `weights` (n,) are all clients' aggregation weights; those of the accepted ones are normalised.  Where
    nobody's update was accepted, the previous model stands in and is worth exactly nothing.  The cap is that
    of the contracts, see `cap_in_wad`.  Raises ValueError as `assess` and `integer_scores` do.
    """
    n = len(weights)
    members = sorted(updates)
    if members:
        share = normalised(weights[members], len(members))
        worth = assess(previous, [updates[client] for client in members], share, seed)
    else:
        worth = assess(previous, [previous], np.ones(1), seed)
    contributions = np.zeros(n)
    errors = None if worth.standard_errors is None else np.zeros(n)
    if members:
        contributions[members] = worth.values
        if errors is not None:
            errors[members] = worth.standard_errors
    scores = integer_scores(contributions.tolist(), supplies=supplies, score_cap=cap_in_wad(score_cap))
    return Valuation(worth, contributions, errors, tuple(scores))


def cap_in_wad(score_cap: Fraction | float) -> Fraction:
    """Return a cap on scores as the contracts hold it: in WAD, rounded down.

    A float is taken for what it is written as: 4.2 is 21/5.  Raises ValueError unless it is a finite number
    of at least one.
    """
    try:
        cap = Fraction(str(score_cap))
    except ValueError:
        raise ValueError(f"a score cap is a finite number of at least one, not {score_cap!r}") from None
    if cap < 1:
        raise ValueError(f"a score cap below one leaves part of every pot unpaid, got {score_cap}")
    return Fraction(floor(cap * WAD), WAD)
