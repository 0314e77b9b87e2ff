"""The patient investor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wallstreetfeds.sim.agents.beliefs import believed_values, trade_towards
from wallstreetfeds.sim.agents.checks import check
from wallstreetfeds.sim.market import Market


@dataclass
class ValueInvestor:
    """Estimates every client's share from the rounds paid so far and trades prices towards that value.

    - `edge`: gap beyond the fee below which it does nothing. `prior_rounds`: weight of its prior, in rounds.
    - `trades`: tokens it trades a step at most; `spend`: part of its numeraire that one purchase takes.
    """

    name: str
    edge: float = 0.02
    prior_rounds: float = 1.0
    trades: int = 3
    spend: float = 0.25

    def __post_init__(self) -> None:
        check(self, parts=["spend"], amounts=["edge"], positive=["prior_rounds"], counts=["trades"])

    def step(self, market: Market, rng: np.random.Generator) -> None:  # noqa: ARG002
        """Trade the largest mispricings."""
        values = believed_values(market, self.prior_rounds)
        trade_towards(market, self.name, values, edge=self.edge, trades=self.trades, spend=self.spend)
