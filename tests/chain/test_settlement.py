"""Settlement by (scenario, round): a crash at any point loses no round and pays none twice."""

import pytest

from wallstreetfeds.chain import ChainSettlement, ContractError, SettlementError

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
    sent, paid = transactions(settlement), settlement.scenario.round_rewards(1)
    ChainSettlement(*federation).submit_scores(1, SCORES, ROOT)
    ChainSettlement(*federation).finalize_round(1, SCORES)
    assert transactions(settlement) == sent
    assert settlement.scenario.round_rewards(1) == paid
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
