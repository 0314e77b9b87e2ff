"""Work split over threads by coalition: any number of threads gives the same bits."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Final

from wallstreetfeds.contribution.checks import whole

MOST_THREADS: Final = 64
"""More are not started: each makes tables of its own, and the bits are the same."""


def checked_threads(threads: int) -> int:
    """Return `threads`, or `MOST_THREADS` if that is less. Raises ValueError below one, and when it is no
    integer."""
    if whole(threads, "the number of threads") < 1:
        raise ValueError(f"an engine needs at least one thread, got threads={threads}")
    return min(threads, MOST_THREADS)


def in_parallel(work: Callable[[slice], None], count: int, threads: int) -> None:
    """Call `work` with slices that cover 0 to `count` - 1, one slice a thread, and wait for all.

    The work has to release the interpreter lock (Numba's nogil) to gain anything, and to write only to its
    own slice. What a slice raises is raised here.
    """
    parts = min(threads, count)
    edges = [count * part // max(parts, 1) for part in range(parts + 1)]
    slices = [slice(start, stop) for start, stop in pairwise(edges)]
    if parts <= 1:
        for part in slices:
            work(part)
        return
    with ThreadPoolExecutor(parts) as pool:
        list(pool.map(work, slices))
