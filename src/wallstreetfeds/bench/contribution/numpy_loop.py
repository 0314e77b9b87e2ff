"""The careful loop where PyTorch is not installed: NumPy, one model at a time, the whole set in one pass."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.bench.contribution.federations import Round
from wallstreetfeds.contribution import Coalitions


class NumpyLoop:
    """Negative mean log-loss of each coalition of a `Round`, float32 like PyTorch's loop."""

    def __init__(self, played: Round) -> None:
        share = (played.weights / played.weights.sum()).astype(np.float32)
        self._shapes = [array.shape for array in played.previous]
        self._base = _flat(played.previous)
        self._moves = np.stack([_flat(update) - self._base for update in played.updates]) * share[:, None]
        self._features = played.features.astype(np.float32)
        self._labels = played.labels

    def __call__(self, coalitions: Coalitions) -> NDArray[np.float64]:
        """Return the utilities (m,) of `coalitions` (m, n)."""
        return np.array([self._one(row) for row in coalitions.astype(np.float32)])

    def _one(self, members: NDArray[np.float32]) -> float:
        model = self._base + members @ self._moves
        values, start = self._features, 0
        for layer in range(0, len(self._shapes), 2):
            (inputs, units), end = self._shapes[layer], 0
            end = start + inputs * units
            values = values @ model[start:end].reshape(inputs, units) + model[end : end + units]
            start = end + units
            if layer + 2 < len(self._shapes):
                np.maximum(values, 0.0, out=values)
        shifted = values - values.max(axis=1, keepdims=True)
        losses = np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(shifted)), self._labels]
        return -float(losses.mean())


def _flat(model: list[NDArray[np.float64]]) -> NDArray[np.float32]:
    return np.concatenate([array.ravel() for array in model]).astype(np.float32)
