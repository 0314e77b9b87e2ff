"""Many small networks at once: a stack of models of one architecture, trained and evaluated together.

A stacked model is the list [W1, b1, W2, b2, ...] with W (m, inputs, outputs) and b (m, outputs): m models of
one architecture. Hidden layers are ReLU. One output means two classes by a logit (log-odds of label 1), more
outputs a softmax. Everything is float64 NumPy; the batch of models is the leading axis of every product, so
that retraining all coalitions of a federation costs hardly more than retraining one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]
Stack = list[Floats]
"""m models: [W1 (m, d, h), b1 (m, h), ...]."""


@dataclass(frozen=True)
class Recipe:
    """How a client trains locally: mini-batch SGD on the mean log-loss.

    A client's rows are dealt out evenly to batches of at most `batch` rows, so that no step rests on the one
    row that is left over. `proximal` is FedProx's mu, the weight of half the squared distance to the global
    model (Li et al. 2020, "Federated Optimization in Heterogeneous Networks").
    """

    learning_rate: float
    epochs: int = 1
    batch: int = 32
    proximal: float = 0.0


def logits(stack: Stack, features: Floats) -> Floats:
    """Return the logits (m, rows, outputs) of m models on `features` (rows, d)."""
    values: Floats = features
    for layer in range(0, len(stack), 2):
        values = values @ stack[layer] + stack[layer + 1][:, None, :]
        if layer + 2 < len(stack):
            np.maximum(values, 0.0, out=values)
    return values


def log_losses(outputs: Floats, labels: Labels) -> Floats:
    """Return the mean log-loss (m,) in nats of logits (m, rows, outputs) against `labels` (rows,)."""
    if outputs.shape[2] == 1:
        signed = outputs[:, :, 0] * np.where(labels == 1, 1.0, -1.0)
        wrong = np.maximum(-signed, 0.0)
        np.abs(signed, out=signed)
        np.negative(signed, out=signed)
        np.exp(signed, out=signed)
        signed += 1.0
        return np.asarray((wrong + np.log(signed, out=signed)).mean(axis=1))
    highest = outputs.max(axis=2)
    own = outputs[:, np.arange(len(labels)), labels]
    powers = outputs - highest[:, :, None]
    np.exp(powers, out=powers)
    partition = powers @ np.ones(outputs.shape[2])
    return np.asarray((highest + np.log(partition) - own).mean(axis=1))


def accuracies(outputs: Floats, labels: Labels) -> Floats:
    """Return the share of rows (m,) whose most likely label is right; a logit of 0 says label 0."""
    if outputs.shape[2] == 1:
        return np.asarray(((outputs[:, :, 0] > 0.0) == (labels == 1)).mean(axis=1))
    return np.asarray((outputs.argmax(axis=2) == labels).mean(axis=1))


def train_locally(
    stack: Stack, features: Floats, labels: Labels, recipe: Recipe, rng: np.random.Generator
) -> Stack:
    """Return the m models after local training on one client's rows.

    All m models see the same rows in the same order, drawn from `rng`: what they differ in is where they
    start.
    """
    outputs = stack[-1].shape[1]
    targets = labels[:, None].astype(np.float64) if outputs == 1 else np.eye(outputs)[labels]
    model = [array.copy() for array in stack]
    for _ in range(recipe.epochs):
        order = rng.permutation(len(labels))
        for rows in np.array_split(order, -(-len(order) // recipe.batch)):
            _step(model, stack, features[rows], targets[rows], recipe)
    return model


def _step(model: Stack, origin: Stack, features: Floats, targets: Floats, recipe: Recipe) -> None:
    """Move `model` by one step of SGD, in place."""
    layers = len(model) // 2
    values: list[Floats] = [features]
    for layer in range(layers):
        out = values[layer] @ model[2 * layer] + model[2 * layer + 1][:, None, :]
        values.append(np.maximum(out, 0.0) if layer + 1 < layers else out)
    error = (_probabilities(values[-1]) - targets) / len(features)
    for layer in reversed(range(layers)):
        weights, bias = model[2 * layer], model[2 * layer + 1]
        slope = values[layer].swapaxes(-1, -2) @ error
        slope_bias = error.sum(axis=1)
        if layer:
            error = (error @ weights.swapaxes(1, 2)) * (values[layer] > 0.0)
        if recipe.proximal:
            slope += recipe.proximal * (weights - origin[2 * layer])
            slope_bias += recipe.proximal * (bias - origin[2 * layer + 1])
        weights -= recipe.learning_rate * slope
        bias -= recipe.learning_rate * slope_bias


def _probabilities(outputs: Floats) -> Floats:
    """Return the sigmoid of one output, the softmax of more; safe for logits of any size."""
    if outputs.shape[-1] == 1:
        return np.asarray(0.5 * (1.0 + np.tanh(0.5 * outputs)))
    powers = np.exp(outputs - outputs.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def stacked(model: Sequence[NDArray[np.float64]], copies: int) -> Stack:
    """Return `copies` of one model [W1 (d, h), b1 (h,), ...] as a stack."""
    return [np.repeat(np.asarray(array, dtype=np.float64)[None], copies, axis=0) for array in model]
