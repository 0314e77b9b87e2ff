"""The federator against holders: what its word on the scores can move, and what that costs it."""

from fractions import Fraction
from typing import Any

import boa
import pytest
from onchain.thief import fair_price, wealth
from onchain.world import DAY, EVIDENCE, NO_EVIDENCE, WAD, Federation, packed, refused

N = 10
COURT: dict[str, Any] = {"challenge_window": DAY, "ruling_period": DAY}


def led(bond: int = 0, **terms: Any) -> Federation:
    """Ten clients; the numeraire is the LP's, so that the federator's purse shows its own doing alone."""
    federation = Federation(bond=bond, **terms).fund().join(N)
    amount = federation.budget * federation.listed // WAD
    federation.grant(federation.lp, amount)
    federation.scenario.deposit_numeraire(amount, sender=federation.lp)
    federation.start()
    federation.pass_time(federation.opening_period)
    federation.equip(federation.federator)
    return federation


def shares(first: int) -> list[int]:
    """Scores of which the client with index 0 gets `first` per mille and the others the rest."""
    scores = [first * 9] + [1000 - first] * (N - 1)
    return scores if sum(scores) else [0] * N


def purse(federation: Federation) -> Fraction:
    """The federator's wealth with its bond."""
    return wealth(federation, federation.federator) + federation.challenges.bond()


class TestTrainsBeforeItOpens:
    def test_it_knows_the_scores_at_the_record_date(self) -> None:
        """Private information.  Bound: the score's excess over the fair share, at most (cap - 1) / n of the
        pot, on the tokens that it bought before."""
        federation = led()
        federator = federation.federator
        before = wealth(federation, federator)
        bought = federation.swap(federator, 0, 1, 2 * 10**9)
        pot = federation.budget // federation.rounds
        federation.round(shares(400))
        federation.swap(federator, 1, 0, bought)
        profit = wealth(federation, federator) - before
        excess = (federation.score_cap // WAD - 1) * Fraction(pot, N)
        assert 0 < profit <= excess * bought / federation.supply

    def test_without_knowing_it_loses(self) -> None:
        federation = led()
        before = wealth(federation, federation.federator)
        bought = federation.swap(federation.federator, 0, 1, 2 * 10**9)
        federation.round()
        federation.swap(federation.federator, 1, 0, bought)
        assert wealth(federation, federation.federator) < before

    def test_the_training_time_cannot_be_skipped(self) -> None:
        """Scores that are ready are not accepted before the training time is over; the hash of the block that
        opened the round, which every signed update includes, is checked off-chain."""
        federation = led(training_time=DAY)
        federation.scenario.open_round(sender=federation.federator)
        federation.pass_time(DAY - 10)
        with refused("the training time is not over"):
            federation.submit(shares(400))
        federation.pass_time(10)
        federation.submit(shares(400))


class TestWithholdsBadScores:
    def withheld(self, share: int, bond: int) -> tuple[Fraction, int]:
        """The federator holds what a client did not list; after a round that paid it `share` per mille the
        client fails.  What withholding gives against scoring it nothing, and the pot."""
        purses = []
        for honest in (True, False):
            with boa.env.anchor():
                federation = led(bond)
                federation.tokens[0].transfer(
                    federation.federator,
                    federation.supply - federation.listed_amount,
                    sender=federation.clients[0],
                )
                federation.round(shares(share))
                federation.scenario.open_round(sender=federation.federator)
                pot = federation.scenario.pot()
                if honest:
                    federation.settle(shares(0))
                else:
                    federation.pass_time(federation.round_deadline)
                    federation.scenario.finalize_without_scores(2, sender=federation.attacker)
                purses.append(purse(federation))
        return purses[1] - purses[0], pot

    def test_of_a_client_with_a_fair_share_it_costs_more_than_it_gives(self) -> None:
        """The slice is a quarter of the pot; a tenth of pot and slice is what the client gets of it."""
        profit, pot = self.withheld(100, 10**12)
        assert profit < 0
        assert profit == pytest.approx(
            float(pot * (Fraction(1, 10) * Fraction(5, 4) * 4 / 5 - Fraction(1, 4))), rel=1e-3
        )

    @pytest.mark.parametrize("share", [200, 400])
    def test_of_a_client_that_earned_most_so_far_it_is_bounded(self, share: int) -> None:
        """Bound, on the federator's word: with h of the rewards so far in its hands withholding gives
        (5 h - 1) / 4 of the pot: a gain only above a fifth, at most a quarter of the pot at the cap of
        4/10."""
        profit, pot = self.withheld(share, 10**12)
        held = Fraction(share, 1000) * 4 / 5
        assert profit <= pot * (5 * held - 1) / 4 + 2
        assert profit < pot / 4

    def test_without_a_bond_it_is_free(self) -> None:
        """Bound: the whole fallback share of what it holds; the tools say that a bond of nothing deters
        nobody."""
        profit, pot = self.withheld(100, 0)
        assert 0 < profit <= pot * Fraction(1, 10) * 4 / 5 + 2


class TestScoresItsSockPuppet:
    def test_the_cap_bounds_what_it_can_pay_itself(self) -> None:
        """Bound: cap / n of every pot, here 4/10 of the budget, whatever it submits."""
        federation = led()
        puppet = federation.clients[0]
        before = wealth(federation, puppet)
        fair = federation.budget // N
        while federation.clock()[1]:
            federation.scenario.open_round(sender=federation.federator)
            with refused("score above the cap"):
                federation.submit(shares(401))
            federation.settle(shares(400))
        gained = wealth(federation, puppet) - before
        assert 0 < gained <= federation.budget * federation.score_cap // WAD // N - fair

    def test_the_arbiter_takes_it_back_and_the_bond_pays(self) -> None:
        """With a window: a holder challenges, the arbiter replaces.  The federator loses the challenge bond
        twice, to the challenger and to the pot, and its puppet gets its fair share."""
        federation = led(10**11, **COURT)
        before = purse(federation) + wealth(federation, federation.clients[0])
        federation.scenario.open_round(sender=federation.federator)
        words = packed(shares(400))
        federation.submit(shares(400))
        bond = federation.challenge(federation.clients[1])
        federation.pass_time(DAY)
        fair = packed([1] * N)
        federation.challenges.replace_scores(1, fair, EVIDENCE, sender=federation.arbiter_account)
        with refused("not the scores of the round"):
            federation.scenario.finalize_round(1, words)
        federation.scenario.finalize_round(1, fair)
        lost = before - purse(federation) - wealth(federation, federation.clients[0])
        assert lost == pytest.approx(2 * bond - bond / N, rel=0.01)
        challenger = federation.clients[1]
        assert federation.challenges.withdraw_challenge_bond(1, challenger) == 2 * bond


class TestChallengesItselfFirst:
    @pytest.mark.parametrize(
        "bonds", [Fraction(1, 2), Fraction(1), Fraction(3, 2), Fraction(2), Fraction(10)]
    )
    def test_the_pots_part_is_lost_while_the_bond_lasts(self, bonds: Fraction) -> None:
        """A puppet challenges before anybody else, so that the compensation stays in the house.  Bound: the
        federator still loses as much as a challenge bond to the pot, or all of its own bond."""
        pot = 25 * 10**10
        one = pot // 20
        federation = led(int(one * bonds), **COURT)
        puppet = boa.env.generate_address("puppet of the federator")
        federation.tokens[1].transfer(puppet, 1, sender=federation.clients[1])
        federation.grant(puppet, 10**12)

        def house() -> Fraction:
            return purse(federation) + federation.numeraire.balanceOf(puppet)

        federation.scenario.open_round(sender=federation.federator)
        federation.submit(shares(400))
        start = house()
        federation.numeraire.approve(federation.challenges, 10**12, sender=puppet)
        federation.challenges.challenge(1, 2, EVIDENCE, sender=puppet)
        second = federation.challenge(federation.clients[2])
        federation.pass_time(DAY)
        fair = packed([1] * N)
        federation.challenges.replace_scores(1, fair, EVIDENCE, sender=federation.arbiter_account)
        federation.scenario.finalize_round(1, fair)
        for challenger in (puppet, federation.clients[2]):
            federation.challenges.withdraw_challenge_bond(1, challenger)
        lost = start - house()
        assert lost == pytest.approx(float(min(second, one * bonds)), abs=2)


class TestTheArbiter:
    def test_silence_costs_nobody_anything(self) -> None:
        federation = led(10**11, **COURT)
        federation.scenario.open_round(sender=federation.federator)
        words = packed(shares(400))
        federation.submit(shares(400))
        challenger = federation.clients[1]
        bond = federation.challenge(challenger)
        start = federation.numeraire.balanceOf(challenger)
        federation.pass_time(2 * DAY)
        federation.scenario.finalize_round(1, words)
        federation.challenges.withdraw_challenge_bond(1, challenger)
        assert federation.numeraire.balanceOf(challenger) == start + bond
        assert federation.challenges.bond() == 10**11

    def test_one_that_upholds_what_is_false_costs_the_challengers_their_bonds(self) -> None:
        """Bound, on the arbiter's word: the bonds they chose to post, and nothing of anybody else's."""
        federation = led(10**11, **COURT)
        federation.scenario.open_round(sender=federation.federator)
        federation.submit(shares(400))
        bonds = sum(federation.challenge(client) for client in federation.clients[1:3])
        federation.pass_time(DAY)
        before = purse(federation)
        held = [wealth(federation, client) for client in federation.clients]
        federation.challenges.uphold_scores(1, sender=federation.arbiter_account)
        federation.challenges.withdraw_bond()
        assert purse(federation) - before == bonds
        assert [wealth(federation, client) for client in federation.clients] == held

    def test_a_budget_can_not_be_reached_through_it(self) -> None:
        """Rulings move shares of the open pot and bonds; the escrow is untouched."""
        federation = led(10**11, **COURT)
        federation.scenario.open_round(sender=federation.federator)
        federation.submit(shares(400))
        federation.challenge(federation.clients[1])
        federation.pass_time(DAY)
        price = fair_price(federation)
        with refused("score above the cap"):
            federation.challenges.replace_scores(
                1, packed([1] + [0] * 9), NO_EVIDENCE, sender=federation.arbiter_account
            )
        federation.challenges.replace_scores(
            1, packed(shares(0)), EVIDENCE, sender=federation.arbiter_account
        )
        assert fair_price(federation) == price
