"""A small convolutional network, LeNet-5's shape with rectifiers, and a real round of it on MNIST."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from wallstreetfeds.bench.contribution.federations import BATCH, SEED, mnist, split

LEARNING_RATE: Final = 0.05


@dataclass(frozen=True, slots=True)
class CnnRound:
    """`states`: the previous model, then the updates, arrays in the order of the module's parameters."""

    inputs: torch.Tensor
    labels: torch.Tensor
    states: list[list[NDArray[np.float32]]]
    weights: NDArray[np.float64]


def small_cnn() -> nn.Module:
    """Return two convolutions with pooling and three linear layers: 44,426 parameters."""
    return nn.Sequential(
        nn.Conv2d(1, 6, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(256, 120),
        nn.ReLU(),
        nn.Linear(120, 84),
        nn.ReLU(),
        nn.Linear(84, 10),
    )


def trained_cnn_round(clients: int, rows_each: int) -> CnnRound:
    """Return the round after everybody's first pass of SGD over at most `rows_each` images of its own."""
    pixels, labels = mnist()
    images = torch.as_tensor(pixels, dtype=torch.float32).reshape(-1, 1, 28, 28)
    targets = torch.as_tensor(labels)
    held_out, shares = split(len(pixels), clients)
    torch.manual_seed(SEED)
    module = small_cnn()
    start = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    states = [_arrays(module)]
    for rows in shares:
        module.load_state_dict(start)
        _train(module, images[rows[:rows_each]], targets[rows[:rows_each]])
        states.append(_arrays(module))
    weights = np.array([min(len(rows), rows_each) for rows in shares], dtype=np.float64)
    return CnnRound(images[held_out], targets[held_out], states, weights / weights.sum())


def _train(module: nn.Module, images: torch.Tensor, labels: torch.Tensor) -> None:
    optimiser = torch.optim.SGD(module.parameters(), lr=LEARNING_RATE, momentum=0.9)
    for rows, targets in zip(images.split(BATCH), labels.split(BATCH), strict=True):
        optimiser.zero_grad()
        functional.cross_entropy(module(rows), targets).backward()
        optimiser.step()


def _arrays(module: nn.Module) -> list[NDArray[np.float32]]:
    return [parameter.detach().numpy().copy() for parameter in module.parameters()]
