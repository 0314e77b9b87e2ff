"""The market maker on complete sets."""

from dataclasses import replace
from functools import partial
from math import exp, log

import numpy as np
import pytest

from wallstreetfeds.sim.curves import CURVES, Lmsr, open_market
from wallstreetfeds.sim.market import NUMERAIRE, TradeRefused
from wallstreetfeds.sim.model.federation import Client
from wallstreetfeds.sim.model.terms import Terms

FREE = {"swap_fee": 0.0, "opening_fee": 0.0}


def test_prices_are_a_softmax_of_what_was_sold(opened):
    market = opened("lmsr", **FREE)
    out = market.swap_exact_in("rich", NUMERAIRE, 1, 20_000.0, 0.0)
    powers = np.array([exp(out / 1e6 / 0.2), 1, 1])
    assert market.spot_prices() == pytest.approx(powers / powers.sum(), rel=1e-12)


def test_a_trade_costs_the_difference_of_the_cost_function(opened):
    market = opened("lmsr", **FREE)
    market.open_round()
    paid = market.swap_exact_out("rich", NUMERAIRE, 2, 60_000.0, 1e9)
    # rho is 800,000, b a fifth of a supply.
    assert paid == pytest.approx(8e5 * 0.2 * log((exp(0.06 / 0.2) + 2) / 3), rel=1e-12)
    assert market.swap_exact_in("rich", 2, NUMERAIRE, 60_000.0, 0.0) == pytest.approx(paid, rel=1e-12)


@pytest.mark.parametrize("supplies", [(1e6, 1e6, 1e6), (1e6, 2e6, 5e5)])
def test_a_complete_set_is_worth_rho_whatever_has_been_traded(opened, supplies):
    people = [Client(name, supply) for name, supply in zip("abc", supplies, strict=True)]
    market = opened("lmsr", clients=people)
    assert market.spot_prices() == pytest.approx([1e6 / sum(supplies)] * 3)
    market.swap_exact_in("rich", NUMERAIRE, 1, 20_000.0, 0.0)
    market.swap_exact_in("b", 2, NUMERAIRE, 50_000.0, 0.0)
    market.open_round()
    assert market.spot_prices() @ supplies == pytest.approx(market.remaining(), rel=1e-12)


def test_the_clock_moves_all_prices_alike(opened):
    market = opened("lmsr")
    market.swap_exact_in("rich", NUMERAIRE, 1, 20_000.0, 0.0)
    before = market.spot_prices()
    market.open_round()
    assert market.spot_prices() == pytest.approx(0.8 * before, rel=1e-12)


@pytest.mark.parametrize("winner", [0, 1, 2])
@pytest.mark.parametrize("seed", range(4))
def test_the_maker_loses_at_most_b_ln_n_of_what_the_sets_are_worth(opened, winner, seed):
    market = opened("lmsr", deposit=200_000.0, retained=0.0, **FREE)
    rng = np.random.default_rng(seed)
    books = market.reserves()
    for _ in range(200):
        # An informed crowd: buys the winner, sells the others.
        others = [k for k in range(3) if k != winner]
        try:
            market.swap_exact_in("rich", NUMERAIRE, winner + 1, float(rng.uniform(0, 9_000)), 0.0)
            loser = int(rng.choice(others))
            market.swap_exact_in("abc"[loser], loser + 1, NUMERAIRE, float(rng.uniform(0, 9_000)), 0.0)
        except TradeRefused:
            continue
    # The winner's tokens are paid everything, one each; the others' nothing.
    gained = market.reserves() - books
    result = gained[NUMERAIRE] + gained[winner + 1]
    assert -1e6 * 0.2 * log(3) * (1 + 1e-12) <= result < -1e4


def test_the_bound_is_nearly_reached_by_who_knows_the_winner():
    small = replace(CURVES["lmsr"], pricing=partial(Lmsr, liquidity=0.02))
    terms = Terms(budget=1e6, rounds=4, swap_fee=0.0, opening_fee=0.0)
    market = open_market(small, terms, ["a", "b"], {"lp": 2e5}, {"rich": 1e6})
    paid = market.swap_exact_out("rich", NUMERAIRE, 1, 199_000.0, 1e9)
    lost = 199_000 - paid
    assert 0.999 * 1e6 * 0.02 * log(2) < lost <= 1e6 * 0.02 * log(2)


def test_it_sells_nothing_that_it_does_not_hold_and_pays_nothing_that_it_does_not_have(opened):
    market = opened("lmsr", deposit=10_000.0)
    with pytest.raises(TradeRefused, match="almost empty"):
        market.quote_exact_out(NUMERAIRE, 1, 200_000.0)
    with pytest.raises(TradeRefused, match="almost empty"):
        market.swap_exact_in("a", 1, NUMERAIRE, 40_000.0, 0.0)
    assert market.swap_exact_in("a", 1, NUMERAIRE, 20_000.0, 0.0) > 5_000


def test_a_sale_for_more_than_the_token_is_worth_is_refused(opened):
    market = opened("lmsr", deposit=2_000_000.0)
    with pytest.raises(TradeRefused, match="more than the token is worth"):
        market.quote_exact_out(1, NUMERAIRE, 300_000.0)


def test_a_fee_stays_in_the_books_and_moves_no_price(opened):
    with_fee, without = opened("lmsr", swap_fee=0.1), opened("lmsr", **FREE)
    with_fee.swap_exact_in("rich", NUMERAIRE, 1, 10_000.0, 0.0)
    without.swap_exact_in("rich", NUMERAIRE, 1, 9_000.0, 0.0)
    assert with_fee.spot_prices() == pytest.approx(without.spot_prices(), rel=1e-12)
    assert with_fee.reserves()[0] - without.reserves()[0] == pytest.approx(1_000)
    with_fee.swap_exact_in("b", 2, NUMERAIRE, 10_000.0, 0.0)
    without.swap_exact_in("b", 2, NUMERAIRE, 9_000.0, 0.0)
    assert with_fee.spot_prices() == pytest.approx(without.spot_prices(), rel=1e-12)
    assert with_fee.reserves()[2] - without.reserves()[2] == pytest.approx(1_000)
