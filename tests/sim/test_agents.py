"""Agents in a real market: each does what its docstring says."""

import numpy as np
import pytest

from wallstreetfeds.sim.agents import (
    CapitalRaiser,
    MomentumTrader,
    NoiseTrader,
    Treasurer,
    ValueInvestor,
    believed_values,
)
from wallstreetfeds.sim.market import NUMERAIRE
from wallstreetfeds.sim.simulation import trade


def gaps(market):
    values = believed_values(market, 1.0)
    prices = np.array([market.spot_price(k + 1) for k in range(market.clients)])
    return np.abs(values / prices - 1)


def test_nobody_trades_at_the_prior_without_news(world):
    for agent in (ValueInvestor("value-1"), Treasurer("lender-01", 0), MomentumTrader("momentum")):
        agent.step(world.market, world.rng)
    assert world.market.swaps == []


def test_beliefs_start_equal_and_learn(world):
    assert believed_values(world.market, 1.0) == pytest.approx([1 / 3] * 3)
    world.play_round(2, 1, 0)
    # (1/3 + 2/3, 1/3 + 1/3, 1/3 + 0) / 2 of the 750,000 to come, over a million tokens.
    assert believed_values(world.market, 1.0) == pytest.approx([0.375, 0.25, 0.125], rel=1e-6)


def test_a_value_investor_trades_prices_towards_value(world):
    world.play_round(2, 1, 0)
    before = gaps(world.market)
    investor = ValueInvestor("value-1")
    for _ in range(3):
        investor.step(world.market, world.rng)
    assert world.market.balance_of("value-1", 1) > 0
    assert world.market.balance_of("value-1", 3) == 0
    assert gaps(world.market)[0] < before[0] / 2


def test_a_value_investor_sells_what_became_too_dear(world):
    world.market.swap_exact_in("value-1", NUMERAIRE, 3, 2000.0, 0.0)
    held = world.market.balance_of("value-1", 3)
    world.play_round(1, 1, 0)
    ValueInvestor("value-1").step(world.market, world.rng)
    assert world.market.balance_of("value-1", 3) < held


def test_a_treasurer_sells_a_slice_and_keeps_what_it_must(world):
    world.play_round(1, 1, 0)
    treasurer = Treasurer("lender-03", 2, retained=0.7)
    treasurer.step(world.market, world.rng)
    assert world.market.balance_of("lender-03", 3) == pytest.approx(750_000)
    for _ in range(5):
        treasurer.step(world.market, world.rng)
    assert world.market.balance_of("lender-03", 3) >= 700_000


def test_a_capital_raiser_sells_its_part_in_slices_and_stops(world):
    raiser = CapitalRaiser("lender-01", 0, part=0.06, slices=3)
    for _ in range(5):
        raiser.step(world.market, world.rng)
    assert world.market.balance_of("lender-01", 1) == pytest.approx(800_000 * 0.94)
    assert raiser.raised == pytest.approx(world.market.balance_of("lender-01", NUMERAIRE))
    assert raiser.raised > 0


def test_a_capital_raiser_sells_all_it_may_and_no_more(world):
    market = world.market
    world.play_round(1, 1, 0)
    raiser = CapitalRaiser("lender-03", 2, part=1.0, slices=20)
    for _ in range(25):
        raiser.step(market, world.rng)
        # Somebody buys, so that the price does not run away.
        market.swap_exact_in("value-1", NUMERAIRE, 3, 500.0, 0.0)
    assert market.balance_of("lender-03", 3) == pytest.approx(150_000)
    assert market.spendable("lender-03", 3) == pytest.approx(0, abs=1e-6)


def test_a_treasurer_sells_no_more_than_it_may(world, monkeypatch):
    market = world.market
    world.play_round(1, 1, 0)
    before = market.balance_of("lender-03", 3)
    monkeypatch.setattr(market, "spendable", lambda holder, asset: 1000.0)
    Treasurer("lender-03", 2, retained=0.0).step(market, world.rng)
    assert market.balance_of("lender-03", 3) == before - 1000


def test_a_momentum_trader_follows_the_trend_both_ways(world):
    momentum = MomentumTrader("momentum")
    momentum.step(world.market, world.rng)
    world.market.swap_exact_in("value-1", NUMERAIRE, 2, 3000.0, 0.0)
    momentum.step(world.market, world.rng)
    held = world.market.balance_of("momentum", 2)
    assert held > 0
    world.market.swap_exact_in("value-1", 2, NUMERAIRE, world.market.balance_of("value-1", 2), 0.0)
    momentum.step(world.market, world.rng)
    assert world.market.balance_of("momentum", 2) < held


def test_a_session_is_decided_by_its_seed(world):
    agents = [NoiseTrader("noise"), NoiseTrader("value-1")]
    trade(world.market, agents, np.random.default_rng(3))
    first = [(s.trader, s.asset_in, s.asset_out, s.amount_in) for s in world.market.swaps]
    again = type(world)()
    trade(again.market, [NoiseTrader("noise"), NoiseTrader("value-1")], np.random.default_rng(3))
    assert [(s.trader, s.asset_in, s.asset_out, s.amount_in) for s in again.market.swaps] == first
    assert first
