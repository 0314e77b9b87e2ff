"""Trades around other people's trades: sandwiches, snipers at the opening, LPs that leave in it."""

from fractions import Fraction
from typing import Any

import pytest
from onchain.thief import fair_price, swap, wealth
from onchain.world import FOREVER, WAD, Federation, refused

VICTIM = 5 * 10**9


def sandwich(federation: Federation, attacker: Any, victim: Any, least: int) -> None:
    """Buy before the victim, sell after it; the victim's minimum may refuse its own trade."""
    front = federation.swap(attacker, 0, 1, VICTIM)
    if least:
        with refused("below the minimum"):
            federation.swap(victim, 0, 1, VICTIM, min_amount_out=least)
    else:
        federation.swap(victim, 0, 1, VICTIM)
    federation.swap(attacker, 1, 0, front)


class TestSandwich:
    @pytest.fixture(params=[0, 3 * 10**15])
    def federation(self, request: Any) -> Federation:
        federation = Federation(swap_fee=request.param).open(3)
        federation.equip(federation.attacker)
        federation.equip(federation.investor)
        return federation

    def test_against_a_minimum(self, federation: Federation) -> None:
        """The victim's trade does not happen, the attacker has paid two fees."""
        before = federation.numeraire.balanceOf(federation.attacker)
        quote = federation.pool.quote_exact_in(0, 1, VICTIM)
        sandwich(federation, federation.attacker, federation.investor, quote * 99 // 100)
        assert federation.numeraire.balanceOf(federation.attacker) <= before

    def test_without_a_minimum(self, federation: Federation) -> None:
        """Bound: what the attacker wins is what the victim would have got more for its money, at the price
        after the attacker's own purchase; never more than the victim's slippage."""
        before = federation.numeraire.balanceOf(federation.attacker)
        quote = federation.pool.quote_exact_in(0, 1, VICTIM)
        sandwich(federation, federation.attacker, federation.investor, 0)
        got = federation.tokens[0].balanceOf(federation.investor)
        profit = federation.numeraire.balanceOf(federation.attacker) - before
        slippage = Fraction(quote - got) * VICTIM / got
        assert slippage > 0
        assert profit <= slippage

    def test_within_a_minimum_the_prize_is_the_tolerance(self, federation: Federation) -> None:
        """Bound: a victim that tolerates 1 % can lose 1 %, and at a fee above it the attacker loses."""
        tolerance = Fraction(1, 100)
        quote = federation.pool.quote_exact_in(0, 1, VICTIM)
        before = federation.numeraire.balanceOf(federation.attacker)
        size = VICTIM // 32
        front = federation.swap(federation.attacker, 0, 1, size)
        federation.swap(federation.investor, 0, 1, VICTIM, min_amount_out=int(quote * (1 - tolerance)))
        federation.swap(federation.attacker, 1, 0, front)
        assert federation.numeraire.balanceOf(federation.attacker) - before <= VICTIM * tolerance

    def test_a_join_around_a_trade_earns_less_than_its_fee(self, federation: Federation) -> None:
        """Just-in-time liquidity: bound, the swap fee of the trade it served (an LP's due, not theft), and
        nothing where there is no fee."""
        attacker = federation.equip(federation.attacker, tokens=federation.supply // 10)
        before = wealth(federation, attacker)
        shares = federation.pool.totalSupply() // 4
        federation.add(attacker, shares)
        federation.swap(federation.investor, 0, 1, VICTIM)
        federation.swap(federation.investor, 1, 0, federation.tokens[0].balanceOf(federation.investor))
        federation.remove(attacker, shares)
        assert wealth(federation, attacker) - before <= 2 * VICTIM * federation.swap_fee // WAD


def news(federation: Federation, factor: int) -> Fraction:
    """What a token of the client with index 0 is worth after public news: `factor` times the prior price."""
    return fair_price(federation) * factor


def take(federation: Federation, sniper: Any, value: Fraction) -> tuple[Fraction, int]:
    """Buy token 0 in small steps while a unit costs less than it is worth; profit at that value, and cost."""
    paid, got = 0, 0
    step = federation.balances()[0] // 200
    while True:
        out = federation.pool.quote_exact_in(0, 1, step)
        if step >= out * value:
            return got * value - paid, paid
        paid += step
        got += federation.swap(sniper, 0, 1, step)


class TestOpeningFee:
    def start(self, **terms: Any) -> Federation:
        federation = Federation(**terms).fund().join(10).deposit().start()
        federation.equip(federation.attacker)
        federation.equip(federation.investor)
        return federation

    def test_the_first_bot_gets_nothing(self) -> None:
        """News worth four times the prior price at the opening: at a fee of 90 % nothing is bought."""
        federation = self.start()
        profit, paid = take(federation, federation.attacker, news(federation, 4))
        assert profit <= 0
        assert paid == 0

    def test_without_the_opening_fee_the_first_bot_gets_it_all(self) -> None:
        """Stated size, for a token that is a tenth of the tokens' value, from p to 4p, of value V listed: on
        a constant mean with w_0 = 10 w_1 the trade to price ratio r moves x_0 by r^(1/11) and x_1 by
        r^(-10/11); profit = V (4 (1 - r^(-10/11)) - 10 (r^(1/11) - 1))."""
        federation = self.start(opening_period=0, swap_fee=0)
        profit, _ = take(federation, federation.attacker, news(federation, 4))
        value = federation.listed_amount * fair_price(federation)
        expected = value * (4 * (1 - 4 ** (-10 / 11)) - 10 * (4 ** (1 / 11) - 1))
        assert profit > 0
        assert profit == pytest.approx(float(expected), rel=0.05)

    def test_competing_bots_leave_it_to_the_pool(self) -> None:
        """Two snipers who both know, a minute apart: whoever waits is too late, so each takes what is worth
        anything at the fee of the minute; together they win a tenth of what the first bot won."""
        federation = self.start()
        value = news(federation, 4)
        profit = Fraction(0)
        for minute in range(61):
            sniper = (federation.attacker, federation.investor)[minute % 2]
            profit += take(federation, sniper, value)[0]
            federation.pass_time(60)
        free = self.start(opening_period=0, swap_fee=0)
        whole, _ = take(free, free.attacker, news(free, 4))
        assert profit < whole / 10

    def test_a_monopolist_can_wait(self) -> None:
        """Bound, not a defence: a single informed trader waits the period out and takes what the plain
        opening would have given it, less the normal fee."""
        federation = self.start()
        federation.pass_time(federation.opening_period)
        profit, paid = take(federation, federation.attacker, news(federation, 4))
        free = self.start(opening_period=0, swap_fee=0)
        whole, _ = take(free, free.attacker, news(free, 4))
        assert whole * Fraction(9, 10) < profit < whole
        assert paid > 0

    def test_nobody_joins_for_the_opening_fees(self) -> None:
        """They belong to those who opened the market."""
        federation = self.start()
        for call in (
            lambda: federation.add(federation.attacker, 10**9),
            lambda: federation.pool.add_single_asset(0, 10**9, 0, FOREVER, sender=federation.attacker),
        ):
            with refused("the opening period is not over"):
                call()

    @pytest.mark.parametrize("minutes", [0, 20, 50])
    def test_an_lp_cannot_leave_around_the_opening_fee(self, minutes: int) -> None:
        """An exit into the one token that the news is about is a purchase: it pays the fee in force, and
        gives no more of the token than leaving proportionally and buying it with the numeraire of the
        exit."""
        single, plain = self.start(), self.start()
        for federation in (single, plain):
            federation.pass_time(60 * minutes)
        shares = single.pool.balanceOf(single.lp) // 20
        got = single.pool.remove_single_asset(1, shares, 0, single.lp, FOREVER, sender=single.lp)
        for token in plain.tokens:
            token.approve(plain.pool, FOREVER, sender=plain.lp)
        plain.numeraire.approve(plain.pool, FOREVER, sender=plain.lp)
        amounts = plain.remove(plain.lp, shares)
        bought = amounts[1] + swap(plain, plain.pool, plain.lp, 0, 1, amounts[0])
        for asset in range(2, len(amounts)):
            bought += swap(plain, plain.pool, plain.lp, asset, 1, amounts[asset])
        # The single exit pays once on the whole; trading it out pays once too.
        assert got <= bought * Fraction(1001, 1000)
        own = amounts[1]
        assert got - own <= (bought - own) * Fraction(1001, 1000)

    def test_an_lp_that_leaves_in_it_pays_for_the_unbalanced_part(self) -> None:
        """At the opening 90 % of the nine tenths and more that are not the token itself stay in the pool; an
        eighth of that is the LP's own, by the shares it keeps."""
        federation = self.start()
        before = wealth(federation, federation.lp)
        shares = federation.pool.balanceOf(federation.lp) // 20
        value = Fraction(shares, federation.pool.totalSupply()) * 2 * federation.balances()[0]
        federation.pool.remove_single_asset(1, shares, 0, federation.lp, FOREVER, sender=federation.lp)
        lost = before - wealth(federation, federation.lp)
        assert lost > value * Fraction(9, 10) * Fraction(9, 10) * Fraction(7, 8)
