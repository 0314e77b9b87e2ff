"""The contracts as Python classes: same names, same argument order, same integers as on chain."""

from .erc20 import Erc20, Numeraire
from .orchestrator import Orchestrator
from .pool import Pool
from .scenario import Clock, Scenario
from .token import ClientToken, RewardToken

__all__ = [
    "ClientToken",
    "Clock",
    "Erc20",
    "Numeraire",
    "Orchestrator",
    "Pool",
    "RewardToken",
    "Scenario",
]
