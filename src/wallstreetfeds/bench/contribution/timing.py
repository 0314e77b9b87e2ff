"""Times side by side: every round runs each candidate once, so that a slow minute hits all of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from statistics import median
from typing import TypeVar

Result = TypeVar("Result")


def side_by_side(
    candidates: Mapping[str, Callable[[], Result]], repeats: int
) -> tuple[dict[str, float], dict[str, Result]]:
    """Return the median seconds of each candidate and what it returned last.

    Each runs once before anything is timed, so that compilation and first touches do not count.
    """
    results = {name: run() for name, run in candidates.items()}
    seconds: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(repeats):
        for name, run in candidates.items():
            start = time.perf_counter()
            results[name] = run()
            seconds[name].append(time.perf_counter() - start)
    return {name: median(times) for name, times in seconds.items()}, results
