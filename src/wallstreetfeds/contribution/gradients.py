"""Pay by the direction of updates: no validation set, no coalition, and a weakness to know of.

Source: Xu, Lyu, Ma, Miao, Foo, Low (2021), "Gradient Driven Rewards to Guarantee Fairness in Collaborative
Machine Learning", NeurIPS (cosine gradient Shapley value, CGSV: the cosine between a client's update and the
aggregate approximates its Shapley value in a game whose utility is that cosine).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.contribution.utilities.models import shares

Arrays = Sequence[NDArray[Any]]
"""The parameters of one model, in a fixed order."""


def cosine_similarity(
    previous: Arrays, updates: Sequence[Arrays], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the cosine (n,), between -1 and 1, of each client's step and the federation's.

    A step is update - previous over all arrays; the federation's is the mean of the *unit* steps by `weights`
    (n, at least 0, not all 0), so that length buys nothing. A client whose step is zero gets 0.0, and so does
    everybody when the federation's step is zero.

    **Weakness**: it pays conformity. Nothing measures whether the common direction is right: where a majority
    has bad or one-sided data, clients with the rare good ones are paid least, and the payments can run
    against contributions altogether (a correlation of -0.98 has been measured). A client that copies the
    last global step, or the mean of the others, scores well. A baseline, not a way to pay. Raises ValueError
    on shapes that do not fit, NaN or infinity.
    """
    share = shares(weights, len(updates))
    shapes = [np.shape(array) for array in previous]
    old = _flat(previous)
    steps = np.empty((len(updates), len(old)))
    for client, update in enumerate(updates):
        sent = [np.shape(array) for array in update]
        if sent != shapes:
            raise ValueError(f"update {client} has arrays of shapes {sent}, the previous model {shapes}")
        steps[client] = _flat(update) - old
        if not np.isfinite(steps[client]).all():
            raise ValueError(f"update {client} is not finite")
    units = _units(steps)
    together = _units((share @ units)[None, :])[0]
    return np.asarray(np.clip(units @ together, -1.0, 1.0))


def _flat(arrays: Arrays) -> NDArray[np.float64]:
    return np.concatenate([np.asarray(array, dtype=np.float64).ravel() for array in arrays])


def _units(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return rows of length 1; a row of zeros stays."""
    largest = np.abs(rows).max(axis=1, keepdims=True)
    scaled = rows / np.where(largest > 0, largest, 1.0)  # no square over- or underflows
    length = np.sqrt((scaled**2).sum(axis=1, keepdims=True))
    return np.asarray(scaled / np.where(length > 0, length, 1.0))
