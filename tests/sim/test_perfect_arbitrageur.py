"""The arbitrageur that leaves nothing."""

from __future__ import annotations

import numpy as np
import pytest

from wallstreetfeds.sim.agents.perfect import PerfectArbitrageur, best_amount
from wallstreetfeds.sim.curves import CURVES, open_market
from wallstreetfeds.sim.model.terms import Terms

NAMES = ["a", "b", "c"]
TERMS = Terms(budget=1e6, rounds=10, opening_fee=0.003, opening_period=3600)
WORTH = np.array([0.25, 0.32, 0.43])


def opened(curve):
    market = open_market(curve, TERMS, NAMES, {"provider": 2e5}, {"arbitrageur": 1e6})
    market.advance_time(3601)
    for k, name in enumerate(NAMES):
        market.transfer(name, "arbitrageur", k + 1, 5e5)
    return market


def test_the_best_amount_is_where_the_profit_is_largest():
    assert best_amount(lambda amount: -((amount - 3.0) ** 2), 10.0) == pytest.approx(3.0, abs=1e-3)


def test_a_profit_that_grows_to_the_end_takes_all_there_is():
    assert best_amount(lambda amount: amount, 10.0) == pytest.approx(10.0, abs=1e-3)


def test_up_to_what_is_refused_it_takes_all():
    edge = 0.01 * np.pi
    amount = best_amount(lambda amount: amount if amount <= edge else -amount, 10.0)
    assert edge - 1e-3 < amount <= edge


def test_a_gap_too_large_for_one_trade_is_closed_in_several():
    market = opened("clock")
    for _ in range(8):
        market.open_round()
        market.pay_round([1, 1, 1])
    worth = market.spot_prices() * [2.0, 1.0, 0.5]
    PerfectArbitrageur("arbitrageur", lambda _: worth, passes=10).step(market, np.random.default_rng(0))
    assert np.abs(market.spot_prices() / worth - 1).max() < TERMS.swap_fee + 1e-3


@pytest.mark.parametrize("curve", list(CURVES))
def test_on_every_curve_it_leaves_no_gap_beyond_the_fee(curve):
    market = opened(curve)
    PerfectArbitrageur("arbitrageur", lambda _: WORTH, passes=20).step(market, np.random.default_rng(0))
    assert np.abs(market.spot_prices() / WORTH - 1).max() < TERMS.swap_fee + 1e-3


def test_it_earns_at_what_tokens_are_worth():
    market = opened("clock")

    def wealth():
        tokens = [market.balance_of("arbitrageur", k + 1) for k in range(3)]
        return market.balance_of("arbitrageur", 0) + float(np.dot(tokens, WORTH))

    before = wealth()
    PerfectArbitrageur("arbitrageur", lambda _: WORTH).step(market, np.random.default_rng(0))
    assert wealth() > before + 1_000.0


def test_at_a_fair_price_it_does_nothing():
    market = opened("clock")
    PerfectArbitrageur("arbitrageur", lambda market: market.spot_prices() * 1.002).step(
        market, np.random.default_rng(0)
    )
    assert not market.trades()


def test_it_sells_all_it_has_of_what_is_worthless_and_no_more():
    market = opened("clock")
    worth = np.array([0.0, 0.5, 0.5])
    PerfectArbitrageur("arbitrageur", lambda _: worth, passes=50).step(market, np.random.default_rng(0))
    assert 0.0 <= market.balance_of("arbitrageur", 1) < 5.0


def test_passes_are_whole_numbers_above_zero():
    with pytest.raises(ValueError, match="passes"):
        PerfectArbitrageur("arbitrageur", lambda _: WORTH, passes=0)
