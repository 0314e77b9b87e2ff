"""What a run of an experiment leaves: results with where they come from, and the files made of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from wallstreetfeds.experiments import EXPERIMENTS, Experiment
from wallstreetfeds.experiments.provenance import versions
from wallstreetfeds.experiments.report import as_text, refreshed

Results = dict[str, Any]
"""`experiment`, `question`, `command`, `revision`, `versions`, `seeds`, ..., and `tables` by name."""

PARTS: Final = {
    "experiment": str,
    "question": str,
    "command": str,
    "revision": str,
    "versions": dict,
    "seeds": list,
    "tables": dict,
}
"""What results have at least, and of which type it is."""

MISFITS: Final = (ArithmeticError, AttributeError, LookupError, StopIteration, TypeError, ValueError)
"""What a report raises, wherever it happens to stumble, on tables that are not those of its experiment."""


def load_results(path: Path) -> Results:
    """Return the results in a file `NAME.json`.

    Raises ValueError for a file that is not there or no results, and for results of another experiment or
    version.
    """
    try:
        results = json.loads(path.read_text())
    except OSError as error:
        raise ValueError(f"cannot read {path}: {error.strerror or error}") from error
    except ValueError as error:
        raise ValueError(f"{path} is not JSON ({error}): run the experiment again") from error
    if not isinstance(results, dict) or any(
        not isinstance(results.get(part), kind) for part, kind in PARTS.items()
    ):
        raise ValueError(f"{path} has no results of an experiment: run it again with --out")
    made, now = results["versions"].get("wallstreetfeds"), versions()["wallstreetfeds"]
    if made != now:
        raise ValueError(f"{path} is of version {made}, this is {now}: run the experiment again")
    if results["experiment"] not in EXPERIMENTS:
        raise ValueError(f"{path} is of an experiment {results['experiment']!r}, which there is not")
    if results["experiment"] != path.stem:
        raise ValueError(f"{path} has the results of {results['experiment']}: run {path.stem} again")
    return dict(results)


def shown_files(experiment: Experiment, results: Results, folder: Path) -> dict[str, bytes]:
    """Return what shows the results, by file name: the figures, and the page.

    A page that is in the folder has its numbers and blocks brought up to date; where there is none, a plain
    one is made of everything there is.  Raises ValueError for tables that the figures or the page do not fit,
    and for a page that cannot be read.
    """
    report, tables = experiment.report(), results["tables"]
    try:
        _check_rows(tables)
        figures, blocks = report.figures(tables), report.blocks(tables)
    except MISFITS as error:
        raise ValueError(
            f"the tables of {experiment.name} do not fit its report ({error!r}): run the experiment again"
        ) from error
    page = folder / f"{experiment.name}.md"
    if page.is_file():
        text = refreshed(_text(page), tables, blocks)
    else:
        text = plain_page(results, blocks, sorted(figures))
    return {**figures, page.name: text.encode()}


def whole_run(folder: Path, name: str) -> Results | None:
    """Return the results of an experiment in `folder` if they are of a whole run, not a quick one."""
    try:
        results = json.loads((folder / f"{name}.json").read_text())
    except (OSError, ValueError):
        return None
    whole = isinstance(results, dict) and results.get("quick") is False
    return results if whole and isinstance(results.get("seeds"), list) else None


def _check_rows(tables: Mapping[str, Any]) -> None:
    for name, rows in tables.items():
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise TypeError(f"{name} is not a list of rows")


def _text(page: Path) -> str:
    try:
        return page.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"{page} is not UTF-8 (byte {error.start}): save it as UTF-8") from error
    except OSError as error:
        raise ValueError(f"cannot read {page}: {error.strerror or error}") from error


def result_file(results: Results) -> dict[str, bytes]:
    """Return the results as a file, by its name."""
    return {f"{results['experiment']}.json": as_text(results).encode()}


def plain_page(results: Results, blocks: Mapping[str, str], figures: list[str]) -> str:
    """Return a page without findings: the question, every figure, every block, and where they come from."""
    parts = [f"# {results['question']}"]
    parts += [f"![{Path(name).stem}]({name})" for name in figures]
    parts += [f"## {name}\n\n<!-- block: {name} -->\n{text}\n<!-- end -->" for name, text in blocks.items()]
    made = ", ".join(f"{name} {number}" for name, number in results["versions"].items())
    parts.append(
        f"## Set-up\n\n`{results['command']}`, {len(results['seeds'])} seeds, revision "
        f"{results['revision']}; {made}."
    )
    return "\n\n".join(parts) + "\n"
