"""Challenges in the model: who may object, what a ruling costs whom, what returns when nobody rules."""

import pytest

from wallstreetfeds.sim.market import NUMERAIRE, Refused
from wallstreetfeds.sim.model.terms import DAY


@pytest.fixture
def disputed(made):
    """A scored round that can be challenged for a day: pot 250,000, bond 250,000, challenges cost 12,500."""
    market = made(challenge_window=DAY, ruling_period=DAY, score_cap=64)
    market.swap_exact_in("investor", NUMERAIRE, 1, 100.0, 0.0)
    market.open_round()
    market.federation.submit_scores([1, 0, 0])
    return market.federation


def test_replaced_scores_cost_the_federator_twice_the_first_challengers_bond(disputed):
    before = disputed.holdings.balance_of("investor", NUMERAIRE)
    assert disputed.challenge("investor", 1) == 12_500
    assert disputed.challenge("lp", 0) == 12_500
    disputed.advance_time(DAY)
    disputed.replace_scores([0, 1, 1])
    assert disputed.rounds.court.bond == 225_000
    assert disputed.rounds.pot == 262_500
    assert disputed.withdraw_challenge_bond(1, "investor") == 25_000
    assert disputed.withdraw_challenge_bond(1, "lp") == 12_500
    assert disputed.holdings.balance_of("investor", NUMERAIRE) == before + 12_500
    disputed.finalize_round()
    assert disputed.rounds.rewards == [[0, 131_250, 131_250]]
    assert disputed.rounds.court.staked == 0


def test_upheld_scores_cost_the_challengers_their_bonds(disputed):
    with pytest.raises(Refused, match="balance too small"):
        disputed.challenge("a")
    disputed.challenge("investor", 1)
    with pytest.raises(Refused, match="the challenge window is open"):
        disputed.uphold_scores()
    disputed.advance_time(DAY)
    disputed.uphold_scores()
    with pytest.raises(Refused, match="already ruled"):
        disputed.replace_scores([1, 1, 1])
    with pytest.raises(Refused, match="the scores were upheld"):
        disputed.withdraw_challenge_bond(1, "investor")
    assert disputed.withdraw_bond() == 12_500
    disputed.finalize_round()
    assert disputed.rounds.rewards == [[250_000, 0, 0]]


def test_without_a_ruling_the_scores_stand_and_the_bond_returns(disputed):
    disputed.challenge("investor", 1)
    disputed.advance_time(DAY)
    with pytest.raises(Refused, match="open to challenge"):
        disputed.finalize_round()
    with pytest.raises(Refused, match="the round is not paid yet"):
        disputed.withdraw_challenge_bond(1, "investor")
    disputed.advance_time(DAY)
    with pytest.raises(Refused, match="the ruling period is over"):
        disputed.uphold_scores()
    disputed.finalize_round()
    assert disputed.withdraw_challenge_bond(1, "investor") == 12_500
    with pytest.raises(Refused, match="nothing to withdraw"):
        disputed.withdraw_challenge_bond(1, "investor")


def test_who_has_nothing_at_stake_cannot_object_and_nobody_twice_or_late(disputed):
    with pytest.raises(Refused, match="neither a client nor a holder"):
        disputed.challenge("rich", 2)
    with pytest.raises(Refused, match="no such client"):
        disputed.challenge("rich", 7)
    disputed.challenge("investor", 1)
    with pytest.raises(Refused, match="already challenged"):
        disputed.challenge("investor", 1)
    disputed.advance_time(DAY)
    with pytest.raises(Refused, match="the challenge window is closed"):
        disputed.challenge("lp")


def test_nothing_is_ruled_on_before_somebody_objects(disputed):
    disputed.advance_time(DAY)
    with pytest.raises(Refused, match="nobody has challenged"):
        disputed.uphold_scores()
    disputed.finalize_round()
    with pytest.raises(Refused, match="no scores to challenge"):
        disputed.challenge("investor", 1)
