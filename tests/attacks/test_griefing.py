"""Making others wait or pay gas: what a griefer can do at most, and that nobody's payout is ever blocked."""

from typing import Any

import boa
import pytest
from onchain.thief import pools
from onchain.world import DAY, Federation, packed, refused

# EIP-7825: the most gas that one transaction may use.
TRANSACTION_GAS = 16_777_216


def gas(contract: Any) -> int:
    """What the contract's last call used, without the 21,000 and the calldata of the transaction."""
    return int(contract._computation.get_gas_used())


class TestAFederatorThatVanishes:
    def test_strangers_pay_everybody_out(self) -> None:
        """No round is ever scored; strangers open, finalise and claim.  All of the budget and of the bond's
        slices reach the holders, and nothing but dust is left."""
        federation = Federation(bond=5 * 10**11).open(3)
        stranger = federation.attacker
        while federation.clock()[1]:
            with refused("not the federator, not overdue"):
                federation.scenario.open_round(sender=stranger)
            federation.pass_time(federation.round_gap)
            number = federation.scenario.open_round(sender=stranger)
            with refused("the deadline has not passed"):
                federation.scenario.finalize_without_scores(number, sender=stranger)
            federation.pass_time(federation.round_deadline)
            federation.scenario.finalize_without_scores(number, sender=stranger)
        sliced = federation.budget // 4
        assert federation.challenges.bond() == federation.bond - sliced
        holders = [federation.federator, federation.lp, *federation.clients]
        sources = [federation.pool.address, *(token.address for token in federation.tokens)]
        federation.orchestrator.claim_many(sources, holders, sender=stranger)
        assert federation.numeraire.balanceOf(stranger) == 0
        assert federation.budget + sliced - federation.scenario.paid() < 2000
        federation.challenges.withdraw_bond(sender=stranger)
        for holder in holders:
            federation.remove(holder, federation.pool.balanceOf(holder))

    def test_in_the_middle_of_a_challenge(self) -> None:
        """Scores are submitted and challenged, then federator and arbiter are gone: bonds return, the round
        is paid, and the next one opens by itself."""
        federation = Federation(bond=10**11, challenge_window=DAY, ruling_period=DAY).open(3)
        federation.scenario.open_round(sender=federation.federator)
        federation.submit([1, 1, 1])
        federation.challenge(federation.clients[0])
        with refused("open to challenge"):
            federation.scenario.finalize_round(1, packed([1, 1, 1]))
        federation.pass_time(2 * DAY)
        federation.scenario.finalize_round(1, packed([1, 1, 1]), sender=federation.attacker)
        federation.challenges.withdraw_challenge_bond(1, federation.clients[0], sender=federation.attacker)
        federation.pass_time(federation.round_gap)
        assert federation.scenario.open_round(sender=federation.attacker) == 2


class TestEndlessChallenges:
    def test_each_round_waits_no_longer_than_window_and_ruling(self) -> None:
        """Bound: window plus ruling period a round, and a bond each that the arbiter can take."""
        federation = Federation(bond=10**11, challenge_window=DAY, ruling_period=DAY).open(3)
        griefers = [boa.env.generate_address(f"griefer {k}") for k in range(8)]
        for griefer in griefers:
            federation.tokens[0].transfer(griefer, 1, sender=federation.clients[0])
        lost = 0
        while federation.clock()[1]:
            number = federation.scenario.open_round(sender=federation.federator)
            words = packed([1, 2, 1])
            federation.submit([1, 2, 1])
            bonds = [federation.challenge(griefer, 1) for griefer in griefers]
            with refused("already challenged"):
                federation.challenge(griefers[0], 1)
            assert min(bonds) >= federation.scenario.pot() // 20
            federation.pass_time(DAY)
            with refused("the challenge window is closed"):
                federation.challenge(federation.clients[1])
            if number % 2:
                federation.challenges.uphold_scores(number, sender=federation.arbiter_account)
                lost += sum(bonds)
            else:
                federation.pass_time(DAY)
            federation.scenario.finalize_round(number, words)
        assert federation.challenges.forfeited() == lost

    def test_whoever_holds_nothing_cannot(self) -> None:
        federation = Federation(bond=10**11, challenge_window=DAY, ruling_period=DAY).open(3)
        federation.scenario.open_round(sender=federation.federator)
        federation.submit([1, 2, 1])
        for asset in (0, 1):
            with refused("neither a client nor a holder"):
                federation.challenge(federation.attacker, asset)
        federation.challenge(federation.lp)


class TestDustClaims:
    def test_claiming_for_others_every_round_takes_nothing_from_them(self) -> None:
        """Rounding cannot be farmed: a claim a round pays in sum what one claim at the end pays."""
        paid = []
        for often in (True, False):
            with boa.env.anchor():
                federation = Federation(budget=4 * 10**7 + 3, rounds=7).open(3)
                victim = boa.env.generate_address("victim")
                federation.tokens[0].transfer(victim, 123_456_789_012_345, sender=federation.clients[0])
                while federation.clock()[1]:
                    federation.round([1, 2, 3])
                    if often:
                        federation.tokens[0].claim_for(victim, sender=federation.attacker)
                        federation.tokens[0].claim_for(victim, sender=federation.attacker)
                federation.tokens[0].claim_for(victim, sender=federation.attacker)
                paid.append(federation.numeraire.balanceOf(victim))
        assert paid[0] == paid[1] > 0

    def test_a_majority_cannot_take_it_all_by_rounding(self) -> None:
        """Holders of the smallest parts lose less than a unit each, in all rounds together."""
        federation = Federation(budget=10**7, rounds=4).open(3)
        holders = [boa.env.generate_address(f"holder {k}") for k in range(10)]
        part = federation.supply // 1000
        for holder in holders:
            federation.tokens[0].transfer(holder, part, sender=federation.clients[0])
        federation.mature()
        given = federation.scenario.history(0, 4) * federation.scenario.quantum()
        for holder in holders:
            claimed = federation.tokens[0].claim_for(holder, sender=federation.attacker)
            assert given * part - federation.supply < claimed * federation.supply <= given * part


class TestManyClients:
    def test_64_clients_fit_into_a_transaction(self) -> None:
        """Opening the market with 64 clients stays below seven tenths of what one transaction may use,
        scoring and paying them below a twentieth."""
        federation = Federation().fund().join(64).deposit()
        federation.start()
        assert gas(federation.scenario) < TRANSACTION_GAS * 7 // 10
        federation.pass_time(federation.opening_period)
        scores = list(range(64))
        words = packed(scores)
        federation.scenario.open_round(sender=federation.federator)
        federation.submit(scores)
        assert gas(federation.scenario) < TRANSACTION_GAS // 100
        federation.scenario.finalize_round(1, words)
        assert gas(federation.scenario) < TRANSACTION_GAS // 20

    def test_63_late_pools_block_nobody(self) -> None:
        """Every late joiner has a pool of its own, and each payment visits all: it stays below a fifth of a
        transaction, and the first client is paid as ever."""
        federation = Federation(budget=10**10, late_joins=True, opening_period=0).open(1)
        for k in range(63):
            federation.join_late(boa.env.generate_address(f"late {k}"), liquidity=10**7)
        with refused("the federation is full"):
            federation.join_late(federation.attacker)
        assert len(pools(federation)) == 64
        federation.scenario.open_round(sender=federation.federator)
        federation.submit([1] * 64)
        federation.scenario.finalize_round(1, packed([1] * 64))
        assert gas(federation.scenario) < TRANSACTION_GAS // 5
        assert federation.tokens[0].claim(sender=federation.clients[0]) > 0
        federation.scenario.open_round(sender=federation.federator)
        federation.pass_time(federation.round_deadline)
        federation.scenario.finalize_without_scores(2)
        assert gas(federation.scenario) < TRANSACTION_GAS // 5

    def test_a_claim_that_fails_is_passed_over(self) -> None:
        """`claim_many` with garbage among its sources pays whom it can."""
        federation = Federation().open(2)
        federation.round()
        sources = [federation.attacker, federation.numeraire.address, federation.tokens[0].address]
        paid = federation.orchestrator.claim_many(sources, [federation.attacker, federation.clients[0]])
        assert paid == federation.numeraire.balanceOf(federation.clients[0]) > 0

    @pytest.mark.parametrize("listed", [1, 64])
    def test_registration_cannot_be_stuffed_where_the_list_is_closed(self, listed: int) -> None:
        federation = Federation(open_registration=False, max_clients=64).fund()
        guests = [boa.env.generate_address(f"guest {k}") for k in range(listed)]
        federation.scenario.allow_clients(guests, [], sender=federation.federator)
        for sybil in range(3):
            with refused("not on the allow-list"):
                federation.scenario.join(False, sender=boa.env.generate_address(f"sybil {sybil}"))
        for guest in guests:
            federation.scenario.join(False, sender=guest)
        assert federation.scenario.total_supply() == listed * federation.supply
