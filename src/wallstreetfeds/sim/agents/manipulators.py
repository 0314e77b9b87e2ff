"""Those who trade to be seen trading."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from wallstreetfeds.sim.agents.agent import buy, sell
from wallstreetfeds.sim.agents.checks import check
from wallstreetfeds.sim.market import NUMERAIRE, Market


@dataclass
class WashTrader:
    """Buys a token and sells it again within the step: volume that changes no holdings and costs two fees.

    `volume` is what it has traded, whole numeraire.
    """

    name: str
    client: int
    spend: float = 0.2
    volume: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        check(self, parts=["spend"], numbers=["client"])

    def step(self, market: Market, rng: np.random.Generator) -> None:  # noqa: ARG002
        """Trade there and back."""
        spend = market.balance_of(self.name, NUMERAIRE) * self.spend
        bought = buy(market, self.name, self.client, spend, np.inf)
        if bought > 0:
            self.volume += spend + sell(market, self.name, self.client, bought, 0.0)


@dataclass
class PumpAndDump:
    """Buys one token for `pump` steps in equal parts of its numeraire, then sells all of it in `dump` steps.

    Its hope: that others follow the price.
    """

    name: str
    client: int
    pump: int = 4
    dump: int = 2
    _steps: int = field(default=0, init=False, repr=False)

    def __post_init__(self) -> None:
        check(self, counts=["pump", "dump"], numbers=["client"])

    def step(self, market: Market, rng: np.random.Generator) -> None:  # noqa: ARG002
        """Buy, then sell."""
        self._steps += 1
        if self._steps <= self.pump:
            part = 1.0 / (self.pump - self._steps + 1)
            buy(market, self.name, self.client, market.balance_of(self.name, NUMERAIRE) * part, np.inf)
        else:
            part = 1.0 / max(1, self.pump + self.dump - self._steps + 1)
            sell(market, self.name, self.client, market.balance_of(self.name, self.client + 1) * part, 0.0)
