"""The committed pages: every number of their findings is in the committed table beside them."""

import json
import re
from pathlib import Path

import pytest

from wallstreetfeds.experiments import EXPERIMENTS
from wallstreetfeds.experiments.report import COMMENT, QUOTE, refreshed, unsourced

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "experiments"
SET_UP = re.compile(r"^## Set-up$.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
MOST_BYTES = 350_000


@pytest.fixture(params=list(EXPERIMENTS))
def experiment(request):
    return EXPERIMENTS[request.param]


@pytest.fixture
def results(experiment):
    return json.loads((FOLDER / f"{experiment.name}.json").read_text())


@pytest.fixture
def page(experiment):
    return (FOLDER / f"{experiment.name}.md").read_text()


def shifted(tables):
    """The same tables with every number moved."""
    tables = json.loads(json.dumps(tables))
    for rows in tables.values():
        for row in rows:
            for cell in row.values():
                if isinstance(cell, list):
                    cell[0] += 0.5
    return tables


def test_a_page_quotes_the_committed_tables(experiment, page, results):
    tables = results["tables"]
    assert refreshed(page, tables, experiment.report().blocks(tables)) == page


def test_a_changed_table_would_be_noticed(experiment, page, results):
    tables = shifted(results["tables"])
    assert refreshed(page, tables, experiment.report().blocks(tables)) != page


def test_no_number_of_the_findings_is_without_a_source(page):
    findings = SET_UP.sub("", page)
    assert unsourced(findings) == []
    assert len(QUOTE.findall(findings)) > 5


def test_a_page_asks_the_question_and_says_what_it_does_not_say(experiment, page):
    assert page.startswith("# ")
    assert "**What this says and what it does not.**" in COMMENT.sub("", page)


def test_the_figures_of_a_page_are_those_that_the_tables_give(experiment, page, results):
    shown = re.findall(r"\]\(([\w.-]+\.svg)\)", page)
    drawn = experiment.report().figures(results["tables"])
    assert sorted(set(shown)) == sorted(drawn)
    for name, content in drawn.items():
        assert (FOLDER / name).read_bytes() == content, f"{name} is not what the tables give"


def test_a_committed_run_is_a_whole_one_and_says_where_it_comes_from(experiment, results):
    assert results["experiment"] == experiment.name
    assert results["question"] == experiment.question
    assert results["quick"] is False
    assert len(results["seeds"]) >= 10
    assert re.fullmatch(r"[0-9a-f]{40}", results["revision"])
    assert results["command"].startswith(f"wsf experiment run {experiment.name}")
    assert set(results["versions"]) >= {"python", "numpy", "numba", "wallstreetfeds"}


def test_a_committed_table_is_small(experiment):
    assert (FOLDER / f"{experiment.name}.json").stat().st_size < MOST_BYTES
