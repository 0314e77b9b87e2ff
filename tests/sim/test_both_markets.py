"""Through the seam: the same calls on the model and on contracts, opened from the same words."""

import inspect
import math

import numpy as np
import pytest

from wallstreetfeds.chain import Session
from wallstreetfeds.sim.chain_market import ChainMarket
from wallstreetfeds.sim.chain_opening import open_on_chain
from wallstreetfeds.sim.market import NUMERAIRE, DrivenMarket, Market, Refused
from wallstreetfeds.sim.model.federation import Client, Federation
from wallstreetfeds.sim.model.market import ModelMarket
from wallstreetfeds.sim.model.terms import DAY, Terms

NAMES = ("federator", "lp", "investor", "late", "a", "b", "c")
UNIT = 1e-6


class Both:
    """Two markets; a call goes to both and has to give the same."""

    def __init__(self, terms, clients, deposits, cash):
        self.chain = open_on_chain(Session.embedded(3), terms, clients, deposits, cash)
        self.model = ModelMarket(Federation(terms, clients, deposits, cash))
        self.offset = self.chain.now() - self.model.now()

    def __getattr__(self, name):
        def call(*arguments):
            if name == "pay_round":
                # The model's clock must not wait out the window twice.
                self.dispute("submit_scores", *arguments)
                self.advance_time(DAY)
                return self.dispute("finalize_round")
            return self.same(name, self.chain, self.model, *arguments)

        return call

    def dispute(self, name, *arguments):
        return self.same(name, self.chain.disputes, self.model.disputes, *arguments)

    def same(self, name, chain, model, *arguments):
        on_chain = getattr(chain, name)(*arguments)
        # Blocks take time, and the fee of a new pool falls in it.
        self.model.advance_time(self.chain.now() - self.offset - self.model.now())
        in_model = getattr(model, name)(*arguments) if name != "advance_time" else None
        there, here = (np.asarray(0.0 if r is None else r, dtype=float) for r in (on_chain, in_model))
        assert here == pytest.approx(there, rel=1e-8, abs=2 * UNIT, nan_ok=True), name
        return on_chain

    def refuse(self, reason, name, *arguments):
        for market in (self.chain, self.model):
            with pytest.raises(Refused, match=reason):
                getattr(market, name)(*arguments)

    def compare(self):
        for name in ("clients", "rounds"):
            assert getattr(self.chain, name) == getattr(self.model, name)
        for name in ("opened", "finalized", "remaining", "escrow", "pot", "bond", "reward_shares"):
            getattr(self, name)()
        for name in ("spot_prices", "reserves", "lp_supply", "swap_fee"):
            getattr(self, name)()
        for who in NAMES:
            for asset in range(self.chain.clients + 1):
                self.balance_of(who, asset)
                self.spendable(who, asset)
            self.lp_shares(who)
            self.lp_vested(who)
            self.claimable(who)


@pytest.fixture(scope="module")
def both():
    terms = Terms(
        budget=1_000_000.0,
        rounds=3,
        schedule=(5e5, 3e5, 2e5),
        late_joins=True,
        score_cap=64.0,
        bond=1e5,
        challenge_window=DAY,
    )
    clients = [Client("a"), Client("b", supply=2_500_000.0), Client("c", listed=False)]
    cash = {"investor": 300_000.0, "late": 900_000.0, "lp": 50_000.0}
    return Both(terms, clients, {"federator": 60_000.0, "lp": 40_000.0}, cash)


def test_a_whole_life_is_the_same_on_both(both):
    both.advance_time(3600)
    both.swap_exact_in("investor", NUMERAIRE, 1, 4_000.0, 1.0)
    both.swap_exact_out("investor", NUMERAIRE, 2, 5_000.0, math.inf)
    both.swap_exact_in("a", 1, 2, 1_000.0, 0.0)
    both.transfer("c", "investor", 3, 70_000.0)
    both.refuse("the asset is in no pool", "quote_exact_in", 0, 3, 1.0)
    both.refuse("more than 30%", "swap_exact_out", "investor", 0, 1, 90_000.0, 1e9)
    both.refuse("no such pool", "add_liquidity", "investor", 1.0, 1)
    both.add_single_asset("lp", NUMERAIRE, 2_000.0, 0.0)
    both.add_liquidity("investor", 5.0)
    both.compare()

    both.open_round()
    both.refuse("the open round is not finalised", "open_round")
    both.remove_liquidity("lp", 10.0)
    both.pay_round([5, 0, 2])
    both.compare()
    both.claim("investor")
    both.top_up("investor", 10_000.0)
    assert both.join_late("late", 20_000.0) == 3
    both.lp_shares("late", 1)
    both.quote_exact_out(NUMERAIRE, 4, 100.0)
    both.swap_exact_in("investor", NUMERAIRE, 4, 500.0, 0.0)
    both.refuse("different pools", "swap_exact_in", "investor", 4, 1, 1.0, 0.0)
    both.remove_single_asset("lp", 1, 1.0, 0.0)
    both.compare()

    both.open_round()
    both.refuse("the deadline has not passed", "pay_without_scores")
    both.advance_time(7 * DAY)
    both.pay_without_scores()
    both.open_round()
    both.refuse("the last round has opened", "swap_exact_in", "investor", 0, 1, 1.0, 0.0)
    both.dispute("submit_scores", [1, 1, 0, 0])
    both.dispute("challenge", "lp", 0)
    both.advance_time(DAY)
    both.dispute("replace_scores", [0, 0, 0, 0])
    both.dispute("withdraw_challenge_bond", 3, "lp")
    both.dispute("finalize_round")
    for who in NAMES:
        both.claim(who)
    both.remove_liquidity("federator", math.inf)
    both.withdraw_bond()
    both.compare()


def test_a_name_that_nobody_has_and_an_amount_that_is_none_are_said(both):
    with pytest.raises(ValueError, match="nobody is called 'nobody'"):
        both.chain.balance_of("nobody", 0)
    with pytest.raises(ValueError, match="at least 0, got -1"):
        both.chain.quote_exact_in(0, 1, -1.0)
    with pytest.raises(ValueError, match="at least 0, got nan"):
        both.chain.transfer("lp", "a", 0, math.nan)


@pytest.mark.parametrize("kind", [ModelMarket, ChainMarket])
def test_each_has_every_call_of_the_seam_with_the_same_arguments(kind):
    for name in (*vars(Market), *vars(DrivenMarket)):
        asked = getattr(DrivenMarket, name)
        if name.startswith("_"):
            continue
        if isinstance(asked, property):
            assert isinstance(vars(kind)[name], property), name
        else:
            assert inspect.signature(getattr(kind, name)) == inspect.signature(asked), name
