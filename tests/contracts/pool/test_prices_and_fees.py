"""Pool.spot_price, swap_fee, and the views of the assets."""

import boa
import pytest
from onchain.world import WAD, Federation, event, refused


def test_the_fee_starts_at_the_opening_fee_and_falls_linearly(joined: Federation) -> None:
    joined.start()
    period, high, low = joined.opening_period, joined.opening_fee, joined.swap_fee
    assert joined.pool.swap_fee() == high
    elapsed = 0
    for moment in (1, 900, 1800, 3599):
        boa.env.time_travel(seconds=moment - elapsed)
        elapsed = moment
        # Rounded up: for the pool.
        assert joined.pool.swap_fee() == low - -(high - low) * (period - moment) // period


def test_the_last_second_of_the_opening_period_still_costs_more(joined: Federation) -> None:
    joined.start()
    boa.env.time_travel(seconds=joined.opening_period - 1)
    assert joined.pool.swap_fee() == joined.swap_fee + -(-(joined.opening_fee - joined.swap_fee) // 3600)
    boa.env.time_travel(seconds=1)
    assert joined.pool.swap_fee() == joined.swap_fee
    boa.env.time_travel(seconds=10**9)
    assert joined.pool.swap_fee() == joined.swap_fee


def test_the_first_trade_pays_the_opening_fee(joined: Federation) -> None:
    joined.start()
    trader = joined.equip(joined.investor)
    joined.swap(trader, 0, 1, 10**9 + 1)
    assert event(joined.pool, "Swap")["fee"] == 900_000_001


def test_the_fee_stays_in_the_pool(joined: Federation) -> None:
    joined.start()
    trader = joined.equip(joined.investor)
    before = joined.balances()[0]
    joined.swap(trader, 0, 1, 10**9)
    assert joined.balances()[0] == before + 10**9


def test_no_opening_period_is_no_opening_fee() -> None:
    federation = Federation(opening_period=0).fund().join(2).deposit().start()
    assert federation.pool.swap_fee() == federation.swap_fee


def test_the_price_is_reserves_over_weights(opened: Federation) -> None:
    trader = opened.equip(opened.investor)
    opened.swap(trader, 0, 2, 2 * 10**10)
    opened.round()
    balances, weights = opened.balances(), opened.weights()
    for k in (1, 2, 3):
        exact = balances[0] * weights[k] * 10**12 * WAD // (weights[0] * balances[k])
        assert exact * (1 - 1e-12) - 1 <= opened.pool.spot_price(k) <= exact


def test_the_price_is_what_a_small_trade_pays(opened: Federation) -> None:
    trader = opened.equip(opened.investor)
    price = opened.pool.spot_price(1)
    out = opened.swap(trader, 0, 1, 10**7)
    paid = 10**7 * 0.997 / out * 10**12
    assert paid == pytest.approx(price / WAD, rel=2e-4)


def test_only_client_tokens_have_a_price(opened: Federation) -> None:
    for asset in (0, 4, 2**200):
        with refused("no such asset"):
            opened.pool.spot_price(asset)


def test_at_maturity_there_is_no_price(opened: Federation) -> None:
    opened.mature()
    assert opened.pool.spot_price(1) == 0
    assert opened.weights()[0] == 0
    assert opened.weights()[1] > 0


def test_assets_beyond_the_last_are_refused(opened: Federation) -> None:
    pool = opened.pool
    for view in (pool.asset_at, pool.balance_of_asset, pool.weight_of_asset):
        with refused("no such asset"):
            view(4)
    with refused("no such asset"):
        pool.spot_price(0)


def test_the_share_is_an_erc20_with_twelve_decimals(opened: Federation) -> None:
    pool = opened.pool
    assert (pool.name(), pool.symbol(), pool.decimals()) == ("WallStreetFeds LP share", "WSF-LP", 12)
    assert pool.totalSupply() == 10**15
