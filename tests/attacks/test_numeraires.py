"""Numeraires that take a fee (the drain of 2020) or call back in the middle of a payment."""

from typing import Any

import boa
import pytest
from onchain.thief import wealth
from onchain.world import FOREVER, Federation, compiled, refused


class TestFeeOnTransfer:
    @pytest.fixture
    def federation(self) -> Federation:
        federation = Federation(numeraire=compiled("FeeNumeraire").deploy(), late_joins=True).open(3)
        federation.equip(federation.attacker)
        federation.numeraire.set_fee(1000)
        return federation

    def test_the_pool_never_books_what_it_did_not_get(self, federation: Federation) -> None:
        """The drain of 2020: swap to and fro, each time the pool books more than arrived.  Here every way in
        is refused, and what leaves is short only for its receiver."""
        pool, attacker = federation.pool, federation.attacker
        for way_in in (
            lambda: federation.swap(attacker, 0, 1, 10**9),
            lambda: pool.swap_exact_out(0, 1, 10**15, FOREVER, attacker, FOREVER, sender=attacker),
            lambda: pool.add_single_asset(0, 10**9, 0, FOREVER, sender=attacker),
            lambda: federation.scenario.top_up(10**9, sender=attacker),
            lambda: federation.join_late(attacker, liquidity=10**9),
        ):
            with refused("numeraire took a fee or rebased"):
                way_in()
        client = federation.clients[0]
        federation.tokens[0].approve(pool, FOREVER, sender=client)
        for _ in range(24):
            federation.swap(client, 1, 0, 10**15)
            assert federation.numeraire.balanceOf(pool) == federation.balances()[0]

    def test_everybody_can_still_leave(self, federation: Federation) -> None:
        federation.remove(federation.lp, federation.pool.balanceOf(federation.lp))
        federation.mature()
        assert federation.tokens[0].claim(sender=federation.clients[0]) > 0
        assert federation.numeraire.balanceOf(federation.scenario) >= sum(
            token.claimable(client)
            for token, client in zip(federation.tokens, federation.clients, strict=True)
        )


class TestReentry:
    """The attacker is a contract that the numeraire calls in the middle of each of its own moves."""

    @pytest.fixture
    def federation(self) -> Federation:
        federation = Federation(numeraire=compiled("CallbackNumeraire").deploy(), swap_fee=0).open(3)
        federation.round()
        federation.attacker = compiled("Puppet").deploy()
        federation.equip(federation.attacker.address, tokens=10**16)
        for token in federation.tokens:
            self.does(federation, token, token.approve, federation.pool.address, FOREVER)
        federation.round()
        federation.pass_time(federation.round_gap)
        return federation

    def does(self, federation: Federation, contract: Any, function: Any, *arguments: Any) -> None:
        data = function.prepare_calldata(*arguments)
        federation.attacker.execute(contract.address, data)

    def moves(self, federation: Federation) -> dict[str, tuple[Any, bytes]]:
        me, pool = federation.attacker.address, federation.pool
        limits = [FOREVER] * 4
        calls = {
            "buy": (pool, pool.swap_exact_in, (0, 1, 10**9, 0, me, FOREVER)),
            "sell": (pool, pool.swap_exact_in, (1, 0, 10**14, 0, me, FOREVER)),
            "join": (pool, pool.add_liquidity, (10**9, limits, FOREVER)),
            "join_with_one": (pool, pool.add_single_asset, (0, 10**9, 0, FOREVER)),
            "exit": (pool, pool.remove_liquidity, (10**8, [0] * 4, me, FOREVER)),
            "exit_with_one": (pool, pool.remove_single_asset, (0, 10**8, 0, me, FOREVER)),
            "claim": (federation.tokens[0], federation.tokens[0].claim, ()),
            "claim_of_an_lp": (pool, pool.claim, ()),
            "harvest": (pool, pool.harvest, ()),
            "send": (federation.tokens[0], federation.tokens[0].transfer, (me, 10**14)),
            "open_round": (federation.scenario, federation.scenario.open_round, ()),
        }
        return {
            name: (contract, function.prepare_calldata(*values))
            for name, (contract, function, values) in calls.items()
        }

    @pytest.mark.parametrize("outer", ["buy", "sell", "join_with_one", "join", "exit", "claim"])
    def test_nothing_is_won_by_any_move_inside_any_other(self, federation: Federation, outer: str) -> None:
        """Every move tried inside every other: what the lock lets through earns what it earns in sequence."""
        me = federation.attacker.address
        contract, data = self.moves(federation)["join"]
        federation.attacker.execute(contract.address, data)
        moves = self.moves(federation)
        for inner in moves:
            with boa.env.anchor():
                before = wealth(federation, me)
                federation.attacker.prepare(moves[inner][0].address, moves[inner][1])
                federation.numeraire.arm(federation.attacker, 1)
                federation.attacker.execute(moves[outer][0].address, moves[outer][1])
                assert federation.attacker.called() == 1
                if federation.clock()[2] > federation.clock()[3]:
                    federation.settle()
                assert wealth(federation, me) <= before
                if contract is moves[inner][0] is moves[outer][0] and inner != "send":
                    assert federation.attacker.succeeded() == [False]
