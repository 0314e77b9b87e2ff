"""Clients against their own investors: sell everything at once, and every way around what they must keep."""

from fractions import Fraction

import boa
import pytest
from onchain.thief import pools, swap, wealth
from onchain.world import FOREVER, WAD, Federation, refused

RETAINED = WAD // 5


def dumped(federation: Federation, sellers: int) -> Fraction:
    """The first clients sell all they may; the part of the pool's numeraire that they leave with."""
    start = federation.balances()[0]
    for k in range(sellers):
        client, token = federation.clients[k], federation.tokens[k]
        token.approve(federation.pool, FOREVER, sender=client)
        free = token.balanceOf(client) - token.retained(client)
        swap(federation, federation.pool, client, k + 1, 0, free)
        with refused("the client has to keep this part"):
            token.transfer(boa.env.generate_address(), 10**6, sender=client)
    return 1 - Fraction(federation.balances()[0], start)


class TestSellEverything:
    @pytest.mark.parametrize(
        ("listed", "sellers", "bound"), [(20, 1, 13), (20, 3, 34), (60, 1, 3), (60, 3, 8)]
    )
    def test_what_worthless_clients_can_take(self, listed: int, sellers: int, bound: int) -> None:
        """Bound of DESIGN section 4, for clients whose data are worth nothing: with ten clients that list l
        and keep r = 20 %, a client sells its 1 - l - r into l, so the token's balance grows by the factor
        g = (1 - r) / l and the numeraire falls by g^(-w_k / w_0) = g^(-1/10) each: 13 and 34 % of the
        numeraire for one and three of ten at 20 % listed, 3 and 8 % at 60 %."""
        federation = Federation(listed=listed * WAD // 100, retained=RETAINED, swap_fee=0).open(10)
        taken = dumped(federation, sellers)
        growth = Fraction(80, listed)
        assert taken == pytest.approx(1 - float(growth) ** (-sellers / 10), rel=1e-6)
        assert round(float(taken) * 100) == bound

    def test_the_fee_only_lowers_it(self) -> None:
        federation = Federation(retained=RETAINED).open(10)
        assert dumped(federation, 1) < Fraction(13, 100)

    def test_a_client_worth_the_average_gains_nothing_by_it(self) -> None:
        """At fair value every sale is below what is given up."""
        federation = Federation(retained=RETAINED, swap_fee=0).open(10)
        before = wealth(federation, federation.clients[0])
        dumped(federation, 1)
        assert wealth(federation, federation.clients[0]) <= before


class TestRetention:
    """What a client keeps it keeps, by whatever road it tries to leave."""

    @pytest.fixture
    def federation(self) -> Federation:
        federation = Federation(retained=RETAINED).open(3)
        federation.equip(federation.clients[0])
        client, token = federation.clients[0], federation.tokens[0]
        token.transfer(federation.lp, token.balanceOf(client) - RETAINED, sender=client)
        assert token.balanceOf(client) == token.retained(client) == RETAINED
        return federation

    def test_by_transfer_and_to_itself(self, federation: Federation) -> None:
        client, token = federation.clients[0], federation.tokens[0]
        for receiver in (federation.attacker, client, federation.pool):
            with refused("the client has to keep this part"):
                token.transfer(receiver, 1, sender=client)

    def test_by_an_accomplice_with_an_allowance(self, federation: Federation) -> None:
        client, token = federation.clients[0], federation.tokens[0]
        token.approve(federation.attacker, FOREVER, sender=client)
        with refused("the client has to keep this part"):
            token.transferFrom(client, federation.attacker, 1, sender=federation.attacker)

    def test_by_the_pool(self, federation: Federation) -> None:
        """Sales, joins with one asset and joins with all of them pull from the client like anybody else."""
        client, pool = federation.clients[0], federation.pool
        for k in (1, 2):
            federation.tokens[k].transfer(client, federation.supply // 10, sender=federation.clients[k])
        with refused("the client has to keep this part"):
            federation.swap(client, 1, 0, 10**12)
        with refused("the client has to keep this part"):
            pool.add_single_asset(1, 10**12, 0, FOREVER, sender=client)
        with refused("the client has to keep this part"):
            federation.add(client, pool.totalSupply() // 100)

    def test_by_buying_and_selling_more(self, federation: Federation) -> None:
        """What it buys it may sell; what it keeps stays."""
        client, token = federation.clients[0], federation.tokens[0]
        bought = federation.swap(client, 0, 1, 10**9)
        federation.swap(client, 1, 0, bought)
        with refused("the client has to keep this part"):
            federation.swap(client, 1, 0, 10**12)
        assert token.balanceOf(client) == RETAINED

    def test_by_listing_twice_or_registering_another_address(self) -> None:
        """A second address is another client, where the allow-list lets it in: its tokens are its own."""
        federation = Federation(retained=RETAINED, open_registration=False).fund()
        client, other = boa.env.generate_address("client"), federation.attacker
        federation.scenario.allow_clients([client], [], sender=federation.federator)
        federation.scenario.join(True, sender=client)
        with refused("already joined"):
            federation.scenario.join(False, sender=client)
        with refused("already deposited"):
            federation.scenario.deposit_tokens(sender=client)
        with refused("not on the allow-list"):
            federation.scenario.join(False, sender=other)

    def test_by_depositing_and_withdrawing(self) -> None:
        """Before the market opens: a deposit that comes back is retained as before."""
        federation = Federation(retained=WAD * 8 // 10).fund().join(1)
        client, token = federation.clients[0], federation.tokens[0]
        with refused("the client has to keep this part"):
            token.transfer(federation.attacker, 1, sender=client)
        federation.scenario.withdraw_tokens(sender=client)
        token.transfer(federation.attacker, federation.listed_amount, sender=client)
        token.approve(federation.scenario, FOREVER, sender=client)
        with refused("the client has to keep this part"):
            federation.scenario.deposit_tokens(sender=client)

    def test_it_falls_with_the_schedule_and_only_with_it(self, federation: Federation) -> None:
        client, token = federation.clients[0], federation.tokens[0]
        federation.pass_time(federation.round_gap // 2)
        assert token.retained(client) == RETAINED
        for left in (3, 2, 1, 0):
            federation.round()
            assert token.retained(client) == RETAINED * left // 4

    def test_late_joiners_keep_as_large_a_part_of_what_is_left(self) -> None:
        """Joined half-way: the whole retained part at first, nothing at maturity."""
        federation = Federation(retained=RETAINED, late_joins=True).open(3)
        federation.round()
        federation.round()
        joiner = boa.env.generate_address("late joiner")
        token = federation.join_late(joiner, liquidity=10**9)
        assert token.retained(joiner) == RETAINED
        with refused("the client has to keep this part"):
            token.transfer(federation.attacker, token.balanceOf(joiner) - RETAINED + 1, sender=joiner)
        federation.mature()
        assert token.retained(joiner) == 0


class TestVesting:
    """The LP shares of a listing are tokens that were sold for nothing yet: they vest like what is
    retained."""

    @pytest.fixture
    def federation(self) -> Federation:
        federation = Federation(retained=RETAINED).open(3)
        federation.equip(federation.clients[0])
        return federation

    def test_by_exit_transfer_and_allowance(self, federation: Federation) -> None:
        client, pool = federation.clients[0], federation.pool
        pool.approve(federation.attacker, FOREVER, sender=client)
        attempts = (
            lambda: federation.remove(client, 10**6),
            lambda: pool.remove_single_asset(0, 10**9, 0, client, FOREVER, sender=client),
            lambda: pool.transfer(federation.attacker, 1, sender=client),
            lambda: pool.transfer(client, 1, sender=client),
            lambda: pool.transferFrom(client, federation.attacker, 1, sender=federation.attacker),
        )
        for attempt in attempts:
            with refused("shares not vested yet"):
                attempt()
        federation.round()
        free = pool.balanceOf(client) - pool.unvested(client)
        assert free == pytest.approx(pool.balanceOf(client) / 4, rel=1e-6)
        federation.remove(client, free)

    def test_by_adding_shares_that_do_not_vest(self, federation: Federation) -> None:
        """Bought shares leave, the listing's stay: they cannot be swapped for each other."""
        client, pool = federation.clients[0], federation.pool
        bound = pool.balanceOf(client)
        shares = pool.add_single_asset(0, 10**9, 0, FOREVER, sender=client)
        pool.transfer(federation.attacker, shares, sender=client)
        with refused("shares not vested yet"):
            pool.transfer(federation.attacker, 1, sender=client)
        assert pool.unvested(client) == pool.balanceOf(client) == bound

    def test_a_late_joiners_own_pool(self) -> None:
        """Its numeraire is its own at any time; its listing vests with what is left of the schedule."""
        federation = Federation(late_joins=True).open(3)
        federation.round()
        joiner = boa.env.generate_address("late joiner")
        federation.join_late(joiner, liquidity=federation.budget // 20)
        own = pools(federation)[1]
        free = own.balanceOf(joiner) - own.unvested(joiner)
        assert 0 < free < own.balanceOf(joiner)
        own.transfer(federation.attacker, free, sender=joiner)
        with refused("shares not vested yet"):
            own.transfer(federation.attacker, 1, sender=joiner)

    def test_no_listing_leaves_before_its_time_with_more_than_its_part(self, federation: Federation) -> None:
        """After every round: what has left so far is at most the opened part of the schedule."""
        client, pool = federation.clients[0], federation.pool
        whole, gone = pool.balanceOf(client), 0
        for opened in range(1, 4):
            federation.round()
            free = pool.balanceOf(client) - pool.unvested(client)
            with refused("shares not vested yet"):
                federation.remove(client, free + 1)
            federation.remove(client, free)
            gone += free
            assert gone <= whole * opened // 4 + 1
