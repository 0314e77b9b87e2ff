"""Agents in the model market: what each is for, and that none ever spends what it does not have."""

import numpy as np
import pytest

from wallstreetfeds.sim.agents import (
    BuyBack,
    CapitalRaiser,
    InformedArbitrageur,
    Insider,
    LiquidityProvider,
    MomentumTrader,
    NoiseTrader,
    PayoutSniper,
    PumpAndDump,
    Treasurer,
    ValueInvestor,
    WashTrader,
)
from wallstreetfeds.sim.agents.beliefs import expected_shares, values_of
from wallstreetfeds.sim.market import NUMERAIRE
from wallstreetfeds.sim.model.market import ModelMarket
from wallstreetfeds.sim.model.terms import Terms
from wallstreetfeds.sim.simulation import trade

CLIENTS = ("one", "two", "three", "four")
CASH = 20_000.0
RNG = np.random.default_rng(5)
PEOPLE = ("anna", "boris", "chen", "dora", "emil", "fatma", "gustav", "hana", "igor", "june", "kofi", "lena")


def opened(*, clock=True, fee=0.003, rounds=10):
    """A market of four clients past its opening period, a budget of a million."""
    terms = Terms(budget=1e6, rounds=rounds, clock=clock, swap_fee=fee, opening_fee=max(fee, 0.5))
    market = ModelMarket.open(terms, CLIENTS, {"seed": 50_000.0}, dict.fromkeys((*PEOPLE, *CLIENTS), CASH))
    market.advance_time(3_601)
    return market


def play(market, *scores):
    market.open_round()
    market.pay_round(list(scores))


def cash(market, name):
    return market.balance_of(name, NUMERAIRE)


def worth(market, name):
    """What somebody has, at spot prices, and may claim."""
    tokens = sum(market.balance_of(name, k + 1) * market.spot_price(k + 1) for k in range(market.clients))
    return cash(market, name) + tokens + market.claimable(name)


def test_a_bayesian_moves_from_equal_shares_to_what_it_has_seen():
    past = np.array([[0.7, 0.1, 0.1, 0.1]] * 3)
    assert expected_shares(past[:0], 2.0) == pytest.approx([0.25] * 4)
    assert expected_shares(past, 1.0) == pytest.approx([0.5875, 0.1375, 0.1375, 0.1375])
    assert expected_shares(past, 1e9) == pytest.approx([0.25] * 4, abs=1e-6)


def test_an_informed_arbitrageur_brings_every_price_to_value():
    market = opened()
    shares = np.array([0.4, 0.3, 0.2, 0.1])
    agent = InformedArbitrageur("anna", shares)
    for _ in range(12):
        agent.step(market, RNG)
    gaps = market.spot_prices() / values_of(market, shares) - 1
    # It cannot sell what it does not have: what is too dear stays too dear.
    assert gaps.min() > -0.02
    held = np.array([market.balance_of("anna", k + 1) > 0 for k in range(4)])
    assert np.abs(gaps[held]).max() < 0.02
    assert worth(market, "anna") > CASH


def test_an_insider_earns_from_a_round_nobody_else_has_seen():
    secret = np.array([[0.7, 0.1, 0.1, 0.1]])
    market = opened()
    insider = Insider("anna", lambda: secret)
    insider.step(market, RNG)
    assert market.balance_of("anna", 1) > 0
    market.open_round()
    market.pay_round([700_000, 100_000, 100_000, 100_000])
    for _ in range(5):
        ValueInvestor("boris").step(market, RNG)
    assert worth(market, "anna") > CASH


def test_an_insider_without_a_secret_is_a_value_investor():
    markets = [opened(), opened()]
    for market in markets:
        play(market, 4, 2, 1, 1)
    Insider("anna", lambda: np.empty((0, 4)), edge=0.02, spend=0.25).step(markets[0], RNG)
    ValueInvestor("anna", trades=4).step(markets[1], RNG)
    assert markets[0].reserves() == pytest.approx(markets[1].reserves(), rel=1e-12)


def test_a_client_buys_back_what_is_too_cheap_and_nothing_else():
    market = opened()
    agent = BuyBack("one", 0)
    agent.step(market, RNG)
    assert cash(market, "one") == CASH
    play(market, 7, 1, 1, 1)
    held = market.balance_of("one", 1)
    agent.step(market, RNG)
    assert market.balance_of("one", 1) > held
    assert cash(market, "one") >= 0.75 * CASH


def test_a_wash_trader_moves_volume_and_pays_two_fees():
    market = opened()
    before, price = cash(market, "anna"), market.spot_price(1)
    agent = WashTrader("anna", 0)
    agent.step(market, RNG)
    assert agent.volume > 0.35 * CASH
    assert market.balance_of("anna", 1) == pytest.approx(0, abs=1e-6)
    assert cash(market, "anna") - before == pytest.approx(-0.006 * 0.2 * CASH, rel=0.1)
    assert market.spot_price(1) == pytest.approx(price, rel=1e-3)


def test_pump_and_dump_alone_loses_what_it_paid_in_fees():
    market = opened()
    price = market.spot_price(2)
    agent = PumpAndDump("anna", 1)
    highest = 0.0
    for _ in range(6):
        agent.step(market, RNG)
        highest = max(highest, market.spot_price(2))
    assert highest > 1.9 * price
    assert market.balance_of("anna", 2) == pytest.approx(0, abs=1e-6)
    assert 0.98 * CASH < cash(market, "anna") < CASH


def test_pump_and_dump_gains_where_others_follow():
    market = opened()
    followers = [MomentumTrader(name, spend=0.5, patience=1.0) for name in PEOPLE[1:6]]
    agent = PumpAndDump("anna", 1, pump=3, dump=3)
    for _ in range(8):
        agent.step(market, RNG)
        for follower in followers:
            follower.step(market, RNG)
    assert cash(market, "anna") > 1.05 * CASH


@pytest.mark.parametrize(("clock", "gains"), [(False, True), (True, False)])
def test_a_payout_sniper_gains_where_weights_stand_still_and_not_with_the_clock(clock, gains):
    market = opened(clock=clock, fee=0.0)
    sniper = PayoutSniper("anna")
    for _ in range(3):
        sniper.step(market, RNG)
        market.open_round()
        sniper.step(market, RNG)
        assert sum(market.balance_of("anna", k) for k in range(1, 5)) < 1.0
        market.pay_round([1, 1, 1, 1])
    profit = cash(market, "anna") + market.claimable("anna") - CASH
    assert profit > 500 if gains else profit <= 1e-6 * CASH


def test_a_liquidity_provider_enters_and_stays_while_it_pays():
    market = opened()
    agent = LiquidityProvider("anna")
    agent.step(market, RNG)
    shares = market.lp_shares("anna")
    assert shares > 0
    assert cash(market, "anna") == pytest.approx(0.5 * CASH)
    assert agent.profit(market) == pytest.approx(0, abs=0.05 * CASH)
    play(market, 1, 1, 1, 1)
    agent.step(market, RNG)
    assert market.lp_shares("anna") == shares


def test_a_liquidity_provider_leaves_at_a_loss_and_comes_back():
    market = opened()
    agent = LiquidityProvider("anna", stop=0.02, rest=2)
    agent.step(market, RNG)
    for _ in range(3):
        for k, name in enumerate(CLIENTS[:3]):
            CapitalRaiser(name, k, part=1.0, slices=1).step(market, RNG)
    assert agent.profit(market) < 0
    agent.step(market, RNG)
    assert market.lp_shares("anna") == 0
    shares = []
    for _ in range(3):
        agent.step(market, RNG)
        shares.append(market.lp_shares("anna"))
    assert shares[:2] == [0.0, 0.0]
    assert shares[2] > 0


@pytest.mark.parametrize("seed", range(4))
def test_no_budget_is_ever_negative_and_nobody_stumbles_to_the_last_round(seed):
    rng = np.random.default_rng(seed)
    market = opened(rounds=5)
    agents = [
        ValueInvestor("anna"),
        InformedArbitrageur("boris", rng.dirichlet(np.ones(4))),
        MomentumTrader("chen"),
        NoiseTrader("dora"),
        LiquidityProvider("emil", stop=0.01, rest=1),
        BuyBack("one", 0),
        CapitalRaiser("two", 1, part=0.8),
        Treasurer("three", 2),
        WashTrader("fatma", 3),
        PumpAndDump("gustav", 1),
        Insider("hana", lambda: np.array([[0.1, 0.2, 0.3, 0.4]])),
        PayoutSniper("igor"),
    ]
    for _ in range(5):
        trade(market, agents, rng)
        market.open_round()
        trade(market, agents, rng)
        market.pay_round(rng.integers(0, 100_000_000, 4).tolist())
        trade(market, agents, rng)
        for agent in agents:
            held = [market.balance_of(agent.name, k) for k in range(5)]
            assert min(held) >= 0
    assert market.opened() == market.finalized() == 5
