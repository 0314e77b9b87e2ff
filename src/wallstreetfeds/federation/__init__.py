"""Federated learning on Flower, with every round scored and settled; the only package that imports Flower."""

from wallstreetfeds.federation.environment import quiet_flower  # sets switches: before anything of Flower

# isort: split
from wallstreetfeds.federation.local import assessor, client_app, run_locally
from wallstreetfeds.federation.local_grid import LocalGrid
from wallstreetfeds.federation.screening import Exclusion
from wallstreetfeds.federation.settlement import OpenedRound, Settlement
from wallstreetfeds.federation.strategy import Assess, Rewarded, RoundReport, round_seed

__all__ = [
    "Assess",
    "Exclusion",
    "LocalGrid",
    "OpenedRound",
    "Rewarded",
    "RoundReport",
    "Settlement",
    "assessor",
    "client_app",
    "quiet_flower",
    "round_seed",
    "run_locally",
]
