"""Pool.add_liquidity and remove_liquidity: proportional, rounded for the pool, exits always possible."""

import boa
import pytest
from onchain.world import FOREVER, OPENING_SHARES, ZERO, Federation, event, refused


@pytest.fixture
def federation(opened: Federation) -> Federation:
    """The investor holds everything the pool takes."""
    opened.equip(opened.investor, 10**13, 3 * 10**17)
    return opened


def balances_of(federation: Federation, actor: object) -> list[int]:
    return [contract.balanceOf(actor) for contract in (federation.numeraire, *federation.tokens)]


@pytest.mark.parametrize("shares", [1, 123_456_789, OPENING_SHARES // 3])
def test_a_join_takes_every_asset_rounded_up(federation: Federation, shares: int) -> None:
    investor, pool = federation.investor, federation.pool
    books, before = federation.balances(), balances_of(federation, investor)
    expected = [-(-book * shares // OPENING_SHARES) for book in books]
    amounts = federation.add(investor, shares)
    assert event(pool, "LiquidityAdded") == {"provider": investor, "shares": shares, "amounts": expected}
    assert amounts == expected
    assert federation.balances() == [book + amount for book, amount in zip(books, amounts, strict=True)]
    assert balances_of(federation, investor) == [b - a for b, a in zip(before, amounts, strict=True)]
    assert pool.balanceOf(investor) == shares
    assert pool.totalSupply() == OPENING_SHARES + shares


def test_nobody_joins_during_the_opening_period(joined: Federation) -> None:
    investor = joined.start().equip(joined.investor, 10**12, 10**17)
    boa.env.time_travel(seconds=joined.opening_period - 1)
    with refused("the opening period is not over"):
        joined.add(investor, 10**12)
    joined.remove(joined.lp, 10**12)
    boa.env.time_travel(seconds=1)
    joined.add(investor, 10**12)
    assert joined.pool.balanceOf(investor) == 10**12


def test_a_join_does_not_move_a_price(federation: Federation) -> None:
    before = [federation.pool.spot_price(k) for k in (1, 2, 3)]
    federation.add(federation.investor, OPENING_SHARES // 7)
    for old, k in zip(before, (1, 2, 3), strict=True):
        assert federation.pool.spot_price(k) == pytest.approx(old, rel=1e-10)


@pytest.mark.parametrize("shares", [1, 999_999_937, OPENING_SHARES // 9])
def test_an_exit_gives_every_asset_rounded_down(opened: Federation, shares: int) -> None:
    lp, pool = opened.lp, opened.pool
    books, before = opened.balances(), balances_of(opened, lp)
    amounts = opened.remove(lp, shares)
    expected = [book * shares // OPENING_SHARES for book in books]
    assert event(pool, "LiquidityRemoved") == {
        "provider": lp,
        "receiver": lp,
        "shares": shares,
        "amounts": expected,
    }
    assert amounts == expected
    assert opened.balances() == [book - amount for book, amount in zip(books, amounts, strict=True)]
    assert balances_of(opened, lp) == [b + a for b, a in zip(before, amounts, strict=True)]
    assert pool.totalSupply() == OPENING_SHARES - shares


def test_joining_and_leaving_at_once_gains_nothing(federation: Federation) -> None:
    investor = federation.investor
    before = balances_of(federation, investor)
    for shares in (1, 7, 10**6 + 1, 10**14 + 3):
        federation.add(investor, shares)
        federation.remove(investor, shares)
    for old, new in zip(before, balances_of(federation, investor), strict=True):
        assert 0 <= old - new <= 2 * 4


def test_a_join_of_nothing_is_refused(federation: Federation) -> None:
    with refused("trade too small"):
        federation.add(federation.investor, 0)
    with refused("trade too small"):
        federation.remove(federation.lp, 0)


def test_the_deadline_is_the_last_second(federation: Federation) -> None:
    now, pool = boa.env.timestamp, federation.pool
    pool.add_liquidity(10**6, [FOREVER] * 4, now, sender=federation.investor)
    pool.remove_liquidity(10**6, [0] * 4, federation.lp, now, sender=federation.lp)
    with refused("deadline has passed"):
        pool.add_liquidity(10**6, [FOREVER] * 4, now - 1, sender=federation.investor)
    with refused("deadline has passed"):
        pool.remove_liquidity(10**6, [0] * 4, federation.lp, now - 1, sender=federation.lp)


@pytest.mark.parametrize("count", [0, 3, 5])
def test_there_is_one_limit_for_each_asset(federation: Federation, count: int) -> None:
    with refused("not one limit for each asset"):
        federation.pool.add_liquidity(1, [FOREVER] * count, FOREVER, sender=federation.investor)
    with refused("not one limit for each asset"):
        federation.pool.remove_liquidity(1, [0] * count, federation.lp, FOREVER, sender=federation.lp)


@pytest.mark.parametrize("asset", [0, 3])
def test_limits_bind_to_the_unit(federation: Federation, asset: int) -> None:
    pool, investor, lp = federation.pool, federation.investor, federation.lp
    with boa.env.anchor():
        taken = federation.add(investor, 10**13)
    with boa.env.anchor():
        given = federation.remove(lp, 10**13)
    tight = [amount - (k == asset) for k, amount in enumerate(taken)]
    with refused("above the maximum"):
        pool.add_liquidity(10**13, tight, FOREVER, sender=investor)
    tight = [amount + (k == asset) for k, amount in enumerate(given)]
    with refused("below the minimum"):
        pool.remove_liquidity(10**13, tight, lp, FOREVER, sender=lp)
    with boa.env.anchor():
        pool.add_liquidity(10**13, taken, FOREVER, sender=investor)
    pool.remove_liquidity(10**13, given, lp, FOREVER, sender=lp)


def test_somebody_else_may_receive_an_exit(opened: Federation) -> None:
    amounts = opened.pool.remove_liquidity(10**12, [0] * 4, opened.investor, FOREVER, sender=opened.lp)
    assert balances_of(opened, opened.investor) == list(amounts)


def test_nobody_and_the_pool_may_not(opened: Federation) -> None:
    for receiver in (ZERO, opened.pool.address):
        with refused("receiver is zero or the pool"):
            opened.pool.remove_liquidity(1, [0] * 4, receiver, FOREVER, sender=opened.lp)


def test_no_more_than_ones_own_shares(opened: Federation) -> None:
    shares = opened.pool.balanceOf(opened.lp)
    with refused("balance too small"):
        opened.remove(opened.lp, shares + 1)
    opened.remove(opened.lp, shares)
    with refused("balance too small"):
        opened.remove(opened.lp, 1)


def test_a_join_needs_every_asset(federation: Federation) -> None:
    attacker = federation.attacker
    federation.grant(attacker, 10**13, federation.pool)
    with refused("allowance too small"):
        federation.add(attacker, 10**13)
    for token in federation.tokens:
        token.approve(federation.pool, FOREVER, sender=attacker)
    with refused("balance too small"):
        federation.add(attacker, 10**13)


def test_at_maturity_lps_only_leave(federation: Federation) -> None:
    federation.mature()
    with refused("the last round has opened"):
        federation.add(federation.investor, 10**6)
    for actor in (federation.lp, federation.federator, *federation.clients):
        federation.remove(actor, federation.pool.balanceOf(actor))
    assert federation.pool.totalSupply() == federation.pool.balanceOf(federation.pool)


def test_everybody_can_leave_with_what_is_vested_while_a_round_is_open(federation: Federation) -> None:
    federation.scenario.open_round(sender=federation.federator)
    for actor in (federation.lp, federation.federator, *federation.clients):
        vested = federation.pool.balanceOf(actor) - federation.pool.unvested(actor)
        assert vested > 0
        federation.remove(actor, vested)
    federation.settle()
    # The next LP joins at the same rate.
    assert all(balance > 0 for balance in federation.balances())
    federation.add(federation.investor, 10**6)
    assert federation.pool.balanceOf(federation.investor) == 10**6


def test_exits_work_where_trades_do_not() -> None:
    federation = Federation(budget=10**7, rounds=1, swap_fee=0).fund().join(1).deposit(2 * 10**6).start()
    for actor in (federation.federator, federation.lp):
        federation.remove(actor, federation.pool.balanceOf(actor))
    trader = federation.equip(federation.investor, tokens=10**17)
    boa.env.time_travel(seconds=3600)
    # Sells down the numeraire until a trade would leave less than the minimum.
    with refused("the pool is almost empty"):
        while True:
            federation.swap(trader, 1, 0, federation.balances()[1] // 4)
    assert federation.balances()[0] < 1.3 * 10**6
    federation.round()
    federation.remove(federation.clients[0], federation.pool.balanceOf(federation.clients[0]))
    assert federation.balances()[0] < 10


def test_the_supply_of_shares_ends_below_2_to_the_64() -> None:
    # A part of the supply so small is listed that the pool can be multiplied by 18,447.
    federation = Federation(budget=10**12, supply=(2**64 - 1) // 10**6 * 10**6, listed=10**13, rounds=2).open(
        1
    )
    client = federation.clients[0]
    federation.grant(client, 10**13, federation.pool)
    federation.tokens[0].approve(federation.pool, FOREVER, sender=client)
    room = 2**64 - 1 - OPENING_SHARES
    with refused("LP supply above 2^64 units"):
        federation.add(client, 2**64)
    with refused("LP supply above 2^64 units"):
        federation.add(client, room + 1)
    federation.add(client, room)
    assert federation.pool.totalSupply() == 2**64 - 1
    with refused("LP supply above 2^64 units"):
        federation.equip(federation.investor, 10**9, 10**6)
        federation.add(federation.investor, 1)
    federation.round()
    assert federation.pool.claim(sender=client) > 0
    federation.round()
    federation.remove(client, federation.pool.balanceOf(client))
    assert federation.pool.balanceOf(client) == 0


def test_books_end_at_2_to_the_112() -> None:
    federation = Federation(budget=2**109 - 1, listed=2 * 10**17).fund().join(1).deposit(2**111 - 1).start()
    boa.env.time_travel(seconds=federation.opening_period)
    investor = federation.equip(federation.investor, 2**113, 7 * 10**17)
    federation.add(investor, OPENING_SHARES)
    assert federation.balances()[0] <= 2**112 - 1
    with refused("balance too large"):
        federation.add(investor, OPENING_SHARES // 10)
