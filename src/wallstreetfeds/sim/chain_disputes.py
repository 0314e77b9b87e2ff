"""A round in steps on a chain, with its challenges; satisfies `sim.market.Disputes`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from wallstreetfeds.chain import Scenario
from wallstreetfeds.sim.chain_accounts import ChainAccounts, refusals
from wallstreetfeds.sim.market import NUMERAIRE, Refused

NO_EVIDENCE: Final = b"\0" * 32
"""Evidence of simulated scores, and the statement of simulated challenges."""


class ChainDisputes:
    """Rounds of a federation, by the names of its federator and its arbiter."""

    def __init__(self, scenario: Scenario, accounts: ChainAccounts, federator: str, arbiter: str) -> None:
        self._scenario, self._accounts = scenario, accounts
        self._federator, self._arbiter = federator, arbiter
        self._court = scenario.court()
        self._scores: list[int] = []

    def submit_scores(self, scores: Sequence[int]) -> None:
        """Score the open round, as the federator."""
        sender = self._accounts.account(self._federator)
        with refusals(Refused):
            self._scenario.submit_scores(self._round(), scores, NO_EVIDENCE, sender=sender)
        self._scores = list(scores)

    def challenge(self, challenger: str, asset: int = 0) -> float:
        """Object to the submitted scores; returns the bond taken."""
        sender = self._accounts.approve(challenger, NUMERAIRE, self._court.address)
        with refusals(Refused):
            bond = self._court.challenge(self._round(), asset, NO_EVIDENCE, sender=sender).value
        return bond / self._accounts.unit

    def uphold_scores(self) -> None:
        """Let the challenged scores stand, as the arbiter."""
        with refusals(Refused):
            self._court.uphold_scores(self._round(), sender=self._accounts.account(self._arbiter))

    def replace_scores(self, scores: Sequence[int]) -> None:
        """Replace the challenged scores, as the arbiter."""
        sender = self._accounts.account(self._arbiter)
        with refusals(Refused):
            self._court.replace_scores(self._round(), scores, NO_EVIDENCE, sender=sender)
        self._scores = list(scores)

    def finalize_round(self) -> None:
        """Pay the open round by the scores that stand."""
        sender = self._accounts.account(self._federator)
        with refusals(Refused):
            self._scenario.finalize_round(self._round(), self._scores, sender=sender)

    def withdraw_challenge_bond(self, number: int, challenger: str) -> float:
        """Pay a challenger its bond of a round back, with its compensation; returns the amount."""
        account = self._accounts.account(challenger)
        with refusals(Refused):
            receipt = self._court.withdraw_challenge_bond(number, account.address, sender=account)
        return receipt.value / self._accounts.unit

    def _round(self) -> int:
        return self._scenario.clock().opened
