"""What each round of a trained federation was worth, and what it pays: all that a market needs of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np

from wallstreetfeds.contribution import (
    METHODS,
    SCORE_TOTAL,
    Contributions,
    Game,
    Utility,
    integer_scores,
    linear_log_loss,
    mlp_log_loss,
)
from wallstreetfeds.contribution.scores import DEFAULT_SCORE_CAP
from wallstreetfeds.contribution.utilities.threads import checked_threads, in_parallel
from wallstreetfeds.federation.tasks.base import Partition
from wallstreetfeds.sim.learning.networks import Floats
from wallstreetfeds.sim.learning.training import Round, Trained

EXACT_UP_TO: Final = 16
"""Clients up to which the default method is exact; above, it is the surrogate."""


@dataclass(frozen=True)
class Assessed:
    """Contributions by round, in nats of log-loss.

    - `values` (rounds, n); `standard_errors` (rounds, n), None where nothing was sampled.
    - `evaluations`: coalitions evaluated, and model passes made, in all rounds.
    """

    values: Floats
    standard_errors: Floats | None
    evaluations: int


def default_method(clients: int) -> str:
    """Return the method by which federations of so many clients are assessed: its key in `METHODS`."""
    return "exact" if clients <= EXACT_UP_TO else "surrogate"


def assess_rounds(
    trained: Trained,
    weights: Floats,
    validation: Partition,
    *,
    method: str,
    evaluations: int,
    seed: int,
    sizes: Sequence[int] | None = None,
    threads: int = 1,
) -> Assessed:
    """Return what every client contributed in every round.

    `method` is a key of `contribution.METHODS`; `evaluations` is the budget of a sampler for one round,
    raised to the least it accepts; its seed in round t is `seed` + t. `weights` (n,) are those of training,
    `sizes` the rows clients declare, which only "data-size" reads. Absent clients count as the previous
    model. Rounds are split over `threads`; the bits do not depend on it. Raises ValueError on an unknown
    method.
    """
    if method not in METHODS:
        raise ValueError(f"there is no method {method!r}; there are {', '.join(METHODS)}")
    chosen, rounds = METHODS[method], trained.rounds
    found: list[Contributions | None] = [None] * len(rounds)

    def work(part: slice) -> None:
        for number in range(part.start, part.stop):
            game = Game(len(weights), round_utility(rounds[number], weights, validation), sizes)
            budget = max(evaluations, chosen.least_evaluations(game))
            found[number] = chosen(game, evaluations=budget, seed=seed + number + 1)

    in_parallel(work, len(rounds), checked_threads(threads))
    worth = [one for one in found if one is not None]
    errors = [one.standard_errors for one in worth if one.standard_errors is not None]
    return Assessed(
        np.array([one.values for one in worth]),
        np.array(errors) if len(errors) == len(worth) else None,
        sum(one.evaluations for one in worth),
    )


def round_utility(seen: Round, weights: Floats, validation: Partition) -> Utility:
    """Return the utility of the coalitions of one round: the negative log-loss on `validation`."""
    make = linear_log_loss if len(seen.previous) == 2 else mlp_log_loss
    return make(validation.features, validation.labels, seen.previous, seen.updates, weights)


def reward_shares(
    values: Floats,
    *,
    supplies: Sequence[int] | None = None,
    score_cap: Fraction | float = DEFAULT_SCORE_CAP,
) -> Floats:
    """Return each client's share (rounds, n) of every pot, as the contracts pay for `values` (rounds, n).

    Integer scores as `contribution.integer_scores` gives them; where nobody contributed the pot is split by
    `supplies` (None: equal). Rows sum to one.
    """
    shares = np.empty(values.shape)
    owned = np.ones(values.shape[1]) if supplies is None else np.asarray(supplies, dtype=np.float64)
    for row, contributions in zip(shares, values, strict=True):
        scores = integer_scores(contributions.tolist(), supplies=supplies, score_cap=score_cap)
        row[:] = np.array(scores) / SCORE_TOTAL if any(scores) else owned / owned.sum()
    return shares
