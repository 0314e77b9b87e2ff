"""A signature binds an update to a wallet, a chain, a Scenario, a round and its opening block."""

import dataclasses

import pytest
from eth_account import Account
from eth_utils.crypto import keccak

from wallstreetfeds.federation.signing import (
    SignatureDefect,
    Statement,
    Venue,
    as_config,
    check_signature,
    sign_statement,
    signature_in,
    signer_of,
)

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
CLIENT, STRANGER = (Account.from_key(bytes([k]) * 32) for k in (1, 2))
STATEMENT = Statement(Venue(31337, "0x" + "5c" * 20), 3, b"\xb1" * 32, b"\xd1" * 32)
SIGNATURE = sign_statement(STATEMENT, CLIENT)

OTHERS = {
    "another chain": {"venue": Venue(1, "0x" + "5c" * 20)},
    "another Scenario": {"venue": Venue(31337, "0x" + "5d" * 20)},
    "another round": {"round": 4},
    "another block": {"block_hash": bytes(32)},
    "another update": {"digest": bytes(32)},
}


def test_the_wallet_that_signed_is_found():
    assert len(SIGNATURE) == 65
    assert signer_of(STATEMENT, SIGNATURE) == CLIENT.address
    check_signature(STATEMENT, SIGNATURE, CLIENT.address.lower())


def test_the_same_statement_is_signed_by_the_same_bytes():
    assert sign_statement(STATEMENT, CLIENT) == SIGNATURE


def test_what_is_signed_is_the_typed_data_of_eip_712():
    """Put together by hand: any other implementation of the standard signs the same."""
    word = lambda number: number.to_bytes(32, "big")  # noqa: E731
    domain_type = b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    domain = keccak(
        keccak(domain_type)
        + keccak(b"WallStreetFeds")
        + keccak(b"1")
        + word(31337)
        + bytes(12)
        + b"\x5c" * 20
    )
    update_type = b"Update(uint256 round,bytes32 openingBlock,bytes32 digest)"
    update = keccak(keccak(update_type) + word(3) + b"\xb1" * 32 + b"\xd1" * 32)
    message = STATEMENT.message()
    assert message.version == b"\x01"
    assert (message.header, message.body) == (domain, update)


@pytest.mark.parametrize("other", OTHERS)
def test_it_is_worth_nothing_anywhere_else(other):
    elsewhere = dataclasses.replace(STATEMENT, **OTHERS[other])
    with pytest.raises(SignatureDefect, match="not by the wallet"):
        check_signature(elsewhere, SIGNATURE, CLIENT.address)


def test_somebody_elses_signature_is_refused():
    with pytest.raises(SignatureDefect, match=f"signed by {STRANGER.address}"):
        check_signature(STATEMENT, sign_statement(STATEMENT, STRANGER), CLIENT.address)


def test_the_other_signature_of_the_same_meaning_is_refused():
    r, s, v = SIGNATURE[:32], int.from_bytes(SIGNATURE[32:64], "big"), SIGNATURE[64]
    high = r + (ORDER - s).to_bytes(32, "big") + bytes([55 - v])
    with pytest.raises(SignatureDefect, match="upper half"):
        signer_of(STATEMENT, high)


@pytest.mark.parametrize(
    ("signature", "message"),
    [
        (b"", "0 bytes"),
        (SIGNATURE[:-1], "64 bytes"),
        (SIGNATURE + b"\0", "66 bytes"),
        (SIGNATURE[:-1] + b"\0", "last byte is 0"),
        (SIGNATURE[:-1] + b"\x1d", "last byte is 29"),
        (bytes(64) + b"\x1b", "not one"),
        (b"\xff" * 32 + SIGNATURE[32:], "not one"),
    ],
)
def test_bytes_that_are_no_signature_are_refused_in_words(signature, message):
    with pytest.raises(SignatureDefect, match=message):
        signer_of(STATEMENT, signature)


def test_a_reply_carries_its_signature_and_what_it_is_for():
    assert signature_in(as_config(STATEMENT, SIGNATURE), STATEMENT) == SIGNATURE
    assert signature_in({"signature": SIGNATURE}, STATEMENT) == SIGNATURE


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ("another chain", "signed for chain 1, not for 31337"),
        ("another Scenario", "signed for the Scenario 0x5d5d"),
        ("another round", "signed for round 4, not for round 3"),
        ("another block", "before the round was open, or over another opening block"),
    ],
)
def test_what_a_reply_says_it_was_signed_for_makes_the_refusal_clear(other, message):
    elsewhere = dataclasses.replace(STATEMENT, **OTHERS[other])
    config = as_config(elsewhere, sign_statement(elsewhere, CLIENT))
    with pytest.raises(SignatureDefect, match=message):
        signature_in(config, STATEMENT)


@pytest.mark.parametrize("config", [{}, {"signature": None}, {"signature": "0x00"}, {"signature": [1]}])
def test_a_reply_without_a_signature_is_refused(config):
    with pytest.raises(SignatureDefect, match="no signature"):
        signature_in(config, STATEMENT)


@pytest.mark.parametrize("address", ["", "0x", "0x" + "5c" * 19, "scenario"])
def test_a_venue_needs_an_address(address):
    with pytest.raises(ValueError, match="40 hexadecimal digits"):
        Venue(1, address)
