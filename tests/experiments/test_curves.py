"""What curves cost liquidity providers, where it is known without a run."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from wallstreetfeds.experiments import curves
from wallstreetfeds.experiments.curves import FEE, jobs, measure
from wallstreetfeds.experiments.reports import curves as report
from wallstreetfeds.experiments.rewards import expected_shares
from wallstreetfeds.sim.curves import CURVES

BASE = {
    "seed": 3,
    "market": "model",
    "source": "synthetic",
    "noise": 0.5,
    "spread": 3.0,
    "curves": list(CURVES),
    "clients": 4,
    "rounds": 4,
}


def rows(**settings):
    return {row["curve"]: row for row in measure(BASE | settings)["rows"]}


@pytest.mark.parametrize("curve", ["clock", "clock-pairs"])
def test_on_the_clock_there_is_nothing_to_take_from_equal_clients(curve):
    found = rows(noise=0.0, spread=None)[curve]
    assert found["result"] == pytest.approx(1.0)
    assert found["profit"] == pytest.approx(0.0, abs=1e-9)
    assert found["volume"] == 0.0
    assert found["error"] == pytest.approx(0.0, abs=1e-9)


def test_scores_known_only_after_the_record_date_are_worth_nothing():
    assert rows(spread=None, noise=1.0)["clock"]["result"] == pytest.approx(1.0)
    assert rows(spread=None, noise=1.0)["constant-mean"]["result"] < 0.97


def test_a_static_curve_loses_what_its_formula_says():
    """The reserve is as 1 / sqrt(price), and the price n / T when n of T rounds are left."""
    rounds = 16
    paid = sum(np.sqrt(rounds / left) / rounds for left in range(1, rounds + 1))
    left = np.sqrt(1 / rounds)
    found = rows(source="small-model", noise=0.0, spread=None, rounds=rounds)["static"]
    assert found["result"] == pytest.approx((paid + left) / 2, abs=FEE)
    assert found["drained"] == pytest.approx(paid / 2, abs=FEE)


def test_finding_out_who_is_good_costs_a_shared_pool_the_geometric_mean_and_pairs_less(monkeypatch):
    monkeypatch.setattr(curves, "FEE", 0.0)
    settings = BASE | {"noise": 0.0, "spread": 10.0, "clients": 10}
    worth = 10 * expected_shares(10, 10.0, np.random.default_rng([settings["seed"], 0]))
    found = rows(**settings)
    assert found["clock"]["result"] == pytest.approx(np.prod(worth ** (1 / 20)), abs=1e-5)
    assert found["clock-pairs"]["result"] == pytest.approx(np.mean(np.sqrt(worth)), abs=1e-5)
    assert found["clock-pairs"]["result"] > found["clock"]["result"]


def test_where_tokens_run_out_a_static_price_stays_up():
    settings = {"noise": 0.0, "spread": None, "rounds": 30}
    assert rows(source="small-model", **settings)["static"]["worst_error"] < 2 * FEE
    assert rows(**settings)["constant-mean"]["worst_error"] > 1.0


@pytest.mark.parametrize("curve", CURVES)
def test_what_the_arbitrageur_earns_the_providers_lose(curve):
    found = rows(curves=[curve])[curve]
    held = 2 * 0.2  # the listed tokens and as much numeraire, over the budget
    assert found["profit"] == pytest.approx(held * (1 - found["result"]), abs=1e-8)


def test_the_same_settings_give_the_same_rows():
    assert measure(BASE) == measure(BASE)


def test_noise_traders_add_volume():
    assert rows(source="crowd")["clock"]["volume"] > rows()["clock"]["volume"]


def test_an_unknown_source_of_rewards_is_refused():
    with pytest.raises(ValueError, match="no source 'weather' of rewards; there are synthetic"):
        measure(BASE | {"source": "weather"})


def test_the_contracts_are_asked_only_for_curves_they_have():
    asked = jobs(quick=False, seeds=2, market="chain")
    assert {tuple(job.settings["curves"]) for job in asked} == {("clock", "constant-mean-record")}
    assert {job.settings["source"] for job in asked} == {"synthetic"}
    assert {job.settings["seed"] for job in asked} == {0, 1}


def test_a_quick_run_is_a_small_part_of_the_whole():
    whole, quick = jobs(quick=False, seeds=None), jobs(quick=True, seeds=None)
    assert len(whole) >= 10 * len(quick)
    assert quick[0].settings["rounds"] < whole[0].settings["rounds"]


def test_on_the_contracts_it_is_the_same():
    small = {"curves": ["clock"], "clients": 2, "rounds": 1}
    model, chain = rows(**small)["clock"], rows(market="chain", **small)["clock"]
    for name in ("result", "profit", "error", "slippage", "volume"):
        assert chain[name] == pytest.approx(model[name], abs=2e-6), name


def test_what_is_as_small_as_a_run_on_the_contracts_can_be_shown():
    asked = jobs(quick=False, seeds=1, market="chain")
    asked = [replace(job, settings={**job.settings, "market": "model"}) for job in asked]
    tables = report.tables(asked, [job.measure(job.settings) for job in asked])
    assert all("|" in block for block in report.blocks(tables).values())
    assert all(drawn.startswith(b"<?xml") for drawn in report.figures(tables).values())
