"""Federated averaging of all coalitions at once, from scratch: the ground truth of the experiment.

Retraining is the definition of a client's worth that all round-by-round methods approximate: v(S) is the
utility of the model that the members of S, and nobody else, would have trained together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wallstreetfeds.contribution import Coalitions
from wallstreetfeds.experiments.networks import Floats, Recipe, Stack, stacked, train_locally
from wallstreetfeds.federation.tasks.base import Partition

Arrays = list[Floats]
"""One model: [W1 (d, h), b1 (h,), ...]."""


@dataclass(frozen=True)
class Round:
    """What the federator sees in a round: the model it sent out and one update a client, in join order."""

    previous: Arrays
    updates: list[Arrays]


@dataclass(frozen=True)
class Trained:
    """The final models of all coalitions, and the rounds of the last one in the list."""

    models: Stack
    rounds: list[Round]


def train_coalitions(
    partitions: Sequence[Partition],
    initial: Sequence[Floats],
    weights: Floats,
    coalitions: Coalitions,
    recipe: Recipe,
    rounds: int,
    seed: int,
) -> Trained:
    """Train every coalition (m, n) from `initial` for `rounds` rounds of FedAvg among its members.

    A coalition's model moves by the mean of its members' steps, weighted by `weights` (n,) divided by their
    sum over the members; a coalition without members keeps the initial model. A client's training is seeded
    by (seed, round, client), whatever the coalition. McMahan et al. (2017), "Communication-Efficient
    Learning of Deep Networks from Decentralized Data", algorithm 1 with all clients taking part.
    """
    shares = coalitions * weights
    shares = shares / np.maximum(shares.sum(axis=1, keepdims=True), np.finfo(np.float64).tiny)
    models = stacked(initial, len(coalitions))
    history = []
    for number in range(1, rounds + 1):
        previous = [array[-1].copy() for array in models]
        moved = [array.copy() for array in models]
        updates: list[Arrays] = []
        for client, part in enumerate(partitions):
            members = np.flatnonzero(coalitions[:, client])
            start = [array[members] for array in models]
            rng = np.random.default_rng([seed, number, client])
            local = train_locally(start, part.features, part.labels, recipe, rng)
            for array, new, old in zip(moved, local, start, strict=True):
                share = shares[members, client].reshape(-1, *[1] * (array.ndim - 1))
                array[members] += share * (new - old)
            if len(members) and members[-1] == len(coalitions) - 1:
                updates.append([array[-1].copy() for array in local])
        models = moved
        history.append(Round(previous, updates))
    return Trained(models, history)
