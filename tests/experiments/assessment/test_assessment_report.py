"""The committed tables of the assessment experiment are of a run of all that was asked."""

import json
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "experiments"


@pytest.fixture(scope="module")
def results():
    return json.loads((FOLDER / "assessment.json").read_text())


def test_every_row_is_of_all_seeds(results):
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
