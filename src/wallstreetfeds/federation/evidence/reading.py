"""Reading a bundle that nobody vouches for: every fault is found, and named by its file and its part."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from numpy.typing import NDArray

from wallstreetfeds.federation.evidence.bundle import EvidenceError, EvidenceFolder
from wallstreetfeds.federation.evidence.canonical import read_canonical
from wallstreetfeds.federation.evidence.manifest import (
    FORMAT,
    LARGEST_MANIFEST,
    Manifest,
    ManifestError,
    from_entries,
    leaf_bytes,
    read_entries,
)
from wallstreetfeds.federation.evidence.merkle import leaf_hash, merkle_root

LARGEST_OBJECT: Final = 1 << 32
"""Bytes of a file of arrays that is still read."""

LONGEST_FAULT: Final = 500
"""Characters of a fault that are told."""

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Fault:
    """Something that is wrong with a bundle: in which file or part, and what.

    `what` may repeat what a stranger wrote: it is kept short, and what does not print is escaped.
    """

    where: str
    what: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "what", _printable(self.what))

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def read_manifest(folder: EvidenceFolder, round: int, root: bytes) -> tuple[Manifest | None, list[Fault]]:
    """Return the manifest of a round whose root is on chain, or the faults that forbid to believe it.

    Raises EvidenceError if there is no such manifest, or if it cannot be read.
    """
    path = folder.manifest(round, root)
    try:
        if not path.is_file():
            others = len(folder.rounds(round))
            raise EvidenceError(
                f"there is no evidence of round {round} in {folder.path}: {path.name} is missing"
                + (f" (there is other evidence of this round, {others} in number)" if others else "")
            )
        with path.open("rb") as file:
            data = file.read(LARGEST_MANIFEST + 1)
    except OSError as error:
        raise EvidenceError(f"cannot read {path}: {error.strerror or error}") from error
    where = f"rounds/{path.name}"
    try:
        entries = read_entries(data)
        faults = [Fault(f"{where}, {name}", what) for name, what in _changed_leaves(entries, root)]
        if faults:
            return None, faults
        manifest = from_entries(entries)
    except ManifestError as error:
        return None, [Fault(where if error.leaf is None else f"{where}, {error.leaf}", error.what)]
    if manifest.encode() != data:
        return None, [Fault(where, "it is not written in the one form there is: bytes outside its leaves")]
    return manifest, []


class Reader:
    """Reads the arrays that a manifest names; `data` is the validation set's file, where given."""

    def __init__(self, folder: EvidenceFolder, data: Path | None = None) -> None:
        self._folder = folder
        self._data = data

    def arrays(self, digest: str, what: str) -> tuple[Arrays, Fault | None]:
        """Return the arrays of a file by its sha-256; empty, and the fault, where they are not there."""
        return _read(self._folder.object(digest), f"objects/{digest}", digest, what)

    def validation_set(self, digest: str) -> tuple[Arrays, Fault | None]:
        """Return the validation set, from the file given or from the bundle."""
        what = "the validation set"
        if self._data is not None:
            return _read(self._data, str(self._data), digest, what)
        arrays, fault = self.arrays(digest, what)
        if fault is not None and fault.what == _missing(what):
            return {}, Fault(fault.where, f"{what} is not part of the bundle: it has to be given")
        return arrays, fault


def _changed_leaves(entries: Sequence[Mapping[str, Any]], root: bytes) -> list[tuple[str, str]]:
    """Return the leaves that are not those under `root`: name, and what is wrong."""
    listed = [bytes.fromhex(entry["hash"]) for entry in entries]
    computed = [_computed(entry) for entry in entries]
    wrong = [k for k, (one, other) in enumerate(zip(computed, listed, strict=True)) if one != other]
    if merkle_root(FORMAT, listed) == root:
        return [(_name(entries, k), "its content is not what was committed to on chain") for k in wrong]
    if merkle_root(FORMAT, [hash_ or bytes(32) for hash_ in computed]) == root:
        return [(_name(entries, k), "the hash beside it is not that of its content") for k in wrong]
    if wrong:
        return [(_name(entries, k), "its content and the hash beside it differ") for k in wrong]
    return [("all leaves", f"they do not lead to the root on chain, {root.hex()}")]


def _computed(entry: Mapping[str, Any]) -> bytes | None:
    try:
        return leaf_hash(entry["name"], leaf_bytes(entry["value"]))
    except ValueError:  # numbers or strings that are none
        return None


def _name(entries: Sequence[Mapping[str, Any]], number: int) -> str:
    return f"leaf {number} ({str(entries[number]['name'])[:20]!r})"


def _missing(what: str) -> str:
    return f"{what} is missing"


def _printable(text: str) -> str:
    short = text if len(text) <= LONGEST_FAULT else f"{text[:LONGEST_FAULT]}..."
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in short)


def _read(path: Path, where: str, digest: str, what: str) -> tuple[Arrays, Fault | None]:
    try:
        if not path.is_file():
            return {}, Fault(where, _missing(what))
        if path.stat().st_size > LARGEST_OBJECT:
            return {}, Fault(where, f"{what} has more than {LARGEST_OBJECT} bytes")
        data = path.read_bytes()
    except OSError as error:
        return {}, Fault(where, f"{what} cannot be read: {error.strerror or error}")
    found = hashlib.sha256(data).hexdigest()
    if found != digest:
        return {}, Fault(where, f"{what} has been changed: its sha-256 is {found}, not {digest}")
    try:
        return read_canonical(data), None
    except ValueError as error:
        return {}, Fault(where, f"{what} is not a file of arrays: {error}")
