"""EIP-2612 and EIP-5267, of client tokens and LP shares alike."""

from typing import Any

import boa
import pytest
from eth_account import Account
from eth_utils import keccak
from onchain.permits import domain, signed_permit
from onchain.world import Federation, event, refused

OWNER = Account.from_key(b"\x2a" * 32)
OTHER = Account.from_key(b"\x2b" * 32)
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


@pytest.fixture(params=["token", "share"])
def token(request: pytest.FixtureRequest, opened: Federation) -> Any:
    """A token of which the owner has a thousand units."""
    contract = opened.tokens[1] if request.param == "token" else opened.pool
    holder = opened.clients[1] if request.param == "token" else opened.lp
    contract.transfer(OWNER.address, 1_000, sender=holder)
    return contract


@pytest.fixture
def spender() -> Any:
    return boa.env.generate_address("spender")


def test_a_signature_approves_whoever_hands_it_in(token: Any, spender: Any) -> None:
    token.permit(*signed_permit(token, OWNER, spender, 700), sender=OTHER.address)
    assert event(token, "Approval") == {"owner": OWNER.address, "spender": spender, "amount": 700}
    assert token.allowance(OWNER.address, spender) == 700
    assert token.nonces(OWNER.address) == 1
    token.transferFrom(OWNER.address, spender, 700, sender=spender)
    assert token.balanceOf(spender) == 700
    assert token.allowance(OWNER.address, spender) == 0


def test_it_works_once(token: Any, spender: Any) -> None:
    permit = signed_permit(token, OWNER, spender, 700)
    token.permit(*permit)
    with refused("permit: not signed by the owner"):
        token.permit(*permit)


def test_it_ends_with_its_deadline(token: Any, spender: Any) -> None:
    now = boa.env.timestamp
    token.permit(*signed_permit(token, OWNER, spender, 1, deadline=now))
    with refused("permit: deadline has passed"):
        token.permit(*signed_permit(token, OWNER, spender, 1, deadline=now - 1))


@pytest.mark.parametrize(
    "changed",
    [
        {"value": 701},
        {"nonce": 1},
        {"deadline": 1},
        {"spender": "0x" + "77" * 20},
        {"chainId": 2},
        {"verifyingContract": "0x" + "77" * 20},
    ],
    ids=str,
)
def test_nothing_in_it_can_be_changed(token: Any, spender: Any, changed: dict[str, Any]) -> None:
    with refused("permit: not signed by the owner"):
        token.permit(*signed_permit(token, OWNER, spender, 700, altered=changed))


def test_nobody_signs_for_somebody_else(token: Any, spender: Any) -> None:
    _, *rest = signed_permit(token, OTHER, spender, 700)
    with refused("permit: not signed by the owner"):
        token.permit(OWNER.address, *rest)


def test_the_zero_address_has_no_signature(token: Any, spender: Any) -> None:
    with refused("permit: not signed by the owner"):
        token.permit("0x" + "00" * 20, spender, 1, 2**255, 27, b"\0" * 32, b"\0" * 32)


def test_the_same_signature_in_its_other_form_is_refused(token: Any, spender: Any) -> None:
    *head, v, r, s = signed_permit(token, OWNER, spender, 700)
    high = (ORDER - int.from_bytes(s, "big")).to_bytes(32, "big")
    with refused("permit: signature with a high s"):
        token.permit(*head, 55 - v, r, high)


def test_the_domain_in_parts_is_the_domain(token: Any) -> None:
    stated = domain(token)
    assert stated["name"] == token.name()
    assert stated["verifyingContract"] == token.address
    kind = keccak(text="EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")
    parts = [
        kind,
        keccak(text=stated["name"]),
        keccak(text=stated["version"]),
        stated["chainId"].to_bytes(32, "big"),
        bytes.fromhex(stated["verifyingContract"][2:]).rjust(32, b"\0"),
    ]
    assert token.DOMAIN_SEPARATOR() == keccak(b"".join(parts))


def test_two_tokens_have_two_domains(opened: Federation) -> None:
    contracts = [*opened.tokens, opened.pool]
    assert len({contract.DOMAIN_SEPARATOR() for contract in contracts}) == len(contracts)
