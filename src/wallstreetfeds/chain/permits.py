"""Approvals by signature (EIP-2612) for client tokens and LP shares: signed here, handed in by anybody."""

from __future__ import annotations

from typing import NamedTuple

from eth_account.messages import encode_typed_data
from eth_account.signers.local import LocalAccount

from wallstreetfeds.chain.contracts.token import RewardToken

_PERMIT = [
    {"name": "owner", "type": "address"},
    {"name": "spender", "type": "address"},
    {"name": "value", "type": "uint256"},
    {"name": "nonce", "type": "uint256"},
    {"name": "deadline", "type": "uint256"},
]


class Permit(NamedTuple):
    """A signed approval, in the argument order of `permit`: `token.permit(*permit, sender=...)`.

    `value_` in the token's smallest units, `deadline` block time in seconds.
    """

    owner: str
    spender: str
    value_: int
    deadline: int
    v: int
    r: bytes
    s: bytes


def sign_permit(token: RewardToken, owner: LocalAccount, spender: str, amount: int, deadline: int) -> Permit:
    """Return the owner's signed approval; the domain and the nonce are read from the token (EIP-5267)."""
    _, name, version, chain_id, contract, _, _ = token.eip712Domain()
    domain = {"name": name, "version": version, "chainId": chain_id, "verifyingContract": contract}
    message = {
        "owner": owner.address,
        "spender": spender,
        "value": amount,
        "nonce": token.nonces(owner.address),
        "deadline": deadline,
    }
    signed = owner.sign_message(encode_typed_data(domain, {"Permit": _PERMIT}, message))
    return Permit(
        owner.address, spender, amount, deadline, signed.v, signed.r.to_bytes(32), signed.s.to_bytes(32)
    )
