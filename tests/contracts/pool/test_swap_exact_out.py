"""Pool.swap_exact_out and quote_exact_out: the same trade, seen from what leaves."""

import boa
import pytest
from onchain.world import FOREVER, ZERO, Federation, event, refused


@pytest.fixture
def federation(opened: Federation) -> Federation:
    """The investor holds everything the pool trades."""
    opened.equip(opened.investor, 10**13, 10**17)
    return opened


def swap(federation: Federation, asset_in: int, asset_out: int, amount_out: int, **changed: object) -> int:
    trader = changed.pop("sender", federation.investor)
    order = {"max_amount_in": FOREVER, "receiver": trader, "deadline": FOREVER} | changed
    return int(
        federation.pool.swap_exact_out(asset_in, asset_out, amount_out, *order.values(), sender=trader)
    )


@pytest.mark.parametrize(("asset_in", "asset_out", "amount"), [(0, 1, 10**15), (2, 0, 10**9), (3, 1, 10**15)])
def test_exactly_what_was_asked_leaves(
    federation: Federation, asset_in: int, asset_out: int, amount: int
) -> None:
    investor, pool = federation.investor, federation.pool
    contracts = [federation.numeraire, *federation.tokens]
    before, books = [contract.balanceOf(investor) for contract in contracts], federation.balances()
    quote = pool.quote_exact_out(asset_in, asset_out, amount)
    entered = swap(federation, asset_in, asset_out, amount)
    logged = event(pool, "Swap")
    assert entered == quote == logged["amount_in"]
    assert logged["amount_out"] == amount
    # The fee is at least its part of what enters, to the last unit.
    assert entered * 3 <= logged["fee"] * 1000 < entered * 3 + 1000
    expected = [0] * 4
    expected[asset_in], expected[asset_out] = -entered, amount
    moved = [contract.balanceOf(investor) - was for contract, was in zip(contracts, before, strict=True)]
    assert moved == expected
    assert federation.balances() == [book - change for book, change in zip(books, expected, strict=True)]


@pytest.mark.parametrize(("asset_in", "asset_out", "amount"), [(0, 1, 10**9), (2, 0, 10**16), (3, 1, 10**16)])
def test_both_kinds_of_swap_agree(federation: Federation, asset_in: int, asset_out: int, amount: int) -> None:
    out = federation.pool.quote_exact_in(asset_in, asset_out, amount)
    entering = federation.pool.quote_exact_out(asset_in, asset_out, out)
    # A unit that leaves is worth some units that enter; the pool asks for no less than it gave for.
    unit = amount // out + 2
    assert amount - unit <= entering <= amount + unit
    assert federation.pool.quote_exact_in(asset_in, asset_out, entering + unit) >= out


def test_the_maximum_binds_to_the_unit(federation: Federation) -> None:
    quote = federation.pool.quote_exact_out(0, 1, 10**15)
    with refused("above the maximum"):
        swap(federation, 0, 1, 10**15, max_amount_in=quote - 1)
    assert swap(federation, 0, 1, 10**15, max_amount_in=quote) == quote


def test_the_deadline_is_the_last_second(federation: Federation) -> None:
    now = boa.env.timestamp
    swap(federation, 0, 1, 10**15, deadline=now)
    with refused("deadline has passed"):
        swap(federation, 0, 1, 10**15, deadline=now - 1)


def test_somebody_else_may_receive_but_not_nobody_or_the_pool(federation: Federation) -> None:
    swap(federation, 0, 1, 10**15, receiver=federation.lp)
    assert federation.tokens[0].balanceOf(federation.lp) == 10**15
    for receiver in (ZERO, federation.pool.address):
        with refused("receiver is zero or the pool"):
            swap(federation, 0, 1, 10**15, receiver=receiver)


@pytest.mark.parametrize(
    ("asset_in", "asset_out", "amount", "reason"),
    [
        (4, 0, 10**9, "no such asset"),
        (0, 4, 10**9, "no such asset"),
        (1, 1, 10**9, "one asset for itself"),
        (0, 1, 2**112, "amount above 2^112"),
        (0, 1, 0, "trade too small"),
        (1, 2, 181_898, "trade too small"),
        (1, 2, 6 * 10**16 + 1, "more than 30% of a balance"),
        (1, 0, 5 * 10**10, "more than 30% of a balance"),
    ],
)
def test_what_exact_in_refuses_exact_out_refuses(
    federation: Federation, asset_in: int, asset_out: int, amount: int, reason: str
) -> None:
    for call in (swap, lambda f, *args: f.pool.quote_exact_out(*args)):
        with refused(reason):
            call(federation, asset_in, asset_out, amount)


def test_a_trader_needs_the_money_and_the_approval(federation: Federation) -> None:
    with refused("allowance too small"):
        swap(federation, 0, 1, 10**15, sender=federation.attacker)
    federation.equip(federation.attacker, 1)
    with refused("balance too small"):
        swap(federation, 0, 1, 10**15, sender=federation.attacker)


def test_nothing_trades_once_the_last_round_has_opened(federation: Federation) -> None:
    federation.mature()
    with refused("the last round has opened"):
        swap(federation, 1, 0, 10**9)


def test_the_opening_fee_is_in_force(joined: Federation) -> None:
    joined.start()
    joined.equip(joined.investor)
    entered = swap(joined, 0, 1, 10**15)
    assert event(joined.pool, "Swap")["fee"] == pytest.approx(entered * 0.9, rel=1e-9)
