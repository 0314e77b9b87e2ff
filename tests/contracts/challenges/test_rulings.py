"""Challenges.uphold_scores, replace_scores, and silence: what the arbiter can do, and when."""

import pytest
from onchain.world import DAY, EVIDENCE, Federation, event, packed, refused

WINDOW = 3600
BETTER = [1, 1, 8]


def test_upheld_the_challengers_bonds_go_to_the_federator(disputed: Federation) -> None:
    bonds = sum(disputed.challenge(client) for client in disputed.clients[:2])
    disputed.pass_time(WINDOW)
    disputed.challenges.uphold_scores(1, sender=disputed.arbiter_account)
    assert event(disputed.challenges, "ScoresUpheld") == {"round": 1, "forfeited": bonds}
    assert (disputed.challenges.forfeited(), disputed.challenges.staked()) == (bonds, 0)
    disputed.scenario.finalize_round(1, packed([8, 1, 1]))
    for client in disputed.clients[:2]:
        with refused("the scores were upheld"):
            disputed.challenges.withdraw_challenge_bond(1, client)
    before = disputed.numeraire.balanceOf(disputed.federator)
    assert disputed.challenges.withdraw_bond() == bonds
    assert disputed.numeraire.balanceOf(disputed.federator) == before + bonds
    assert disputed.challenges.bond() == disputed.bond


def test_replaced_the_pot_is_split_by_the_new_scores(disputed: Federation) -> None:
    first, second = disputed.clients[1], disputed.clients[2]
    bond = disputed.challenge(first)
    disputed.challenge(second)
    pot = disputed.scenario.pot()
    disputed.pass_time(WINDOW)
    disputed.challenges.replace_scores(1, packed(BETTER), EVIDENCE, sender=disputed.arbiter_account)
    assert event(disputed.challenges, "ChallengeRewarded") == {
        "round": 1,
        "challenger": first,
        "compensation": bond,
        "added": bond,
    }
    assert disputed.scenario.pot() == pot + bond
    with refused("not the scores of the round"):
        disputed.scenario.finalize_round(1, packed([8, 1, 1]))
    disputed.scenario.finalize_round(1, packed(BETTER))
    assert sum(disputed.rewards(1)) == pot + bond
    assert disputed.rewards(1)[2] == pytest.approx((pot + bond) * 8 // 10, abs=1)
    # The first gets as much again, the second its own.
    assert disputed.challenges.withdraw_challenge_bond(1, first) == 2 * bond
    assert disputed.challenges.withdraw_challenge_bond(1, second) == bond
    assert disputed.challenges.bond() == disputed.bond - 2 * bond
    assert disputed.numeraire.balanceOf(disputed.challenges) == disputed.challenges.bond()


def test_silence_lets_the_submitted_scores_stand(disputed: Federation) -> None:
    client = disputed.clients[0]
    bond = disputed.challenge(client)
    disputed.pass_time(WINDOW + DAY - 1)
    with refused("open to challenge"):
        disputed.scenario.finalize_round(1, packed([8, 1, 1]))
    with refused("the round is not paid yet"):
        disputed.challenges.withdraw_challenge_bond(1, client)
    disputed.pass_time(1)
    with refused("the ruling period is over"):
        disputed.challenges.uphold_scores(1, sender=disputed.arbiter_account)
    disputed.scenario.finalize_round(1, packed([8, 1, 1]))
    assert disputed.challenges.withdraw_challenge_bond(1, client) == bond
    assert disputed.challenges.bond() == disputed.bond


def test_unchallenged_scores_are_paid_when_the_window_ends(disputed: Federation) -> None:
    disputed.pass_time(WINDOW - 1)
    with refused("open to challenge"):
        disputed.scenario.finalize_round(1, packed([8, 1, 1]))
    disputed.pass_time(1)
    with refused("nobody has challenged"):
        disputed.challenges.replace_scores(1, packed(BETTER), EVIDENCE, sender=disputed.arbiter_account)
    disputed.scenario.finalize_round(1, packed([8, 1, 1]))


def test_only_the_arbiter_rules_once_and_not_before_the_window_ends(disputed: Federation) -> None:
    court, arbiter = disputed.challenges, disputed.arbiter_account
    disputed.challenge(disputed.clients[0])
    with refused("the challenge window is open"):
        court.uphold_scores(1, sender=arbiter)
    disputed.pass_time(WINDOW)
    for stranger in (disputed.federator, disputed.clients[0], disputed.attacker):
        with refused("not the arbiter"):
            court.uphold_scores(1, sender=stranger)
        with refused("not the arbiter"):
            court.replace_scores(1, packed(BETTER), EVIDENCE, sender=stranger)
    with refused("no scores to challenge"):
        court.uphold_scores(2, sender=arbiter)
    court.uphold_scores(1, sender=arbiter)
    with refused("already ruled"):
        court.replace_scores(1, packed(BETTER), EVIDENCE, sender=arbiter)
    with refused("already ruled"):
        court.uphold_scores(1, sender=arbiter)


def test_the_arbiters_scores_keep_the_rules(disputed: Federation) -> None:
    court, arbiter = disputed.challenges, disputed.arbiter_account
    disputed.challenge(disputed.clients[0])
    disputed.pass_time(WINDOW)
    with refused("a score without a client"):
        court.replace_scores(1, packed([1, 1, 1, 1]), EVIDENCE, sender=arbiter)
    with refused("sum of scores above 10^9"):
        court.replace_scores(1, packed([10**9, 1, 0]), EVIDENCE, sender=arbiter)
    with refused("not the court of challenges"):
        disputed.scenario.replace_scores(1, packed(BETTER), EVIDENCE, 0, sender=arbiter)


def test_a_bond_that_is_gone_pays_what_is_left() -> None:
    federation = Federation(bond=10**6, challenge_window=WINDOW, ruling_period=DAY).open(2)
    federation.scenario.open_round(sender=federation.federator)
    federation.submit([1, 0])
    bond = federation.challenge(federation.clients[1])
    assert bond > 10**6
    federation.pass_time(WINDOW)
    federation.challenges.replace_scores(1, packed([1, 1]), EVIDENCE, sender=federation.arbiter_account)
    ruling = event(federation.challenges, "ChallengeRewarded")
    # The holders come first: a federator that challenges itself gets nothing back.
    assert (ruling["compensation"], ruling["added"]) == (0, 10**6)
    federation.scenario.finalize_round(1, packed([1, 1]))
    assert federation.challenges.withdraw_challenge_bond(1, federation.clients[1]) == bond
    assert federation.numeraire.balanceOf(federation.challenges) == 0


def test_a_federator_that_challenges_itself_first_still_loses(disputed: Federation) -> None:
    # As an LP the federator may object; the honest client comes second.
    bond = disputed.challenge(disputed.federator)
    disputed.challenge(disputed.clients[2])
    disputed.pass_time(WINDOW)
    disputed.challenges.replace_scores(1, packed(BETTER), EVIDENCE, sender=disputed.arbiter_account)
    back = disputed.challenges.withdraw_challenge_bond(1, disputed.federator)
    left = disputed.challenges.bond()
    assert disputed.bond + bond - (back + left) == bond


def test_a_bond_is_withdrawn_once(disputed: Federation) -> None:
    client = disputed.clients[0]
    disputed.challenge(client)
    disputed.pass_time(WINDOW)
    disputed.challenges.replace_scores(1, packed(BETTER), EVIDENCE, sender=disputed.arbiter_account)
    disputed.challenges.withdraw_challenge_bond(1, client, sender=disputed.attacker)
    with refused("nothing to withdraw"):
        disputed.challenges.withdraw_challenge_bond(1, client)
    with refused("nothing to withdraw"):
        disputed.challenges.withdraw_challenge_bond(1, disputed.attacker)


@pytest.mark.parametrize("ruling", ["upheld", "replaced"])
def test_the_last_second_of_the_arbiters_period_is_its_own(disputed: Federation, ruling: str) -> None:
    court, arbiter = disputed.challenges, disputed.arbiter_account
    disputed.challenge(disputed.clients[0])
    disputed.pass_time(WINDOW + DAY - 1)
    if ruling == "upheld":
        court.uphold_scores(1, sender=arbiter)
    else:
        court.replace_scores(1, packed(BETTER), EVIDENCE, sender=arbiter)
    # Ruled: nothing is waited for.
    words = packed(BETTER if ruling == "replaced" else [8, 1, 1])
    disputed.scenario.finalize_round(1, words, sender=disputed.attacker)
    assert disputed.clock()[3] == 1


def test_every_round_has_a_case_of_its_own(disputed: Federation) -> None:
    court, (first, second, _) = disputed.challenges, disputed.clients
    bond = disputed.challenge(first)
    disputed.pass_time(WINDOW)
    court.uphold_scores(1, sender=disputed.arbiter_account)
    disputed.scenario.finalize_round(1, packed([8, 1, 1]))
    disputed.scenario.open_round(sender=disputed.federator)
    disputed.submit([1, 1, 1])
    again = disputed.challenge(second)
    assert disputed.challenge(first) == again
    assert court.case_of(1)[0] == first
    assert court.case_of(2)[0] == second
    assert (court.forfeited(), court.staked()) == (bond, 2 * again)
    with refused("the scores were upheld"):
        court.withdraw_challenge_bond(1, first)
    with refused("the round is not paid yet"):
        court.withdraw_challenge_bond(2, first)
    disputed.pass_time(WINDOW + DAY)
    disputed.scenario.finalize_round(2, packed([1, 1, 1]))
    assert court.withdraw_challenge_bond(2, first) == again
    assert court.withdraw_challenge_bond(2, second) == again


def test_what_the_federator_has_won_is_paid_before_its_bond_is_free(disputed: Federation) -> None:
    bond = disputed.challenge(disputed.clients[0])
    disputed.pass_time(WINDOW)
    disputed.challenges.uphold_scores(1, sender=disputed.arbiter_account)
    assert disputed.challenges.withdraw_bond(sender=disputed.attacker) == bond
    assert disputed.challenges.withdraw_bond(sender=disputed.attacker) == 0
    assert disputed.numeraire.balanceOf(disputed.challenges) == disputed.bond


def test_a_second_ruling_takes_from_what_the_first_left() -> None:
    """A bond of one and a half challenges: as much to the pot, what is left to the challenger."""
    pot = 250_000_000_000
    bond = pot // 20
    federation = Federation(bond=bond * 3 // 2, challenge_window=WINDOW, ruling_period=DAY).open(2)
    federation.scenario.open_round(sender=federation.federator)
    federation.submit([1, 0])
    assert federation.challenge(federation.clients[1]) == bond
    federation.pass_time(WINDOW)
    federation.challenges.replace_scores(1, packed([1, 1]), EVIDENCE, sender=federation.arbiter_account)
    ruling = event(federation.challenges, "ChallengeRewarded")
    assert (ruling["compensation"], ruling["added"]) == (bond // 2, bond)
    assert federation.scenario.pot() == pot + bond
    assert federation.challenges.bond() == 0
