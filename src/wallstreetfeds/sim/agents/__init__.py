"""Who trades: small, readable agents behind the market seam.

An agent has a name (its account), sees only what everybody can see unless its docstring says otherwise, and
never trades at a price worse than it decided: every swap carries a minimum. Beliefs are floats; money is the
market's.
"""

from wallstreetfeds.sim.agents.agent import Agent
from wallstreetfeds.sim.agents.arbitrageur import InformedArbitrageur
from wallstreetfeds.sim.agents.beliefs import believed_values
from wallstreetfeds.sim.agents.clients import BuyBack, CapitalRaiser, Treasurer
from wallstreetfeds.sim.agents.colluder import Colluder
from wallstreetfeds.sim.agents.complete_sets import CompleteSets
from wallstreetfeds.sim.agents.insider import Insider
from wallstreetfeds.sim.agents.manipulators import PumpAndDump, WashTrader
from wallstreetfeds.sim.agents.momentum import MomentumTrader
from wallstreetfeds.sim.agents.noise import NoiseTrader
from wallstreetfeds.sim.agents.provider import LiquidityProvider
from wallstreetfeds.sim.agents.registry import AGENTS, agent_named
from wallstreetfeds.sim.agents.sniper import PayoutSniper
from wallstreetfeds.sim.agents.value import ValueInvestor
from wallstreetfeds.sim.agents.volume import VolumeFollower

__all__ = [
    "AGENTS",
    "Agent",
    "BuyBack",
    "CapitalRaiser",
    "Colluder",
    "CompleteSets",
    "InformedArbitrageur",
    "Insider",
    "LiquidityProvider",
    "MomentumTrader",
    "NoiseTrader",
    "PayoutSniper",
    "PumpAndDump",
    "Treasurer",
    "ValueInvestor",
    "VolumeFollower",
    "WashTrader",
    "agent_named",
    "believed_values",
]
