"""What the chain says about a round that was scored."""

from fractions import Fraction

import pytest

from wallstreetfeds.chain import SettlementError
from wallstreetfeds.chain.posted import posted_round

ROOT, OTHER = b"\x11" * 32, b"\x22" * 32
SCORES = [7, 9, 0]


@pytest.fixture
def scored(founding, session):
    """Round 1 is scored, and opened in a block of its own; it can be challenged."""
    federation = founding(session, challenge_window=3600, ruling_period=7200)
    federation.open()
    federation.scenario.open_round(sender=federation.federator)
    federation.scenario.submit_scores(1, SCORES, ROOT, sender=federation.federator)
    return federation


def test_scores_root_block_and_clients_are_those_of_the_round(scored):
    opened = scored.session.block_number() - 1
    posted = posted_round(scored.scenario, 1)
    assert posted.round == 1
    assert posted.scores == posted.submitted == (7, 9, 0)
    assert posted.root == ROOT
    assert posted.block_hash == scored.session.block_hash(opened)
    assert posted.wallets == tuple(client.address for client in scored.clients)
    assert posted.supplies == tuple(scored.scenario.supply_of(k) for k in range(3))
    assert posted.score_cap == Fraction(4)
    assert posted.partaking == 3


def test_after_a_ruling_its_scores_and_root_count(scored):
    scored.scenario.court().challenge(1, 0, bytes(32), sender=scored.lp)
    scored.session.advance_time(3600)
    scored.scenario.court().replace_scores(1, [0, 0, 9], OTHER, sender=scored.arbiter)
    posted = posted_round(scored.scenario, 1)
    assert (posted.scores, posted.submitted, posted.root) == ((0, 0, 9), (7, 9, 0), OTHER)


def test_rounds_without_scores_are_refused_with_the_reason(scored):
    with pytest.raises(SettlementError, match="there is no round 0: this federation has rounds 1 to 3"):
        posted_round(scored.scenario, 0)
    with pytest.raises(SettlementError, match="there is no round 4"):
        posted_round(scored.scenario, 4)
    with pytest.raises(SettlementError, match="round 2 is not open yet: round 1 was the last"):
        posted_round(scored.scenario, 2)
    scored.session.advance_time(3600)
    scored.scenario.finalize_round(1, SCORES, sender=scored.federator)
    scored.scenario.open_round(sender=scored.federator)
    with pytest.raises(SettlementError, match="round 2 has no scores yet"):
        posted_round(scored.scenario, 2)
    scored.session.advance_time(scored.scenario.terms().round_deadline)
    scored.scenario.finalize_without_scores(2, sender=scored.lp)
    with pytest.raises(SettlementError, match="round 2 was paid without scores"):
        posted_round(scored.scenario, 2)


def test_who_joined_after_the_opening_takes_no_part_in_the_round(founding, session):
    federation = founding(session, late_joins=True)
    federation.open()
    federation.scenario.open_round(sender=federation.federator)
    scenario, late = federation.scenario, session.account("late")
    scenario.allow_clients([late.address], [10**18], sender=federation.federator)
    top_up = scenario.least_top_up(10**18)
    federation.numeraire.mint(late.address, top_up, sender=federation.deployer)
    federation.numeraire.approve(scenario.address, top_up, sender=late)
    scenario.join_late(top_up, 0, sender=late)
    scenario.submit_scores(1, SCORES, ROOT, sender=federation.federator)
    first = posted_round(scenario, 1)
    assert (first.partaking, first.scores, len(first.wallets)) == (3, (7, 9, 0, 0), 4)
    scenario.finalize_round(1, SCORES, sender=federation.federator)
    scenario.open_round(sender=federation.federator)
    scenario.submit_scores(2, [1, 0, 0, 0], ROOT, sender=federation.federator)
    assert posted_round(scenario, 2).partaking == 4
