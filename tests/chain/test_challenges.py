"""Bonds, challenges and rulings through the SDK, the books balanced after every step."""

import pytest

from wallstreetfeds.chain import Case, ContractError, audit
from wallstreetfeds.chain.abi import ZERO_ADDRESS
from wallstreetfeds.chain.contracts.challenges import REPLACED, SILENT, UPHELD

ROOT, OTHER = b"\x11" * 32, b"\x22" * 32
WHY = b"\x33" * 32
WINDOW, PERIOD = 3600, 7200


@pytest.fixture
def disputed(founding, session):
    """Round 1 is scored and can be challenged."""
    federation = founding(session, challenge_window=WINDOW, ruling_period=PERIOD)
    federation.open()
    federation.scenario.open_round(sender=federation.federator)
    federation.scenario.submit_scores(1, [9, 0, 0], ROOT, sender=federation.federator)
    return federation


def balanced(federation):
    result = audit(federation.session, federation.scenario)
    assert result.discrepancies == ()
    return result


def challenger_bond(federation):
    return -(-federation.scenario.pot() // 20)


def test_terms_are_told_by_the_court(disputed):
    scenario, court = disputed.scenario, disputed.scenario.court()
    assert (court.scenario(), court.federator()) == (scenario.address, disputed.federator.address)
    assert (court.numeraire(), court.arbiter()) == (disputed.numeraire.address, disputed.arbiter.address)
    assert (court.challenge_window(), court.ruling_period()) == (WINDOW, PERIOD)
    assert court.challenge_bond() == 5 * 10**16
    assert court.case_of(1) == Case(ZERO_ADDRESS, 0, 0, SILENT)
    assert scenario.stage().submitted == 1


def test_replaced_scores_pay_the_challenger_and_the_pot(disputed):
    scenario, court, lp = disputed.scenario, disputed.scenario.court(), disputed.lp
    bond, pot, whole = challenger_bond(disputed), scenario.pot(), court.bond()
    since = scenario.stage().since
    assert court.challenge(1, 0, WHY, sender=lp).value == bond == court.bond_of(1, lp.address)
    assert balanced(disputed).bonds == whole + bond
    disputed.session.advance_time(WINDOW)
    assert not court.is_settled(1, since)
    court.replace_scores(1, [0, 0, 9], OTHER, sender=disputed.arbiter)
    assert court.case_of(1) == Case(lp.address, bond, bond, REPLACED)
    assert court.is_settled(1, since)
    assert (court.staked(), scenario.pot()) == (2 * bond, pot + bond)
    assert court.bond() == whole - 2 * bond
    with pytest.raises(ContractError, match="not the scores of the round"):
        scenario.finalize_round(1, [9, 0, 0], sender=lp)
    balanced(disputed)
    scenario.finalize_round(1, [0, 0, 9], sender=lp)
    assert scenario.rewards([1]) == [[0, 0, pot + bond]]
    assert court.withdraw_challenge_bond(1, lp.address, sender=disputed.investor).value == 2 * bond
    result = balanced(disputed)
    assert (result.bonds, court.staked()) == (whole - 2 * bond, 0)
    assert result.deposited == scenario.terms().budget + whole - bond


def test_upheld_scores_cost_every_challenger_its_bond(disputed):
    scenario, court = disputed.scenario, disputed.scenario.court()
    bond, whole = challenger_bond(disputed), court.bond()
    disputed.numeraire.mint(disputed.clients[0].address, bond, sender=disputed.deployer)
    disputed.numeraire.approve(court.address, bond, sender=disputed.clients[0])
    for challenger in (disputed.lp, disputed.clients[0]):
        court.challenge(1, 0, WHY, sender=challenger)
    disputed.session.advance_time(WINDOW)
    court.uphold_scores(1, sender=disputed.arbiter)
    assert court.case_of(1).ruling == UPHELD
    assert (court.forfeited(), court.staked()) == (2 * bond, 0)
    balanced(disputed)
    with pytest.raises(ContractError, match="the scores were upheld"):
        court.withdraw_challenge_bond(1, disputed.lp.address, sender=disputed.lp)
    assert court.withdraw_bond(sender=disputed.investor).value == 2 * bond
    assert court.bond() == whole
    scenario.finalize_round(1, [9, 0, 0], sender=disputed.lp)
    assert balanced(disputed).bonds == whole


def test_silence_returns_the_bond_and_the_scores_stand(disputed):
    scenario, court, lp = disputed.scenario, disputed.scenario.court(), disputed.lp
    bond = court.challenge(1, 0, WHY, sender=lp).value
    disputed.session.advance_time(WINDOW)
    with pytest.raises(ContractError, match="open to challenge"):
        scenario.finalize_round(1, [9, 0, 0], sender=lp)
    disputed.session.advance_time(PERIOD)
    with pytest.raises(ContractError, match="the ruling period is over"):
        court.uphold_scores(1, sender=disputed.arbiter)
    scenario.finalize_round(1, [9, 0, 0], sender=lp)
    assert court.withdraw_challenge_bond(1, lp.address, sender=lp).value == bond
    balanced(disputed)


def test_only_who_takes_part_objects_and_only_the_arbiter_rules(disputed):
    court, stranger = disputed.scenario.court(), disputed.investor
    with pytest.raises(ContractError, match="neither a client nor a holder"):
        court.challenge(1, 0, WHY, sender=stranger)
    with pytest.raises(ContractError, match="not the arbiter"):
        court.uphold_scores(1, sender=stranger)
    disputed.buy(2, 10**6)
    court.challenge(1, 2, WHY, sender=stranger)
    with pytest.raises(ContractError, match="already challenged"):
        court.challenge(1, 2, WHY, sender=stranger)


def test_the_bond_returns_when_the_last_round_is_paid(federation):
    scenario, court = federation.scenario, federation.scenario.court()
    whole = court.bond()
    federation.open()
    for _ in range(3):
        assert not scenario.bond_is_free()
        assert court.withdraw_bond(sender=federation.federator).value == 0
        federation.play([1, 1, 1])
    assert scenario.bond_is_free()
    assert court.withdraw_bond(sender=federation.federator).value == whole
    result = audit(federation.session, scenario)
    assert result.balanced
    assert (result.bonds, result.deposited) == (0, scenario.terms().budget)


def test_a_gift_to_the_court_is_told_apart(federation):
    federation.numeraire.transfer(federation.scenario.challenges(), 99, sender=federation.lp)
    assert balanced(federation).bonds == federation.scenario.terms().bond


def test_the_federator_cannot_be_its_own_arbiter(federation):
    terms = federation.scenario.terms()
    own = type(terms)(
        numeraire=terms.numeraire,
        budget=terms.budget,
        rounds=3,
        opening_deadline=terms.opening_deadline,
        arbiter=federation.federator.address,
    )
    with pytest.raises(ValueError, match="the federator cannot be the arbiter"):
        federation.orchestrator.create_scenario(own, (), sender=federation.federator)
