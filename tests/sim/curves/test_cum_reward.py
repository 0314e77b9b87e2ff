"""Quoting with the rewards that a token has been paid."""

import pytest

from wallstreetfeds.sim.market import NUMERAIRE, TradeRefused

FREE = {"swap_fee": 0.0, "opening_fee": 0.0}


def pay(market, *scores):
    market.open_round()
    market.pay_round(list(scores))


def test_a_payment_lowers_a_price_by_exactly_what_the_token_was_paid(opened):
    market = opened("cum-reward")
    market.swap_exact_in("rich", NUMERAIRE, 1, 9_000.0, 0.0)
    before, pricing = market.spot_prices(), market.federation.pools[0].pricing
    cum = [pricing.cum_price(k) for k in (1, 2, 3)]
    market.open_round()
    assert market.spot_prices().tolist() == before.tolist()
    market.pay_round([5, 3, 2])
    # 200,000 over supplies of a million.
    assert market.spot_prices() == pytest.approx(before - [0.1, 0.06, 0.04], rel=1e-12)
    assert [pricing.cum_price(k) for k in (1, 2, 3)] == pytest.approx(cum, rel=1e-12)


def test_who_buys_pays_the_curves_price_less_what_is_backed(opened):
    plain, market = opened("constant-mean", **FREE), opened("cum-reward", **FREE)
    pay(market, 5, 3, 2)
    cost = market.quote_exact_out(NUMERAIRE, 1, 1_000.0)
    assert cost == pytest.approx(plain.quote_exact_out(NUMERAIRE, 1, 1_000.0) - 0.1 * 1_000, rel=1e-12)
    proceeds = market.quote_exact_in(1, NUMERAIRE, 1_000.0)
    assert proceeds == pytest.approx(plain.quote_exact_in(1, NUMERAIRE, 1_000.0) - 0.1 * 1_000, rel=1e-12)


def test_the_pools_rewards_are_its_backing_and_go_to_nobody(opened):
    market = opened("cum-reward")
    pay(market, 5, 3, 2)
    assert market.claimable("lp") == 0
    assert market.reserves()[NUMERAIRE] == pytest.approx(150_000 + 0.2 * 200_000, rel=1e-12)
    part = market.lp_shares("lp") / market.lp_supply()
    assert market.remove_liquidity("lp", 1e9)[NUMERAIRE] == pytest.approx(190_000 * part)


def test_a_price_never_falls_below_zero_and_nobody_can_sell_then(opened):
    market = opened("cum-reward")
    pay(market, 1, 0, 0)
    pay(market, 1, 0, 0)
    assert market.spot_price(1) == 0
    for call in (market.quote_exact_in, market.quote_exact_out):
        with pytest.raises(TradeRefused, match="the price would fall below 0"):
            call(1, NUMERAIRE, 100.0)
    with pytest.raises(TradeRefused, match="the price is 0"):
        market.quote_exact_out(1, 2, 100.0)


def test_a_token_at_zero_is_given_away_until_its_quote_has_caught_up(opened):
    market = opened("cum-reward", **FREE)
    pay(market, 1, 0, 0)
    pay(market, 1, 0, 0)
    pool = market.federation.pools[0]
    assert pool.quote_exact_out(NUMERAIRE, 1, 100.0) == 0
    given = market.swap_exact_in("rich", NUMERAIRE, 1, 1.0, 0.0)
    assert given > 10_000
    assert 0 < market.spot_price(1) < 0.01
    # What was given is the pool's loss: who has it cannot get more for it than was paid.
    assert market.quote_exact_in(1, NUMERAIRE, 500.0) < 1.0


def test_a_sale_is_refused_where_it_would_cross_zero(opened):
    market = opened("cum-reward", **FREE)
    pay(market, 3, 0, 0)
    market.open_round()
    market.pay_round([6, 2, 2])
    assert 0 < market.spot_price(1) < 0.02
    assert market.swap_exact_in("a", 1, NUMERAIRE, 1_000.0, 0.0) > 0
    with pytest.raises(TradeRefused, match="the price would fall below 0"):
        market.swap_exact_in("a", 1, NUMERAIRE, 50_000.0, 0.0)


def test_a_trade_moves_at_most_thirty_percent_of_the_curves_money_as_in_the_contracts(opened):
    market = opened("cum-reward", deposit=2_000.0, **FREE)
    pay(market, 0, 1, 1)
    money = 2_000.0
    assert market.quote_exact_in(NUMERAIRE, 1, 0.299 * money) > 0
    assert market.quote_exact_out(1, NUMERAIRE, 0.299 * money) > 0
    for call in (
        lambda: market.quote_exact_in(NUMERAIRE, 1, 0.301 * money),
        lambda: market.quote_exact_out(1, NUMERAIRE, 0.301 * money),
        lambda: market.quote_exact_out(NUMERAIRE, 1, 0.01 * 2e5),
        lambda: market.quote_exact_in(1, NUMERAIRE, 0.02 * 2e5),
    ):
        with pytest.raises(TradeRefused, match="more than 30% of a balance"):
            call()


def test_a_buyer_who_holds_to_a_payment_has_gained_nothing_by_selling_then(opened):
    market = opened("cum-reward", **FREE)
    before = market.balance_of("rich", NUMERAIRE)
    bought = market.swap_exact_in("rich", NUMERAIRE, 2, 10_000.0, 0.0)
    pay(market, 1, 1, 1)
    market.swap_exact_in("rich", 2, NUMERAIRE, bought, 0.0)
    after = market.balance_of("rich", NUMERAIRE) + market.claimable("rich")
    assert after == pytest.approx(before, rel=1e-9)
