"""Federated learning on Flower, with every round scored and settled; the only package that imports Flower.

Names are looked up when they are first used: checking a round's evidence needs no Flower.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from wallstreetfeds.federation.environment import quiet_flower  # sets switches: before anything of Flower

if TYPE_CHECKING:
    from wallstreetfeds.federation.client_mod import SignedUpdates, keystore_signer
    from wallstreetfeds.federation.evidence import EvidenceError, EvidenceFolder
    from wallstreetfeds.federation.local import assessor, client_app, run_locally
    from wallstreetfeds.federation.local_grid import LocalGrid
    from wallstreetfeds.federation.screening import Exclusion
    from wallstreetfeds.federation.settlement import OpenedRound, Settlement, round_seed
    from wallstreetfeds.federation.signing import Venue
    from wallstreetfeds.federation.strategy import Rewarded, RoundReport
    from wallstreetfeds.federation.valuation import Assess

_HOMES: Final = {
    "Assess": "valuation",
    "EvidenceError": "evidence",
    "EvidenceFolder": "evidence",
    "Exclusion": "screening",
    "LocalGrid": "local_grid",
    "OpenedRound": "settlement",
    "Rewarded": "strategy",
    "RoundReport": "strategy",
    "Settlement": "settlement",
    "SignedUpdates": "client_mod",
    "Venue": "signing",
    "assessor": "local",
    "client_app": "local",
    "keystore_signer": "client_mod",
    "round_seed": "settlement",
    "run_locally": "local",
}
"""Public name -> the module that has it."""

__all__ = [
    "Assess",
    "EvidenceError",
    "EvidenceFolder",
    "Exclusion",
    "LocalGrid",
    "OpenedRound",
    "Rewarded",
    "RoundReport",
    "Settlement",
    "SignedUpdates",
    "Venue",
    "assessor",
    "client_app",
    "keystore_signer",
    "quiet_flower",
    "round_seed",
    "run_locally",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
