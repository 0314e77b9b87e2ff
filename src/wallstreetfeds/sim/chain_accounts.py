"""Named accounts on a chain: what they have in whole tokens, and the approvals they need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from eth_account.signers.local import LocalAccount

from wallstreetfeds.chain import ClientToken, ContractError, Numeraire
from wallstreetfeds.sim.market import NUMERAIRE, Refused, TradeRefused
from wallstreetfeds.units import TOKEN

UNLIMITED: Final = 2**256 - 1
MOST: Final = 2.0**255


@contextmanager
def refusals(kind: type[Refused] = TradeRefused) -> Iterator[None]:
    """A contract's refusal inside becomes the seam's, with the same reason."""
    try:
        yield
    except ContractError as error:
        raise kind(error.reason) from None


def smallest_units(amount: float, scale: int = TOKEN) -> int:
    """Return a whole amount in smallest units, rounded down; infinity is as much as a contract can count.

    Raises ValueError for what is below 0 or not a number.
    """
    if not amount >= 0:
        raise ValueError(f"an amount has to be a number of at least 0, got {amount}")
    return int(min(amount * scale, MOST))


class ChainAccounts:
    """Signing accounts by name, and the assets they hold: 0 is the numeraire, k + 1 the token of client k.

    `tokens` is the market's own list, which grows when a client joins late.  Units are smallest units.
    """

    def __init__(
        self, actors: Mapping[str, LocalAccount], numeraire: Numeraire, tokens: Sequence[ClientToken]
    ) -> None:
        self.actors, self.numeraire, self.tokens = actors, numeraire, tokens
        self.unit: int = 10 ** numeraire.decimals()
        self._approved: set[tuple[str, int, str]] = set()

    def account(self, name: str) -> LocalAccount:
        """Return the account of a name.  Raises ValueError for a name that nobody has."""
        if name not in self.actors:
            raise ValueError(f"nobody is called {name!r} here; there are {', '.join(sorted(self.actors))}")
        return self.actors[name]

    def contract(self, asset: int) -> ClientToken | Numeraire:
        """Return the contract of an asset.  Raises TradeRefused where there is none."""
        if not 0 <= asset <= len(self.tokens):
            raise TradeRefused("no such asset")
        return self.numeraire if asset == NUMERAIRE else self.tokens[asset - 1]

    def scale(self, asset: int) -> int:
        """Return how many smallest units a whole token has."""
        return self.unit if asset == NUMERAIRE else TOKEN

    def units(self, asset: int, amount: float) -> int:
        """Return whole tokens in smallest units, as `smallest_units` does."""
        return smallest_units(amount, self.scale(asset))

    def balance(self, name: str, asset: int) -> int:
        """Return what a name has, smallest units."""
        return self.contract(asset).balanceOf(self.account(name).address)

    def spendable(self, name: str, asset: int) -> int:
        """Return what a name may send now, smallest units: a client has to keep part of its own token."""
        contract, held = self.contract(asset), self.balance(name, asset)
        if not isinstance(contract, ClientToken):
            return held
        return max(0, held - contract.retained(self.account(name).address))

    def approve(self, name: str, asset: int, spender: str) -> LocalAccount:
        """Let a contract take an asset from a name, once and for all; returns the name's account."""
        account = self.account(name)
        if (name, asset, spender) not in self._approved:
            self.contract(asset).approve(spender, UNLIMITED, sender=account)
            self._approved.add((name, asset, spender))
        return account
