"""What depth, listing and noise do: cases with a known answer, and both markets alike."""

import numpy as np
import pytest

from wallstreetfeds.experiments.lab import Stage, open_stage
from wallstreetfeds.experiments.liquidity import ORDER, jobs, measure, noisy_shares, order_costs
from wallstreetfeds.experiments.reports.liquidity import blocks, figures, tables

SMALL = {"clients": 4, "rounds": 4, "crowd": 1, "sessions": 1, "wait": 5}


def row(*, market="model", seed=1, **cell):
    usual = {"depth": 0.2, "listed": 0.2, "noise": 0.0, "clients_sell": True}
    return measure({"seed": seed, "market": market, **SMALL, **usual, **cell})["rows"][0]


def test_an_order_costs_what_the_curve_says():
    stage = Stage(clients=4, rounds=4, swap_fee=0.003)
    market = open_stage(stage, {})
    reserves, order = market.reserves(), ORDER * 1e6
    # A quarter of the tokens' half of the pool each: the numeraire weighs four times a token.
    bought = reserves[1] * (1 - (reserves[0] / (reserves[0] + order * 0.997)) ** 4)
    expected = order * 0.997 / bought / market.spot_price(1) - 1
    assert order_costs(market)["slippage"] == pytest.approx(expected, rel=1e-9)
    assert order_costs(market)["spread"] > 2 * expected


def test_what_a_pool_would_refuse_has_no_cost():
    market = open_stage(Stage(clients=4, rounds=4, listed=0.001, depth=0.0005), {})
    assert np.isnan(order_costs(market)["slippage"])


def test_listing_more_makes_orders_cheaper():
    thin, thick = (row(listed=listed) for listed in (0.05, 0.6))
    assert thick["spread"] < thin["spread"] / 2
    assert thick["shock_cost"] > 2 * thin["shock_cost"]


def test_deep_pools_with_little_listed_gain_nothing_more_from_depth():
    # What a purchase moves is the token's reserve: half of a thin one is gone, whatever lies beside it.
    deep, deeper = (row(depth=depth)["slippage"] for depth in (0.5, 1.0))
    assert deeper == pytest.approx(deep, rel=0.1)


def test_noise_makes_volume_and_moves_prices_off_value():
    quiet, loud = (row(noise=noise, clients_sell=False, rounds=8) for noise in (0.0, 0.3))
    assert loud["volume"] > 2 * quiet["volume"]
    assert loud["error"] > quiet["error"]


def test_shares_are_noise_around_quality():
    quality = np.array([0.5, 0.3, 0.2])
    shares = noisy_shares(quality, 4000, np.random.default_rng(0))
    assert shares.sum(axis=1) == pytest.approx(np.ones(4000))
    assert shares.mean(axis=0) == pytest.approx(quality, abs=0.03)
    assert 0.2 < (shares[:, 2] / 0.2).std() < 0.6


def test_the_same_settings_give_the_same_answer():
    assert row(noise=0.1, seed=2) == row(noise=0.1, seed=2)


def test_negative_parts_are_refused():
    with pytest.raises(ValueError, match="noise is a part of the budget"):
        row(noise=-0.1)


def test_contracts_give_the_same_result():
    tiny = {"clients": 3, "rounds": 1, "wait": 1, "noise": 0.1}
    model, chain = (row(market=market, **tiny) for market in ("model", "chain"))
    # Before the first payment nobody has ranked anybody.
    assert model.pop("rank_by_scores") is chain.pop("rank_by_scores") is None
    assert chain == pytest.approx(model, rel=1e-5, abs=1e-6)


def test_the_smallest_and_greatest_depth_are_where_the_interval_is_above_enough():
    asked = jobs(quick=False, seeds=4)
    found = tables(asked, [{"rows": [_made_up(job.settings)]} for job in asked])
    needed = {(r["listed"], r["clients_sell"], r["noise"]): r for r in found["needed"]}
    assert [needed[0.2, True, 0.1][key] for key in ("depth", "depth_low", "depth_high")] == [0.1] * 3
    assert needed[0.2, True, 0.1]["deepest"] == 1.0
    assert needed[0.2, False, 0.1]["depth"] is needed[0.2, False, 0.1]["depth_high"] is None
    assert blocks(found)["needed"].count("10 % [10 %, 10 %]") == 6
    assert blocks(found)["needed"].count("none [none, none]") == 4
    assert len(figures(found)) == 2


def test_a_chain_is_asked_for_a_corner():
    assert len(jobs(quick=False, seeds=None, market="chain")) <= 4


def _made_up(settings):
    """An answer whose prices rank well from a depth of a tenth on, where clients sell."""
    good = settings["depth"] >= 0.1 and settings["clients_sell"]
    names = ("slippage", "spread", "error", "rank_by_scores", "recovery", "shock_cost", "volume", "provider")
    return dict.fromkeys(names, 0.1) | {"rank": 0.9 if good else 0.5}
