"""Accounts that pretend to be a token, a pool, the court or the Scenario of a federation."""

import boa
import pytest
from onchain.world import EVIDENCE, Federation, compiled, packed, refused


@pytest.fixture
def federation() -> Federation:
    federation = Federation(bond=10**11).open(3)
    federation.round()
    federation.scenario.open_round(sender=federation.federator)
    return federation


@pytest.mark.parametrize("units", [1, 2**64, 2**64 + 1, 2**128 - 2**64])
def test_a_stranger_is_no_pool(federation: Federation, units: int) -> None:
    """Not even by an amount that would carry into the flag that marks a pool."""
    with refused("not what a pool has earned"):
        federation.scenario.pay_pool_reward(federation.attacker, units, sender=federation.attacker)


def test_a_pool_draws_no_more_than_it_earned(federation: Federation) -> None:
    pool, earned = federation.pool, federation.pool.harvested_units()
    with refused("not what a pool has earned"):
        federation.scenario.pay_pool_reward(federation.attacker, earned + 1, sender=pool.address)
    with refused("not what a pool has earned"):
        federation.scenario.pay_pool_reward(federation.attacker, 2**64, sender=pool.address)
    paid = federation.scenario.pay_pool_reward(federation.attacker, earned, sender=pool.address)
    assert paid == earned * federation.scenario.quantum()


def test_another_federation_is_a_stranger(federation: Federation) -> None:
    """Tokens, pools and court of a federation of the attacker's own open no door of this one."""
    own = Federation(numeraire=federation.numeraire, federator=federation.attacker, bond=10**11).open(3)
    scenario = federation.scenario
    with refused("not the client's token"):
        scenario.pay_reward(0, federation.attacker, 1, sender=own.tokens[0].address)
    with refused("not what a pool has earned"):
        scenario.pay_pool_reward(federation.attacker, 1, sender=own.pool.address)
    with refused("not the court of challenges"):
        scenario.replace_scores(2, packed([1]), EVIDENCE, 10**9, sender=own.challenges.address)
    for call in (federation.challenges.slice_bond, federation.challenges.escrow_bond):
        with refused("not the scenario"):
            call(10**9, sender=own.scenario.address)
    with refused("not the scenario"):
        federation.tokens[0].list_in_pool(federation.attacker, 1, sender=own.scenario.address)
    with refused("not a pool and not the scenario"):
        federation.tokens[0].release(federation.attacker, 1, sender=own.pool.address)


def test_a_tokens_code_cannot_be_taken_over(federation: Federation) -> None:
    """Neither a token nor the implementation behind it can be initialised a second time."""
    implementation = compiled("ClientToken").at(federation.orchestrator.token_implementation())
    for token in (federation.tokens[0], implementation):
        with refused("already initialised"):
            token.initialize(federation.attacker, 0, 10**18, 0, 0, False, sender=federation.attacker)


def test_a_fake_source_of_claims_takes_nothing(federation: Federation) -> None:
    """`claim_many` calls whatever it is told to, as the Orchestrator: which nothing trusts with anything."""
    puppet = compiled("Puppet").deploy()
    with boa.env.anchor():
        paid = federation.orchestrator.claim_many(
            [puppet.address, federation.attacker, federation.tokens[0].address], [federation.clients[0]]
        )
        assert paid == federation.numeraire.balanceOf(federation.clients[0]) > 0
    assert federation.numeraire.balanceOf(federation.orchestrator) == 0
