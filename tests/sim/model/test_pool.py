"""The model's pool: opening, trades, fees, liquidity, and what LPs earn."""

from math import nan

import pytest

from wallstreetfeds.sim.market import NUMERAIRE, Refused, TradeRefused
from wallstreetfeds.sim.model.federation import Client


def test_every_token_opens_at_the_prior_price_whatever_its_supply(made):
    market = made([Client("a"), Client("b", supply=5e6), Client("c", listed=False)])
    assert market.spot_prices()[:2] == pytest.approx([1 / 7] * 2)
    with pytest.raises(TradeRefused, match="in no pool"):
        market.spot_price(3)


def test_lp_shares_go_by_value_and_those_of_a_listing_vest(market):
    # 200,000 numeraire beside tokens worth as much.
    assert market.lp_shares("lp") == pytest.approx(200)
    assert market.lp_shares("a") == pytest.approx(1_000 / 6)
    assert market.lp_vested("a") == 0
    market.open_round()
    assert market.lp_vested("a") == pytest.approx(1_000 / 24)
    with pytest.raises(TradeRefused, match="trade too small"):
        market.remove_liquidity("investor", 1.0)


def test_the_clock_lowers_every_price_alike_and_without_it_none_moves(made):
    clocked, plain = made(), made(clock=False)
    before = clocked.spot_prices()
    for market in (clocked, plain):
        market.open_round()
    assert clocked.spot_prices() / before == pytest.approx([0.75] * 3)
    assert plain.spot_prices().tolist() == before.tolist()


def test_a_swap_gives_what_was_quoted_and_the_way_back_costs_the_fee_twice(made):
    market = made(swap_fee=0.003)
    quoted = market.quote_exact_in(NUMERAIRE, 1, 100.0)
    assert market.swap_exact_in("investor", NUMERAIRE, 1, 100.0, quoted) == quoted
    back = market.swap_exact_in("investor", 1, NUMERAIRE, 1e9, 0.0)
    assert back == pytest.approx(100 * 0.997**2, rel=1e-5)


def test_exact_in_and_exact_out_are_one_market(market):
    amount_out = market.quote_exact_in(1, 2, 500.0)
    assert market.quote_exact_out(1, 2, amount_out) == pytest.approx(500, rel=1e-12)


def test_without_a_fee_the_invariant_stays(made):
    market = made(swap_fee=0.0, opening_period=0)
    pool = market.federation.pools[0]

    def invariant():
        product = 1.0
        for reserve, weight in zip(pool.reserves, pool.weights, strict=True):
            product *= reserve**weight
        return product

    before = invariant()
    market.swap_exact_in("investor", NUMERAIRE, 1, 20_000.0, 0.0)
    market.swap_exact_out("investor", 1, 2, 12_345.0, 1e9)
    assert invariant() == pytest.approx(before, rel=1e-13)


def test_the_opening_fee_falls_in_time_to_the_swap_fee(made):
    market = made(opening_period=3600)
    market.federation.clock.now -= 3600
    fees = []
    for _ in range(3):
        fees.append(market.swap_fee())
        market.advance_time(1800)
    assert fees == pytest.approx([0.9, 0.4515, 0.003])


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda m: m.swap_exact_in("rich", 0, 1, 90_000.0, 0.0), "more than 30%"),
        (lambda m: m.swap_exact_out("rich", 0, 1, 70_000.0, 1e9), "more than 30%"),
        (lambda m: m.swap_exact_in("rich", 0, 1, 1e-9, 0.0), "trade too small"),
        (lambda m: m.swap_exact_in("rich", 0, 1, -10.0, 0.0), "trade too small"),
        (lambda m: m.swap_exact_in("rich", 0, 1, nan, 0.0), "more than 30%"),
        (lambda m: m.swap_exact_out("rich", 0, 1, nan, 1e9), "more than 30%"),
        (lambda m: m.transfer("rich", "lp", 0, nan), "balance too small"),
        (lambda m: m.remove_liquidity("lp", nan), "trade too small"),
        (lambda m: m.add_single_asset("rich", 0, nan, 0.0), "more than 30%"),
        (lambda m: m.top_up("rich", nan), "amount is zero"),
        (lambda m: m.swap_exact_in("nobody", 0, 1, 10.0, 0.0), "trade too small"),
        (lambda m: m.swap_exact_in("rich", 0, 1, 10.0, 1e6), "below the minimum"),
        (lambda m: m.swap_exact_out("rich", 0, 1, 10.0, 1e-3), "above the maximum"),
        (lambda m: m.swap_exact_in("rich", 1, 1, 10.0, 0.0), "one asset for itself"),
        (lambda m: m.swap_exact_in("rich", 0, 9, 10.0, 0.0), "in no pool"),
        (lambda m: m.swap_exact_out("nobody", 0, 1, 10.0, 1e9), "balance too small"),
        (lambda m: m.swap_exact_out("a", 1, 0, 9_000.0, 1e9), "has to keep this part"),
        (lambda m: m.add_liquidity("rich", 1.0), "balance too small"),
        (lambda m: m.add_single_asset("rich", 0, 70_000.0, 0.0), "more than 30%"),
        (lambda m: m.add_single_asset("rich", 0, 100.0, 1e3), "below the minimum"),
        (lambda m: m.remove_single_asset("lp", 0, 1.0, 1e6), "below the minimum"),
        (lambda m: m.lp_supply(7), "no such pool"),
    ],
)
def test_a_refused_call_says_why_and_changes_nothing(made, call, reason):
    market = made(retained=0.78)
    before = (market.reserves().tolist(), market.lp_supply(), dict(market.federation.holdings.wallets))
    with pytest.raises(Refused, match=reason):
        call(market)
    assert (
        market.reserves().tolist(),
        market.lp_supply(),
        dict(market.federation.holdings.wallets),
    ) == before


def test_an_amount_below_nothing_is_a_mistake_and_says_so(made):
    market = made(late_joins=True)
    with pytest.raises(ValueError, match="at least 0, got -5"):
        market.transfer("rich", "lp", NUMERAIRE, -5.0)
    with pytest.raises(ValueError, match="liquidity has to be"):
        market.join_late("late", -5.0)
    with pytest.raises(ValueError, match="time does not run backwards"):
        market.advance_time(-1)


def test_a_client_spends_no_more_than_it_may(market):
    assert market.spendable("a", 1) == 600_000
    market.transfer("a", "investor", 1, 1e9)
    assert market.balance_of("a", 1) == pytest.approx(200_000)
    market.open_round()
    assert market.spendable("a", 1) == pytest.approx(50_000)


def test_a_join_and_an_exit_in_proportion_give_back_what_they_took(market):
    for client in ("a", "b", "c"):
        market.transfer(client, "rich", 1 + "abc".index(client), 50_000.0)
    amounts = market.add_liquidity("rich", 100.0)
    assert amounts == pytest.approx([20_000] * 4)
    assert market.remove_liquidity("rich", 100.0) == pytest.approx(amounts)


def test_a_join_with_one_asset_pays_the_fee_on_what_a_swap_would_trade(made):
    market = made(swap_fee=0.1)
    shares = market.add_single_asset("rich", NUMERAIRE, 10_000.0, 0.0)
    # Half of the pool is numeraire, so half of it pays: 9,500 on 200,000 at weight 1/2.
    assert shares == pytest.approx(1_000 * ((1 + 0.0475) ** 0.5 - 1))
    supply, reserve = market.lp_supply(), market.reserves()[0]
    back = market.remove_single_asset("rich", NUMERAIRE, shares, 0.0)
    assert back == pytest.approx(reserve * (1 - (1 - shares / supply) ** 2) * 0.95)


def test_nobody_joins_in_the_opening_period_or_after_the_last_opening(made):
    market = made(rounds=1)
    market.federation.clock.now -= 1
    with pytest.raises(TradeRefused, match="the opening period is not over"):
        market.add_single_asset("rich", NUMERAIRE, 10.0, 0.0)
    market.advance_time(1)
    market.open_round()
    with pytest.raises(TradeRefused, match="the last round has opened"):
        market.add_single_asset("rich", NUMERAIRE, 10.0, 0.0)
    assert market.remove_liquidity("lp", 200.0)[NUMERAIRE] == pytest.approx(40_000)


def test_what_the_pools_tokens_earn_goes_to_the_lps_of_record(market):
    before = market.reserves()
    market.open_round()
    market.remove_liquidity("lp", 1e9)
    market.pay_round([1, 1, 1])
    # The pool holds a fifth of every supply, the LP a fifth of its shares.
    assert market.claimable("lp") == pytest.approx(250_000 / 5 / 5, rel=1e-6)
    assert market.claim("lp") == pytest.approx(10_000, rel=1e-6)
    assert market.reserves()[0] == pytest.approx(before[0] * 0.8)
