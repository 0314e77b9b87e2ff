"""The benchmark of assessments: its keys, figures that are numbers, loops that agree."""

from __future__ import annotations

import json
import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from wallstreetfeds.bench.contribution import report, samplers, speed
from wallstreetfeds.bench.contribution.federations import digits, trained_round
from wallstreetfeds.bench.contribution.numpy_loop import NumpyLoop
from wallstreetfeds.bench.contribution.timing import side_by_side
from wallstreetfeds.cli.app import run
from wallstreetfeds.cli.bench_contribution import print_contribution
from wallstreetfeds.contribution import METHODS, Contributions, Game
from wallstreetfeds.contribution.coalitions import members
from wallstreetfeds.contribution.utilities.mlp import mlp_log_loss

KEYS = {
    "exact_n10": ("seconds", "vs_typical", "vs_careful", "vs_careful_2threads"),
    "exact_n16": ("seconds",),
    "logistic_n20": ("seconds",),
    "mnist_n10": ("vs_careful",),
    "cnn_n10": ("vs_careful",),
    "shapiq": ("max_abs_difference", "vs_shapiq"),
}

SAMPLERS = [
    method.name for method in METHODS.values() if method.kind == "sampled" and method.estimates == "shapley"
]


@pytest.fixture(scope="module")
def measured():
    """The report, with everything on tiny sizes."""
    told = []
    figures = report.measure(quick=True, progress=told.append)
    return SimpleNamespace(figures=json.loads(json.dumps(figures, allow_nan=False)), told=told)


def test_every_figure_is_a_positive_number_or_missing_for_a_reason(measured):
    for name, keys in KEYS.items():
        for key in keys:
            value = measured.figures[name][key]
            if value is None:
                assert "not installed" in measured.figures[name]["reason"]
            else:
                assert math.isfinite(value)
                assert value >= 0 if key == "max_abs_difference" else value > 0


def test_every_sampler_of_shapley_values_has_its_evaluations(measured):
    assert list(measured.figures["samplers"]) == SAMPLERS
    for by_size in measured.figures["samplers"].values():
        for figures in by_size.values():
            assert figures["evaluations_to_099"] is not None or figures["reason"]


def test_what_is_measured_next_is_told(measured):
    assert measured.told[:5] == list(speed.SPEED)
    assert measured.told[-1] == "shapiq"


@pytest.mark.parametrize("name", ["exact_n10", "mnist_n10", "cnn_n10"])
def test_ours_and_the_loops_compute_the_same(measured, name):
    difference = measured.figures[name].get("max_abs_difference")
    if difference is None:
        pytest.skip(measured.figures[name]["reason"])
    assert difference < 1e-5  # the loops are float32


def test_shapiq_finds_the_same_values(measured):
    if measured.figures["shapiq"]["max_abs_difference"] is None:
        pytest.skip(measured.figures["shapiq"]["reason"])
    assert measured.figures["shapiq"]["max_abs_difference"] < 1e-12


def test_the_careful_loop_in_numpy_stands_in_where_pytorch_is_missing(monkeypatch):
    monkeypatch.setattr(speed, "TORCH", False)
    figures = speed.measure_mlp(report.QUICK_SIZES)
    assert figures["careful_loop"] == "numpy"
    assert figures["vs_careful"] > 0
    assert figures["vs_typical"] is None
    assert figures["vs_careful_2threads"] is None
    assert "PyTorch is not installed" in figures["reason"]
    assert speed.measure_cnn(report.QUICK_SIZES) == {"vs_careful": None, "reason": figures["reason"]}


def test_the_careful_loop_in_numpy_computes_the_same_utilities():
    played = trained_round(digits(), (8,), 4)
    everybody = members(0, 16, 4)
    ours = mlp_log_loss(played.features, played.labels, played.previous, played.updates, played.weights)
    assert NumpyLoop(played)(everybody) == pytest.approx(ours(everybody), abs=1e-5)


def test_the_round_is_real_training():
    played = trained_round(digits(), (32,), 5)
    utility = mlp_log_loss(played.features, played.labels, played.previous, played.updates, played.weights)
    nobody, all_of_them = utility(np.array([[False] * 5, [True] * 5]))
    assert all_of_them > nobody + 0.5


def test_candidates_take_turns_after_one_run_that_does_not_count():
    turns = []
    seconds, results = side_by_side(
        {"a": lambda: turns.append("a"), "b": lambda: turns.append("b") or "last"}, repeats=2
    )
    assert turns == ["a", "b"] * 3
    assert set(seconds) == {"a", "b"}
    assert results["b"] == "last"


class RightFrom:
    """A method that is right from `budget` evaluations on, and makes `more` than it is allowed."""

    def __init__(self, budget, more=0):
        self.budget, self.more = budget, more

    def least_evaluations(self, n):
        return 10

    def __call__(self, game, *, evaluations, seed):
        values = np.array([1.0, 2.0, 4.0] if evaluations >= self.budget else [4.0, 1.0, 2.0])
        return Contributions(values, None, 0.0, 7.0, evaluations + self.more, seed)


def needed(method, budget):
    return samplers._needed(method, Game(3, np.zeros), np.array([1.0, 2.0, 4.0]), budget, 3)


def test_the_evaluations_needed_are_the_first_budget_that_agrees_as_the_method_counts_them():
    assert needed(RightFrom(10), 1000)["evaluations_to_099"] == 10
    found = needed(RightFrom(100, more=5), 1000)["evaluations_to_099"]
    assert 105 <= found <= 105 * samplers.STEP


def test_what_never_agrees_is_missing_for_a_reason():
    found = needed(RightFrom(5000), 1000)
    assert found["evaluations_to_099"] is None
    assert found["evaluations_at_budget"] == 1000
    assert "within 1,000 evaluations" in found["reason"]


def test_a_method_that_takes_more_than_the_budget_is_not_run():
    found = needed(RightFrom(10), 9)
    assert (found["evaluations_to_099"], found["least"]) == (None, 10)
    assert "10 evaluations at least" in found["reason"]


def test_the_budget_itself_is_tried():
    assert needed(RightFrom(1000), 1000)["evaluations_to_099"] == 1000


def test_equal_values_agree_with_nothing():
    assert samplers._pearson(np.ones(3), np.array([1.0, 2.0, 3.0])) == 0.0


def test_people_get_tables(measured, capsys):
    print_contribution(measured.figures)
    shown = capsys.readouterr().out
    assert "careful loop" in shown
    for name in SAMPLERS:
        assert name in shown


def test_json_goes_to_standard_output_and_to_the_file(monkeypatch, measured, capsys, tmp_path):
    monkeypatch.setattr(report, "measure", lambda *, quick, progress: measured.figures)
    assert run(["bench", "contribution", "--quick", "--json", "--out", str(tmp_path / "figures.json")]) == 0
    printed = capsys.readouterr().out
    assert json.loads(printed) == measured.figures
    assert (tmp_path / "figures.json").read_text() == printed


def test_a_file_that_cannot_be_written_is_one_message(monkeypatch, measured, capsys, tmp_path):
    monkeypatch.setattr(report, "measure", lambda *, quick, progress: measured.figures)
    assert run(["bench", "contribution", "--out", str(tmp_path / "missing" / "figures.json")]) == 1
    assert "cannot write" in capsys.readouterr().err


@pytest.mark.parametrize(("clients", "wanted"), [(10, 64), (4, 6), (3, 64)])
def test_the_coalitions_of_the_careful_loop_have_every_client_in_some_and_not_in_others(clients, wanted):
    chosen = speed.some_of(1 << clients, wanted)
    assert len(set(chosen.tolist())) == len(chosen) == min(wanted, 1 << clients)
    sample = members(0, 1 << clients, clients)[chosen]
    assert sample.any(axis=0).all()
    assert not sample.all(axis=0).any()


COMMITTED = Path(__file__).resolve().parents[2] / "benchmarks" / "contribution.json"
GUIDE = COMMITTED.parents[1] / "docs" / "guides" / "contribution.md"


def test_the_committed_figures_are_of_a_full_run_and_have_every_key():
    figures = json.loads(COMMITTED.read_text())
    json.dumps(figures, allow_nan=False)
    assert figures["conditions"]["quick"] is False
    assert figures["conditions"]["repeats"] >= 7
    for name, keys in KEYS.items():
        assert all(figures[name][key] > 0 or key == "max_abs_difference" for key in keys)
    assert figures["shapiq"]["max_abs_difference"] < 1e-12
    assert list(figures["samplers"]) == SAMPLERS
    assert all("evaluations_to_099" in by_size["n50"] for by_size in figures["samplers"].values())


def test_the_guide_shows_the_committed_figures(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "110")
    print_contribution(json.loads(COMMITTED.read_text()))
    shown = "\n".join(line.rstrip() for line in capsys.readouterr().out.splitlines())
    assert shown in GUIDE.read_text()
