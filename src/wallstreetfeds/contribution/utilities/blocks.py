"""Validation rows in blocks, so that what many coalitions read stays in the processor's caches."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.contribution.utilities.vectors import LANES

ROW_NUMBERS: Final = 2048
"""Numbers a block holds for one model, about: 16 KB."""
FEWEST_ROWS: Final = 32
MOST_ROWS: Final = 256


def block_rows(rows: int, width: int) -> int:
    """Return how many of `rows` validation rows make a block, for `width` numbers a row: 8 to 256 or so.

    An odd multiple of `LANES`, because with an even one the rows of an array compete for the same few places
    of a cache; and the last block about as full as the others.
    """
    target = min(max(ROW_NUMBERS // width, FEWEST_ROWS), MOST_ROWS)
    blocks = -(-rows // target)
    tiles = -(-rows // (blocks * LANES))
    return (tiles + 1 - tiles % 2) * LANES


def checked_labels(labels: NDArray[Any], rows: int, classes: int) -> NDArray[np.int64]:
    """Return `labels` as integers. Raises ValueError unless there are `rows` of them, from 0 to
    `classes` - 1."""
    values = np.asarray(labels)
    if values.shape != (rows,):
        raise ValueError(f"labels must have shape ({rows},), got {values.shape}")
    if values.dtype.kind not in "biuf":
        raise ValueError(f"labels must be integers from 0 to {classes - 1}, got {values.dtype}")
    with np.errstate(invalid="ignore"):
        whole = values.astype(np.int64)
    if (whole != values).any() or (whole < 0).any() or (whole >= classes).any():
        raise ValueError(f"labels must be integers from 0 to {classes - 1}")
    return whole


def checked_features(features: NDArray[Any], columns: int) -> NDArray[np.float64]:
    """Return `features` (rows, columns) as float64. Raises ValueError on other shapes, no rows, NaN or
    infinity."""
    values = np.ascontiguousarray(features, dtype=np.float64)
    if values.ndim != 2 or values.shape[1] != columns:
        raise ValueError(f"features {values.shape} do not fit a model of {columns} inputs")
    if not len(values):
        raise ValueError("a validation set needs at least one row")
    if not np.isfinite(values).all():
        raise ValueError("features must be finite")
    return values
