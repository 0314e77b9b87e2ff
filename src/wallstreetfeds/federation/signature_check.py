"""The server's side of signed updates: a reply counts only if its client's wallet has signed it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eth_utils.address import is_address, to_checksum_address
from flwr.app import ConfigRecord

from wallstreetfeds.federation.client_mod import RECORD
from wallstreetfeds.federation.screening import Accepted, Exclusion
from wallstreetfeds.federation.settlement import OpenedRound
from wallstreetfeds.federation.signing import (
    SignatureDefect,
    Statement,
    Venue,
    check_signature,
    signature_in,
)


def checked_wallets(wallets: Sequence[str], clients: int, venue: Venue | None) -> tuple[str, ...]:
    """Return wallets, checksummed.  Raises ValueError unless they are one distinct address a client."""
    if venue is None:
        raise ValueError("wallets need a venue: signatures are over the chain and the Scenario")
    if bad := [wallet for wallet in wallets if not is_address(wallet)]:
        raise ValueError(f"a wallet is 0x and 40 hexadecimal digits, not {bad[0]!r}")
    known = tuple(to_checksum_address(wallet) for wallet in wallets)
    if len(known) != clients or len(set(known)) != clients:
        raise ValueError(f"expected {clients} distinct wallets in join order, got {len(set(known))}")
    return known


def signed_only(
    accepted: Sequence[Accepted],
    digests: Mapping[int, bytes],
    *,
    nodes: Sequence[int],
    wallets: Sequence[str],
    venue: Venue,
    opened: OpenedRound,
) -> tuple[list[Accepted], dict[int, bytes], list[Exclusion]]:
    """Return the replies that their wallets have signed, their signatures by client, and the exclusions.

    `digests` are those of the updates' canonical bytes by client.  Left out, with the reason, is a reply
    without a signature, with one of somebody else, over other arrays, or made for another chain, Scenario,
    round or opening block: forged, replayed, premature or late.
    """
    kept, signatures, excluded = [], {}, []
    for reply in accepted:
        client = reply.client
        statement = Statement(venue, opened.round, bytes(opened.block_hash), digests[client])
        config = reply.message.content.config_records.get(RECORD, ConfigRecord())
        try:
            signature = signature_in(config, statement)
            check_signature(statement, signature, wallets[client])
        except SignatureDefect as defect:
            excluded.append(Exclusion(client, nodes[client], str(defect)))
            continue
        kept.append(reply)
        signatures[client] = signature
    return kept, signatures, excluded
