"""What the simulator has to reach, and whether a run did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Target:
    """A bound of one figure: the least it has to be, or the most it may be."""

    bound: float
    at_least: bool

    def met(self, figure: float) -> bool:
        """Whether a figure keeps the bound."""
        return figure >= self.bound if self.at_least else figure <= self.bound


TARGETS: Final[Mapping[str, Target]] = MappingProxyType(
    {
        "swaps_per_second": Target(200_000, at_least=True),
        "federation_50x50_seconds": Target(8.0, at_least=False),
        "learning_vs_ray": Target(100.0, at_least=True),
        "accuracy_difference": Target(0.002, at_least=False),
    }
)
"""By key of the report."""


def judged(figures: Mapping[str, Any]) -> dict[str, bool | None]:
    """Return whether each target is met, by key of the report; None where it was not measured.

    A quick run meets and misses nothing: its sizes are not those of the targets.
    """
    if figures["conditions"]["quick"]:
        return dict.fromkeys(TARGETS)
    return {
        key: None if figures[key] is None else target.met(figures[key]) for key, target in TARGETS.items()
    }
