"""The investor who knows something of its own: a guess at everybody's quality, made before any score."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.sim.agents.beliefs import trade_towards, values_of
from wallstreetfeds.sim.agents.checks import check
from wallstreetfeds.sim.market import Market


@dataclass
class SignalInvestor:
    """A value investor whose prior is not "equal" but the shares (clients,) of its `signal`.

    The prior weighs as much as `prior_rounds` rounds of scores; every round paid is one observation, as for
    a `ValueInvestor`, whose other parameters these are.  Raises ValueError for a signal that is no shares,
    and in a market of more or fewer clients than it has.
    """

    name: str
    signal: NDArray[np.float64]
    edge: float = 0.02
    prior_rounds: float = 1.0
    trades: int = 3
    spend: float = 0.25

    def __post_init__(self) -> None:
        check(self, parts=["spend"], amounts=["edge"], positive=["prior_rounds"], counts=["trades"])
        signal = np.asarray(self.signal)
        if signal.ndim != 1 or not (signal >= 0).all() or not np.isclose(signal.sum(), 1.0):
            raise ValueError(f"SignalInvestor: signal has to be shares that sum to 1, got {self.signal}")

    def step(self, market: Market, rng: np.random.Generator) -> None:  # noqa: ARG002
        """Trade the largest mispricings."""
        if len(self.signal) != market.clients:
            raise ValueError(f"{self.name} has a signal of {len(self.signal)} for {market.clients} clients")
        values = values_of(market, shares_with_prior(market.reward_shares(), self.signal, self.prior_rounds))
        trade_towards(market, self.name, values, edge=self.edge, trades=self.trades, spend=self.spend)


def shares_with_prior(
    past: NDArray[np.float64], prior: NDArray[np.float64], prior_rounds: float
) -> NDArray[np.float64]:
    """Return the shares (clients,) expected of rounds to come: a Dirichlet posterior's mean.

    From the `past` (rounds, clients) and a `prior` (clients,) that weighs as much as `prior_rounds` rounds.
    """
    shares: NDArray[np.float64] = (prior_rounds * prior + past.sum(axis=0)) / (prior_rounds + len(past))
    return shares


def noisy_signal(quality: NDArray[np.float64], error: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the shares (clients,) expected by somebody who saw `quality` (clients,) with a normal `error`.

    `error` is a standard deviation.  Who looks worst is expected to earn nothing, the others in proportion
    to how much better they look; shares are equal where all look alike.
    """
    seen = quality + rng.normal(0.0, error, len(quality))
    above = seen - seen.min()
    total = float(above.sum())
    return np.asarray(above / total) if total > 0 else np.full(len(quality), 1.0 / len(quality))
