"""Scenario.finalize_without_scores: a deadline that passes costs the federator, and nobody waits."""

import pytest
from onchain.world import NO_EVIDENCE, Federation, event, packed, refused

BOND = 10**11


@pytest.fixture
def bonded(chain: None) -> Federation:
    return Federation(bond=BOND).open(3)


def overdue(federation: Federation) -> int:
    number = federation.scenario.open_round(sender=federation.federator)
    federation.pass_time(federation.round_deadline)
    return int(number)


def test_a_first_round_is_split_by_supply_with_a_quarter_from_the_bond(bonded: Federation) -> None:
    number = overdue(bonded)
    pot = bonded.scenario.pot()
    bonded.scenario.finalize_without_scores(number, sender=bonded.attacker)
    assert event(bonded.scenario, "RoundFinalized") == {
        "round": 1,
        "caller": bonded.attacker,
        "scored": False,
        "added": pot // 4,
    }
    assert sum(bonded.rewards(1)) == pot * 5 // 4
    assert max(bonded.rewards(1)) - min(bonded.rewards(1)) <= 1
    assert bonded.challenges.bond() == BOND - pot // 4
    assert bonded.numeraire.balanceOf(bonded.challenges) == BOND - pot // 4


def test_later_rounds_are_split_by_what_was_given_so_far(bonded: Federation) -> None:
    bonded.round([1, 3, 0])
    number = overdue(bonded)
    pot = bonded.scenario.pot() * 5 // 4
    bonded.scenario.finalize_without_scores(number)
    assert bonded.rewards(2) == [pot // 4, pot - pot // 4, 0]


def test_the_bond_ends_and_the_rounds_go_on(bonded: Federation) -> None:
    # Pots of 250,000: slices of 62,500 out of a bond of 100,000.
    added = []
    for _ in range(4):
        number = overdue(bonded)
        bonded.scenario.finalize_without_scores(number)
        added.append(event(bonded.scenario, "RoundFinalized")["added"])
    assert added == [62_500_000_000, 37_500_000_000, 0, 0]
    assert bonded.challenges.bond() == 0
    assert bonded.scenario.escrow() == 0


def test_not_a_second_before_the_deadline(bonded: Federation) -> None:
    number = bonded.scenario.open_round(sender=bonded.federator)
    bonded.pass_time(bonded.round_deadline - 1)
    with refused("the deadline has not passed"):
        bonded.scenario.finalize_without_scores(number)
    bonded.scenario.submit_scores(number, packed([1, 1, 1]), NO_EVIDENCE, sender=bonded.federator)


def test_from_the_deadline_on_no_scores_are_taken(bonded: Federation) -> None:
    number = overdue(bonded)
    with refused("the deadline has passed"):
        bonded.scenario.submit_scores(number, packed([1, 1, 1]), NO_EVIDENCE, sender=bonded.federator)
    bonded.scenario.finalize_without_scores(number)


def test_scores_once_submitted_are_what_counts(bonded: Federation) -> None:
    number = bonded.scenario.open_round(sender=bonded.federator)
    bonded.submit([1, 1, 1])
    bonded.pass_time(10 * bonded.round_deadline)
    with refused("scores already submitted"):
        bonded.scenario.finalize_without_scores(number)
    bonded.scenario.finalize_round(number, packed([1, 1, 1]))
    assert bonded.challenges.bond() == BOND


def test_no_round_is_paid_twice(bonded: Federation) -> None:
    number = overdue(bonded)
    bonded.scenario.finalize_without_scores(number)
    for again in (number, number + 1, 0):
        with refused("not the open round"):
            bonded.scenario.finalize_without_scores(again)


def test_scores_wait_for_the_training_time() -> None:
    federation = Federation(training_time=600).open(2)
    number = federation.scenario.open_round(sender=federation.federator)
    federation.pass_time(599)
    with refused("the training time is not over"):
        federation.scenario.submit_scores(number, packed([1, 1]), NO_EVIDENCE, sender=federation.federator)
    federation.pass_time(1)
    federation.scenario.submit_scores(number, packed([1, 1]), NO_EVIDENCE, sender=federation.federator)


def test_with_reward_units_of_many_wei_a_slice_is_whole_units() -> None:
    federation = Federation(decimals=18, budget=10**24 + 7, bond=10**23 + 1).open(3)
    number = overdue(federation)
    units = federation.scenario.pot() // federation.scenario.quantum()
    federation.scenario.finalize_without_scores(number)
    assert sum(federation.rewards(1)) == units + units // 4
    held = federation.numeraire.balanceOf(federation.challenges)
    assert held == federation.challenges.bond() == 10**23 + 1 - units // 4 * federation.scenario.quantum()
