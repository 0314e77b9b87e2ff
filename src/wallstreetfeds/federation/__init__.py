"""Federated learning on Flower, with every round scored and settled; the only package that imports Flower."""

from wallstreetfeds.federation.environment import quiet_flower  # sets switches: before anything of Flower

# isort: split
from wallstreetfeds.federation.client_mod import SignedUpdates, keystore_signer
from wallstreetfeds.federation.evidence import EvidenceError, EvidenceFolder
from wallstreetfeds.federation.local import assessor, client_app, run_locally
from wallstreetfeds.federation.local_grid import LocalGrid
from wallstreetfeds.federation.screening import Exclusion
from wallstreetfeds.federation.settlement import OpenedRound, Settlement, round_seed
from wallstreetfeds.federation.signing import Venue
from wallstreetfeds.federation.strategy import Rewarded, RoundReport
from wallstreetfeds.federation.valuation import Assess

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
