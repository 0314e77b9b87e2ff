"""Shapley values from complementary pairs of coalitions, with a regression to take the noise out.

Draw a coalition S of s members with probability p(s) / C(n, s), and evaluate S and its complement. Half
their difference, y = (v(S) - v(N without S)) / 2, times a_i / p(s), where a_i is 1/s for a member and
-1/(n - s) for the others, has the Shapley value of client i as its mean (up to (v(N) - v(empty)) / n). Pairs
cancel everything in the game that is of even order about the half-way point: all pairwise interactions.

Subtracting a linear function x . theta (x_i = 1/2 for members, -1/2 for the others) from y and adding its
Shapley values theta_i changes no mean and most of the noise. theta starts at `prior` and is fitted by ridge
regression. Each pair is corrected by the theta that the *other* pairs give (leave-one-out in closed form), so
the fit brings no bias; the strength of the ridge, up to "no fit", and whether the prior is used at all, are
chosen by the same held-out errors, so that neither a bad prior nor an unstable fit can do much harm.

Sources: Covert, Lee (2021), "Improving KernelSHAP", AISTATS (paired sampling, the unbiased estimator);
Witter, Liu, Musco (2025), "Regression-adjusted Monte Carlo Estimators for Shapley Values and Probabilistic
Values", NeurIPS (fit and correct). Sizes are drawn with p(s) in proportion to 1 / sqrt(s (n - s)): with it
the plain squared error of the fit *is* the variance of the estimate (with other sizes, a weighted one).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.contribution.game import Coalitions, Contributions, Game
from wallstreetfeds.contribution.methods.sampling import BATCH, generator, require

RIDGES: Final = (float("inf"), 10.0, 1.0, 0.1, 0.01, 0.001)
"""Ridge strengths tried, relative to the mean square of a column; infinite: no fit. The first wins ties."""


def least_evaluations(clients: int) -> int:
    """Return the two ends and three complementary pairs."""
    return 2 if clients == 1 else 8


def regression_shapley(game: Game, *, evaluations: int = 20_000, seed: int = 0) -> Contributions:
    """Return an estimate of the Shapley values of `game` with its standard errors.

    `evaluations` is the most coalitions to evaluate. The values sum to v(N) - v(empty); a null player gets
    0.0 in expectation only (permutation samplers pay it exactly that). Unbiased but for the choice of the
    ridge, which shrinks with the number of pairs. Raises ValueError below 8 evaluations or when the seed is
    negative.
    """
    n = game.clients
    require(evaluations, least_evaluations(n), n)
    empty, grand = game.ends()
    pairs = 0 if n == 1 else (evaluations - 2) // 2
    values, errors, _ = paired_estimate(game, empty, grand, pairs, generator(seed), (np.zeros(n),))
    return Contributions(values, errors, empty, grand, 2 + 2 * pairs, seed)


def paired_estimate(
    game: Game,
    empty: float,
    grand: float,
    pairs: int,
    rng: np.random.Generator,
    priors: tuple[NDArray[np.float64], ...],
    emphasis: NDArray[np.float64] | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64], int]:
    """Return values (n,), standard errors (n,) and which of the `priors` (each (n,)) fitted best.

    Evaluates 2 * `pairs` coalitions, two pairs or more; `empty` and `grand` are v(empty) and v(N). `emphasis`
    (n - 1,), positive, multiplies the chance of each size from 1 on: for games whose noise is at some sizes.
    """
    n = game.clients
    if n == 1:
        return np.array([grand - empty]), np.zeros(1), 0
    coalitions, chance = _draw(rng, pairs, n, np.ones(n - 1) if emphasis is None else emphasis)
    halves = _halves(game, coalitions)
    members = coalitions.sum(axis=1)
    weight = 1.0 / (chance * np.sqrt(members * (n - members)))  # equal, without emphasis
    weight /= weight.max()
    sides = np.where(coalitions, 0.5, -0.5)
    columns = sides - sides.mean(axis=1, keepdims=True)
    spread = (grand - empty) / n
    fits = []
    for prior in priors:
        start = prior + (spread - prior.mean())  # sums to v(N) - v(empty)
        fits.append((start, _best_fit(columns * weight[:, None], (halves - sides @ start) * weight)))
    used = min(range(len(fits)), key=lambda k: fits[k][1].error)
    start, fit = fits[used]
    inside = members[:, None]
    slant = np.where(coalitions, 1.0 / inside, -1.0 / (n - inside)) / chance[:, None]
    single = start + fit.slopes + slant * (fit.residuals / weight)[:, None]
    return single.mean(axis=0), single.std(axis=0, ddof=1) / sqrt(pairs), used


@dataclass(frozen=True)
class _Fit:
    """Per pair, from the other pairs: slopes (m, n) and what they leave unexplained (m,); its square sum."""

    slopes: NDArray[np.float64]
    residuals: NDArray[np.float64]
    error: float


def _best_fit(columns: NDArray[np.float64], targets: NDArray[np.float64]) -> _Fit:
    """Return the ridge regression of `targets` (m,) on `columns` (m, n) with the least held-out error."""
    n = columns.shape[1]
    none = _Fit(np.zeros((1, n)), targets, float(targets @ targets))
    left, singular, right = np.linalg.svd(columns, full_matrices=False)
    scale = float((columns**2).sum()) / n
    best = none
    for ridge in RIDGES[1:]:
        shrunk = singular / (singular**2 + ridge * scale)
        leverage = (left**2) @ (singular * shrunk)
        residuals = (targets - left @ (singular * shrunk * (left.T @ targets))) / (1.0 - leverage)
        error = float(residuals @ residuals)
        if error < best.error:
            slopes = (shrunk * (left.T @ targets)) @ right
            pull = (left * shrunk) @ right
            best = _Fit(slopes - pull * residuals[:, None], residuals, error)
    return best


def _draw(
    rng: np.random.Generator, pairs: int, n: int, emphasis: NDArray[np.float64]
) -> tuple[Coalitions, NDArray[np.float64]]:
    """Return coalitions (pairs, n) and the probability (pairs,) of the size of each."""
    size = np.arange(1, n)
    chance = emphasis / np.sqrt(size * (n - size))
    chance /= chance.sum()
    drawn = rng.choice(n - 1, size=pairs, p=chance)
    ranks = rng.permuted(np.tile(np.arange(n), (pairs, 1)), axis=1)
    return ranks <= drawn[:, None], chance[drawn]


def _halves(game: Game, coalitions: Coalitions) -> NDArray[np.float64]:
    """Return half of what each of `coalitions` (m, n) is worth above its complement."""
    parts = [np.empty(0)]
    for start in range(0, len(coalitions), BATCH // 2):
        some = coalitions[start : start + BATCH // 2]
        utilities = game.evaluate(np.concatenate([some, ~some]))
        parts.append((utilities[: len(some)] - utilities[len(some) :]) / 2)
    return np.concatenate(parts)
