"""Where a federation's numeraire went in and out, and whose bonds are where: from events alone."""

from __future__ import annotations

from dataclasses import dataclass, field

from wallstreetfeds.records import (
    BondEscrowed,
    BondSliced,
    BondWithdrawn,
    BudgetFunded,
    BudgetWithdrawn,
    ChallengeBondWithdrawn,
    Challenged,
    ChallengeRewarded,
    LateMarketOpened,
    MarketOpened,
    NumeraireDeposited,
    NumeraireWithdrawn,
    Record,
    RoundFinalized,
    ScoresReplaced,
    ScoresUpheld,
    ToppedUp,
)


@dataclass(slots=True)
class _Dispute:
    """Challengers' bonds of a round, the first challenger first, and what it gets on top."""

    bonds: dict[str, int] = field(default_factory=dict)
    compensation: int = 0
    upheld: bool = False


@dataclass(slots=True)
class Money:
    """Replays the records that move numeraire; claims are not among them.  All in its smallest units.

    `quantum` is that of the Scenario: pots grow by whole reward units.
    """

    quantum: int

    budget: int = 0
    """Escrowed, and not taken back after a cancellation."""
    top_ups: int = 0
    deposits: int = 0
    """What waits for the pool's opening."""
    bond: int = 0
    forfeited: int = 0
    staked: int = 0
    """What Challenges holds: of the federator's bond, for the federator, for challengers."""
    bonds_in: int = 0
    bonds_out: int = 0
    """Bonds of both sides ever escrowed, and what went back to their owners or to the winners."""
    sliced: int = 0
    added: int = 0
    """What Challenges sent for pots, and what the Scenario added to them."""
    taken_in: int = 0
    sent_out: int = 0
    """What the Scenario's events say it received and sent (claims not included)."""
    problems: list[str] = field(default_factory=list)
    disputes: dict[int, _Dispute] = field(default_factory=dict)

    @property
    def deposited(self) -> int:
        """Budget, top-ups and bonds that did not go back: what has to be somewhere."""
        return self.budget + self.top_ups + self.bonds_in - self.bonds_out

    @property
    def bonds(self) -> int:
        """What Challenges holds."""
        return self.bond + self.forfeited + self.staked

    def apply(self, record: Record) -> None:
        """Book one record; records that move no numeraire are passed over."""
        match record:
            case BudgetFunded(amount=amount):
                self.budget += amount
                self.taken_in += amount
            case BudgetWithdrawn(amount=amount):
                self.budget -= amount
                self.sent_out += amount
            case ToppedUp(amount=amount):
                self.top_ups += amount
                self.taken_in += amount
            case NumeraireDeposited(amount=amount):
                self.deposits += amount
                self.taken_in += amount
            case NumeraireWithdrawn(amount=amount) | MarketOpened(numeraire_amount=amount):
                self.deposits -= amount
                self.sent_out += amount
            case LateMarketOpened(numeraire_amount=amount):
                self.taken_in += amount
                self.sent_out += amount
            case RoundFinalized(added=amount) | ScoresReplaced(added=amount):
                self.added += amount
                self.taken_in += amount
            case _:
                self._bonds(record)

    def _bonds(self, record: Record) -> None:
        match record:
            case BondEscrowed(amount=amount):
                self.bond += amount
                self.bonds_in += amount
                # Through the Scenario, which took it from the federator.
                self.taken_in += amount
                self.sent_out += amount
            case BondSliced(amount=amount):
                self.bond -= amount
                self.sliced += amount
            case BondWithdrawn(amount=amount):
                self.bonds_out += amount
                self.bond -= amount - self.forfeited
                self.forfeited = 0
            case Challenged():
                self._dispute(record.round).bonds[record.challenger] = record.bond
                self.bonds_in += record.bond
                self.staked += record.bond
            case ScoresUpheld():
                dispute = self._dispute(record.round)
                dispute.upheld = True
                self._expect(f"bonds lost in round {record.round}", record.forfeited, _sum(dispute))
                self.staked -= record.forfeited
                self.forfeited += record.forfeited
            case ChallengeRewarded():
                self._reward(record)
            case ChallengeBondWithdrawn():
                self._return(record)
            case _:
                pass
        if min(self.bond, self.forfeited, self.staked) < 0:
            self.problems.append(f"more bonds left than there were: {type(record).__name__}")

    def _reward(self, record: ChallengeRewarded) -> None:
        dispute = self._dispute(record.round)
        first, bond = next(iter(dispute.bonds.items()), ("nobody", 0))
        if first != record.challenger:
            self.problems.append(
                f"{record.challenger} is rewarded for round {record.round}, {first} was first"
            )
        # The slice for the pot has left the bond already.
        before = self.bond + record.added
        self._expect(f"compensation in round {record.round}", record.compensation, min(bond, before))
        left = min(bond, before - record.compensation)
        self._expect(f"slice for round {record.round}", record.added, left // self.quantum * self.quantum)
        dispute.compensation = record.compensation
        self.bond -= record.compensation
        self.staked += record.compensation

    def _return(self, record: ChallengeBondWithdrawn) -> None:
        dispute = self._dispute(record.round)
        owed = dispute.bonds.get(record.challenger, 0)
        if next(iter(dispute.bonds), None) == record.challenger:
            owed += dispute.compensation
        self._expect(
            f"bond of {record.challenger} in round {record.round}",
            record.amount,
            0 if dispute.upheld else owed,
        )
        self.bonds_out += record.amount
        self.staked -= record.amount

    def _dispute(self, round: int) -> _Dispute:
        return self.disputes.setdefault(round, _Dispute())

    def _expect(self, what: str, told: int, expected: int) -> None:
        if told != expected:
            self.problems.append(f"{what}: {told}, expected {expected} (difference {told - expected})")


def _sum(dispute: _Dispute) -> int:
    return sum(dispute.bonds.values())
