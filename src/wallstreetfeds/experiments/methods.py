"""The methods under test: how each values a round, a run, and what it pays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from wallstreetfeds.contribution import METHODS, SCORE_TOTAL, integer_scores
from wallstreetfeds.experiments.networks import Floats
from wallstreetfeds.experiments.statistics import pay_shares
from wallstreetfeds.experiments.training import Round
from wallstreetfeds.experiments.valuation import Valuation, value_rounds
from wallstreetfeds.federation.tasks.base import Partition

BUDGET: Final = 32
"""Evaluations a round that samplers may spend: half of what is exact for six clients."""

DEFAULT: Final = "shapley"
"""The library's default: exact Shapley values, log-loss, absent clients count as the previous model."""

CAPPED: Final = "shapley, capped"
"""The same with the contract's score cap: what is paid by default."""

DISCOUNTED: Final = "shapley, early rounds"
"""The authors' weighting of rounds, (R - t) / R (arXiv 2405.08044)."""

VALUATIONS: Final = {
    DEFAULT: Valuation("exact"),
    "shapley, renormalised": Valuation("exact", absent="left out"),
    "shapley, accuracy": Valuation("exact", metric="accuracy"),
    **{name: Valuation(name) for name in METHODS if name != "exact"},
}
"""Every method of the library on the default utility, and exact Shapley values on the literature's two."""

PAID: Final = tuple(
    name
    for name, valuation in VALUATIONS.items()
    if METHODS[valuation.method].kind != "sampled" or valuation.method == "gtg"
)
"""Methods whose pay under attack is measured: samplers estimate what is already there."""


def over_the_run(
    rounds: Sequence[Round], weights: Floats, sizes: Floats, validation: Partition, *, seed: int
) -> dict[str, Floats]:
    """Return each method's contributions (n,) summed over the rounds, and the discounted sum."""
    found = value_rounds(rounds, weights, sizes, validation, VALUATIONS, evaluations=BUDGET, seed=seed)
    values = {name: by_round.sum(axis=0) for name, by_round in found.items()}
    values[DISCOUNTED] = discounts(len(rounds)) @ found[DEFAULT]
    return values


def pay(
    rounds: Sequence[Round], weights: Floats, sizes: Floats, validation: Partition, *, seed: int
) -> dict[str, Floats]:
    """Return each method's shares (n,) of all pots: one pot of the same size a round, scored by itself.

    Negative contributions are clipped and the rest normalised, round by round; the discounted method
    divides one pot by its sum over the run. `CAPPED` goes through the library's integer scores.
    """
    chosen = {name: VALUATIONS[name] for name in PAID}
    found = value_rounds(rounds, weights, sizes, validation, chosen, evaluations=BUDGET, seed=seed)
    shares = {
        name: np.mean([pay_shares(values) for values in by_round], axis=0) for name, by_round in found.items()
    }
    shares[DISCOUNTED] = pay_shares(discounts(len(rounds)) @ found[DEFAULT])
    shares[CAPPED] = np.mean([score_shares(values) for values in found[DEFAULT]], axis=0)
    return shares


def score_shares(contributions: Floats) -> Floats:
    """Return the shares (n,) that the contract pays for the library's integer scores, equal supplies."""
    scores = integer_scores(contributions.tolist())
    if not any(scores):
        return np.full(len(scores), 1.0 / len(scores))
    return np.array(scores, dtype=np.float64) / SCORE_TOTAL


def discounts(rounds: int) -> Floats:
    """Return the authors' weights (R - t) / R of the rounds t = 0 to R - 1."""
    return np.asarray((rounds - np.arange(rounds)) / rounds)
