"""A real round of lenders that learn a logistic regression together, of any number of them."""

from __future__ import annotations

from typing import Final

import numpy as np

from wallstreetfeds.bench.contribution.federations import Round
from wallstreetfeds.federation.tasks.credit import CREDIT

SEED: Final = 7


def credit_round(clients: int, *, rows: int | None = None) -> Round:
    """Return the first round of the demo's task with `clients` lenders, a third of them bad.

    The model is (coefficients, bias); `rows` cuts the validation set of 1,113 loans.
    """
    task = CREDIT.load(clients, SEED)
    rng = np.random.default_rng(SEED)
    updates = [CREDIT.train(task.initial, part, rng) for part in task.partitions]
    return Round(
        task.validation.features[:rows],
        task.validation.labels[:rows],
        [np.asarray(array, dtype=np.float64) for array in task.initial],
        [[np.asarray(array, dtype=np.float64) for array in update] for update in updates],
        np.array([len(part) for part in task.partitions], dtype=np.float64),
    )
