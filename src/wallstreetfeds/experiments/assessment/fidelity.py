"""How close each method comes to retraining: one federation, one seed."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any, Final

import numpy as np

from wallstreetfeds.contribution import Game, exact_shapley
from wallstreetfeds.contribution.coalitions import members
from wallstreetfeds.experiments.assessment.methods import Assessed, over_the_run
from wallstreetfeds.experiments.assessment.valuation import Lookup, sampling_seed
from wallstreetfeds.experiments.federations import SETTINGS, Setting, Skew, federation
from wallstreetfeds.experiments.statistics import cosine_distance, pay_shares, pearson, spearman
from wallstreetfeds.sim.learning.federations import Federation
from wallstreetfeds.sim.learning.networks import Floats, log_losses, logits
from wallstreetfeds.sim.learning.retraining import train_coalitions
from wallstreetfeds.sim.learning.training import train_federation

SKEWS: Final[tuple[Skew, ...]] = ("quantity", "labels", "label-noise", "feature-noise")
MEASURES: Final = ("pearson", "spearman", "l_infinity", "cosine_distance", "evaluations")

CEILING: Final = "retrained, other seed"
ANOTHER: Final = 1000
"""What is added to a seed where everything is trained once more."""


def measure(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return how each method's values compare with retrained Shapley values.

    `settings`: `federation` (a key of SETTINGS), `skew`, `clients`, `rounds`, `seed`. All 2**n coalitions
    are trained from scratch; v(S) is the negative log-loss of the final model. The methods see the rounds
    of the grand coalition alone. `CEILING` is retraining once more with other batches: no method that sees
    one run can be expected to do better. Contributions are summed over rounds; L-infinity compares shares of
    pay (negative contributions clipped), the other measures the contributions themselves.
    """
    setting = SETTINGS[settings["federation"]]
    clients, seed = int(settings["clients"]), int(settings["seed"])
    data = federation(setting, settings["skew"], clients, seed)
    rounds = int(settings["rounds"])
    losses = retrained(setting, data, rounds, seed)
    truth = _shapley(losses)
    trained = train_federation(data.partitions, data.initial, data.sizes, setting.recipe, rounds, seed)
    draws = sampling_seed(settings["federation"], settings["skew"], seed)
    found = over_the_run(trained.rounds, data.sizes, data.sizes, data.validation, seed=draws)
    again = _shapley(retrained(setting, data, rounds, seed + ANOTHER))
    found[CEILING] = Assessed(again, float(1 << clients))
    return {
        "measures": {
            name: compared(one.values, truth) | {"evaluations": one.evaluations}
            for name, one in found.items()
        },
        "log_loss_before": float(losses[0]),
        "log_loss_after": float(losses[-1]),
    }


def retrained(setting: Setting, data: Federation, rounds: int, seed: int) -> Floats:
    """Return the log-loss (2**n,) of the final model of every coalition, by its number."""
    clients = len(data.partitions)
    coalitions = members(0, 1 << clients, clients)
    models = train_coalitions(
        data.partitions, data.initial, data.sizes, coalitions, setting.recipe, rounds, seed
    )
    return log_losses(logits(models, data.validation.features), data.validation.labels)


def _shapley(losses: Floats) -> Floats:
    return exact_shapley(Game(len(losses).bit_length() - 1, Lookup(-losses))).values


def compared(values: Floats, truth: Floats) -> dict[str, float | None]:
    """Return the four measures of `values` (n,) against the `truth` (n,); None where one is not defined."""
    measured = {
        "pearson": pearson(values, truth),
        "spearman": spearman(values, truth),
        "l_infinity": float(np.abs(pay_shares(values) - pay_shares(truth)).max()),
        "cosine_distance": cosine_distance(values, truth),
    }
    return {name: value if isfinite(value) else None for name, value in measured.items()}
