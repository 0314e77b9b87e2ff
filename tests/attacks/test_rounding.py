"""First depositor, donation, dust joins, micro-swap ladders and loops: roundings are the pool's, at any fee
(the incidents of 2020 to 2026: V1 dust joins, 65 micro-swaps at 8 wei, Ocean's one-sided staking)."""

from fractions import Fraction
from typing import Any

import pytest
from onchain.thief import swap, wealth
from onchain.world import FOREVER, LOCKED_SHARES, WAD, Federation, refused

NO_FEE: dict[str, Any] = {"swap_fee": 0, "opening_period": 0}


def small(budget: int = 4 * 10**6) -> Federation:
    """The smallest federation: tokens of 10^9 units, half of them listed, and 10^6 units of numeraire.  A
    unit of a token is worth 0.002 units of the numeraire, or with a budget of 4 * 10^9 two."""
    federation = Federation(budget=budget, supply=10**9, listed=WAD // 2, **NO_FEE)
    federation.fund().join(2).deposit(10**6).start()
    federation.equip(federation.attacker)
    return federation


def emptied() -> Federation:
    """The least numeraire that an open market can be left with.  What its clients have not vested stays, and
    that is at least 2^-15 of the pool while the weights stay in their domain: 32 of 10^6 units, not 2."""
    federation = Federation(budget=20_000, rounds=2, schedule=[19_844, 156], **NO_FEE)
    federation.fund().join(1).deposit(10**6).start()
    federation.round()
    pool = federation.pool
    for holder in (federation.federator, federation.lp, *federation.clients):
        federation.remove(holder, pool.balanceOf(holder) - pool.unvested(holder))
    return federation


class TestFirstDepositor:
    def test_a_share_cannot_be_inflated_by_a_donation(self) -> None:
        """Own books: what is sent without a call belongs to nobody, least of all to the sender."""
        federation = small()
        attacker, pool = federation.attacker, federation.pool
        before = wealth(federation, attacker, federation.lp)
        others = wealth(federation, federation.lp)
        shares = federation.pool.totalSupply() // 10
        books = federation.balances()
        federation.numeraire.transfer(pool, 10**9, sender=attacker)
        assert federation.balances() == books
        federation.equip(attacker, tokens=federation.supply // 10)
        paid = federation.add(attacker, shares)
        back = federation.remove(attacker, shares)
        assert all(a <= b for a, b in zip(back, paid, strict=True))
        assert wealth(federation, federation.lp) >= others
        assert wealth(federation, attacker, federation.lp) > before - 10**9

    def test_the_victim_after_a_donation_loses_nothing(self) -> None:
        """The classic: deposit one unit, donate, let the victim's shares round to zero.  They do not."""
        federation = small()
        victim = federation.equip(federation.investor, tokens=federation.supply // 10)
        federation.numeraire.transfer(federation.pool, 10**9, sender=federation.attacker)
        before = wealth(federation, victim)
        amount = federation.balances()[0] // 10
        shares = federation.pool.add_single_asset(0, amount, 1, FOREVER, sender=victim)
        exact = federation.pool.totalSupply() * Fraction(1, 11)
        assert shares > 0
        assert shares < exact
        federation.pool.remove_single_asset(0, shares, 0, victim, FOREVER, sender=victim)
        assert before - wealth(federation, victim) <= 3

    def test_a_minimum_of_shares_stays_locked(self) -> None:
        """Nobody can ever own all shares: the pool holds the last ones itself, and cannot send them."""
        federation = Federation(**NO_FEE).open(3).mature()
        for holder in (federation.federator, federation.lp, *federation.clients):
            federation.remove(holder, federation.pool.balanceOf(holder))
        assert federation.pool.totalSupply() >= LOCKED_SHARES
        assert federation.pool.balanceOf(federation.pool) == federation.pool.totalSupply()


class TestDust:
    @pytest.mark.parametrize("share", [1, 3, 1000])
    def test_exact_shares_against_a_dust_balance(self, share: int) -> None:
        """Balancer V1's drain of 2026: mint exact shares against a balance of two units.  Here the least is
        32; each amount is rounded up, so that the joiner overpays by up to a unit of every asset."""
        federation = emptied()
        assert federation.balances()[0] == 32
        attacker = federation.equip(federation.attacker, tokens=10**16)
        start = wealth(federation, attacker)
        for _ in range(10):
            shares = federation.pool.totalSupply() * share // 1000 // 1000 + 1
            books, supply = federation.balances(), federation.pool.totalSupply()
            paid = federation.add(attacker, shares)
            for amount, balance in zip(paid, books, strict=True):
                assert amount * supply >= balance * shares
            federation.remove(attacker, shares)
        assert wealth(federation, attacker) <= start

    def test_a_single_asset_needs_a_real_balance(self) -> None:
        """No single-asset join or exit, and no swap, is priced against dust."""
        federation = emptied()
        attacker = federation.equip(federation.attacker, tokens=10**16)
        for amount in (1, 2, 10**6):
            with refused("the pool is almost empty"):
                federation.pool.add_single_asset(0, amount, 0, FOREVER, sender=attacker)
        shares = federation.pool.totalSupply() // 10
        federation.add(attacker, shares)
        with refused("the pool is almost empty"):
            federation.pool.remove_single_asset(0, shares, 0, attacker, FOREVER, sender=attacker)

    @pytest.mark.parametrize("asset", [0, 1])
    def test_the_smallest_single_asset_joins(self, asset: int) -> None:
        """65 joins of the fewest units that still mint a share, then out at once."""
        federation = small()
        attacker = federation.equip(federation.attacker, tokens=10**7)
        before = wealth(federation, attacker)
        shares = 0
        for amount in range(1, 66):
            shares += federation.pool.add_single_asset(asset, amount, 0, FOREVER, sender=attacker)
        federation.pool.remove_single_asset(asset, shares, 0, attacker, FOREVER, sender=attacker)
        assert wealth(federation, attacker) <= before

    def test_the_smallest_single_asset_exits(self) -> None:
        """65 exits, each for a few units of the numeraire."""
        federation = small()
        attacker = federation.equip(federation.attacker, tokens=10**7)
        before = wealth(federation, attacker)
        shares = federation.pool.add_single_asset(0, 1000, 0, FOREVER, sender=attacker)
        part = shares // 65
        while federation.pool.balanceOf(attacker) >= part:
            federation.pool.remove_single_asset(0, part, 0, attacker, FOREVER, sender=attacker)
        assert wealth(federation, attacker) <= before


class TestMicroSwaps:
    @pytest.mark.parametrize("amount", [8, 63])
    @pytest.mark.parametrize("pair", [(0, 1), (1, 0), (1, 2)])
    @pytest.mark.parametrize("budget", [4 * 10**6, 4 * 10**9])
    def test_65_swaps_at_8_wei(self, budget: int, pair: tuple[int, int], amount: int) -> None:
        """The ladder that took 125 million dollars of a stable pool in 2025, at no fee: there and back."""
        federation = small(budget)
        attacker = federation.equip(federation.attacker, tokens=10**7)
        before = wealth(federation, attacker)
        asset_in, asset_out = pair
        if asset_out == 0:
            # The market opens at its minimum of numeraire.
            federation.swap(attacker, 0, 1, 10**4)
        got = 0
        for _ in range(65):
            got += swap(federation, federation.pool, attacker, asset_in, asset_out, amount)
        if got:
            swap(federation, federation.pool, attacker, asset_out, asset_in, got)
        assert wealth(federation, attacker) <= before

    @pytest.mark.parametrize("asset_out", [0, 1])
    @pytest.mark.parametrize("budget", [4 * 10**6, 4 * 10**9])
    def test_exact_out_ladder_at_the_minimum_balance(self, budget: int, asset_out: int) -> None:
        """Reserves at the least that a trade may leave: ask for 1 to 65 units out, pay at least as much."""
        federation = small(budget)
        attacker = federation.equip(federation.attacker, tokens=10**7)
        before = wealth(federation, attacker)
        asset_in = 1 - asset_out
        if asset_out == 0:
            federation.swap(attacker, 0, 1, 10**4)
        got = 0
        for out in range(1, 66):
            federation.pool.swap_exact_out(
                asset_in, asset_out, out, FOREVER, attacker, FOREVER, sender=attacker
            )
            got += out
        swap(federation, federation.pool, attacker, asset_out, asset_in, got)
        assert wealth(federation, attacker) <= before

    def test_below_the_minimum_balance_nothing_leaves(self) -> None:
        federation = small()
        attacker = federation.equip(federation.attacker, tokens=10**7)
        with refused("the pool is almost empty"):
            federation.pool.swap_exact_out(1, 0, 1, FOREVER, attacker, FOREVER, sender=attacker)
        federation.swap(attacker, 0, 1, 1)
        # One unit is worth 500 units of the token.
        paid = federation.pool.swap_exact_out(1, 0, 1, FOREVER, attacker, FOREVER, sender=attacker)
        assert 500 <= paid <= 510


class TestLoops:
    @pytest.mark.parametrize("fee", [0, 3 * 10**15, 15 * 10**16])
    @pytest.mark.parametrize("times", [Fraction(1, 10), Fraction(3), Fraction(100)])
    @pytest.mark.parametrize("join", ["all", "single"])
    def test_join_buy_exit_sell(self, fee: int, times: Fraction, join: str) -> None:
        """Ocean's one-sided staking paid 57 a loop on a pool of 1000; a fee of 15 % did not stop it.  Join
        with a tenth to a hundred times the reserve, buy, leave, sell back; the smaller ones twice over."""
        federation = Federation(listed=5 * 10**15, swap_fee=fee, opening_period=0).open(2)
        attacker = federation.equip(federation.attacker, 10**15, tokens=federation.supply * 6 // 10)
        before = wealth(federation, attacker)
        for _ in range(1 if times > 10 else 2):
            stake = int(federation.pool.totalSupply() * times)
            if join == "all":
                federation.add(attacker, min(stake, affordable(federation, attacker)))
            else:
                join_single(federation, attacker, stake)
            bought = swap(federation, federation.pool, attacker, 0, 1, federation.balances()[0] // 5)
            leave(federation, attacker, join)
            swap(federation, federation.pool, attacker, 1, 0, bought)
        leave(federation, attacker, "all")
        assert wealth(federation, attacker) <= before


def affordable(federation: Federation, attacker: Any) -> int:
    """The most LP shares that the attacker's tokens can back."""
    supply, books = federation.pool.totalSupply(), federation.balances()[1:]
    held = [token.balanceOf(attacker) for token in federation.tokens]
    return min(have * supply // balance for have, balance in zip(held, books, strict=True))


def join_single(federation: Federation, attacker: Any, stake: int) -> None:
    """With the numeraire alone, in steps the caps allow, until `stake` shares are there."""
    while federation.pool.balanceOf(attacker) < stake:
        amount = federation.balances()[0] * 3 // 10
        federation.pool.add_single_asset(0, amount, 0, FOREVER, sender=attacker)


def leave(federation: Federation, attacker: Any, how: str) -> None:
    shares = federation.pool.balanceOf(attacker)
    if how == "all" and shares:
        federation.remove(attacker, shares)
    while how == "single" and (shares := federation.pool.balanceOf(attacker)) > 10**6:
        # At most 30 % of a balance a call: the sum of weights over the numeraire's is two.
        part = min(shares, federation.pool.totalSupply() // 8)
        federation.pool.remove_single_asset(0, part, 0, attacker, FOREVER, sender=attacker)
