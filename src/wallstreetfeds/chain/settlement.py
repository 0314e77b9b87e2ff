"""Opening, scoring and paying rounds so that a crash at any point loses no round and pays none twice."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from eth_account.signers.local import LocalAccount

from wallstreetfeds.chain.contracts import Scenario
from wallstreetfeds.chain.contracts.challenges import SILENT
from wallstreetfeds.chain.errors import ContractError, SettlementError
from wallstreetfeds.chain.events import last_event, word
from wallstreetfeds.chain.words import trimmed
from wallstreetfeds.records import RoundOpened, ScoresReplaced, ScoresSubmitted

LONGEST_SLEEP: Final = 60
"""Seconds after which somebody who sleeps looks at the chain again."""


class OpenedRound(NamedTuple):
    """A round whose record date is behind; `block_hash` (32 bytes) is that of the block it opened in."""

    round: int
    block_hash: bytes


def sleep(seconds: int) -> None:
    """Let real time pass, at most LONGEST_SLEEP of it."""
    time.sleep(min(seconds, LONGEST_SLEEP))


class ChainSettlement:
    """Settles the rounds of one federation as its federator.

    Every call looks at the chain first: what was done before, by this process, by one that died, or by
    strangers who may pay and open rounds too, is not done again.  Where the terms ask for patience (training
    time, challenge window, ruling) a call waits: `wait` is told how many seconds are left, may come back
    earlier, and the chain is asked again; on a development chain it may be the session's `advance_time`.

    Raises SettlementError where the chain holds something else than is to be settled, ContractError where
    the Scenario refuses.
    """

    def __init__(
        self, scenario: Scenario, federator: LocalAccount, *, wait: Callable[[int], None] = sleep
    ) -> None:
        self.scenario = scenario
        self.federator = federator
        self._wait = wait
        self._terms = scenario.terms()

    def open_round(self) -> OpenedRound:
        """Open the next round, or return the one that is open already and can still be scored.

        One whose deadline has passed without scores is paid without them first: it cannot be scored any more.
        """
        clock = self.scenario.clock()
        if clock.opened > clock.finalized:
            if not self._overdue(clock.opened):
                return self._opened(clock.opened)
            self._pay_without_scores(clock.opened)
        try:
            receipt = self.scenario.open_round(sender=self.federator)
        except ContractError:
            # Anyone may open a round once the gap has passed: somebody may have been first.
            opened = self.scenario.clock().opened
            if opened == clock.opened:
                raise
            return self._opened(opened)
        return OpenedRound(receipt.value, self.scenario.session.block_hash(receipt.block))

    def submit_scores(self, round: int, scores: Sequence[int], evidence_root: bytes) -> None:
        """Submit the scores of an open round, once: one integer a client in join order, and 32 bytes.

        Raises SettlementError where it is too late: the round was paid without scores, or is going to be.
        """
        if self.scenario.stage().submitted >= round:
            self._same(round, scores, evidence_root)
            return
        self._expect_open(round)
        if self._overdue(round):
            raise SettlementError(
                f"the scores of round {round} come too late: its deadline has passed, and it is paid without "
                "scores, with a slice of the federator's bond, before the next one opens"
            )
        while (left := self.scenario.stage().since + self._terms.training_time - self._now()) > 0:
            self._wait(left)
        self.scenario.submit_scores(round, scores, evidence_root, sender=self.federator)

    def finalize_round(self, round: int, scores: Sequence[int]) -> None:
        """Pay a round, once it can be paid: by the scores submitted before, or by those of a ruling."""
        if self.scenario.stage().submitted < round:
            if self.scenario.clock().finalized >= round:
                raise SettlementError(f"round {round} was paid without scores")
            raise SettlementError(f"round {round} cannot be paid: no scores were submitted for it")
        self._same(round, scores)
        while self.scenario.clock().finalized < round and (left := self.payable_in(round)) > 0:
            self._wait(left)
        if self.scenario.clock().finalized >= round:
            return
        try:
            self.scenario.finalize_round(round, self._standing(round, scores), sender=self.federator)
        except ContractError:
            # Anyone may finalise: somebody may have been first.
            if self.scenario.clock().finalized < round:
                raise

    def payable_in(self, round: int) -> int:
        """Return in how many seconds a round with scores can be paid: 0 now; a ruling can make it sooner."""
        window = self._terms.window
        if window == 0:
            return 0
        end = self.scenario.stage().since + window
        case = self.scenario.court().case_of(round)
        if case.bonds > 0 and case.ruling == SILENT:
            end += self._terms.ruling_period
        return max(0, end - self._now())

    def _standing(self, round: int, submitted: Sequence[int]) -> Sequence[int]:
        """The scores that a round is paid by."""
        event = last_event(self.scenario.session, self.scenario, ScoresReplaced, word(round))
        return submitted if event is None else event.scores

    def _overdue(self, round: int) -> bool:
        stage = self.scenario.stage()
        return stage.submitted < round and self._now() >= stage.since + self._terms.round_deadline

    def _pay_without_scores(self, round: int) -> None:
        try:
            self.scenario.finalize_without_scores(round, sender=self.federator)
        except ContractError:
            if self.scenario.clock().finalized < round:
                raise

    def _now(self) -> int:
        return self.scenario.session.now()

    def _opened(self, round: int) -> OpenedRound:
        event = last_event(self.scenario.session, self.scenario, RoundOpened, word(round))
        if event is None:
            raise SettlementError(f"round {round} is open, but the node has no event that says when")
        return OpenedRound(round, self.scenario.session.block_hash(event.block))

    def _expect_open(self, round: int) -> None:
        clock = self.scenario.clock()
        if round <= clock.finalized:
            raise SettlementError(f"round {round} was paid without scores: its deadline had passed")
        if clock.opened != round:
            state = "is paid" if clock.finalized >= clock.opened else "is open"
            raise SettlementError(f"round {round} is not open: round {clock.opened} {state}")

    def _same(self, round: int, scores: Sequence[int], evidence_root: bytes | None = None) -> None:
        """Raise SettlementError unless these scores (and this root, where given) are on the chain."""
        event = last_event(self.scenario.session, self.scenario, ScoresSubmitted, word(round))
        if event is None:
            if self.scenario.clock().finalized >= round:
                raise SettlementError(f"round {round} was paid without scores: its deadline had passed")
            raise SettlementError(f"scores of round {round} were submitted, but the node has no event of it")
        if event.scores != trimmed(scores):
            raise SettlementError(
                f"round {round} was scored {list(event.scores)} before and cannot be scored {list(scores)}"
            )
        if evidence_root is not None and event.evidence_root != evidence_root:
            raise SettlementError(
                f"round {round} was submitted with evidence {event.evidence_root.hex()} before, not "
                f"{evidence_root.hex()}"
            )
