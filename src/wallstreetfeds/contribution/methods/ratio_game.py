"""The quadratic surrogate where absent clients are left out, and its Shapley values by quadrature.

There the model of a coalition is the mean of its members' updates by their weights a_i, so to second order
around the mean of all

    q(S) = v(N) + alpha(S) / a(S) + 1/2 B(S, S) / a(S)^2    for S not empty,

a(S) and alpha(S) being sums over S and B(S, S) over S x S. Small coalitions differ most: a game of ratios,
far from additive, which is why samplers need thousands of evaluations for it. Its Shapley values come without
sampling: phi_i is the integral over t in [0, 1] of the mean of q(S + i) - q(S), S taking every other client
with probability t (the multilinear extension; Owen 1972, "Multilinear Extensions of Games"), and

    1 / a = integral of e^(-u a) du,    1 / a^2 = integral of u e^(-u a) du    over u from 0 to infinity

turn ratios of sums into products over clients, whose means are products. In t the integrand is a polynomial
of degree below n (Gauss-Legendre is exact); in u = e^y the trapezoidal rule converges exponentially.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.contribution.game import Coalitions

STEP: Final = 0.25
"""Of the trapezoidal rule in log u; the error of the rule is far below rounding."""


@dataclass(frozen=True)
class RatioGame:
    """q(S) - v(N) for S not empty, and 0 for the empty coalition.

    `share` (n,): weights a_i, positive; `slope` (n,): alpha_i; `curvature` (n, n): B, symmetric.
    """

    share: NDArray[np.float64]
    slope: NDArray[np.float64]
    curvature: NDArray[np.float64]

    def __call__(self, coalitions: Coalitions) -> NDArray[np.float64]:
        """Return the utilities (m,) of `coalitions` (m, n)."""
        members = coalitions.astype(np.float64)
        total = members @ self.share
        total[total == 0.0] = 1.0  # the empty coalition: both sums are zero
        squares = ((members @ self.curvature) * members).sum(axis=1)
        return np.asarray(members @ self.slope / total + 0.5 * squares / total**2)

    def shapley(self) -> NDArray[np.float64]:
        """Return the Shapley values (n,), to about 1e-8 of the largest utility."""
        n = len(self.share)
        points, weights = np.polynomial.legendre.leggauss(n // 2 + 2)
        chance, weights = (points[:, None] + 1.0) / 2.0, weights / 2.0
        values = np.zeros(n)
        for y in np.arange(log(1e-9), log(50.0 / float(self.share.min())), STEP):
            u = float(np.exp(y))
            values += STEP * u * (weights @ self._mean_marginals(u, chance))
        return values

    def _mean_marginals(self, u: float, chance: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the integrand (t, n) at `u` and the chances (t, 1) of taking part."""
        diagonal = np.diag(self.curvature)
        fade = np.exp(-u * self.share)
        factor = 1.0 - chance + chance * fade  # mean of e^(-u a_k) over whether client k takes part
        tilted = chance * fade / factor
        others = np.exp(np.log(factor).sum(axis=1, keepdims=True) - np.log(factor))
        sums = (tilted @ self.slope)[:, None] - self.slope * tilted
        along = tilted @ self.curvature
        cross = along - tilted * diagonal
        whole = (along * tilted).sum(axis=1) + (tilted * (1.0 - tilted)) @ diagonal
        squares = whole[:, None] - 2.0 * tilted * cross - diagonal * tilted
        first = fade * (sums + self.slope) - sums
        second = fade * (squares + 2.0 * cross + diagonal) - squares
        return np.asarray(others * (first + 0.5 * u * second))
