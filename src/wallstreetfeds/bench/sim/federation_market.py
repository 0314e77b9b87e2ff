"""The market of one learned federation: noise traders in batches, value investors through the seam."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.contribution import SCORE_TOTAL
from wallstreetfeds.sim.agents import ValueInvestor
from wallstreetfeds.sim.market import NUMERAIRE
from wallstreetfeds.sim.model.batch import Orders, swap_many
from wallstreetfeds.sim.model.market import ModelMarket
from wallstreetfeds.sim.model.terms import Terms
from wallstreetfeds.sim.recorder import Recorder, Snapshot
from wallstreetfeds.sim.simulation import trade

BUDGET: Final = 1_000_000.0
DEPOSIT: Final = 200_000.0
FEDERATOR: Final = "federator"
NOISE: Final = tuple(f"noise {k}" for k in range(10))
INVESTORS: Final = tuple(f"investor {k}" for k in range(3))
CASH: Final = 50_000.0
"""Whole numeraire of every trader and investor."""
NOISE_TOKENS: Final = 0.3
"""The part of its supply that every client has sold to the noise traders, in equal parts, before round 1."""
SMALLEST, LARGEST = 0.002, 0.01
"""A noise trade is such a part of what the pool has of the token."""
SEED: Final = 13


@dataclass(frozen=True)
class Played:
    """A federation's market after its last round.

    `trades` (rounds,) are the swaps of noise traders that were filled, those of investors not counted;
    `snapshots` has one of every trading session; `paid` is what everybody has claimed, whole numeraire.
    """

    market: ModelMarket
    trades: NDArray[np.int64]
    snapshots: list[Snapshot]
    paid: float


def play(reward_shares: NDArray[np.float64], trades: int) -> Played:
    """Trade, open and pay every round of a federation whose clients get `reward_shares` (rounds, clients).

    A round is a session of `trades` filled noise trades and a step of every value investor, then the record
    date, scores, payment, and everybody's claim.
    """
    market = _opened(*reward_shares.shape)
    agents = [ValueInvestor(name) for name in INVESTORS]
    everybody = [FEDERATOR, *NOISE, *INVESTORS, *_clients(market.clients)]
    rng, recorder = np.random.default_rng(SEED), Recorder()
    filled = np.zeros(len(reward_shares), dtype=np.int64)
    paid = 0.0
    for number, shares in enumerate(reward_shares):
        while filled[number] < trades:
            fills = swap_many(market, NOISE, noise_orders(market, trades - int(filled[number]), rng))
            filled[number] += np.count_nonzero(fills.codes == 0)
        trade(market, agents, rng)
        recorder.record(market)
        market.open_round()
        market.pay_round(scores_of(shares))
        paid += sum(market.claim(name) for name in everybody)
    return Played(market, filled, recorder.snapshots, paid)


def noise_orders(market: ModelMarket, count: int, rng: np.random.Generator) -> Orders:
    """Return orders of random noise traders to buy or sell a random token, sized by the pool's reserves."""
    tokens = rng.integers(1, market.clients + 1, size=count)
    amounts = rng.uniform(SMALLEST, LARGEST, count) * market.reserves()[tokens]
    buys = rng.random(count) < 0.5
    return Orders(
        rng.integers(len(NOISE), size=count),
        np.where(buys, NUMERAIRE, tokens),
        np.where(buys, tokens, NUMERAIRE),
        np.where(buys, amounts * market.spot_prices()[tokens - 1], amounts),
    )


def scores_of(shares: NDArray[np.float64]) -> list[int]:
    """Return the integer scores that pay `shares` (clients,), which are scores over their total."""
    # A score over the total and back may be the last bit below it.
    return [int(share) for share in shares * SCORE_TOTAL + 1e-3]


def _opened(rounds: int, clients: int) -> ModelMarket:
    terms = Terms(budget=BUDGET, rounds=rounds)
    cash = dict.fromkeys((*NOISE, *INVESTORS), CASH)
    names = _clients(clients)
    market = ModelMarket.open(terms, names, {FEDERATOR: DEPOSIT}, cash)
    market.advance_time(terms.opening_period)
    for asset, client in enumerate(names, start=1):
        for trader in NOISE:
            market.transfer(client, trader, asset, NOISE_TOKENS * terms.supply / len(NOISE))
    return market


def _clients(count: int) -> list[str]:
    return [f"client {k}" for k in range(count)]
