"""Who has what: the numeraire of every holder, and the accounts of every client token."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from wallstreetfeds.sim.market import NUMERAIRE, TradeRefused
from wallstreetfeds.sim.model.accounts import HAIR, RecordAccounts
from wallstreetfeds.sim.model.clock import Clock


@dataclass(slots=True)
class Token:
    """A client's token: its fixed supply, the part the client has to keep, and its accounts.

    `retained` is a part of the supply that falls with rho / B; a late client's is scaled up to start whole.
    """

    client: str
    supply: float
    retained: float
    accounts: RecordAccounts


class Holdings:
    """Balances by asset: 0 is the numeraire, k + 1 the token of client k.  Whole tokens."""

    __slots__ = ("clock", "tokens", "wallets")

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.wallets: defaultdict[str, float] = defaultdict(float)
        self.tokens: list[Token] = []

    def balance_of(self, holder: str, asset: int) -> float:
        """Return what a holder has of an asset."""
        if asset == NUMERAIRE:
            return self.wallets.get(holder, 0.0)
        return self.tokens[asset - 1].accounts.balance_of(holder)

    def kept(self, holder: str, asset: int) -> float:
        """Return what a holder must not send of an asset: a client's retained part of its own token."""
        if asset == NUMERAIRE:
            return 0.0
        token = self.tokens[asset - 1]
        if token.client != holder:
            return 0.0
        return token.supply * token.retained * self.clock.rho / self.clock.budget

    def spendable(self, holder: str, asset: int) -> float:
        """Return what a holder may send of an asset now."""
        return max(0.0, self.balance_of(holder, asset) - self.kept(holder, asset))

    def take(self, holder: str, asset: int, amount: float) -> float:
        """Take an amount from a holder; returns it, or the whole balance where that is a hair less.

        Raises TradeRefused, and then changes nothing.
        """
        if asset > NUMERAIRE:
            token = self.tokens[asset - 1]
            keep = self.kept(holder, asset)
            return token.accounts.burn(holder, amount, keep, "the client has to keep this part")
        balance = self.wallets.get(holder, 0.0)
        if not amount <= balance:
            if not amount <= balance * (1 + HAIR):
                raise TradeRefused("balance too small")
            amount = balance
        self.wallets[holder] = balance - amount
        return amount

    def give(self, holder: str, asset: int, amount: float) -> None:
        """Give an amount to a holder."""
        if asset == NUMERAIRE:
            self.wallets[holder] += amount
        else:
            self.tokens[asset - 1].accounts.mint(holder, amount)

    def transfer(self, sender: str, receiver: str, asset: int, amount: float) -> None:
        """Move an amount; what both sides have earned stays theirs.

        Raises TradeRefused, and ValueError for an amount below 0.
        """
        if amount < 0:
            raise ValueError(f"an amount has to be at least 0, got {amount}")
        self.give(receiver, asset, self.take(sender, asset, amount))
