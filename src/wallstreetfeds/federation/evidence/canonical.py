"""One way, and only one, to write named arrays as bytes: what a client signs and what a bundle keeps.

The bytes are a safetensors file that any reader of that format opens (huggingface/safetensors, "Format"):
the length of the header (u64), the header as JSON, the data of all arrays without gaps, little-endian, in C
order.  Safetensors leaves some freedom; here there is none: arrays come in the order given, the header has
no spaces but those that fill it up to a multiple of eight bytes, and no metadata.  So two files with the
same arrays are the same bytes, and a file's sha-256 names its arrays.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Iterator, Mapping
from math import prod
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.federation.evidence.parsing import parse_json

NamedArrays = Mapping[str, NDArray[Any]]
"""Arrays by name; their order counts."""

DTYPES: Final = {
    "BOOL": np.dtype("?"),
    "U8": np.dtype("u1"),
    "I8": np.dtype("i1"),
    "U16": np.dtype("<u2"),
    "I16": np.dtype("<i2"),
    "F16": np.dtype("<f2"),
    "U32": np.dtype("<u4"),
    "I32": np.dtype("<i4"),
    "F32": np.dtype("<f4"),
    "U64": np.dtype("<u8"),
    "I64": np.dtype("<i8"),
    "F64": np.dtype("<f8"),
}
"""Names of the format -> dtypes that can be written."""

_NAMES: Final = {dtype: name for name, dtype in DTYPES.items()}
_METADATA: Final = "__metadata__"
_LONGEST_HEADER: Final = 1 << 24
_DEEPEST: Final = 3
_MOST: Final = 1 << 63
_MOST_AXES: Final = 32
_LENGTH: Final = struct.Struct("<Q")


def canonical_bytes(arrays: NamedArrays) -> bytes:
    """Return `arrays` as a file.  Raises ValueError for a dtype or a name that the format does not have."""
    return b"".join(_parts(arrays))


def canonical_digest(arrays: NamedArrays) -> bytes:
    """Return the sha-256 (32 bytes) of `canonical_bytes(arrays)`, one array at a time."""
    digest = hashlib.sha256()
    for part in _parts(arrays):
        digest.update(part)
    return digest.digest()


def read_canonical(data: bytes) -> dict[str, NDArray[Any]]:
    """Return the arrays of a file, read-only, in its order.

    Raises ValueError, saying what is wrong, unless these are exactly the bytes that `canonical_bytes` gives
    for those arrays.
    """
    if len(data) < _LENGTH.size:
        raise ValueError(f"it ends after {len(data)} bytes")
    (length,) = _LENGTH.unpack_from(data)
    start = _LENGTH.size + length
    if length > min(_LONGEST_HEADER, len(data) - _LENGTH.size):
        raise ValueError(f"its header of {length} bytes does not fit")
    try:
        header = parse_json(data[_LENGTH.size : start], deepest=_DEEPEST)
        arrays = _arrays(header, memoryview(data)[start:])
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"its header does not describe arrays ({error})") from error
    if canonical_bytes(arrays) != data:
        raise ValueError("it is not in the canonical form")
    return arrays


def _parts(arrays: NamedArrays) -> Iterator[bytes]:
    header: dict[str, Any] = {}
    offset = 0
    for name, array in arrays.items():
        if name == _METADATA:
            raise ValueError(f"an array cannot be called {_METADATA!r}")
        end = offset + array.nbytes
        dtype = _little(array.dtype)
        if dtype not in _NAMES:
            raise ValueError(f"array {name!r} has dtype {array.dtype}; there is no way to write it down")
        header[name] = {
            "dtype": _NAMES[dtype],
            "shape": [int(size) for size in array.shape],
            "data_offsets": [offset, end],
        }
        offset = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    yield _LENGTH.pack(len(text)) + text
    for array in arrays.values():
        yield np.ascontiguousarray(array, dtype=_little(array.dtype)).tobytes()


def _arrays(header: Mapping[str, Any], data: memoryview) -> dict[str, NDArray[Any]]:
    """Return the arrays of `data`, of which every byte is copied once at most, whatever the header says."""
    arrays, offset = {}, 0
    for name, entry in header.items():
        arrays[name] = _array(entry, data, offset)
        offset += arrays[name].nbytes
    return arrays


def _array(entry: Mapping[str, Any], data: memoryview, offset: int) -> NDArray[Any]:
    dtype, shape = DTYPES[entry["dtype"]], tuple(entry["shape"])
    start, end = entry["data_offsets"]
    if any(type(size) is not int or not 0 <= size < _MOST for size in (*shape, start, end)):
        raise ValueError("sizes are whole numbers of at least 0")
    if len(shape) > _MOST_AXES:
        raise ValueError(f"an array has {len(shape)} axes, more than {_MOST_AXES}")
    if end - start != prod(shape) * dtype.itemsize or end > len(data):
        raise ValueError("an array does not have the bytes of its shape")
    if start != offset:
        raise ValueError("not in the canonical form: an array does not begin where the one before ends")
    raw = bytes(data[start:end])
    if dtype.kind == "b" and not set(raw) <= {0, 1}:
        raise ValueError("a truth value is neither 0 nor 1")
    return np.frombuffer(raw, dtype=dtype).reshape(shape)


def _little(dtype: np.dtype[Any]) -> np.dtype[Any]:
    return dtype.newbyteorder("<")
