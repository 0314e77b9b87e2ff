"""What a log of swaps says: volume, what of it went there and back, and who holds."""

import numpy as np
import pytest

from wallstreetfeds.sim.agents.colluder import Colluder
from wallstreetfeds.sim.agents.volume import VolumeFollower
from wallstreetfeds.sim.market import NUMERAIRE, Trade
from wallstreetfeds.sim.model.market import ModelMarket
from wallstreetfeds.sim.model.terms import Terms
from wallstreetfeds.sim.turnover import holders, turnover


def bought(trader, client, amount):
    return Trade(trader, NUMERAIRE, client + 1, amount, amount, 0)


def sold(trader, client, amount):
    return Trade(trader, client + 1, NUMERAIRE, amount, amount, 0)


@pytest.fixture
def market():
    terms = Terms(budget=300_000.0, rounds=4, opening_period=0)
    cash = {"crowd": 10_000.0, "follower": 10_000.0, "friend": 10_000.0}
    return ModelMarket.open(terms, ["a", "b", "c"], {"lp": 60_000.0}, cash)


def test_without_swaps_there_is_none():
    assert turnover([], 2).volume.tolist() == [0, 0]


def test_one_way_all_volume_changes_holdings():
    made = turnover([bought("x", 0, 10.0), bought("y", 0, 5.0), sold("z", 1, 7.0)], 2)
    assert made.volume.tolist() == made.net.tolist() == [15.0, 7.0]


def test_there_and_back_is_volume_that_changes_nothing():
    made = turnover([bought("x", 0, 10.0), sold("x", 0, 9.5), sold("y", 0, 2.0)], 1)
    assert made.volume.tolist() == [21.5]
    assert made.net == pytest.approx([2.5])


def test_a_swap_of_two_tokens_is_not_counted():
    assert turnover([Trade("x", 1, 2, 4.0, 4.0, 0)], 2).volume.tolist() == [0, 0]


def test_holders_are_those_who_have_some(market):
    market.swap_exact_in("crowd", NUMERAIRE, 2, 100.0, 0.0)
    assert holders(market, ["a", "b", "crowd", "follower"]).tolist() == [1, 2, 0]


def test_a_volume_follower_buys_what_others_trade_and_leaves_what_nobody_does(market):
    follower, rng = VolumeFollower("follower"), np.random.default_rng(0)
    follower.step(market, rng)
    assert market.balance_of("follower", NUMERAIRE) == 10_000.0
    market.swap_exact_in("crowd", NUMERAIRE, 2, 500.0, 0.0)
    follower.step(market, rng)
    assert market.balance_of("follower", 2) > 0
    market.swap_exact_in("crowd", NUMERAIRE, 3, 500.0, 0.0)
    follower.step(market, rng)
    assert market.balance_of("follower", 2) == 0
    assert market.balance_of("follower", 3) > 0


def test_a_colluder_buys_only_the_seats_it_knows_of(market):
    colluder = Colluder("friend", [2], np.array([0.9, 0.0, 0.8]))
    for _ in range(3):
        colluder.step(market, np.random.default_rng(0))
    assert market.balance_of("friend", 1) == 0
    assert market.balance_of("friend", 3) > 0
    # Half-way between price and value: it stops before it pays more than it expects.
    assert market.spot_price(3) < 0.8 * market.escrow() / market.supply(2)
