"""The swaps of the benchmark are made, and are the same in the model and on titanoboa."""

from __future__ import annotations

import numpy as np
import pytest

from wallstreetfeds.bench.sim import swaps
from wallstreetfeds.bench.sim.on_titanoboa import TitanoboaMarket
from wallstreetfeds.bench.sim.sizes import QUICK, Sizes
from wallstreetfeds.bench.sim.swap_market import first, model_market, random_orders, trader_names
from wallstreetfeds.sim.model.batch import swap_many


@pytest.fixture(scope="module")
def chain():
    return TitanoboaMarket(QUICK)


def test_the_contracts_fill_the_orders_as_the_model_does(chain):
    orders = first(random_orders(QUICK), 12)
    fills = swap_many(model_market(QUICK), trader_names(QUICK), orders)
    assert fills.codes.tolist() == [0] * 12
    np.testing.assert_allclose(chain.fill(orders), fills.amounts_out, rtol=1e-9, atol=0.0)


def test_titanoboa_runs_on_a_chain_of_its_own(chain):
    import boa

    assert chain._env is not boa.env
    assert chain._pool.env is chain._env


def test_single_calls_fill_what_a_batch_fills():
    orders = random_orders(QUICK)
    fills = swap_many(model_market(QUICK), trader_names(QUICK), orders)
    single = swaps.one_by_one(model_market(QUICK), trader_names(QUICK), orders)
    assert single.tolist() == fills.amounts_out.tolist()


def test_every_order_of_a_full_run_is_filled():
    sizes = Sizes()
    market = model_market(sizes)
    before = market.reserves()
    fills = swap_many(market, trader_names(sizes), random_orders(sizes))
    assert len(fills.codes) == 100_000
    assert not fills.codes.any()
    assert (market.reserves() != before).all()


def test_orders_are_the_same_every_time_and_never_of_one_asset_for_itself():
    once, again = random_orders(QUICK), random_orders(QUICK)
    assert once.amounts_in.tolist() == again.amounts_in.tolist()
    assert (once.assets_in != once.assets_out).all()
    assert set(once.traders.tolist()) == set(range(QUICK.traders))


def test_rates_are_of_filled_orders_over_their_time(monkeypatch):
    monkeypatch.setattr(swaps, "find_spec", lambda name: None)
    monkeypatch.setattr(swaps, "one_by_one", lambda market, names, orders: np.array([1.0, 0.0, 2.0]))
    monkeypatch.setattr(
        swaps,
        "side_by_side",
        lambda ways, repeats: (dict.fromkeys(ways, 0.5), {name: way() for name, way in ways.items()}),
    )
    figures = swaps.measure_swaps(QUICK)
    assert figures["single_calls_per_second"] == 4.0
    assert figures["swaps_per_second"] == QUICK.orders / 0.5
    assert figures["swaps"]["refused"] == 0


def test_without_titanoboa_there_is_a_reason(monkeypatch):
    monkeypatch.setattr(swaps, "find_spec", lambda name: None)
    figures = swaps.measure_swaps(QUICK)
    assert figures["titanoboa_swaps_per_second"] is None
    assert "titanoboa is not installed" in figures["swaps"]["reason"]
    assert list(figures["swaps"]["largest_difference"]) == ["batch"]
    assert figures["swaps_per_second"] > 0


def test_differences_are_relative_and_over_what_both_have_filled():
    difference = swaps.largest_difference
    assert difference(np.array([1.0, 4.0, 9.0]), np.array([1.0, 5.0])) == pytest.approx(0.2)
    assert difference(np.array([0.0, 3.0]), np.array([0.0, 0.0])) == 1.0
    assert difference(np.zeros(2), np.zeros(0)) == 0.0
