"""Curves by name: what there is, what each needs, and what is refused."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from wallstreetfeds.sim.curves import CURVES, Bootstrapping, Lmsr, open_market
from wallstreetfeds.sim.model.batch import Orders, swap_many
from wallstreetfeds.sim.model.federation import Client, Federation
from wallstreetfeds.sim.model.market import ModelMarket
from wallstreetfeds.sim.model.terms import Terms

TERMS = Terms(budget=1e6, rounds=4)
NAMES = (
    "constant-mean",
    "clock",
    "clock-settlement",
    "constant-mean-record",
    "pairs",
    "clock-pairs",
    "lmsr",
    "cum-reward",
    "bootstrapping",
)


def test_every_curve_has_its_name_a_formula_and_a_source():
    assert tuple(CURVES) == NAMES
    assert all(name == curve.name and curve.formula and curve.source for name, curve in CURVES.items())
    assert [name for name, curve in CURVES.items() if curve.on_chain] == ["clock", "constant-mean-record"]


def test_an_unknown_curve_is_refused_with_a_list_of_those_there_are():
    with pytest.raises(
        ValueError, match=r"no curve 'lsmr'; there are: constant-mean, clock, .*bootstrapping"
    ):
        open_market("lsmr", TERMS, ["a"], {"lp": 1e5})


@pytest.mark.parametrize("name", ["clock", "constant-mean-record"])
def test_what_the_contracts_have_is_the_model_as_it_is(name):
    ours = open_market(name, TERMS, ["a", "b"], {"lp": 1e5}, {"i": 1e5})
    plain = ModelMarket.open(replace(TERMS, clock=name == "clock"), ["a", "b"], {"lp": 1e5}, {"i": 1e5})
    for market in (ours, plain):
        market.swap_exact_in("i", 0, 1, 5_000.0, 0.0)
        market.open_round()
        market.swap_exact_in("i", 0, 2, 5_000.0, 0.0)
        market.pay_round([2, 1])
    assert ours.spot_prices().tolist() == plain.spot_prices().tolist()
    assert ours.claimable("i") == plain.claimable("i")


def test_the_curve_decides_over_the_clock_whatever_the_terms_say():
    for clock in (False, True):
        market = open_market("clock", replace(TERMS, clock=clock), ["a"], {"lp": 1e5})
        before = market.spot_price(1)
        market.open_round()
        assert market.spot_price(1) == pytest.approx(0.75 * before)


def test_clients_may_have_other_supplies_and_need_not_list():
    people = [Client("a"), Client("b", supply=3e6), Client("c", listed=False)]
    prices = open_market("pairs", TERMS, people, {"lp": 1e5}).spot_prices()
    assert prices[:2] == pytest.approx([0.2, 0.2])
    assert np.isnan(prices[2])


def test_lmsr_refuses_what_breaks_a_complete_set():
    with pytest.raises(ValueError, match="every client has to list its token"):
        open_market("lmsr", TERMS, [Client("a"), Client("b", listed=False)], {"lp": 1e5})
    with pytest.raises(ValueError, match="nobody may join late"):
        open_market("lmsr", replace(TERMS, late_joins=True), ["a", "b"], {"lp": 1e5})


def test_options_of_a_formula_are_checked():
    with pytest.raises(ValueError, match=r"liquidity of LMSR.* above 0, got -0.1"):
        open_market(replace(CURVES["lmsr"], pricing=partial(Lmsr, liquidity=-0.1)), TERMS, ["a"], {"lp": 1e5})
    with pytest.raises(ValueError, match=r"at least 1, got 0\.5"):
        open_market(
            replace(CURVES["bootstrapping"], pricing=partial(Bootstrapping, premium=0.5)),
            TERMS,
            ["a"],
            {"lp": 1e5},
        )
    with pytest.raises(ValueError, match="takes the opening period, which is 0"):
        open_market("bootstrapping", replace(TERMS, opening_period=0), ["a"], {"lp": 1e5})


def test_a_record_date_that_is_none_is_refused():
    with pytest.raises(ValueError, match="at 'opening' or 'payment', got 'noon'"):
        Federation(TERMS, [Client("a")], {"lp": 1e5}, record_at="noon")


@pytest.mark.parametrize("name", ["pairs", "lmsr", "cum-reward", "bootstrapping"])
def test_a_compiled_batch_refuses_a_formula_that_it_does_not_have(name):
    market = open_market(name, TERMS, ["a", "b"], {"lp": 1e5}, {"i": 1e5})
    ones = np.ones(1, dtype=np.int64)
    orders = Orders(0 * ones, 0 * ones, ones, np.array([10.0]))
    with pytest.raises(ValueError, match="only the constant-mean formula is compiled"):
        swap_many(market, ["i"], orders)
    market = open_market("clock-settlement", TERMS, ["a", "b"], {"lp": 1e5}, {"i": 1e5})
    assert swap_many(market, ["i"], orders).codes.tolist() == [0]
