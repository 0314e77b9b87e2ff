"""Agents by name: what a command line or a settings file can ask for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from types import MappingProxyType
from typing import Any, Final

from wallstreetfeds.sim.agents.agent import Agent
from wallstreetfeds.sim.agents.arbitrageur import InformedArbitrageur
from wallstreetfeds.sim.agents.clients import BuyBack, CapitalRaiser, Treasurer
from wallstreetfeds.sim.agents.colluder import Colluder
from wallstreetfeds.sim.agents.complete_sets import CompleteSets
from wallstreetfeds.sim.agents.insider import Insider
from wallstreetfeds.sim.agents.manipulators import PumpAndDump, WashTrader
from wallstreetfeds.sim.agents.momentum import MomentumTrader
from wallstreetfeds.sim.agents.noise import NoiseTrader
from wallstreetfeds.sim.agents.provider import LiquidityProvider
from wallstreetfeds.sim.agents.sniper import PayoutSniper
from wallstreetfeds.sim.agents.value import ValueInvestor
from wallstreetfeds.sim.agents.volume import VolumeFollower

AGENTS: Final[Mapping[str, type[Any]]] = MappingProxyType(
    {
        "value": ValueInvestor,
        "arbitrageur": InformedArbitrageur,
        "insider": Insider,
        "momentum": MomentumTrader,
        "noise": NoiseTrader,
        "treasurer": Treasurer,
        "capital-raiser": CapitalRaiser,
        "buy-back": BuyBack,
        "wash-trader": WashTrader,
        "pump-and-dump": PumpAndDump,
        "sniper": PayoutSniper,
        "colluder": Colluder,
        "volume-follower": VolumeFollower,
        "complete-sets": CompleteSets,
        "provider": LiquidityProvider,
    }
)
"""Every kind of agent: a dataclass whose first field is the account's name, the others its options."""


def agent_named(kind: str, name: str, **options: Any) -> Agent:
    """Make an agent of a kind of AGENTS, with the account `name`.

    Raises ValueError, which lists what there is, for an unknown kind or option, an option that is missing,
    or a value outside its range.
    """
    if kind not in AGENTS:
        raise ValueError(f"no agent {kind!r}; there are: {', '.join(AGENTS)}")
    made = AGENTS[kind]
    there = {field.name: field for field in fields(made) if field.init and field.name != "name"}
    for option in options:
        if option not in there:
            raise ValueError(
                f"an agent {kind!r} has no option {option!r}; its options are: {', '.join(there)}"
            )
    needed = [option for option, field in there.items() if field.default is MISSING]
    missing = [option for option in needed if option not in options]
    if missing:
        raise ValueError(f"an agent {kind!r} needs: {', '.join(missing)}")
    agent: Agent = made(name, **options)
    return agent
