"""The Merkle tree over the parts of a round's evidence, whose root goes on chain with the scores.

The tree is that of RFC 6962 (section 2.1): a tree of n leaves splits at the largest power of two below n,
so no leaf is ever doubled.  Leaves, nodes and the root are hashed with different first bytes, so none can be
passed off as another, and the root also binds the number of leaves.  A path of a few hashes shows that one
leaf is part of the evidence without showing the others.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from typing import Final

_LEAF: Final = b"\x00"
_NODE: Final = b"\x01"
_ROOT: Final = b"\x02"


def leaf_hash(name: str, value: bytes) -> bytes:
    """Return the hash (32 bytes) of a part of the evidence: of its name, length-prefixed, and its bytes."""
    label = name.encode()
    return hashlib.sha256(_LEAF + struct.pack("<Q", len(label)) + label + value).digest()


def merkle_root(tag: str, leaves: Sequence[bytes]) -> bytes:
    """Return the root (32 bytes) over leaf hashes; `tag` says what they are leaves of.

    Raises ValueError without a leaf.
    """
    if not leaves:
        raise ValueError("a tree needs at least one leaf")
    return _root(tag, len(leaves), _tree(leaves))


def inclusion_path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the hashes that lead from leaf number `index` to the root, from the leaf upwards.

    Raises ValueError where there is no such leaf.
    """
    if not 0 <= index < len(leaves):
        raise ValueError(f"there is no leaf {index} in a tree of {len(leaves)}")
    if len(leaves) == 1:
        return []
    middle = _split(len(leaves))
    if index < middle:
        return [*inclusion_path(leaves[:middle], index), _tree(leaves[middle:])]
    return [*inclusion_path(leaves[middle:], index - middle), _tree(leaves[:middle])]


def root_of_path(tag: str, leaf: bytes, index: int, count: int, path: Sequence[bytes]) -> bytes:
    """Return the root that a leaf's path leads to: it is in the tree if this is the root on chain.

    `index` is the leaf's number among `count`.  Raises ValueError for a path of another length.
    """
    if not 0 <= index < count:
        raise ValueError(f"there is no leaf {index} in a tree of {count}")
    return _root(tag, count, _climb(leaf, index, count, path))


def _climb(leaf: bytes, index: int, count: int, path: Sequence[bytes]) -> bytes:
    if (count == 1) != (not path):
        raise ValueError("the path has not the length of its tree")
    if count == 1:
        return leaf
    middle = _split(count)
    if index < middle:
        return _node(_climb(leaf, index, middle, path[:-1]), path[-1])
    return _node(path[-1], _climb(leaf, index - middle, count - middle, path[:-1]))


def _tree(leaves: Sequence[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    middle = _split(len(leaves))
    return _node(_tree(leaves[:middle]), _tree(leaves[middle:]))


def _split(count: int) -> int:
    """The largest power of two below `count`, which is at least 2."""
    return 1 << ((count - 1).bit_length() - 1)


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(_NODE + left + right).digest()


def _root(tag: str, count: int, top: bytes) -> bytes:
    label = tag.encode()
    return hashlib.sha256(_ROOT + struct.pack("<QQ", len(label), count) + label + top).digest()
