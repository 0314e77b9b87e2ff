"""Runs the jobs of an experiment: in processes, each answer kept by content, so that a rerun is quick."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any, Final

from wallstreetfeds.sim.learning.cache import Answer, Cache, content_key

PACKAGES: Final = ("contribution", "federation", "sim/learning", "experiments")
"""Where code lies that an answer may depend on."""

PRESENTATION: Final = frozenset(
    f"experiments/{name}.py"
    for name in ("runner", "assessment", "assessment_blocks", "assessment_figures", "report", "provenance")
)
"""Files that decide what is asked and shown, never an answer."""

ONE_THREAD: Final = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class Job:
    """One unit of work: `measure(settings)`, a function of a module and plain JSON; `cost` in any unit."""

    measure: Callable[[Mapping[str, Any]], Answer]
    settings: Mapping[str, Any]
    cost: float = 1.0

    @property
    def key(self) -> str:
        """The digest of everything the answer depends on: function, settings, our code, NumPy, Numba."""
        name = f"{self.measure.__module__}.{self.measure.__qualname__}"
        return content_key([name, self.settings], PACKAGES, apart_from=PRESENTATION)


def run_jobs(
    jobs: Sequence[Job],
    *,
    cache: Cache | None,
    workers: int,
    read: bool = True,
    progress: Callable[[float], None] = lambda _: None,
) -> list[Answer]:
    """Return one answer a job, in order; `progress(cost)` is called as each is there.

    Answers found in the `cache` are read (unless not `read`), new ones are written to it (None: neither).
    With one worker the jobs run in this process. Any exception of a job ends the run; answers there by then
    are kept. Raises ValueError when the cache cannot be written.
    """
    answers: list[Answer | None] = [cache.get(job.key) if cache and read else None for job in jobs]
    missing = [place for place, answer in enumerate(answers) if answer is None]
    for place in set(range(len(jobs))) - set(missing):
        progress(jobs[place].cost)
    for place, answer in _computed(jobs, missing, workers):
        answers[place] = answer
        if cache is not None:
            cache.put(jobs[place].key, answer)
        progress(jobs[place].cost)
    return [answer for answer in answers if answer is not None]


def _computed(jobs: Sequence[Job], places: Sequence[int], workers: int) -> Iterator[tuple[int, Answer]]:
    # The dearest first: the last processes to finish then have little left to do.
    order = sorted(places, key=lambda place: -jobs[place].cost)
    if workers == 1 or len(order) < 2:
        for place in order:
            yield place, jobs[place].measure(jobs[place].settings)
        return
    for name in ONE_THREAD:
        os.environ.setdefault(name, "1")
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_die_quietly) as pool:
        try:
            running = {pool.submit(jobs[place].measure, jobs[place].settings): place for place in order}
            for done in as_completed(running):
                yield running[done], done.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for child in multiprocessing.active_children():
                child.terminate()
            raise


def _die_quietly() -> None:
    """Let Ctrl-C end a worker without a word: the process that started it says what happened."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
