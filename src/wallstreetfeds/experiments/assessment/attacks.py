"""What each method pays a dishonest client, beside what it would have been paid honestly: one seed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from wallstreetfeds.experiments.assessment.attackers import ATTACKS, Attack, Sight, disguised, honest
from wallstreetfeds.experiments.assessment.methods import pay
from wallstreetfeds.experiments.federations import SETTINGS, Setting, federation
from wallstreetfeds.federation.tasks.base import Partition
from wallstreetfeds.sim.learning.federations import Federation
from wallstreetfeds.sim.learning.networks import Arrays, Floats, log_losses, logits, stacked
from wallstreetfeds.sim.learning.training import Recipe, Round, train_locally

HONEST: Final = Attack("honest", "trains on its own data", honest)


def measure(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attacker's share of all pots, for every attack and method, and the honest share.

    `settings`: `federation` (a key of SETTINGS), `clients`, `rounds`, `seed`, `attacks` (names). Client 0
    attacks from the first round to the last; all have equally many rows of one distribution. Every round
    has a pot of the same size. An attacker with several identities is paid the sum of their shares.
    `log_loss` is that of the final model.
    """
    setting = SETTINGS[settings["federation"]]
    clients, seed = int(settings["clients"]), int(settings["seed"])
    data = federation(setting, "none", clients, seed)
    chosen = [HONEST, *(ATTACKS[name] for name in settings["attacks"])]
    return {attack.name: _played(data, setting, attack, int(settings["rounds"]), seed) for attack in chosen}


def _played(data: Federation, setting: Setting, attack: Attack, rounds: int, seed: int) -> dict[str, Any]:
    rng = np.random.default_rng([seed, 1])
    faces = disguised(data.partitions[0], attack, setting.classes, rng)
    parts = [*faces, *data.partitions[1:]]
    sizes = np.array([len(part) for part in parts], dtype=np.float64)
    weights = sizes / sizes.sum() if attack.weights == "rows" else np.full(len(parts), 1.0 / len(parts))
    history, final = train_attacked(parts, data.initial, weights, attack, setting.recipe, rounds, seed)
    shares = pay(history, weights, sizes, data.validation, seed=seed)
    outputs = logits(stacked(final, 1), data.validation.features)
    return {
        "paid": {name: float(share[: attack.identities].sum()) for name, share in shares.items()},
        "log_loss": float(log_losses(outputs, data.validation.labels)[0]),
    }


def train_attacked(
    parts: list[Partition],
    initial: tuple[Floats, ...],
    weights: Floats,
    attack: Attack,
    recipe: Recipe,
    rounds: int,
    seed: int,
) -> tuple[list[Round], Arrays]:
    """Return the rounds of a federation whose first `attack.identities` clients attack, and its final model.

    The other clients train honestly, seeded by (seed, round, client); the aggregate is FedAvg with
    `weights` (n,) that sum to one.
    """
    model: Arrays = [array.copy() for array in initial]
    before: Arrays | None = None
    history = []
    for number in range(1, rounds + 1):
        updates: list[Arrays] = []
        for client, part in enumerate(parts):
            rng = np.random.default_rng([seed, number, client])
            local = train_locally(stacked(model, 1), part.features, part.labels, recipe, rng)
            updates.append([array[0] for array in local])
        other = updates[attack.identities]
        for face in range(attack.identities):
            rng = np.random.default_rng([seed, number, face, 1])
            updates[face] = attack.behaviour(Sight(model, before, updates[face], other, rng))
        history.append(Round(model, updates))
        before = model
        model = [
            old + np.tensordot(weights, np.stack([update[place] - old for update in updates]), axes=1)
            for place, old in enumerate(model)
        ]
    return history, model
