"""The sampler for models whose logits can be had: a Taylor surrogate says nearly all, sampling the rest.

Let clients take part by fractions w in [0, 1]^n: the model is previous + sum_i w_i a_i step_i, its logits
z(w), its utility the mean log-likelihood. Expand the utility in the logits to second order around the
half-way point w = 1/2, where every coalition is equally near:

    q(S) = c + sum_i g_i x_i + 1/2 sum_ij h_ij x_i x_j,    x_i = 1/2 for members, -1/2 for the others.

x_i x_i is 1/4 for every coalition, and x_i x_j with i != j is a game of two players whose Shapley values are
zero (each undoes in half of all orders what it does in the other half). So **the Shapley values of the
quadratic surrogate are g_i, the slope at the half-way point**; neither they nor a sampler that draws
complementary pairs, in which even orders cancel, needs one of the n^2 interactions.

The slope is the mean of (1[c = label] - softmax(z)_c) D_ic over rows, D_i = z(1/2 + e_i/2) - z(1/2 - e_i/2):
differences of logits of whole models, so any architecture will do, without derivatives. What the surrogate
misses is estimated by sampling complementary pairs (`regression.py`): a control variate.

Where absent clients are left out, the model is a mean and z is far from linear in w; there the expansion is
around the mean of all, see `ratio_game.py`, and what clients are worth alone is evaluated, not expanded.

Sources: Goldwasser, Hooker (2023), "Stabilizing Estimates of Shapley Values with Control Variates" (Taylor
surrogates as control variates for Shapley values); Covert, Lee (2021) and Witter, Liu, Musco (2025) as in
`regression.py`. The expansion in logits around the half-way model, and the closed form, are worked out here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.contribution.checks import whole
from wallstreetfeds.contribution.game import Coalitions, Contributions, Game, Utility
from wallstreetfeds.contribution.methods.permutation import least_evaluations as permutation_minimum
from wallstreetfeds.contribution.methods.permutation import sampled_shapley
from wallstreetfeds.contribution.methods.ratio_game import RatioGame
from wallstreetfeds.contribution.methods.regression import least_evaluations as pairs_minimum
from wallstreetfeds.contribution.methods.regression import paired_estimate, regression_shapley
from wallstreetfeds.contribution.methods.sampling import BATCH, generator, require

NO_LOGITS = "the utility offers no logits: sampled by antithetic permutations instead"
NO_LOGITS_NO_BUDGET = "the utility offers no logits: sampled by complementary pairs instead"
NOT_USED = "the surrogate did not fit and was left out"


@runtime_checkable
class LogitUtility(Protocol):
    """A utility that can also show the logits of models in which clients take part by fractions."""

    @property
    def labels(self) -> NDArray[Any]:
        """Integer classes (rows,) of the validation rows, from 0."""

    @property
    def linear(self) -> bool:
        """Whether logits are linear in the fractions, as in logistic regression.

        Then n + 1 model passes give the slope, and 2n + 1 otherwise.
        """

    @property
    def share(self) -> NDArray[np.float64] | None:
        """Weights (n,) that sum to one where absent clients are left out; None where they count as the
        previous model."""

    def logits(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Map fractions `weights` (m, n) in [0, 1] to logits (m, rows, classes).

        Two classes may have one logit, (m, rows, 1). Rows of zeros and ones are coalitions.
        """


ENDS_AND_PAIRS: Final = 8
"""Evaluations beside the model passes: the empty and the grand coalition, and three pairs."""


def least_evaluations(game: Game) -> int:
    """Return the smallest budget for `game`: n + 9 where logits are linear and absent clients count as the
    previous model, 2n + 9 where not, and what sampling needs where there are no logits."""
    utility: object = game.utility
    if not isinstance(utility, LogitUtility):
        return pairs_minimum(game.clients)
    return _passes(utility, game.clients) + ENDS_AND_PAIRS


def _passes(utility: LogitUtility, clients: int) -> int:
    """Return how many models are looked at once: for the surrogate, and of single clients if absent ones are
    left out."""
    return (1 if utility.linear and utility.share is None else 2) * clients + 1


def surrogate_shapley(game: Game, *, evaluations: int = 1_000, seed: int = 0) -> Contributions:
    """Return an estimate of the Shapley values of `game` with its standard errors.

    `evaluations` is the most it may spend, model passes for the surrogate included: n + 1 (linear) or 2n + 1,
    or 2n + 1 where absent clients are left out. The values sum to v(N) - v(empty).

    - The sampled correction is multiplied by 1 - noise / size (of its squared length, at least 0): with few
      pairs the surrogate's own values stand, with more the estimate tends to the Shapley values whatever the
      surrogate is worth. The standard errors are those of the whole correction and of what was held back of
      it. Few pairs make rough ones: two of them covered 82 to 97 % of errors with 20 to 40 pairs, 92 to
      97 % with more (small federations, enumerated).
    - A client whose presence and absence at the half-way point give the same logits to the bit is taken for a
      null player, gets exactly 0.0 and leaves the game (not where absent clients are left out: there it
      dilutes). For a network that could in principle be wrong: units dead at the half-way point alone.
    - Where the held-out error is smaller without the surrogate, the surrogate is left out. A game whose
      utility is no `LogitUtility` is sampled by antithetic permutations, or by `regression_shapley` if the
      budget is too small for them. `note` says so.

    Memory: some 8 MB of logits at a time, 16 n bytes a pair; n x rows x classes float64 values where absent
    clients are left out. Raises ValueError when the budget is too small, the seed is negative, or logits are
    not finite or of another shape.
    """
    utility: object = game.utility
    if not isinstance(utility, LogitUtility):
        return _without_logits(game, evaluations, seed)
    if utility.share is not None:
        return _left_out(game, utility, evaluations, seed)
    return _half_way(game, utility, evaluations, seed)


def _half_way(game: Game, utility: LogitUtility, evaluations: int, seed: int) -> Contributions:
    n = game.clients
    passes = _passes(utility, n)
    require(evaluations, least_evaluations(game), n)
    rng = generator(seed)
    slope, null = half_way_slope(utility, n)
    active = np.flatnonzero(~null)
    empty, grand = game.ends()
    values, errors, note = np.zeros(n), np.zeros(n), ""
    pairs = (evaluations - passes - 2) // 2 if len(active) > 1 else 0
    if len(active) > 0:
        inner = Game(len(active), _without_null(game, active))
        prior = slope[active] + (grand - empty - slope[active].sum()) / len(active)
        found, spread, used = paired_estimate(inner, empty, grand, pairs, rng, (prior, np.zeros(len(active))))
        if used == 0:
            kept, spread = _shortened(found - prior, spread)
            found = prior + kept
        values[active], errors[active] = found, spread
        note = NOT_USED if used == 1 else ""
    return Contributions(values, errors, empty, grand, passes + 2 + 2 * pairs, seed, note)


def _left_out(game: Game, utility: LogitUtility, evaluations: int, seed: int) -> Contributions:
    require(evaluations, least_evaluations(game), game.clients)
    rng = generator(seed)
    share = np.asarray(utility.share, dtype=np.float64)
    active = np.flatnonzero(share > 0)  # whoever has no weight changes no model
    n = len(active)
    inner = Game(n, _without_null(game, active))
    surrogate = mean_surrogate(utility, active)
    empty, grand = game.ends()
    alone = np.eye(n, dtype=np.bool_)
    missed = inner.evaluate(alone) - grand - surrogate(alone)

    def residual(coalitions: Coalitions) -> NDArray[np.float64]:
        """Return what neither the surrogate nor the values of single clients explain."""
        single = np.where(coalitions.sum(axis=1) == 1, coalitions @ missed, 0.0)
        return np.asarray(inner.evaluate(coalitions) - (grand + surrogate(coalitions) + single))

    pairs = (evaluations - 2 * n - 3) // 2 if n > 1 else 0
    found = surrogate.shapley() + (missed - missed.mean()) / max(n - 1, 1)
    found += (grand - empty - found.sum()) / n
    # Coalitions of few clients, and so pairs with one, are worst explained; of one client fully.
    fewer = np.minimum(np.arange(1, n), np.arange(n - 1, 0, -1))
    emphasis = 1.0 / np.where(fewer == 1, n, fewer)
    correction, spread, _ = paired_estimate(Game(n, residual), 0.0, 0.0, pairs, rng, (np.zeros(n),), emphasis)
    values, errors = np.zeros(game.clients), np.zeros(game.clients)
    kept, errors[active] = _shortened(correction, spread)
    values[active] = found + kept
    return Contributions(values, errors, empty, grand, 2 * n + 3 + 2 * pairs, seed)


def _shortened(
    correction: NDArray[np.float64], noise: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the `correction` (n,) less the part of its squared length that its `noise` (n,) explains.

    And standard errors (n,): the noise, and what was held back.
    """
    size = float(correction @ correction)
    kept = correction * max(0.0, 1.0 - float(noise @ noise) / size) if size > 0 else correction
    return kept, np.hypot(noise, correction - kept)


def half_way_slope(utility: LogitUtility, clients: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the Shapley values (n,) of the quadratic surrogate, and which clients change no logit (n,)."""
    centre = np.full((1, clients), 0.5)
    base = _logits(utility, centre)[0]
    labels = np.asarray(utility.labels)
    pull = -_softmax(base)
    pull[np.arange(len(labels)), labels] += 1.0
    slope, null = np.empty(clients), np.empty(clients, dtype=np.bool_)
    step = max(1, BATCH * 64 // base.size)
    for start in range(0, clients, step):
        shift = 0.5 * np.eye(clients)[start : start + step]
        above = _logits(utility, centre + shift)
        change = 2.0 * (above - base) if utility.linear else above - _logits(utility, centre - shift)
        slope[start : start + step] = (change * pull).sum(axis=(1, 2)) / len(labels)
        null[start : start + step] = ~change.any(axis=(1, 2))
    return slope, null


def mean_surrogate(utility: LogitUtility, clients: NDArray[np.int64]) -> RatioGame:
    """Return the quadratic surrogate, less v(N), around the mean model, where absent clients are left out.

    `clients` are the numbers of those that have a weight. One model pass each, and one for the mean.
    """
    share = np.asarray(utility.share, dtype=np.float64)
    base = _logits(utility, np.ones((1, len(share))))[0]
    change = _logits(utility, np.eye(len(share))[clients]) - base
    labels, chance = np.asarray(utility.labels), _softmax(base)
    rows = len(labels)
    weight = share[clients]
    centred = change - (chance * change).sum(axis=2, keepdims=True)
    slope = weight * centred[:, np.arange(rows), labels].mean(axis=1)
    spread = (np.sqrt(chance) * centred).reshape(len(clients), -1) * weight[:, None]
    return RatioGame(weight, slope, -(spread @ spread.T) / rows)


def _without_logits(game: Game, evaluations: int, seed: int) -> Contributions:
    if whole(evaluations, "the number of evaluations") >= permutation_minimum(game.clients):
        return replace(sampled_shapley(game, evaluations=evaluations, seed=seed), note=NO_LOGITS)
    found = regression_shapley(game, evaluations=evaluations, seed=seed)
    return replace(found, note=NO_LOGITS_NO_BUDGET)


def _logits(utility: LogitUtility, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the logits (m, rows, classes) of fractional coalitions; two classes with one logit get two."""
    logits = np.asarray(utility.logits(weights), dtype=np.float64)
    rows = len(utility.labels)
    if logits.ndim != 3 or logits.shape[:2] != (len(weights), rows):
        raise ValueError(f"expected logits of shape ({len(weights)}, {rows}, classes), got {logits.shape}")
    if not np.isfinite(logits).all():
        raise ValueError("the logits of the half-way model are not finite; assess with another method")
    if logits.shape[2] == 1:
        return np.concatenate([np.zeros_like(logits), logits], axis=2)
    return logits


def _softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _without_null(game: Game, active: NDArray[np.int64]) -> Utility:
    """Return the utility of the game among the `active` clients alone."""

    def utility(coalitions: Coalitions) -> NDArray[np.float64]:
        whole = np.zeros((len(coalitions), game.clients), dtype=np.bool_)
        whole[:, active] = coalitions
        return game.evaluate(whole)

    return utility
