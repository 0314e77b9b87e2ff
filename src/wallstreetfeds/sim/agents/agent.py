"""What an agent is, and the careful trades that all of them are made of."""

from __future__ import annotations

from typing import Final, Protocol

import numpy as np

from wallstreetfeds.sim.market import NUMERAIRE, Market, TradeRefused

TOLERANCE: Final = 0.005
"""How much less than the quote a trade may give before it is refused: 0.5 %."""

HALVINGS: Final = 6
"""How often a trade is halved before an agent gives up on it."""


class Agent(Protocol):
    """Somebody who may trade once a step."""

    name: str

    def step(self, market: Market, rng: np.random.Generator) -> None:
        """Look at the market and trade, or don't."""
        ...


def swap(market: Market, trader: str, asset_in: int, asset_out: int, amount_in: float) -> float:
    """Swap at the quote less the tolerance; 0.0 where the market refuses."""
    try:
        quoted = market.quote_exact_in(asset_in, asset_out, amount_in)
        return market.swap_exact_in(trader, asset_in, asset_out, amount_in, quoted * (1 - TOLERANCE))
    except TradeRefused:
        return 0.0


def buy(market: Market, trader: str, client: int, spend: float, highest: float) -> float:
    """Buy tokens of `client` for at most `spend`, halved until the mean price is at most `highest`.

    Returns whole tokens bought, 0.0 if nobody sells that low. Whoever has no numeraire buys nothing.
    """
    spend = min(spend, market.balance_of(trader, NUMERAIRE))
    if spend <= 0:
        return 0.0
    for _ in range(HALVINGS):
        try:
            quoted = market.quote_exact_in(NUMERAIRE, client + 1, spend)
        except TradeRefused:
            quoted = 0.0
        if quoted > 0 and spend / quoted <= highest:
            return swap(market, trader, NUMERAIRE, client + 1, spend)
        spend /= 2
    return 0.0


def sell(market: Market, trader: str, client: int, amount: float, lowest: float) -> float:
    """Sell at most `amount` tokens of `client`, halved until the mean price is at least `lowest`.

    Returns whole numeraire received, 0.0 if nobody pays that much. Nobody sells what it may not send.
    """
    amount = min(amount, market.spendable(trader, client + 1))
    if amount <= 0:
        return 0.0
    for _ in range(HALVINGS):
        try:
            quoted = market.quote_exact_in(client + 1, NUMERAIRE, amount)
        except TradeRefused:
            quoted = 0.0
        if quoted > 0 and quoted / amount >= lowest:
            return swap(market, trader, client + 1, NUMERAIRE, amount)
        amount /= 2
    return 0.0
