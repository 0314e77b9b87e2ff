"""What a learning task is: three functions.  `docs/guides/own-task.md` writes one from scratch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.contribution import Utility

Arrays = Sequence[NDArray[Any]]
"""The parameters of one model, in a fixed order."""

Quality = Literal["good", "noisy-labels", "free-rider"]


@dataclass(frozen=True)
class Partition:
    """The data of one party: `features` (rows, d) and integer `labels` (rows,).

    `quality` says what is known about the party in an experiment: "good", "noisy-labels" (part of the
    labels are wrong; the data already contain the wrong ones) or "free-rider" (has data, does not train).
    """

    features: NDArray[np.float64]
    labels: NDArray[np.int64]
    quality: Quality = "good"

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Split:
    """A task's data for one run: one partition a client in join order, the federator's validation set, the
    model.

    `initial` are the arrays of the first global model.
    """

    partitions: tuple[Partition, ...]
    validation: Partition
    initial: tuple[NDArray[Any], ...]

    @property
    def qualities(self) -> tuple[Quality, ...]:
        """Quality of each client, in join order."""
        return tuple(partition.quality for partition in self.partitions)


@dataclass(frozen=True)
class Task:
    """A learning task.

    - `load(clients, seed)` -> Split: the data, split over `clients`; the same arguments give the same split.
    - `train(arrays, partition, rng)` -> arrays: one client's local training, from the global model's
      arrays; all randomness comes from `rng`. Same number of arrays, shapes and dtypes as it was given.
    - `utility(arrays, validation)` -> float: what a model is worth, higher is better, finite.

    Optional: `coalitions(previous, updates, weights, validation)` -> Utility gives the worth of all
    coalitions of a round at once, for models with a faster way than one model a coalition; it must agree
    with `utility` of the fixed-denominator aggregate. `metric` names what `-utility` is.
    """

    name: str
    load: Callable[[int, int], Split]
    train: Callable[[Arrays, Partition, np.random.Generator], Arrays]
    utility: Callable[[Arrays, Partition], float]
    metric: str = "log-loss"
    coalitions: Callable[[Arrays, Sequence[Arrays], NDArray[np.float64], Partition], Utility] | None = None
