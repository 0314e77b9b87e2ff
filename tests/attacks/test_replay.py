"""Every call of a round, again: refused, or without effect (I7)."""

from collections.abc import Callable
from typing import Any

import pytest
from boa import BoaError
from onchain.thief import wealth
from onchain.world import DAY, EVIDENCE, NO_EVIDENCE, Federation, packed

Call = tuple[Callable[..., Any], tuple[Any, ...], Any]
REPLACEMENT = packed([1, 1, 1])


def state(federation: Federation) -> tuple[Any, ...]:
    """Everything that a replay could be after."""
    scenario, challenges = federation.scenario, federation.challenges
    actors = [federation.federator, federation.lp, federation.attacker, *federation.clients]
    return (
        [wealth(federation, actor) for actor in actors],
        federation.clock(),
        scenario.escrow(),
        scenario.pot(),
        scenario.paid(),
        scenario.stage(),
        challenges.bond(),
        challenges.forfeited(),
        challenges.staked(),
        federation.balances(),
        federation.weights(),
        federation.pool.totalSupply(),
        federation.pool.harvested_units(),
    )


def replay(federation: Federation, calls: list[Call]) -> int:
    """Try all calls again, each by who made it; returns how many were refused (which changes nothing)."""
    before = state(federation)
    refusals = 0
    for function, arguments, sender in calls:
        try:
            function(*arguments, sender=sender)
        except BoaError:
            refusals += 1
    assert state(federation) == before
    return refusals


@pytest.mark.parametrize("ruling", ["uphold", "replace"])
def test_every_call_of_a_challenged_round(ruling: str) -> None:
    federation = Federation(bond=10**11, challenge_window=DAY, ruling_period=DAY).open(3)
    scenario, challenges = federation.scenario, federation.challenges
    federator, client, arbiter = federation.federator, federation.clients[0], federation.arbiter_account
    federation.grant(client, 10**12, challenges)
    words = packed([1, 2, 1])
    done: list[Call] = []

    def act(function: Any, *arguments: Any, sender: Any = federator) -> None:
        function(*arguments, sender=sender)
        done.append((function, arguments, sender))

    act(scenario.open_round)
    assert replay(federation, done) == 1
    act(scenario.submit_scores, 1, words, NO_EVIDENCE)
    assert replay(federation, done) == 2
    act(challenges.challenge, 1, 1, EVIDENCE, sender=client)
    assert replay(federation, done) == 3
    federation.pass_time(DAY)
    if ruling == "uphold":
        act(challenges.uphold_scores, 1, sender=arbiter)
    else:
        act(challenges.replace_scores, 1, REPLACEMENT, EVIDENCE, sender=arbiter)
        words = REPLACEMENT
    assert replay(federation, done) == 4
    act(scenario.finalize_round, 1, words, sender=federation.attacker)
    # The next round could open now: that is no replay but the next call.
    rest = done[1:]
    assert replay(federation, rest) == 4
    act(federation.tokens[0].claim, sender=client)
    act(federation.pool.claim_for, federation.lp, sender=federation.attacker)
    act(federation.pool.harvest, sender=federation.attacker)
    act(challenges.withdraw_bond, sender=federation.attacker)
    if ruling == "replace":
        act(challenges.withdraw_challenge_bond, 1, client, sender=federation.attacker)
    replay(federation, done[1:])
    # In the next round the calls of the last one are still of the last one.
    scenario.open_round(sender=federator)
    replay(federation, done)
    federation.submit([5, 5, 5])
    replay(federation, done)


def test_every_call_of_a_round_without_scores() -> None:
    federation = Federation(bond=10**11).open(3)
    federation.scenario.open_round(sender=federation.federator)
    federation.pass_time(federation.round_deadline)
    calls: list[Call] = [(federation.scenario.finalize_without_scores, (1,), federation.attacker)]
    federation.scenario.finalize_without_scores(1, sender=federation.attacker)
    assert replay(federation, calls) == 1
    federation.scenario.open_round(sender=federation.federator)
    assert replay(federation, calls) == 1


def test_the_calls_of_the_registration_are_over() -> None:
    federation = Federation(bond=10**11).open(3)
    scenario, federator, client = federation.scenario, federation.federator, federation.clients[0]
    federation.grant(federator, 10**13)
    calls: list[Call] = [
        (scenario.fund, (), federator),
        (scenario.cancel, (), federator),
        (scenario.withdraw_budget, (), federator),
        (scenario.allow_clients, ([client], []), federator),
        (scenario.join, (True,), client),
        (scenario.deposit_tokens, (), client),
        (scenario.withdraw_tokens, (), client),
        (scenario.deposit_numeraire, (1,), federation.lp),
        (scenario.withdraw_numeraire, (), federation.lp),
        (scenario.open_market, ([federation.lp], 0, 0), federator),
        (federation.tokens[0].initialize, (client, 0, 10**18, 0, 0, False), federation.attacker),
    ]
    assert replay(federation, calls) == len(calls)
