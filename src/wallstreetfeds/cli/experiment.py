"""`wsf experiment`: questions that are answered by running something many times."""

from __future__ import annotations

import json
import re
import shlex
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from wallstreetfeds.cli import interrupts
from wallstreetfeds.cli.errors import Failure
from wallstreetfeds.cli.files import prepare_folder, write_whole
from wallstreetfeds.experiments import EXPERIMENTS, Experiment

if TYPE_CHECKING:
    from wallstreetfeds.sim.learning.cache import Cache

app = typer.Typer(name="experiment", no_args_is_help=True, help="Answer a question by running it many times.")

WORKERS: Final = 2
MOST_SEEDS: Final = 1000
INTERVAL: Final = re.compile(r" \[[^]]*\]")

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.command("list")
def list_command(as_json: JsonOption = False) -> None:
    """The experiments there are, and what each asks."""
    if as_json:
        print(
            json.dumps([{"name": known.name, "question": known.question} for known in EXPERIMENTS.values()])
        )
        return
    table = Table(box=None, show_header=False)
    for known in EXPERIMENTS.values():
        table.add_row(known.name, known.question)
    Console().print(table)


@app.command("run")
def run_command(
    name: Annotated[str, typer.Argument(help="Which experiment; see `wsf experiment list`.")],
    quick: Annotated[
        bool, typer.Option("--quick", help="A small version: shows that all of it works.")
    ] = False,
    seeds: Annotated[int | None, typer.Option(help="Seeds 1 to N; by default as many as the report.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for NAME.json, the figures, and NAME.md where there is one.")
    ] = None,
    workers: Annotated[int, typer.Option(help="Processes that work at the same time.")] = WORKERS,
    fresh: Annotated[bool, typer.Option("--fresh", help="Compute again what is in the cache.")] = False,
    cache: Annotated[Path | None, typer.Option(help="Folder of the cache.", show_default=False)] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Neither read nor keep answers.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Run an experiment; what has been computed before is read from the cache.

    Answers are kept in $XDG_CACHE_HOME/wallstreetfeds (by default ~/.cache), or in --cache, by what they
    depend on: the code, the settings, the seed. With --out, numbers and tables quoted in NAME.md of that
    folder are brought up to date.
    """
    experiment = _named(name)
    if seeds is not None and not 1 <= seeds <= MOST_SEEDS:
        raise Failure(f"--seeds is {seeds}", f"Choose 1 to {MOST_SEEDS} seeds.")
    if workers < 1:
        raise Failure(f"--workers is {workers}", "Choose at least 1.")
    if cache is not None and no_cache:
        raise Failure("--cache and --no-cache contradict each other", "Choose one of them.")
    if out is not None:
        prepare_folder(out)
    try:
        keep = None if no_cache else _cache(cache)
        results = _run(experiment, quick=quick, seeds=seeds, workers=workers, fresh=fresh, cache=keep)
        if out is not None:
            write_whole(out, _files(experiment, results, out))
    except (ImportError, ValueError) as error:
        raise Failure(str(error)) from error
    if as_json:
        print(json.dumps(results))
        return
    _print(experiment, results, out)


def _named(name: str) -> Experiment:
    if name not in EXPERIMENTS:
        raise Failure(f"there is no experiment {name!r}", f"There are: {', '.join(EXPERIMENTS)}.")
    return EXPERIMENTS[name]


def _cache(folder: Path | None) -> Cache:
    from wallstreetfeds.sim.learning.cache import Cache, default_folder

    return Cache(folder if folder is not None else default_folder("experiments"))


def _run(
    experiment: Experiment,
    *,
    quick: bool,
    seeds: int | None,
    workers: int,
    fresh: bool,
    cache: Cache | None,
) -> dict[str, Any]:
    module = experiment.load()
    from wallstreetfeds.experiments.provenance import revision, versions
    from wallstreetfeds.experiments.runner import run_jobs

    started = time.perf_counter()
    jobs = module.jobs(quick=quick, seeds=seeds)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(experiment.name, total=sum(job.cost for job in jobs))

        def progress(cost: float) -> None:
            interrupts.check()
            bar.advance(task, cost)

        kept = 0 if fresh or cache is None else sum(cache.has(job.key) for job in jobs)
        answers = run_jobs(
            jobs, cache=cache, workers=1 if quick else workers, read=not fresh, progress=progress
        )
    return {
        "experiment": experiment.name,
        "question": experiment.question,
        "command": shlex.join(["wsf", *sys.argv[1:]]),
        "revision": revision(),
        "versions": versions(),
        "seeds": sorted({int(job.settings["seed"]) for job in jobs}),
        "quick": quick,
        "jobs": len(jobs),
        "jobs_from_cache": kept,
        "seconds": round(time.perf_counter() - started, 1),
        "tables": module.tables(jobs, answers),
    }


def _files(experiment: Experiment, results: dict[str, Any], out: Path) -> dict[str, bytes]:
    """Return what goes into the folder: the results, the figures, the report if there is one."""
    from wallstreetfeds.experiments.report import as_text, refreshed

    module, tables = experiment.load(), results["tables"]
    files = {f"{experiment.name}.json": as_text(results).encode(), **module.figures(tables)}
    report = out / f"{experiment.name}.md"
    if report.is_file():
        files[report.name] = refreshed(report.read_text(), tables, module.blocks(tables)).encode()
    return files


def _print(experiment: Experiment, results: dict[str, Any], out: Path | None) -> None:
    console = Console()
    for name, block in experiment.load().blocks(results["tables"]).items():
        lines = [
            [INTERVAL.sub("", cell).strip() for cell in line[1:-1].split(" | ")]
            for line in block.splitlines()
        ]
        table = Table(title=name, box=None, padding=(0, 1, 0, 0))
        for place, head in enumerate(lines[0]):
            table.add_column(head, justify="right" if place else "left")
        for line in lines[2:]:
            table.add_row(*line)
        console.print(table)
        console.print()
    console.print(
        f"{results['jobs']} jobs ({results['jobs_from_cache']} from the cache), "
        f"{len(results['seeds'])} seeds, {results['seconds']} s. "
        "Means over seeds; --json and --out have their 95 % intervals."
    )
    console.print(
        "Nothing is written; --out DIR writes all tables and figures." if out is None else f"In {out}."
    )
