"""Federations trained in process: all clients of a round together, compiled, on any number of threads.

Federated averaging with all clients taking part and fixed weights: McMahan et al. (2017),
"Communication-Efficient Learning of Deep Networks from Decentralized Data", algorithm 1.

What is promised: a client's batches are drawn as `np.random.default_rng([seed, round, client])` would; the
same arguments give the same bits whatever the number of threads, on the same machine and versions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np

from wallstreetfeds.contribution.utilities.models import shares
from wallstreetfeds.contribution.utilities.threads import checked_threads, in_parallel
from wallstreetfeds.federation.tasks.base import Partition
from wallstreetfeds.sim.learning.kernels import average, train_client, train_members
from wallstreetfeds.sim.learning.networks import Arrays, Floats, Labels, Stack, arrays, vector, widths_of
from wallstreetfeds.sim.learning.orders import entropy_words


@dataclass(frozen=True)
class Recipe:
    """How a client trains locally: mini-batch SGD on the mean log-loss.

    A client's rows are dealt out evenly to batches of at most `batch` rows, so that no step rests on the one
    row that is left over. `proximal` is FedProx's mu, the weight of half the squared distance to the global
    model (Li et al. 2020, "Federated Optimization in Heterogeneous Networks"). Raises ValueError on a
    learning rate that is not positive, less than one epoch or row a batch, a negative mu.
    """

    learning_rate: float
    epochs: int = 1
    batch: int = 32
    proximal: float = 0.0

    def __post_init__(self) -> None:
        if not (isfinite(self.learning_rate) and self.learning_rate > 0):
            raise ValueError(f"a learning rate is a positive number, got {self.learning_rate}")
        if self.epochs < 1 or self.batch < 1:
            raise ValueError(f"expected at least 1 epoch and 1 row a batch, got {self.epochs}, {self.batch}")
        if not (isfinite(self.proximal) and self.proximal >= 0):
            raise ValueError(f"FedProx's mu is at least 0, got {self.proximal}")


@dataclass(frozen=True)
class Round:
    """What the federator sees in a round: the model it sent out and one update a client, in join order."""

    previous: Arrays
    updates: list[Arrays]


@dataclass(frozen=True)
class Trained:
    """A trained federation, parameters as vectors.

    - `widths`: of the network's layers, inputs first.
    - `models` (rounds + 1, p): the global model before each round, and the final one.
    - `updates` (rounds, n, p): what each client sent back.
    """

    widths: list[int]
    models: Floats
    updates: Floats

    @property
    def final(self) -> Arrays:
        """The model after the last round."""
        return arrays(self.models[-1], self.widths)

    @property
    def stack(self) -> Stack:
        """The global models of all rounds as a stack (rounds + 1)."""
        return arrays(self.models, self.widths)

    @property
    def rounds(self) -> list[Round]:
        """The rounds as the federator saw them; views."""
        return [
            Round(arrays(previous, self.widths), [arrays(update, self.widths) for update in sent])
            for previous, sent in zip(self.models[:-1], self.updates, strict=True)
        ]


class Clients:
    """All clients' rows in one piece, as the compiled trainer reads them.

    `partitions` one a client in join order (one without rows, or whose quality is "free-rider", sends the
    model back as it came), `widths` those of the network. Raises ValueError on no clients, features that do
    not fit the network or are not finite, and labels that are none of its classes.
    """

    def __init__(self, partitions: Sequence[Partition], widths: Sequence[int]) -> None:
        if not partitions:
            raise ValueError("a federation needs at least one client")
        for client, part in enumerate(partitions):
            checked_rows(client, part.features, part.labels, widths)
        self._widths = np.array(widths, dtype=np.int64)
        used = [0 if part.quality == "free-rider" else len(part) for part in partitions]
        self._bounds = np.cumsum([0, *used], dtype=np.int64)
        features = [part.features[:rows] for part, rows in zip(partitions, used, strict=True)]
        labels = [part.labels[:rows] for part, rows in zip(partitions, used, strict=True)]
        self._features = np.ascontiguousarray(np.concatenate(features), dtype=np.float64)
        self._labels = np.concatenate(labels).astype(np.int64)

    def __len__(self) -> int:
        return len(self._bounds) - 1

    def train(
        self, members: Labels, start: Floats, recipe: Recipe, seed: int, number: int, updates: Floats
    ) -> None:
        """Write to `updates` (k, p) what the clients `members` (k,) make of the model `start` (p,) in round
        `number`; releases the interpreter."""
        train_members(
            members,
            start,
            self._widths,
            self._features,
            self._labels,
            self._bounds,
            np.array([*entropy_words(seed), *entropy_words(number)], dtype=np.uint64),
            recipe.epochs,
            recipe.batch,
            recipe.learning_rate,
            recipe.proximal,
            updates,
        )


def train_federation(
    partitions: Sequence[Partition],
    initial: Sequence[Floats],
    weights: Floats,
    recipe: Recipe,
    rounds: int,
    seed: int,
    *,
    threads: int = 1,
) -> Trained:
    """Train `rounds` rounds of FedAvg from the network `initial`, weighted by `weights` (n,).

    Weights are zero or more, not all zero, and normalised to a sum of one. Memory: all updates, rounds * n *
    p numbers. Raises ValueError on bad arguments, and where training ends in NaN or infinity.
    """
    widths = widths_of(initial)
    clients = Clients(partitions, widths)
    share = shares(weights, len(clients))
    checked_rounds(rounds, seed)
    first = vector(initial)
    models = np.empty((rounds + 1, len(first)))
    updates = np.empty((rounds, len(clients), len(first)))
    models[0] = first
    for number in range(rounds):

        def work(part: slice, now: int = number) -> None:
            some = np.arange(part.start, part.stop)
            clients.train(some, models[now], recipe, seed, now + 1, updates[now, part])

        in_parallel(work, len(clients), checked_threads(threads))
        average(models[number], updates[number], share, models[number + 1])
    checked_finite(models[-1], recipe)
    return Trained(widths, models, updates)


def train_locally(
    stack: Stack, features: Floats, labels: Labels, recipe: Recipe, rng: np.random.Generator
) -> Stack:
    """Return the m models after local training on one client's rows.

    All m models see the same rows in the same order, drawn from `rng`: what they differ in is where they
    start.
    """
    widths = widths_of([array[0] for array in stack])
    checked_rows(0, features, labels, widths)
    copies = len(stack[0])
    start = np.concatenate([array.reshape(copies, -1) for array in stack], axis=1)
    models = np.empty_like(start)
    rows = np.ascontiguousarray(features, dtype=np.float64)
    known = np.ascontiguousarray(labels, dtype=np.int64)
    order = np.empty((recipe.epochs, len(known)), dtype=np.int64)
    for epoch in order:
        epoch[:] = rng.permutation(len(known))
    sizes = np.array(widths, dtype=np.int64)
    for before, after in zip(start, models, strict=True):
        train_client(
            before, sizes, rows, known, order, recipe.batch, recipe.learning_rate, recipe.proximal, after
        )
    return arrays(models, widths)


def checked_rows(client: int, features: Floats, labels: Labels, widths: Sequence[int]) -> None:
    """Raise ValueError unless a client's rows fit a network of `widths`: shapes, finite features, labels."""
    classes = max(widths[-1], 2)
    if features.shape != (len(labels), widths[0]):
        raise ValueError(
            f"client {client} has features {features.shape} and {len(labels)} labels; the network takes rows "
            f"of {widths[0]}"
        )
    if len(labels) and not 0 <= labels.min() <= labels.max() < classes:
        raise ValueError(f"client {client} has labels outside 0 to {classes - 1}")
    if not np.isfinite(features).all():
        raise ValueError(f"client {client} has features that are NaN or infinite")


def checked_rounds(rounds: int, seed: int) -> None:
    """Raise ValueError on less than one round or a negative seed."""
    if rounds < 1:
        raise ValueError(f"a federation runs at least one round, got {rounds}")
    if seed < 0:
        raise ValueError(f"a seed is at least 0, got {seed}")


def checked_finite(models: Floats, recipe: Recipe) -> None:
    """Raise ValueError where training has left the finite numbers."""
    if not np.isfinite(models).all():
        raise ValueError(
            f"training ended in NaN or infinity; choose a learning rate below {recipe.learning_rate}"
        )
