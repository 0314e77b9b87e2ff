"""EIP-2612 signatures over the domain that a token itself states (EIP-5267)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from eth_account.messages import encode_typed_data
from eth_account.signers.local import LocalAccount

from onchain.world import FOREVER

PERMIT = {
    "Permit": [
        {"name": "owner", "type": "address"},
        {"name": "spender", "type": "address"},
        {"name": "value", "type": "uint256"},
        {"name": "nonce", "type": "uint256"},
        {"name": "deadline", "type": "uint256"},
    ]
}

Permit = tuple[str, str, int, int, int, bytes, bytes]


def domain(token: Any) -> dict[str, Any]:
    """The EIP-712 domain of a token."""
    fields, name, version, chain_id, contract, _salt, _extensions = token.eip712Domain()
    assert fields == b"\x0f"
    return {"name": name, "version": version, "chainId": chain_id, "verifyingContract": str(contract)}


def signed_permit(
    token: Any,
    owner: LocalAccount,
    spender: Any,
    amount: int,
    deadline: int = FOREVER,
    altered: Mapping[str, Any] = MappingProxyType({}),
) -> Permit:
    """Arguments of `permit`, signed by the owner; `altered` is signed instead of what is handed in."""
    message = {
        "owner": owner.address,
        "spender": str(spender),
        "value": amount,
        "nonce": token.nonces(owner.address),
        "deadline": deadline,
    }
    message |= {key: what for key, what in altered.items() if key in message}
    stated = domain(token)
    stated |= {key: what for key, what in altered.items() if key in stated}
    signature = owner.sign_message(encode_typed_data(stated, PERMIT, message))
    r, s = signature.r.to_bytes(32, "big"), signature.s.to_bytes(32, "big")
    return owner.address, str(spender), amount, deadline, signature.v, r, s
