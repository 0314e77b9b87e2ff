"""Challenges.challenge: who may object, until when, and with what bond."""

import boa
import pytest
from onchain.world import EVIDENCE, FOREVER, WAD, Federation, event, packed, refused

WINDOW = 3600


def test_the_bond_is_a_twentieth_of_the_pot(disputed: Federation) -> None:
    client, pot = disputed.clients[1], disputed.scenario.pot()
    bond = disputed.challenge(client)
    assert bond == pot // 20
    assert event(disputed.challenges, "Challenged") == {
        "round": 1,
        "challenger": client,
        "bond": bond,
        "statement": EVIDENCE,
    }
    assert disputed.challenges.bond_of(1, client) == disputed.challenges.staked() == bond
    assert disputed.numeraire.balanceOf(disputed.challenges) == disputed.bond + bond


def test_holders_of_a_token_and_of_lp_shares_may_object_and_nobody_else(disputed: Federation) -> None:
    stranger = disputed.attacker
    for asset in (0, 1, 2, 3):
        disputed.grant(stranger, 10**12, disputed.challenges)
        with refused("neither a client nor a holder"):
            disputed.challenge(stranger, asset)
    with refused("no such client"):
        disputed.challenge(stranger, 4)
    disputed.challenge(disputed.lp, 0)
    disputed.tokens[2].transfer(disputed.investor, 1, sender=disputed.clients[2])
    with refused("neither a client nor a holder"):
        disputed.challenge(disputed.investor, 1)
    disputed.challenge(disputed.investor, 3)


def test_each_objects_once(disputed: Federation) -> None:
    disputed.challenge(disputed.clients[0])
    with refused("already challenged"):
        disputed.challenge(disputed.clients[0])


def test_several_object_and_the_first_is_remembered(disputed: Federation) -> None:
    bonds = [disputed.challenge(client) for client in disputed.clients]
    first, compensation, total, ruling = disputed.challenges.case_of(1)
    assert (first, compensation, total, ruling) == (disputed.clients[0], 0, sum(bonds), 0)


def test_the_window_ends_to_the_second(disputed: Federation) -> None:
    disputed.pass_time(WINDOW - 1)
    disputed.challenge(disputed.clients[0])
    disputed.pass_time(1)
    with refused("the challenge window is closed"):
        disputed.challenge(disputed.clients[1])


def test_there_is_nothing_to_object_to_without_scores(disputed: Federation) -> None:
    disputed.pass_time(WINDOW)
    disputed.scenario.finalize_round(1, packed([8, 1, 1]))
    client = disputed.clients[0]
    disputed.grant(client, 10**12, disputed.challenges)
    for number in (0, 1, 2):
        with refused("no scores to challenge"):
            disputed.challenges.challenge(number, 0, EVIDENCE, sender=client)
    disputed.scenario.open_round(sender=disputed.federator)
    for number in (0, 1, 2):
        with refused("no scores to challenge"):
            disputed.challenges.challenge(number, 0, EVIDENCE, sender=client)


def test_without_a_window_nobody_objects(opened: Federation) -> None:
    opened.scenario.open_round(sender=opened.federator)
    opened.submit([1, 1, 1])
    with refused("the challenge window is closed"):
        opened.challenge(opened.clients[0])


@pytest.mark.parametrize("part", [0, 1, WAD])
def test_the_bond_is_never_nothing(part: int) -> None:
    federation = Federation(challenge_window=WINDOW, ruling_period=1, challenge_bond=part).open(2)
    federation.scenario.open_round(sender=federation.federator)
    federation.submit([1, 1])
    pot = federation.scenario.pot()
    federation.grant(federation.clients[0], 2 * pot, federation.challenges)
    assert federation.challenge(federation.clients[0]) == max(-(-pot * part // WAD), 1)


def test_a_bond_nobody_can_pay_is_no_challenge(disputed: Federation) -> None:
    poor = disputed.clients[0]
    disputed.numeraire.approve(disputed.challenges, FOREVER, sender=poor)
    with boa.reverts():
        disputed.challenges.challenge(1, 0, EVIDENCE, sender=poor)
    assert disputed.challenges.staked() == 0
