"""Compiled batches do what single calls do, and fast."""

import time

import numpy as np
import pytest

from wallstreetfeds.sim.market import TradeRefused
from wallstreetfeds.sim.model.batch import Orders, swap_many
from wallstreetfeds.sim.model.federation import Client

NAMES = ("investor", "rich", "a")


def orders(count, assets=4, seed=3, traders=2):
    rng = np.random.default_rng(seed)
    return Orders(
        rng.integers(traders, size=count),
        rng.integers(assets, size=count),
        rng.integers(assets, size=count),
        10 ** rng.uniform(-1, 5.5, count),
    )


def one_by_one(market, wanted):
    filled = []
    for who, i, j, amount in zip(
        wanted.traders, wanted.assets_in, wanted.assets_out, wanted.amounts_in, strict=True
    ):
        try:
            filled.append(market.swap_exact_in(NAMES[who], int(i), int(j), float(amount), 0.0))
        except TradeRefused:
            filled.append(0.0)
    return filled


def test_a_batch_gives_what_single_calls_give_to_the_last_bit(made):
    together, apart = made(), made()
    wanted = orders(500)
    fills = swap_many(together, NAMES, wanted)
    assert fills.amounts_out.tolist() == one_by_one(apart, wanted)
    assert together.reserves().tolist() == apart.reserves().tolist()
    assert set(fills.codes) == {0, 1, 2, 4}
    for name in NAMES:
        for asset in range(4):
            assert together.balance_of(name, asset) == pytest.approx(apart.balance_of(name, asset), abs=1e-6)


def test_a_batch_keeps_a_clients_retained_part(made):
    market = made()
    sell = np.full(40, 20_000.0)
    wanted = Orders(np.full(40, 2), np.ones(40, dtype=np.int64), np.zeros(40, dtype=np.int64), sell)
    fills = swap_many(market, NAMES, wanted)
    assert market.balance_of("a", 1) == pytest.approx(200_000)
    assert fills.codes[:30].tolist() == [0] * 30
    assert fills.codes[30:].tolist() == [2] * 10


def test_rewards_of_an_open_round_stay_with_who_held_before_the_batch(made):
    market = made()
    market.open_round()
    swap_many(market, NAMES, orders(50))
    market.pay_round([1, 1, 1])
    assert market.claimable("investor") == 0


def test_a_batch_makes_two_hundred_thousand_swaps_a_second_at_ten_assets(made):
    market = made([f"client {k}" for k in range(9)])
    swap_many(market, NAMES[:2], orders(1, assets=10))
    wanted = orders(100_000, assets=10)
    wanted.amounts_in[:] = 5.0
    start = time.process_time()
    fills = swap_many(market, NAMES[:2], wanted)
    assert time.process_time() - start < 0.5
    assert (fills.codes == 0).mean() > 0.8


def test_orders_that_cannot_be_meant_are_refused(made):
    market = made([Client("a"), Client("b", listed=False)])
    with pytest.raises(TradeRefused, match="in no pool"):
        swap_many(market, NAMES, orders(20, assets=3))
    with pytest.raises(TradeRefused, match="no such asset"):
        swap_many(market, NAMES, orders(20, assets=9))
    with pytest.raises(ValueError, match="indices of 1 names"):
        swap_many(market, NAMES[:1], orders(20, assets=2))
    with pytest.raises(ValueError, match="one length"):
        Orders(
            np.zeros(1, dtype=np.int64), np.zeros(2, dtype=np.int64), np.zeros(2, dtype=np.int64), np.ones(2)
        )
    market = made(rounds=1)
    market.open_round()
    with pytest.raises(TradeRefused, match="the last round has opened"):
        swap_many(market, NAMES, orders(1))
