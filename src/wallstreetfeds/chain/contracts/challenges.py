"""The bonds of a federation, and what they are lost for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from eth_account.signers.local import LocalAccount

from wallstreetfeds.chain.bound import BoundContract, Receipt
from wallstreetfeds.chain.words import pack_scores
from wallstreetfeds.records import BondSliced, BondWithdrawn, ChallengeBondWithdrawn, Challenged

SILENT: Final = 0
UPHELD: Final = 1
REPLACED: Final = 2
"""Rulings."""


class Case(NamedTuple):
    """What is disputed about a round: `first` challenger (the zero address: nobody), its `compensation`, all
    challengers' `bonds` (numeraire units), and the `ruling`: SILENT, UPHELD or REPLACED.
    """

    first: str
    compensation: int
    bonds: int
    ruling: int


class Challenges(BoundContract):
    """Holds the federator's and the challengers' bonds, and the arbiter's rulings; one a Scenario.

    Amounts in the numeraire's smallest units, times in seconds.  Every method that changes state raises
    ContractError with the contract's reason.
    """

    ARTIFACT = "Challenges"

    # --- the federator's bond ---

    def escrow_bond(self, amount: int, *, sender: LocalAccount) -> Receipt[None]:
        """Book the federator's bond; the Scenario does it when it is funded, nobody else may."""
        return self._send("escrow_bond", amount, sender=sender)

    def slice_bond(self, wanted: int, *, sender: LocalAccount) -> Receipt[int]:
        """Send part of the bond to the Scenario for a pot; the Scenario only.  Value: what was sent."""
        return self._send_for(
            lambda events: sum(event.amount for event in self._logged(events, BondSliced)),
            "slice_bond",
            wanted,
            sender=sender,
        )

    def withdraw_bond(self, *, sender: LocalAccount) -> Receipt[int]:
        """Pay the federator what it has won, and its bond once it is free; anyone.  Value: what was paid."""
        return self._send_for(
            lambda events: self._logged(events, BondWithdrawn)[0].amount, "withdraw_bond", sender=sender
        )

    # --- challenges ---

    def challenge(self, round: int, asset: int, statement: bytes, *, sender: LocalAccount) -> Receipt[int]:
        """Object to the submitted scores within the window; a client or a holder that approved its bond.

        `asset`: what a holder holds, 0 for LP shares, index + 1 of a client for its token.  `statement`: hash
        (32 bytes) of what is wrong.  Value: the bond taken.
        """
        return self._send_for(
            lambda events: self._logged(events, Challenged)[0].bond,
            "challenge",
            round,
            asset,
            statement,
            sender=sender,
        )

    def uphold_scores(self, round: int, *, sender: LocalAccount) -> Receipt[None]:
        """Rule that the challenged scores stand; the arbiter, after the window, before its period ends."""
        return self._send("uphold_scores", round, sender=sender)

    def replace_scores(
        self, round: int, scores: Sequence[int], evidence_root: bytes, *, sender: LocalAccount
    ) -> Receipt[None]:
        """Rule that these scores, one integer a client, take the place of the challenged ones; the arbiter.

        Raises ValueError for scores that do not fit, see `chain.words`.
        """
        return self._send("replace_scores", round, pack_scores(scores), evidence_root, sender=sender)

    def withdraw_challenge_bond(self, round: int, challenger: str, *, sender: LocalAccount) -> Receipt[int]:
        """Pay a challenger its bond back, with its compensation; anyone.  Value: what was paid."""
        return self._send_for(
            lambda events: self._logged(events, ChallengeBondWithdrawn)[0].amount,
            "withdraw_challenge_bond",
            round,
            challenger,
            sender=sender,
        )

    # --- views ---

    def is_settled(self, round: int, submitted_at: int) -> bool:
        """Return whether a round whose scores were submitted at that block time can be paid now."""
        return self._bool("is_settled", round, submitted_at)

    def case_of(self, round: int) -> Case:
        """Return what is disputed about a round."""
        return Case(*self._read("case_of", round))

    def scenario(self) -> str:
        """Return the address of the Scenario."""
        return self._str("scenario")

    def numeraire(self) -> str:
        """Return the numeraire's address."""
        return self._str("numeraire")

    def federator(self) -> str:
        """Return the federator's address."""
        return self._str("federator")

    def arbiter(self) -> str:
        """Return the arbiter's address, the zero address if there is none."""
        return self._str("arbiter")

    def challenge_window(self) -> int:
        """Return how long after their submission scores can be challenged."""
        return self._int("challenge_window")

    def ruling_period(self) -> int:
        """Return how long after the window the arbiter can rule."""
        return self._int("ruling_period")

    def challenge_bond(self) -> int:
        """Return a challenger's bond, WAD of the round's pot."""
        return self._int("challenge_bond")

    def bond(self) -> int:
        """Return what is left of the federator's bond."""
        return self._int("bond")

    def forfeited(self) -> int:
        """Return what the federator has won of challengers' bonds and not withdrawn."""
        return self._int("forfeited")

    def staked(self) -> int:
        """Return all bonds and compensations that are challengers' and still here."""
        return self._int("staked")

    def bond_of(self, round: int, challenger: str) -> int:
        """Return a challenger's bond in a round; 0 once it is withdrawn, not where it is lost."""
        return self._int("bond_of", round, challenger)
