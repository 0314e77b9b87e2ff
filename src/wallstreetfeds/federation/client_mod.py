"""A mod for ClientApps that signs what the client sends back; the app itself stays as it is."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from eth_account import Account
from eth_account.signers.base import BaseAccount
from eth_account.signers.local import LocalAccount
from flwr.app import ArrayRecord, ConfigRecord, Context, Message

from wallstreetfeds.federation.evidence.canonical import canonical_digest
from wallstreetfeds.federation.signing import Statement, Venue, as_config, sign_statement

RECORD: Final = "signature"
"""Name of the ConfigRecord that a signed reply has."""

TRAIN: Final = "train"


class SignedUpdates:
    """Signs the arrays of every training reply: `ClientApp(mods=[SignedUpdates(venue, signer), ...])`.

    Put it first in the list: the first mod is the last to see a reply, and what others change after it was
    signed is not signed.

    - `venue`: the chain and the Scenario this client takes part in; its own knowledge, never the server's
      word, or a server could have it sign for another federation.
    - `signer`: given the node's context, the account that signs; see `keystore_signer`.

    The server's message must name the round and its opening block, as `Rewarded` makes it do.  Raises
    ValueError, which Flower sends back as an error reply, where it does not, or where the reply does not have
    exactly one ArrayRecord.  Errors and replies to other messages pass as they are.
    """

    def __init__(self, venue: Venue, signer: Callable[[Context], BaseAccount]) -> None:
        self.venue = venue
        self._signer = signer

    def __call__(
        self, message: Message, context: Context, call_next: Callable[[Message, Context], Message]
    ) -> Message:
        """Let the app answer, and sign its answer."""
        if message.metadata.message_type.split(".")[0] != TRAIN:
            return call_next(message, context)
        round_, block_hash = _opening(message)
        order = list(_only(message, "message"))
        reply = call_next(message, context)
        if reply.has_error():
            return reply
        statement = Statement(self.venue, round_, block_hash, update_digest(_only(reply, "reply"), order))
        signature = sign_statement(statement, self._signer(context))
        reply.content[RECORD] = ConfigRecord(dict(as_config(statement, signature)))
        return reply


def update_digest(record: ArrayRecord, order: list[str]) -> bytes:
    """Return the sha-256 (32 bytes) of an update's canonical bytes, its arrays in the model's order."""
    if set(record) != set(order):
        raise ValueError("the update does not have the arrays of the model")
    return canonical_digest({name: record[name].numpy() for name in order})


def keystore_signer(keystore: Path, password_file: Path) -> Callable[[Context], LocalAccount]:
    """Return a signer from an encrypted keystore (Web3 Secret Storage, version 3), for `SignedUpdates`.

    `password_file` holds the password in its first line.  The key is decrypted once, when it is first
    needed, and neither it nor the password is ever part of a message.  Raises ValueError then, if the files
    cannot be read or do not fit together.
    """
    found: list[LocalAccount] = []

    def signer(_context: Context) -> LocalAccount:
        if not found:
            found.append(_unlocked(keystore, password_file))
        return found[0]

    return signer


def _unlocked(keystore: Path, password_file: Path) -> LocalAccount:
    try:
        encrypted = json.loads(keystore.read_text(encoding="utf-8"))
        password = (password_file.read_text(encoding="utf-8").splitlines() or [""])[0]
    except OSError as error:
        raise ValueError(f"cannot read {error.filename}: {error.strerror}") from None
    except ValueError:
        raise ValueError(f"{keystore} or {password_file} is not a text file of its kind") from None
    try:
        account: LocalAccount = Account.from_key(Account.decrypt(encrypted, password))
    except Exception:  # its text may quote what it was given
        raise ValueError(f"{keystore} cannot be decrypted with the password in {password_file}") from None
    return account


def _opening(message: Message) -> tuple[int, bytes]:
    for config in message.content.config_records.values():
        round_, block_hash = config.get("round"), config.get("block-hash")
        if isinstance(round_, int) and isinstance(block_hash, bytes) and len(block_hash) == 32:
            return round_, block_hash
    raise ValueError("the server does not say which round this is and in which block it was opened")


def _only(message: Message, what: str) -> Any:
    records = message.content.array_records
    if len(records) != 1:
        raise ValueError(f"the {what} has {len(records)} array records instead of one")
    return next(iter(records.values()))
