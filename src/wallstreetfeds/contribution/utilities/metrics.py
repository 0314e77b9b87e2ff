"""Other measures of a coalition's model than log-loss: accuracy and area under the ROC curve.

Both count rows, so a value is a fraction of two integers: no rounding, the same on every machine. But they
jump: with accuracy a client with 40 % wrong labels earned 11 % of the pot where log-loss paid it nothing
(measured).
"""

from __future__ import annotations

from typing import Final, Literal, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.contribution.checks import checked_coalitions
from wallstreetfeds.contribution.game import Coalitions, Utility

Metric = Literal["log-loss", "accuracy", "auc"]
"""Negative mean log-loss (the default), share of rows classified rightly, area under the ROC curve."""

CHUNK_BYTES: Final = 1 << 24
"""Most memory for logits at once, unless one coalition's take more."""


class LogitEngine(Protocol):
    """What an engine offers: log-loss when called, and the logits of coalitions."""

    @property
    def clients(self) -> int:
        """Number of clients n."""

    @property
    def labels(self) -> NDArray[np.int64]:
        """The labels (rows,) of the validation set."""

    def __call__(self, coalitions: Coalitions) -> NDArray[np.float64]:
        """Return the negative mean log-loss (m,) of `coalitions` (m, n)."""

    def coalition_logits(self, coalitions: Coalitions) -> NDArray[np.float64]:
        """Return the logits of `coalitions` (m, n): (m, rows) or (m, rows, classes)."""


class CountedUtility:
    """Utility of coalitions by accuracy or AUC, from the logits of an engine.

    Calling it with coalitions (m, n) gives (m,) values in [0, 1]. Memory: 16 MB of logits at once. Raises
    ValueError for AUC of more than two classes, or where a class is missing from the labels.
    """

    def __init__(self, engine: LogitEngine, metric: Metric) -> None:
        self._engine = engine
        self._measure = {"accuracy": accuracy, "auc": auc}[metric]
        nobody = np.zeros((1, engine.clients), dtype=np.bool_)
        one = engine.coalition_logits(nobody)
        self._measure(one, engine.labels)
        self._chunk = max(CHUNK_BYTES // one.nbytes, 1)

    @property
    def clients(self) -> int:
        """Number of clients n."""
        return self._engine.clients

    def __call__(self, coalitions: Coalitions) -> NDArray[np.float64]:
        """Return the values (m,) of `coalitions` (m, n)."""
        checked_coalitions(coalitions, self.clients)
        values = np.empty(len(coalitions))
        for start in range(0, len(coalitions), self._chunk):
            part = slice(start, start + self._chunk)
            logits = self._engine.coalition_logits(coalitions[part])
            values[part] = self._measure(logits, self._engine.labels)
        return values


def measured(engine: LogitEngine, metric: Metric) -> Utility:
    """Return the utility of `engine` by `metric`. Raises ValueError on an unknown one."""
    if metric not in get_args(Metric):
        raise ValueError(f"a metric is one of {get_args(Metric)}, got {metric!r}")
    return engine if metric == "log-loss" else CountedUtility(engine, metric)


def accuracy(logits: NDArray[np.float64], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the share (m,) of rows whose largest logit is that of the label.

    `logits` (m, rows, classes), ties to the first class, or (m, rows), class 1 where above zero.
    """
    found = logits.argmax(axis=2) if logits.ndim == 3 else logits > 0.0
    right = np.count_nonzero(found == labels, axis=1)
    return np.asarray(right / len(labels), dtype=np.float64)


def auc(logits: NDArray[np.float64], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the area (m,) under the ROC curve of `logits` (m, rows) or (m, rows, 2).

    The share of pairs of a row of class 1 and one of class 0 in which the first has the larger logit, ties
    half: Mann and Whitney (1947). Raises ValueError on more than two classes, or when there is no such pair.
    """
    if logits.ndim == 3 and logits.shape[2] != 2:
        raise ValueError(f"AUC is a measure of two classes, got {logits.shape[2]}")
    positive = labels == 1
    if positive.all() or not positive.any():
        raise ValueError("AUC needs validation rows of both classes")
    scores = logits[:, :, 1] - logits[:, :, 0] if logits.ndim == 3 else logits
    areas = np.empty(len(scores))
    for m, row in enumerate(scores):
        negatives = np.sort(row[~positive])
        below = np.searchsorted(negatives, row[positive], side="left").sum()
        not_above = np.searchsorted(negatives, row[positive], side="right").sum()
        areas[m] = (int(below) + int(not_above)) / (2 * int(positive.sum()) * len(negatives))
    return areas
