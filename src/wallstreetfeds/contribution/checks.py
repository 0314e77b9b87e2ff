"""What the whole package asks of its arguments: integers that are integers, coalitions that are true or
false."""

from __future__ import annotations

from contextlib import suppress
from operator import index
from typing import SupportsIndex

import numpy as np
from numpy.typing import NDArray


def whole(number: SupportsIndex, what: str) -> int:
    """Return `number`, which is `what`, as an integer.

    Raises ValueError when it is of another type: 1.0, true and nothing are no integers, since 1.5 would not
    be one either.
    """
    if not isinstance(number, bool):
        with suppress(TypeError):
            return index(number)
    raise ValueError(f"{what} must be an integer, got {number!r}")


def checked_coalitions(coalitions: NDArray[np.bool_], clients: int) -> None:
    """Raise ValueError unless `coalitions` is a boolean matrix (m, clients).

    Zeros and ones of another type are refused: as an index they would choose clients 0 and 1.
    """
    if not isinstance(coalitions, np.ndarray) or coalitions.dtype != np.bool_:
        kind = getattr(coalitions, "dtype", type(coalitions).__name__)
        raise ValueError(f"coalitions must be a boolean matrix (m, {clients}), got {kind}")
    if coalitions.ndim != 2 or coalitions.shape[1] != clients:
        raise ValueError(f"coalitions must have shape (m, {clients}), got {coalitions.shape}")
