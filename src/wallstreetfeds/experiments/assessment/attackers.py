"""What a dishonest client sends: each behaviour is a function of what that client can see."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from wallstreetfeds.federation.tasks.base import Partition
from wallstreetfeds.federation.tasks.partition import flipped
from wallstreetfeds.sim.learning.networks import Arrays, Floats


@dataclass(frozen=True)
class Sight:
    """What the attacker knows when it replies.

    `previous` is the model it was sent, `before` the one of the round before (None in the first round),
    `own` its honestly trained update, `other` another client's update of the same round.
    """

    previous: Arrays
    before: Arrays | None
    own: Arrays
    other: Arrays
    rng: np.random.Generator


Behaviour = Callable[[Sight], Arrays]


@dataclass(frozen=True)
class Attack:
    """One attack: what it is, what the attacker trains on, what it sends, and as how many clients.

    - `wrong_labels`: share of the attacker's labels that are wrong.
    - `identities`: as how many clients it joins; "rows" deals its rows out to them, "clones" gives each all.
    - `weights`: of the clients in the aggregate: "equal" (the default) or "rows" (by data size).
    """

    name: str
    what: str
    behaviour: Behaviour
    wrong_labels: float = 0.0
    identities: int = 1
    identity: Literal["rows", "clones"] = "rows"
    weights: Literal["equal", "rows"] = "equal"


def honest(sight: Sight) -> Arrays:
    """Send what training gave."""
    return sight.own


def free_ride(sight: Sight) -> Arrays:
    """Send the model back as it came."""
    return [array.copy() for array in sight.previous]


def noisy(factor: float) -> Behaviour:
    """Free-ride and add Gaussian noise: `factor` times the root mean square of an honest step, by array."""

    def behave(sight: Sight) -> Arrays:
        return [
            old + sight.rng.normal(0.0, factor * _spread(new - old), old.shape)
            for old, new in zip(sight.previous, sight.other, strict=True)
        ]

    return behave


def replay(factor: float) -> Behaviour:
    """Send the last step of the global model again, `factor` times; free-ride in the first round."""

    def behave(sight: Sight) -> Arrays:
        if sight.before is None:
            return free_ride(sight)
        return [old + factor * (old - older) for old, older in zip(sight.previous, sight.before, strict=True)]

    return behave


def copy(sight: Sight) -> Arrays:
    """Send another client's update of the same round."""
    return [array.copy() for array in sight.other]


def boosted(sight: Sight) -> Arrays:
    """Send the own step three times as long."""
    return [old + 3.0 * (new - old) for old, new in zip(sight.previous, sight.own, strict=True)]


def _spread(array: Floats) -> float:
    return float(np.sqrt(np.mean(array**2)))


ATTACKS: Final = {
    attack.name: attack
    for attack in (
        Attack("free-riding", "sends the model back as it came", free_ride),
        Attack("noise x1", "sends it back with noise as large as an honest step", noisy(1.0)),
        Attack("noise x3", "sends it back with noise three times as large", noisy(3.0)),
        Attack("replay", "sends the last global step again", replay(1.0)),
        Attack("replay x3", "sends the last global step again, three times as long", replay(3.0)),
        Attack("boost x3", "trains and sends its step three times as long", boosted),
        Attack("label noise", "trains with half of its labels wrong", honest, wrong_labels=0.5),
        Attack("copy", "sends another client's update of the same round", copy),
        Attack("split in 3", "joins as three clients, each with a third of its rows", honest, identities=3),
        Attack(
            "clones x3",
            "joins as three clients, each with all of its rows",
            honest,
            identities=3,
            identity="clones",
        ),
        Attack(
            "split in 3, by rows",
            "as split in 3, in a federation that weights clients by rows",
            honest,
            identities=3,
            weights="rows",
        ),
    )
}
"""Every attack by name. "Replay" is the simplest form of predicting the next global model, the idea of ACE
(Xu, Jiang, Niu, Jia, Li, Poovendran 2024, arXiv 2405.20975); "boost" and "replay x3" are self-promotion by
model poisoning: the sender makes its step weigh more than its data do."""


def disguised(part: Partition, attack: Attack, classes: int, rng: np.random.Generator) -> Sequence[Partition]:
    """Return what the attacker's identities train on, given its honest data."""
    labels = part.labels
    if attack.wrong_labels:
        labels = flipped(labels, attack.wrong_labels, classes, rng)
    if attack.identity == "clones":
        return [Partition(part.features, labels)] * attack.identities
    order = np.array_split(rng.permutation(len(labels)), attack.identities)
    return [Partition(part.features[rows], labels[rows]) for rows in order]
