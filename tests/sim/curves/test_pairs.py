"""One x * y = k for every client."""

import numpy as np
import pytest

from wallstreetfeds.sim.curves import CURVES
from wallstreetfeds.sim.market import NUMERAIRE


def test_a_swap_is_the_constant_products(opened):
    market = opened("pairs", deposit=200_000.0, swap_fee=0.0, opening_fee=0.0)
    # A third of the money beside 200,000 tokens in every pair.
    x, y = 200_000.0, 200_000.0 / 3
    out = market.swap_exact_in("rich", NUMERAIRE, 1, 9_000.0, 0.0)
    assert out == pytest.approx(x - x * y / (y + 9_000), rel=1e-12)
    assert market.spot_price(1) == pytest.approx((y + 9_000) / (x - out), rel=1e-12)


def test_other_pairs_know_nothing_of_a_trade(opened):
    market = opened("pairs")
    before = market.spot_prices()
    market.swap_exact_in("rich", NUMERAIRE, 1, 5_000.0, 0.0)
    assert market.spot_prices()[1:].tolist() == before[1:].tolist()


@pytest.mark.parametrize(("deposit", "money", "tokens"), [(100_000.0, 1.0, 0.5), (400_000.0, 0.5, 1.0)])
def test_what_does_not_fit_the_prior_price_is_not_traded_and_leaves_with_the_lps(
    opened, deposit, money, tokens
):
    market = opened("pairs", deposit=deposit, swap_fee=0.0, opening_fee=0.0)
    y = deposit * money / 3
    out = market.quote_exact_in(NUMERAIRE, 1, 3_000.0)
    assert out == pytest.approx(200_000 * tokens * 3_000 / (y + 3_000), rel=1e-12)
    assert market.reserves() == pytest.approx([deposit, 2e5, 2e5, 2e5])
    part = market.lp_shares("lp") / market.lp_supply()
    assert market.remove_liquidity("lp", 1e9) == pytest.approx(np.array([deposit, 2e5, 2e5, 2e5]) * part)


def test_a_token_for_a_token_pays_two_fees(opened):
    market = opened("pairs", swap_fee=0.01)
    sold = market.quote_exact_in(1, NUMERAIRE, 500.0)
    assert market.quote_exact_in(1, 2, 500.0) == market.quote_exact_in(NUMERAIRE, 2, sold)
    assert market.quote_exact_in(1, 2, 500.0) == pytest.approx(500 * 0.99**2, rel=0.02)


def test_no_payment_and_no_opening_moves_a_price(opened):
    market = opened("pairs")
    before = market.spot_prices().tolist()
    market.open_round()
    market.pay_round([1, 5, 0])
    assert market.spot_prices().tolist() == before


CLOCKED = CURVES["clock-pairs"]


def test_on_the_clock_a_pair_is_priced_as_the_contracts_pool_of_two_assets(opened):
    pair, pool = (opened(curve, clients=["a"], deposit=200_000.0) for curve in (CLOCKED, "clock"))
    for market in (pair, pool):
        market.open_round()
        market.pay_round([1])
    assert pair.spot_price(1) == pytest.approx(0.8, rel=1e-12)
    for sale in ((NUMERAIRE, 1, 9_000.0), (1, NUMERAIRE, 4_000.0)):
        assert pair.swap_exact_in("rich", *sale, 0.0) == pytest.approx(
            pool.swap_exact_in("rich", *sale, 0.0), rel=1e-12
        )
    assert pair.quote_exact_out(NUMERAIRE, 1, 100.0) == pytest.approx(
        pool.quote_exact_out(NUMERAIRE, 1, 100.0), rel=1e-12
    )
