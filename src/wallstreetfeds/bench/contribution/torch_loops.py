"""What people write today: two loops over coalitions in PyTorch, one as usual and one with care."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional
from torch.nn.utils import parameters_to_vector, vector_to_parameters
from torch.utils.data import DataLoader, TensorDataset

from wallstreetfeds.bench.contribution.federations import Round
from wallstreetfeds.contribution import Coalitions

BATCH: Final = 128
"""Rows of a batch of the usual loop: what Flower's examples evaluate with."""


def mlp_of(played: Round) -> Callable[[], nn.Module]:
    """Return what makes a new network of the sizes of the round's models."""
    shapes = [array.shape for array in played.previous[::2]]

    def make() -> nn.Module:
        layers: list[nn.Module] = []
        for inputs, units in shapes:
            layers += [nn.Linear(inputs, units), nn.ReLU()]
        return nn.Sequential(*layers[:-1])

    return make


def torch_arrays(model: Sequence[NDArray[np.float64]]) -> list[NDArray[np.float32]]:
    """Return a model W1, b1, ... as PyTorch has it: weights (units, inputs), float32."""
    return [np.ascontiguousarray(array.T, dtype=np.float32) for array in model]


class TypicalLoop:
    """A new model, a new state dict and a new data loader for each coalition.

    `make` returns a new module, `states` (n + 1) are the previous model and the updates in the order of its
    parameters, `weights` (n,) sum to one; absent clients count as the previous model.
    """

    def __init__(
        self,
        make: Callable[[], nn.Module],
        inputs: torch.Tensor,
        labels: torch.Tensor,
        states: Sequence[Sequence[NDArray[np.float32]]],
        weights: NDArray[np.float64],
    ) -> None:
        self._make = make
        self._data = TensorDataset(inputs, labels)
        self._models = [[torch.as_tensor(array) for array in state] for state in states]
        self._weights = weights.tolist()

    def __call__(self, coalitions: Coalitions) -> NDArray[np.float64]:
        """Return the utilities (m,) of `coalitions` (m, n)."""
        return np.array([self._one(np.flatnonzero(row).tolist()) for row in coalitions])

    def _one(self, members: list[int]) -> float:
        module = self._make()
        previous = self._models[0]
        state = {}
        for position, name in enumerate(module.state_dict()):
            total = previous[position].clone()
            for client in members:
                change = self._models[client + 1][position] - previous[position]
                total += self._weights[client] * change
            state[name] = total
        module.load_state_dict(state)
        module.eval()
        loss, rows = 0.0, 0
        with torch.no_grad():
            for inputs, labels in DataLoader(self._data, batch_size=BATCH):
                loss += functional.cross_entropy(module(inputs), labels, reduction="sum").item()
                rows += len(labels)
        return -loss / rows


class CarefulLoop:
    """One module; for each coalition one product for its parameters and one pass over the whole set."""

    def __init__(
        self,
        make: Callable[[], nn.Module],
        inputs: torch.Tensor,
        labels: torch.Tensor,
        states: Sequence[Sequence[NDArray[np.float32]]],
        weights: NDArray[np.float64],
        *,
        threads: int,
    ) -> None:
        self._module = make().eval()
        self._inputs, self._labels = inputs, labels
        flat = torch.stack(
            [parameters_to_vector([torch.as_tensor(array) for array in state]) for state in states]
        )
        self._base = flat[0]
        self._moves = (flat[1:] - flat[0]) * torch.as_tensor(weights, dtype=flat.dtype)[:, None]
        self._threads = threads

    def __call__(self, coalitions: Coalitions) -> NDArray[np.float64]:
        """Return the utilities (m,) of `coalitions` (m, n)."""
        rows = torch.as_tensor(coalitions).to(self._base.dtype)
        before = torch.get_num_threads()
        torch.set_num_threads(self._threads)
        try:
            with torch.inference_mode():
                return np.array([self._one(members) for members in rows])
        finally:
            torch.set_num_threads(before)

    def _one(self, members: torch.Tensor) -> float:
        vector_to_parameters(self._base + members @ self._moves, self._module.parameters())
        return -float(functional.cross_entropy(self._module(self._inputs), self._labels))
