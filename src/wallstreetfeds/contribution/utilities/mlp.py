"""Log-loss of coalitions of multilayer perceptrons with rectified units (ReLU), any number of hidden
layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.contribution.checks import checked_coalitions
from wallstreetfeds.contribution.game import Coalitions, Utility
from wallstreetfeds.contribution.sums import on_grid
from wallstreetfeds.contribution.utilities.blocks import block_rows, checked_features, checked_labels
from wallstreetfeds.contribution.utilities.coalition_kernels import mlp_losses
from wallstreetfeds.contribution.utilities.kernels import affine
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

FEWEST_ARRAYS: Final = 4


class MlpLogLoss:
    """Utility of coalitions of a ReLU network: v(S) = -mean log-loss of the coalition's model.

    A model is W1, b1, W2, b2, ..., at least two layers: weights (inputs, units) and biases (units,), a
    rectifier after every layer but the last. Two classes have one logit (last bias (1,)) or two; `labels`
    (rows,) are 0 or 1, or 0 to classes - 1. See `mlp_log_loss` for the rest.

    The first layer is linear in the updates: its outputs are made once for each client and summed by
    coalition. The parameters of the later layers are summed by coalition, and applied to a block of rows at a
    time. Calling it with coalitions (m, n) gives (m,) utilities, in nats a row with the sign turned; a row's
    value depends on its members alone, clients with equal updates and weights are equal to the bit, and so
    are all numbers of threads. Memory: (n + 1) * rows * units of the first layer, twice the updates, and for
    each thread the tables of one block of 32 to 256 rows (256 KB for each group of up to six clients, or four
    rows where four take more); never 2**n models.
    """

    def __init__(
        self,
        features: NDArray[np.float64],
        labels: NDArray[Any],
        previous: Arrays,
        updates: Sequence[Arrays],
        weights: NDArray[np.float64],
        *,
        threads: int = 1,
        absent: Absent = "previous",
    ) -> None:
        share = shares(weights, len(updates))
        self._share = share if left_out(absent) else None
        self._threads = checked_threads(threads)
        old = _checked_network(previous)
        steps = weighted_steps(old, updates, share)
        models = [np.concatenate([array[None], step]) for array, step in zip(old, steps, strict=True)]
        rows = checked_features(features, models[0].shape[1])
        self._classes = models[-1].shape[1]
        self._labels = checked_labels(labels, len(rows), max(self._classes, 2))
        self._sizes = np.array([bias.shape[1] for bias in models[1::2]])
        self._deep = on_grid(np.concatenate([array.reshape(len(array), -1) for array in models[2:]], axis=1))
        self._size = block_rows(len(rows), int(self._sizes.max()))
        self._first = self._first_layers(rows, models[0], models[1])

    @property
    def clients(self) -> int:
        """Number of clients n."""
        return len(self._deep) - 1

    @property
    def labels(self) -> NDArray[np.int64]:
        """The labels (rows,) of the validation set."""
        return self._labels

    @property
    def linear(self) -> bool:
        """False: logits are not linear in the fractions by which clients take part."""
        return False

    @property
    def share(self) -> NDArray[np.float64] | None:
        """The clients' weights (n,) where absent clients are left out; None where they count as the previous
        model."""
        return self._share

    def __call__(self, coalitions: Coalitions) -> NDArray[np.float64]:
        """Return the utilities (m,) of `coalitions` (m, n)."""
        checked_coalitions(coalitions, self.clients)
        losses = np.zeros(len(coalitions))
        self._evaluate(coalitions, losses, None)
        return np.asarray(-losses / len(self._labels))

    def coalition_logits(self, coalitions: Coalitions) -> NDArray[np.float64]:
        """Return the logits of `coalitions` (m, n): (m, rows) where there is one, else (m, rows, classes)."""
        checked_coalitions(coalitions, self.clients)
        logits = np.empty((len(coalitions), self._classes, len(self._labels)))
        self._evaluate(coalitions, np.empty(len(coalitions)), logits)
        return logits[:, 0] if self._classes == 1 else np.ascontiguousarray(logits.transpose(0, 2, 1))

    def logits(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the logits (m, rows, classes) of models in which clients take part by the fractions
        `weights` (m, n) in [0, 1]; (m, rows, 1) for one logit. Memory: m blocks, and m models after their
        first layer."""
        fractions = np.asarray(weights, dtype=np.float64)
        if fractions.ndim != 2 or fractions.shape[1] != self.clients:
            raise ValueError(f"fractions must have shape (m, {self.clients}), got {fractions.shape}")
        if self._share is not None:
            present = (fractions * self._share).sum(axis=1, keepdims=True)
            fractions = np.divide(fractions, present, out=np.zeros_like(fractions), where=present > 0.0)
        count = len(fractions)
        logits = np.empty((count, self._classes, len(self._labels)))
        deep = _mixed(fractions, self._deep)
        each = np.arange(count)[:, None]
        for number, first in enumerate(self._first):
            tables = _mixed(fractions, first)
            self._run(number, tables, deep, each, np.empty(0), np.empty(count), logits)
        return np.ascontiguousarray(logits.transpose(0, 2, 1))

    def _evaluate(
        self, coalitions: Coalitions, losses: NDArray[np.float64], logits: NDArray[np.float64] | None
    ) -> None:
        """Add to `losses` (m,), or write `logits` (m, classes, rows) if they are given."""
        group = group_size(len(coalitions), max(self._first.shape[2], self._deep.shape[1]))
        counted = 1.0 if self._share is None else 0.0
        deep = subset_tables(self._deep[1:], counted * self._deep[0], group)

        def work(part: slice) -> None:
            index = table_rows(coalitions[part], group)
            scale = np.empty(0) if self._share is None else scales(coalitions[part], self._share)
            out = None if logits is None else logits[part]
            for number, first in enumerate(self._first):
                tables = subset_tables(first[1:], counted * first[0], group)
                self._run(number, tables, deep, index, scale, losses[part], out)

        in_parallel(work, len(coalitions), self._threads)

    def _run(
        self,
        number: int,
        tables: NDArray[np.float64],
        deep: NDArray[np.float64],
        index: NDArray[np.int64],
        scale: NDArray[np.float64],
        losses: NDArray[np.float64],
        logits: NDArray[np.float64] | None,
    ) -> None:
        """Evaluate block `number` of the rows, with the subset tables of its first and of the later
        layers."""
        rows = slice(number * self._size, (number + 1) * self._size)
        labels = self._labels[rows]
        found = np.empty((0 if logits is None else len(index), self._classes, len(labels)))
        first = self._first[number, 0]
        sizes, classes = self._sizes, self._classes
        mlp_losses(first, tables, self._deep[0], deep, sizes, index, scale, labels, classes, losses, found)
        if logits is not None:
            logits[:, :, rows] = found

    def _first_layers(
        self, features: NDArray[np.float64], weights: NDArray[np.float64], biases: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return (blocks, n + 1, units * block) on a grid: the first layer of the previous model and of each
        step, before its activation, all rows of a unit together."""
        rows, units = len(features), biases.shape[1]
        blocks = -(-rows // self._size)
        first = np.zeros((blocks, len(weights), units * self._size))

        def apply(part: slice) -> None:
            for model in range(part.start, part.stop):
                out = np.zeros((blocks * self._size, units))
                affine(features, weights[model], biases[model], out[:rows])
                by_unit = out.reshape(blocks, self._size, units).transpose(0, 2, 1)
                first[:, model] = by_unit.reshape(blocks, -1)

        def level(part: slice) -> None:
            for block in range(part.start, part.stop):
                first[block] = on_grid(first[block])

        in_parallel(apply, len(weights), self._threads)
        in_parallel(level, blocks, self._threads)
        return first


def mlp_log_loss(
    features: NDArray[np.float64],
    labels: NDArray[Any],
    previous: Arrays,
    updates: Sequence[Arrays],
    weights: NDArray[np.float64],
    *,
    threads: int = 1,
    absent: Absent = "previous",
) -> MlpLogLoss:
    """Return the utility of a multilayer perceptron with rectified units, arrays W1, b1, W2, b2, ...

    Weights are (inputs, units): the transpose of PyTorch's. `features` (rows, inputs) and `labels` (rows,)
    are the validation set, `updates` the clients' models in join order, `weights` (n,) their aggregation
    weights, zero or more, which are normalised to sum to one; `absent` says what an absent client counts as
    (see `models`); coalitions are split over `threads`. Raises ValueError on shapes that do not fit, on
    labels out of range, on NaN or infinity and on less than one thread.
    """
    return MlpLogLoss(features, labels, previous, updates, weights, threads=threads, absent=absent)


def mlp_utility(
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
    """Return the utility of a ReLU network by `metric`, else as `mlp_log_loss`."""
    engine = mlp_log_loss(features, labels, previous, updates, weights, threads=threads, absent=absent)
    return measured(engine, metric)


def _checked_network(model: Arrays) -> list[NDArray[np.float64]]:
    """Return W1, b1, W2, b2, ... as float64. Raises ValueError unless the layers fit each other."""
    arrays = [np.asarray(array, dtype=np.float64) for array in model]
    shapes = [array.shape for array in arrays]
    fits = len(arrays) >= FEWEST_ARRAYS and len(arrays) % 2 == 0
    for weight, bias in zip(shapes[::2], shapes[1::2], strict=False):
        fits = fits and len(weight) == 2 and weight[0] > 0 and bias == weight[1:] and weight[1] > 0
    for bias, weight in zip(shapes[1::2], shapes[2::2], strict=False):
        fits = fits and bias == weight[:1]
    if not fits:
        raise ValueError(
            "a multilayer perceptron is W1, b1, W2, b2, ... of at least two layers, weights "
            f"(inputs, units) and biases (units,); the previous model is {shapes}"
        )
    return arrays


def _mixed(fractions: NDArray[np.float64], numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (1, m, width), a table of m rows: numbers[0] plus the sum of `fractions` (m, n) times the rest
    of `numbers` (n + 1, width), in join order."""
    taken = np.concatenate([np.ones((len(fractions), 1)), fractions], axis=1)
    sums = np.empty((1, len(fractions), numbers.shape[1]))
    affine(taken, numbers, np.zeros(numbers.shape[1]), sums[0])
    return sums
