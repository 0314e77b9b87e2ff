"""ERC-20 tokens, and the numeraire: one that neither takes a fee on transfer nor rebases."""

from __future__ import annotations

from eth_account.signers.local import LocalAccount

from wallstreetfeds.chain.bound import BoundContract, Receipt


class Erc20(BoundContract):
    """What every ERC-20 has.  Amounts in its smallest units; refusals come as ContractError."""

    ARTIFACT = "DemoNumeraire"

    def transfer(self, receiver: str, amount: int, *, sender: LocalAccount) -> Receipt[bool]:
        """Send `amount` of the sender's own."""
        return self._send_for(lambda _: True, "transfer", receiver, amount, sender=sender)

    def transferFrom(  # noqa: N802 (the standard's name)
        self, owner: str, receiver: str, amount: int, *, sender: LocalAccount
    ) -> Receipt[bool]:
        """Send `amount` of an owner that has approved the sender of the transaction."""
        return self._send_for(lambda _: True, "transferFrom", owner, receiver, amount, sender=sender)

    def approve(self, spender: str, amount: int, *, sender: LocalAccount) -> Receipt[bool]:
        """Let `spender` move up to `amount` of the sender's; 2^256 - 1 is never used up."""
        return self._send_for(lambda _: True, "approve", spender, amount, sender=sender)

    def name(self) -> str:
        """Return the token's name."""
        return self._str("name")

    def symbol(self) -> str:
        """Return the token's symbol."""
        return self._str("symbol")

    def decimals(self) -> int:
        """Return how many decimals of a whole token one smallest unit is."""
        return self._int("decimals")

    def totalSupply(self) -> int:  # noqa: N802
        """Return how much there is."""
        return self._int("totalSupply")

    def balanceOf(self, holder: str) -> int:  # noqa: N802
        """Return how much `holder` has."""
        return self._int("balanceOf", holder)

    def allowance(self, owner: str, spender: str) -> int:
        """Return how much `spender` may still move for `owner`."""
        return self._int("allowance", owner, spender)


class Numeraire(Erc20):
    """What rewards are paid in and tokens are priced in; `mint` and `minter` exist on DemoNumeraire only."""

    def mint(self, receiver: str, amount: int, *, sender: LocalAccount) -> Receipt[None]:
        """Make `amount` for `receiver`; the account that deployed the DemoNumeraire only."""
        return self._send("mint", receiver, amount, sender=sender)

    def minter(self) -> str:
        """Return the account that may mint."""
        return self._str("minter")
