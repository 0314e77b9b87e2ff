"""A data set, split over clients of known quality, with the federator's rows and a first model."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from wallstreetfeds.federation.tasks import partition
from wallstreetfeds.federation.tasks.base import Partition
from wallstreetfeds.sim.learning.networks import Floats, Labels, random_network
from wallstreetfeds.sim.learning.partitioners import Even, Sharing, noisy_features


@dataclass(frozen=True)
class Federation:
    """What is trained.

    - `partitions`: one a client, in join order.
    - `validation`: the federator's rows.
    - `initial`: the first global model [W1, b1, ...].
    - `wrong_labels`, `feature_noise` (n,): what was done to each client's data: the share of labels that are
      wrong, and the standard deviation of the noise on features in units of a feature's own. None where not
      recorded.
    """

    partitions: tuple[Partition, ...]
    validation: Partition
    initial: tuple[Floats, ...]
    wrong_labels: Floats | None = None
    feature_noise: Floats | None = None

    @property
    def sizes(self) -> Floats:
        """Rows of each client (n,)."""
        return np.array([len(part) for part in self.partitions], dtype=np.float64)

    @property
    def quality(self) -> Floats:
        """How good each client's rows are (n,), by construction: 1 clean, 0 nothing to learn from.

        The share of right labels times the share of a feature's variance that is not noise,
        1 / (1 + noise**2); 0 for a free-rider. It says nothing about how many rows there are, or whom else
        they resemble: the worth of a client in a federation is `Retrained`.
        """
        right, noise = np.ones(len(self.partitions)), np.zeros(len(self.partitions))
        if self.wrong_labels is not None:
            right = 1.0 - self.wrong_labels
        if self.feature_noise is not None:
            noise = self.feature_noise
        trains = np.array([part.quality != "free-rider" for part in self.partitions])
        return np.asarray(trains * right / (1.0 + noise**2))


def split_federation(
    features: Floats,
    labels: Labels,
    clients: int,
    seed: int,
    *,
    hidden: Sequence[int] = (),
    sharing: Sharing | None = None,
    wrong_labels: Floats | None = None,
    feature_noise: Floats | None = None,
    free_riders: Collection[int] = (),
    validation: float = 0.25,
) -> Federation:
    """Return a federation of `clients`; the same arguments give the same.

    `features` (rows, d) and `labels` (rows,), integers from 0, are the whole data set; `hidden` the widths of
    the ReLU layers; two classes get one output. `sharing` says which rows are whose (default `Even()`);
    `wrong_labels` and `feature_noise` (n,) are levels, as in `Federation`; `free_riders` are the numbers of
    clients that have rows and send the model back as it came. The federator holds `validation` of the rows of
    every label, without noise. Raises ValueError on no clients, levels or numbers that do not fit, fewer rows
    than clients.
    """
    if clients < 1:
        raise ValueError(f"a federation needs at least one client, got {clients}")
    if not 0.0 < validation < 1.0:
        raise ValueError(f"the federator holds a part of the rows between 0 and 1, got {validation}")
    if not set(free_riders) <= set(range(clients)):
        raise ValueError(f"free-riders are numbers of clients, 0 to {clients - 1}, got {sorted(free_riders)}")
    wrong = _levels("wrong_labels", wrong_labels, clients, most=1.0)
    noise = _levels("feature_noise", feature_noise, clients, most=np.inf)
    classes = max(int(labels.max()) + 1, 2)
    rng = np.random.default_rng([seed, clients])
    held_out, rest = partition.stratified(labels, validation, rng)
    shares = (sharing or Even())(features, labels, rest, clients, rng)
    spread = features.std(axis=0)
    parts = []
    for client, rows in enumerate(shares):
        own = noisy_features(features[rows], noise[client], spread, rng) if noise[client] else features[rows]
        known = (
            partition.flipped(labels[rows], wrong[client], classes, rng) if wrong[client] else labels[rows]
        )
        parts.append(Partition(own, known, "free-rider" if client in free_riders else "good"))
    widths = (features.shape[1], *hidden, 1 if classes == 2 else classes)
    initial = tuple(random_network(widths, rng))
    return Federation(tuple(parts), Partition(features[held_out], labels[held_out]), initial, wrong, noise)


def _levels(name: str, levels: Floats | None, clients: int, most: float) -> Floats:
    if levels is None:
        return np.zeros(clients)
    found = np.asarray(levels, dtype=np.float64)
    if (
        found.shape != (clients,)
        or not np.isfinite(found).all()
        or not ((found >= 0) & (found <= most)).all()
    ):
        raise ValueError(f"{name} has to be {clients} levels of at least 0 and at most {most:g}")
    return found
