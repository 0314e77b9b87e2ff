"""Opening, scoring and paying rounds so that a crash at any point loses no round and pays none twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from eth_account.signers.local import LocalAccount

from wallstreetfeds.chain.contracts import Scenario
from wallstreetfeds.chain.errors import ContractError, SettlementError
from wallstreetfeds.chain.events import last_event, word
from wallstreetfeds.records import RoundOpened, ScoresSubmitted


class OpenedRound(NamedTuple):
    """A round whose record date is behind; `block_hash` (32 bytes) is that of the block it opened in."""

    round: int
    block_hash: bytes


class ChainSettlement:
    """Settles the rounds of one federation as its federator.

    Every call looks at the chain first: what was done before, by this process or by one that died, is not
    done again.  Raises SettlementError where the chain holds something else than is to be settled,
    ContractError where the Scenario refuses.
    """

    def __init__(self, scenario: Scenario, federator: LocalAccount) -> None:
        self.scenario = scenario
        self.federator = federator

    def open_round(self) -> OpenedRound:
        """Open the next round, or return the one that is open already."""
        clock = self.scenario.clock()
        if clock.opened > clock.finalized:
            return self._opened(clock.opened)
        receipt = self.scenario.open_round(sender=self.federator)
        return OpenedRound(receipt.value, self.scenario.session.block_hash(receipt.block))

    def submit_scores(self, round: int, scores: Sequence[int], evidence_root: bytes) -> None:
        """Submit the scores of an open round, once: one integer a client in join order, and 32 bytes."""
        if self.scenario.submitted() >= round:
            self._same(round, scores, evidence_root)
            return
        self._expect_open(round)
        self.scenario.submit_scores(round, scores, evidence_root, sender=self.federator)

    def finalize_round(self, round: int, scores: Sequence[int]) -> None:
        """Pay a round by the scores submitted before."""
        if self.scenario.submitted() < round:
            raise SettlementError(f"round {round} cannot be paid: no scores were submitted for it")
        self._same(round, scores)
        if self.scenario.clock().finalized >= round:
            return
        try:
            self.scenario.finalize_round(round, scores, sender=self.federator)
        except ContractError:
            # Anyone may finalise: somebody may have been first.
            if self.scenario.clock().finalized < round:
                raise

    def _opened(self, round: int) -> OpenedRound:
        event = last_event(self.scenario.session, self.scenario, RoundOpened, word(round))
        if event is None:
            raise SettlementError(f"round {round} is open, but the node has no event that says when")
        return OpenedRound(round, self.scenario.session.block_hash(event.block))

    def _expect_open(self, round: int) -> None:
        clock = self.scenario.clock()
        if clock.opened != round or clock.finalized >= round:
            state = "is paid" if clock.finalized >= clock.opened else "is open"
            raise SettlementError(f"round {round} is not open: round {clock.opened} {state}")

    def _same(self, round: int, scores: Sequence[int], evidence_root: bytes | None = None) -> None:
        """Raise SettlementError unless these scores (and this root, where given) are on the chain."""
        event = last_event(self.scenario.session, self.scenario, ScoresSubmitted, word(round))
        if event is None:
            raise SettlementError(f"scores of round {round} were submitted, but the node has no event of it")
        if event.scores != tuple(scores):
            raise SettlementError(
                f"round {round} was scored {list(event.scores)} before and cannot be scored {list(scores)}"
            )
        if evidence_root is not None and event.evidence_root != evidence_root:
            raise SettlementError(
                f"round {round} was submitted with evidence {event.evidence_root.hex()} before, not "
                f"{evidence_root.hex()}"
            )
