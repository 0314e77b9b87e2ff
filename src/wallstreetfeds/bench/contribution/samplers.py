"""How many evaluations each sampler needs until its values are those of a very long run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from statistics import median
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.bench.contribution.credit import credit_round
from wallstreetfeds.bench.contribution.federations import Round, mnist, trained_round
from wallstreetfeds.contribution import METHODS, Game, Method, linear_log_loss, sampled_shapley

PEARSON: Final = 0.99
STEP: Final = 1.3
"""Budgets tried are this far apart: a figure is at most 30 % above the least that would do."""

REFERENCE_SEED: Final = 999_983


def alike(clients: int) -> Game:
    """Return a round of MNIST, softmax regression: as many images each, drawn from the same distribution."""
    played = trained_round(mnist(), (), clients, equal=True)
    return _game(played)


def unlike(clients: int) -> Game:
    """Return a round of lenders, logistic regression: a third of them bad, portfolios of unequal size."""
    return _game(credit_round(clients))


def _game(played: Round) -> Game:
    utility = linear_log_loss(
        played.features, played.labels, played.previous, played.updates, played.weights, threads=2
    )
    return Game(len(played.updates), utility)


def measure_samplers(
    game: Game, *, budget: int, reference: int, seeds: int, progress: Callable[[str], None]
) -> dict[str, dict[str, Any]]:
    """Return, by method, the evaluations after which it agrees with a reference run on `game`.

    `evaluations_to_099` is the median over the seeds of what a run reported (model passes made to set up
    counted) at the smallest budget at which the median Pearson correlation to the reference reached 0.99; it
    is None, and `pearson_at_budget` says how far it got, when no budget up to `budget` did. The reference is
    a run of `reference` evaluations of antithetic permutations, which is unbiased and shares no seed. Only
    estimates of Shapley values are compared.
    """
    progress(f"reference of {game.clients} clients, {reference:,} evaluations")
    target = sampled_shapley(game, evaluations=reference, seed=REFERENCE_SEED).values
    found = {}
    for method in METHODS.values():
        if method.kind == "sampled" and method.estimates == "shapley":
            progress(f"evaluations of {method.name}, {game.clients} clients")
            found[method.name] = _needed(method, game, target, budget, seeds)
    return found


def _needed(
    method: Method, game: Game, target: NDArray[np.float64], budget: int, seeds: int
) -> dict[str, Any]:
    least = method.least_evaluations(game)
    if least > budget:
        reason = f"it takes {least:,} evaluations at least, the benchmark allows {budget:,}"
        return {
            "evaluations_to_099": None,
            "least": least,
            "budget": budget,
            "seeds": seeds,
            "reason": reason,
        }
    correlation, spent = 0.0, 0
    for allowed in _budgets(least, budget):
        runs = [method(game, evaluations=allowed, seed=seed) for seed in range(seeds)]
        correlation = median(_pearson(run.values, target) for run in runs)
        spent = int(median(run.evaluations for run in runs))
        if correlation >= PEARSON:
            return {"evaluations_to_099": spent, "pearson": correlation, "budget": budget, "seeds": seeds}
    return {
        "evaluations_to_099": None,
        "pearson_at_budget": correlation,
        "evaluations_at_budget": spent,
        "budget": budget,
        "seeds": seeds,
        "reason": f"0.99 was not reached within {budget:,} evaluations",
    }


def _budgets(least: int, most: int) -> Iterator[int]:
    """Yield budgets from `least` to `most`, each STEP times the one before; nothing if `least` is more."""
    allowed = least
    while allowed < most:
        yield allowed
        allowed = max(allowed + 1, int(allowed * STEP))
    if least <= most:
        yield most


def _pearson(values: NDArray[np.float64], target: NDArray[np.float64]) -> float:
    if np.ptp(values) == 0.0:
        return 0.0
    return float(np.corrcoef(values, target)[0, 1])
