"""Pool.swap_exact_in and quote_exact_in."""

import boa
import pytest
from mpmath import mp, mpf
from onchain.world import FOREVER, WAD, ZERO, Federation, event, refused


@pytest.fixture
def federation(opened: Federation) -> Federation:
    """The investor holds everything the pool trades."""
    opened.equip(opened.investor, 10**13, 10**17)
    return opened


def exact_out(federation: Federation, asset_in: int, asset_out: int, amount: int) -> object:
    """The constant-mean trade at 60 digits, the fee taken off rounded up."""
    with mp.workdps(60):
        balances, weights = federation.balances(), federation.weights()
        entering = amount - -(-amount * federation.pool.swap_fee() // WAD)
        ratio = mpf(balances[asset_in]) / (balances[asset_in] + entering)
        return balances[asset_out] * (1 - ratio ** (mpf(weights[asset_in]) / weights[asset_out]))


@pytest.mark.parametrize(("asset_in", "asset_out", "amount"), [(0, 1, 10**9), (2, 0, 10**16), (3, 1, 10**16)])
def test_a_swap_moves_what_it_says(
    federation: Federation, asset_in: int, asset_out: int, amount: int
) -> None:
    investor, pool = federation.investor, federation.pool
    contracts = [federation.numeraire, *federation.tokens]
    before = [contract.balanceOf(investor) for contract in contracts]
    books, quote = federation.balances(), pool.quote_exact_in(asset_in, asset_out, amount)
    exact = exact_out(federation, asset_in, asset_out, amount)
    out = federation.swap(investor, asset_in, asset_out, amount)
    assert event(pool, "Swap") == {
        "trader": investor,
        "receiver": investor,
        "asset_in": asset_in,
        "asset_out": asset_out,
        "amount_in": amount,
        "amount_out": out,
        "fee": amount * 3 // 1000,
    }
    assert out == quote
    assert 0 <= exact - out <= 1 + out * 2**-80
    moved = [contract.balanceOf(investor) - was for contract, was in zip(contracts, before, strict=True)]
    expected = [0] * 4
    expected[asset_in], expected[asset_out] = -amount, out
    assert moved == expected
    assert federation.balances() == [book - change for book, change in zip(books, expected, strict=True)]
    assert [contract.balanceOf(pool) for contract in contracts] == federation.balances()


def test_the_price_follows_the_trade(federation: Federation) -> None:
    before = federation.pool.spot_price(1)
    federation.swap(federation.investor, 0, 1, 10**10)
    assert federation.pool.spot_price(1) > before
    up = federation.pool.spot_price(1)
    federation.swap(federation.investor, 1, 0, 10**16)
    assert federation.pool.spot_price(1) < up


def test_somebody_else_may_receive(federation: Federation) -> None:
    out = federation.swap(federation.investor, 0, 1, 10**9, receiver=federation.lp)
    assert federation.tokens[0].balanceOf(federation.lp) == out


def test_nobody_and_the_pool_may_not(federation: Federation) -> None:
    for receiver in (ZERO, federation.pool.address):
        with refused("receiver is zero or the pool"):
            federation.swap(federation.investor, 0, 1, 10**9, receiver=receiver)


def test_the_deadline_is_the_last_second(federation: Federation) -> None:
    now = boa.env.timestamp
    federation.swap(federation.investor, 0, 1, 10**9, deadline=now)
    with refused("deadline has passed"):
        federation.swap(federation.investor, 0, 1, 10**9, deadline=now - 1)


def test_the_minimum_is_met_or_refused(federation: Federation) -> None:
    quote = federation.pool.quote_exact_in(0, 1, 10**9)
    with refused("below the minimum"):
        federation.swap(federation.investor, 0, 1, 10**9, min_amount_out=quote + 1)
    assert federation.swap(federation.investor, 0, 1, 10**9, min_amount_out=quote) == quote


@pytest.mark.parametrize(("asset_in", "asset_out"), [(4, 0), (0, 4), (2**255, 1)])
def test_assets_that_do_not_exist_are_refused(federation: Federation, asset_in: int, asset_out: int) -> None:
    with refused("no such asset"):
        federation.swap(federation.investor, asset_in, asset_out, 10**9)
    with refused("no such asset"):
        federation.pool.quote_exact_in(asset_in, asset_out, 10**9)


@pytest.mark.parametrize("asset", [0, 1])
def test_an_asset_is_not_traded_for_itself(federation: Federation, asset: int) -> None:
    with refused("one asset for itself"):
        federation.swap(federation.investor, asset, asset, 10**9)


def test_at_most_30_percent_of_a_balance_enters(federation: Federation) -> None:
    # A fee of 0.3 % is taken off first; client to numeraire, where the other cap does not bind.
    balance = federation.balances()[1]
    most = balance * 3 // 10 * 1000 // 997
    with refused("more than 30% of a balance"):
        federation.swap(federation.investor, 1, 0, most + 2)
    assert federation.swap(federation.investor, 1, 0, most) > 0


def test_at_most_30_percent_of_a_balance_leaves(federation: Federation) -> None:
    balance = federation.balances()[1]
    low, high = 10**9, federation.balances()[0] * 3 // 10
    while high - low > 1:
        middle = (low + high) // 2
        try:
            federation.pool.quote_exact_in(0, 1, middle)
            low = middle
        except boa.BoaError:
            high = middle
    with refused("more than 30% of a balance"):
        federation.swap(federation.investor, 0, 1, high)
    out = federation.swap(federation.investor, 0, 1, low)
    assert balance * 29 // 100 < out <= balance * 3 // 10


@pytest.mark.parametrize("amount", [0, 1])
def test_a_trade_of_nothing_is_refused(federation: Federation, amount: int) -> None:
    with refused("trade too small"):
        federation.swap(federation.investor, 0, 1, amount)


def test_a_trade_below_a_billionth_of_a_billionth_is_refused(federation: Federation) -> None:
    # 2^-40 of a balance of 2 * 10^17 is 181,899 units, and the fee comes on top.
    with refused("trade too small"):
        federation.swap(federation.investor, 1, 2, 181_898)
    assert federation.swap(federation.investor, 1, 2, 200_000) > 0


def test_a_trade_that_gives_nothing_is_refused(federation: Federation) -> None:
    # Enough of the token, but worth less than one unit of the numeraire.
    with refused("trade too small"):
        federation.swap(federation.investor, 1, 0, 10**6)


def test_amounts_beyond_the_books_are_refused(federation: Federation) -> None:
    with refused("amount above 2^112"):
        federation.swap(federation.investor, 0, 1, 2**112)
    with refused("amount above 2^112"):
        federation.pool.quote_exact_in(0, 1, FOREVER)


def test_a_trader_needs_the_money_and_the_approval(federation: Federation) -> None:
    for asset_in, asset_out in ((0, 1), (1, 0)):
        with refused("allowance too small"):
            federation.swap(federation.attacker, asset_in, asset_out, 10**10)
    federation.equip(federation.attacker, 10**10 - 1)
    for asset_in, asset_out in ((0, 1), (1, 0)):
        with refused("balance too small"):
            federation.swap(federation.attacker, asset_in, asset_out, 10**10)


def test_nothing_trades_once_the_last_round_has_opened(federation: Federation) -> None:
    for _ in range(federation.rounds - 1):
        federation.round()
    federation.swap(federation.investor, 0, 1, 10**9)
    federation.scenario.open_round(sender=federation.federator)
    for state in ("open", "paid"):
        with refused("the last round has opened"):
            federation.swap(federation.investor, 1, 0, 10**15)
        with refused("the last round has opened"):
            federation.pool.quote_exact_in(1, 0, 10**15)
        if state == "open":
            federation.settle()


def test_the_pool_is_never_emptied() -> None:
    federation = Federation(budget=10**7, rounds=1, swap_fee=0).fund().join(1).deposit(2 * 10**6).start()
    boa.env.time_travel(seconds=3600)
    seller = federation.clients[0]
    federation.tokens[0].approve(federation.pool, FOREVER, sender=seller)
    for _ in range(2):
        federation.swap(seller, 1, 0, federation.balances()[1] * 3 // 10)
    assert federation.balances()[0] >= 10**6
    with refused("the pool is almost empty"):
        federation.swap(seller, 1, 0, federation.balances()[1] * 3 // 10)


def test_what_was_given_to_the_pool_is_not_traded(federation: Federation) -> None:
    quote = federation.pool.quote_exact_in(0, 1, 10**9)
    federation.numeraire.transfer(federation.pool, 10**11, sender=federation.investor)
    federation.tokens[0].transfer(federation.pool, 10**16, sender=federation.investor)
    assert federation.pool.quote_exact_in(0, 1, 10**9) == quote
    assert federation.swap(federation.investor, 0, 1, 10**9) == quote


@pytest.mark.parametrize("fee", [0, 3 * 10**15, 2 * 10**17])
def test_there_and_back_never_gains(fee: int) -> None:
    federation = Federation(swap_fee=fee).open(2)
    trader = federation.equip(federation.investor)
    before = federation.numeraire.balanceOf(trader)
    for amount in (10**5, 1_234_567_891, 10**10):
        out = federation.swap(trader, 0, 1, amount)
        back = federation.swap(trader, 1, 0, out)
        assert back < amount
    assert federation.numeraire.balanceOf(trader) < before


def test_without_a_fee_there_and_back_loses_almost_nothing() -> None:
    federation = Federation(swap_fee=0).open(2)
    trader = federation.equip(federation.investor)
    out = federation.swap(trader, 0, 1, 10**10)
    assert 10**10 - federation.swap(trader, 1, 0, out) <= 2


@pytest.mark.parametrize("decimals", [6, 8, 18])
def test_decimals_only_scale(decimals: int) -> None:
    federation = Federation(decimals=decimals, budget=10**6 * 10**decimals).open(3)
    trader = federation.equip(federation.investor, 10**6 * 10**decimals)
    out = federation.swap(trader, 0, 1, 1_000 * 10**decimals)
    assert out == pytest.approx(2_961_425_647_015_510, rel=1e-11)


def test_64_assets_trade() -> None:
    federation = Federation(rounds=256).open(64)
    trader = federation.equip(federation.investor)
    out = federation.swap(trader, 0, 64, 10**8)
    assert federation.swap(trader, 64, 1, out // 2) > 0
    assert federation.swap(trader, 64, 0, out // 2) > 0
