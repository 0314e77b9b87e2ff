"""Orchestrator.claim_many: every holder from every source, in one call."""

import boa
import pytest
from onchain.world import Federation, compiled, refused


@pytest.fixture
def earned(opened: Federation) -> Federation:
    """Two rounds are paid; the investor has tokens of all clients."""
    opened.equip(opened.investor, 10**12, 10**17)
    opened.add(opened.investor, 10**12)
    opened.round([1, 2, 3])
    opened.round([3, 2, 1])
    return opened


def sources(federation: Federation) -> list[str]:
    return [*[token.address for token in federation.tokens], federation.pool.address]


def owed(federation: Federation, holder: str) -> int:
    return sum(c.claimable(holder) for c in (*federation.tokens, federation.pool))


def test_everybody_gets_everything_in_one_call(earned: Federation) -> None:
    holders = [earned.investor, earned.lp, *earned.clients]
    before = [earned.numeraire.balanceOf(holder) for holder in holders]
    expected = [owed(earned, holder) for holder in holders]
    assert all(expected)
    total = earned.orchestrator.claim_many(sources(earned), holders, sender=earned.attacker)
    assert total == sum(expected)
    after = [earned.numeraire.balanceOf(holder) for holder in holders]
    assert [b - a for a, b in zip(before, after, strict=True)] == expected
    assert earned.orchestrator.claim_many(sources(earned), holders) == 0


def test_sources_of_several_federations_go_together(earned: Federation) -> None:
    other = Federation(numeraire=earned.numeraire).open(1)
    other.tokens[0].transfer(earned.investor, 10**17, sender=other.clients[0])
    other.round([1])
    expected = owed(earned, earned.investor) + other.tokens[0].claimable(earned.investor)
    both = [*sources(earned), other.tokens[0].address]
    assert earned.orchestrator.claim_many(both, [earned.investor]) == expected


def test_who_cannot_be_paid_is_passed_over(earned: Federation) -> None:
    # The pool does not claim for itself: its locked shares' rewards are dust.
    expected = owed(earned, earned.investor)
    paid = earned.orchestrator.claim_many(sources(earned), [earned.pool.address, earned.investor])
    assert paid == expected


def test_what_is_no_source_is_passed_over(earned: Federation) -> None:
    expected = owed(earned, earned.investor)
    rubbish = [boa.env.generate_address(), earned.numeraire.address, compiled("Puppet").deploy().address]
    paid = earned.orchestrator.claim_many([*rubbish, *sources(earned)], [earned.investor])
    assert paid == expected


def test_nothing_asked_is_nothing_paid(earned: Federation) -> None:
    assert earned.orchestrator.claim_many([], [earned.investor]) == 0
    assert earned.orchestrator.claim_many(sources(earned), []) == 0


def test_a_source_that_lies_about_the_amount_can_only_spoil_the_callers_own_call(earned: Federation) -> None:
    liar = compiled("Liar").deploy()
    liar.set_answer(5)
    expected = owed(earned, earned.investor)
    paid = earned.orchestrator.claim_many([liar.address, *sources(earned)], [earned.investor])
    assert paid == expected + 5
    assert earned.scenario.paid() == expected
    # A sum that overflows undoes the whole call, and what is owed stays owed.
    liar.set_answer(2**256 - 1)
    left = owed(earned, earned.lp)
    with refused(""):
        earned.orchestrator.claim_many([liar.address, *sources(earned)], [earned.lp])
    assert owed(earned, earned.lp) == left


def test_the_same_source_twice_pays_once(earned: Federation) -> None:
    token = earned.tokens[0]
    expected = token.claimable(earned.investor)
    assert earned.orchestrator.claim_many([token.address] * 3, [earned.investor] * 2) == expected


def test_sixty_five_sources_and_sixty_four_holders_are_the_most(earned: Federation) -> None:
    holders = [boa.env.generate_address() for _ in range(63)] + [earned.investor]
    every = [earned.pool.address] * 64 + [earned.tokens[0].address]
    expected = [earned.pool.claimable(earned.investor), earned.tokens[0].claimable(earned.investor)]
    assert earned.orchestrator.claim_many(every[:1], holders) == expected[0]
    assert earned.orchestrator.claim_many(every, holders[-1:]) == expected[1]
    for order in (([*every, every[0]], holders[:1]), (every[:1], [*holders, holders[0]])):
        with pytest.raises(boa.BoaError):
            earned.orchestrator.claim_many(*order)
