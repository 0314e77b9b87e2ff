"""Settlement by (scenario, round): a crash at any point loses no round and pays none twice."""

import pytest

from wallstreetfeds.chain import ChainSettlement, ContractError, SettlementError, audit
from wallstreetfeds.chain.settlement import LONGEST_SLEEP, sleep

ROOT, OTHER = b"\x01" * 32, b"\x02" * 32
SCORES = [3, 2, 1]


@pytest.fixture
def settlement(federation):
    federation.open()
    return ChainSettlement(federation.scenario, federation.federator)


def transactions(settlement):
    return settlement.scenario.session.stats.transactions


def test_rounds_are_opened_scored_and_paid(settlement):
    session, scenario = settlement.scenario.session, settlement.scenario
    for number in (1, 2, 3):
        opened = settlement.open_round()
        assert opened.round == number
        assert opened.block_hash == session.block_hash(session.block_number())
        settlement.submit_scores(number, SCORES, ROOT)
        settlement.finalize_round(number, SCORES)
        assert scenario.clock()[2:] == (number, number)
    with pytest.raises(ContractError, match="all rounds have been opened"):
        settlement.open_round()


def test_every_call_can_be_repeated_by_a_new_process(settlement):
    federation = settlement.scenario, settlement.federator
    first = settlement.open_round()
    settlement.scenario.session.advance_time(100)
    assert ChainSettlement(*federation).open_round() == first
    ChainSettlement(*federation).submit_scores(1, SCORES, ROOT)
    sent = transactions(settlement)
    ChainSettlement(*federation).submit_scores(1, SCORES, ROOT)
    assert transactions(settlement) == sent
    ChainSettlement(*federation).finalize_round(1, SCORES)
    sent, paid = transactions(settlement), settlement.scenario.rewards([1])
    ChainSettlement(*federation).submit_scores(1, SCORES, ROOT)
    ChainSettlement(*federation).finalize_round(1, SCORES)
    assert transactions(settlement) == sent
    assert settlement.scenario.rewards([1]) == paid
    assert settlement.open_round().round == 2


def test_other_scores_or_evidence_are_an_error(settlement):
    settlement.open_round()
    settlement.submit_scores(1, SCORES, ROOT)
    with pytest.raises(
        SettlementError, match=r"was scored \[3, 2, 1\] before and cannot be scored \[1, 2, 3\]"
    ):
        settlement.submit_scores(1, [1, 2, 3], ROOT)
    with pytest.raises(SettlementError, match="evidence"):
        settlement.submit_scores(1, SCORES, OTHER)
    with pytest.raises(SettlementError, match="cannot be scored"):
        settlement.finalize_round(1, [1, 2, 3])
    settlement.finalize_round(1, SCORES)
    with pytest.raises(SettlementError, match="cannot be scored"):
        settlement.finalize_round(1, [1, 2, 3])


def test_rounds_out_of_order_are_an_error(settlement):
    with pytest.raises(SettlementError, match="round 1 is not open"):
        settlement.submit_scores(1, SCORES, ROOT)
    settlement.open_round()
    with pytest.raises(SettlementError, match="no scores were submitted"):
        settlement.finalize_round(1, SCORES)
    with pytest.raises(SettlementError, match="round 2 is not open: round 1 is open"):
        settlement.submit_scores(2, SCORES, ROOT)


def test_somebody_else_may_finalise_first(settlement, federation, monkeypatch):
    settlement.open_round()
    settlement.submit_scores(1, SCORES, ROOT)
    plain = settlement.scenario.finalize_round

    def overtaken(round, scores, *, sender):
        plain(round, scores, sender=federation.investor)
        return plain(round, scores, sender=sender)

    monkeypatch.setattr(settlement.scenario, "finalize_round", overtaken)
    settlement.finalize_round(1, SCORES)
    assert settlement.scenario.clock().finalized == 1


# --- windows, deadlines, strangers ---

WINDOW, PERIOD = 3600, 7200


@pytest.fixture
def open_to_challenge(founding, session):
    """A settlement whose waits are noted and then pass on the chain."""
    federation = founding(session, challenge_window=WINDOW, ruling_period=PERIOD, training_time=60)
    federation.open()
    waits = []

    def wait(seconds):
        waits.append(seconds)
        session.advance_time(seconds)

    return federation, ChainSettlement(federation.scenario, federation.federator, wait=wait), waits


def test_it_waits_for_the_training_time_and_the_window(open_to_challenge):
    federation, settlement, waits = open_to_challenge
    settlement.open_round()
    settlement.submit_scores(1, SCORES, ROOT)
    assert len(waits) == 1
    assert 50 < waits[0] <= 60
    assert 0 < settlement.payable_in(1) <= WINDOW
    settlement.finalize_round(1, SCORES)
    assert len(waits) == 2
    assert federation.scenario.clock().finalized == 1


def test_it_waits_for_a_ruling_and_pays_by_it(open_to_challenge):
    federation, settlement, _ = open_to_challenge
    settlement.open_round()
    settlement.submit_scores(1, SCORES, ROOT)
    court = federation.scenario.court()
    court.challenge(1, 0, OTHER, sender=federation.lp)
    assert settlement.payable_in(1) > WINDOW
    told = []

    def wait(seconds):
        told.append(seconds)
        federation.session.advance_time(WINDOW)
        court.replace_scores(1, [1, 1, 4], OTHER, sender=federation.arbiter)

    ChainSettlement(federation.scenario, federation.federator, wait=wait).finalize_round(1, SCORES)
    assert len(told) == 1
    (rewards,) = federation.scenario.rewards([1])
    assert rewards[2] > rewards[0] + rewards[1]
    # Paid: what was submitted is still what a new process settles, once.
    sent = transactions(settlement)
    settlement.submit_scores(1, SCORES, ROOT)
    settlement.finalize_round(1, SCORES)
    assert transactions(settlement) == sent


def test_an_unanswered_challenge_holds_a_round_until_the_ruling_period_is_over(open_to_challenge):
    federation, settlement, waits = open_to_challenge
    settlement.open_round()
    settlement.submit_scores(1, SCORES, ROOT)
    federation.scenario.court().challenge(1, 0, OTHER, sender=federation.lp)
    settlement.finalize_round(1, SCORES)
    assert WINDOW < waits[-1] <= WINDOW + PERIOD
    assert federation.scenario.clock().finalized == 1


def test_real_time_is_waited_for_in_short_sleeps(monkeypatch):
    slept = []
    monkeypatch.setattr("time.sleep", slept.append)
    sleep(5)
    sleep(7 * 86_400)
    assert slept == [5, LONGEST_SLEEP]


def test_a_round_whose_deadline_passed_is_paid_without_scores_and_the_next_one_opens(settlement, federation):
    settlement.open_round()
    federation.session.advance_time(7 * 86_400)
    with pytest.raises(SettlementError, match="round 1 come too late"):
        settlement.submit_scores(1, SCORES, ROOT)
    assert settlement.open_round().round == 2
    (rewards,) = federation.scenario.rewards([1])
    assert len(set(rewards)) <= 2
    assert federation.scenario.court().bond() < federation.scenario.terms().bond
    settlement.submit_scores(2, SCORES, ROOT)
    settlement.finalize_round(2, SCORES)
    assert audit(federation.session, federation.scenario).balanced


def test_a_round_that_strangers_paid_without_scores_is_not_scored_again(settlement, federation):
    settlement.open_round()
    federation.session.advance_time(7 * 86_400)
    federation.scenario.finalize_without_scores(1, sender=federation.investor)
    sent = transactions(settlement)
    for settle in (
        lambda: settlement.submit_scores(1, SCORES, ROOT),
        lambda: settlement.finalize_round(1, SCORES),
    ):
        with pytest.raises(SettlementError, match="round 1 was paid without scores"):
            settle()
    assert transactions(settlement) == sent
    settlement.open_round()
    settlement.submit_scores(2, SCORES, ROOT)
    with pytest.raises(SettlementError, match="round 1 was paid without scores"):
        settlement.submit_scores(1, SCORES, ROOT)


def test_a_round_that_a_stranger_opened_is_settled_like_any_other(settlement, federation):
    federation.session.advance_time(7 * 86_400)
    opened = federation.scenario.open_round(sender=federation.investor)
    mine = settlement.open_round()
    assert mine == (1, federation.session.block_hash(opened.block))
    settlement.submit_scores(1, SCORES, ROOT)
    settlement.finalize_round(1, SCORES)
    assert federation.scenario.clock().finalized == 1


def test_somebody_else_may_open_first(settlement, federation, monkeypatch):
    plain = settlement.scenario.open_round

    def overtaken(*, sender):
        federation.session.advance_time(7 * 86_400)
        plain(sender=federation.investor)
        return plain(sender=sender)

    monkeypatch.setattr(settlement.scenario, "open_round", overtaken)
    assert settlement.open_round().round == 1
