"""`wsf experiment` as a person runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec

import pyarrow.parquet as pq
import pytest

from wallstreetfeds.cli.errors import Failure
from wallstreetfeds.cli.experiment import _check_replaces
from wallstreetfeds.experiments import EXPERIMENTS

WSF = [sys.executable, "-W", "ignore", "-m", "wallstreetfeds", "experiment"]
QUICK = ["run", "assessment", "--quick", "--seeds", "1", "--json"]


def wsf(*arguments: str, cache=None) -> subprocess.CompletedProcess[str]:
    environment = os.environ | ({} if cache is None else {"XDG_CACHE_HOME": str(cache)})
    return subprocess.run(
        [*WSF, *arguments], capture_output=True, text=True, timeout=300, check=False, env=environment
    )


@pytest.fixture(scope="module")
def runs(tmp_path_factory, cache):
    """The same command twice: into a new folder, and into one with a report that quotes."""
    out = tmp_path_factory.mktemp("out") / "new"
    first = wsf(*QUICK, "--out", str(out), cache=cache)
    assert first.returncode == 0, first.stderr
    quote = "<!-- attacks_overall: attack=free-riding, method=equal: paid -->"
    assert (out / "assessment.md").read_text().startswith("# How faithful")
    (out / "assessment.md").write_text(f"It gets 99 %{quote}.\n<!-- block: attacks -->\n<!-- end -->\n")
    second = wsf(*QUICK, "--out", str(out), cache=cache)
    assert second.returncode == 0, second.stderr
    return json.loads(first.stdout), json.loads(second.stdout), out


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


def test_the_list_says_what_each_asks():
    done = wsf("list", "--json")
    assert done.returncode == 0
    assert {row["name"] for row in json.loads(done.stdout)} >= {"assessment"}
    assert "assessment" in wsf("list").stdout


def test_results_say_where_they_come_from(runs):
    first, _, _ = runs
    assert first["seeds"] == [1]
    assert first["quick"] is True
    assert set(first["versions"]) >= {"python", "numpy", "flwr"}
    assert first["command"].startswith("wsf experiment run assessment")
    assert len(first["revision"].removesuffix("-dirty")) in (7, 40)
    assert set(first["tables"]) == {
        "fidelity",
        "fidelity_overall",
        "volatility",
        "volatility_clients",
        "equal_pay",
        "attacks",
        "attacks_overall",
    }


def test_a_second_run_reads_the_cache_and_finds_the_same(runs):
    first, second, _ = runs
    assert (first["jobs_from_cache"], second["jobs_from_cache"]) == (0, first["jobs"])
    assert second["tables"] == first["tables"]


def test_the_folder_has_the_results_and_the_figures(runs):
    _, second, out = runs
    assert json.loads((out / "assessment.json").read_text())["tables"] == second["tables"]
    figures = sorted(path.name for path in out.glob("*.svg"))
    assert figures == ["assessment-attacks.svg", "assessment-fidelity.svg", "assessment-volatility.svg"]


def test_a_report_in_the_folder_is_brought_up_to_date(runs):
    _, _, out = runs
    text = (out / "assessment.md").read_text()
    assert text.startswith("It gets 25 %<!--")
    assert "| free-riding |" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "nothing"], "there is no experiment 'nothing'"),
        (["run", "assessment", "--seeds", "0"], "--seeds is 0"),
        (["run", "assessment", "--workers", "0"], "--workers is 0"),
        (["run", "assessment", "--cache", "x", "--no-cache"], "contradict each other"),
        (["run", "assessment", "--workers", "2", "--ray", "auto"], "contradict each other"),
        (["run", "assessment", "--market", "chain"], "assessment has no market"),
        (["run", "assessment", "--cache", "/dev/null/x"], "cannot write to the cache /dev/null/x"),
    ],
)
def test_what_cannot_be_run_is_refused(arguments, message):
    done = wsf(*arguments)
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_report_with_an_unknown_quote_is_refused_and_nothing_is_written(runs, cache, tmp_path):
    (tmp_path / "assessment.md").write_text("1.0<!-- nowhere: a=b: c -->")
    done = wsf(*QUICK, "--out", str(tmp_path), cache=cache)
    assert done.returncode == 1
    assert "no single number for nowhere" in done.stdout + done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["assessment.md"]


def test_parquet_has_a_row_for_every_job_and_says_where_it_comes_from(runs):
    _, second, out = runs
    table = pq.read_table(out / "assessment.parquet")
    assert table.num_rows == second["jobs"]
    provenance = json.loads(table.schema.metadata[b"wallstreetfeds"])
    assert provenance["command"] == second["command"]
    assert provenance["revision"] == second["revision"]


def copied(runs, folder):
    _, _, out = runs
    folder.mkdir()
    (folder / "assessment.json").write_text((out / "assessment.json").read_text())
    return folder


def test_figures_and_a_page_are_made_of_results_that_are_there(runs, tmp_path):
    folder = copied(runs, tmp_path / "results")
    done = wsf("report", "--folder", str(folder), "--json")
    assert done.returncode == 0, done.stderr
    assert {"assessment.md", "assessment-attacks.svg"} <= set(json.loads(done.stdout)["written"])
    assert "| free-riding |" in (folder / "assessment.md").read_text()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: "{", "is not JSON"),
        (lambda text: "[1]", "has no results of an experiment"),
        (lambda text: text.replace('"wallstreetfeds": "', '"wallstreetfeds": "0.0.'), "is of version 0.0."),
        (lambda text: text.replace('"attacks_overall"', '"other"'), "do not fit its report"),
    ],
)
def test_results_of_something_else_are_refused(runs, tmp_path, change, message):
    folder = copied(runs, tmp_path / "results")
    path = folder / "assessment.json"
    path.write_text(change(path.read_text()))
    done = wsf("report", "assessment", "--folder", str(folder))
    assert done.returncode == 1
    assert message in done.stderr
    assert [each.name for each in folder.iterdir()] == ["assessment.json"]


def test_a_report_of_nothing_is_refused(tmp_path):
    done = wsf("report", "--folder", str(tmp_path))
    assert done.returncode == 1
    assert "no results of an experiment" in done.stderr


@pytest.mark.skipif(find_spec("ray") is not None, reason="Ray is installed")
def test_without_ray_a_cluster_is_refused():
    done = wsf("run", "assessment", "--quick", "--ray", "127.0.0.1:1", "--no-cache")
    assert done.returncode == 1
    assert "pip install 'wallstreetfeds[ray]'" in done.stderr


def test_a_quick_run_is_not_written_over_a_whole_one(tmp_path):
    whole = json.dumps({"quick": False, "market": "model", "seeds": [1, 2, 3]})
    (tmp_path / "price-decay.json").write_text(whole)
    done = wsf("run", "price-decay", "--quick", "--no-cache", "--out", str(tmp_path))
    assert done.returncode == 1
    assert "is a whole run of 3 seeds, this one is a quick one" in done.stderr
    assert "Choose another folder" in done.stderr
    assert [path.read_text() for path in tmp_path.iterdir()] == [whole]


@pytest.fixture
def replaces(tmp_path):
    """What is checked before a whole run of price-decay is written over another one, of two seeds."""
    (tmp_path / "price-decay.json").write_text('{"quick": false, "market": "model", "seeds": [1, 2]}')

    def checked(market, seeds):
        _check_replaces(tmp_path, EXPERIMENTS["price-decay"], {"quick": False, "market": market}, seeds)

    return checked


def test_a_whole_run_of_as_many_seeds_or_more_replaces_another(replaces):
    replaces("model", [1, 2])
    replaces("model", [1, 2, 3])


def test_a_run_of_fewer_seeds_or_on_another_market_replaces_no_whole_one(replaces):
    with pytest.raises(Failure, match="this one is of 1 seeds"):
        replaces("model", [1])
    with pytest.raises(Failure, match="this one is on the market chain, not model"):
        replaces("chain", [1, 2])
