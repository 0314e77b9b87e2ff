"""Clients who trade their own tokens: selling what is dear, raising capital, buying back."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from wallstreetfeds.sim.agents.agent import buy, sell
from wallstreetfeds.sim.agents.beliefs import believed_values
from wallstreetfeds.sim.agents.checks import check
from wallstreetfeds.sim.market import NUMERAIRE, Market


@dataclass
class Treasurer:
    """A client that sells its own tokens while the market pays more for them than its rewards so far suggest.

    A slice (`slice_part` of the supply) a step at most, at no less than half-way between price and value,
    never below `retained` of the supply, and never what the federation makes it keep.
    """

    name: str
    client: int
    edge: float = 0.1
    slice_part: float = 0.05
    retained: float = 0.2
    prior_rounds: float = 1.0

    def __post_init__(self) -> None:
        check(
            self,
            parts=["slice_part", "retained"],
            amounts=["edge"],
            positive=["prior_rounds"],
            numbers=["client"],
        )

    def step(self, market: Market, rng: np.random.Generator) -> None:  # noqa: ARG002
        """Sell a slice if the price is too good."""
        value = float(believed_values(market, self.prior_rounds)[self.client])
        price = market.spot_price(self.client + 1)
        if price <= value * (1 + self.edge + market.swap_fee()):
            return
        supply = market.supply(self.client)
        spare = market.balance_of(self.name, self.client + 1) - self.retained * supply
        sell(market, self.name, self.client, min(spare, self.slice_part * supply), (price + value) / 2)


@dataclass
class CapitalRaiser:
    """A client that sells `part` of its own tokens, in equal slices over its first `slices` steps.

    `raised` is what it got, whole numeraire. Many slices are a time-weighted average price (TWAP).
    """

    name: str
    client: int
    part: float = 0.2
    slices: int = 3
    raised: float = field(default=0.0, init=False)
    _slice: float = field(default=0.0, init=False, repr=False)
    _steps: int = field(default=0, init=False, repr=False)

    def __post_init__(self) -> None:
        check(self, parts=["part"], counts=["slices"], numbers=["client"])

    def step(self, market: Market, rng: np.random.Generator) -> None:  # noqa: ARG002
        """Sell the next slice."""
        if self._steps == 0:
            self._slice = market.balance_of(self.name, self.client + 1) * self.part / self.slices
        self._steps += 1
        if self._steps <= self.slices:
            self.raised += sell(market, self.name, self.client, self._slice, 0.0)


@dataclass
class BuyBack:
    """A client that buys its own tokens while they cost less than its rewards so far suggest.

    At most the part `spend` of its numeraire a step, at a mean price half-way between price and value.
    """

    name: str
    client: int
    edge: float = 0.1
    spend: float = 0.25
    prior_rounds: float = 1.0

    def __post_init__(self) -> None:
        check(self, parts=["spend"], amounts=["edge"], positive=["prior_rounds"], numbers=["client"])

    def step(self, market: Market, rng: np.random.Generator) -> None:  # noqa: ARG002
        """Buy a slice if the price is too low."""
        value = float(believed_values(market, self.prior_rounds)[self.client])
        price = market.spot_price(self.client + 1)
        if price * (1 + self.edge + market.swap_fee()) >= value:
            return
        spend = market.balance_of(self.name, NUMERAIRE) * self.spend
        buy(market, self.name, self.client, spend, (price + value) / 2)
