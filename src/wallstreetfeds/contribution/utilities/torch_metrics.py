"""What a model's outputs on the validation set are worth: for a stack of models at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal

import numpy as np
import torch
from torch.nn import functional

from wallstreetfeds.contribution.utilities.blocks import checked_labels

Metric = Callable[[torch.Tensor, torch.Tensor], Any]
"""Maps a model's outputs (rows, ...) in float64 and the labels to its utility: a number, higher is better."""

MetricName = Literal["log-loss", "accuracy"]

Stacked = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
"""Maps the outputs (m, rows, ...) of m models and the labels to m utilities (m,), float64."""


def stacked(metric: Metric | MetricName) -> Stacked:
    """Return a metric for a stack of models. Raises ValueError on an unknown name."""
    if callable(metric):
        return lambda outputs, labels: torch.tensor(
            [float(metric(output, labels)) for output in outputs], dtype=torch.float64
        )
    if metric not in METRICS:
        raise ValueError(f"the metric is a function or one of {sorted(METRICS)}, got {metric!r}")
    return METRICS[metric]


def classes_of(labels: torch.Tensor, outputs: torch.Tensor) -> torch.Tensor:
    """Return the labels of a named metric as integers (rows,); `outputs` (m, some rows, ...) are any model's.

    Raises ValueError unless the outputs are logits and the labels, (rows,) or (rows, 1), are classes from 0.
    """
    if outputs.ndim not in (2, 3):
        raise ValueError(
            "log-loss and accuracy need logits (rows,) or (rows, classes), the module returns "
            f"(rows, {', '.join(map(str, outputs.shape[2:]))}): give a function as the metric"
        )
    classes = 2 if _two_classes(outputs) else outputs.shape[2]
    flat = labels[:, 0] if labels.shape[1:] == (1,) else labels
    return torch.from_numpy(checked_labels(np.asarray(flat.detach().cpu()), len(labels), classes))


def log_loss(outputs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Return the negative mean log-loss in nats of logits (m, rows, classes), or (m, rows) or (m, rows, 1)
    for two classes."""
    if _two_classes(outputs):
        logits = outputs.reshape(*outputs.shape[:2])
        signs = 1.0 - 2.0 * labels.reshape(-1).to(logits.dtype)
        return -functional.softplus(signs * logits).mean(dim=1)
    own = outputs.gather(2, labels.long().expand(len(outputs), -1)[:, :, None])[:, :, 0]
    return (own - outputs.logsumexp(dim=2)).mean(dim=1)


def accuracy(outputs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Return the share of rows whose highest logit is the label's; (m, rows[, 1]): positive for label 1."""
    if _two_classes(outputs):
        chosen = (outputs.reshape(*outputs.shape[:2]) > 0).long()
    else:
        chosen = outputs.argmax(dim=2)
    return (chosen == labels.reshape(-1)).double().mean(dim=1)


METRICS: Final[dict[str, Stacked]] = {"log-loss": log_loss, "accuracy": accuracy}


def _two_classes(outputs: torch.Tensor) -> bool:
    return bool(outputs.ndim == 2 or outputs.shape[2:] == (1,))
