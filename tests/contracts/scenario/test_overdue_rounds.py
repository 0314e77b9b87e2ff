"""A federation whose federator vanishes, in any state, is paid out by strangers' calls alone."""

import boa
import pytest
from onchain.world import DAY, Federation, packed, refused

BOND = 10**11


def run_down(federation: Federation, stranger: str) -> None:
    """Every round that is left, by somebody without any role."""
    scenario = federation.scenario
    while True:
        _, rho, opened, finalized = federation.clock()
        if opened > finalized:
            federation.pass_time(federation.round_deadline)
            scenario.finalize_without_scores(opened, sender=stranger)
        elif rho == 0:
            return
        else:
            federation.pass_time(federation.round_gap)
            scenario.open_round(sender=stranger)


def everybody_collects(federation: Federation, stranger: str) -> int:
    """Claims for all holders and LPs; returns what they were paid."""
    holders = [federation.federator, federation.investor, federation.lp, *federation.clients]
    sources = [*[token.address for token in federation.tokens], federation.pool.address]
    return int(federation.orchestrator.claim_many(sources, holders, sender=stranger))


def test_a_stranger_opens_a_round_once_the_gap_has_passed(opened: Federation) -> None:
    opened.round()
    opened.pass_time(opened.round_gap - 1)
    with refused("not the federator, not overdue"):
        opened.scenario.open_round(sender=opened.attacker)
    opened.pass_time(1)
    assert opened.scenario.open_round(sender=opened.attacker) == 2


def test_the_gap_counts_from_the_opening_first(joined: Federation) -> None:
    joined.start()
    joined.pass_time(joined.round_gap - 1)
    with refused("not the federator, not overdue"):
        joined.scenario.open_round(sender=joined.attacker)
    joined.pass_time(1)
    assert joined.scenario.open_round(sender=joined.attacker) == 1


def test_before_the_opening_everything_comes_back(joined: Federation) -> None:
    stranger = joined.attacker
    with refused("not the federator, not overdue"):
        joined.scenario.cancel(sender=stranger)
    joined.pass_time(31 * DAY)
    joined.scenario.cancel(sender=stranger)
    for client in joined.clients:
        joined.scenario.withdraw_tokens(sender=client)
    deposit = joined.scenario.numeraire_deposit(joined.lp)
    joined.scenario.withdraw_numeraire(sender=joined.lp)
    assert joined.numeraire.balanceOf(joined.lp) == deposit


@pytest.mark.parametrize("state", ["market open", "round open", "scored", "challenged", "some rounds paid"])
def test_the_whole_escrow_reaches_the_holders(state: str) -> None:
    federation = Federation(bond=BOND, challenge_window=3600, ruling_period=DAY).open(3)
    stranger = federation.attacker
    if state == "some rounds paid":
        federation.scenario.open_round(sender=federation.federator)
        number = federation.submit([1, 2, 3])
        federation.pass_time(3600)
        federation.scenario.finalize_round(number, packed([1, 2, 3]))
    elif state != "market open":
        federation.scenario.open_round(sender=federation.federator)
    if state in ("scored", "challenged"):
        number = federation.submit([1, 2, 3])
        if state == "challenged":
            federation.challenge(federation.clients[0])
        federation.pass_time(3600 + DAY)
        federation.scenario.finalize_round(number, packed([1, 2, 3]), sender=stranger)
    run_down(federation, stranger)
    paid = everybody_collects(federation, stranger)
    added = BOND - federation.challenges.bond()
    assert federation.scenario.escrow() == 0
    # Dust: fractions of a unit for each holder and LP, and the locked shares' part.
    assert federation.budget + added - 1_000 <= paid <= federation.budget + added
    assert federation.numeraire.balanceOf(federation.scenario) == federation.budget + added - paid
    if state == "challenged":
        federation.challenges.withdraw_challenge_bond(number, federation.clients[0], sender=stranger)
    federation.challenges.withdraw_bond(sender=stranger)
    assert federation.numeraire.balanceOf(federation.challenges) == 0
    for actor in (federation.lp, federation.federator, *federation.clients):
        federation.remove(actor, federation.pool.balanceOf(actor))


def test_a_stranger_takes_no_part_in_scores(opened: Federation) -> None:
    opened.pass_time(opened.round_gap)
    number = opened.scenario.open_round(sender=opened.attacker)
    with refused("not the federator"):
        opened.scenario.submit_scores(number, packed([0, 0, 1]), b"\0" * 32, sender=opened.attacker)
    opened.submit([1, 1, 1])
    opened.scenario.finalize_round(number, packed([1, 1, 1]), sender=boa.env.generate_address())
