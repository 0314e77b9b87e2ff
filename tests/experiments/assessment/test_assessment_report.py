"""The committed report of the assessment experiment: every number in it is in the committed table."""

import json
import re
from pathlib import Path

import pytest

from wallstreetfeds.experiments.assessment.blocks import blocks
from wallstreetfeds.experiments.report import COMMENT, QUOTE, refreshed, unsourced

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "experiments"
SET_UP = re.compile(r"^## Set-up$.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def results():
    return json.loads((FOLDER / "assessment.json").read_text())


@pytest.fixture(scope="module")
def report():
    return (FOLDER / "assessment.md").read_text()


def test_the_report_quotes_the_committed_table(report, results):
    assert refreshed(report, results["tables"], blocks(results["tables"])) == report


def test_a_changed_table_would_be_noticed(report, results):
    tables = json.loads(json.dumps(results["tables"]))
    for rows in tables.values():
        for row in rows:
            for cell in row.values():
                if isinstance(cell, list):
                    cell[0] += 0.5
    assert refreshed(report, tables, blocks(tables)) != report


def test_no_number_of_the_findings_is_without_a_source(report):
    findings = SET_UP.sub("", report)
    assert unsourced(findings) == []
    assert len(QUOTE.findall(findings)) > 20


def test_the_report_says_what_it_does_not_say(report):
    assert "what it does not" in COMMENT.sub("", report)


def test_the_figures_of_the_report_are_there(report):
    shown = re.findall(r"\]\((assessment-\w+\.svg)\)", report)
    assert sorted(shown) == sorted(path.name for path in FOLDER.glob("assessment-*.svg"))
    assert len(shown) == 3


def test_the_committed_run_is_a_whole_one(results):
    assert results["quick"] is False
    assert len(results["seeds"]) >= 10
    assert re.fullmatch(r"[0-9a-f]{40}", results["revision"])
    assert results["command"].startswith("wsf experiment run assessment")
    assert {row["seeds"] for rows in results["tables"].values() for row in rows} == {len(results["seeds"])}


def test_the_committed_run_covers_what_was_asked(results):
    tables = results["tables"]
    assert {row["skew"] for row in tables["fidelity"]} == {
        "quantity",
        "labels",
        "label-noise",
        "feature-noise",
    }
    assert len({row["strategy"] for row in tables["volatility"]}) >= 8
    assert len({row["attack"] for row in tables["attacks"]}) >= 8


def test_lemma_1_is_within_its_simulation(results):
    for row in results["tables"]["equal_pay"]:
        assert abs(row["lemma"] - row["simulated"]) < 4.0 * row["standard_error"]
