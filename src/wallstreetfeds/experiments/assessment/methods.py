"""The methods under test: how each values a round, a run, and what it pays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from wallstreetfeds.contribution import (
    METHODS,
    Game,
    accumulated,
    early_rounds_weigh_more,
    exact_shapley,
    over_rounds,
)
from wallstreetfeds.experiments.assessment.valuation import (
    COSINE,
    Lookup,
    RoundModels,
    Valuation,
    tabulate,
    value_rounds,
)
from wallstreetfeds.experiments.statistics import pay_shares
from wallstreetfeds.federation.tasks.base import Partition
from wallstreetfeds.sim.learning.assessment import reward_shares
from wallstreetfeds.sim.learning.networks import Floats
from wallstreetfeds.sim.learning.training import Round

BUDGET: Final = 32
"""Evaluations a round that samplers may spend, or the least they accept; exact needs 64 for six clients."""

DEFAULT: Final = "shapley"
"""The library's default: exact Shapley values, log-loss, absent clients count as the previous model."""

CAPPED: Final = "shapley, capped"
"""The same through integer scores with the score cap: what is paid by default."""

EARLY: Final = "shapley, early rounds"
"""The authors' weighting of rounds, (R - t) / R (arXiv 2405.08044), one pot for the run."""

SETTLED: Final = "shapley, settled once"
"""One pot for the run, divided by the sum over rounds: losses of one round count against gains of others."""

ONE_ROUND: Final = "shapley, one-round"
"""Coalitions rebuilt once, from the sums of all updates (Song, Tong, Wei 2019)."""

VALUATIONS: Final = {
    DEFAULT: Valuation("exact"),
    "shapley, renormalised": Valuation("exact", absent="left out"),
    "shapley, accuracy": Valuation("exact", metric="accuracy"),
    **{name: Valuation(name) for name in METHODS if name != "exact"},
    COSINE: Valuation(COSINE),
}
"""Every method of the library on the default utility, and exact Shapley values on the literature's two."""

PAID: Final = {
    name: valuation
    for name, valuation in VALUATIONS.items()
    if valuation.method == COSINE or METHODS[valuation.method].kind != "sampled"
}
"""Methods whose pay under attack is measured: samplers estimate what is already there."""


@dataclass(frozen=True)
class Assessed:
    """A run by one method: `values` (n,), and evaluations a round."""

    values: Floats
    evaluations: float


def over_the_run(
    rounds: Sequence[Round], weights: Floats, sizes: Floats, validation: Partition, *, seed: int
) -> dict[str, Assessed]:
    """Return each method's contributions (n,) summed over rounds, and two other ways to value a run."""
    found = value_rounds(rounds, weights, sizes, validation, VALUATIONS, evaluations=BUDGET, seed=seed)
    assessed = {name: Assessed(over_rounds(one.values), one.evaluations) for name, one in found.items()}
    exact = found[DEFAULT]
    weighed = over_rounds(exact.values, weights=early_rounds_weigh_more(len(rounds)))
    assessed[EARLY] = Assessed(weighed, exact.evaluations)
    assessed[ONE_ROUND] = Assessed(one_round(rounds, weights, validation), exact.evaluations / len(rounds))
    return assessed


def one_round(rounds: Sequence[Round], weights: Floats, validation: Partition) -> Floats:
    """Return the exact Shapley values (n,) of the run as one game."""
    initial, clients = rounds[0].previous, len(weights)
    models = accumulated(
        initial,
        [one.previous for one in rounds],
        [one.updates for one in rounds],
        [weights.tolist()] * len(rounds),
    )
    whole = RoundModels(Round(initial, models), np.ones(clients), validation)
    return exact_shapley(Game(clients, Lookup(tabulate(whole).log_loss))).values


def pay(
    rounds: Sequence[Round], weights: Floats, sizes: Floats, validation: Partition, *, seed: int
) -> dict[str, Floats]:
    """Return each method's shares (n,) of all pots: one pot of the same size a round, scored by itself.

    Negative contributions are clipped and the rest normalised, round by round; `EARLY` and `SETTLED` divide
    one pot for the run. `CAPPED` goes through the library's integer scores.
    """
    found = value_rounds(rounds, weights, sizes, validation, PAID, evaluations=BUDGET, seed=seed)
    shares = {
        name: np.mean([pay_shares(values) for values in one.values], axis=0) for name, one in found.items()
    }
    exact = found[DEFAULT].values
    shares[EARLY] = pay_shares(over_rounds(exact, weights=early_rounds_weigh_more(len(rounds))))
    shares[SETTLED] = pay_shares(over_rounds(exact))
    shares[CAPPED] = reward_shares(exact).mean(axis=0)
    return shares
