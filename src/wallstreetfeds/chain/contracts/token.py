"""Tokens that pay rewards to their holders of record: client tokens, and (see `pool`) LP shares."""

from __future__ import annotations

from typing import cast

from eth_account.signers.local import LocalAccount

from wallstreetfeds.chain.bound import Receipt
from wallstreetfeds.chain.contracts.erc20 import Erc20
from wallstreetfeds.records import Claimed


class RewardToken(Erc20):
    """An ERC-20 (12 decimals) whose holders at a round's record date are paid by it."""

    ARTIFACT = "ClientToken"

    def claim(self, *, sender: LocalAccount) -> Receipt[int]:
        """Collect the sender's rewards of all finalised rounds.

        Value: what was paid, in the numeraire's smallest units; 0 where there was nothing.
        """
        return self._claim("claim", sender=sender)

    def claim_for(self, holder: str, *, sender: LocalAccount) -> Receipt[int]:
        """Collect a holder's rewards for it: anyone may call, the holder is paid.

        Value: what was paid, in the numeraire's smallest units; 0 where there was nothing.
        """
        return self._claim("claim_for", holder, sender=sender)

    def claimable(self, holder: str) -> int:
        """Return what `claim` would pay now, in the numeraire's smallest units."""
        return self._int("claimable", holder)

    def scenario(self) -> str:
        """Return the address of the Scenario."""
        return self._str("scenario")

    # --- EIP-2612: approval by signature ---

    def permit(
        self,
        owner: str,
        spender: str,
        value_: int,
        deadline: int,
        v: int,
        r: bytes,
        s: bytes,
        *,
        sender: LocalAccount,
    ) -> Receipt[None]:
        """Approve `spender` for the owner by its signature (see `sign_permit`); anyone, once."""
        return self._send("permit", owner, spender, value_, deadline, v, r, s, sender=sender)

    def nonces(self, owner: str) -> int:
        """Return how many permits of the owner have been used."""
        return self._int("nonces", owner)

    def DOMAIN_SEPARATOR(self) -> bytes:  # noqa: N802 (the standard's name)
        """Return the EIP-712 domain separator (32 bytes) of permits."""
        return bytes(self._read("DOMAIN_SEPARATOR"))

    def eip712Domain(self) -> tuple[bytes, str, str, int, str, bytes, tuple[int, ...]]:  # noqa: N802
        """Return the EIP-712 domain (EIP-5267): fields, name, version, chain, contract, salt, extensions."""
        return cast(tuple[bytes, str, str, int, str, bytes, tuple[int, ...]], self._read("eip712Domain"))

    def _claim(self, function: str, *values: str, sender: LocalAccount) -> Receipt[int]:
        return self._send_for(
            lambda events: sum(event.amount for event in self._logged(events, Claimed)),
            function,
            *values,
            sender=sender,
        )


class ClientToken(RewardToken):
    """A pro-rata claim on one client's future rewards; fixed supply."""

    def index(self) -> int:
        """Return the client's place in join order, from 0."""
        return self._int("index")

    def retained(self, holder: str) -> int:
        """Return how much of its balance `holder` cannot send yet; 0 for all but the client."""
        return self._int("retained", holder)

    def initialize(
        self,
        client: str,
        index: int,
        supply: int,
        deposit: int,
        retained: int,
        gated: bool,
        *,
        sender: LocalAccount,
    ) -> Receipt[None]:
        """Mint the fixed supply, once; a Scenario does it when the client joins."""
        return self._send("initialize", client, index, supply, deposit, retained, gated, sender=sender)

    def release(self, receiver: str, amount: int, *, sender: LocalAccount) -> Receipt[None]:
        """Send tokens past the transfer gate; pools and the Scenario do it, nobody else may."""
        return self._send("release", receiver, amount, sender=sender)

    def list_in_pool(self, pool: str, amount: int, *, sender: LocalAccount) -> Receipt[None]:
        """Move deposited tokens to the pool; the Scenario does it when the market opens, nobody else may."""
        return self._send("list_in_pool", pool, amount, sender=sender)
