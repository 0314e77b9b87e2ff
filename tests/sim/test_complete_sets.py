"""Who trades complete sets buys them below the escrow and sells them above it."""

import numpy as np
import pytest

from wallstreetfeds.sim.agents.complete_sets import CompleteSets
from wallstreetfeds.sim.market import NUMERAIRE
from wallstreetfeds.sim.model.market import ModelMarket
from wallstreetfeds.sim.model.terms import Terms


@pytest.fixture
def market():
    terms = Terms(budget=300_000.0, rounds=4, opening_period=0)
    cash = {"sets": 30_000.0, "crowd": 60_000.0}
    opened = ModelMarket.open(terms, ["a", "b", "c"], {"lp": 60_000.0}, cash)
    for k, client in enumerate("abc"):
        opened.transfer(client, "crowd", k + 1, 100_000.0)
    return opened


def price_of_everything(market):
    return float(market.spot_prices().sum() * market.supply(0))


def test_at_the_escrow_nothing_is_done(market):
    CompleteSets("sets").step(market, np.random.default_rng(0))
    assert market.balance_of("sets", NUMERAIRE) == 30_000.0


def test_sets_below_the_escrow_are_bought_whole_and_profit(market):
    for k in range(3):
        market.swap_exact_in("crowd", k + 1, NUMERAIRE, 60_000.0, 0.0)
    agent, before = CompleteSets("sets"), price_of_everything(market)
    assert before < market.escrow() * 0.8
    for _ in range(5):
        agent.step(market, np.random.default_rng(0))
    held = [market.balance_of("sets", k + 1) for k in range(3)]
    assert held == pytest.approx([held[0]] * 3)
    assert before < price_of_everything(market) < market.escrow() * 1.01
    # Whatever the scores say, the sets will be paid more than they cost.
    spent = 30_000.0 - market.balance_of("sets", NUMERAIRE)
    for scores in ([1, 0, 0], [0, 0, 5], [1, 1, 1], [0, 2, 1]):
        market.open_round()
        market.pay_round(scores)
    assert market.claim("sets") > spent > 0


def test_sets_above_the_escrow_are_sold(market):
    for k in range(3):
        market.transfer("crowd", "sets", k + 1, 50_000.0)
        for _ in range(3):
            market.swap_exact_in("crowd", NUMERAIRE, k + 1, 2_500.0, 0.0)
    before = price_of_everything(market)
    assert before > market.escrow()
    agent = CompleteSets("sets")
    agent.step(market, np.random.default_rng(0))
    assert agent.sets(market) < 0.05
    assert market.balance_of("sets", NUMERAIRE) > 30_000.0
    assert market.escrow() <= price_of_everything(market) < before


def test_one_dear_token_is_left_alone_while_the_set_is_not(market):
    market.swap_exact_in("crowd", NUMERAIRE, 1, 1_500.0, 0.0)
    for k in (1, 2):
        market.swap_exact_in("crowd", k + 1, NUMERAIRE, 20_000.0, 0.0)
    assert price_of_everything(market) < market.escrow()
    CompleteSets("sets").step(market, np.random.default_rng(0))
    assert market.balance_of("sets", 1) >= 0
    assert market.balance_of("sets", 1) == pytest.approx(market.balance_of("sets", 2))
