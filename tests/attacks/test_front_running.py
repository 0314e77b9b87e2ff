"""A call seen in the mempool, and what somebody who gets ahead of it can do: cost itself something, or
nothing."""

from typing import Any

import boa
import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from onchain.thief import wealth
from onchain.world import DAY, EVIDENCE, FOREVER, NO_EVIDENCE, Federation, packed, refused


class TestRegistration:
    def test_ahead_of_a_join(self) -> None:
        """With an allow-list a stranger cannot take the seat; who joins first only takes the lower number."""
        federation = Federation(open_registration=False).fund()
        first, second = (boa.env.generate_address(f"guest {k}") for k in range(2))
        federation.scenario.allow_clients([first, second], [], sender=federation.federator)
        with refused("not on the allow-list"):
            federation.scenario.join(True, sender=federation.attacker)
        federation.scenario.join(True, sender=second)
        federation.scenario.join(True, sender=first)
        assert federation.scenario.index_of(first) == 1
        assert federation.scenario.supply_of(1) == federation.supply

    def test_ahead_of_the_opening(self) -> None:
        """A provider or a lister that withdraws at the last moment: the opening is refused, not distorted."""
        federation = Federation().fund().join(3).deposit()
        with boa.env.anchor():
            federation.scenario.withdraw_numeraire(sender=federation.lp)
            with refused("provider without a deposit"):
                federation.scenario.open_market(
                    [federation.federator, federation.lp], 3, 0, sender=federation.federator
                )
        federation.scenario.withdraw_tokens(sender=federation.clients[0])
        with refused("too few clients listed"):
            federation.scenario.open_market(
                [federation.federator, federation.lp], 3, 0, sender=federation.federator
            )

    def test_a_strangers_deposit_does_not_enter(self) -> None:
        """Money sent ahead of the opening does not move the opening price, and comes back."""
        federation = Federation().fund().join(3).deposit()
        federation.grant(federation.attacker, 10**13)
        federation.scenario.deposit_numeraire(10**13, sender=federation.attacker)
        federation.scenario.open_market(
            [federation.federator, federation.lp], 3, 0, sender=federation.federator
        )
        federation.scenario.withdraw_numeraire(sender=federation.attacker)
        assert federation.numeraire.balanceOf(federation.attacker) == 10**13


class TestRounds:
    @pytest.fixture
    def federation(self) -> Federation:
        federation = Federation(bond=10**11, challenge_window=DAY, ruling_period=DAY, late_joins=True)
        return federation.open(3)

    def test_ahead_of_open_round(self, federation: Federation) -> None:
        """Not before it is overdue; then whoever opens it opens the same round."""
        with refused("not the federator, not overdue"):
            federation.scenario.open_round(sender=federation.attacker)
        federation.pass_time(federation.round_gap)
        assert federation.scenario.open_round(sender=federation.attacker) == 1
        with refused("the open round is not finalised"):
            federation.scenario.open_round(sender=federation.federator)
        federation.submit([1, 2, 3])

    def test_ahead_of_submit(self, federation: Federation) -> None:
        """Scores copied or changed are not the federator's; trades on seeing them are after the record
        date."""
        federation.scenario.open_round(sender=federation.federator)
        with refused("not the federator"):
            federation.scenario.submit_scores(1, packed([1, 2, 3]), NO_EVIDENCE, sender=federation.attacker)
        attacker = federation.equip(federation.attacker)
        federation.swap(attacker, 0, 3, 10**9)
        federation.submit([0, 0, 1])
        federation.pass_time(DAY)
        federation.scenario.finalize_round(1, packed([0, 0, 1]))
        assert federation.tokens[2].claimable(attacker) == 0

    def test_ahead_of_finalize(self, federation: Federation) -> None:
        """Other scores are refused; with the right ones the attacker has paid the gas for everybody."""
        federation.scenario.open_round(sender=federation.federator)
        federation.submit([1, 2, 1])
        federation.pass_time(DAY)
        with refused("not the scores of the round"):
            federation.scenario.finalize_round(1, packed([4, 0, 0]), sender=federation.attacker)
        with refused("scores already submitted"):
            federation.scenario.finalize_without_scores(1, sender=federation.attacker)
        federation.scenario.finalize_round(1, packed([1, 2, 1]), sender=federation.attacker)
        rewards = [federation.scenario.history(k, 1) for k in range(3)]
        assert rewards[1] == rewards[0] + rewards[2]

    def test_ahead_of_a_challenge(self, federation: Federation) -> None:
        """Who challenges first gets the compensation; who comes second has its own bond back, whole."""
        federation.scenario.open_round(sender=federation.federator)
        federation.submit([1, 2, 1])
        first, second = federation.clients[:2]
        for client in (first, second):
            federation.challenge(client)
        bond = federation.challenges.bond_of(1, second)
        federation.pass_time(DAY)
        federation.challenges.replace_scores(
            1, packed([1, 1, 1]), EVIDENCE, sender=federation.arbiter_account
        )
        assert federation.challenges.withdraw_challenge_bond(1, second) == bond
        assert federation.challenges.withdraw_challenge_bond(1, first) == 2 * bond

    def test_ahead_of_a_late_join(self, federation: Federation) -> None:
        """A top-up ahead of it makes the newcomer's too small: bound, a refusal that costs the griefer its
        whole top-up, of which the newcomer then gets its part."""
        joiner, attacker = boa.env.generate_address("late joiner"), federation.attacker
        enough = -(-federation.budget // 3)
        federation.grant(attacker, 10**6)
        before = wealth(federation, attacker)
        federation.scenario.top_up(10**6, sender=attacker)
        with refused("top-up above the maximum"):
            federation.join_late(joiner, top_up=enough)
        assert wealth(federation, attacker) == before - 10**6
        federation.join_late(joiner)

    def test_a_round_opened_ahead_of_a_late_join(self, federation: Federation) -> None:
        """The newcomer earns from the next round on, and its top-up buys that: it pays for no pot it
        misses."""
        joiner = boa.env.generate_address("late joiner")
        federation.pass_time(federation.round_gap)
        federation.scenario.open_round(sender=federation.attacker)
        unopened = federation.scenario.escrow() - federation.scenario.pot()
        token = federation.join_late(joiner, top_up=-(-unopened // 3))
        assert token.balanceOf(joiner) == federation.supply


def test_ahead_of_a_permit() -> None:
    """A signature handed in by a stranger does what its owner signed, and nothing again."""
    federation = Federation().open(2)
    token, owner = federation.tokens[0], Account.create()
    token.transfer(owner.address, 10**15, sender=federation.clients[0])
    _, name, version, chain, verifier, _, _ = token.eip712Domain()
    message = {"owner": owner.address, "spender": str(federation.pool.address), "value": 10**15}
    message |= {"nonce": 0, "deadline": FOREVER}
    kinds = {"owner": "address", "spender": "address", "value": "uint256"}
    kinds |= {"nonce": "uint256", "deadline": "uint256"}
    signed = owner.sign_message(
        encode_typed_data(
            {"name": name, "version": version, "chainId": chain, "verifyingContract": str(verifier)},
            {"Permit": [{"name": key, "type": kind} for key, kind in kinds.items()]},
            message,
        )
    )
    signature: tuple[Any, ...] = (signed.v, signed.r.to_bytes(32, "big"), signed.s.to_bytes(32, "big"))
    order = (owner.address, federation.pool.address, 10**15, FOREVER)
    with boa.env.anchor(), pytest.raises(boa.BoaError):
        token.permit(owner.address, federation.attacker, 10**15, FOREVER, *signature)
    token.permit(*order, *signature, sender=federation.attacker)
    assert token.allowance(owner.address, federation.pool) == 10**15
    assert token.allowance(owner.address, federation.attacker) == 0
    with pytest.raises(boa.BoaError):
        token.permit(*order, *signature, sender=federation.attacker)
    federation.swap(owner.address, 1, 0, 10**15)
