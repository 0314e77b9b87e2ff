"""A trading session: every agent acts once, in an order nobody can count on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from wallstreetfeds.sim.agents import Agent
from wallstreetfeds.sim.market import Market


def trade(market: Market, agents: Sequence[Agent], rng: np.random.Generator) -> None:
    """Let every agent take one step, in random order."""
    for index in rng.permutation(len(agents)):
        agents[int(index)].step(market, rng)
