"""The federation of the benchmark is learned, traded and paid for real."""

from __future__ import annotations

import numpy as np
import pytest

from wallstreetfeds.bench.sim import federation_market
from wallstreetfeds.bench.sim.federation import measure_federation
from wallstreetfeds.bench.sim.federation_market import BUDGET, play, scores_of
from wallstreetfeds.bench.sim.sizes import QUICK, Sizes
from wallstreetfeds.contribution import SCORE_TOTAL
from wallstreetfeds.sim.model.batch import swap_many

SHARES = np.array([[0.4, 0.3, 0.2, 0.1]] * 5)


@pytest.fixture(scope="module")
def played():
    return play(SHARES, 60)


def test_every_round_has_its_trades_and_is_paid(played):
    assert (played.trades >= 60).all()
    assert played.market.finalized() == len(SHARES)
    np.testing.assert_allclose(played.market.reward_shares(), SHARES, atol=1e-9)


def test_the_whole_budget_reaches_somebody(played):
    assert played.paid == pytest.approx(BUDGET, rel=1e-6)


def test_trades_that_are_refused_are_made_again_by_others(monkeypatch):
    fills = []

    def poor(market, names, orders):
        # Three of four ask for more than a pool gives.
        orders.amounts_in[::4] *= 1e4
        found = swap_many(market, names, orders)
        fills.append(np.count_nonzero(found.codes == 0))
        return found

    monkeypatch.setattr(federation_market, "swap_many", poor)
    assert play(SHARES[:1], 40).trades.tolist() == [sum(fills)] == [40]
    assert len(fills) > 1


def test_investors_follow_what_is_paid(played):
    prices = played.snapshots[-1].prices
    assert (np.diff(prices) < 0).all()


def test_the_same_shares_give_the_same_market(played):
    again = play(SHARES, 60)
    assert again.market.reserves().tolist() == played.market.reserves().tolist()


def test_scores_survive_the_way_through_shares():
    scores = np.array([333_333_333, 0, 1, 666_666_666])
    assert scores_of(scores / SCORE_TOTAL) == scores.tolist()


def test_parts_are_of_the_whole():
    figures = measure_federation(QUICK)
    parts = figures["federation"]
    learning = figures["federation_50x50_learning_seconds"]
    assert parts["trades_per_round"] == QUICK.trades
    assert parts["training_seconds"] + parts["assessment_seconds"] == pytest.approx(learning)
    # One repeat: medians are that run's own times.
    assert learning + parts["market_seconds"] == pytest.approx(figures["federation_50x50_seconds"], abs=0.01)


def test_a_full_run_is_the_federation_that_is_asked_for():
    sizes = Sizes()
    assert (sizes.clients, sizes.assessed_rounds, sizes.trades, sizes.threads) == (50, 50, 500, 2)
