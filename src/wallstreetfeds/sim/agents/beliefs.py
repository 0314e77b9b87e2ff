"""What an agent thinks a token is worth, from what everybody has seen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.sim.agents.agent import buy, sell
from wallstreetfeds.sim.fair_value import fair_prices
from wallstreetfeds.sim.market import NUMERAIRE, Market


def expected_shares(past: NDArray[np.float64], prior_rounds: float) -> NDArray[np.float64]:
    """Return the shares (clients,) expected of rounds to come, from those paid so far (rounds, clients).

    A Bayesian's posterior mean: shares are Dirichlet, the prior says "equal" with the weight of
    `prior_rounds` rounds, and every round paid counts as one observation.
    """
    clients = past.shape[1]
    shares: NDArray[np.float64] = (prior_rounds / clients + past.sum(axis=0)) / (prior_rounds + len(past))
    return shares


def values_of(market: Market, shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what each token is worth (clients,) if `shares` (clients,) go on, numeraire per whole token.

    Of what is in escrow, top-ups included, and of an open pot that belongs to those who will hold then.
    """
    supplies = np.array([market.supply(k) for k in range(market.clients)])
    return fair_prices(shares, market.escrow() + market.pending(), supplies)


def believed_values(market: Market, prior_rounds: float) -> NDArray[np.float64]:
    """Return what each token is worth (clients,) to a Bayesian who has seen the rounds paid so far."""
    return values_of(market, expected_shares(market.reward_shares(), prior_rounds))


def trade_towards(
    market: Market,
    trader: str,
    values: NDArray[np.float64],
    *,
    edge: float,
    trades: int,
    spend: float,
) -> int:
    """Trade up to `trades` tokens towards `values` (clients,), the largest gap first; returns how many.

    Only where the price is off by more than `edge` and the fee, at a mean price half-way between price and
    value, so that the last token costs about what it is worth. A purchase takes at most the
    part `spend` of the trader's numeraire.
    """
    if market.remaining() <= 0:
        return 0
    prices = market.spot_prices()
    with np.errstate(divide="ignore", invalid="ignore"):
        # What costs nothing is the largest gap of all; a token in no pool is none.
        gap = np.nan_to_num((values - prices) / prices, nan=0.0, posinf=np.inf)
    threshold = edge + market.swap_fee()
    done = 0
    for client in np.argsort(-np.abs(gap), kind="stable"):
        k = int(client)
        if done == trades or abs(gap[k]) <= threshold:
            break
        halfway = float(prices[k] + values[k]) / 2
        if gap[k] > 0:
            traded = buy(market, trader, k, market.balance_of(trader, NUMERAIRE) * spend, halfway)
        else:
            traded = sell(market, trader, k, market.balance_of(trader, k + 1), halfway)
        done += traded > 0
    return done
