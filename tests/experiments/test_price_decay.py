"""Prices against theory, where it is known without a run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from wallstreetfeds.experiments.price_decay import TRADERS, jobs, measure
from wallstreetfeds.experiments.reports import price_decay as report
from wallstreetfeds.sim.curves import CURVES

BASE = {
    "seed": 2,
    "market": "model",
    "clients": 3,
    "spread": None,
    "rewards": "fixed",
    "curves": ["clock"],
    "traders": ["none"],
    "rounds": 8,
    "every": 3,
}


def rows(**settings):
    return measure(BASE | settings)["rows"]


def errors(**settings):
    return [row["error"] for row in rows(**settings)]


def test_without_traders_the_clock_is_right_in_every_round():
    assert errors() == pytest.approx([0.0] * 8, abs=1e-9)


def test_without_traders_a_static_price_stands_still_while_theory_falls():
    expected = [8 / left - 1 for left in range(8, 0, -1)]
    assert errors(curves=["constant-mean"]) == pytest.approx(expected)


def test_a_top_up_that_nobody_trades_on_is_not_in_the_price_of_the_clock():
    found = rows(rewards="topped-up", traders=["none"])
    assert [row["error"] for row in found[:3]] == pytest.approx([0.0] * 3, abs=1e-9)
    assert found[3]["bias"] < -0.01


def test_an_arbitrageur_puts_a_top_up_into_the_price():
    found = errors(rewards="topped-up", traders=["informed"])
    assert max(found) < 0.004


def test_complete_sets_cannot_price_a_top_up_whoever_trades():
    found = rows(curves=["lmsr"], rewards="topped-up", traders=["informed"])
    alone = rows(curves=["lmsr"], rewards="topped-up", traders=["none"])
    assert found[-1]["bias"] == pytest.approx(alone[-1]["bias"])
    assert found[-1]["bias"] < -0.01


def test_value_investors_know_less_than_an_arbitrageur():
    settings = {"spread": 3.0, "rounds": 12}
    value, informed = (errors(traders=[traders], **settings) for traders in ("value", "informed"))
    assert sum(informed) < 0.5 * sum(value)


@pytest.mark.parametrize("traders", TRADERS)
def test_every_curve_and_kind_of_traders_has_a_row_for_every_round(traders):
    found = rows(curves=list(CURVES), traders=[traders], rounds=3)
    assert [(row["curve"], row["round"]) for row in found] == [(c, n) for c in CURVES for n in (1, 2, 3)]


def test_the_same_settings_give_the_same_rows():
    settings = {"traders": list(TRADERS), "rewards": "topped-up"}
    assert rows(**settings) == rows(**settings)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [({"rewards": "rising"}, "rewards are fixed or topped-up"), ({"traders": ["dogs"]}, "no traders 'dogs'")],
)
def test_what_does_not_exist_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        rows(**wrong)


def test_the_contracts_are_asked_only_for_curves_they_have():
    asked = jobs(quick=False, seeds=None, market="chain")
    assert {tuple(job.settings["curves"]) for job in asked} == {("clock", "constant-mean-record")}
    assert {job.settings["rewards"] for job in asked} == {"fixed", "topped-up"}


def test_on_the_contracts_it_is_the_same():
    small = {"clients": 2, "rounds": 2, "every": 1, "rewards": "topped-up", "traders": ["value"]}
    model, chain = rows(**small), rows(market="chain", **small)
    for ours, theirs in zip(model, chain, strict=True):
        assert theirs["error"] == pytest.approx(ours["error"], abs=1e-8)
        assert theirs["bias"] == pytest.approx(ours["bias"], abs=1e-8)


def test_what_is_as_small_as_a_run_on_the_contracts_can_be_shown():
    asked = jobs(quick=False, seeds=1, market="chain")
    asked = [replace(job, settings={**job.settings, "market": "model"}) for job in asked]
    tables = report.tables(asked, [job.measure(job.settings) for job in asked])
    assert all("|" in block for block in report.blocks(tables).values())
    assert all(drawn.startswith(b"<?xml") for drawn in report.figures(tables).values())
