"""From assessments of rounds to an assessment of the whole run.

Two families. *Per round*: every round is a game of its own and a client's value is a weighted sum over rounds
("multi-round reconstruction", MR). *Over the run*: the updates of all rounds are added up, coalitions are
rebuilt from the sums and evaluated once, after the last round ("one-round reconstruction", OR); that is
`accumulated`, and any utility and method take it from there.

Names differ: what Geimer, Fiz, State (2024), "On the Volatility of Shapley-Based Contribution Metrics in
Federated Learning" (arXiv 2405.08044), call one-round reconstruction is a sum over rounds, MR to everybody
else. Sources: Song, Tong, Wei (2019), "Profit Allocation for Federated Learning" (OR and MR); Wang, Rausch,
Zhang, Jia, Song (2020), "A Principled Approach to Data Valuation for Federated Learning" (FedSV: the players
of a round are those who took part); Horvitz, Thompson (1952) for clients that were not asked.

v(empty) of a round is the utility of the model it started from, not zero: with zero, every round would pay
again for all that was learnt before.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.contribution.checks import whole

Arrays = Sequence[NDArray[Any]]
"""The parameters of one model, in a fixed order."""

Skipped = Literal["nothing", "own mean"]
"""What a round that a client was not part of is worth to it."""


def over_rounds(
    values: NDArray[np.float64],
    *,
    took_part: NDArray[np.bool_] | None = None,
    weights: NDArray[np.float64] | None = None,
    skipped: Skipped = "nothing",
) -> NDArray[np.float64]:
    """Return each client's value (n,) over all rounds.

    - `values` (rounds, n): contributions by round; what stands where a client did not take part is not read.
    - `took_part` (rounds, n): None for everybody, always.
    - `weights` (rounds,): of the rounds, at least 0; None: 1 each. See `early_rounds_weigh_more`.
    - `skipped`: "nothing" pays for the rounds a client was part of (FedSV; efficient: the values sum to the
      weighted sum of what rounds were worth). It underpays those who were not asked: identical clients
      differ by the luck of selection. "own mean" counts the rounds a client missed at its weighted mean over
      those it was part of, so clients of equal quality get equal values however often they were asked; use it
      where the *federator* selects, not where clients choose to stay away. Its values sum to more than the
      rounds were worth. A client that never took part gets 0.0 under both.

    Raises ValueError on shapes that do not fit, NaN or infinity where somebody took part, bad weights, and
    numbers too large to be summed.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        summed = _over_rounds(values, took_part, weights, skipped)
    if not np.isfinite(summed).all():
        raise ValueError("the weighted contributions are too large to be summed; give smaller weights")
    return summed


def _over_rounds(
    values: NDArray[np.float64],
    took_part: NDArray[np.bool_] | None,
    weights: NDArray[np.float64] | None,
    skipped: Skipped,
) -> NDArray[np.float64]:
    """Return what `over_rounds` does, not finite where numbers are too large."""
    table = np.asarray(values, dtype=np.float64)
    if table.ndim != 2 or 0 in table.shape:
        raise ValueError(f"values must have shape (rounds, n), got {table.shape}")
    rounds = table.shape[0]
    here = np.ones(table.shape, dtype=np.bool_) if took_part is None else np.asarray(took_part)
    if here.shape != table.shape or here.dtype != np.bool_:
        raise ValueError(f"took_part must be boolean of shape {table.shape}, got {here.dtype} {here.shape}")
    bad = np.argwhere(here & ~np.isfinite(table))
    if len(bad):
        row, client = bad[0].tolist()
        raise ValueError(
            f"the contribution of client {client} in round {row + 1} is {table[row, client]}, not a finite "
            "number; mark rounds it missed in took_part"
        )
    weight = np.ones(rounds) if weights is None else np.asarray(weights, dtype=np.float64)
    if weight.shape != (rounds,) or not np.isfinite(weight).all() or (weight < 0).any():
        raise ValueError(f"weights must be {rounds} finite numbers of at least 0")
    paid = (weight[:, None] * np.where(here, table, 0.0)).sum(axis=0)
    if skipped == "nothing":
        return np.asarray(paid)
    if skipped != "own mean":
        raise ValueError(f"skipped must be 'nothing' or 'own mean', got {skipped!r}")
    present = (weight[:, None] * here).sum(axis=0)
    return np.asarray(np.where(present > 0, paid * weight.sum() / np.where(present > 0, present, 1.0), 0.0))


def early_rounds_weigh_more(rounds: int) -> NDArray[np.float64]:
    """Return the weights (R - t) / R of rounds t = 0 to R - 1, as Geimer, Fiz, State weigh them.

    The first round counts 1, the last 1 / R. Raises ValueError without a round, and on a number of rounds
    that is no integer.
    """
    if whole(rounds, "the number of rounds") < 1:
        raise ValueError(f"a run has at least one round, got {rounds}")
    return np.asarray((rounds - np.arange(rounds)) / rounds)


def accumulated(
    initial: Arrays,
    globals_before: Sequence[Arrays],
    updates: Sequence[Sequence[Arrays | None]],
    weights: Sequence[Sequence[float]],
) -> list[list[NDArray[np.float64]]]:
    """Return one model a client, whose equally weighted aggregate is the run's last model.

    - `initial`: the model before round 1; `globals_before[t]` the global model round t started from.
    - `updates[t][k]`: client k's model of round t, None if it took no part.
    - `weights[t][k]`: aggregation weights of the round; those of absent clients are not read.

    Client k's model is initial + n * sum over t of a_tk (update_tk - global_t), a_tk being its share of the
    round's weight. Give these models, `initial` as the previous one, and equal weights to a utility: the
    coalition models are then the run as if only the coalition had sent its updates, each as it was sent
    (nobody retrains). Raises ValueError when shapes or numbers of rounds and clients do not fit, on NaN or
    infinity, and on weights that are negative or not finite.
    """
    if not (len(globals_before) == len(updates) == len(weights) and len(updates) > 0):
        raise ValueError("expected one global model, one list of updates and one of weights for each round")
    n = len(updates[0])
    shapes = [np.shape(array) for array in initial]
    start = _checked(initial, shapes, "the initial model")
    models = [[array.copy() for array in start] for _ in range(n)]
    for number, (model_before, sent, weight) in enumerate(
        zip(globals_before, updates, weights, strict=True), start=1
    ):
        before = _checked(model_before, shapes, f"the global model of round {number}")
        if len(sent) != n or len(weight) != n:
            raise ValueError(f"every round lists all {n} clients, absent ones as None")
        present = [k for k, update in enumerate(sent) if update is not None]
        total = float(sum(weight[k] for k in present))
        if not (isfinite(total) and all(weight[k] >= 0 for k in present)):
            raise ValueError("the weights of those who took part in a round must be finite and at least 0")
        if present and not total > 0:
            raise ValueError("the weights of those who took part in a round must sum to more than 0")
        for client, update in enumerate(sent):
            if update is None:
                continue
            found = _checked(update, shapes, f"the update of client {client} in round {number}")
            for target, new, old in zip(models[client], found, before, strict=True):
                target[...] += n * (weight[client] / total) * (new - old)
    return models


def _checked(arrays: Arrays, shapes: list[tuple[int, ...]], whose: str) -> list[NDArray[np.float64]]:
    """Return `arrays` as float64. Raises ValueError on other shapes than the initial model's, NaN or
    infinity."""
    values = [np.asarray(array, dtype=np.float64) for array in arrays]
    found = [array.shape for array in values]
    if found != shapes:
        raise ValueError(f"{whose} has arrays of shapes {found}, the initial model {shapes}")
    if not all(np.isfinite(array).all() for array in values):
        raise ValueError(f"{whose} holds NaN or infinity")
    return values
