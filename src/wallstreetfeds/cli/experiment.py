"""`wsf experiment`: questions that are answered by running something many times."""

from __future__ import annotations

import json
import os
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
from wallstreetfeds.cli.wide_tables import print_tables
from wallstreetfeds.experiments import EXPERIMENTS, MARKETS, Experiment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wallstreetfeds.experiments.runner import Job
    from wallstreetfeds.sim.learning.cache import Cache

app = typer.Typer(name="experiment", no_args_is_help=True, help="Answer a question by running it many times.")

MOST_SEEDS: Final = 1000

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
    seeds: Annotated[int | None, typer.Option(help="How many seeds; by default the report's number.")] = None,
    market: Annotated[
        str | None, typer.Option(help="model (default) or chain: the contracts, where they have the curve.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for NAME.json, NAME.parquet, figures and the page NAME.md."),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Processes that work at the same time; by default one a core.")
    ] = None,
    ray: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Work on this Ray cluster.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Compute again what is in the cache.")] = False,
    cache: Annotated[Path | None, typer.Option(help="Folder of the cache.", show_default=False)] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Neither read nor keep answers.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Run an experiment; what has been computed before is read from the cache, so a stopped run goes on.

    Answers are kept in $XDG_CACHE_HOME/wallstreetfeds (by default ~/.cache), or in --cache, by what they
    depend on: the code, the settings, the seed. With --out, numbers and tables quoted in NAME.md of that
    folder are brought up to date; results of a whole run that are there give way only to as large a run.
    """
    experiment = _named(name)
    options = _options(experiment, quick=quick, seeds=seeds, market=market)
    _check_places(workers, ray, cache, no_cache)
    if out is not None:
        prepare_folder(out)
    try:
        keep = None if no_cache else _cache(cache)
        _share_learning(cache, no_cache)
        report = experiment.report()  # what it needs is there before the work, or the work is not begun
        jobs = experiment.load().jobs(**options)
        if out is not None:
            _check_replaces(out, experiment, options, _seeds(jobs))
        processes = workers or (1 if quick else _cores())
        results, answers = _run(experiment, jobs, fresh=fresh, cache=keep, workers=processes, ray=ray)
        results |= {"quick": quick, "market": options.get("market"), "tables": report.tables(jobs, answers)}
        if out is not None:
            write_whole(out, _files(experiment, results, jobs, answers, out))
    except ChildProcessError as error:
        raise Failure(str(error), _again(fresh, no_cache)) from error
    except (ImportError, ValueError, ConnectionError) as error:
        raise Failure(str(error)) from error
    if as_json:
        print(json.dumps(results))
        return
    _print(experiment, results, out)


@app.command("report")
def report_command(
    name: Annotated[
        str | None, typer.Argument(help="Which experiment; by default all whose results are there.")
    ] = None,
    folder: Annotated[Path, typer.Option("--folder", help="Where NAME.json is.")] = Path("docs/experiments"),
    as_json: JsonOption = False,
) -> None:
    """Draw the figures and bring the page up to date from results that are there, without a run."""
    from wallstreetfeds.experiments.results import load_results, shown_files

    names = [known for known in EXPERIMENTS if (folder / f"{known}.json").is_file()]
    if name is not None:
        names = [_named(name).name]
    if not names:
        raise Failure(
            f"no results of an experiment in {folder}",
            "wsf experiment run NAME --out FOLDER makes some; --folder says where they are.",
        )
    written: list[str] = []
    try:
        for known in names:
            results = load_results(folder / f"{known}.json")
            files = shown_files(EXPERIMENTS[known], results, folder)
            write_whole(folder, files)
            written += sorted(files)
    except (ImportError, ValueError) as error:
        raise Failure(str(error), done={"written": written}) from error
    if as_json:
        print(json.dumps({"folder": str(folder), "written": written}))
        return
    print(f"In {folder}: {', '.join(written)}.")


# --- what was asked ---


def _named(name: str) -> Experiment:
    if name not in EXPERIMENTS:
        raise Failure(f"there is no experiment {name!r}", f"There are: {', '.join(EXPERIMENTS)}.")
    return EXPERIMENTS[name]


def _options(experiment: Experiment, *, quick: bool, seeds: int | None, market: str | None) -> dict[str, Any]:
    """What the experiment's jobs are made of."""
    if seeds is not None and not 1 <= seeds <= MOST_SEEDS:
        raise Failure(f"--seeds is {seeds}", f"Choose 1 to {MOST_SEEDS} seeds.")
    options: dict[str, Any] = {"quick": quick, "seeds": seeds}
    if experiment.markets:
        options["market"] = market or MARKETS[0]
        if options["market"] not in experiment.markets:
            raise Failure(f"--market is {market!r}", f"Choose {' or '.join(experiment.markets)}.")
    elif market is not None:
        raise Failure(f"{experiment.name} has no market", "Leave --market away.")
    return options


def _check_places(workers: int | None, ray: str | None, cache: Path | None, no_cache: bool) -> None:
    if workers is not None and workers < 1:
        raise Failure(f"--workers is {workers}", "Choose at least 1.")
    if workers is not None and ray is not None:
        raise Failure("--workers and --ray contradict each other", "A Ray cluster uses all of its cores.")
    if cache is not None and no_cache:
        raise Failure("--cache and --no-cache contradict each other", "Choose one of them.")


def _check_replaces(out: Path, experiment: Experiment, options: dict[str, Any], seeds: Sequence[int]) -> None:
    """Refuse to write a quick run, one on another market or one of fewer seeds over a whole one."""
    from wallstreetfeds.experiments.results import whole_run

    there = whole_run(out, experiment.name)
    if there is None:
        return
    market = options.get("market")
    if options["quick"]:
        this = "a quick one"
    elif market != there.get("market"):
        this = f"on the market {market}, not {there.get('market')}"
    elif len(seeds) < len(there["seeds"]):
        this = f"of {len(seeds)} seeds"
    else:
        return
    raise Failure(
        f"{out / experiment.name}.json is a whole run of {len(there['seeds'])} seeds, this one is {this}",
        "Choose another folder with --out.",
    )


def _seeds(jobs: Sequence[Job]) -> list[int]:
    return sorted({int(job.settings["seed"]) for job in jobs})


def _again(fresh: bool, no_cache: bool) -> str:
    """Say how a run whose worker was killed goes on."""
    if no_cache:
        return "Run it again with fewer --workers; without --no-cache a stopped run goes on where it was."
    same = "Run it again without --fresh" if fresh else "Run the same command again"
    return f"{same}, with fewer --workers if memory is short: it goes on where it was."


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _cache(folder: Path | None) -> Cache:
    from wallstreetfeds.sim.learning.cache import Cache, default_folder

    return Cache(folder if folder is not None else default_folder("experiments"))


def _share_learning(folder: Path | None, no_cache: bool) -> None:
    """Say to this process and its workers where federations that are trained once are kept."""
    from wallstreetfeds.experiments.runner import LEARNING_CACHE

    if no_cache:
        os.environ[LEARNING_CACHE] = ""
    elif folder is not None:
        os.environ[LEARNING_CACHE] = str((folder / "learning").resolve())


# --- the run ---


def _run(
    experiment: Experiment,
    jobs: Sequence[Job],
    *,
    fresh: bool,
    cache: Cache | None,
    workers: int,
    ray: str | None,
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    from wallstreetfeds.experiments.provenance import revision, versions
    from wallstreetfeds.experiments.runner import run_jobs

    started = time.perf_counter()
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(experiment.name, total=sum(job.cost for job in jobs))

        def progress(cost: float) -> None:
            interrupts.check()
            bar.advance(task, cost)

        kept = 0 if fresh or cache is None else sum(cache.has(job.key) for job in jobs)
        answers = run_jobs(jobs, cache=cache, workers=workers, ray=ray, read=not fresh, progress=progress)
    results = {
        "experiment": experiment.name,
        "question": experiment.question,
        "command": shlex.join(["wsf", *sys.argv[1:]]),
        "revision": revision(),
        "versions": versions(),
        "seeds": _seeds(jobs),
        "jobs": len(jobs),
        "jobs_from_cache": kept,
        "seconds": round(time.perf_counter() - started, 1),
    }
    return results, answers


def _files(
    experiment: Experiment,
    results: dict[str, Any],
    jobs: Sequence[Job],
    answers: Sequence[dict[str, Any]],
    out: Path,
) -> dict[str, bytes]:
    """What goes into the folder: results, every job's rows, figures, and the page."""
    from wallstreetfeds.experiments.frames import as_parquet, flat_rows
    from wallstreetfeds.experiments.results import result_file, shown_files

    provenance = {key: value for key, value in results.items() if key != "tables"}
    return {
        **result_file(results),
        f"{experiment.name}.parquet": as_parquet(flat_rows(jobs, answers), provenance),
        **shown_files(experiment, results, out),
    }


def _print(experiment: Experiment, results: dict[str, Any], out: Path | None) -> None:
    console = Console()
    print_tables(console, experiment.report().blocks(results["tables"]))
    console.print(
        f"{results['jobs']} jobs ({results['jobs_from_cache']} from the cache), "
        f"{len(results['seeds'])} seeds, {results['seconds']} s. "
        "Means over seeds; --json and --out have their 95 % intervals."
    )
    console.print(
        "Nothing is written; --out DIR writes all tables and figures." if out is None else f"In {out}."
    )
