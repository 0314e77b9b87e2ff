"""The truth that all round-by-round methods approximate: what coalitions would have trained by themselves.

v(S) is the utility of the model that the members of S, and nobody else, train together from the same start.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from wallstreetfeds.contribution import Coalitions
from wallstreetfeds.contribution.checks import checked_coalitions
from wallstreetfeds.contribution.utilities.threads import checked_threads, in_parallel
from wallstreetfeds.federation.tasks.base import Partition
from wallstreetfeds.sim.learning.kernels import average
from wallstreetfeds.sim.learning.networks import (
    Floats,
    Stack,
    arrays,
    log_losses,
    logits,
    vector,
    widths_of,
)
from wallstreetfeds.sim.learning.training import Clients, Recipe, checked_finite, checked_rounds


def train_coalitions(
    partitions: Sequence[Partition],
    initial: Sequence[Floats],
    weights: Floats,
    coalitions: Coalitions,
    recipe: Recipe,
    rounds: int,
    seed: int,
    *,
    threads: int = 1,
) -> Stack:
    """Return the final models of every coalition (m, n), each trained from `initial` for `rounds` rounds.

    A coalition's model moves by the mean of its members' steps, weighted by `weights` (n,) divided by their
    sum over the members; a coalition whose members have no weight keeps the initial model. A client's
    training is seeded by (seed, round, client), whatever the coalition: the coalition of all ends in the
    model of `train_federation`, to the bit. Coalitions are split over `threads`; the bits do not depend on
    it. Raises ValueError as `train_federation` does.
    """
    widths = widths_of(initial)
    clients = Clients(partitions, widths)
    checked_coalitions(coalitions, len(clients))
    checked_rounds(rounds, seed)
    present = coalitions * np.asarray(weights, dtype=np.float64)
    present = present / np.maximum(present.sum(axis=1, keepdims=True), np.finfo(np.float64).tiny)
    models = np.repeat(vector(initial)[None], len(coalitions), axis=0)
    for number in range(1, rounds + 1):

        def work(part: slice, now: int = number) -> None:
            for m in range(part.start, part.stop):
                members = np.flatnonzero(present[m] > 0.0)
                updates = np.empty((len(members), models.shape[1]))
                clients.train(members, models[m], recipe, seed, now, updates)
                average(models[m].copy(), updates, present[m, members], models[m])

        in_parallel(work, len(coalitions), checked_threads(threads))
    checked_finite(models, recipe)
    return arrays(models, widths)


class Retrained:
    """Utility of coalitions by retraining: the negative mean log-loss of the model they end with.

    Arguments as of `train_coalitions`; `validation` is the federator's. Calling it with coalitions (m, n)
    gives (m,) utilities in nats; it is a game's utility like any other, so all methods of
    `wallstreetfeds.contribution` take it.
    """

    def __init__(
        self,
        partitions: Sequence[Partition],
        validation: Partition,
        initial: Sequence[Floats],
        weights: Floats,
        recipe: Recipe,
        rounds: int,
        seed: int,
        *,
        threads: int = 1,
    ) -> None:
        self._partitions, self._initial, self._weights = partitions, initial, weights
        self._validation, self._recipe, self._rounds, self._seed = validation, recipe, rounds, seed
        self._threads = checked_threads(threads)

    def __call__(self, coalitions: Coalitions) -> Floats:
        """Return the utilities (m,) of `coalitions` (m, n)."""
        models = train_coalitions(
            self._partitions,
            self._initial,
            self._weights,
            coalitions,
            self._recipe,
            self._rounds,
            self._seed,
            threads=self._threads,
        )
        losses = np.empty(len(coalitions))
        for m in range(len(coalitions)):  # one by one: a value must not depend on the rows around it
            outputs = logits([array[m : m + 1] for array in models], self._validation.features)
            losses[m] = log_losses(outputs, self._validation.labels)[0]
        return np.asarray(-losses)
