"""What each method says about the rounds of a federation, from one table of utilities a round.

All methods of a round look up the same table of 2**n coalition utilities, so their differences are theirs
and not the engine's. The table is built by NumPy on stacked models, for any network; tests hold it against
the engines of `wallstreetfeds.contribution`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal
from zlib import crc32

import numpy as np

from wallstreetfeds.contribution import METHODS, Coalitions, Game, cosine_similarity
from wallstreetfeds.contribution.coalitions import members
from wallstreetfeds.federation.tasks.base import Partition
from wallstreetfeds.sim.learning.networks import Floats, Labels, Stack, accuracies, log_losses, logits
from wallstreetfeds.sim.learning.training import Round

Absent = Literal["previous", "left out"]
"""What an absent client counts as: the previous global model (the default), or nothing (renormalised)."""

COSINE: Final = "cosine"
"""The one valuation that asks no utility: `contribution.cosine_similarity`."""

AT_ONCE: Final = 16
"""Coalitions evaluated together: few enough for their logits to stay in the processor's cache."""


class RoundModels:
    """The models of one round's coalitions, by their logits on the validation set.

    The model of a coalition is previous + sum over members of a_k * (update_k - previous), with `weights`
    (n,) normalised to a_k. What the first layer puts out is linear in the updates, so each client's part of
    it is computed once.
    """

    def __init__(self, round_: Round, weights: Floats, validation: Partition) -> None:
        self._previous = round_.previous
        self._steps = [
            np.stack([update[place] - previous for update in round_.updates])
            for place, previous in enumerate(round_.previous)
        ]
        rows = validation.features
        self._base = rows @ round_.previous[0] + round_.previous[1]
        parts = [rows @ kernel + bias for kernel, bias in zip(self._steps[0], self._steps[1], strict=True)]
        self._parts = np.stack(parts).reshape(len(parts), -1)
        self.shares = weights / weights.sum()
        self.labels: Labels = validation.labels

    @property
    def linear(self) -> bool:
        """Whether logits are linear in how much of each client's step is taken."""
        return len(self._previous) == 2

    def logits(self, fractions: Floats) -> Floats:
        """Return logits (m, rows, outputs) of models with `fractions` (m, n) of each client's a_k * step."""
        return self.mixed(fractions * self.shares)

    def mixed(self, mix: Floats) -> Floats:
        """Return logits (m, rows, outputs) of previous + sum over k of mix_k * step_k, `mix` (m, n)."""
        values = self._base + (mix @ self._parts).reshape(len(mix), *self._base.shape)
        deeper: Stack = [
            previous + np.tensordot(mix, step, axes=1)
            for previous, step in zip(self._previous[2:], self._steps[2:], strict=True)
        ]
        return logits(deeper, np.maximum(values, 0.0)) if deeper else values


@dataclass(frozen=True)
class Tables:
    """Utilities (2**n,) of all coalitions of one round: negative log-loss, and accuracy."""

    log_loss: Floats
    accuracy: Floats


def tabulate(models: RoundModels, absent: Absent = "previous") -> Tables:
    """Return the utilities of all coalitions of one round.

    The weights of a coalition's members sum to their share of all clients ("previous") or to one ("left
    out").
    """
    n = len(models.shares)
    losses, right = [], []
    for start in range(0, 1 << n, AT_ONCE):
        mix = members(start, min(start + AT_ONCE, 1 << n), n) * models.shares
        if absent == "left out":
            mix = mix / np.maximum(mix.sum(axis=1, keepdims=True), np.finfo(np.float64).tiny)
        outputs = models.mixed(mix)
        losses.append(log_losses(outputs, models.labels))
        right.append(accuracies(outputs, models.labels))
    return Tables(-np.concatenate(losses), np.concatenate(right))


class Lookup:
    """A utility that looks coalitions up in a table (2**n,) by number."""

    def __init__(self, table: Floats) -> None:
        self._table = table

    def __call__(self, coalitions: Coalitions) -> Floats:
        """Return the utilities (m,) of `coalitions` (m, n)."""
        bits = 1 << np.arange(coalitions.shape[1], dtype=np.int64)
        return np.asarray(self._table[coalitions.astype(np.int64) @ bits])


class LogitLookup(Lookup):
    """The same, with the logits that `surrogate_shapley` asks for."""

    def __init__(self, table: Floats, models: RoundModels) -> None:
        super().__init__(table)
        self.labels = models.labels
        self.linear = models.linear
        self.share: Floats | None = None  # absent clients count as the previous model
        self.logits = models.logits


@dataclass(frozen=True)
class Valuation:
    """One way to value a round: a method of the library on one of the utilities.

    `method` is a key of `contribution.METHODS`, or `COSINE`.
    """

    method: str
    absent: Absent = "previous"
    metric: Literal["log_loss", "accuracy"] = "log_loss"


@dataclass(frozen=True)
class Found:
    """What one valuation found: `values` (R, n), and the mean number of evaluations a round."""

    values: Floats
    evaluations: float


def sampling_seed(*parts: int | str) -> int:
    """Return a seed for what `parts` name, such as a federation, a seed and a round: other parts, other
    draws. Sums of seeds would meet, and rows that share draws are not independent."""
    numbers = [part if isinstance(part, int) else crc32(part.encode()) for part in parts]
    return int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0])


def value_rounds(
    rounds: Sequence[Round],
    weights: Floats,
    sizes: Floats,
    validation: Partition,
    valuations: Mapping[str, Valuation],
    *,
    evaluations: int,
    seed: int,
) -> dict[str, Found]:
    """Return what each of `valuations` finds in the rounds.

    `evaluations` is the budget of a sampler for one round, raised to the least it accepts; `sizes` (n,) are
    the rows that clients declare. Samplers draw by `seed` and round (`sampling_seed`).
    """
    values: dict[str, list[Floats]] = {name: [] for name in valuations}
    spent = dict.fromkeys(valuations, 0)
    for number, round_ in enumerate(rounds, start=1):
        models = RoundModels(round_, weights, validation)
        tables: dict[Absent, Tables] = {}
        for name, valuation in valuations.items():
            if valuation.method == COSINE:
                values[name].append(cosine_similarity(round_.previous, round_.updates, weights))
                continue
            if valuation.absent not in tables:
                tables[valuation.absent] = tabulate(models, valuation.absent)
            table = getattr(tables[valuation.absent], valuation.metric)
            plain = valuation.metric == "accuracy" or valuation.absent == "left out"
            utility = Lookup(table) if plain else LogitLookup(table, models)
            game = Game(len(weights), utility, [int(size) for size in sizes])
            method = METHODS[valuation.method]
            budget = max(evaluations, method.least_evaluations(game))
            worth = method(game, evaluations=budget, seed=sampling_seed(seed, number))
            values[name].append(worth.values)
            spent[name] += worth.evaluations
    return {name: Found(np.array(values[name]), spent[name] / len(rounds)) for name in valuations}
