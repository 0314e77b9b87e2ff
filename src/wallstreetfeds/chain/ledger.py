"""A federation's books, kept a second time from nothing but its events, in exact fractions.

None of this asks a contract what anybody is owed: balances follow from transfers, the pool's books from
trades, record balances from the order of transfers and round openings, payments from the published scores.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from wallstreetfeds.chain.abi import ZERO_ADDRESS
from wallstreetfeds.records import (
    BudgetFunded,
    BudgetWithdrawn,
    Claimed,
    Initialized,
    LiquidityAdded,
    LiquidityRemoved,
    MarketOpened,
    NumeraireDeposited,
    NumeraireWithdrawn,
    Record,
    RoundFinalized,
    RoundOpened,
    ScoresSubmitted,
    Swap,
    Transfer,
)

SHARE_SCALE = 2**64
"""The pool keeps rewards per LP share with so many fractions of a reward unit, rounded down."""

Balances = defaultdict[str, int]


@dataclass(slots=True)
class _Dates:
    """Who held what at a record date: holders of each token, LPs, the pool's own books by client."""

    tokens: list[dict[str, int]]
    shares: dict[str, int]
    books: dict[int, int]


@dataclass(slots=True)
class Ledger:
    """Replays records in order.  Rewards are in reward units (`quantum` numeraire units each).

    `tokens` are the client tokens' addresses in join order; `supply` is that of each of them.
    """

    tokens: Sequence[str]
    pool: str
    supply: int
    quantum: int

    balances: list[Balances] = field(init=False)
    shares: Balances = field(default_factory=lambda: defaultdict(int))
    books: list[int] = field(default_factory=list)
    listed: tuple[int, ...] = ()
    """Client numbers of the pool's assets 1.."""

    numerators: list[Balances] = field(init=False)
    """Entitlements of each token's holders: reward units times `supply`."""
    lp_exact: defaultdict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    lp_scaled: Balances = field(default_factory=lambda: defaultdict(int))
    """Entitlements of LPs, exact, and as the pool rounds them (times SHARE_SCALE)."""
    undistributed: Fraction = Fraction(0)
    """Reward units that belong to nobody: of tokens sent to the pool without a call, or without any LP."""

    deposited: int = 0
    deposits: int = 0
    """Numeraire units: the budget, and what waits for the pool's opening."""
    taken_in: int = 0
    sent_out: int = 0
    """Numeraire units that the Scenario's events say it received and sent (claims not included)."""
    claimed: defaultdict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    """Numeraire units by (token or pool, holder)."""
    paid_units: int = 0
    pots: dict[int, int] = field(default_factory=dict)
    """Pot of each opened round, numeraire units."""
    rewards: dict[int, list[int]] = field(default_factory=dict)
    """Reward units of each client in each finalised round."""
    problems: list[str] = field(default_factory=list)

    _dates: _Dates | None = None
    _scores: tuple[int, ...] = ()
    _numbers: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        self.balances = [defaultdict(int) for _ in self.tokens]
        self.numerators = [defaultdict(int) for _ in self.tokens]
        self._numbers = {address: k for k, address in enumerate(self.tokens)}

    def apply(self, record: Record) -> None:
        """Book one record; records of contracts that are not this federation's are passed over."""
        match record:
            case Transfer():
                self._transfer(record)
            case Claimed():
                self.claimed[record.contract, record.holder] += record.amount
            case Initialized():
                self.listed = record.clients
                self.books = [record.numeraire_amount, *[record.token_amount] * len(record.clients)]
            case Swap():
                self.books[record.asset_in] += record.amount_in
                self.books[record.asset_out] -= record.amount_out
            case LiquidityAdded():
                self._move_books(record.amounts, 1)
            case LiquidityRemoved():
                self._move_books(record.amounts, -1)
            case RoundOpened():
                self._open(record)
            case ScoresSubmitted():
                self._scores = record.scores
            case RoundFinalized():
                self._finalize(record.round)
            case _:
                self._money(record)

    def split(self, pot_units: int, scores: Sequence[int]) -> list[int]:
        """Return each client's reward units: prefix sums of the scores, equal parts if all are zero."""
        weights = list(scores) if sum(scores) else [1] * len(scores)
        total, prefix, given, parts = sum(weights), 0, 0, []
        for weight in weights:
            prefix += weight
            upto = pot_units * prefix // total
            parts.append(upto - given)
            given = upto
        return parts

    def _transfer(self, record: Transfer) -> None:
        number = self._numbers.get(record.contract)
        if number is not None:
            held = self.balances[number]
        elif record.contract == self.pool:
            held = self.shares
        else:
            return
        for holder, amount in ((record.sender, -record.amount), (record.receiver, record.amount)):
            if holder != ZERO_ADDRESS:
                held[holder] += amount
                if held[holder] < 0:
                    self.problems.append(f"{holder} sent more of {record.contract} than it had")

    def _move_books(self, amounts: Sequence[int], sign: int) -> None:
        self.books = [book + sign * amount for book, amount in zip(self.books, amounts, strict=True)]

    def _open(self, record: RoundOpened) -> None:
        self.pots[record.round] = record.pot
        self._dates = _Dates(
            tokens=[dict(held) for held in self.balances],
            shares=dict(self.shares),
            books=dict(zip(self.listed, self.books[1:], strict=True)),
        )

    def _finalize(self, round: int) -> None:
        dates = self._dates
        if dates is None or round not in self.pots or len(self._scores) != len(self.tokens):
            self.problems.append(f"round {round} was paid without an opening or without scores")
            return
        pot_units, rest = divmod(self.pots[round], self.quantum)
        if rest:
            self.problems.append(f"the pot of round {round} is not a whole number of reward units")
        parts = self.split(pot_units, self._scores)
        self.rewards[round] = parts
        self.paid_units += pot_units
        pool_exact, pool_scaled = Fraction(0), 0
        for number, units in enumerate(parts):
            book = dates.books.get(number)
            for holder, amount in dates.tokens[number].items():
                if holder != self.pool or book is None:
                    self.numerators[number][holder] += units * amount
            if book is not None:
                # The pool's own books count, not what it holds: a gift to it earns for nobody.
                gift = dates.tokens[number].get(self.pool, 0) - book
                self.undistributed += Fraction(units * gift, self.supply)
                pool_exact += Fraction(units * book, self.supply)
                pool_scaled += units * book * SHARE_SCALE // self.supply
        self._pay_lps(dates.shares, pool_exact, pool_scaled)

    def _pay_lps(self, shares: dict[str, int], exact: Fraction, scaled: int) -> None:
        supply = sum(shares.values())
        if supply == 0:
            self.undistributed += exact
            return
        per_share = scaled // supply
        for holder, amount in shares.items():
            self.lp_exact[holder] += exact * amount / supply
            self.lp_scaled[holder] += per_share * amount

    def _money(self, record: Record) -> None:
        match record:
            case BudgetFunded(amount=amount):
                self.deposited += amount
                self.taken_in += amount
            case BudgetWithdrawn(amount=amount):
                self.deposited -= amount
                self.sent_out += amount
            case NumeraireDeposited(amount=amount):
                self.deposits += amount
                self.taken_in += amount
            case NumeraireWithdrawn(amount=amount) | MarketOpened(numeraire_amount=amount):
                self.deposits -= amount
                self.sent_out += amount
            case _:
                pass
