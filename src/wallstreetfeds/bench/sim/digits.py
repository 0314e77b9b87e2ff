"""The federation that everybody learns: scikit-learn's digits, MLP 64-32-10, clients of equal quality."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np

from wallstreetfeds.sim.learning.federations import Federation, split_federation
from wallstreetfeds.sim.learning.training import Recipe

HIDDEN: Final = (32,)
RECIPE: Final = Recipe(0.3, epochs=2, batch=16)
SEED: Final = 7


@lru_cache(maxsize=2)
def digits_federation(clients: int) -> Federation:
    """Return the digits split evenly over `clients`; the same in every process.

    Raises ModuleNotFoundError without scikit-learn.
    """
    from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)
    features = np.asarray(pixels, dtype=np.float64) / 16.0
    return split_federation(features, np.asarray(labels, dtype=np.int64), clients, SEED, hidden=HIDDEN)
