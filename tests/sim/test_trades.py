"""The log of trades: what detectors read, the same on both markets."""

import pytest

from wallstreetfeds.chain import Session
from wallstreetfeds.sim.chain_opening import open_on_chain
from wallstreetfeds.sim.market import NUMERAIRE, Trade, TradeRefused
from wallstreetfeds.sim.model.federation import Client
from wallstreetfeds.sim.model.market import ModelMarket
from wallstreetfeds.sim.model.terms import Terms

TERMS = Terms(budget=1_000_000.0, rounds=3, opening_period=0)
CASH = {"investor": 100_000.0}


@pytest.fixture(scope="module")
def markets():
    model = ModelMarket.open(TERMS, ["a", "b"], {"lp": 100_000.0}, CASH)
    chain = open_on_chain(Session.embedded(9), TERMS, [Client("a"), Client("b")], {"lp": 100_000.0}, CASH)
    return model, chain


def trade(market):
    out = market.swap_exact_in("investor", NUMERAIRE, 1, 500.0, 0.0)
    market.quote_exact_in(NUMERAIRE, 1, 5.0)
    market.open_round()
    market.swap_exact_out("investor", 1, 2, 25.0, 1e6)
    market.pay_round([1, 1])
    with pytest.raises(TradeRefused):
        market.swap_exact_in("investor", NUMERAIRE, 1, 5.0, 1e6)
    # All that it has: what was asked for is cut.
    market.swap_exact_in("investor", 2, NUMERAIRE, 1e9, 0.0)
    return out


def test_both_markets_log_every_swap_alike_and_nothing_else(markets):
    model, chain = markets
    outs = [trade(market) for market in markets]
    assert [len(market.trades()) for market in markets] == [3, 3]
    for here, there in zip(model.trades(), chain.trades(), strict=True):
        assert here[:3] == there[:3]
        assert here.opened == there.opened
        assert here[3:5] == pytest.approx(there[3:5], rel=1e-8, abs=2e-6)
    first, second, third = model.trades()
    assert first == Trade("investor", NUMERAIRE, 1, 500.0, outs[0], 0)
    assert (second.asset_in, second.asset_out, second.amount_out, second.opened) == (1, 2, 25.0, 1)
    assert third.amount_in == pytest.approx(25.0)


def test_the_log_grows_and_keeps_what_was_there(markets):
    model, _ = markets
    before = list(model.trades())
    model.swap_exact_in("investor", NUMERAIRE, 2, 10.0, 0.0)
    assert model.trades()[:-1] == before
    assert model.trades()[-1].asset_out == 2
