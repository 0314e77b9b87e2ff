"""The liquidity provider that can leave."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from wallstreetfeds.sim.agents.checks import check
from wallstreetfeds.sim.market import NUMERAIRE, SHARED_POOL, Market, TradeRefused

LARGEST_PART: Final = 0.25
"""Most that it adds to the pool's numeraire at once: pools refuse 0.3."""


@dataclass
class LiquidityProvider:
    """Puts the part `spend` of its numeraire into the shared pool and leaves when that does not pay.

    Its profit is what its LP shares are worth at spot prices (which its own entry has raised a little), and
    what they have earned, over what it put in. It leaves, proportionally, at a loss of more than the part
    `stop` of that, and comes back after `rest` steps outside. The client tokens that it leaves with it keeps:
    it is no trader.
    """

    name: str
    spend: float = 0.5
    stop: float = 0.1
    rest: int = 10
    put_in: float = field(default=0.0, init=False)
    _outside: int = field(default=0, init=False, repr=False)

    def __post_init__(self) -> None:
        check(self, parts=["spend", "stop"], numbers=["rest"])

    def step(self, market: Market, rng: np.random.Generator) -> None:  # noqa: ARG002
        """Enter, stay or leave."""
        shares = market.lp_vested(self.name)
        if shares > 0:
            if self.profit(market) < -self.stop * self.put_in:
                self._leave(market, shares)
            return
        if self._outside > 0:
            self._outside -= 1
            return
        spend = market.balance_of(self.name, NUMERAIRE) * self.spend
        spend = min(spend, LARGEST_PART * float(market.reserves()[NUMERAIRE]))
        try:
            market.add_single_asset(self.name, NUMERAIRE, spend, 0.0)
        except TradeRefused:
            return
        self.put_in = spend

    def profit(self, market: Market) -> float:
        """Return what the position is worth more than what was put in, whole numeraire."""
        prices = np.concatenate([[1.0], np.nan_to_num(market.spot_prices())])
        part = market.lp_shares(self.name) / market.lp_supply(SHARED_POOL)
        return float(part * (market.reserves() @ prices)) + market.claimable(self.name) - self.put_in

    def _leave(self, market: Market, shares: float) -> None:
        try:
            market.remove_liquidity(self.name, shares)
        except TradeRefused:
            return
        self.put_in, self._outside = 0.0, self.rest
