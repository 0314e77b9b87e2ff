"""Networks as arrays and as vectors, and what many of one architecture make of the same rows.

A model is the list [W1, b1, W2, b2, ...] with W (inputs, units) and b (units,); a stack is m models of one
architecture, W (m, inputs, units) and b (m, units). Hidden layers are ReLU. One output means two classes by
a logit (log-odds of label 1), more outputs a softmax. Everything is float64.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]
Arrays = list[Floats]
"""One model: [W1 (d, h), b1 (h,), ...]."""

Stack = list[Floats]
"""m models: [W1 (m, d, h), b1 (m, h), ...]."""


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


def random_network(widths: Sequence[int], rng: np.random.Generator) -> Arrays:
    """Return a network of `widths` (inputs, hidden ..., outputs) to start training from.

    Weights are normal with variance 2 / inputs, 1 / inputs in the last layer (He et al. 2015, "Delving Deep
    into Rectifiers"); without a hidden layer they are zero, as the problem is convex. Biases are zero.
    """
    model: Arrays = []
    for layer, (inputs, units) in enumerate(pairwise(widths)):
        last = layer + 2 == len(widths)
        spread = 0.0 if len(widths) == 2 else np.sqrt((1.0 if last else 2.0) / inputs)
        model += [rng.normal(0.0, 1.0, (inputs, units)) * spread, np.zeros(units)]
    return model


# --- arrays and vectors ---


def widths_of(model: Sequence[NDArray[Any]]) -> list[int]:
    """Return the widths [inputs, hidden ..., outputs]. Raises ValueError unless the layers fit each other."""
    shapes = [np.shape(array) for array in model]
    fits = len(shapes) >= 2 and len(shapes) % 2 == 0
    for weight, bias in zip(shapes[::2], shapes[1::2], strict=False):
        fits = fits and len(weight) == 2 and weight[0] > 0 and weight[1] > 0 and bias == weight[1:]
    for bias, weight in zip(shapes[1::2], shapes[2::2], strict=False):
        fits = fits and bias == weight[:1]
    if not fits:
        raise ValueError(
            "a network is W1, b1, W2, b2, ... with weights (inputs, units) and biases (units,) that fit each "
            f"other, got arrays of shapes {shapes}"
        )
    return [int(shapes[0][0]), *(int(bias[0]) for bias in shapes[1::2])]


def vector(model: Sequence[NDArray[Any]]) -> Floats:
    """Return all parameters of `model` as one vector (p,)."""
    return np.concatenate([np.asarray(array, dtype=np.float64).ravel() for array in model])


def arrays(parameters: Floats, widths: Sequence[int]) -> Arrays:
    """Return the arrays of parameters (..., p), leading axes kept: views, no copies."""
    lead = parameters.shape[:-1]
    model: Arrays = []
    at = 0
    for inputs, units in pairwise(widths):
        end = at + inputs * units
        model.append(parameters[..., at:end].reshape(*lead, inputs, units))
        model.append(parameters[..., end : end + units])
        at = end + units
    return model


def stacked(model: Sequence[NDArray[np.float64]], copies: int) -> Stack:
    """Return `copies` of one model as a stack."""
    return [np.repeat(np.asarray(array, dtype=np.float64)[None], copies, axis=0) for array in model]
