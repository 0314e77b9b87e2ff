"""What a trade costs: parts that add up, bounds for the trader, and where somebody's rewards are."""

from __future__ import annotations

from fractions import Fraction

import pytest

from wallstreetfeds.chain import ContractError, FundsError
from wallstreetfeds.chain.holdings import holdings
from wallstreetfeds.chain.quotes import DEFAULT_TOLERANCE, quote_exact_in, quote_exact_out, trade
from wallstreetfeds.records import Swap
from wallstreetfeds.units import WAD


@pytest.fixture
def market(federation):
    federation.open()
    return federation


def test_the_parts_of_a_trade_add_up(market):
    pool = market.scenario.market()
    for quote in (
        quote_exact_in(pool, 0, 1, 2_000_000),
        quote_exact_out(pool, 0, 2, 3 * 10**15),
        quote_exact_in(pool, 2, 0, 3 * 10**15),
        quote_exact_out(pool, 1, 3, 10**15),
    ):
        entering = quote.amount_in * quote.price_in
        leaving = quote.amount_out * quote.price_out
        assert quote.fee_cost.part + quote.impact_cost.part + leaving / entering == 1
        assert quote.impact_cost.part > 0
        assert Fraction(3, 1000) <= quote.fee_cost.part < Fraction(3, 1000) + Fraction(1, quote.amount_in)
        assert quote.tolerance_cost.part == Fraction(1, 200)
        assert quote.fee_cost.amount - 1 < quote.fee * quote.price_in <= quote.fee_cost.amount


def test_prices_are_those_of_the_pool(market):
    pool = market.scenario.market()
    quote = quote_exact_in(pool, 0, 2, 1_000_000)
    # The contract rounds twice.
    assert quote.price_out * 10**12 * WAD == pytest.approx(pool.spot_price(2), rel=1e-15)
    assert quote.price_in == 1


@pytest.mark.parametrize("exact", ["in", "out"])
@pytest.mark.parametrize(("asset_in", "asset_out"), [(0, 1), (1, 2), (2, 0)])
def test_a_trade_is_what_was_quoted(market, exact, asset_in, asset_out):
    pool, investor = market.scenario.market(), market.investor
    for asset in (1, 2):
        trade(pool, quote_exact_in(pool, 0, asset, 2_000_000), sender=investor)
    ask = quote_exact_in if exact == "in" else quote_exact_out
    quote = ask(pool, asset_in, asset_out, 500_000 if (asset_in, asset_out)[exact == "out"] == 0 else 10**13)
    receipt = trade(pool, quote, sender=investor)
    swap = next(event for event in receipt.events if isinstance(event, Swap))
    assert (swap.amount_in, swap.amount_out, swap.fee) == (quote.amount_in, quote.amount_out, quote.fee)
    assert receipt.value == (quote.amount_out if exact == "in" else quote.amount_in)


def test_only_what_may_enter_is_approved(market):
    pool, lender = market.scenario.market(), market.clients[0]
    quote = quote_exact_out(pool, 1, 0, 1_000_000)
    trade(pool, quote, sender=lender)
    left = market.scenario.token(0).allowance(lender.address, pool.address)
    assert left == quote.max_amount_in - quote.amount_in


def test_a_market_that_moves_beyond_the_tolerance_is_refused(market):
    pool, investor = market.scenario.market(), market.investor
    bounds = []
    for ask, amount, reason in (
        (quote_exact_in, 1_000_000, "below the minimum"),
        (quote_exact_out, 10**14, "above the maximum"),
    ):
        quote = ask(pool, 0, 1, amount)
        bounds.append((quote.min_amount_out, quote.max_amount_in))
        market.buy(1, 5_000_000)
        with pytest.raises(ContractError, match=reason):
            trade(pool, quote, sender=investor)
        patient = ask(pool, 0, 1, amount, tolerance=WAD // 2)
        market.buy(1, 5_000_000)
        trade(pool, patient, sender=investor)
    assert bounds[0][1] == 1_000_000
    assert bounds[1][0] == 10**14


def test_bounds_are_rounded_for_the_trader(market):
    pool = market.scenario.market()
    quote = quote_exact_in(pool, 0, 1, 1_000_001)
    assert quote.min_amount_out * WAD >= quote.amount_out * (WAD - DEFAULT_TOLERANCE)
    assert (quote.min_amount_out - 1) * WAD < quote.amount_out * (WAD - DEFAULT_TOLERANCE)
    quote = quote_exact_out(pool, 0, 1, 10**14 + 1)
    assert quote.max_amount_in * WAD <= quote.amount_in * (WAD + DEFAULT_TOLERANCE)
    assert (quote.max_amount_in + 1) * WAD > quote.amount_in * (WAD + DEFAULT_TOLERANCE)


def test_too_little_money_is_said_before_anything_is_sent(market):
    pool, poor = market.scenario.market(), market.session.account("poor")
    quote = quote_exact_in(pool, 0, 1, 1_000_000)
    sent = market.session.stats.transactions
    with pytest.raises(FundsError, match="has 0 of the 1000000 smallest units"):
        trade(pool, quote, sender=poor)
    assert market.session.stats.transactions == sent


@pytest.mark.parametrize("tolerance", [-1, WAD // 2 + 1])
def test_a_tolerance_out_of_range_is_refused(market, tolerance):
    with pytest.raises(ValueError, match="the tolerance has to be between 0 and"):
        quote_exact_in(market.scenario.market(), 0, 1, 1_000_000, tolerance=tolerance)


def test_holdings_follow_a_round_from_its_record_date_to_the_claim(market):
    scenario, investor, lender = market.scenario, market.investor, market.clients[0]
    bought = market.buy(1, 3_000_000)
    mine = holdings(scenario, investor.address)
    assert [held.client for held in mine] == [0, 1, 2, None]
    assert (mine[0].balance, mine[0].record, mine[0].claimable) == (bought, None, 0)

    round_ = scenario.open_round(sender=market.federator).value
    more = market.buy(1, 3_000_000)
    token = scenario.token(0)
    token.transfer(lender.address, bought // 2, sender=investor)
    mine = holdings(scenario, investor.address)
    assert (mine[0].balance, mine[0].record) == (bought + more - bought // 2, bought)
    assert holdings(scenario, lender.address)[0].record == scenario.terms().supply * 4 // 5
    assert holdings(scenario, market.lp.address)[3].record == scenario.market().balanceOf(market.lp.address)

    scenario.submit_scores(round_, [5, 3, 2], b"\x00" * 32, sender=market.federator)
    scenario.finalize_round(round_, [5, 3, 2], sender=market.federator)
    mine = holdings(scenario, investor.address)[0]
    assert mine.record is None
    assert mine.claimable == token.claimable(investor.address) > 0
    token.claim(sender=investor)
    after = holdings(scenario, investor.address)[0]
    assert (after.claimed, after.claimable) == (mine.claimable, 0)
