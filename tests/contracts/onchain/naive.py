"""What everybody is owed, the slow way: a snapshot of all balances at every record date, exact fractions.

Knows nothing of touches, accounts or histories.  Rewards of a round belong to the balances of its record
date; a pool's belong to the LPs of that date.  `Fraction` throughout; the contracts' stated roundings are
repeated beside it (Pool.harvest: each asset's reward in 2^-64 of a unit per 10^6 of supply, their sum, and
the reward a share, all down).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

SHARE_SCALE = 2**64
SUPPLY_UNIT = 10**6


def split(pot: int, parts: Sequence[int]) -> list[int]:
    """A pot of reward units by prefix sums of parts that are not all zero."""
    upto = [pot * sum(parts[:k]) // sum(parts) for k in range(len(parts) + 1)]
    return [upto[k + 1] - upto[k] for k in range(len(parts))]


@dataclass(frozen=True)
class PoolSnapshot:
    """A pool at a record date: its books by client, and its LPs."""

    books: dict[int, int]
    shares: dict[Any, int]
    supply: int


class NaiveRewards:
    """Follows a federation from the outside; `supplies` grows with every client that joins."""

    def __init__(
        self,
        budget: int,
        rounds: int,
        supplies: Sequence[int],
        quantum: int,
        schedule: Sequence[int] = (),
        late_joins: bool = False,
    ) -> None:
        self.budget, self.rounds, self.quantum = budget, rounds, quantum
        self.supplies, self.schedule, self.late_joins = list(supplies), list(schedule), late_joins
        self.rho = self.escrow = budget
        self.added = 0
        self.opened = self.finalized = 0
        self.pot = 0
        self.paid_into_rounds = 0
        self.given: list[int] = [0] * len(self.supplies)
        # (client, holder) and (pool, holder) -> reward units earned so far, never reduced.
        self.earned: dict[tuple[int, Any], Fraction] = defaultdict(Fraction)
        self.lp_earned: dict[tuple[int, Any], Fraction] = defaultdict(Fraction)
        self.lp_earned_exactly: dict[tuple[int, Any], Fraction] = defaultdict(Fraction)
        self.snapshot: tuple[list[dict[Any, int]], list[PoolSnapshot]] | None = None

    def top_up(self, amount: int) -> None:
        """Money that somebody adds to the escrow."""
        self.escrow += amount
        self.added += amount

    def join(self, supply: int) -> None:
        """A client that comes late."""
        self.supplies.append(supply)
        self.given.append(0)

    def open_round(self, balances: list[dict[Any, int]], pools: list[PoolSnapshot]) -> None:
        """Record date: balances of each client's token by holder, and every pool."""
        left = self.rounds - self.opened
        scheduled = self.schedule[self.opened] if self.schedule else -(-self.rho // left)
        self.pot = self.escrow * scheduled // self.rho // self.quantum
        self.rho -= scheduled
        self.escrow -= self.pot * self.quantum
        self.opened += 1
        self.snapshot = (balances, pools)

    def add_to_pot(self, amount: int) -> None:
        """A slice of a bond, for the open round."""
        self.pot += amount // self.quantum
        self.added += amount // self.quantum * self.quantum

    def finalize(self, scores: Sequence[int] | None) -> list[int]:
        """Payment date, without scores by what was given so far; returns each client's reward units."""
        assert self.snapshot is not None
        balances, pools = self.snapshot
        present = len(balances)
        without = [0] * present if self.late_joins else self.given[:present]
        parts = list(scores) if scores is not None else without
        units = split(self.pot, parts if any(parts) else self.supplies[:present])
        for client, held in enumerate(balances):
            self.given[client] += units[client]
            for holder, balance in held.items():
                self.earned[client, holder] += Fraction(units[client] * balance, self.supplies[client])
        for number, pool in enumerate(pools):
            self._harvest(number, pool, units)
        self.paid_into_rounds += self.pot
        self.pot, self.snapshot = 0, None
        self.finalized = self.opened
        return units

    def _harvest(self, number: int, pool: PoolSnapshot, units: list[int]) -> None:
        if pool.supply == 0:
            return
        exactly = sum((Fraction(units[k] * b, self.supplies[k]) for k, b in pool.books.items()), Fraction())
        scaled = sum(
            (units[k] * b * SHARE_SCALE) // (self.supplies[k] // SUPPLY_UNIT) for k, b in pool.books.items()
        )
        a_share = scaled // SUPPLY_UNIT // pool.supply
        for holder, share in pool.shares.items():
            self.lp_earned[number, holder] += Fraction(share * a_share, SHARE_SCALE)
            self.lp_earned_exactly[number, holder] += share * exactly / pool.supply

    def owed(self, client: int, holder: Any) -> int:
        """Claimed and claimable of a token holder together, in the numeraire's units."""
        return int(self.earned[client, holder]) * self.quantum

    def owed_to_lp(self, holder: Any, pool: int = 0) -> int:
        """Claimed and claimable of an LP together, in the numeraire's units."""
        return int(self.lp_earned[pool, holder]) * self.quantum

    def dust(self) -> int:
        """What finalised rounds have taken out of the escrow and no holder or LP will ever be paid."""
        owed = sum(int(part) for part in self.earned.values()) + sum(
            int(part) for part in self.lp_earned.values()
        )
        return (self.paid_into_rounds - owed) * self.quantum
