"""Who trades: small, readable agents behind the market seam.

An agent has a name (its account), sees only what the chain shows everybody, and never trades at a price worse
than it decided: every swap carries a minimum.  Beliefs are floats; money is the market's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.sim.fair_value import fair_prices
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


def _swap(market: Market, trader: str, asset_in: int, asset_out: int, amount_in: float) -> float:
    """Swap at the quote less the tolerance; 0.0 where the market refuses."""
    try:
        quoted = market.quote_exact_in(asset_in, asset_out, amount_in)
        return market.swap_exact_in(trader, asset_in, asset_out, amount_in, quoted * (1 - TOLERANCE))
    except TradeRefused:
        return 0.0


def _buy(market: Market, trader: str, client: int, spend: float, highest: float) -> float:
    """Buy tokens of `client` for at most `spend`, halved until the mean price is at most `highest`."""
    for _ in range(HALVINGS):
        try:
            quoted = market.quote_exact_in(NUMERAIRE, client + 1, spend)
        except TradeRefused:
            quoted = 0.0
        if quoted > 0 and spend / quoted <= highest:
            return _swap(market, trader, NUMERAIRE, client + 1, spend)
        spend /= 2
    return 0.0


def _sell(market: Market, trader: str, client: int, amount: float, lowest: float) -> float:
    """Sell at most `amount` tokens of `client`, halved until the mean price is at least `lowest`."""
    for _ in range(HALVINGS):
        try:
            quoted = market.quote_exact_in(client + 1, NUMERAIRE, amount)
        except TradeRefused:
            quoted = 0.0
        if quoted > 0 and quoted / amount >= lowest:
            return _swap(market, trader, client + 1, NUMERAIRE, amount)
        amount /= 2
    return 0.0


def believed_values(market: Market, prior_rounds: float) -> NDArray[np.float64]:
    """Return what each token is worth, shape (clients,), to somebody who has seen the rounds paid so far.

    The belief of a client's share is the mean of its past shares and `prior_rounds` rounds of equal shares.
    """
    past = market.reward_shares()
    belief = (prior_rounds / market.clients + past.sum(axis=0)) / (prior_rounds + len(past))
    supplies = np.array([market.supply(k) for k in range(market.clients)])
    return fair_prices(belief, market.remaining(), supplies)


@dataclass
class ValueInvestor:
    """Estimates every client's share from the rounds paid so far and trades prices towards that value.

    It trades where the price is off by more than `edge` and the fee, the largest gap first, at a mean price
    half-way between price and value, so that the last token still costs no more than it is worth.
    """

    name: str
    edge: float = 0.02
    prior_rounds: float = 1.0
    trades: int = 3
    spend: float = 0.25

    def step(self, market: Market, rng: np.random.Generator) -> None:  # noqa: ARG002
        """Trade the largest mispricings."""
        values = believed_values(market, self.prior_rounds)
        prices = np.array([market.spot_price(k + 1) for k in range(market.clients)])
        gap = (values - prices) / prices
        threshold = self.edge + market.swap_fee()
        done = 0
        for client in np.argsort(-np.abs(gap), kind="stable"):
            k = int(client)
            if done == self.trades or abs(gap[k]) <= threshold:
                break
            halfway = float(prices[k] + values[k]) / 2
            if gap[k] > 0:
                cash = market.balance_of(self.name, NUMERAIRE)
                traded = cash > 0 and _buy(market, self.name, k, cash * self.spend, halfway) > 0
            else:
                held = market.balance_of(self.name, k + 1)
                traded = held > 0 and _sell(market, self.name, k, held, halfway) > 0
            done += bool(traded)


@dataclass
class MomentumTrader:
    """Buys what rose most since it last looked and sells what it holds and fell.

    The clock's own fall is taken out of the prices.  It pays at most `patience` above the spot price.
    """

    name: str
    spend: float = 0.1
    patience: float = 0.02
    last: NDArray[np.float64] | None = field(default=None, repr=False)

    def step(self, market: Market, rng: np.random.Generator) -> None:  # noqa: ARG002
        """Follow the trend."""
        prices = np.array([market.spot_price(k + 1) for k in range(market.clients)])
        level = prices / market.remaining()
        previous, self.last = self.last, level
        if previous is None:
            return
        change = level / previous - 1
        for k in range(market.clients):
            held = market.balance_of(self.name, k + 1) if change[k] < 0 else 0.0
            if held > 0:
                _sell(market, self.name, k, held, 0.0)
        best = int(np.argmax(change))
        cash = market.balance_of(self.name, NUMERAIRE)
        if change[best] > 0 and cash > 0:
            _buy(market, self.name, best, cash * self.spend, float(prices[best]) * (1 + self.patience))


@dataclass
class NoiseTrader:
    """Trades a random token in a random direction, at most `patience` off the spot price."""

    name: str
    spend: float = 0.05
    patience: float = 0.05

    def step(self, market: Market, rng: np.random.Generator) -> None:
        """Buy or sell one token."""
        k = int(rng.integers(market.clients))
        size = float(rng.uniform(0.2, 1.0))
        price = market.spot_price(k + 1)
        held = market.balance_of(self.name, k + 1)
        if held > 0 and rng.random() < 0.5:
            _sell(market, self.name, k, held * size, price * (1 - self.patience))
            return
        cash = market.balance_of(self.name, NUMERAIRE)
        if cash > 0:
            _buy(market, self.name, k, cash * self.spend * size, price * (1 + self.patience))


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

    def step(self, market: Market, rng: np.random.Generator) -> None:  # noqa: ARG002
        """Sell a slice if the price is too good."""
        value = float(believed_values(market, self.prior_rounds)[self.client])
        price = market.spot_price(self.client + 1)
        if price <= value * (1 + self.edge + market.swap_fee()):
            return
        supply = market.supply(self.client)
        spare = min(
            market.balance_of(self.name, self.client + 1) - self.retained * supply,
            market.spendable(self.name, self.client + 1),
        )
        if spare > 0:
            _sell(market, self.name, self.client, min(spare, self.slice_part * supply), (price + value) / 2)


@dataclass
class CapitalRaiser:
    """A client that sells `part` of its own tokens, in equal slices over its first `slices` steps."""

    name: str
    client: int
    part: float = 0.2
    slices: int = 3
    raised: float = 0.0
    _slice: float = field(default=0.0, repr=False)
    _steps: int = field(default=0, repr=False)

    def step(self, market: Market, rng: np.random.Generator) -> None:  # noqa: ARG002
        """Sell the next slice."""
        if self._steps == 0:
            self._slice = market.balance_of(self.name, self.client + 1) * self.part / self.slices
        self._steps += 1
        if self._steps <= self.slices:
            amount = min(self._slice, market.spendable(self.name, self.client + 1))
            self.raised += _sell(market, self.name, self.client, amount, 0.0) if amount > 0 else 0.0
