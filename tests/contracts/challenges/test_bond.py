"""The federator's bond: escrowed with the budget, free at the very end or after a cancellation."""

import pytest
from onchain.world import Federation, event, refused

BOND = 10**11


def test_funding_escrows_budget_and_bond_in_two_places() -> None:
    federation = Federation(bond=BOND).fund()
    assert federation.numeraire.balanceOf(federation.scenario) == federation.budget
    assert federation.numeraire.balanceOf(federation.challenges) == BOND == federation.challenges.bond()
    assert federation.scenario.escrow() == federation.budget


def test_a_cancellation_gives_both_back() -> None:
    federation = Federation(bond=BOND).fund()
    federation.scenario.cancel(sender=federation.federator)
    federation.scenario.withdraw_budget(sender=federation.federator)
    assert federation.numeraire.balanceOf(federation.federator) == federation.budget + BOND
    with refused("nothing to withdraw"):
        federation.scenario.withdraw_budget(sender=federation.federator)
    assert federation.challenges.withdraw_bond() == 0


def test_it_is_free_when_the_last_round_is_paid_and_not_before() -> None:
    federation = Federation(bond=BOND, rounds=2).open(2)
    federation.round()
    assert federation.challenges.withdraw_bond() == 0
    federation.scenario.open_round(sender=federation.federator)
    assert federation.challenges.withdraw_bond(sender=federation.federator) == 0
    federation.settle()
    before = federation.numeraire.balanceOf(federation.federator)
    assert federation.challenges.withdraw_bond(sender=federation.attacker) == BOND
    assert event(federation.challenges, "BondWithdrawn") == {
        "federator": federation.federator,
        "amount": BOND,
    }
    assert federation.numeraire.balanceOf(federation.federator) == before + BOND
    assert federation.challenges.withdraw_bond() == 0


@pytest.mark.parametrize("name", ["escrow_bond", "slice_bond"])
def test_only_the_scenario_moves_it(name: str) -> None:
    federation = Federation(bond=BOND).fund()
    for actor in (federation.federator, federation.attacker):
        with refused("not the scenario"):
            getattr(federation.challenges, name)(1, sender=actor)


def test_a_federation_without_a_bond_works() -> None:
    federation = Federation(bond=0).open(2).mature()
    assert federation.challenges.withdraw_bond() == 0
