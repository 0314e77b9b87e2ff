"""`wsf bench sim`: the simulator's speed in one run, as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from wallstreetfeds.bench.conditions import conditions
from wallstreetfeds.bench.sim.federation import measure_federation
from wallstreetfeds.bench.sim.learning import measure_learning
from wallstreetfeds.bench.sim.sizes import QUICK, Measure, Sizes
from wallstreetfeds.bench.sim.swaps import measure_swaps

PACKAGES: Final = ("numpy", "numba", "flwr", "ray", "scikit-learn", "titanoboa")

MEASURES: Final[Mapping[str, Measure]] = MappingProxyType(
    {"swaps": measure_swaps, "learning": measure_learning, "federation": measure_federation}
)
"""What is measured, by the name it is told under. Each returns keys of the report; no two the same one."""


def measure(*, quick: bool = False, progress: Callable[[str], None] | None = None) -> dict[str, Any]:
    """Return all figures; what could not be measured is None, with a reason beside it.

    With `quick` everything runs on tiny sizes, once: it shows that it works, not how fast it is. Threads of
    NumPy are the caller's (OPENBLAS_NUM_THREADS=1, as `make` sets it).
    """
    tell = progress or (lambda _: None)
    sizes = QUICK if quick else Sizes()
    report: dict[str, Any] = {"conditions": conditions(PACKAGES, sizes.repeats, quick=quick)}
    for name, run in MEASURES.items():
        tell(name)
        figures = run(sizes)
        if twice := figures.keys() & report.keys():
            raise ValueError(f"{name} measures {', '.join(sorted(twice))}, which is in the report already")
        report |= figures
    return report
