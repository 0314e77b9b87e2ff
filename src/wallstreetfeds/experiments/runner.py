"""Runs the jobs of an experiment: in processes or on a Ray cluster, each answer kept by content, so that a
killed run goes on where it was and a rerun is quick."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any, Final

from wallstreetfeds.experiments import EXPERIMENTS
from wallstreetfeds.sim.learning.cache import Answer, Cache, content_key

PACKAGES: Final = ("contribution", "federation", "sim")
"""Where code lies that any answer may depend on; the experiment's own, and what all share, come on top."""

ON_CHAIN: Final = ("chain", "contracts")
"""What an answer measured on the contracts depends on besides."""

PRESENTATION: Final = frozenset(
    f"experiments/{name}.py"
    for name in (
        "__init__",
        "assessment/__init__",
        "assessment/blocks",
        "assessment/figures",
        "drawing",
        "frames",
        "provenance",
        "report",
        "results",
        "runner",
    )
)
"""Files that decide what is asked and shown, never an answer; so do those in experiments/reports."""

LEARNING_CACHE: Final = "WSF_LEARNING_CACHE"
"""The environment's word on where federations that are trained once are kept; empty: nowhere."""

ANSWERS_WITHIN: Final = 5.0
"""Seconds within which a cluster takes a connection."""

ONE_THREAD: Final = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


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
        packages = [*PACKAGES, *_own_code(self.measure.__module__)]
        if self.settings.get("market") == "chain":
            packages += ON_CHAIN
        return content_key([name, self.settings], packages, apart_from=PRESENTATION)


def run_jobs(
    jobs: Sequence[Job],
    *,
    cache: Cache | None,
    workers: int,
    ray: str | None = None,
    read: bool = True,
    progress: Callable[[float], None] = lambda _: None,
) -> list[Answer]:
    """Return one answer a job, in order; `progress(cost)` is called as each is there.

    Answers found in the `cache` are read (unless not `read`), new ones are written to it (None: neither).
    With one worker the jobs run in this process; with `ray`, the address of a cluster, on all of its cores.
    Any exception of a job ends the run; answers there by then are kept. Raises ValueError when the cache
    cannot be written, ModuleNotFoundError without Ray, ConnectionError where no cluster answers,
    ChildProcessError when a worker process is killed.
    """
    answers: list[Answer | None] = [cache.get(job.key) if cache and read else None for job in jobs]
    missing = [place for place, answer in enumerate(answers) if answer is None]
    for place in set(range(len(jobs))) - set(missing):
        progress(jobs[place].cost)
    # The dearest first: the last processes to finish then have little left to do.
    order = sorted(missing, key=lambda place: -jobs[place].cost)
    computed = _in_processes(jobs, order, workers) if ray is None else _on_ray(jobs, order, ray)
    try:
        for place, answer in computed:
            answers[place] = answer
            if cache is not None:
                cache.put(jobs[place].key, answer)
            progress(jobs[place].cost)
    except BrokenProcessPool as error:
        kept = 0 if cache is None else sum(answer is not None for answer in answers)
        raise ChildProcessError(
            f"a worker process was ended from outside (out of memory?); {kept} of {len(jobs)} answers are "
            "kept"
        ) from error
    return [answer for answer in answers if answer is not None]


def _in_processes(jobs: Sequence[Job], order: Sequence[int], workers: int) -> Iterator[tuple[int, Answer]]:
    if workers == 1 or len(order) < 2:
        for place in order:
            yield place, jobs[place].measure(jobs[place].settings)
        return
    for name in ONE_THREAD:
        os.environ.setdefault(name, "1")
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_begin_worker) as pool:
        try:
            running = {pool.submit(jobs[place].measure, jobs[place].settings): place for place in order}
            for done in as_completed(running):
                yield running[done], done.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for child in multiprocessing.active_children():
                child.terminate()
            raise


def _on_ray(jobs: Sequence[Job], order: Sequence[int], address: str) -> Iterator[tuple[int, Answer]]:
    """Compute on a cluster that runs already; every node has this package installed."""
    if not order:
        return
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # else Ray warns of its future
    try:
        import ray
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "a Ray cluster needs the optional package ray: pip install 'wallstreetfeds[ray]'", name="ray"
        ) from error
    _check_answers(address)
    variables = dict.fromkeys(ONE_THREAD, "1")
    if LEARNING_CACHE in os.environ:  # workers of a cluster have their node's environment, not this one
        variables[LEARNING_CACHE] = os.environ[LEARNING_CACHE]
    try:
        ray.init(address=address, log_to_driver=False, runtime_env={"env_vars": variables})
        remote = ray.remote(_measured)
        running = {remote.remote(jobs[place].measure, dict(jobs[place].settings)): place for place in order}
        while running:
            (done,), _ = ray.wait(list(running))
            yield running.pop(done), ray.get(done)
    finally:
        ray.shutdown()


def _check_answers(address: str) -> None:
    """Raise ConnectionError where nobody listens at host:port: Ray itself would wait for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not port.isdigit():
        return  # "auto" and "local" are Ray's own words
    try:
        socket.create_connection((host, int(port)), timeout=ANSWERS_WITHIN).close()
    except OSError as error:
        raise ConnectionError(f"no Ray cluster answers at {address}: {error.strerror or error}") from error


def _measured(measure: Callable[[Mapping[str, Any]], Answer], settings: Mapping[str, Any]) -> Answer:
    return measure(settings)


def _begin_worker() -> None:
    """Let Ctrl-C end a worker without a word, and let it end with the process that started it.

    A parent that is killed cannot end its workers, and they would wait for its next job for ever.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
    os._exit(1)


def _own_code(module: str) -> list[str]:
    """Return the code of the experiment that a module belongs to, and of what all experiments share."""
    folder = Path(__file__).parent
    others = {experiment.path.rpartition(".")[2] for experiment in EXPERIMENTS.values()}
    own = module.removeprefix(f"{__package__}.").partition(".")[0]
    shared = [path.name for path in folder.glob("*.py") if path.stem not in others - {own}]
    return [f"experiments/{name}" for name in (*sorted(shared), *([own] if (folder / own).is_dir() else []))]
