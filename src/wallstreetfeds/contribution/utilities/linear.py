"""Log-loss of coalitions whose logits are linear in the updates: logistic and softmax regression."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.contribution.checks import checked_coalitions
from wallstreetfeds.contribution.game import Coalitions, Utility
from wallstreetfeds.contribution.sums import on_grid
from wallstreetfeds.contribution.utilities.blocks import block_rows, checked_features, checked_labels
from wallstreetfeds.contribution.utilities.coalition_kernels import (
    linear_logits,
    logistic_losses,
    softmax_losses,
)
from wallstreetfeds.contribution.utilities.kernels import PASSED, affine
from wallstreetfeds.contribution.utilities.metrics import Metric, measured
from wallstreetfeds.contribution.utilities.models import (
    Absent,
    Arrays,
    left_out,
    scales,
    shares,
    weighted_steps,
)
from wallstreetfeds.contribution.utilities.tables import group_size, subset_tables, table_rows
from wallstreetfeds.contribution.utilities.threads import checked_threads, in_parallel
from wallstreetfeds.contribution.utilities.vectors import LANES


class LogLoss:
    """Utility of coalitions whose logits are linear in the members' updates: v(S) = -mean log-loss.

    - `base_logits`: logits of the previous global model; (rows,) for two classes, (rows, classes) for more.
    - `deltas`: (n, *base_logits.shape), what each client adds to the logits, *already multiplied by its
      weight*.
    - `labels`: (rows,) integers; 0 or 1 for two classes, 0 to classes - 1 for more.
    - `share`: (n,) the clients' weights, when absent clients are left out: the members' deltas are then
      divided by the sum of the members' weights. None: absent clients count as the previous model.
    - `threads`: coalitions are split over them; the bits do not depend on it.

    Calling it with coalitions (m, n) gives (m,) utilities, in nats a row with the sign turned. A row's value
    depends on its members alone; clients with equal deltas are equal to the bit. Memory: twice the deltas,
    and for each thread the tables of one block of rows (at most 256 KB for each group of two to six clients;
    more only where four rows of a table are larger), never 2**n models. Raises ValueError on shapes that do
    not fit, on labels out of range, on NaN or infinity and on less than one thread. Arrays are copied: later
    changes to them change nothing.
    """

    def __init__(
        self,
        base_logits: NDArray[np.float64],
        deltas: NDArray[np.float64],
        labels: NDArray[Any],
        *,
        share: NDArray[np.float64] | None = None,
        threads: int = 1,
    ) -> None:
        base = np.array(base_logits, dtype=np.float64, order="C")
        changes = np.array(deltas, dtype=np.float64, order="C")
        if base.ndim not in (1, 2) or base.size == 0:
            raise ValueError(f"base logits must have shape (rows,) or (rows, classes), got {base.shape}")
        if changes.ndim != base.ndim + 1 or changes.shape[1:] != base.shape or changes.shape[0] < 1:
            raise ValueError(f"logit deltas must have shape (n, *{base.shape}), got {changes.shape}")
        if not (np.isfinite(base).all() and np.isfinite(changes).all()):
            raise ValueError("logits must be finite")
        self._labels = checked_labels(labels, base.shape[0], 2 if base.ndim == 1 else base.shape[1])
        self._share = None if share is None else shares(share, len(changes))
        self._threads = checked_threads(threads)
        self._base = base
        self._deltas = changes
        self._blocks = list(self._in_blocks())

    @property
    def clients(self) -> int:
        """Number of clients n."""
        return int(self._deltas.shape[0])

    @property
    def labels(self) -> NDArray[np.int64]:
        """The labels (rows,) of the validation set."""
        return self._labels

    def __call__(self, coalitions: Coalitions) -> NDArray[np.float64]:
        """Return the utilities (m,) of `coalitions` (m, n)."""
        checked_coalitions(coalitions, self.clients)
        losses = np.zeros(coalitions.shape[0])

        def work(part: slice) -> None:
            scale = self._scale(coalitions[part])
            for block in self._blocks:
                tables, index = _tables(block, coalitions[part])
                if self._base.ndim == 1:
                    logistic_losses(block.base, tables, index, scale, losses[part])
                else:
                    classes = self._base.shape[1]
                    softmax_losses(block.base, tables, index, scale, block.labels, classes, losses[part])

        in_parallel(work, len(losses), self._threads)
        return np.asarray(-losses / len(self._labels))

    def coalition_logits(self, coalitions: Coalitions) -> NDArray[np.float64]:
        """Return the logits (m, *base_logits.shape) of `coalitions` (m, n)."""
        checked_coalitions(coalitions, self.clients)
        logits = np.empty((coalitions.shape[0], *self._base.shape))

        def work(part: slice) -> None:
            scale = self._scale(coalitions[part])
            for block in self._blocks:
                tables, index = _tables(block, coalitions[part])
                found = np.empty((len(index), len(block.base)))
                linear_logits(block.base, tables, index, scale, found)
                rows = len(block.labels)
                if self._base.ndim == 1:
                    logits[part, block.rows] = found[:, :rows] * _signs(block.labels)
                else:
                    by_class = found.reshape(len(index), self._base.shape[1], -1)
                    logits[part, block.rows] = by_class[:, :, :rows].transpose(0, 2, 1)

        in_parallel(work, len(logits), self._threads)
        return logits

    @property
    def linear(self) -> bool:
        """Whether logits are linear in the fractions by which clients take part."""
        return self._share is None

    @property
    def share(self) -> NDArray[np.float64] | None:
        """The clients' weights (n,) where absent clients are left out; None where they count as the previous
        model."""
        return self._share

    def logits(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the logits (m, rows, classes) of models in which clients take part by the fractions
        `weights` (m, n) in [0, 1]; (m, rows, 1) for two classes.  Added client by client, in join order."""
        fractions = np.asarray(weights, dtype=np.float64)
        if self._share is not None:
            total = fractions @ self._share
            fractions = fractions / np.where(total > 0, total, 1.0)[:, None]
        logits = np.tile(self._base.reshape(1, len(self._labels), -1), (len(fractions), 1, 1))
        for fraction, delta in zip(fractions.T, self._deltas, strict=True):
            logits += fraction[:, None, None] * delta.reshape(1, len(self._labels), -1)
        return logits

    def _scale(self, coalitions: Coalitions) -> NDArray[np.float64]:
        return np.empty(0) if self._share is None else scales(coalitions, self._share)

    def _in_blocks(self) -> Iterator[_Block]:
        """Yield the blocks: margins for two classes, logits with the rows last for more, on a grid; rows are
        filled up to a multiple of `LANES` by some that lose nothing."""
        rows = len(self._labels)
        size = block_rows(rows, self._base[0].size)
        for start in range(0, rows, size):
            part = slice(start, min(start + size, rows))
            labels = self._labels[part]
            numbers = np.concatenate([self._base[None, part], self._deltas[:, part]])
            missing = -len(labels) % LANES
            if numbers.ndim == 2:
                ready = np.pad(numbers * _signs(labels), ((0, 0), (0, missing)))
                ready[0, len(labels) :] = PASSED
            else:
                ready = np.pad(numbers.transpose(0, 2, 1), ((0, 0), (0, 0), (0, missing)))
            flat = on_grid(ready.reshape(len(numbers), -1))
            counted = flat[0] if self._share is None else np.zeros_like(flat[0])
            yield _Block(part, flat[0], flat[1:], counted, labels)


class _Block(NamedTuple):
    """A block of validation rows: their slice, base and deltas on a grid and filled up, what of the base
    belongs into the tables (all of it, or zeros where sums are scaled), and labels."""

    rows: slice
    base: NDArray[np.float64]
    deltas: NDArray[np.float64]
    start: NDArray[np.float64]
    labels: NDArray[np.int64]


def _tables(block: _Block, coalitions: Coalitions) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the subset tables of a block, and the coalitions as their rows."""
    group = group_size(len(coalitions), len(block.base))
    return subset_tables(block.deltas, block.start, group), table_rows(coalitions, group)


def _signs(labels: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.where(labels == 1, 1.0, -1.0)


def linear_log_loss(
    features: NDArray[np.float64],
    labels: NDArray[Any],
    previous: Arrays,
    updates: Sequence[Arrays],
    weights: NDArray[np.float64],
    *,
    threads: int = 1,
    absent: Absent = "previous",
) -> LogLoss:
    """Return the utility of a logistic or softmax regression.

    A model is the pair (coefficients, bias): (d,) or (d, 1) and (1,) for two classes, (d, classes) and
    (classes,) for more. `features` (rows, d) and `labels` (rows,) are the validation set, `updates` the
    clients' models in join order and `weights` (n,) their aggregation weights, zero or more, which are
    normalised to sum to one; `absent` says what an absent client counts as (see `models`). Only n + 1
    products of the validation set with a model are made, whatever the number of coalitions.
    """
    share = shares(weights, len(updates))
    renormalise = left_out(absent)
    old = _checked_model(previous)
    rows = checked_features(features, len(old[0]))
    steps = weighted_steps(old, updates, share)
    base = _logits(rows, *old)
    deltas = np.empty((len(updates), *base.shape))

    def work(part: slice) -> None:
        for client in range(part.start, part.stop):
            deltas[client] = _logits(rows, steps[0][client], steps[1][client])

    in_parallel(work, len(updates), checked_threads(threads))
    return LogLoss(base, deltas, labels, share=share if renormalise else None, threads=threads)


def linear_utility(
    features: NDArray[np.float64],
    labels: NDArray[Any],
    previous: Arrays,
    updates: Sequence[Arrays],
    weights: NDArray[np.float64],
    *,
    metric: Metric = "log-loss",
    threads: int = 1,
    absent: Absent = "previous",
) -> Utility:
    """Return the utility of a logistic or softmax regression by `metric`, else as `linear_log_loss`."""
    engine = linear_log_loss(features, labels, previous, updates, weights, threads=threads, absent=absent)
    return measured(engine, metric)


def _checked_model(model: Arrays) -> list[NDArray[np.float64]]:
    """Return (coefficients, bias) as float64. Raises ValueError on other shapes than a linear model's."""
    arrays = [np.asarray(array, dtype=np.float64) for array in model]
    shapes = [array.shape for array in arrays]
    if len(arrays) != 2 or arrays[0].ndim not in (1, 2) or shapes[1] != (shapes[0][1:] or (1,)):
        raise ValueError(
            f"a linear model is (d,) and (1,), or (d, classes) and (classes,); the previous model is {shapes}"
        )
    return arrays


def _logits(
    features: NDArray[np.float64], coefficients: NDArray[np.float64], bias: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the logits of a linear model: (rows,) for coefficients (d,) or (d, 1), (rows, k) for (d, k)."""
    out = np.empty((len(features), len(bias)))
    affine(features, np.ascontiguousarray(coefficients.reshape(len(coefficients), -1)), bias, out)
    return out[:, 0] if out.shape[1] == 1 else out


def log_loss(logits: NDArray[np.float64], labels: NDArray[Any]) -> float:
    """Return the mean log-loss in nats of `logits`, (rows,) or (rows, classes), against integer `labels`
    (rows,)."""
    nobody = np.zeros((1, 1), dtype=np.bool_)
    return float(-LogLoss(logits, np.zeros((1, *logits.shape)), labels)(nobody)[0])
