"""Results in a file: what is read, what is shown of them, what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from wallstreetfeds.experiments import EXPERIMENTS
from wallstreetfeds.experiments.provenance import versions
from wallstreetfeds.experiments.results import load_results, shown_files, whole_run

COMMITTED = Path(__file__).resolve().parents[2] / "docs" / "experiments" / "bubbles.json"


@pytest.fixture
def results():
    return {**json.loads(COMMITTED.read_text()), "versions": versions()}


def written(folder, results, name="bubbles"):
    path = folder / f"{name}.json"
    path.write_text(json.dumps(results))
    return path


def test_what_a_run_has_written_is_read(results, tmp_path):
    assert load_results(written(tmp_path, results)) == results


@pytest.mark.parametrize(
    ("part", "damaged"), [("versions", None), ("tables", "x"), ("seeds", 3), ("question", None)]
)
def test_results_with_a_damaged_part_are_refused(results, tmp_path, part, damaged):
    with pytest.raises(ValueError, match=r"bubbles\.json has no results of an experiment"):
        load_results(written(tmp_path, {**results, part: damaged}))


def test_results_of_another_experiment_are_refused(results, tmp_path):
    with pytest.raises(ValueError, match="has the results of bubbles: run curves again"):
        load_results(written(tmp_path, results, name="curves"))


def without_numbers(rows):
    return [{name: None if isinstance(cell, list) else cell for name, cell in row.items()} for row in rows]


@pytest.mark.parametrize(
    "damage",
    [
        lambda rows: [],
        lambda rows: "x",
        lambda rows: None,
        lambda rows: [1, 2],
        lambda rows: [{} for _ in rows],
        without_numbers,
    ],
)
def test_tables_that_do_not_fit_are_refused(results, tmp_path, damage):
    results["tables"]["crowds"] = damage(results["tables"]["crowds"])
    with pytest.raises(ValueError, match="the tables of bubbles do not fit its report"):
        shown_files(EXPERIMENTS["bubbles"], results, tmp_path)


def test_a_page_that_is_not_utf_8_is_named(results, tmp_path):
    (tmp_path / "bubbles.md").write_bytes(b"\xff")
    with pytest.raises(ValueError, match=r"bubbles\.md is not UTF-8"):
        shown_files(EXPERIMENTS["bubbles"], results, tmp_path)


def test_only_a_whole_run_counts_as_one(results, tmp_path):
    assert whole_run(tmp_path, "bubbles") is None
    path = written(tmp_path, results)
    assert whole_run(tmp_path, "bubbles") == results
    written(tmp_path, {**results, "quick": True})
    assert whole_run(tmp_path, "bubbles") is None
    path.write_text("{")
    assert whole_run(tmp_path, "bubbles") is None
