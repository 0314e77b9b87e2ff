"""The commitment to a round's evidence that goes on chain with the scores."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

DOMAIN = b"wallstreetfeds/evidence/1"

Model = Sequence[NDArray[Any]]


def canonical_bytes(arrays: Model) -> bytes:
    """Return a model as bytes that depend on its values, shapes and dtypes, and on nothing else.

    For each array: little-endian dtype name (length-prefixed), number of dimensions, dimensions (u64), data
    in C order, little-endian; all of it after the number of arrays.
    """
    parts = [struct.pack("<Q", len(arrays))]
    for array in arrays:
        little = np.ascontiguousarray(array, dtype=np.asarray(array).dtype.newbyteorder("<"))
        name = little.dtype.str.encode()
        shape = np.shape(array)
        parts.append(struct.pack(f"<Q{len(name)}sQ", len(name), name, len(shape)))
        parts.append(struct.pack(f"<{len(shape)}Q", *shape))
        parts.append(little.tobytes())
    return b"".join(parts)


def evidence_root(
    round: int, previous: Model, updates: Sequence[Model | None], scores: Sequence[int]
) -> bytes:
    """Return the sha-256 digest (32 bytes) that commits the federator to what it scored in `round`.

    It covers, each length-prefixed and in this order: a domain tag, the round, the previous global model,
    one update a client in join order (None: the client's reply was not accepted) and the scores. Whoever
    holds these can recompute it; changing any of them changes it.
    """
    digest = hashlib.sha256()

    def add(part: bytes) -> None:
        digest.update(struct.pack("<Q", len(part)))
        digest.update(part)

    add(DOMAIN)
    add(struct.pack("<Q", round))
    add(canonical_bytes(previous))
    add(struct.pack("<Q", len(updates)))
    for update in updates:
        add(b"" if update is None else canonical_bytes(update))
    add(struct.pack(f"<{len(scores)}Q", *scores))
    return digest.digest()
