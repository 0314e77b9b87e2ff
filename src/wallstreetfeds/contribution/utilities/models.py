"""What a coalition is worth: the negative log-loss of the coalition's model on the federator's validation
set.

The model of a coalition S is the *fixed-denominator* aggregate
    model(S) = previous + sum over k in S of a_k * (update_k - previous),   sum over all clients of a_k = 1:
an absent client counts as the previous global model. So v(empty) is the utility of the previous model, v(N)
that of the federated average, and a free-rider (update == previous) is a null player, worth exactly 0.0.
Renormalising over the present clients instead would pay it for diluting worse updates (up to 7 % of the
pot, measured).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.contribution.game import Coalitions

Arrays = Sequence[NDArray[Any]]
"""The parameters of one model, in a fixed order."""


class ModelUtility:
    """Utility of coalitions of any model, one coalition model at a time: the generic, slower path.

    `evaluate` maps the arrays of a model (float64, same shapes as `previous`) to its utility (higher is
    better); `updates` are the clients' models in join order, `weights` (n,) their aggregation weights,
    normalised to one.
    """

    def __init__(
        self,
        previous: Arrays,
        updates: Sequence[Arrays],
        weights: NDArray[np.float64],
        evaluate: Callable[[list[NDArray[np.float64]]], float],
    ) -> None:
        share = normalised(weights, len(updates))
        self._previous = [np.asarray(array, dtype=np.float64) for array in previous]
        self._evaluate = evaluate
        self._steps = [
            [
                share[client] * (np.asarray(new, dtype=np.float64) - old)
                for new, old in zip(update, self._previous, strict=True)
            ]
            for client, update in enumerate(updates)
        ]

    @property
    def clients(self) -> int:
        """Number of clients n."""
        return len(self._steps)

    def __call__(self, coalitions: Coalitions) -> NDArray[np.float64]:
        """Return the utilities (m,) of `coalitions` (m, n)."""
        if coalitions.ndim != 2 or coalitions.shape[1] != self.clients:
            raise ValueError(f"coalitions must have shape (m, {self.clients}), got {coalitions.shape}")
        return np.array([self._evaluate(self._model(row)) for row in coalitions], dtype=np.float64)

    def _model(self, members: NDArray[np.bool_]) -> list[NDArray[np.float64]]:
        model = [array.copy() for array in self._previous]
        for client in np.flatnonzero(members):
            for position, step in enumerate(self._steps[client]):
                model[position] += step
        return model


def normalised(weights: NDArray[np.float64], clients: int) -> NDArray[np.float64]:
    """Return aggregation weights (n,) that sum to one. Raises ValueError unless all are finite and
    positive."""
    values = np.asarray(weights, dtype=np.float64)
    if values.shape != (clients,):
        raise ValueError(f"expected {clients} aggregation weights, got shape {values.shape}")
    if not (np.isfinite(values).all() and (values > 0).all()):
        raise ValueError("aggregation weights must be finite and positive")
    return np.asarray(values / values.sum())
