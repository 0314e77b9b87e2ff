"""`wsf demo --challenge`: a federator that lies once, somebody who objects wrongly once, and the rulings.

In one round the federator scores the weakest lender far above what the assessment gives it; the lender that
loses most by it challenges, and the arbiter replaces the scores by the recomputed ones.  In another round a
liquidity provider challenges scores that are right, and the arbiter upholds them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

from wallstreetfeds.chain import ChainSettlement, OpenedRound, Scenario, Session
from wallstreetfeds.chain.contracts.challenges import SILENT
from wallstreetfeds.demo.cast import Cast
from wallstreetfeds.demo.result import Dispute
from wallstreetfeds.records import ChallengeRewarded, Record, ScoresUpheld
from wallstreetfeds.units import WAD, div_up

ARBITER: Final = "arbiter"
QUARRELLER: Final = "lp"
"""Who challenges scores that are right, as a holder of LP shares."""

LP_SHARES: Final = 0
"""How `challenge` says that the challenger holds LP shares; a client need not say what it holds."""


def disputed_rounds(rounds: int) -> tuple[int, int]:
    """Return in which of at least two rounds the federator lies, and in which somebody objects wrongly."""
    lie = max(1, rounds // 4)
    return lie, max(lie + 1, rounds // 2)


def inflated(scores: Sequence[int], favoured: int, score_cap: int) -> list[int]:
    """Return scores in which one client got a quarter of all, or what the cap lets it have, from the others.

    `score_cap` is that of the terms, WAD; the cap of equal supplies is taken.
    """
    total = sum(scores)
    if total == 0:
        return [2 if k == favoured else 1 for k in range(len(scores))]
    own = scores[favoured]
    most = min(total // 4, total * score_cap // (len(scores) * WAD) - own)
    left = [score - score * most // (total - own) for score in scores]
    left[favoured] = 0
    left[favoured] = total - sum(left) if most > 0 else own
    return left


class DisputedSettlement:
    """Settles as `ChainSettlement` does, with the two disputes; satisfies `federation.Settlement`.

    Block time is advanced past every challenge window, which only a development chain can do.
    """

    def __init__(self, session: Session, scenario: Scenario, cast: Cast, rounds: int) -> None:
        self.disputes: list[Dispute] = []
        self._session = session
        self._scenario = scenario
        self._court = scenario.court()
        self._numeraire = scenario.numeraire()
        self._terms = scenario.terms()
        self._cast = cast
        self._federator = cast.accounts["federator"]
        self._arbiter = session.account(ARBITER)
        self._lie, self._quarrel = disputed_rounds(rounds)
        self._inner = ChainSettlement(scenario, self._federator, wait=self._pass_time)
        self._round = 0
        self._right: list[int] = []
        self._submitted: list[int] = []
        self._root = b""
        self._ruling: Sequence[Record] = ()

    def open_round(self) -> OpenedRound:
        """Open the next round."""
        return self._inner.open_round()

    def submit_scores(self, round: int, scores: Sequence[int], evidence_root: bytes) -> None:
        """Submit the scores, in one round others than these."""
        self._round, self._right, self._root = round, list(scores), evidence_root
        self._submitted = list(scores)
        if round == self._lie:
            self._submitted = inflated(scores, _weakest(scores), self._terms.score_cap)
        self._inner.submit_scores(round, self._submitted, evidence_root)

    def finalize_round(self, round: int, scores: Sequence[int]) -> None:  # noqa: ARG002 (see `_submitted`)
        """Let whoever objects do so, let the window pass and the arbiter rule, and pay."""
        if round not in (self._lie, self._quarrel):
            self._inner.finalize_round(round, self._submitted)
            return
        loser, favoured = _most_harmed(self._right, self._submitted), _weakest(self._right)
        challenger = self._cast.clients[loser] if round == self._lie else QUARRELLER
        bond = self._challenge(challenger)
        self._inner.finalize_round(round, self._submitted)
        rewarded = [event for event in self._ruling if isinstance(event, ChallengeRewarded)]
        upheld = [event for event in self._ruling if isinstance(event, ScoresUpheld)]
        address = self._cast.accounts[challenger].address
        returned = 0
        if rewarded:
            withdraw = self._court.withdraw_challenge_bond
            returned = withdraw(round, address, sender=self._cast.accounts[challenger]).value
        self.disputes.append(
            Dispute(
                round=round,
                challenger=challenger,
                favoured=self._cast.clients[favoured] if round == self._lie else None,
                share_submitted=_share(self._submitted, favoured),
                share_recomputed=_share(self._right, favoured),
                bond=bond,
                ruling="replaced" if rewarded else "upheld",
                returned=returned,
                compensation=sum(event.compensation for event in rewarded),
                added=sum(event.added for event in rewarded),
                forfeited=sum(event.forfeited for event in upheld),
            )
        )

    def _challenge(self, challenger: str) -> int:
        """Object to the scores; returns the bond."""
        account = self._cast.accounts[challenger]
        statement = hashlib.sha256(f"round {self._round}: recompute the scores".encode()).digest()
        self._numeraire.approve(self._court.address, savings(self._scenario), sender=account)
        return self._court.challenge(self._round, LP_SHARES, statement, sender=account).value

    def _pass_time(self, seconds: int) -> None:
        """Let the window pass; where somebody has challenged, the arbiter then rules at once."""
        case = self._court.case_of(self._round)
        if case.bonds == 0 or case.ruling != SILENT:
            self._session.advance_time(seconds)
            return
        self._session.advance_time(seconds - self._terms.ruling_period)
        if self._submitted == self._right:
            self._ruling = self._court.uphold_scores(self._round, sender=self._arbiter).events
            # What the federator has won is its own at once; its bond stays until the last round is paid.
            self._court.withdraw_bond(sender=self._federator)
        else:
            self._ruling = self._court.replace_scores(
                self._round, self._right, self._root, sender=self._arbiter
            ).events


def savings(scenario: Scenario) -> int:
    """Return what somebody needs to challenge any round; numeraire units."""
    terms = scenario.terms()
    return div_up(div_up(terms.budget, terms.rounds) * terms.challenge_bond, WAD)


def _weakest(scores: Sequence[int]) -> int:
    """The client with the lowest score, the last of them."""
    return min(range(len(scores)), key=lambda k: (scores[k], -k))


def _most_harmed(right: Sequence[int], submitted: Sequence[int]) -> int:
    """The client whose share the submitted scores cut most, the first of them."""
    return min(range(len(right)), key=lambda k: (_share(submitted, k) - _share(right, k), k))


def _share(scores: Sequence[int], client: int) -> float:
    """A client's share of a round; nobody scored: equal parts."""
    total = sum(scores)
    return scores[client] / total if total else 1 / len(scores)
