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
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

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

    Raises ValueError on shapes that do not fit, NaN or infinity where somebody took part, and bad weights.
    """
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

    The first round counts 1, the last 1 / R. Raises ValueError without a round.
    """
    if rounds < 1:
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
    (nobody retrains). Raises ValueError when shapes or numbers of rounds and clients do not fit.
    """
    if not (len(globals_before) == len(updates) == len(weights) and len(updates) > 0):
        raise ValueError("expected one global model, one list of updates and one of weights for each round")
    n = len(updates[0])
    start = [np.asarray(array, dtype=np.float64) for array in initial]
    models = [[array.copy() for array in start] for _ in range(n)]
    for before, sent, weight in zip(globals_before, updates, weights, strict=True):
        if len(sent) != n or len(weight) != n:
            raise ValueError(f"every round lists all {n} clients, absent ones as None")
        present = [k for k, update in enumerate(sent) if update is not None]
        total = float(sum(weight[k] for k in present))
        if present and not total > 0:
            raise ValueError("the weights of those who took part in a round must sum to more than 0")
        for model, update, own in zip(models, sent, weight, strict=True):
            if update is None:
                continue
            for target, new, old in zip(model, update, before, strict=True):
                target[...] += n * (own / total) * (np.asarray(new, dtype=np.float64) - old)
    return models
