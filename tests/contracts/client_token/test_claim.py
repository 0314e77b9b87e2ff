"""ClientToken.claim, claim_for, claimable: pull, once, whatever the time."""

import pytest
from onchain.world import Federation, event, events, packed


def held_part(federation: Federation, k: int, holder: object) -> int:
    """Smallest units that a holder gets of all finalised rounds, if its balance never changed."""
    token = federation.tokens[k]
    units = federation.scenario.history(k, federation.clock()[3])
    return int(units * token.balanceOf(holder) // token.totalSupply() * federation.scenario.quantum())


def test_a_holder_claims_its_part(opened: Federation) -> None:
    client, token = opened.clients[0], opened.tokens[0]
    opened.round([2, 1, 1])
    expected = held_part(opened, 0, client)
    assert token.claimable(client) == expected > 0
    assert token.claim(sender=client) == expected
    assert event(token, "Claimed") == {"holder": client, "amount": expected}
    assert opened.numeraire.balanceOf(client) == expected
    assert token.claimable(client) == 0


def test_claiming_again_pays_nothing_and_says_nothing(opened: Federation) -> None:
    client, token = opened.clients[0], opened.tokens[0]
    opened.round([2, 1, 1])
    token.claim(sender=client)
    paid = opened.scenario.paid()
    assert token.claim(sender=client) == 0
    assert events(token, "Claimed") == []
    assert opened.scenario.paid() == paid


def test_anyone_claims_for_a_holder_and_the_holder_is_paid(opened: Federation) -> None:
    client, token = opened.clients[1], opened.tokens[1]
    opened.round([2, 1, 1])
    amount = token.claim_for(client, sender=opened.attacker)
    assert opened.numeraire.balanceOf(client) == amount > 0
    assert opened.numeraire.balanceOf(opened.attacker) == 0


def test_a_stranger_has_nothing_to_claim(opened: Federation) -> None:
    opened.round([2, 1, 1])
    assert opened.tokens[0].claim(sender=opened.attacker) == 0
    assert opened.tokens[0].claimable(opened.attacker) == 0


def test_nothing_is_claimable_between_opening_and_payment(opened: Federation) -> None:
    opened.scenario.open_round(sender=opened.federator)
    opened.scenario.submit_scores(1, packed([1, 0, 0]), b"\0" * 32, sender=opened.federator)
    assert opened.tokens[0].claim(sender=opened.clients[0]) == 0
    opened.scenario.finalize_round(1, packed([1, 0, 0]))
    assert opened.tokens[0].claim(sender=opened.clients[0]) > 0


@pytest.mark.parametrize("clock", [True, False])
@pytest.mark.parametrize("decimals", [6, 8, 18])
def test_it_does_not_matter_when_one_claims(decimals: int, clock: bool) -> None:
    federation = Federation(decimals=decimals, budget=10**6 * 10**decimals + 7, clock=clock).open(2)
    token, early, late = federation.tokens[0], federation.investor, federation.lp
    for actor in (early, late):
        token.transfer(actor, 123_456_789_012_345_678, sender=federation.clients[0])
    total = 0
    for scores in ([1, 3], [0, 0], [5, 2], [0, 1]):
        federation.scenario.open_round(sender=federation.federator)
        total += token.claim(sender=early)
        federation.settle(scores)
        total += token.claim(sender=early)
        assert total + token.claimable(early) == token.claimable(late)
    assert token.claim(sender=late) == total == held_part(federation, 0, late)


def test_a_claim_over_256_rounds_is_one_call() -> None:
    federation = Federation(rounds=256, budget=256 * 10**9).open(2)
    federation.mature()
    client = federation.clients[0]
    assert federation.tokens[0].claim(sender=client) == held_part(federation, 0, client)
    assert federation.clock() == (federation.budget, 0, 256, 256)


def test_holders_of_a_client_that_scored_nothing_get_nothing(opened: Federation) -> None:
    opened.round([0, 1, 1])
    assert opened.tokens[0].claim(sender=opened.clients[0]) == 0


def test_a_part_of_a_unit_is_carried_to_the_next_claim() -> None:
    # 1,000 units a round over 10^18: a holder of a thousandth and a bit gets 1.25 units a round.
    federation = Federation(budget=4_000, rounds=4, listed=2 * 10**17).fund().join(1).deposit(10**6).start()
    token, holder = federation.tokens[0], federation.investor
    token.transfer(holder, 125 * 10**13, sender=federation.clients[0])
    claims = []
    for _ in range(4):
        federation.round()
        claims.append(token.claim(sender=holder))
    assert claims == [1, 1, 1, 2]


def test_before_the_opening_nothing_is_claimable(joined: Federation) -> None:
    assert joined.tokens[0].claimable(joined.clients[0]) == 0
    assert joined.tokens[0].claim(sender=joined.clients[0]) == 0
