"""Scenario.pay_reward and pay_pool_reward: only its own tokens and its own pool draw on the escrow."""

import pytest
from onchain.world import Federation, compiled, refused


def test_a_client_token_draws_what_its_holder_earned(opened: Federation) -> None:
    opened.round([1, 0, 0])
    client, token = opened.clients[0], opened.tokens[0]
    paid = token.claim(sender=client)
    assert paid > 0
    assert opened.scenario.paid() == paid
    assert opened.numeraire.balanceOf(client) == paid
    assert opened.numeraire.balanceOf(opened.scenario) == opened.budget - paid


def test_nobody_else_draws_for_a_client(opened: Federation) -> None:
    opened.round()
    strangers = [opened.federator, opened.clients[0], opened.attacker, opened.pool.address]
    for stranger in [*strangers, opened.tokens[1].address]:
        with refused("not the client's token"):
            opened.scenario.pay_reward(0, stranger, 1, sender=stranger)


def test_a_client_that_does_not_exist_has_no_token(opened: Federation) -> None:
    for index in (3, 64, 2**255):
        with refused("not the client's token"):
            opened.scenario.pay_reward(index, opened.attacker, 1, sender=opened.attacker)


def test_the_pool_draws_up_to_what_it_has_harvested(opened: Federation) -> None:
    opened.round()
    harvested = opened.pool.harvest()
    assert harvested > 0
    with refused("not what a pool has earned"):
        opened.scenario.pay_pool_reward(opened.lp, harvested + 1, sender=opened.pool.address)
    paid = opened.scenario.pay_pool_reward(opened.lp, harvested, sender=opened.pool.address)
    assert paid == harvested * opened.scenario.quantum() == opened.scenario.paid()
    with refused("not what a pool has earned"):
        opened.scenario.pay_pool_reward(opened.lp, 1, sender=opened.pool.address)


def test_nobody_else_draws_for_the_pool(opened: Federation) -> None:
    opened.round()
    for stranger in (opened.federator, opened.lp, opened.tokens[0].address):
        with refused("not what a pool has earned"):
            opened.scenario.pay_pool_reward(stranger, 1, sender=stranger)


def test_before_the_opening_there_is_no_pool_to_draw(joined: Federation) -> None:
    with refused("not what a pool has earned"):
        joined.scenario.pay_pool_reward(joined.attacker, 1, sender=joined.attacker)


@pytest.mark.parametrize("units", [1, 2**64 - 1, 2**64, 2**64 + 1, 2**65 - 1, 2**65])
def test_who_says_it_has_harvested_draws_nothing(units: int) -> None:
    """However large the number: deposits of others may be there to pay it with."""
    federation = Federation(decimals=18, budget=4_000, rounds=4).fund()
    federation.grant(federation.lp, 100 * 10**18)
    federation.scenario.deposit_numeraire(100 * 10**18, sender=federation.lp)
    liar = compiled("FakePool").deploy()
    with refused("not what a pool has earned"):
        liar.draw(federation.scenario, federation.attacker, units)
    assert federation.numeraire.balanceOf(federation.attacker) == 0
