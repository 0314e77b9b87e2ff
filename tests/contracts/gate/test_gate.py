"""The optional transfer gate: it may refuse a transfer, never a claim or an exit into one's own address."""

from collections.abc import Callable
from typing import Any

import boa
import pytest
from onchain.world import FOREVER, Federation, compiled, refused

OPEN, SHUT, BROKEN = 0, 1, 2


@pytest.fixture
def gate(chain: None) -> Any:
    return compiled("Gate").deploy()


@pytest.fixture
def gated(gate: Any) -> Federation:
    """An open market behind a gate, a round paid, an investor with tokens and LP shares."""
    federation = Federation(gate=gate.address, late_joins=True).open(2)
    federation.equip(federation.investor, 10**12, 10**17)
    federation.add(federation.investor, 10**13)
    federation.round([1, 1])
    return federation


@pytest.fixture(params=[SHUT, BROKEN], ids=["shut", "broken"])
def closed(request: pytest.FixtureRequest, gated: Federation, gate: Any) -> Federation:
    gate.set_mood(request.param)
    return gated


def reason(federation: Federation, gate: Any) -> str:
    return "the gate is broken" if gate.mood() == BROKEN else "the transfer gate refuses"


def test_an_open_gate_is_no_obstacle(gated: Federation) -> None:
    gated.tokens[0].transfer(gated.attacker, 1, sender=gated.investor)
    gated.pool.transfer(gated.attacker, 1, sender=gated.investor)
    gated.swap(gated.investor, 0, 1, 10**9)


@pytest.mark.parametrize(
    "call",
    [
        lambda f: f.tokens[0].transfer(f.attacker, 1, sender=f.investor),
        lambda f: f.pool.transfer(f.attacker, 1, sender=f.investor),
        lambda f: f.swap(f.investor, 0, 1, 10**9),
        lambda f: f.swap(f.investor, 1, 0, 10**15),
        lambda f: f.add(f.investor, 10**12),
        lambda f: f.pool.add_single_asset(1, 10**15, 0, FOREVER, sender=f.investor),
        lambda f: f.pool.remove_liquidity(10**12, [0] * 3, f.attacker, FOREVER, sender=f.investor),
        lambda f: f.pool.remove_single_asset(1, 10**12, 0, f.attacker, FOREVER, sender=f.investor),
    ],
    ids=["token", "share", "buy", "sell", "join", "join with one", "exit to another", "single to another"],
)
def test_a_closed_gate_refuses_transfers(
    closed: Federation, gate: Any, call: Callable[[Federation], Any]
) -> None:
    with refused(reason(closed, gate)):
        call(closed)


def test_who_is_refused_does_not_come_in_with_numeraire_to_leave_with_tokens(
    closed: Federation, gate: Any
) -> None:
    closed.equip(closed.attacker, 10**12)
    with refused(reason(closed, gate)):
        closed.pool.add_single_asset(0, 10**9, 0, FOREVER, sender=closed.attacker)


def test_an_allowance_meets_the_same_gate(closed: Federation, gate: Any) -> None:
    for contract in (closed.tokens[0], closed.pool):
        contract.approve(closed.attacker, 1, sender=closed.investor)
        with refused(reason(closed, gate)):
            contract.transferFrom(closed.investor, closed.attacker, 1, sender=closed.attacker)


def test_claims_and_rounds_never_ask(closed: Federation) -> None:
    assert closed.tokens[0].claim(sender=closed.investor) > 0
    assert closed.tokens[1].claim_for(closed.investor, sender=closed.attacker) > 0
    assert closed.pool.claim(sender=closed.investor) > 0
    closed.round([1, 2])
    closed.scenario.open_round(sender=closed.federator)
    closed.pass_time(closed.round_deadline)
    closed.scenario.finalize_without_scores(3, sender=closed.attacker)


def test_lps_leave_into_their_own_address(closed: Federation) -> None:
    before = closed.tokens[0].balanceOf(closed.investor)
    amounts = closed.remove(closed.investor, 10**12)
    single = closed.pool.remove_single_asset(1, 10**12, 0, closed.investor, FOREVER, sender=closed.investor)
    assert closed.tokens[0].balanceOf(closed.investor) == before + amounts[1] + single
    assert closed.pool.remove_single_asset(0, 10**12, 0, closed.investor, FOREVER, sender=closed.investor) > 0


def test_trades_that_move_no_token_of_ours_are_none(closed: Federation, gate: Any) -> None:
    with refused(reason(closed, gate)):
        closed.swap(closed.investor, 1, 2, 10**15)


def test_deposits_come_back(gate: Any) -> None:
    federation = Federation(gate=gate.address).fund().join(2, listed=lambda k: k == 0).deposit()
    gate.set_mood(SHUT)
    client = federation.clients[1]
    federation.tokens[1].approve(federation.scenario, FOREVER, sender=client)
    federation.scenario.deposit_tokens(sender=client)
    federation.scenario.withdraw_tokens(sender=client)
    federation.scenario.cancel(sender=federation.federator)
    federation.scenario.withdraw_tokens(sender=federation.clients[0])
    assert federation.tokens[0].balanceOf(federation.clients[0]) == federation.supply


def test_a_closed_gate_does_not_stop_the_opening_or_a_late_join(gate: Any) -> None:
    gate.set_mood(SHUT)
    federation = Federation(gate=gate.address, late_joins=True).open(2)
    federation.join_late(boa.env.generate_address(), liquidity=10**9)
    assert federation.scenario.pool_count() == 2


def test_only_pools_and_the_scenario_release(gated: Federation) -> None:
    for actor in (gated.investor, gated.federator, gated.clients[0]):
        with refused("not a pool and not the scenario"):
            gated.tokens[0].release(gated.attacker, 1, sender=actor)
