"""The falling price of the primary sale."""

from dataclasses import replace
from functools import partial

import pytest

from wallstreetfeds.sim.curves import CURVES, Bootstrapping
from wallstreetfeds.sim.market import NUMERAIRE


def test_without_a_trade_prices_fall_linearly_from_the_premium_to_the_prior_price(opened):
    market = opened("bootstrapping", wait=False)
    seen = []
    for _ in range(6):
        seen.append(market.spot_price(1) * 3)
        market.advance_time(900)
    assert seen == pytest.approx([3.0, 2.5, 2.0, 1.5, 1.0, 1.0], rel=1e-12)


def test_the_premium_can_be_another(opened):
    market = opened(replace(CURVES["bootstrapping"], pricing=partial(Bootstrapping, premium=5.0)), wait=False)
    assert market.spot_prices() == pytest.approx([5 / 3] * 3, rel=1e-12)


def test_the_sale_has_the_normal_fee_from_the_first_second(opened):
    assert opened("clock", wait=False).swap_fee() == pytest.approx(0.9)
    market = opened("bootstrapping", wait=False)
    assert market.swap_fee() == 0.003
    bought = market.swap_exact_in("rich", NUMERAIRE, 1, 10.0, 0.0)
    assert bought == pytest.approx(10 * 0.997, rel=1e-3)


def test_afterwards_it_is_the_clock(opened):
    sale, clock = opened("bootstrapping"), opened("clock")
    for market in (sale, clock):
        market.swap_exact_in("rich", NUMERAIRE, 1, 5_000.0, 0.0)
        market.open_round()
        market.add_single_asset("rich", NUMERAIRE, 500.0, 0.0)
    assert sale.spot_prices() == pytest.approx(clock.spot_prices(), rel=1e-12)
    assert sale.lp_shares("rich") == pytest.approx(clock.lp_shares("rich"), rel=1e-12)


def test_a_round_that_opens_in_the_sale_lowers_prices_by_the_clock_too(opened):
    market = opened("bootstrapping", wait=False)
    market.advance_time(1_800)
    before = market.spot_price(1)
    market.open_round()
    assert market.spot_price(1) == pytest.approx(0.8 * before, rel=1e-12)


def test_buying_early_and_selling_late_in_the_sale_loses(opened):
    market = opened("bootstrapping", wait=False)
    bought = market.swap_exact_in("rich", NUMERAIRE, 1, 6_000.0, 0.0)
    market.advance_time(3_600)
    assert market.swap_exact_in("rich", 1, NUMERAIRE, bought, 0.0) < 0.5 * 6_000
