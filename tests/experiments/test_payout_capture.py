"""Snipers, openings and dumps, where what they take is known without a run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from wallstreetfeds.experiments.payout_capture import DUMPED, FEE, dumping_bound, jobs, measure
from wallstreetfeds.experiments.reports import payout_capture as report

BASE = {"seed": 1, "market": "model", "clients": 4, "rounds": 6}


def rows(part, *cells, **settings):
    return measure(BASE | {"part": part, "cells": list(cells)} | settings)["rows"]


def of_rounds(found):
    return [row["captured"] for row in found if row["round"]]


@pytest.mark.parametrize("curve", ["constant-mean", "constant-mean-record", "pairs", "clock-settlement"])
def test_where_the_price_does_not_fall_with_the_payout_a_sniper_keeps_most_of_the_yield(curve):
    found = rows("sniper", {"curve": curve, "noise": 0.0})
    assert min(of_rounds(found)) > 0.7
    assert found[-1]["profit"] > 0.0
    assert found[-1]["taken"] > 0.0


@pytest.mark.parametrize("curve", ["clock", "cum-reward", "lmsr"])
def test_where_it_falls_with_it_a_sniper_pays_the_fees(curve):
    found = rows("sniper", {"curve": curve, "noise": 0.0})
    assert max(of_rounds(found)) < 0.0
    assert found[-1]["taken"] < 0.0


def test_the_last_round_cannot_be_sniped():
    assert [row["round"] for row in rows("sniper", {"curve": "clock", "noise": 0.0})] == [1, 2, 3, 4, 5, 0]


def test_a_falling_fee_gives_the_opening_back_where_informed_traders_compete():
    ways = ("normal fee", "falling, monopolist", "falling, competitors")
    cells = [{"spread": 1.0, "way": way, "listed": 0.02} for way in ways]
    normal, alone, many = (row["result"] for row in rows("opening", *cells, clients=10, rounds=2))
    assert alone == pytest.approx(normal, abs=0.01)
    assert 1.0 - many < 0.2 * (1.0 - normal)


def test_what_the_informed_earn_at_the_opening_the_providers_lose():
    cell = {"spread": 3.0, "way": "falling, competitors", "listed": 0.2}
    (found,) = rows("opening", cell, rounds=2)
    assert found["profit"] == pytest.approx(0.4 * (1.0 - found["result"]), abs=1e-8)


def test_dumping_without_a_fee_is_what_the_invariant_says():
    cells = [DUMPED | {"fee": 0.0, "listed": 0.2, "dumpers": number} for number in (1, 3)]
    for cell, found in zip(cells, rows("dumping", *cells), strict=True):
        assert found["lost"] == pytest.approx(dumping_bound(cell["dumpers"] / 4, 0.2, 0.2), abs=1e-9)


def test_the_bounds_of_the_design():
    lost = [round(100 * dumping_bound(part, 0.2, 0.2)) for part in (0.1, 0.3, 1.0)]
    assert lost == [13, 34, 75]
    assert [round(100 * dumping_bound(part, 0.6, 0.2)) for part in (0.1, 0.3, 1.0)] == [3, 8, 25]


def test_a_fee_and_retention_leave_more_in_the_pool():
    plain, fee, kept = rows(
        "dumping", *(DUMPED | {"dumpers": 2} | varied for varied in ({}, {"fee": 0.05}, {"retained": 0.6}))
    )
    assert fee["lost"] < plain["lost"]
    assert kept["lost"] < fee["lost"]
    assert kept["result"] > plain["result"]


def test_if_everybody_dumps_there_is_no_result_at_maturity():
    (found,) = rows("dumping", DUMPED | {"dumpers": 4})
    assert found["result"] is None


def test_pairs_lose_the_dumped_pairs_alone():
    (found,) = rows("dumping", DUMPED | {"curve": "pairs", "dumpers": 1, "fee": 0.0})
    assert found["lost"] == pytest.approx((1 - 0.2 / 0.8) / 4)


def test_the_same_settings_give_the_same_rows():
    cell = {"curve": "pairs", "noise": 0.5}
    assert rows("sniper", cell) == rows("sniper", cell)


def test_an_unknown_part_is_refused():
    with pytest.raises(ValueError, match="no part 'heist'; there are sniper, opening, dumping"):
        rows("heist")


def test_the_contracts_are_asked_only_for_curves_they_have():
    asked = [cell for job in jobs(quick=False, seeds=None, market="chain") for cell in job.settings["cells"]]
    assert {cell["curve"] for cell in asked} == {"clock", "constant-mean-record"}


def test_on_the_contracts_it_is_the_same():
    cell = DUMPED | {"dumpers": 1, "fee": FEE}
    small = {"clients": 2, "rounds": 1}
    (model,), (chain,) = rows("dumping", cell, **small), rows("dumping", cell, market="chain", **small)
    assert chain["lost"] == pytest.approx(model["lost"], rel=1e-9)
    assert chain["result"] == pytest.approx(model["result"], rel=1e-7)


def test_what_is_as_small_as_a_run_on_the_contracts_can_be_shown():
    asked = jobs(quick=False, seeds=1, market="chain")
    asked = [replace(job, settings={**job.settings, "market": "model"}) for job in asked]
    tables = report.tables(asked, [job.measure(job.settings) for job in asked])
    assert all("|" in block for block in report.blocks(tables).values())
    assert all(drawn.startswith(b"<?xml") for drawn in report.figures(tables).values())
