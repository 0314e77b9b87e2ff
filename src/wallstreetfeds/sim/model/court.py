"""The bonds of a federation and what they are lost for (Challenges.vy)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from wallstreetfeds.sim.market import Refused
from wallstreetfeds.sim.model.clock import Clock
from wallstreetfeds.sim.model.terms import Terms


class Ruling(Enum):
    """What the arbiter has said about a challenged round."""

    SILENT = 0
    UPHELD = 1
    REPLACED = 2


@dataclass(slots=True)
class Case:
    """What is disputed about a round: every challenger's bond, in order, and the first one's compensation."""

    bonds: dict[str, float] = field(default_factory=dict)
    first: str | None = None
    first_bond: float = 0.0
    compensation: float = 0.0
    ruling: Ruling = Ruling.SILENT


class Court:
    """Holds the federator's `bond`, what it has won of others' (`forfeited`), and all challengers' bonds.

    Amounts are whole numeraire.  Who pays and who is paid is the federation's to book.
    """

    def __init__(self, terms: Terms, clock: Clock) -> None:
        self._terms, self._clock = terms, clock
        self.bond = terms.full_bond
        self.forfeited = 0.0
        self._cases: dict[int, Case] = {}

    @property
    def staked(self) -> float:
        """Challengers' bonds and compensations that are still here and theirs."""
        return sum(
            sum(case.bonds.values()) + (case.compensation if case.first in case.bonds else 0.0)
            for case in self._cases.values()
            if case.ruling is not Ruling.UPHELD
        )

    def slice_bond(self, wanted: float) -> float:
        """Take up to `wanted` of the federator's bond, for a pot."""
        amount = min(wanted, self.bond)
        self.bond -= amount
        return amount

    def withdraw_bond(self) -> float:
        """Return what the federator is paid now: what it has won; its bond, once the last round is paid."""
        amount, self.forfeited = self.forfeited, 0.0
        if self._clock.finalized == self._clock.rounds:
            amount, self.bond = amount + self.bond, 0.0
        return amount

    def check_window(self) -> None:
        """Raise Refused where it is too late for a challenge."""
        if self._clock.now >= self._window_end:
            raise Refused("the challenge window is closed")

    def price_challenge(self, challenger: str, pot: float) -> float:
        """Return the bond that a challenge takes.  Raises Refused for somebody's second one."""
        if challenger in self._case().bonds:
            raise Refused("already challenged")
        return max(pot * self._terms.challenge_bond, self._terms.numeraire_unit)

    def challenge(self, challenger: str, bond: float) -> None:
        """Book a challenge that was just priced."""
        case = self._cases.setdefault(self._clock.opened, Case())
        if case.first is None:
            case.first, case.first_bond = challenger, bond
        case.bonds[challenger] = bond

    def uphold_scores(self) -> None:
        """The scores stand: the challengers' bonds are the federator's."""
        case = self._case_to_rule()
        case.ruling = Ruling.UPHELD
        self.forfeited += sum(case.bonds.values())

    def check_ruling(self) -> None:
        """Raise Refused where the arbiter may not rule now."""
        self._case_to_rule()

    def replace_scores(self) -> float:
        """Other scores take their place; returns what goes from the federator's bond to the pot.

        As much as the first challenger's bond, to the holders; then as much to that challenger, as far as the
        federator's bond lasts.
        """
        case = self._case_to_rule()
        case.ruling = Ruling.REPLACED
        added = self.slice_bond(case.first_bond)
        case.compensation = self.slice_bond(case.first_bond)
        return added

    def withdraw_challenge_bond(self, number: int, challenger: str) -> float:
        """Return a challenger's bond, with its compensation, once it is free."""
        case = self._cases.get(number, Case())
        if challenger not in case.bonds:
            raise Refused("nothing to withdraw")
        if case.ruling is Ruling.UPHELD:
            raise Refused("the scores were upheld")
        if case.ruling is Ruling.SILENT and number > self._clock.finalized:
            raise Refused("the round is not paid yet")
        amount = case.bonds.pop(challenger)
        return amount + (case.compensation if challenger == case.first else 0.0)

    def is_settled(self) -> bool:
        """Whether the submitted scores can be paid now."""
        if self._clock.now < self._window_end:
            return False
        case = self._case()
        overdue = self._clock.now >= self._window_end + self._terms.ruling_period
        return case.first is None or case.ruling is not Ruling.SILENT or overdue

    # --- inside ---

    @property
    def _window_end(self) -> int:
        return self._clock.since + self._terms.challenge_window

    def _case(self) -> Case:
        """The case of the open round; an empty one where nobody has challenged."""
        return self._cases.get(self._clock.opened, Case())

    def _case_to_rule(self) -> Case:
        case = self._case()
        if case.first is None:
            raise Refused("nobody has challenged")
        if case.ruling is not Ruling.SILENT:
            raise Refused("already ruled")
        if self._clock.now < self._window_end:
            raise Refused("the challenge window is open")
        if self._clock.now >= self._window_end + self._terms.ruling_period:
            raise Refused("the ruling period is over")
        return case
