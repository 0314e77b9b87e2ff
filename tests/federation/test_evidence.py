"""The commitment changes with everything it covers and with nothing else."""

import numpy as np
import pytest

from wallstreetfeds.federation.evidence import canonical_bytes, evidence_root

MODEL = [np.arange(6.0).reshape(2, 3), np.zeros(1)]
UPDATES = [[array + k for array in MODEL] for k in range(3)]
SCORES = [1, 2, 3]


def test_it_is_a_digest_of_32_bytes_and_the_same_every_time():
    root = evidence_root(1, MODEL, UPDATES, SCORES)
    copied = [[array.copy(order="F") for array in update] for update in UPDATES]
    assert len(root) == 32
    assert root == evidence_root(1, MODEL, copied, SCORES)


@pytest.mark.parametrize(
    "changed",
    [
        (2, MODEL, UPDATES, SCORES),
        (1, [MODEL[0] + 1e-15, MODEL[1]], UPDATES, SCORES),
        (1, MODEL, UPDATES[::-1], SCORES),
        (1, MODEL, [UPDATES[0], None, UPDATES[2]], SCORES),
        (1, MODEL, UPDATES[:2], SCORES),
        (1, MODEL, UPDATES, [1, 3, 2]),
    ],
)
def test_it_covers_round_model_updates_their_order_and_scores(changed):
    assert evidence_root(*changed) != evidence_root(1, MODEL, UPDATES, SCORES)


def test_canonical_bytes_tell_shapes_dtypes_and_boundaries_apart():
    variants = [
        [np.zeros((2, 3))],
        [np.zeros((3, 2))],
        [np.zeros(6)],
        [np.zeros(3), np.zeros(3)],
        [np.zeros((2, 3), dtype=np.float32)],
        [np.zeros((2, 3), dtype=np.int64)],
        [np.array(0.0)],
        [],
    ]
    assert len({canonical_bytes(variant) for variant in variants}) == len(variants)


def test_canonical_bytes_do_not_depend_on_byte_order():
    assert canonical_bytes([np.arange(3.0, dtype=">f8")]) == canonical_bytes([np.arange(3.0, dtype="<f8")])
