"""The benchmark of the simulator: its keys, the same federation everywhere, and what it says without Ray."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from importlib.util import find_spec
from types import SimpleNamespace

import numpy as np
import pytest

from wallstreetfeds.bench.sim import learning, report
from wallstreetfeds.bench.sim.digits import RECIPE, SEED, digits_federation
from wallstreetfeds.cli.app import run
from wallstreetfeds.cli.bench_sim import print_sim
from wallstreetfeds.federation import LocalGrid
from wallstreetfeds.sim.learning.networks import vector
from wallstreetfeds.sim.learning.training import train_federation

SIZES = report.QUICK


def final_model():
    data = digits_federation(SIZES.clients)
    return train_federation(data.partitions, data.initial, data.sizes, RECIPE, SIZES.rounds, SEED).final


def printed(**changes):
    """What a run of Ray's simulation prints, without Ray."""
    answer = {"seconds": 9.0, "seconds_warm": 3.0, "model": [a.tolist() for a in final_model()]}
    return "some noise\n\n" + json.dumps(answer | changes)


@pytest.fixture
def ray(monkeypatch):
    """Ray is installed and its simulation ends as the test says."""

    def ends(stdout="", stderr="", code=0, error=None):
        def run(command, **_):
            assert command[:3] == [sys.executable, "-m", "wallstreetfeds.bench.sim.ray_run"]
            assert command[3:] == [str(SIZES.clients), str(SIZES.rounds)]
            if error is not None:
                raise error
            return SimpleNamespace(stdout=stdout, stderr=stderr, returncode=code)

        monkeypatch.setattr(learning, "find_spec", lambda name: name)
        monkeypatch.setattr(
            learning, "subprocess", SimpleNamespace(run=run, TimeoutExpired=subprocess.TimeoutExpired)
        )

    return ends


@pytest.fixture(scope="module")
def measured():
    """The report of a machine on which Ray's simulation takes nine seconds, three when it is warm."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learning, "run_ray", lambda _: json.loads(printed().splitlines()[-1]))
        told = []
        figures = report.measure(quick=True, progress=told.append)
    return SimpleNamespace(figures=json.loads(json.dumps(figures, allow_nan=False)), told=told)


def test_the_keys_others_read_are_there(measured):
    for key in (
        "swaps_per_second",
        "single_calls_per_second",
        "titanoboa_swaps_per_second",
        "federation_50x50_seconds",
        "federation_50x50_learning_seconds",
        "learning_vs_ray",
        "accuracy_difference",
    ):
        assert math.isfinite(measured.figures[key])
    assert measured.figures["accuracy_difference"] == 0.0
    assert measured.told == list(report.MEASURES)


def test_ratios_are_of_the_times_beside_them(measured):
    times = measured.figures["learning"]
    assert measured.figures["learning_vs_ray"] == pytest.approx(9.0 / times["seconds"])
    assert times["vs_ray_warm"] == pytest.approx(3.0 / times["seconds"])
    assert times["vs_numpy_loop"] == pytest.approx(times["numpy_loop_seconds"] / times["seconds"])


def test_conditions_say_on_what_it_ran(measured):
    conditions = measured.figures["conditions"]
    assert conditions["quick"] is True
    assert set(conditions["packages"]) == set(report.PACKAGES)
    assert conditions["packages"]["numpy"] == np.__version__


def test_the_plain_loop_trains_the_same_federation():
    np.testing.assert_allclose(
        vector(learning.plain(SIZES.clients, SIZES.rounds)), vector(final_model()), rtol=1e-9, atol=1e-12
    )


def test_the_flower_apps_train_the_same_federation():
    from wallstreetfeds.bench.sim.flower_apps import client_app, federate

    nodes = {k + 1: {"partition-id": k, "num-partitions": SIZES.clients} for k in range(SIZES.clients)}
    model = federate(LocalGrid(client_app(SIZES.clients), nodes), SIZES.clients, SIZES.rounds)
    np.testing.assert_allclose(vector(model), vector(final_model()), rtol=1e-9, atol=1e-12)


def test_what_ray_prints_is_read(ray):
    ray(stdout=printed(seconds=5.0))
    assert learning.run_ray(SIZES)["seconds"] == 5.0


@pytest.mark.parametrize(
    ("ending", "words"),
    [
        (
            {"stdout": "noise", "stderr": "first\nno room", "code": 1},
            "did not run here (exit code 1): no room",
        ),
        ({"stdout": "", "code": -9}, "(exit code -9): no message"),
        ({"error": subprocess.TimeoutExpired("ray", 1.0)}, "had not ended after 900 s"),
    ],
)
def test_a_ray_that_does_not_run_is_a_reason(ray, ending, words):
    ray(**ending)
    (reason,) = learning.run_ray(SIZES).values()
    assert words in reason


def test_without_ray_the_rest_is_measured_and_people_are_told(monkeypatch, measured, capsys):
    monkeypatch.setattr(learning, "find_spec", lambda name: None)
    figures = learning.measure_learning(SIZES)
    assert figures["learning_vs_ray"] is None
    assert figures["accuracy_difference"] is None
    assert figures["learning"]["seconds"] > 0
    print_sim(measured.figures | figures)
    shown = " ".join(capsys.readouterr().out.split())
    assert "not compared. Ray is not installed: pip install 'wallstreetfeds[sim-bench]'." in shown


@pytest.mark.skipif(find_spec("ray") is None, reason="Ray is an extra: sim-bench")
def test_ray_trains_the_same_federation():
    found = learning.run_ray(SIZES)
    model = vector([np.array(array) for array in found["model"]])
    np.testing.assert_allclose(model, vector(final_model()), rtol=1e-9, atol=1e-12)


def test_two_measures_of_one_key_are_refused(monkeypatch):
    monkeypatch.setattr(report, "MEASURES", {"a": lambda _: {"x": 1}, "b": lambda _: {"x": 2}})
    with pytest.raises(ValueError, match="b measures x"):
        report.measure(quick=True)


def test_json_goes_to_standard_output_and_to_the_file(monkeypatch, measured, capsys, tmp_path):
    monkeypatch.setattr(report, "measure", lambda *, quick, progress: measured.figures)
    assert run(["bench", "sim", "--quick", "--json", "--out", str(tmp_path / "figures.json")]) == 0
    out = capsys.readouterr().out
    assert json.loads(out) == measured.figures
    assert (tmp_path / "figures.json").read_text() == out


def test_people_get_sentences(monkeypatch, measured, capsys):
    monkeypatch.setattr(report, "measure", lambda *, quick, progress: measured.figures)
    assert run(["bench", "sim", "--quick"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "Ray simulation takes" in shown
    assert "accuracy differs by 0.0000" in shown
    assert "by single calls" in shown
    assert "20 noise trades a round" in shown
    assert "no target applies" in shown


def test_people_are_told_what_was_met_and_missed(measured, capsys):
    slow = {"conditions": {"quick": False}, "swaps_per_second": 1e6, "federation_50x50_seconds": 9.0}
    without = {"learning_vs_ray": None, "learning": measured.figures["learning"] | {"reason": "No Ray"}}
    print_sim(measured.figures | slow | without)
    shown = " ".join(capsys.readouterr().out.split())
    assert "Target swaps_per_second, at least 200,000: met." in shown
    assert "Target federation_50x50_seconds, at most 8: missed." in shown
    assert "Target learning_vs_ray, at least 100: not measured." in shown


def test_people_are_told_why_titanoboa_is_missing(measured, capsys):
    swaps = measured.figures["swaps"] | {"reason": "titanoboa is not installed"}
    print_sim(measured.figures | {"swaps": swaps, "titanoboa_swaps_per_second": None})
    assert "on titanoboa: not compared. titanoboa is not installed." in capsys.readouterr().out
