"""The terms of a federation in whole tokens; the domain is the contracts' (terms.vy, schedule.vy)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

DAY: Final = 86_400
BPS: Final = 10_000
MAX_CLIENTS: Final = 64
MAX_ROUNDS: Final = 256
MAX_WAIT: Final = 365 * DAY
MAX_SUPPLY: Final = 2.0**64 * 1e-12
SMALLEST_PART: Final = 256
"""The last part of the schedule is at least the budget over this."""
BUDGET_UNITS: Final = 2**40
"""The budget is at most so many reward units; top-ups one and a half times as many."""

TOKEN_UNIT: Final = 1e-12
"""The smallest unit of client tokens and LP shares, in whole ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is fixed when a federation is created.  Raises ValueError where the contracts would refuse.

    `budget` and `bond` are whole numeraire, `supply` whole tokens (each client's, unless it joins with
    another); `schedule` has one part a round, empty for uniform parts; `listed` and `retained` are parts of a
    supply, `swap_fee` and `opening_fee` parts of what enters; `score_cap` is a multiple of a client's part of
    all supplies; `challenge_bond` is a part of the pot; `challenge_window` (0: nobody can object),
    `ruling_period`, `training_time`, `round_deadline`, `round_gap` and `opening_period` are seconds.

    `bond` None: the larger of 2 % of the budget and the largest pot.  `clock` False: the plain constant-mean
    market of the paper.
    """

    budget: float
    rounds: int
    schedule: tuple[float, ...] = ()
    supply: float = 1_000_000.0
    max_clients: int = MAX_CLIENTS
    late_joins: bool = False
    listed: float = 0.2
    retained: float = 0.2
    score_cap: float = 4.0
    bond: float | None = None
    challenge_window: int = 0
    ruling_period: int = 3 * DAY
    challenge_bond: float = 0.05
    training_time: int = 0
    round_deadline: int = 7 * DAY
    round_gap: int = 7 * DAY
    swap_fee: float = 0.003
    opening_fee: float = 0.9
    opening_period: int = 3600
    clock: bool = True
    numeraire_decimals: int = 6

    def __post_init__(self) -> None:
        _between("numeraire_decimals", self.numeraire_decimals, 0, 30)
        _between("rounds", self.rounds, 1, MAX_ROUNDS)
        _between("budget", self.budget, 1000 * self.rounds * self.numeraire_unit, math.inf)
        _between("supply", self.supply, 1e-3, MAX_SUPPLY)
        _between("max_clients", self.max_clients, 1, MAX_CLIENTS)
        _between("listed", self.listed, 1e-18, 1)
        _between("retained", self.retained, 0, 1)
        if self.listed + self.retained > 1 + 1e-12:
            raise ValueError(
                f"listed and retained are parts of one supply: {self.listed} and {self.retained} sum above 1"
            )
        _between("score_cap", self.score_cap, 1, 64)
        if self.bond is not None:
            _between("bond", self.bond, 0, self.budget)
        _between("challenge_window", self.challenge_window, 0, MAX_WAIT)
        if self.challenge_window:
            _between("ruling_period", self.ruling_period, 1, MAX_WAIT)
            _between("challenge_bond", self.challenge_bond, 0, 1)
        _between("round_deadline", self.round_deadline, 1, MAX_WAIT)
        _between("training_time", self.training_time, 0, self.round_deadline - 1)
        _between("round_gap", self.round_gap, 1, MAX_WAIT)
        _between("swap_fee", self.swap_fee, 0, 0.2)
        if self.opening_period:
            _between("opening_fee", self.opening_fee, self.swap_fee, 0.99)
            _between("opening_period", self.opening_period, 612, 30 * DAY)
        self._check_schedule()

    @property
    def numeraire_unit(self) -> float:
        """The smallest unit of the numeraire, in whole ones."""
        return 10.0**-self.numeraire_decimals

    @property
    def quantum(self) -> float:
        """What the contracts count rewards in, whole numeraire; here it only bounds top-ups."""
        return math.ceil(self.budget / self.numeraire_unit / BUDGET_UNITS) * self.numeraire_unit

    @property
    def largest_pot(self) -> float:
        """What the first round takes of the budget, whole numeraire."""
        return self.schedule[0] if self.schedule else self.budget / self.rounds

    @property
    def last_part(self) -> float:
        """What the last round takes of the budget, whole numeraire."""
        return self.schedule[-1] if self.schedule else self.budget / self.rounds

    @property
    def full_bond(self) -> float:
        """The federator's bond, whole numeraire."""
        return max(self.budget / 50, self.largest_pot) if self.bond is None else self.bond

    def _check_schedule(self) -> None:
        parts = self.schedule
        if not parts:
            return
        if len(parts) != self.rounds:
            raise ValueError(f"a schedule needs one part a round: {self.rounds}, got {len(parts)}")
        if any(later > earlier for earlier, later in pairwise(parts)):
            raise ValueError(f"a schedule must not increase, got {parts}")
        if not math.isclose(math.fsum(parts), self.budget, rel_tol=1e-12):
            raise ValueError(f"the schedule sums to {math.fsum(parts)}, the budget is {self.budget}")
        if parts[-1] * SMALLEST_PART < self.budget:
            raise ValueError(
                f"the last part of a schedule is at least a {SMALLEST_PART}th of the budget, got {parts[-1]}"
            )


def _between(name: str, number: float, low: float, high: float) -> None:
    if not low <= number <= high or math.isinf(number):
        raise ValueError(f"{name} has to be between {low} and {high}, got {number}")
