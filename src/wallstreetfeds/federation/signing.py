"""An update is bound to its client's wallet: EIP-712 signatures over where, when and what.

A signature covers the chain, the Scenario, the round, the hash of the block that opened the round and the
sha-256 of the update's canonical bytes (`evidence.canonical`).  The block's hash is known to nobody before
the round is open, so a signature over it was not made earlier; with the round, the Scenario and the chain it
serves nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from eth_account import Account
from eth_account.messages import SignableMessage, encode_typed_data
from eth_account.signers.base import BaseAccount
from eth_utils.address import is_address, to_checksum_address

_DOMAIN_NAME: Final = "WallStreetFeds"
_DOMAIN_VERSION: Final = "1"
_UPDATE: Final = [
    {"name": "round", "type": "uint256"},
    {"name": "openingBlock", "type": "bytes32"},
    {"name": "digest", "type": "bytes32"},
]
_HALF_ORDER: Final = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0
"""Half the order of secp256k1: of the two signatures with the same meaning only the one below is taken."""

LENGTH: Final = 65
"""Bytes of a signature: r, s, v."""


class SignatureDefect(ValueError):
    """Why a signature does not bind an update to its client, in words for a person."""


@dataclass(frozen=True)
class Venue:
    """Where a federation's rounds are settled: chain id, and the Scenario's address (checksummed here)."""

    chain_id: int
    scenario: str

    def __post_init__(self) -> None:
        if not is_address(self.scenario):
            raise ValueError(f"a Scenario's address is 0x and 40 hexadecimal digits, not {self.scenario!r}")
        object.__setattr__(self, "scenario", to_checksum_address(self.scenario))


@dataclass(frozen=True)
class Statement:
    """What a client signs: this `digest` (32 bytes) is its update in this round, opened in this block."""

    venue: Venue
    round: int
    block_hash: bytes
    digest: bytes

    def message(self) -> SignableMessage:
        """Return the EIP-712 typed data."""
        domain = {
            "name": _DOMAIN_NAME,
            "version": _DOMAIN_VERSION,
            "chainId": self.venue.chain_id,
            "verifyingContract": self.venue.scenario,
        }
        fields = {"round": self.round, "openingBlock": self.block_hash, "digest": self.digest}
        return encode_typed_data(domain, {"Update": _UPDATE}, fields)


def sign_statement(statement: Statement, signer: BaseAccount) -> bytes:
    """Return the signature (65 bytes: r, s, v) of `signer`; the same every time (RFC 6979)."""
    return bytes(signer.sign_message(statement.message()).signature)


def signer_of(statement: Statement, signature: bytes) -> str:
    """Return the address that signed.  Raises SignatureDefect unless it is 65 bytes, v 27 or 28, s low."""
    if len(signature) != LENGTH:
        raise SignatureDefect(f"the signature has {len(signature)} bytes instead of {LENGTH}")
    if signature[64] not in (27, 28):
        raise SignatureDefect(f"the signature's last byte is {signature[64]}, not 27 or 28")
    if int.from_bytes(signature[32:64], "big") > _HALF_ORDER:
        raise SignatureDefect("the signature's s is in the upper half: it is a copy made from another")
    try:
        return str(Account.recover_message(statement.message(), signature=signature))
    except Exception as error:  # whatever hostile bytes make the curve's library raise
        raise SignatureDefect("the signature is not one") from error


def check_signature(statement: Statement, signature: bytes, wallet: str) -> None:
    """Raise SignatureDefect unless `wallet` signed `statement`."""
    found = signer_of(statement, signature)
    if found != to_checksum_address(wallet):
        raise SignatureDefect(f"signed by {found}, or over another update, not by the wallet {wallet}")


def as_config(statement: Statement, signature: bytes) -> dict[str, int | str | bytes]:
    """Return what a reply carries: the signature, and what it says that it was made for."""
    return {
        "signature": signature,
        "chain-id": statement.venue.chain_id,
        "scenario": statement.venue.scenario,
        "round": statement.round,
        "block-hash": statement.block_hash,
    }


def signature_in(config: Mapping[str, Any], expected: Statement) -> bytes:
    """Return the signature that a reply carries, not verified yet.

    What it says that it was made for only makes the refusal clearer.  Raises SignatureDefect where that is
    another chain, Scenario, round or block, or where there is no signature.
    """
    signature = config.get("signature")
    if not isinstance(signature, bytes):
        raise SignatureDefect("no signature")
    venue = expected.venue
    if config.get("chain-id", venue.chain_id) != venue.chain_id:
        raise SignatureDefect(f"signed for chain {config['chain-id']}, not for {venue.chain_id}")
    if str(config.get("scenario", venue.scenario)).lower() != venue.scenario.lower():
        raise SignatureDefect(f"signed for the Scenario {config['scenario']}, not for {venue.scenario}")
    if config.get("round", expected.round) != expected.round:
        raise SignatureDefect(f"signed for round {config['round']}, not for round {expected.round}")
    if config.get("block-hash", expected.block_hash) != expected.block_hash:
        raise SignatureDefect("signed before the round was open, or over another opening block")
    return signature
