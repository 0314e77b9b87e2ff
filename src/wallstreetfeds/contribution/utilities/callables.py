"""Coalitions of federations whose aggregate is any Python function: the slow exact mode.

`ModelUtility` builds a coalition's model as a weighted sum. A median, a trimmed mean, Krum or a server with
momentum is no such sum: what a coalition would have made is only known by asking the aggregator itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.contribution.checks import checked_coalitions
from wallstreetfeds.contribution.game import Coalitions
from wallstreetfeds.contribution.utilities.models import (
    Absent,
    Arrays,
    left_out,
    shares,
    weighted_steps,
)

Model = list[NDArray[np.float64]]

Aggregate = Callable[[Model, list[Model], NDArray[np.float64]], Sequence[NDArray[Any]]]
"""Maps (previous model, updates of k clients, their weights (k,)) to the model of the federation."""


class AggregateUtility:
    """Utility under any aggregator: v(S) = evaluate(aggregate(previous, updates of S, their weights)).

    - `aggregate` is called once for each coalition but the empty one, in join order, on copies of its own:
      it may change what it is given. It must forget: a strategy with momentum has to be copied inside, once a
      call. The weights are those given, not normalised.
    - `evaluate` maps the arrays of a model (float64, shapes of `previous`) to its utility, higher is better.
    - `absent` "left out" (the default here) calls `aggregate` with the members alone; "previous" with all
      clients, the absent ones' updates replaced by the previous model. The latter makes a robust aggregator
      blind: the median of mostly previous models is the previous model, whatever a few members sent.
    - v(empty) is the utility of the previous model; `aggregate` is not asked. A client whose weight is zero
      is handed over like the others.

    Promised: as much determinism as the two functions have, nothing is cached, coalitions are evaluated one
    by one in the order given. A free-rider is in general not worth zero: a median is moved by it. What a
    function raises carries a note that names the coalition. Memory: one coalition's models at a time. Time:
    2**n aggregations for exact values.

    Raises ValueError on weights or updates that do not fit, on NaN or infinity in them, and when an
    aggregate has other shapes than the previous model, naming the coalition.
    """

    def __init__(
        self,
        previous: Arrays,
        updates: Sequence[Arrays],
        weights: NDArray[np.float64],
        aggregate: Aggregate,
        evaluate: Callable[[Model], float],
        *,
        absent: Absent = "left out",
    ) -> None:
        weighted_steps(previous, updates, shares(weights, len(updates)))  # refuses what does not fit
        self._previous = _copy(previous)
        self._updates = [_copy(update) for update in updates]
        self._weights = np.array(weights, dtype=np.float64)
        self._aggregate = aggregate
        self._evaluate = evaluate
        self._left_out = left_out(absent)

    @property
    def clients(self) -> int:
        """Number of clients n."""
        return len(self._updates)

    def __call__(self, coalitions: Coalitions) -> NDArray[np.float64]:
        """Return the utilities (m,) of `coalitions` (m, n)."""
        checked_coalitions(coalitions, self.clients)
        values = np.empty(len(coalitions))
        for number, members in enumerate(coalitions):
            try:
                values[number] = self._evaluate(self._model(members))
            except Exception as error:
                error.add_note(f"while coalition {np.flatnonzero(members).tolist()} was evaluated")
                raise
        return values

    def _model(self, members: NDArray[np.bool_]) -> Model:
        if not members.any():
            return _copy(self._previous)
        present = members if self._left_out else np.ones_like(members)
        updates = [
            _copy(self._updates[client] if members[client] else self._previous)
            for client in np.flatnonzero(present)
        ]
        made = _copy(self._aggregate(_copy(self._previous), updates, self._weights[present]))
        shapes, expected = [array.shape for array in made], [array.shape for array in self._previous]
        if shapes != expected:
            raise ValueError(
                f"the aggregate of coalition {np.flatnonzero(members).tolist()} has arrays of shapes "
                f"{shapes}, the previous model {expected}"
            )
        return made


def _copy(arrays: Arrays) -> Model:
    return [np.array(array, dtype=np.float64) for array in arrays]
