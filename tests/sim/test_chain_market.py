import numpy as np
import pytest

from wallstreetfeds.sim.market import NUMERAIRE, TradeRefused


def test_every_token_opens_at_the_prior_price(world):
    prices = [world.market.spot_price(k + 1) for k in range(3)]
    assert prices == pytest.approx([1 / 3] * 3, rel=1e-9)
    assert world.market.remaining() == 1_000_000
    assert world.market.swap_fee() == pytest.approx(0.003)


def test_a_swap_gives_what_was_quoted_and_moves_the_price(world):
    market = world.market
    quoted = market.quote_exact_in(NUMERAIRE, 1, 1000.0)
    got = market.swap_exact_in("value-1", NUMERAIRE, 1, 1000.0, quoted)
    assert got == quoted
    assert market.balance_of("value-1", 1) == got
    assert market.balance_of("value-1", NUMERAIRE) == 79_000
    assert market.spot_price(1) > 1 / 3
    # The pool's numeraire rose, so the other prices rose a little with it: 0.997 of 1000 on 200,000.
    assert market.spot_price(2) == pytest.approx(1 / 3 * 201_000 / 200_000, rel=1e-9)


def test_an_exact_out_swap_takes_what_was_quoted(world):
    market = world.market
    quoted = market.quote_exact_out(NUMERAIRE, 1, 1000.0)
    paid = market.swap_exact_out("value-1", NUMERAIRE, 1, 1000.0, quoted)
    assert paid == quoted
    assert market.balance_of("value-1", 1) == 1000
    assert market.balance_of("value-1", NUMERAIRE) == pytest.approx(80_000 - paid)
    # Fee 0.3 % on the price of a third, and a little price impact.
    assert 1000 / 3 / 0.997 < paid < 1000 / 3 * 1.01
    with pytest.raises(TradeRefused, match="above the maximum"):
        market.swap_exact_out("value-1", NUMERAIRE, 1, 1000.0, quoted / 2)


def test_a_trade_beyond_the_caps_is_refused_and_changes_nothing(world):
    market = world.market
    before = market.spot_price(1)
    with pytest.raises(TradeRefused, match="more than 30% of a balance"):
        market.quote_exact_in(NUMERAIRE, 1, 79_000.0)
    with pytest.raises(TradeRefused, match="below the minimum"):
        market.swap_exact_in("value-1", NUMERAIRE, 1, 100.0, 1e6)
    assert market.spot_price(1) == before


def test_a_client_spends_no_more_than_it_may(world):
    market = world.market
    assert market.spendable("lender-01", 1) == 600_000
    assert market.spendable("lender-01", NUMERAIRE) == market.balance_of("lender-01", NUMERAIRE)
    for _ in range(9):
        market.swap_exact_in(
            "lender-01", 1, NUMERAIRE, 1e9 if market.spendable("lender-01", 1) < 5e4 else 5e4, 0.0
        )
    left = market.spendable("lender-01", 1)
    assert market.balance_of("lender-01", 1) - left == 200_000
    world.play_round(1, 1, 1)
    assert market.spendable("lender-01", 1) == pytest.approx(left + 50_000)


def test_rewards_follow_the_record_date(world):
    market = world.market
    world.play_round(1, 0, 0)
    market.swap_exact_in("value-1", NUMERAIRE, 1, 5000.0, 0.0)
    assert market.claimable("value-1") == 0
    world.play_round(1, 0, 0)
    held = market.balance_of("value-1", 1)
    assert market.claimable("value-1") == pytest.approx(held / 1e6 * 250_000, abs=1e-6)
    assert market.claim("value-1") == pytest.approx(held / 1e6 * 250_000, abs=1e-6)
    assert market.claimable("value-1") == 0
    assert np.array_equal(market.reward_shares(), [[1, 0, 0], [1, 0, 0]])


def test_the_clock_lowers_every_price_alike(world):
    before = np.array([world.market.spot_price(k + 1) for k in range(3)])
    world.play_round(3, 2, 1)
    after = np.array([world.market.spot_price(k + 1) for k in range(3)])
    assert after / before == pytest.approx([0.75] * 3, rel=1e-9)
