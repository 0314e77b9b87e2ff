"""How far prices leave value: cases with a known answer, and both markets alike."""

import numpy as np
import pytest

from wallstreetfeds.experiments.bubbles import _longest, jobs, measure
from wallstreetfeds.experiments.reports.bubbles import _alone, _worst, blocks, figures, tables

SMALL = {"clients": 4, "rounds": 8, "crowd": 1, "sessions": 2}


def row(*, market="model", seed=1, **crowd):
    usual = {"hot": 0.0, "extra": "none", "clients_sell": False}
    return measure({"seed": seed, "market": market, **SMALL, **usual, **crowd})["rows"][0]


def test_value_investors_alone_make_no_bubble():
    found = row()
    assert found["above"] == found["longest"] == found["market_longest"] == 0
    assert found["distance"] < 0.2


def test_hot_money_makes_one_where_nobody_sells_and_none_where_clients_do():
    loose, held = (
        np.mean(
            [row(hot=0.9, clients_sell=sell, seed=seed, clients=6, rounds=16)["height"] for seed in (1, 2, 3)]
        )
        for sell in (False, True)
    )
    assert loose > held + 0.1


def test_sets_keep_the_market_nearer_to_the_escrow():
    alone, held = (row(extra=extra)["market_low"] for extra in ("none", "sets"))
    assert alone < held <= 0


def test_rounds_in_a_row_are_counted():
    assert _longest([True, True, False, True]) == 2
    assert _longest([False]) == 0


def test_what_rounds_and_federations_share_is_taken_out():
    rng = np.random.default_rng(0)
    time, level = np.arange(30.0)[None, :], 5 * rng.normal(size=(40, 1))
    left, right = (time + level + rng.normal(size=(40, 30)) for _ in range(2))
    assert np.corrcoef(left.ravel(), right.ravel())[0, 1] > 0.8
    assert _alone(left, right) == pytest.approx(0, abs=0.1)
    assert _alone(left, left + 0.1 * right) > 0.8


def test_the_worst_run_stands_beside_the_mean():
    crowd = {"clients_sell": True, "extra": "none", "hot": 0.75}
    runs = [
        {**crowd, "height": height, "longest": longest, "market_height": height / 2}
        for height, longest in ((0.0, 0), (3.0, 8), (1.5, 2), (0.1, 1))
    ]
    found = _worst(runs)
    assert found["height"] == pytest.approx(1000)
    assert found["next_height"] == pytest.approx(10**1.5, abs=1e-3)
    assert (found["far"], found["longest"], found["seeds"]) == (2, 8, 4)
    assert found["market_height"] == pytest.approx(10**1.5, abs=1e-3)


def test_the_same_settings_give_the_same_answer():
    assert row(hot=0.6, seed=2) == row(hot=0.6, seed=2)


@pytest.mark.parametrize("crowd", [{"hot": 1.2}, {"hot": -0.1}, {"extra": "luck"}])
def test_bad_crowds_are_refused(crowd):
    with pytest.raises(ValueError, match="hot money is a part of all"):
        row(**crowd)


def test_contracts_give_the_same_result():
    tiny = {"clients": 3, "rounds": 1, "sessions": 1, "hot": 0.5, "extra": "sets"}
    model, chain = (row(market=market, **tiny) for market in ("model", "chain"))
    assert chain == pytest.approx(model, rel=1e-5, abs=1e-6)


def test_the_report_shows_every_crowd_and_every_correlation():
    asked = jobs(quick=False, seeds=3)
    found = tables(asked, [_made_up(job.settings) for job in asked])
    shown = blocks(found)
    assert shown["crowds"].count("complete sets") == 14
    assert [row["hot"] for row in found["learned"]] == [0.0, 0.9]
    assert found["learned"][0]["within"][0] == pytest.approx(-1)
    assert found["learned"][0]["across"][0] == pytest.approx(1)
    # Logarithms to base ten are shown as factors.
    assert "100 [100, 100]" in shown["crowds"]
    assert len(figures(found)) == 2


def test_a_quick_run_has_no_learning_and_is_shown_all_the_same():
    asked = jobs(quick=True, seeds=None)
    found = tables(asked, [_made_up(job.settings) for job in asked])
    assert found["learned"] == []
    assert len(blocks(found)) == 3
    assert len(figures(found)) == 2


def _made_up(settings):
    if "extra" in settings:
        names = ("distance", "above", "longest", "market_height", "market_low", "market_longest")
        return {"rows": [dict.fromkeys(names, 0.0) | {"height": 2.0}]}
    seed = settings["seed"]
    return {
        "rows": [
            {"round": t, "volatility": 0.1 * seed + 0.01 * t * seed, "gain": 1.0 / t + seed, "accuracy": seed}
            for t in (1, 2, 3)
        ]
    }
