"""Arrays have one form as bytes: it depends on their names, order, values, shapes and dtypes alone."""

import contextlib
import hashlib
import json
import struct
import time

import numpy as np
import pytest

from wallstreetfeds.federation.evidence import canonical_bytes, canonical_digest, read_canonical
from wallstreetfeds.federation.evidence.canonical import DTYPES
from wallstreetfeds.federation.evidence.parsing import parse_json

MODEL = {"0": np.arange(6.0).reshape(2, 3), "1": np.zeros(1)}


def file(header, data=b""):
    text = json.dumps(header, separators=(",", ":")).encode() if isinstance(header, dict) else header
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def test_the_bytes_are_those_of_the_safetensors_format():
    header = b'{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},'
    header += b'"b":{"dtype":"U8","shape":[],"data_offsets":[8,9]}}'
    arrays = {"a": np.array([1.0, -2.0], dtype=np.float32), "b": np.array(7, dtype=np.uint8)}
    assert canonical_bytes(arrays) == file(header, struct.pack("<2fB", 1.0, -2.0, 7))


def test_what_was_written_is_read_back():
    rng = np.random.default_rng(0)
    for dtype in DTYPES.values():
        arrays = {"x": rng.integers(0, 2, (3, 2)).astype(dtype), "": np.zeros((0, 4), dtype=dtype)}
        found = read_canonical(canonical_bytes(arrays))
        assert list(found) == ["x", ""]
        for name, array in arrays.items():
            assert found[name].dtype == dtype
            assert found[name].shape == array.shape
            assert (found[name] == array).all()


def test_the_digest_is_that_of_the_bytes():
    assert canonical_digest(MODEL) == hashlib.sha256(canonical_bytes(MODEL)).digest()


def test_memory_order_and_byte_order_do_not_matter():
    other = {
        "0": np.asfortranarray(MODEL["0"]).astype(">f8"),
        "1": np.zeros(4)[::4],
    }
    assert canonical_bytes(other) == canonical_bytes(MODEL)


def test_names_order_shapes_dtypes_and_boundaries_are_told_apart():
    variants = [
        {"a": np.zeros((2, 3))},
        {"b": np.zeros((2, 3))},
        {"a": np.zeros((3, 2))},
        {"a": np.zeros(6)},
        {"a": np.zeros(3), "b": np.zeros(3)},
        {"b": np.zeros(3), "a": np.zeros(3)},
        {"a": np.zeros((2, 3), dtype=np.float32)},
        {"a": np.zeros((2, 3), dtype=np.int64)},
        {"a": np.array(0.0)},
        {},
    ]
    assert len({canonical_bytes(variant) for variant in variants}) == len(variants)


@pytest.mark.parametrize("array", [np.zeros(1, dtype=complex), np.array([None]), np.array(["text"])])
def test_a_dtype_that_the_format_does_not_have_is_refused(array):
    with pytest.raises(ValueError, match="array 'w' has dtype"):
        canonical_bytes({"w": array})


def test_the_name_of_the_formats_metadata_is_refused():
    with pytest.raises(ValueError, match="__metadata__"):
        canonical_bytes({"__metadata__": np.zeros(1)})


ONE = {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "ends after 0 bytes"),
        (b"1234567", "ends after 7 bytes"),
        (struct.pack("<Q", 1 << 60), "header of 1152921504606846976 bytes does not fit"),
        (file(b"not JSON"), "does not describe arrays"),
        (file(b"[]"), "does not describe arrays"),
        (file(b"[" * 100_000), "does not describe arrays"),
        (file({"a": 1}), "does not describe arrays"),
        (file({"a": ONE | {"dtype": "F128"}}, b"\0"), "does not describe arrays"),
        (file({"a": ONE | {"shape": [-1]}}, b"\0"), "whole numbers"),
        (file({"a": ONE | {"shape": [1.0]}}, b"\0"), "whole numbers"),
        (file({"a": ONE | {"shape": [2]}}, b"\0"), "bytes of its shape"),
        (file({"a": ONE | {"shape": [1 << 62], "data_offsets": [0, 1 << 62]}}, b"\0"), "bytes of its shape"),
        (file({"a": ONE | {"shape": [1] * 33}}, b"\0"), "33 axes"),
        (file({"a": ONE | {"shape": [10**4000] * 2000}}, b"\0"), "whole numbers"),
        (file({"a": ONE | {"dtype": "BOOL"}}, b"\2"), "neither 0 nor 1"),
        (file({"a": ONE}, b"\0\0"), "not in the canonical form"),
        (file({"a": ONE, "b": ONE}, b"\0"), "not in the canonical form"),
        (file({"a": ONE | {"more": 1}}, b"\0"), "not in the canonical form"),
        (file(json.dumps({"a": ONE}).encode(), b"\0"), "not in the canonical form"),
        (
            file(b'{"a":' + json.dumps(ONE).encode() + b',"a":' + json.dumps(ONE).encode() + b"}", b"\0"),
            "form",
        ),
    ],
)
def test_other_bytes_are_refused_in_words(data, message):
    with pytest.raises(ValueError, match=message):
        read_canonical(data)


def seconds(call):
    """The processor time of a call that may be refused."""
    start = time.process_time()
    with contextlib.suppress(ValueError):
        call()
    return time.process_time() - start


def test_reading_takes_time_by_the_bytes_not_by_bytes_times_arrays():
    """A copy of all that follows for each array would move 80 GB here, and the second file is a bomb."""
    many = canonical_bytes({str(k): np.zeros(640) for k in range(4_000)})
    assert seconds(lambda: read_canonical(many)) < 1.0
    size = 1 << 20
    whole = {str(k): {"dtype": "U8", "shape": [size], "data_offsets": [0, size]} for k in range(10_000)}
    bomb = file(whole, bytes(size))
    with pytest.raises(ValueError, match="does not begin where the one before ends"):
        read_canonical(bomb)
    assert seconds(lambda: read_canonical(bomb)) < 0.5


@pytest.mark.parametrize(
    "data",
    [b'{"' + b'\\"' * 100_000, b'{"' + b'\\"' * 100_000 + b"\\", b'"' * 200_001, b'{"a' + b"\\" * 200_001],
)
def test_json_takes_time_by_its_length(data):
    """Strings that do not end were looked for again from every quote in them: minutes for a megabyte."""
    assert seconds(lambda: parse_json(data, deepest=7)) < 0.5
    with pytest.raises(ValueError, match=r"delimiter|Unterminated|Extra data|Expecting"):
        parse_json(data, deepest=7)


@pytest.mark.parametrize(
    ("text", "levels"),
    [(r"[1]", 1), (r'["[[", "\\"]', 1), (r'[["\"[[[[", {"]]]": "\\\""}]]', 3), (r'["\\\\", [[]]]', 3)],
)
def test_brackets_in_strings_are_no_levels(text, levels):
    assert parse_json(text.encode(), deepest=levels) == json.loads(text)
    with pytest.raises(ValueError, match="nested deeper"):
        parse_json(text.encode(), deepest=levels - 1)


def test_every_single_changed_byte_is_another_file_or_none():
    arrays = {"w": np.arange(3.0), "n": np.arange(2)}
    right = canonical_bytes(arrays)
    for position in range(len(right)):
        changed = bytearray(right)
        changed[position] ^= 1
        try:
            found = read_canonical(bytes(changed))
        except ValueError:
            continue
        assert canonical_bytes(found) == bytes(changed)
