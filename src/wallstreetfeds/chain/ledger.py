"""A federation's books, kept a second time from nothing but its events, in exact fractions.

None of this asks a contract what anybody is owed: balances follow from transfers, a pool's books from its
trades, record balances from the order of transfers and round openings, payments from the published scores.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from wallstreetfeds.chain.abi import ZERO_ADDRESS
from wallstreetfeds.chain.money import Money
from wallstreetfeds.chain.pool_books import PoolBooks
from wallstreetfeds.chain.words import padded
from wallstreetfeds.records import (
    BudgetFunded,
    BudgetWithdrawn,
    Challenged,
    Claimed,
    ClientJoined,
    Record,
    RoundFinalized,
    RoundOpened,
    ScoresReplaced,
    ScoresSubmitted,
    ToppedUp,
    Transfer,
)
from wallstreetfeds.units import WAD, div_up

Balances = defaultdict[str, int]


@dataclass(slots=True)
class Ledger:
    """Replays records in order.  Rewards are in reward units (`quantum` numeraire units each).

    `tokens` and `pools` are addresses: the client tokens in join order, the shared pool and those of late
    joiners.
    """

    tokens: Sequence[str]
    pools: Sequence[str]
    quantum: int
    challenge_bond: int | None = None
    """A challenger's bond, WAD of the pot; None: challengers' bonds are taken as they are."""
    late_joins: bool = False
    """Clients may come late: rounds without scores are split by supply."""

    money: Money = field(init=False)
    books: dict[str, PoolBooks] = field(init=False)
    """By the pool's address."""
    supplies: dict[int, int] = field(default_factory=dict)
    """By client number, in join order."""
    balances: list[Balances] = field(init=False)
    numerators: list[Balances] = field(init=False)
    """Entitlements of each token's holders: reward units times the token's supply."""
    gifts: Fraction = Fraction(0)
    """Reward units of tokens that were sent to a pool without a call: nobody's."""
    claimed: defaultdict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    """Numeraire units by (token or pool, holder)."""
    paid_units: int = 0
    pots: dict[int, int] = field(default_factory=dict)
    scheduled: dict[int, int] = field(default_factory=dict)
    """Of each opened round, numeraire units: its pot when it opened, its part of the schedule."""
    rho: int = 0
    unopened: int = 0
    """Numeraire units that no opened round has taken: of the schedule, and in the escrow."""
    rewards: dict[int, list[int]] = field(default_factory=dict)
    """Reward units of each client in each paid round; no entry for clients that joined after it opened."""
    problems: list[str] = field(default_factory=list)

    _records: list[dict[str, int]] = field(default_factory=list)
    _scores: dict[int, tuple[int, ...]] = field(default_factory=dict)
    _added: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))
    _partaking: int = 0
    _numbers: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        self.money = Money(self.quantum)
        self.books = {address: PoolBooks(address) for address in self.pools}
        self.balances = [defaultdict(int) for _ in self.tokens]
        self.numerators = [defaultdict(int) for _ in self.tokens]
        self._numbers = {address: k for k, address in enumerate(self.tokens)}

    def apply(self, record: Record) -> None:
        """Book one record; records of contracts that are not this federation's are passed over."""
        self.money.apply(record)
        match record:
            case Transfer():
                self._transfer(record)
            case Claimed():
                self.claimed[record.contract, record.holder] += record.amount
            case ClientJoined():
                self.supplies[record.index] = record.supply
            case BudgetFunded() | BudgetWithdrawn() | ToppedUp():
                self._escrow(record)
            case RoundOpened():
                self._open(record)
            case ScoresSubmitted():
                self._scores[record.round] = record.scores
            case ScoresReplaced():
                self._scores[record.round] = record.scores
                self._added[record.round] += record.added
            case Challenged():
                self._challenge(record)
            case RoundFinalized():
                self._finalize(record)
            case _ if record.contract in self.books:
                self.books[record.contract].apply(record)
            case _:
                pass

    def split(self, units: int, shares: Sequence[int]) -> list[int]:
        """Return reward units in proportion to `shares`, by prefix sums; by supply if they are all zero."""
        weights = list(shares) if sum(shares) else [self.supplies[k] for k in range(len(shares))]
        total, prefix, given, parts = sum(weights), 0, 0, []
        for weight in weights:
            prefix += weight
            upto = units * prefix // total
            parts.append(upto - given)
            given = upto
        return parts

    def _escrow(self, record: BudgetFunded | BudgetWithdrawn | ToppedUp) -> None:
        amount = -record.amount if isinstance(record, BudgetWithdrawn) else record.amount
        self.unopened += amount
        if not isinstance(record, ToppedUp):
            self.rho += amount

    def _transfer(self, record: Transfer) -> None:
        number = self._numbers.get(record.contract)
        if number is not None:
            held = self.balances[number]
        elif record.contract in self.books:
            held = self.books[record.contract].shares
        else:
            return
        for holder, amount in ((record.sender, -record.amount), (record.receiver, record.amount)):
            if holder != ZERO_ADDRESS:
                held[holder] += amount
                if held[holder] < 0:
                    self.problems.append(f"{holder} sent more of {record.contract} than it had")

    def _open(self, record: RoundOpened) -> None:
        scheduled = self.rho - record.rho
        self.scheduled[record.round] = scheduled
        pot = self.unopened * scheduled // self.rho // self.quantum * self.quantum if self.rho else 0
        if record.pot != pot:
            self.problems.append(f"pot of round {record.round}: {record.pot}, expected {pot}")
        self.pots[record.round] = record.pot
        self.rho = record.rho
        self.unopened -= record.pot
        self._partaking = len(self.supplies)
        self._records = [dict(held) for held in self.balances]
        for books in self.books.values():
            books.open_round()

    def _challenge(self, record: Challenged) -> None:
        if self.challenge_bond is None:
            return
        expected = max(div_up(self.pots.get(record.round, 0) * self.challenge_bond, WAD), 1)
        if record.bond != expected:
            self.problems.append(
                f"bond of {record.challenger} in round {record.round}: {record.bond}, expected {expected}"
            )

    def _finalize(self, record: RoundFinalized) -> None:
        round = record.round
        scores = self._scores.get(round)
        if round not in self.pots or (scores is not None) != record.scored:
            self.problems.append(f"round {round} was paid without an opening or without scores")
            return
        units, rest = divmod(self.pots[round], self.quantum)
        if rest:
            self.problems.append(f"the pot of round {round} is not a whole number of reward units")
        if scores is None:
            # What was taken of the bond has left it already.
            bond = self.money.bond + record.added
            wanted = min(units // 4 * self.quantum, bond) // self.quantum * self.quantum
            if record.added != wanted:
                self.problems.append(f"slice for round {round}: {record.added}, expected {wanted}")
            # Where clients may come late, by supply: by what was given, a newcomer would never be paid.
            shares = [
                0 if self.late_joins else sum(row[k] for row in self.rewards.values() if k < len(row))
                for k in range(self._partaking)
            ]
        elif len(scores) > self._partaking:
            self.problems.append(f"round {round} has scores of clients that did not take part")
            return
        else:
            shares = padded(scores, self._partaking)
        units += (self._added[round] + record.added) // self.quantum
        self._pay(round, self.split(units, shares))

    def _pay(self, round: int, parts: list[int]) -> None:
        self.rewards[round] = parts
        self.paid_units += sum(parts)
        for number, units in enumerate(parts):
            for holder, amount in self._records[number].items():
                books = self.books.get(holder)
                if books is None or number not in books.clients:
                    self.numerators[number][holder] += units * amount
                else:
                    # A pool's own books count, not what it holds.
                    gift = amount - books.record_books.get(number, 0)
                    self.gifts += Fraction(units * gift, self.supplies[number])
        for books in self.books.values():
            books.pay(parts, self.supplies)
