"""What everybody is owed, the slow way: a snapshot of all balances at every record date, exact fractions.

Knows nothing of touches, accounts or histories.  Rewards of a round belong to the balances of its record
date; the pool's belong to the LPs of that date.  `Fraction` throughout; two roundings are the contracts'
stated ones (Pool.harvest: each asset's reward and the reward a share, both down to 2^-64 of a unit).
"""

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

SHARE_SCALE = 2**64


def split(pot: int, scores: Sequence[int]) -> list[int]:
    """A pot of reward units by prefix sums; all zero is an equal split."""
    scores = list(scores) if any(scores) else [1] * len(scores)
    upto = [pot * sum(scores[:k]) // sum(scores) for k in range(len(scores) + 1)]
    return [upto[k + 1] - upto[k] for k in range(len(scores))]


class NaiveRewards:
    """Follows a federation from the outside."""

    def __init__(self, budget: int, rounds: int, supply: int, quantum: int) -> None:
        self.budget, self.rounds, self.supply, self.quantum = budget, rounds, supply, quantum
        self.rho = self.escrow = budget
        self.opened = self.finalized = 0
        self.pot = 0
        self.paid_into_rounds = 0
        # (client, holder) and holder -> reward units earned so far, never reduced.
        self.earned: dict[tuple[int, Any], Fraction] = defaultdict(Fraction)
        self.lp_earned: dict[Any, Fraction] = defaultdict(Fraction)
        self.lp_earned_exactly: dict[Any, Fraction] = defaultdict(Fraction)
        self.snapshot: tuple[list[dict[Any, int]], list[int], dict[Any, int], int] | None = None

    def open_round(
        self, balances: list[dict[Any, int]], books: list[int], shares: dict[Any, int], share_supply: int
    ) -> None:
        """Record date: balances of each token by holder, the pool's books, LP shares and their supply."""
        left = self.rounds - self.opened
        scheduled = -(-self.rho // left)
        self.pot = self.escrow * scheduled // self.rho // self.quantum
        self.rho -= scheduled
        self.escrow -= self.pot * self.quantum
        self.opened += 1
        self.snapshot = (balances, books, shares, share_supply)

    def finalize(self, scores: Sequence[int]) -> list[int]:
        """Payment date; returns the reward units of each client."""
        assert self.snapshot is not None
        balances, books, shares, share_supply = self.snapshot
        units = split(self.pot, scores)
        for client, held in enumerate(balances):
            for holder, balance in held.items():
                self.earned[client, holder] += Fraction(units[client] * balance, self.supply)
        pool_exactly = sum(
            (Fraction(u * b, self.supply) for u, b in zip(units, books, strict=True)), Fraction()
        )
        pool = sum(u * b * SHARE_SCALE // self.supply for u, b in zip(units, books, strict=True))
        for holder, share in shares.items():
            self.lp_earned[holder] += Fraction(share * (pool // share_supply), SHARE_SCALE)
            self.lp_earned_exactly[holder] += share * pool_exactly / share_supply
        self.paid_into_rounds += self.pot
        self.pot, self.snapshot = 0, None
        self.finalized = self.opened
        return units

    def owed(self, client: int, holder: Any) -> int:
        """Claimed and claimable of a token holder together, in the numeraire's units."""
        return int(self.earned[client, holder]) * self.quantum

    def owed_to_lp(self, holder: Any) -> int:
        """Claimed and claimable of an LP together, in the numeraire's units."""
        return int(self.lp_earned[holder]) * self.quantum

    def dust(self) -> int:
        """What finalised rounds have taken out of the escrow and no holder or LP will ever be paid."""
        owed = sum(int(part) for part in self.earned.values()) + sum(
            int(part) for part in self.lp_earned.values()
        )
        return (self.paid_into_rounds - owed) * self.quantum
