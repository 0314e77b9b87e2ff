"""How a round's updates are valued, in words that a bundle can keep and another machine can repeat."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.contribution import METHODS, Contributions, Game, Utility, shapley
from wallstreetfeds.contribution.coalitions import coalition_table
from wallstreetfeds.contribution.utilities.mlp import mlp_log_loss
from wallstreetfeds.federation.evidence.canonical import NamedArrays, canonical_bytes, canonical_digest
from wallstreetfeds.federation.tasks import linear
from wallstreetfeds.federation.tasks.base import Partition
from wallstreetfeds.federation.valuation import Model

Engine = Callable[[Model, Sequence[Model], NDArray[np.float64], Partition], Utility]
"""Maps (previous, updates, weights, validation set) to the utility of all coalitions of a round."""


def mlp(
    previous: Model, updates: Sequence[Model], weights: NDArray[np.float64], validation: Partition
) -> Utility:
    """Return the utility of all coalitions of ReLU networks, see `mlp_log_loss`."""
    return mlp_log_loss(validation.features, validation.labels, previous, updates, weights)


ENGINES: Final[Mapping[str, Engine]] = MappingProxyType(
    {"linear-log-loss": linear.coalitions, "mlp-log-loss": mlp}
)
"""Engines whose every bit is the same on every machine, by the name that bundles know them by."""

DEFAULT_METHOD: Final = "shapley"
"""Exact Shapley values up to `exact_up_to` clients, sampled above; any other name is one of `METHODS`."""

REPEATABLE: Final = (
    DEFAULT_METHOD,
    "exact",
    "banzhaf",
    "antithetic",
    "stratified",
    "svarm",
    "gtg",
    "tmc",
    "leave-one-out",
    "standalone",
    "equal",
)
"""Methods whose every bit is the same on every machine, and that need nothing but what a bundle holds."""

DEFAULTS: Final[Mapping[str, int]] = MappingProxyType({"exact_up_to": 16, "evaluations": 20_000})

MOST_EVALUATIONS: Final = 10_000_000
"""A bundle that asks for a larger sample is refused: checking must not take for ever."""

_MOST: Final[Mapping[str, int]] = MappingProxyType({"exact_up_to": 1024, "evaluations": MOST_EVALUATIONS})

TABLE_UP_TO: Final = 10
"""Up to so many accepted updates a bundle holds the utility of every coalition: 8 KiB at most."""


@dataclass(frozen=True)
class Recipe:
    """An assessment that can be repeated from a bundle; satisfies `Assess`.

    - `validation`: the federator's data, features (rows, d) and integer labels (rows,).
    - `engine`: one of `ENGINES`; `method`: one of `REPEATABLE`.
    - `parameters`: `evaluations`, the sample's budget of coalitions (at most 10 million), and `exact_up_to`
      clients ("shapley"; at most 1024); whole numbers of at least 0.

    Labels of another type (truth values, floats) are cast if they are whole.  Raises ValueError for all that
    nobody could repeat: names and parameters that there are not, data that are not finite or that a bundle
    cannot hold, labels that are not whole.
    """

    validation: Partition
    engine: str
    method: str = DEFAULT_METHOD
    parameters: Mapping[str, int] = field(default_factory=lambda: dict(DEFAULTS))

    def __post_init__(self) -> None:
        if self.engine not in ENGINES:
            raise ValueError(f"unknown engine {self.engine!r}; there are {', '.join(ENGINES)}")
        if self.method not in REPEATABLE:
            why = "unknown method"
            if self.method == "data-size":
                why = "evidence has no numbers of examples for the method"
            elif self.method in METHODS:
                why = "another machine may get other last bits with the method"
            raise ValueError(f"{why} {self.method!r}; choose one of {', '.join(REPEATABLE)}")
        if set(self.parameters) != set(DEFAULTS):
            raise ValueError(f"the parameters are {', '.join(DEFAULTS)}, not {', '.join(self.parameters)}")
        parameters = {name: _whole_number(name, self.parameters[name]) for name in DEFAULTS}
        object.__setattr__(self, "parameters", parameters)
        object.__setattr__(self, "validation", _repeatable(self.validation))

    @cached_property
    def data(self) -> NamedArrays:
        """The validation set as a bundle keeps it."""
        return {"features": self.validation.features, "labels": self.validation.labels}

    @cached_property
    def data_digest(self) -> bytes:
        """The sha-256 (32 bytes) of the validation set's file."""
        return canonical_digest(self.data)

    def __call__(
        self, previous: Model, updates: Sequence[Model], weights: NDArray[np.float64], seed: int
    ) -> Contributions:
        """Return one contribution an update, as `Assess` says."""
        game = self._game(previous, updates, weights)
        if self.method == DEFAULT_METHOD:
            return shapley(game, **self.parameters, seed=seed)
        return METHODS[self.method](game, evaluations=self.parameters["evaluations"], seed=seed)

    def table(
        self, previous: Model, updates: Sequence[Model], weights: NDArray[np.float64]
    ) -> NDArray[np.float64] | None:
        """Return the utilities (2**m,) of all coalitions of m updates, None above `TABLE_UP_TO`.

        Bit k of an index says whether update k takes part.  Costs 2**m evaluations, besides those of the
        assessment itself.
        """
        if len(updates) > TABLE_UP_TO:
            return None
        return coalition_table(self._game(previous, updates, weights))

    def _game(self, previous: Model, updates: Sequence[Model], weights: NDArray[np.float64]) -> Game:
        return Game(len(updates), ENGINES[self.engine](previous, updates, weights, self.validation))


def validation_set(arrays: NamedArrays) -> Partition:
    """Return the validation set that a bundle keeps as `arrays`.  Raises ValueError for anything else."""
    if list(arrays) != ["features", "labels"]:
        raise ValueError(f"a validation set has features and labels, not {', '.join(arrays)}")
    features, labels = arrays["features"], arrays["labels"]
    if labels.dtype.kind not in "iu":
        raise ValueError(f"labels are whole numbers, not {labels.dtype}")
    return Partition(features, labels)


def _repeatable(validation: Partition) -> Partition:
    """Return a validation set as a bundle can hold it.  Raises ValueError if none can."""
    features, labels = np.asarray(validation.features), np.asarray(validation.labels)
    if features.ndim != 2 or labels.shape != features.shape[:1] or not len(labels):
        raise ValueError(f"features {features.shape} and labels {labels.shape} do not fit together")
    if labels.dtype.kind in "bf" and finite({"labels": labels}) and (np.abs(labels) < 2.0**53).all():
        whole = labels.astype(np.int64)
        labels = whole if (whole == labels).all() else labels
    if labels.dtype.kind not in "iu":
        raise ValueError(f"labels are whole numbers; these are {labels.dtype} and not all whole")
    canonical_bytes({"features": features[:0], "labels": labels[:0]})  # refuses other dtypes
    if not finite({"features": features}):
        raise ValueError("the features of the validation set hold NaN or infinity")
    return Partition(features, labels, validation.quality)


def _whole_number(name: str, value: Any) -> int:
    """Return a parameter as an integer of Python's.  Raises ValueError if it is none, or out of range."""
    if isinstance(value, bool | np.bool_) or not hasattr(value, "__index__"):
        raise ValueError(f"{name} is a whole number, not {value!r}")
    number = operator.index(value)
    if not 0 <= number <= _MOST[name]:
        raise ValueError(f"{name} is {number}; it is from 0 to {_MOST[name]}")
    return number


def finite(arrays: Mapping[str, NDArray[Any]]) -> bool:
    """Whether no array holds NaN or infinity."""
    return all(np.isfinite(array).all() for array in arrays.values())
