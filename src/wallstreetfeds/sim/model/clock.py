"""The federation's clock: how much of the schedule is left, which round is open, what time it is."""

from __future__ import annotations

from wallstreetfeds.sim.model.terms import Terms


class Clock:
    """One for a federation; its pools read it (federation_clock.vy).

    `budget` is B, `rho` the scheduled part of it that no opened round has taken (whole numeraire), `opened`
    and `finalized` the last opened and the last paid round, `now` the time in seconds, `since` when the
    market opened or a round was last opened, scored or paid.
    """

    __slots__ = ("_schedule", "budget", "finalized", "now", "opened", "rho", "rounds", "since")

    def __init__(self, terms: Terms, now: int) -> None:
        self.budget = self.rho = terms.budget
        self.rounds = terms.rounds
        self.opened = self.finalized = 0
        self.now = self.since = now
        self._schedule = terms.schedule

    @property
    def is_round_open(self) -> bool:
        """Whether a round has opened and is not paid yet."""
        return self.opened > self.finalized

    @property
    def factor(self) -> float:
        """B / rho, by which the numeraire's weight has grown.  Not to be asked once rho is 0."""
        return self.budget / self.rho

    def next_part(self) -> float:
        """Return what the next round takes of the budget, b_r; all of rho in the last round."""
        left = self.rounds - self.opened
        if left == 1:
            return self.rho
        return self._schedule[self.opened] if self._schedule else self.rho / left

    def open_round(self) -> None:
        """Step the clock."""
        self.rho -= self.next_part()
        self.opened += 1
        self.since = self.now

    def finalize_round(self) -> None:
        """Note the payment of the open round."""
        self.finalized += 1
        self.since = self.now
