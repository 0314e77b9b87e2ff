"""What each method says about the rounds of a federation, from one table of utilities a round.

All methods of a round look up the same table of 2**n coalition utilities, so their differences are theirs
and not the engine's. The table is built by NumPy on stacked models, for any network; tests hold it against
the engines of `wallstreetfeds.contribution`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from wallstreetfeds.contribution import METHODS, Coalitions, Contributions, Game
from wallstreetfeds.contribution.coalitions import members
from wallstreetfeds.experiments.networks import Floats, Stack, accuracies, log_losses, logits
from wallstreetfeds.experiments.training import Round
from wallstreetfeds.federation.tasks.base import Partition

Absent = Literal["previous", "left out"]
"""What an absent client counts as: the previous global model (the default), or nothing (renormalised)."""

AT_ONCE: Final = 16
"""Coalitions evaluated together: few enough for their logits to stay in the processor's cache."""


@dataclass(frozen=True)
class Tables:
    """Utilities (2**n,) of all coalitions of one round: negative log-loss, and accuracy."""

    log_loss: Floats
    accuracy: Floats


class Lookup:
    """A utility that looks coalitions up in a table (2**n,) by number."""

    def __init__(self, table: Floats) -> None:
        self._table = table

    def __call__(self, coalitions: Coalitions) -> Floats:
        """Return the utilities (m,) of `coalitions` (m, n)."""
        bits = 1 << np.arange(coalitions.shape[1], dtype=np.int64)
        return np.asarray(self._table[coalitions.astype(np.int64) @ bits])


def tabulate(round_: Round, weights: Floats, validation: Partition, absent: Absent = "previous") -> Tables:
    """Return the utilities of all coalitions of one round on the validation set.

    The model of a coalition is previous + sum over members of a_k * (update_k - previous); the weights a_k
    sum to one over all clients ("previous") or over the members ("left out"). What the first layer puts out
    is linear in the updates, so each client's part of it is computed once.
    """
    n = len(round_.updates)
    steps = [
        np.stack([update[place] - previous for update in round_.updates])
        for place, previous in enumerate(round_.previous)
    ]
    features = validation.features
    parts = [features @ kernel + bias for kernel, bias in zip(steps[0], steps[1], strict=True)]
    layer = np.stack(parts).reshape(n, -1)
    base = features @ round_.previous[0] + round_.previous[1]
    losses, shares = [], weights / weights.sum()
    right = []
    for coalitions in _chunks(n):
        mix = coalitions * shares
        if absent == "left out":
            mix = mix / np.maximum(mix.sum(axis=1, keepdims=True), np.finfo(np.float64).tiny)
        values = base + (mix @ layer).reshape(len(mix), *base.shape)
        deeper: Stack = [
            previous + np.tensordot(mix, step, axes=1)
            for previous, step in zip(round_.previous[2:], steps[2:], strict=True)
        ]
        outputs = logits(deeper, np.maximum(values, 0.0)) if deeper else values
        losses.append(log_losses(outputs, validation.labels))
        right.append(accuracies(outputs, validation.labels))
    return Tables(-np.concatenate(losses), np.concatenate(right))


def _chunks(n: int) -> Iterator[Coalitions]:
    for start in range(0, 1 << n, AT_ONCE):
        yield members(start, min(start + AT_ONCE, 1 << n), n)


@dataclass(frozen=True)
class Valuation:
    """One way to value a round: a method of the library on one of the utilities.

    `method` is a key of `contribution.METHODS`.
    """

    method: str
    absent: Absent = "previous"
    metric: Literal["log_loss", "accuracy"] = "log_loss"


def value_rounds(
    rounds: Sequence[Round],
    weights: Floats,
    sizes: Floats,
    validation: Partition,
    valuations: Mapping[str, Valuation],
    *,
    evaluations: int,
    seed: int,
) -> dict[str, Floats]:
    """Return the contributions (R, n) that each of `valuations` finds in the rounds.

    `evaluations` is the budget of a sampler for one round, raised to the least it accepts; `sizes` (n,) are
    the rows that clients declare.
    """
    found: dict[str, list[Floats]] = {name: [] for name in valuations}
    for number, round_ in enumerate(rounds, start=1):
        tables: dict[Absent, Tables] = {}
        for name, valuation in valuations.items():
            if valuation.absent not in tables:
                tables[valuation.absent] = tabulate(round_, weights, validation, valuation.absent)
            table = getattr(tables[valuation.absent], valuation.metric)
            game = Game(len(weights), Lookup(table), [int(size) for size in sizes])
            found[name].append(_valued(game, valuation.method, evaluations, seed + number).values)
    return {name: np.array(values) for name, values in found.items()}


def _valued(game: Game, name: str, evaluations: int, seed: int) -> Contributions:
    method = METHODS[name]
    budget = max(evaluations, method.least_evaluations(game.clients))
    return method(game, evaluations=budget, seed=seed)
