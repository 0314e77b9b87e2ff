"""Is every unit of money accounted for?  The contracts' figures against a second set of books."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from wallstreetfeds.chain.abi import topic_of
from wallstreetfeds.chain.contracts import ClientToken, Pool, Scenario
from wallstreetfeds.chain.contracts.token import RewardToken
from wallstreetfeds.chain.events import read_events, word
from wallstreetfeds.chain.ledger import Ledger
from wallstreetfeds.chain.pool_books import SHARE_SCALE, PoolBooks
from wallstreetfeds.chain.session import Session
from wallstreetfeds.chain.words import padded
from wallstreetfeds.records import Transfer
from wallstreetfeds.units import div_up

MOST_DISCREPANCIES: Final = 100


@dataclass(frozen=True, slots=True)
class Conservation:
    """Where the deposited money is; all amounts in the numeraire's smallest units.

    deposited: budget, top-ups, and the bonds of federator and challengers, less what was taken back: the
    budget after a cancellation, bonds that went to whom they belong (a bond that was lost goes to the winner
    or, in slices, to pots).  escrow: what no finalised round has taken, as the Scenario says.  claimed: paid
    to holders and LPs, from events.  claimable: what every holder and LP ever seen could claim, as the
    contracts say.  bonds: what Challenges says it holds, of the federator's bond, of what the federator has
    won, and of challengers' bonds and compensations.  dust: fractions of a reward unit, rewards of locked LP
    shares and of tokens that nobody can claim for, computed from events.  `discrepancies` says in words what
    does not add up; `balanced` is true where there are none.
    """

    deposited: int
    escrow: int
    claimed: int
    claimable: int
    bonds: int
    dust: int
    balanced: bool
    discrepancies: tuple[str, ...]


def audit(session: Session, scenario: Scenario, *, block: int | None = None, first: int = 0) -> Conservation:
    """Recompute from events who is owed what at a block (the latest by default) and compare.

    Reads the logs of blocks `first`.. (the Scenario has to be younger) and the state at `block`.
    """
    at = session.block_number() if block is None else block
    return _Audit(session, scenario.at_block(at), at, first).result()


class _Audit:
    def __init__(self, session: Session, scenario: Scenario, block: int, first: int) -> None:
        self.session = session
        self.scenario = scenario
        self.block = block
        self.first = first
        self.quantum = scenario.quantum()
        self.court = scenario.court()
        self.tokens: list[ClientToken] = scenario.tokens()
        self.pools: list[Pool] = scenario.pools()
        self.found: list[str] = []
        self.claimable = 0
        self.dust = Fraction(0)
        self.ledger = Ledger(
            tokens=[token.address for token in self.tokens],
            pools=[pool.address for pool in self.pools],
            quantum=self.quantum,
            challenge_bond=self.court.challenge_bond(),
            late_joins=scenario.terms().late_joins,
        )

    def result(self) -> Conservation:
        contracts = [self.scenario, self.court, *self.tokens, *self.pools]
        for record in read_events(self.session, contracts, self.first, self.block):
            self.ledger.apply(record)
        self.found += self.ledger.problems + self.ledger.money.problems
        self._schedule()
        self._rewards()
        for number, token in enumerate(self.tokens):
            self._token(number, token)
        for index, pool in enumerate(self.pools):
            books = self.ledger.books[pool.address]
            self._books(index, pool, books)
            self._lps(index, pool, books)
        self.dust += self.ledger.gifts * self.quantum
        return self._conclude()

    def _schedule(self) -> None:
        """Every round took the part of the budget that the terms give it."""
        ledger, rounds = self.ledger, self.scenario.terms().rounds
        clock = self.scenario.clock()
        self._same("opened rounds", clock.opened, len(ledger.pots))
        self._same("finalised rounds", clock.finalized, len(ledger.rewards))
        if ledger.pots:
            self._same("rho", clock.rho, ledger.rho)
        uniform, rho = [], ledger.money.budget
        for round in ledger.scheduled:
            uniform.append(div_up(rho, rounds - round + 1))
            rho -= uniform[-1]
        parts = list(ledger.scheduled.values())
        if parts == uniform:
            return
        # Not uniform: it was listed, and then the Scenario remembers every part.
        told = self.scenario.read_many(("scheduled", [round]) for round in ledger.scheduled)
        for round, (part, expected) in enumerate(zip(parts, told, strict=True), 1):
            self._same(f"what round {round} took of the budget", part, expected)

    def _rewards(self) -> None:
        """The splits follow from the published scores, or from what was paid before."""
        rounds, clients = list(self.ledger.rewards), len(self.tokens)
        for round, told in zip(rounds, self.scenario.rewards(rounds), strict=True):
            expected = padded(self.ledger.rewards[round], clients)
            if told != expected:
                self._say(f"rewards of round {round} are {told}, the scores give {expected}")

    def _token(self, number: int, token: ClientToken) -> None:
        ledger = self.ledger
        held, owed, supply = ledger.balances[number], ledger.numerators[number], ledger.supplies[number]
        self._same(f"supply of token {number}", token.totalSupply(), supply)
        self._same(f"supply of client {number}", self.scenario.supply_of(number), supply)
        self._same(f"balances of token {number}", sum(held.values()), supply)
        entitled = {
            holder: (Fraction(owed[holder], supply), owed[holder] // supply)
            for holder in sorted(self._seen(token.address, held))
        }
        self._holders(f"token {number}", token, held, entitled)

    def _lps(self, index: int, pool: Pool, books: PoolBooks) -> None:
        held = books.shares
        self._same(f"supply of LP shares of pool {index}", pool.totalSupply(), sum(held.values()))
        self._same(
            f"reward units that pool {index} earned", pool.harvested_units(), books.earned // SHARE_SCALE
        )
        self.dust += books.undistributed * self.quantum
        # The pool's own shares are locked: nobody can claim what they earn.
        self.dust += books.exact[pool.address] * self.quantum
        entitled = {
            holder: (books.exact[holder], books.scaled[holder] // SHARE_SCALE)
            for holder in sorted(self._seen(pool.address, held) - {pool.address})
        }
        self._holders(f"LP shares of pool {index}", pool, held, entitled)

    def _holders(
        self,
        what: str,
        contract: RewardToken,
        held: dict[str, int],
        entitled: dict[str, tuple[Fraction, int]],
    ) -> None:
        """Every holder has what it was sent, and was paid or can claim what it earned, to the unit.

        `entitled`: the exact entitlement, and its whole reward units as the contract has to round them.
        """
        holders = list(entitled)
        balances = contract.read_many(("balanceOf", [holder]) for holder in holders)
        claimables = contract.read_many(("claimable", [holder]) for holder in holders)
        for holder, balance, claimable in zip(holders, balances, claimables, strict=True):
            exact, units = entitled[holder]
            self.claimable += claimable
            self.dust += (exact - units) * self.quantum
            self._same(f"balance of {what} of {holder}", balance, held.get(holder, 0))
            claimed = self.ledger.claimed.get((contract.address, holder), 0)
            self._same(f"rewards of {what} of {holder}", claimed + claimable, units * self.quantum)

    def _seen(self, contract: str, held: Iterable[str]) -> set[str]:
        return set(held) | {holder for where, holder in self.ledger.claimed if where == contract}

    def _books(self, index: int, pool: Pool, books: PoolBooks) -> None:
        """The pool's books follow from its trades, and what it holds covers them."""
        told = pool.balances()
        self._same(f"assets of pool {index}", len(told), len(books.books))
        for asset, (tell, book) in enumerate(zip(told, books.books, strict=False)):
            self._same(f"the books of asset {asset} of pool {index}", tell, book)
        held = [self.ledger.balances[client][pool.address] for client in books.clients]
        numeraire = self.scenario.numeraire().balanceOf(pool.address)
        for asset, (has, book) in enumerate(zip([numeraire, *held], books.books, strict=True)):
            if has < book:
                self._say(f"pool {index} holds {has} of asset {asset} and its books say {book}")

    def _conclude(self) -> Conservation:
        ledger, money = self.ledger, self.ledger.money
        escrow = self.scenario.escrow()
        claimed = sum(ledger.claimed.values())
        bonds = self._bonds()
        paid = ledger.paid_units * self.quantum
        self._same("rewards paid", self.scenario.paid(), claimed)
        self._same("escrow", escrow, money.budget + money.top_ups + money.added - paid)
        self._same("numeraire deposits", self.scenario.total_numeraire_deposit(), money.deposits)
        self._same("sum of all supplies", self.scenario.total_supply(), sum(ledger.supplies.values()))
        self._balances(claimed)
        if self.dust.denominator != 1:
            self._say(f"dust is not a whole number of units: {self.dust}")
        dust = int(self.dust)
        self._same(
            "escrow + claimed + claimable + bonds + dust",
            escrow + claimed + self.claimable + bonds + dust,
            money.deposited,
        )
        return Conservation(
            deposited=money.deposited,
            escrow=escrow,
            claimed=claimed,
            claimable=self.claimable,
            bonds=bonds,
            dust=dust,
            balanced=not self.found,
            discrepancies=tuple(self.found[:MOST_DISCREPANCIES]),
        )

    def _bonds(self) -> int:
        """What Challenges says it holds follows from the challenges and the rulings."""
        money, court = self.ledger.money, self.court
        told = court.bond(), court.forfeited(), court.staked()
        self._same("bond of the federator", told[0], money.bond)
        self._same("bonds that the federator won", told[1], money.forfeited)
        self._same("bonds of challengers", told[2], money.staked)
        self._same("slices of the bond in pots", money.added, money.sliced)
        return sum(told)

    def _balances(self, claimed: int) -> None:
        """Scenario and Challenges hold the money that they owe, and gifts to them are told apart."""
        money = self.ledger.money
        owed = money.budget + money.top_ups + money.added - claimed + money.deposits
        self._balance("the Scenario", self.scenario.address, money.taken_in, money.sent_out + claimed, owed)
        self._balance(
            "Challenges", self.court.address, money.bonds_in, money.bonds_out + money.sliced, money.bonds
        )

    def _balance(self, what: str, holder: str, taken_in: int, sent_out: int, owed: int) -> None:
        numeraire = self.scenario.numeraire()
        transfer, me = topic_of(Transfer), word(holder)
        sent = self._sum(numeraire.address, [transfer, me])
        received = self._sum(numeraire.address, [transfer, None, me])
        gifts = received - taken_in
        if gifts < 0:
            self._say(f"{what} booked {taken_in} of numeraire and received {received}")
        self._same(f"numeraire that left {what}", sent, sent_out)
        self._same(f"numeraire of {what}", numeraire.balanceOf(holder), owed + gifts)

    def _sum(self, numeraire: str, topics: list[str | None]) -> int:
        records = read_events(self.session, [numeraire], self.first, self.block, topics=topics)
        return sum(record.amount for record in records if isinstance(record, Transfer))

    def _same(self, what: str, told: int, expected: int) -> None:
        if told != expected:
            self._say(f"{what}: {told}, expected {expected} (difference {told - expected})")

    def _say(self, sentence: str) -> None:
        self.found.append(sentence)
