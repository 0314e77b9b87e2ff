"""Is every unit of money accounted for?  The contracts' figures against a second set of books."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from wallstreetfeds.chain.abi import ZERO_ADDRESS, topic_of
from wallstreetfeds.chain.contracts import ClientToken, Pool, Scenario
from wallstreetfeds.chain.contracts.token import RewardToken
from wallstreetfeds.chain.events import read_events, word
from wallstreetfeds.chain.ledger import SHARE_SCALE, Ledger
from wallstreetfeds.chain.session import Session
from wallstreetfeds.records import Record, Transfer

MOST_DISCREPANCIES: Final = 100


@dataclass(frozen=True, slots=True)
class Conservation:
    """Where the deposited money is; all amounts in the numeraire's smallest units.

    deposited: budget escrowed and not taken back after a cancellation.  escrow: what no finalised round has
    taken, as the Scenario says.  claimed: paid to holders and LPs, from events.  claimable: what every holder
    and LP ever seen could claim, as the contracts say.  bonds: none exist yet.  dust: fractions of a reward
    unit, rewards of locked LP shares and of tokens that nobody can claim for, computed from events.
    `discrepancies` says in words what does not add up; `balanced` is true where there are none.
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
        self.terms = scenario.terms()
        self.quantum = scenario.quantum()
        self.tokens: list[ClientToken] = scenario.tokens()
        opened = scenario.pool() != ZERO_ADDRESS
        self.pool: Pool | None = scenario.market() if opened else None
        self.found: list[str] = []
        self.claimable = 0
        self.dust = Fraction(0)
        self.ledger = Ledger(
            tokens=[token.address for token in self.tokens],
            pool=self.pool.address if self.pool else ZERO_ADDRESS,
            supply=self.terms.supply,
            quantum=self.quantum,
        )

    def result(self) -> Conservation:
        for record in self._events():
            self.ledger.apply(record)
        self.found += self.ledger.problems
        self._rounds()
        for number, token in enumerate(self.tokens):
            self._token(number, token)
        if self.pool is not None:
            self._books(self.pool)
            self._lps(self.pool)
        self.dust += self.ledger.undistributed * self.quantum
        return self._conclude()

    def _events(self) -> list[Record]:
        contracts = [self.scenario, *self.tokens, *([self.pool] if self.pool else [])]
        return read_events(self.session, contracts, self.first, self.block)

    def _rounds(self) -> None:
        """Rounds, pots and splits follow from the terms and the published scores."""
        clock = self.scenario.clock()
        ledger = self.ledger
        self._same("opened rounds", clock.opened, len(ledger.pots))
        self._same("finalised rounds", clock.finalized, len(ledger.rewards))
        escrow = rho = ledger.deposited
        for round, pot in ledger.pots.items():
            left = self.terms.rounds - round + 1
            scheduled = -(-rho // left)
            self._same(f"pot of round {round}", pot, escrow * scheduled // rho // self.quantum * self.quantum)
            rho -= scheduled
            escrow -= pot
        if ledger.pots:
            self._same("rho", clock.rho, rho)
        rounds = list(ledger.rewards)
        answers = self.scenario.read_many(("round_rewards", [round]) for round in rounds)
        for round, told in zip(rounds, answers, strict=True):
            if list(told) != ledger.rewards[round]:
                self._say(
                    f"rewards of round {round} are {list(told)}, the scores give {ledger.rewards[round]}"
                )

    def _token(self, number: int, token: ClientToken) -> None:
        ledger = self.ledger
        held, owed = ledger.balances[number], ledger.numerators[number]
        self._same(f"supply of token {number}", sum(held.values()), ledger.supply)
        entitled = {
            holder: (Fraction(owed[holder], ledger.supply), owed[holder] // ledger.supply)
            for holder in sorted(self._seen(token.address, held))
        }
        self._holders(f"token {number}", token, held, entitled)

    def _lps(self, pool: Pool) -> None:
        ledger = self.ledger
        held = ledger.shares
        self._same("supply of LP shares", pool.totalSupply(), sum(held.values()))
        # The pool's own shares are locked: nobody can claim what they earn.
        self.dust += ledger.lp_exact[pool.address] * self.quantum
        entitled = {
            holder: (ledger.lp_exact[holder], ledger.lp_scaled[holder] // SHARE_SCALE)
            for holder in sorted(self._seen(pool.address, held) - {pool.address})
        }
        self._holders("LP shares", pool, held, entitled)

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

    def _books(self, pool: Pool) -> None:
        """The pool's books follow from its trades, and what it holds covers them."""
        books = self.ledger.books
        for asset, (told, book) in enumerate(zip(pool.balances(), books, strict=True)):
            self._same(f"the pool's books of asset {asset}", told, book)
        held = [self.ledger.balances[client][pool.address] for client in self.ledger.listed]
        numeraire = self.scenario.numeraire().balanceOf(pool.address)
        for asset, (has, book) in enumerate(zip([numeraire, *held], books, strict=True)):
            if has < book:
                self._say(f"the pool holds {has} of asset {asset} and its books say {book}")

    def _conclude(self) -> Conservation:
        ledger = self.ledger
        escrow = self.scenario.escrow()
        claimed = sum(ledger.claimed.values())
        self._same("rewards paid", self.scenario.paid(), claimed)
        self._same("escrow", escrow, ledger.deposited - ledger.paid_units * self.quantum)
        self._same("numeraire deposits", self.scenario.total_numeraire_deposit(), ledger.deposits)
        self._balance(claimed)
        if self.dust.denominator != 1:
            self._say(f"dust is not a whole number of units: {self.dust}")
        dust = int(self.dust)
        self._same(
            "escrow + claimed + claimable + dust", escrow + claimed + self.claimable + dust, ledger.deposited
        )
        return Conservation(
            deposited=ledger.deposited,
            escrow=escrow,
            claimed=claimed,
            claimable=self.claimable,
            bonds=0,
            dust=dust,
            balanced=not self.found,
            discrepancies=tuple(self.found[:MOST_DISCREPANCIES]),
        )

    def _balance(self, claimed: int) -> None:
        """The Scenario's numeraire is the money it owes, and gifts to it are told apart by the transfers."""
        ledger = self.ledger
        numeraire = self.scenario.numeraire()
        me = word(self.scenario.address)
        transfer = topic_of(Transfer)
        sent = self._sum(numeraire.address, [transfer, me])
        received = self._sum(numeraire.address, [transfer, None, me])
        gifts = received - ledger.taken_in
        if gifts < 0:
            self._say(f"the Scenario booked {ledger.taken_in} of numeraire and received {received}")
        self._same("numeraire that left the Scenario", sent, ledger.sent_out + claimed)
        owed = ledger.deposited - claimed + ledger.deposits
        self._same("numeraire of the Scenario", numeraire.balanceOf(self.scenario.address), owed + gifts)

    def _sum(self, numeraire: str, topics: list[str | None]) -> int:
        records = read_events(self.session, [numeraire], self.first, self.block, topics=topics)
        return sum(record.amount for record in records if isinstance(record, Transfer))

    def _same(self, what: str, told: int, expected: int) -> None:
        if told != expected:
            self._say(f"{what}: {told}, expected {expected} (difference {told - expected})")

    def _say(self, sentence: str) -> None:
        self.found.append(sentence)
