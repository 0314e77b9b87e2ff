"""Gates and numeraires that refuse somebody: they stop a transfer, never somebody else's money, and no
exit."""

from typing import Any

import pytest
from onchain.thief import wealth
from onchain.world import FOREVER, Federation, compiled, refused

OPEN, SHUT, BROKEN = 0, 1, 2


class TestTheGate:
    @pytest.fixture(params=[SHUT, BROKEN])
    def federation(self, request: Any) -> Federation:
        self.gate = compiled("Gate").deploy()
        federation = Federation(gate=self.gate.address).open(3)
        federation.equip(federation.attacker)
        federation.round()
        self.gate.set_mood(request.param)
        return federation

    def test_it_cannot_hold_money_hostage(self, federation: Federation) -> None:
        """A federator's own gate, shut or broken for good: claims are paid and every LP leaves, whole or with
        one asset, into its own address; selling is what it can stop."""
        with pytest.raises(Exception, match="gate"):
            federation.swap(federation.attacker, 0, 1, 10**9)
        for token, client in zip(federation.tokens, federation.clients, strict=True):
            assert token.claim(sender=client) > 0
        assert federation.pool.claim(sender=federation.lp) > 0
        federation.pool.remove_single_asset(0, 10**12, 0, federation.lp, FOREVER, sender=federation.lp)
        federation.remove(federation.lp, federation.pool.balanceOf(federation.lp))
        federation.mature()
        federation.remove(federation.clients[0], federation.pool.balanceOf(federation.clients[0]))

    def test_who_may_not_buy_does_not_come_in_with_money_to_leave_with_tokens(
        self, federation: Federation
    ) -> None:
        """Exits cannot be stopped, so entries are asked for: with the numeraire too."""
        attacker = federation.attacker
        before = wealth(federation, attacker)
        with pytest.raises(Exception, match="gate"):
            federation.pool.add_single_asset(0, 10**9, 0, FOREVER, sender=attacker)
        assert wealth(federation, attacker) == before

    def test_not_into_another_address(self, federation: Federation) -> None:
        with pytest.raises(Exception, match="gate"):
            federation.pool.remove_liquidity(
                10**9, [0] * 4, federation.attacker, FOREVER, sender=federation.lp
            )


def test_one_who_cannot_be_paid_blocks_nobody() -> None:
    """A numeraire that refuses one holder: all others are paid around it, and its own claim waits for it."""
    federation = Federation(numeraire=compiled("RefusingNumeraire").deploy()).open(3)
    federation.round()
    blocked, other = federation.clients[:2]
    federation.numeraire.refuse(blocked, True)
    with refused("account refused"):
        federation.tokens[0].claim(sender=blocked)
    owed = federation.tokens[0].claimable(blocked)
    sources = [token.address for token in federation.tokens]
    assert federation.orchestrator.claim_many(sources, [blocked, other]) > 0
    assert federation.tokens[0].claimable(blocked) == owed > 0
    federation.mature()
    assert federation.tokens[1].claim(sender=other) > 0
    federation.numeraire.refuse(blocked, False)
    assert federation.tokens[0].claim(sender=blocked) > owed
