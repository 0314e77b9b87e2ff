"""The manifest of a round: everything that was decided, as the leaves of a tree whose root is on chain.

It is a JSON file of integers, strings and nulls; arrays are files of their own, named here by sha-256.
Every leaf stands with its hash, so that a change can be told to a part, and the file has one form only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, TypeVar

from wallstreetfeds.federation.evidence.merkle import inclusion_path, leaf_hash, merkle_root
from wallstreetfeds.federation.evidence.parsing import parse_json

FORMAT: Final = "wallstreetfeds/evidence/1"

MOST_CLIENTS: Final = 1024
LARGEST_MANIFEST: Final = 1 << 20
"""Bytes; a client takes about 700."""

LONGEST_REASON: Final = 500
"""Characters that are kept of the reason why a reply was left out."""

_DEEPEST: Final = 7
_HEX: Final = {
    "block_hash": re.compile(r"[0-9a-f]{64}"),
    "digest": re.compile(r"[0-9a-f]{64}"),
    "signature": re.compile(r"[0-9a-f]{130}"),
    "address": re.compile(r"0x[0-9a-fA-F]{40}"),
    "decimal": re.compile(r"0|[1-9][0-9]{0,77}"),
    "fraction": re.compile(r"[1-9][0-9]{0,399}(/[1-9][0-9]{0,399})?"),
}

T = TypeVar("T")


class ManifestError(ValueError):
    """A manifest is not what it should be; `leaf` is the part that shows it, None if it is the whole."""

    def __init__(self, leaf: str | None, what: str) -> None:
        super().__init__(what if leaf is None else f"{leaf}: {what}")
        self.leaf = leaf
        self.what = what


@dataclass(frozen=True)
class RoundPart:
    """Which round it is.  `seed` is decimal; `chain_id` and `scenario` are None without a chain."""

    chain_id: int | None
    scenario: str | None
    round: int
    block_hash: str
    seed: str


@dataclass(frozen=True)
class MethodPart:
    """How it was valued: as in `Recipe`, or all None for an assessment that only its author can repeat.

    `score_cap` is a fraction, `data` the sha-256 of the validation set.
    """

    engine: str | None
    method: str | None
    exact_up_to: int | None
    evaluations: int | None
    score_cap: str
    data: str | None


@dataclass(frozen=True)
class ArraysPart:
    """The sha-256 of the global model before the round, and of the results."""

    model: str
    results: str


@dataclass(frozen=True)
class ClientPart:
    """One client: the sha-256 and the signature of its accepted update, or why there is none.

    `excluded` is None also where the client was not asked.  `supply` sets the cap on its score.
    """

    wallet: str | None
    supply: str
    update: str | None
    signature: str | None
    excluded: str | None


@dataclass(frozen=True)
class ScoresPart:
    """The scores in join order; `strangers` are replies of nodes that nobody knows, and why not."""

    scores: tuple[int, ...]
    strangers: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Manifest:
    """What a round's evidence says; see the parts.  `clients` are in join order."""

    round: RoundPart
    method: MethodPart
    arrays: ArraysPart
    scores: ScoresPart
    clients: tuple[ClientPart, ...]

    @property
    def leaves(self) -> list[tuple[str, Any]]:
        """Name and value of every leaf, in the tree's order."""
        parts = [("round", self.round), ("method", self.method), ("arrays", self.arrays)]
        named = [*parts, ("scores", self.scores), *((client_leaf(k), c) for k, c in enumerate(self.clients))]
        return [(name, asdict(part)) for name, part in named]  # type: ignore[call-overload]

    @property
    def hashes(self) -> list[bytes]:
        """The hash of every leaf."""
        return [leaf_hash(name, leaf_bytes(value)) for name, value in self.leaves]

    @property
    def root(self) -> bytes:
        """The Merkle root (32 bytes) that goes on chain with the scores."""
        return merkle_root(FORMAT, self.hashes)

    def proof(self, client: int) -> list[bytes]:
        """Return the path from a client's leaf to the root: enough to show it that it was counted.

        Raises ValueError on a number that no client has.
        """
        if not 0 <= client < len(self.clients):
            raise ValueError(f"the evidence has clients 0 to {len(self.clients) - 1}, got {client}")
        leaves = len(self.leaves)
        return inclusion_path(self.hashes, leaves - len(self.clients) + client)

    def encode(self) -> bytes:
        """Return the file."""
        entries = [
            {"name": name, "value": value, "hash": digest.hex()}
            for (name, value), digest in zip(self.leaves, self.hashes, strict=True)
        ]
        return (json.dumps({"format": FORMAT, "leaves": entries}, indent=1) + "\n").encode()


def client_leaf(client: int) -> str:
    """Return the name of a client's leaf."""
    return f"client/{client}"


def leaf_bytes(value: Any) -> bytes:
    """Return a leaf's value as the bytes that are hashed."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def read_entries(data: bytes) -> list[dict[str, Any]]:
    """Return the leaves of a file with their hashes, their values not looked at yet.

    Raises ManifestError unless it is JSON of the one known format, with leaves of name, value and hash.
    """
    if len(data) > LARGEST_MANIFEST:
        raise ManifestError(None, f"it has {len(data)} bytes, more than {LARGEST_MANIFEST}")
    try:
        found = parse_json(data, deepest=_DEEPEST)
    except ValueError as error:
        raise ManifestError(None, f"it is not JSON ({error})") from error
    if not isinstance(found, dict) or list(found) != ["format", "leaves"]:
        raise ManifestError(None, "it does not consist of a format and leaves")
    if found["format"] != FORMAT:
        raise ManifestError(None, f"its format is {found['format']!r}; this version reads {FORMAT!r}")
    entries = found["leaves"]
    if not isinstance(entries, list) or not 4 < len(entries) <= 4 + MOST_CLIENTS:
        raise ManifestError(None, f"it has not the leaves of a round of 1 to {MOST_CLIENTS} clients")
    for number, entry in enumerate(entries):
        if not isinstance(entry, dict) or list(entry) != ["name", "value", "hash"]:
            raise ManifestError(None, f"leaf {number} does not consist of a name, a value and a hash")
        if not isinstance(entry["name"], str) or not _is(entry["hash"], "digest"):
            raise ManifestError(None, f"leaf {number} has no name or no hash")
    return entries


def from_entries(entries: Sequence[Mapping[str, Any]]) -> Manifest:
    """Return what the leaves say.  Raises ManifestError, naming the leaf, where one says nothing possible."""
    clients = len(entries) - 4
    names = ["round", "method", "arrays", "scores", *(client_leaf(k) for k in range(clients))]
    for number, (entry, name) in enumerate(zip(entries, names, strict=True)):
        if entry["name"] != name:
            raise ManifestError(name, f"leaf {number} is called {entry['name']!r}")
    values = {entry["name"]: entry["value"] for entry in entries}
    return Manifest(
        round=_part("round", RoundPart, values["round"]),
        method=_part("method", MethodPart, values["method"]),
        arrays=_part("arrays", ArraysPart, values["arrays"]),
        scores=_scores(values["scores"], clients),
        clients=tuple(_client(client_leaf(k), values[client_leaf(k)]) for k in range(clients)),
    )


_KINDS: Final = {
    "chain_id": "integer?",
    "scenario": "address?",
    "round": "integer",
    "block_hash": "digest",
    "seed": "decimal",
    "engine": "text?",
    "method": "text?",
    "exact_up_to": "integer?",
    "evaluations": "integer?",
    "score_cap": "fraction",
    "data": "digest?",
    "model": "digest",
    "results": "digest",
    "wallet": "address?",
    "supply": "decimal",
    "update": "digest?",
    "signature": "signature?",
    "excluded": "text?",
}
"""Field of a part -> what it holds; with a question mark also null."""


def _part(leaf: str, kind: type[T], value: Any) -> T:
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    if not isinstance(value, dict) or list(value) != names:
        raise ManifestError(leaf, f"it does not consist of {', '.join(names)}")
    for name in names:
        if not _is(value[name], _KINDS[name]):
            raise ManifestError(leaf, f"its {name} is not a valid one")
    return kind(**value)


def _client(leaf: str, value: Any) -> ClientPart:
    client = _part(leaf, ClientPart, value)
    if client.update is None and client.signature is not None:
        raise ManifestError(leaf, "it has a signature, but no update")
    if client.update is not None and client.excluded is not None:
        raise ManifestError(leaf, "it has an update, and a reason why it has none")
    return client


def _scores(value: Any, clients: int) -> ScoresPart:
    if not isinstance(value, dict) or list(value) != ["scores", "strangers"]:
        raise ManifestError("scores", "it does not consist of scores, strangers")
    scores, strangers = value["scores"], value["strangers"]
    if not isinstance(scores, list) or len(scores) != clients or not all(_is(s, "integer") for s in scores):
        raise ManifestError("scores", f"they are not {clients} whole numbers of at least 0")
    if not isinstance(strangers, list) or not all(
        isinstance(one, list) and len(one) == 2 and all(isinstance(text, str) for text in one)
        for one in strangers
    ):
        raise ManifestError("scores", "strangers are not pairs of a node and a reason")
    return ScoresPart(tuple(scores), tuple((node, reason) for node, reason in strangers))


def _is(value: Any, kind: str) -> bool:
    if value is None:
        return kind.endswith("?")
    kind = kind.rstrip("?")
    if kind == "integer":
        return type(value) is int and value >= 0
    if kind == "text":
        return isinstance(value, str)
    return isinstance(value, str) and _HEX[kind].fullmatch(value) is not None
