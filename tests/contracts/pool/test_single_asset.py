"""Pool.add_single_asset and remove_single_asset: one asset in or out, the fee on the unbalanced part."""

from typing import Any

import boa
import pytest
from mpmath import mp, mpf
from onchain.world import FOREVER, WAD, Federation, event, refused

FEE = mpf(3) / 1000


@pytest.fixture
def federation(opened: Federation) -> Federation:
    opened.equip(opened.investor, 10**13, 6 * 10**17)
    return opened


def join(federation: Federation, asset: int, amount: int, actor: Any = None, **changed: int) -> int:
    order = {"min_shares": 0, "deadline": FOREVER} | changed
    who = actor or federation.investor
    return int(federation.pool.add_single_asset(asset, amount, *order.values(), sender=who))


def leave(federation: Federation, asset: int, shares: int, actor: Any = None, **changed: Any) -> int:
    who = actor or federation.investor
    order = {"min_amount": 0, "receiver": who, "deadline": FOREVER} | changed
    return int(federation.pool.remove_single_asset(asset, shares, *order.values(), sender=who))


def part(federation: Federation, asset: int) -> Any:
    weights = federation.weights()
    return mpf(weights[asset]) / sum(weights)


@pytest.mark.parametrize("asset", [0, 1, 3])
def test_a_join_mints_what_the_formula_says(federation: Federation, asset: int) -> None:
    with mp.workdps(60):
        w, x, supply = part(federation, asset), federation.balances()[asset], federation.pool.totalSupply()
        amount = x // 7
        net = amount * (1 - FEE * (1 - w))
        exact = supply * ((1 + net / x) ** w - 1)
        shares = join(federation, asset, amount)
        assert exact * (1 - mpf(10) ** -11) - 2 <= shares <= exact
    assert federation.balances()[asset] == x + amount
    assert federation.pool.balanceOf(federation.investor) == shares
    assert federation.pool.totalSupply() == supply + shares


@pytest.mark.parametrize("asset", [0, 1, 3])
def test_an_exit_pays_what_the_formula_says(federation: Federation, asset: int) -> None:
    federation.add(federation.investor, 10**14)
    with mp.workdps(60):
        w, x, supply = part(federation, asset), federation.balances()[asset], federation.pool.totalSupply()
        shares = supply // 50
        exact = x * (1 - (1 - mpf(shares) / supply) ** (1 / w)) * (1 - FEE * (1 - w))
        amount = leave(federation, asset, shares)
        assert exact * (1 - mpf(10) ** -11) - 2 <= amount <= exact
    assert federation.balances()[asset] == x - amount
    assert federation.pool.totalSupply() == supply - shares


def test_joins_and_exits_say_what_they_did(federation: Federation) -> None:
    shares = join(federation, 0, 10**9)
    joined = event(federation.pool, "SingleAssetAdded")
    assert joined["fee"] == pytest.approx(10**9 * 3 / 1000 / 2, rel=1e-6)
    assert (joined["provider"], joined["asset"], joined["amount"], joined["shares"]) == (
        federation.investor,
        0,
        10**9,
        shares,
    )
    amount = leave(federation, 1, shares, receiver=federation.lp)
    left = event(federation.pool, "SingleAssetRemoved")
    assert (left["receiver"], left["asset"], left["amount"], left["shares"]) == (
        federation.lp,
        1,
        amount,
        shares,
    )
    assert left["fee"] > 0


def test_a_join_and_an_exit_are_no_cheaper_than_the_trade(federation: Federation) -> None:
    for spend in (10**6, 10**9, 10**10):
        with boa.env.anchor():
            traded = federation.swap(federation.investor, 0, 1, spend)
        with boa.env.anchor():
            around = leave(federation, 1, join(federation, 0, spend))
        assert around < traded


def test_a_join_and_an_exit_of_the_same_asset_gain_nothing(federation: Federation) -> None:
    for asset, amount in ((0, 10**10), (1, 10**16), (0, 5 * 10**10)):
        assert leave(federation, asset, join(federation, asset, amount)) < amount


def test_limits_are_kept(federation: Federation) -> None:
    with boa.env.anchor():
        shares = join(federation, 0, 10**9)
    with refused("below the minimum"):
        join(federation, 0, 10**9, min_shares=shares + 1)
    assert join(federation, 0, 10**9, min_shares=shares) == shares
    with boa.env.anchor():
        amount = leave(federation, 1, shares)
    with refused("below the minimum"):
        leave(federation, 1, shares, min_amount=amount + 1)
    for call in (join, leave):
        with refused("deadline has passed"):
            call(federation, 0, 10**9, deadline=boa.env.timestamp - 1)
    for receiver in ("0x" + "00" * 20, federation.pool.address):
        with refused("receiver is zero or the pool"):
            leave(federation, 0, shares, receiver=receiver)


def test_the_caps_of_trades_hold(federation: Federation) -> None:
    x = federation.balances()[0]
    with refused("more than 30% of a balance"):
        join(federation, 0, x * 302 // 1000)
    with refused("trade too small"):
        join(federation, 0, 0)
    with refused("no such asset"):
        join(federation, 4, 10**9)
    federation.add(federation.investor, 2 * 10**14)
    supply = federation.pool.totalSupply()
    # A seventh of a token's weight: the shares for 30 % of a balance are far below 30 % of the supply.
    with refused("more than 30% of a balance"):
        leave(federation, 1, supply // 10)
    with refused("trade too small"):
        leave(federation, 1, 0)
    with refused("no such asset"):
        leave(federation, 65, 10**9)


def test_nobody_burns_what_it_has_not(federation: Federation) -> None:
    with refused("balance too small"):
        leave(federation, 0, 10**12)


def test_in_the_opening_period_nobody_joins_and_who_leaves_pays_its_fee(joined: Federation) -> None:
    joined.start()
    joined.equip(joined.investor)
    with refused("the opening period is not over"):
        join(joined, 0, 10**9)
    with mp.workdps(60):
        w, x, supply = part(joined, 1), joined.balances()[1], joined.pool.totalSupply()
        fee = mpf(joined.pool.swap_fee()) / WAD
        assert fee > mpf("0.89")
        gross = x * (1 - (1 - mpf(10**12) / supply) ** (1 / w))
        amount = leave(joined, 1, 10**12, joined.lp)
        assert amount == pytest.approx(float(gross * (1 - fee * (1 - w))), rel=1e-9)


def test_after_the_last_opening_only_proportional_exits_are_left(federation: Federation) -> None:
    shares = join(federation, 0, 10**9)
    for _ in range(federation.rounds - 1):
        federation.round()
    federation.scenario.open_round(sender=federation.federator)
    with refused("the last round has opened"):
        join(federation, 0, 10**9)
    with refused("the last round has opened"):
        leave(federation, 0, shares)
    federation.remove(federation.investor, shares)


def test_a_join_before_the_record_date_earns_and_one_after_does_not(federation: Federation) -> None:
    early = join(federation, 0, 10**9)
    federation.scenario.open_round(sender=federation.federator)
    federation.equip(federation.attacker, 10**12)
    join(federation, 0, 10**9, federation.attacker)
    federation.settle([1, 1, 1])
    whole = federation.pool.harvested_units()
    expected = whole * early / (10**15 + early)
    assert federation.pool.claimable(federation.investor) == pytest.approx(expected, rel=1e-4)
    assert federation.pool.claimable(federation.attacker) == 0


def test_exits_with_one_asset_leave_the_minimum_and_below_it_none_is_taken() -> None:
    federation = Federation(budget=12 * 10**6).open(1)
    federator = federation.equip(federation.federator, 10**9)
    with refused("the pool is almost empty"):
        while True:
            leave(federation, 0, federation.pool.totalSupply() // 50, federator)
    assert 10**6 <= federation.balances()[0] < 11 * 10**5
    # Proportional exits go below; then nobody joins with the numeraire alone, nor leaves with it.
    federation.remove(federation.lp, federation.pool.balanceOf(federation.lp))
    assert federation.balances()[0] < 10**6
    with refused("the pool is almost empty"):
        join(federation, 0, 10**5, federator)
    with refused("the pool is almost empty"):
        leave(federation, 0, 10**10, federator)
    federation.remove(federator, federation.pool.balanceOf(federator))
