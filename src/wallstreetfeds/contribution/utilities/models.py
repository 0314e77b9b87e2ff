"""What a coalition is worth: the model it would have made, on the federator's validation set.

The federator's aggregate is previous + sum over all clients k of a_k * (update_k - previous), the weights a_k
summing to one. The model of a coalition S is that aggregate with the other clients absent, in one of two
ways:

- "previous" (the default): an absent client counts as the previous global model,
  model(S) = previous + sum over k in S of a_k * (update_k - previous).
  A free-rider (update == previous) is a null player, worth exactly 0.0.
- "left out" (the literature's): the weights of the present clients are brought to a sum of one,
  model(S) = previous + sum over k in S of a_k * (update_k - previous) / sum over k in S of a_k.
  It pays a free-rider for diluting worse updates (up to 7 % of the pot, measured).

In both, model(empty) is the previous model and model(everybody) the federated average. A client with no data
has weight 0: whatever it sends it changes no model, and is worth exactly 0.0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.contribution.checks import checked_coalitions
from wallstreetfeds.contribution.game import Coalitions
from wallstreetfeds.contribution.sums import on_grid

Arrays = Sequence[NDArray[Any]]
"""The parameters of one model, in a fixed order."""

Absent = Literal["previous", "left out"]
"""What an absent client counts as: the previous global model, or nothing at all."""


class ModelUtility:
    """Utility of coalitions of any model, one coalition model at a time: the generic, slower path.

    `evaluate` maps the arrays of a model (float64, same shapes as `previous`) to its utility (higher is
    better); `updates` are the clients' models in join order, `weights` (n,) their aggregation weights, zero
    or more, normalised to one; `absent` says what an absent client counts as (see the module). A coalition's
    model is the same to the bit whatever the order of the clients. Raises ValueError on weights or updates
    that do not fit, and on NaN or infinity in them. Arrays are copied: later changes to them change nothing.
    """

    def __init__(
        self,
        previous: Arrays,
        updates: Sequence[Arrays],
        weights: NDArray[np.float64],
        evaluate: Callable[[list[NDArray[np.float64]]], float],
        *,
        absent: Absent = "previous",
    ) -> None:
        self._shares = shares(weights, len(updates))
        self._left_out = left_out(absent)
        self._previous = [np.array(array, dtype=np.float64) for array in previous]
        self._steps = [on_grid(steps) for steps in weighted_steps(self._previous, updates, self._shares)]
        self._evaluate = evaluate

    @property
    def clients(self) -> int:
        """Number of clients n."""
        return len(self._shares)

    def __call__(self, coalitions: Coalitions) -> NDArray[np.float64]:
        """Return the utilities (m,) of `coalitions` (m, n)."""
        checked_coalitions(coalitions, self.clients)
        scale = scales(coalitions, self._shares if self._left_out else None)
        values = [
            self._evaluate(self._model(row, float(by))) for row, by in zip(coalitions, scale, strict=True)
        ]
        return np.array(values, dtype=np.float64)

    def _model(self, members: NDArray[np.bool_], scale: float) -> list[NDArray[np.float64]]:
        return [
            old + scale * steps[members].sum(axis=0)
            for old, steps in zip(self._previous, self._steps, strict=True)
        ]


def normalised(weights: NDArray[np.float64], clients: int) -> NDArray[np.float64]:
    """Return aggregation weights (n,) that sum to one. Raises ValueError unless all are finite and
    positive."""
    values = np.asarray(weights, dtype=np.float64)
    if values.shape == (clients,) and not (values > 0).all():
        raise ValueError("aggregation weights must be finite and positive")
    return shares(values, clients)


def shares(weights: NDArray[np.float64], clients: int) -> NDArray[np.float64]:
    """Return aggregation weights (n,) that sum to one; a client with no data has weight 0.

    Raises ValueError on no clients, on another number of weights, and unless all are finite, none negative
    and one positive.
    """
    values = np.asarray(weights, dtype=np.float64)
    if clients < 1:
        raise ValueError("a coalition game needs at least one client's update")
    if values.shape != (clients,):
        raise ValueError(f"expected {clients} aggregation weights, got shape {values.shape}")
    if not (np.isfinite(values).all() and (values >= 0).all() and (values > 0).any()):
        raise ValueError("aggregation weights must be finite, none negative and not all zero")
    with np.errstate(over="ignore"):
        total = values.sum()
    if not np.isfinite(total):
        return shares(values / values.max(), clients)
    return np.asarray(values / total)


def weighted_steps(
    previous: Arrays, updates: Sequence[Arrays], share: NDArray[np.float64]
) -> list[NDArray[np.float64]]:
    """Return, for each array of the model, (n, *shape): a_k * (update_k - previous).

    Raises ValueError when an update has other arrays than the previous model, and on NaN or infinity.
    """
    old = [np.asarray(array, dtype=np.float64) for array in previous]
    if not all(np.isfinite(array).all() for array in old):
        raise ValueError("the previous model holds NaN or infinity")
    steps = [np.empty((len(updates), *array.shape)) for array in old]
    for client, update in enumerate(updates):
        new = [np.asarray(array, dtype=np.float64) for array in update]
        if [array.shape for array in new] != [array.shape for array in old]:
            raise ValueError(
                f"the update of client {client} has arrays of shapes {[array.shape for array in new]}, the "
                f"previous model {[array.shape for array in old]}"
            )
        if not all(np.isfinite(array).all() for array in new):
            raise ValueError(f"the update of client {client} holds NaN or infinity")
        for step, array, before in zip(steps, new, old, strict=True):
            step[client] = share[client] * (array - before)
    return steps


def left_out(absent: Absent) -> bool:
    """Return whether absent clients are left out. Raises ValueError on an unknown rule."""
    if absent not in get_args(Absent):
        raise ValueError(f"absent clients count as one of {get_args(Absent)}, got {absent!r}")
    return absent == "left out"


def scales(coalitions: Coalitions, share: NDArray[np.float64] | None) -> NDArray[np.float64]:
    """Return (m,): by what the sum of a coalition's weighted steps is multiplied.

    One, without `share` (n,); with it, one over the sum of the members' weights, so that they sum to one;
    zero when that sum is zero. The weights are brought to a grid, so that no order of summation matters.
    """
    if share is None:
        return np.ones(coalitions.shape[0])
    present = coalitions.astype(np.float64) @ on_grid(share)
    return np.divide(1.0, present, out=np.zeros_like(present), where=present > 0.0)
