"""Escrow, pots, scores and payments: the money of the rounds (Scenario.vy)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from wallstreetfeds.sim.market import Refused
from wallstreetfeds.sim.model.clock import Clock
from wallstreetfeds.sim.model.court import Court
from wallstreetfeds.sim.model.terms import BUDGET_UNITS, Terms

MAX_SCORE_SUM: Final = 10**9
SLICE: Final = 4
"""A round without scores takes a slice of the bond as large as a quarter of its pot."""
HAIR: Final = 1e-12
"""Relative: a score at its cap is accepted whatever the last bit of the cap says."""


class Rounds:
    """The escrow and what becomes of it.  Amounts are whole numeraire; clients are in join order.

    `escrow` is what no opened round has taken, `pot` what the open round pays, `court` has the bonds.
    `given` is what each client's token has been paid; `rewards` the same by round.
    """

    def __init__(self, terms: Terms, clock: Clock) -> None:
        self._terms, self._clock = terms, clock
        self.escrow = terms.budget
        self.court = Court(terms, clock)
        self.pot = 0.0
        self.topped_up = 0.0
        self.rewards: list[list[float]] = []
        self.given: list[float] = []
        self._partaking = 0
        self._scores: tuple[int, ...] | None = None

    def check_top_up(self, amount: float) -> None:
        """Raise Refused for a top-up that is too late, nothing, or too much."""
        if self._clock.rho == 0:
            raise Refused("the market is not open")
        if not amount >= self._terms.numeraire_unit:
            raise Refused("amount is zero")
        if self.topped_up + amount > 3 * BUDGET_UNITS / 2 * self._terms.quantum:
            raise Refused("top-ups above their maximum")

    def top_up(self, amount: float) -> None:
        """Add to the escrow what was checked: every pot not yet opened grows alike, no weight moves."""
        self.escrow += amount
        self.topped_up += amount

    def open_round(self, clients: int, by_federator: bool) -> int:
        """Fix the pot of the next round, step the clock, and return the round's number, from 1."""
        clock = self._clock
        if clock.is_round_open:
            raise Refused("the open round is not finalised")
        if clock.opened == clock.rounds:
            raise Refused("all rounds have been opened")
        if not by_federator and clock.now < clock.since + self._terms.round_gap:
            raise Refused("not the federator, not overdue")
        self.pot = self.escrow * clock.next_part() / clock.rho
        self.escrow -= self.pot
        clock.open_round()
        if clock.rho == 0:
            # The last pot is all there is; a sum of floats may leave a hair.
            self.pot, self.escrow = self.pot + self.escrow, 0.0
        self._partaking = clients
        self.given += [0.0] * (clients - len(self.given))
        return clock.opened

    def submit_scores(self, scores: Sequence[int], supplies: Sequence[float]) -> None:
        """Score the open round: integers in join order, sum at most 10^9, each within the cap."""
        self._open_unscored()
        elapsed = self._clock.now - self._clock.since
        if elapsed < self._terms.training_time:
            raise Refused("the training time is not over")
        if elapsed >= self._terms.round_deadline:
            raise Refused("the deadline has passed")
        self._scores = self._checked(scores, supplies)
        self._clock.since = self._clock.now

    def finalize_round(self, supplies: Sequence[float]) -> list[float]:
        """Pay the open round by its scores, by supply where all are zero; returns each client's reward."""
        if not self._clock.is_round_open:
            raise Refused("not the open round")
        if self._scores is None:
            raise Refused("no scores submitted")
        if self._terms.challenge_window and not self.court.is_settled():
            raise Refused("open to challenge")
        scores, self._scores = self._scores, None
        return self._pay(scores if any(scores) else supplies, 0.0)

    def finalize_without_scores(self, supplies: Sequence[float]) -> list[float]:
        """Pay a round whose deadline has passed, with a slice of the bond; returns each client's reward.

        Split by what was given so far; by supply where that is nothing or where clients may join late.
        """
        self._open_unscored()
        if self._clock.now < self._clock.since + self._terms.round_deadline:
            raise Refused("the deadline has not passed")
        added = self.court.slice_bond(self.pot / SLICE)
        by_given = any(self.given) and not self._terms.late_joins
        return self._pay(self.given if by_given else supplies, added)

    def replace_scores(self, scores: Sequence[int], supplies: Sequence[float]) -> None:
        """By the arbiter's ruling other scores take the place of those challenged."""
        self.is_scored()
        self.court.check_ruling()
        self._scores = self._checked(scores, supplies)
        self.pot += self.court.replace_scores()

    def is_scored(self) -> None:
        """Raise Refused unless the open round has scores that can be challenged."""
        if not self._clock.is_round_open or self._scores is None:
            raise Refused("no scores to challenge")

    # --- inside ---

    def _open_unscored(self) -> None:
        if not self._clock.is_round_open:
            raise Refused("not the open round")
        if self._scores is not None:
            raise Refused("scores already submitted")

    def _checked(self, scores: Sequence[int], supplies: Sequence[float]) -> tuple[int, ...]:
        """Return one score for each client that takes part."""
        if any(score != int(score) or score < 0 for score in scores):
            raise ValueError(f"scores are integers of at least 0, got {list(scores)}")
        count = self._partaking
        if any(scores[count:]):
            raise Refused("a score without a client")
        padded = (*map(int, scores[:count]), *[0] * (count - len(scores)))
        total = sum(padded)
        if total > MAX_SCORE_SUM:
            raise Refused("sum of scores above 10^9")
        capped = self._terms.score_cap * total / sum(supplies[:count])
        tolerance = total // MAX_SCORE_SUM
        for score, supply in zip(padded, supplies, strict=False):
            if score - tolerance > capped * supply * (1 + HAIR):
                raise Refused("score above the cap")
        return padded

    def _pay(self, parts: Sequence[float], added: float) -> list[float]:
        """Split the pot in proportion to `parts` of those who take part."""
        parts = parts[: self._partaking]
        whole = (self.pot + added) / sum(parts)
        rewards = [whole * part for part in parts]
        self.given = [before + now for before, now in zip(self.given, rewards, strict=True)]
        self.rewards.append(rewards)
        self.pot = 0.0
        self._clock.finalize_round()
        return rewards
