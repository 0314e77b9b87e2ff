"""How one data set is shared out to clients: skew of quantity, labels and features; noise on both.

A sharing is a small frozen record that is called with a data set; names and parameters are its `repr`. What
makes data bad comes after: wrong labels, noisy features. Splits by label and by size, and wrong labels, are
those of `federation.tasks.partition`.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Protocol

import numpy as np

from wallstreetfeds.federation.tasks import partition
from wallstreetfeds.federation.tasks.partition import Rows
from wallstreetfeds.sim.learning.networks import Floats, Labels


class Sharing(Protocol):
    """A way to share `rows` of a data set out to `clients`: one array of row numbers each, none empty."""

    def __call__(
        self, features: Floats, labels: Labels, rows: Rows, clients: int, rng: np.random.Generator
    ) -> list[Rows]:
        """Return the rows of each client, in join order; `features` and `labels` are of the whole set."""


@dataclass(frozen=True)
class Even:
    """No skew: sizes that differ by one row at most, rows at random."""

    def __call__(
        self,
        features: Floats,  # noqa: ARG002
        labels: Labels,  # noqa: ARG002
        rows: Rows,
        clients: int,
        rng: np.random.Generator,
    ) -> list[Rows]:
        """Share out `rows`."""
        return partition.even(rows, clients, rng)


@dataclass(frozen=True)
class QuantitySkew:
    """Sizes by a Dirichlet draw, rows at random: the smaller `alpha`, the more unequal."""

    alpha: float

    def __post_init__(self) -> None:
        _positive(self.alpha)

    def __call__(
        self,
        features: Floats,  # noqa: ARG002
        labels: Labels,  # noqa: ARG002
        rows: Rows,
        clients: int,
        rng: np.random.Generator,
    ) -> list[Rows]:
        """Share out `rows`."""
        sizes = np.maximum(rng.gamma(self.alpha, size=clients), np.finfo(np.float64).tiny)
        return in_proportion(rng.permutation(rows), sizes)


@dataclass(frozen=True)
class LabelSkew:
    """Each label's rows by a Dirichlet draw over clients: see `federation.tasks.partition.dirichlet`."""

    alpha: float

    def __post_init__(self) -> None:
        _positive(self.alpha)

    def __call__(
        self,
        features: Floats,  # noqa: ARG002
        labels: Labels,
        rows: Rows,
        clients: int,
        rng: np.random.Generator,
    ) -> list[Rows]:
        """Share out `rows`."""
        return partition.dirichlet(rows, labels, clients, self.alpha, rng)


@dataclass(frozen=True)
class FeatureSkew:
    """Rows that look alike go to the same client.

    Rows are put in order along the first principal component of the features and cut into even pieces;
    before, `mixed` of them (0 to 1) change places at random: 1 is no skew. Which piece is whose is random.
    """

    mixed: float = 0.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.mixed <= 1.0:
            raise ValueError(f"the part of rows that are mixed is from 0 to 1, got {self.mixed}")

    def __call__(
        self,
        features: Floats,
        labels: Labels,  # noqa: ARG002
        rows: Rows,
        clients: int,
        rng: np.random.Generator,
    ) -> list[Rows]:
        """Share out `rows`."""
        centred = features[rows] - features[rows].mean(axis=0)
        direction = np.linalg.eigh(centred.T @ centred)[1][:, -1]
        ordered = rows[np.argsort(centred @ direction, kind="stable")]
        moving = np.sort(rng.choice(len(rows), size=round(self.mixed * len(rows)), replace=False))
        ordered[moving] = ordered[rng.permutation(moving)]
        pieces = in_proportion(ordered, np.ones(clients))
        return [pieces[place] for place in rng.permutation(clients).tolist()]


def in_proportion(rows: Rows, parts: Floats | Labels) -> list[Rows]:
    """Return `rows` cut, in their order, in the proportion of `parts` (n,), at least one row each.

    Raises ValueError when there are fewer rows than parts.
    """
    spare = len(rows) - len(parts)
    if spare < 0:
        raise ValueError(f"{len(rows)} rows cannot be split over {len(parts)} clients")
    whole = np.floor(spare * np.cumsum(parts) / parts.sum() + 1e-9).astype(np.int64)
    return np.split(rows, (whole + np.arange(1, len(parts) + 1))[:-1])


def noisy_features(features: Floats, deviations: float, spread: Floats, rng: np.random.Generator) -> Floats:
    """Return `features` (rows, d) with Gaussian noise of `deviations` times `spread` (d,)."""
    return features + rng.normal(0.0, 1.0, features.shape) * deviations * spread


def evenly_spaced(clients: int, most: float, rng: np.random.Generator) -> Floats:
    """Return levels (n,) from 0 to `most`, evenly spaced and in random order; 0 for a single client."""
    return np.asarray(rng.permutation(clients) * (most / max(clients - 1, 1)))


def _positive(alpha: float) -> None:
    if not (isfinite(alpha) and alpha > 0):
        raise ValueError(f"the Dirichlet parameter must be a positive number, got {alpha}")
