"""Log-loss of coalitions whose logits are linear in the updates: logistic and softmax regression."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.contribution.game import Coalitions
from wallstreetfeds.contribution.utilities.kernels import (
    GROUP,
    affine,
    binary_losses,
    multiclass_losses,
    subset_sums,
)
from wallstreetfeds.contribution.utilities.models import Arrays, normalised

BLOCK: Final = 256
"""Validation rows evaluated together; keeps the tables in the processor's cache and the loss product
finite."""


class LogLoss:
    """Utility of coalitions whose logits are linear in the members' updates: v(S) = -mean log-loss.

    - `base_logits`: logits of the previous global model; (rows,) for two classes, (rows, classes) for more.
    - `deltas`: (n, *base_logits.shape), what each client adds to the logits, *already multiplied by its
      weight*.
    - `labels`: (rows,) integers; 0 or 1 for two classes, 0 to classes - 1 for more.

    Calling it with coalitions (m, n) gives (m,) utilities, in nats a row with the sign turned.
    Deterministic: one thread, fixed reduction order; a row's value depends on its members alone. Memory is
    bounded by the tables of one block of rows, never by 2**n models. Raises ValueError on shapes that do
    not fit, on labels out of range and on NaN or infinity.
    """

    def __init__(
        self, base_logits: NDArray[np.float64], deltas: NDArray[np.float64], labels: NDArray[Any]
    ) -> None:
        base = np.ascontiguousarray(base_logits, dtype=np.float64)
        changes = np.ascontiguousarray(deltas, dtype=np.float64)
        if base.ndim not in (1, 2) or base.size == 0:
            raise ValueError(f"base logits must have shape (rows,) or (rows, classes), got {base.shape}")
        if changes.ndim != base.ndim + 1 or changes.shape[1:] != base.shape or changes.shape[0] < 1:
            raise ValueError(f"logit deltas must have shape (n, *{base.shape}), got {changes.shape}")
        if not (np.isfinite(base).all() and np.isfinite(changes).all()):
            raise ValueError("logits must be finite")
        self._classes = 2 if base.ndim == 1 else base.shape[1]
        self._width = 1 if base.ndim == 1 else base.shape[1]
        self._labels = _checked_labels(labels, base.shape[0], self._classes)
        self._base = base.reshape(-1)
        self._deltas = changes.reshape(changes.shape[0], -1)

    @property
    def clients(self) -> int:
        """Number of clients n."""
        return int(self._deltas.shape[0])

    def __call__(self, coalitions: Coalitions) -> NDArray[np.float64]:
        """Return the utilities (m,) of `coalitions` (m, n)."""
        if coalitions.ndim != 2 or coalitions.shape[1] != self.clients:
            raise ValueError(f"coalitions must have shape (m, {self.clients}), got {coalitions.shape}")
        index = _table_rows(coalitions)
        losses = np.zeros(coalitions.shape[0])
        rows = self._labels.shape[0]
        for start in range(0, rows, BLOCK):
            stop = min(start + BLOCK, rows)
            columns = slice(start * self._width, stop * self._width)
            base = self._base[columns]
            tables = np.empty((index.shape[1], 1 << GROUP, base.shape[0]))
            subset_sums(np.ascontiguousarray(self._deltas[:, columns]), tables)
            labels = self._labels[start:stop]
            if self._width == 1:
                binary_losses(base, tables, index, np.where(labels == 1, 1.0, -1.0), losses)
            else:
                multiclass_losses(base, tables, index, labels, losses)
        return np.asarray(-losses / rows)


def linear_log_loss(
    features: NDArray[np.float64],
    labels: NDArray[Any],
    previous: Arrays,
    updates: Sequence[Arrays],
    weights: NDArray[np.float64],
) -> LogLoss:
    """Return the utility of a logistic or softmax regression.

    A model is the pair (coefficients, bias): (d,) and (1,) for two classes, (d, classes) and (classes,) for
    more. `features` (rows, d) and `labels` (rows,) are the validation set, `updates` the clients' models in
    join order and `weights` (n,) their aggregation weights, which are normalised to sum to one. Only n
    products of the validation set with a model are made, whatever the number of coalitions.
    """
    share = normalised(weights, len(updates))
    rows = np.ascontiguousarray(features, dtype=np.float64)
    old = [np.asarray(array, dtype=np.float64) for array in previous]
    base = _logits(rows, old)
    deltas = np.empty((len(updates), *base.shape))
    for client, update in enumerate(updates):
        step = [np.asarray(new, dtype=np.float64) - array for new, array in zip(update, old, strict=True)]
        deltas[client] = share[client] * _logits(rows, step)
    if old[0].ndim == 1:
        base, deltas = base[:, 0], deltas[:, :, 0]
    return LogLoss(base, deltas, labels)


def _logits(features: NDArray[np.float64], model: Arrays) -> NDArray[np.float64]:
    """Return the logits (rows, k) of a linear model, (d,) and (1,) or (d, k) and (k,)."""
    coefficients, bias = model
    if features.ndim != 2 or coefficients.shape[:1] != features.shape[1:]:
        raise ValueError(f"features {features.shape} do not fit coefficients {coefficients.shape}")
    out = np.empty((features.shape[0], bias.shape[0]))
    affine(features, np.ascontiguousarray(coefficients.reshape(features.shape[1], -1)), bias, out)
    return out


def log_loss(logits: NDArray[np.float64], labels: NDArray[Any]) -> float:
    """Return the mean log-loss in nats of `logits`, (rows,) or (rows, classes), against integer `labels`
    (rows,)."""
    nobody = np.zeros((1, 1), dtype=np.bool_)
    return float(-LogLoss(logits, np.zeros((1, *logits.shape)), labels)(nobody)[0])


def _table_rows(coalitions: Coalitions) -> NDArray[np.int64]:
    """Return (m, groups): for each group of clients the subset that takes part, as the row of its table."""
    m, n = coalitions.shape
    groups = -(-n // GROUP)
    padded = np.zeros((m, groups * GROUP), dtype=np.int64)
    padded[:, :n] = coalitions
    return np.asarray(padded.reshape(m, groups, GROUP) @ (1 << np.arange(GROUP, dtype=np.int64)))


def _checked_labels(labels: NDArray[Any], rows: int, classes: int) -> NDArray[np.int64]:
    values = np.asarray(labels)
    if values.shape != (rows,):
        raise ValueError(f"labels must have shape ({rows},), got {values.shape}")
    whole = values.astype(np.int64)
    if (whole != values).any() or (whole < 0).any() or (whole >= classes).any():
        raise ValueError(f"labels must be integers from 0 to {classes - 1}")
    return whole
