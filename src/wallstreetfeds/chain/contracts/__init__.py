"""The contracts as Python classes: same names, same argument order, same integers as on chain."""

from wallstreetfeds.chain.contracts.challenges import Case, Challenges
from wallstreetfeds.chain.contracts.erc20 import Erc20, Numeraire
from wallstreetfeds.chain.contracts.orchestrator import Orchestrator
from wallstreetfeds.chain.contracts.pool import Pool
from wallstreetfeds.chain.contracts.scenario import Clock, Scenario, Stage
from wallstreetfeds.chain.contracts.token import ClientToken, RewardToken

__all__ = [
    "Case",
    "Challenges",
    "ClientToken",
    "Clock",
    "Erc20",
    "Numeraire",
    "Orchestrator",
    "Pool",
    "RewardToken",
    "Scenario",
    "Stage",
]
