"""One pool's books and what its LPs earned, kept a second time from its events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from wallstreetfeds.chain.terms import SUPPLY_UNIT
from wallstreetfeds.records import (
    AssetListed,
    Initialized,
    LiquidityAdded,
    LiquidityRemoved,
    Record,
    SingleAssetAdded,
    SingleAssetRemoved,
    Swap,
)

SHARE_BITS: Final = 64
SHARE_SCALE: Final = 2**SHARE_BITS
"""A pool keeps rewards of LP shares with so many fractions of a reward unit, rounded down."""


@dataclass(slots=True)
class PoolBooks:
    """Assets by number, LP shares by holder; rewards in reward units."""

    address: str

    books: list[int] = field(default_factory=lambda: [0])
    clients: list[int] = field(default_factory=list)
    """Client numbers of the assets 1.."""
    shares: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    exact: defaultdict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    scaled: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    """Entitlements of LPs, exact, and as the pool rounds them (times SHARE_SCALE)."""
    earned: int = 0
    """All that the pool's tokens earned, as the pool rounds it (times SHARE_SCALE)."""
    undistributed: Fraction = Fraction(0)
    """Earned where there was no LP of record."""

    record_books: dict[int, int] = field(default_factory=dict)
    record_shares: dict[str, int] = field(default_factory=dict)
    """Tokens by client, and LP shares by holder, at the last record date."""

    def apply(self, record: Record) -> None:
        """Book one of the pool's records."""
        match record:
            case AssetListed():
                self.books.append(record.amount)
                self.clients.append(record.client)
            case Initialized():
                self.books[0] = record.numeraire_amount
            case Swap():
                self.books[record.asset_in] += record.amount_in
                self.books[record.asset_out] -= record.amount_out
            case LiquidityAdded():
                self._move(record.amounts, 1)
            case LiquidityRemoved():
                self._move(record.amounts, -1)
            case SingleAssetAdded():
                self.books[record.asset] += record.amount
            case SingleAssetRemoved():
                self.books[record.asset] -= record.amount
            case _:
                pass

    def open_round(self) -> None:
        """Write the record date's balances down."""
        self.record_books = dict(zip(self.clients, self.books[1:], strict=True))
        self.record_shares = dict(self.shares)

    def pay(self, rewards: Sequence[int], supplies: Mapping[int, int]) -> None:
        """Divide what the pool's tokens earned in a round among the LPs of record."""
        parts = [
            (rewards[k] * book, supplies[k]) for k, book in self.record_books.items() if k < len(rewards)
        ]
        exact = sum((Fraction(part, supply) for part, supply in parts), Fraction(0))
        scaled = sum((part << SHARE_BITS) // (supply // SUPPLY_UNIT) for part, supply in parts) // SUPPLY_UNIT
        self.earned += scaled
        supply = sum(self.record_shares.values())
        if supply == 0:
            self.undistributed += exact
            return
        each = scaled // supply
        for holder, amount in self.record_shares.items():
            self.exact[holder] += exact * amount / supply
            self.scaled[holder] += each * amount

    def _move(self, amounts: Sequence[int], sign: int) -> None:
        self.books = [book + sign * amount for book, amount in zip(self.books, amounts, strict=True)]
