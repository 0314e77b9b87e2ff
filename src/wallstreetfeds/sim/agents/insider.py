"""The federator, trading on scores it has not published."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.sim.agents.beliefs import expected_shares, trade_towards, values_of
from wallstreetfeds.sim.agents.checks import check
from wallstreetfeds.sim.market import Market


@dataclass
class Insider:
    """Believes what a Bayesian would who has also seen the rounds nobody else has.

    `secret` returns shares (rounds, clients) that are known to it and not paid yet: of the open round, or of
    trainings made before it opened.
    """

    name: str
    secret: Callable[[], NDArray[np.float64]]
    prior_rounds: float = 1.0
    edge: float = 0.0
    spend: float = 0.5

    def __post_init__(self) -> None:
        check(self, parts=["spend"], amounts=["edge"], positive=["prior_rounds"])

    def step(self, market: Market, rng: np.random.Generator) -> None:  # noqa: ARG002
        """Trade before the others know."""
        known = np.concatenate([market.reward_shares(), self.secret().reshape(-1, market.clients)])
        values = values_of(market, expected_shares(known, self.prior_rounds))
        trade_towards(market, self.name, values, edge=self.edge, trades=market.clients, spend=self.spend)
