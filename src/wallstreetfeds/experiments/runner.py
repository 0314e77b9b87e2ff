"""Runs the jobs of an experiment: in processes, each answer kept by content, so that a rerun is quick."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import signal
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import wallstreetfeds

Answer = dict[str, Any]
"""What a job found; plain JSON."""

PACKAGES: Final = ("contribution", "federation", "sim/learning", "experiments")
"""Where code lies that an answer may depend on."""

ONE_THREAD: Final = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class Job:
    """One unit of work: `measure(settings)`, a function of a module and plain JSON; `cost` in any unit."""

    measure: Callable[[Mapping[str, Any]], Answer]
    settings: Mapping[str, Any]
    cost: float = 1.0

    @property
    def key(self) -> str:
        """The digest of everything the answer depends on: function, settings, our code, NumPy's version."""
        name = f"{self.measure.__module__}.{self.measure.__qualname__}"
        content = json.dumps([name, dict(self.settings), source_digest(), version("numpy")], sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()


def run_jobs(
    jobs: Sequence[Job],
    *,
    cache: Path | None,
    workers: int,
    read: bool = True,
    progress: Callable[[float], None] = lambda _: None,
) -> list[Answer]:
    """Return one answer a job, in order; `progress(cost)` is called as each is there.

    Answers found in the folder `cache` are read (unless not `read`), new ones are written to it (None:
    neither). With one worker
    the jobs run in this process. Any exception of a job ends the run; answers there by then are kept.
    """
    answers: list[Answer | None] = [_read(cache, job.key) if cache and read else None for job in jobs]
    missing = [place for place, answer in enumerate(answers) if answer is None]
    for place in set(range(len(jobs))) - set(missing):
        progress(jobs[place].cost)
    for place, answer in _computed(jobs, missing, workers):
        answers[place] = answer
        if cache is not None:
            _write(cache, jobs[place].key, answer)
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


# --- the cache ---


def default_cache() -> Path:
    """Return the folder of answers: `$XDG_CACHE_HOME/wallstreetfeds/experiments`, by default in ~/.cache."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "wallstreetfeds" / "experiments"


@lru_cache(maxsize=1)
def source_digest() -> str:
    """Return the sha-256 digest of all Python code an answer may depend on."""
    root = Path(wallstreetfeds.__file__).parent
    return digest_of(path for package in PACKAGES for path in sorted((root / package).rglob("*.py")))


def digest_of(paths: Iterable[Path]) -> str:
    """Return the sha-256 digest of files, names and contents, leaving out `PRESENTATION`."""
    digest = hashlib.sha256()
    for path in paths:
        if path.name not in PRESENTATION:
            content = path.read_bytes()
            digest.update(f"{path.name}:{len(content)}:".encode() + content)
    return digest.hexdigest()


PRESENTATION: Final = frozenset({"runner.py", "assessment.py", "report.py", "figures.py", "provenance.py"})
"""Files of this package that decide what is asked and shown, never an answer."""


def _read(cache: Path, key: str) -> Answer | None:
    try:
        answer = json.loads((cache / f"{key}.json").read_text())
    except (OSError, ValueError):  # not there, or cut short: it is computed again
        return None
    return answer if isinstance(answer, dict) else None


def _write(cache: Path, key: str, answer: Answer) -> None:
    """Keep an answer, whole or not at all; a cache that cannot be written is not a failure."""
    text = json.dumps(answer, allow_nan=False)
    with suppress(OSError):
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=cache, delete=False) as file:
            file.write(text)
        Path(file.name).replace(cache / f"{key}.json")
