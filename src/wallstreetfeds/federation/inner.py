"""Flower's own strategies by name, as experiments put them inside `Rewarded`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Final

from flwr.serverapp.strategy import (
    FedAdagrad,
    FedAdam,
    FedAvg,
    FedAvgM,
    FedMedian,
    FedProx,
    FedTrimmedAvg,
    FedYogi,
    Krum,
    Strategy,
)

INNER: Final[Mapping[str, Callable[[], Strategy]]] = MappingProxyType(
    {
        "FedAvg": partial(FedAvg, fraction_evaluate=0.0),
        "FedProx": partial(FedProx, fraction_evaluate=0.0, proximal_mu=0.1),
        "FedAvgM": partial(FedAvgM, fraction_evaluate=0.0, server_momentum=0.5),
        "FedAdam": partial(FedAdam, fraction_evaluate=0.0, eta=0.02),
        "FedYogi": partial(FedYogi, fraction_evaluate=0.0, eta=0.02),
        "FedAdagrad": partial(FedAdagrad, fraction_evaluate=0.0, eta=0.05),
        "FedMedian": partial(FedMedian, fraction_evaluate=0.0),
        "FedTrimmedAvg": partial(FedTrimmedAvg, fraction_evaluate=0.0, beta=0.2),
        "Krum": partial(Krum, fraction_evaluate=0.0, num_malicious_nodes=1),
    }
)
"""Makers of strategies without federated evaluation. FedProx's proximal term is the clients' to apply."""


def inner_strategy(name: str) -> Strategy:
    """Return a new strategy. Raises ValueError for a name that is not in `INNER`."""
    if name not in INNER:
        raise ValueError(f"unknown strategy {name!r}; there are {', '.join(INNER)}")
    return INNER[name]()
