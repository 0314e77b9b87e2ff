"""Reward schedules: what each round takes of the budget, b_1 .. b_T, in the numeraire's smallest units.

Never increasing, the last part at least a 256th of the budget, in sum the budget.  The empty list is the
uniform schedule.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

SMALLEST_PART: Final = 256
"""The last part is at least the budget over this: it bounds the exponents of the market."""


def proportional(budget: int, weights: Sequence[int | Fraction]) -> list[int]:
    """Return a schedule in proportion to `weights`, one a round, which must not increase.

    What does not divide falls to the first rounds.  Raises ValueError where the contracts would refuse it.
    """
    total = Fraction(sum(weights))
    if total <= 0 or min(weights) < 0:
        raise ValueError("the weights of a schedule have to be numbers of at least 0 with a sum above 0")
    parts = [budget * weight // total for weight in map(Fraction, weights)]
    for k in range(budget - sum(parts)):
        parts[k] += 1
    check_schedule(parts, budget, len(weights))
    return parts


def geometric(budget: int, rounds: int, factor: Fraction) -> list[int]:
    """Return a schedule in which every round takes `factor` (at most 1) of what the one before took.

    Raises ValueError where the contracts would refuse it.
    """
    return proportional(budget, [factor**k for k in range(rounds)])


def largest_part(schedule: Sequence[int], budget: int, rounds: int) -> int:
    """Return b_1 of a schedule, of the uniform one where it is empty."""
    return schedule[0] if schedule else -(-budget // rounds)


def check_schedule(schedule: Sequence[int], budget: int, rounds: int) -> None:
    """Raise ValueError where the contracts would refuse a schedule for this budget."""
    if not schedule:
        return
    if len(schedule) != rounds:
        raise ValueError(f"a schedule needs one part a round: {rounds}, got {len(schedule)}")
    before = budget
    for number, part in enumerate(schedule, 1):
        if not 0 <= part <= before:
            raise ValueError(
                f"a schedule must not increase or be negative: round {number} takes {part} after {before}"
            )
        before = part
    if sum(schedule) != budget:
        raise ValueError(f"the parts of the schedule sum to {sum(schedule)}, the budget is {budget}")
    if before * SMALLEST_PART < budget:
        raise ValueError(
            f"the last part of the schedule is below a {SMALLEST_PART}th of the budget: {before} of {budget}"
        )
