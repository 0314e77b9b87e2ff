"""A federation's life in the laboratory: what is known without a run."""

import numpy as np
import pytest

from wallstreetfeds.experiments.lab import (
    PROVIDER,
    Life,
    Stage,
    client_names,
    endow,
    open_stage,
    scores_of,
    theory,
    wealth,
)
from wallstreetfeds.sim.agents import ValueInvestor
from wallstreetfeds.sim.curves import CURVES
from wallstreetfeds.sim.market import NUMERAIRE

EQUAL = np.full((6, 3), 1 / 3)
SMALL = {"clients": 3, "rounds": 6}


def rng():
    return np.random.default_rng(3)


def lived(stage, shares, agents=(), cash=None, **options):
    market = open_stage(stage, cash or {})
    life = Life(market, agents, rng(), **options)
    return market, life, list(life.play(shares))


def test_a_life_has_three_moments_a_round():
    _, _, moments = lived(Stage(**SMALL), EQUAL)
    assert [(moment.round, moment.phase) for moment in moments[:4]] == [
        (1, "trading"),
        (1, "opened"),
        (1, "paid"),
        (2, "trading"),
    ]
    assert len(moments) == 18


def test_on_the_clock_prices_are_theory_with_nobody_trading():
    market = open_stage(Stage(**SMALL), {})
    for moment in Life(market, [], rng()).play(EQUAL):
        if moment.round < 6:
            assert market.spot_prices() == pytest.approx(theory(market, EQUAL[0]), rel=1e-9)


@pytest.mark.parametrize("curve", CURVES)
def test_providers_that_nobody_trades_with_have_what_holding_gives(curve):
    _, life, _ = lived(Stage(curve=curve, **SMALL), EQUAL)
    assert life.liquidity_result() == pytest.approx(1.0, rel=1e-9)
    assert sum(life.pots) == pytest.approx(1e6)
    assert life.per_token.sum() == pytest.approx(1.0)


def test_between_opening_and_payment_theory_counts_a_pot_that_is_still_to_be_earned():
    shares = np.array([0.5, 0.3, 0.2])
    for curve, pending in (("clock", 0.0), ("clock-settlement", 1e6 / 6)):
        market = open_stage(Stage(curve=curve, **SMALL), {})
        market.open_round()
        worth = theory(market, EQUAL[0], coming=shares)
        assert worth == pytest.approx((EQUAL[0] * 1e6 * 5 / 6 + shares * pending) / 1e6)


def test_what_clients_give_away_is_theirs_no_more():
    market = open_stage(Stage(**SMALL), {"anna": 10.0})
    endow(market, "anna", 0.1)
    assert [market.balance_of("anna", k + 1) for k in range(3)] == pytest.approx([1e5] * 3)
    assert market.balance_of(client_names(3)[0], 1) == pytest.approx(7e5)
    assert wealth(market, "anna", np.full(3, 0.5)) == pytest.approx(10 + 1.5e5)


def test_depth_is_what_the_provider_brings():
    market = open_stage(Stage(depth=0.05, **SMALL), {})
    assert market.reserves()[NUMERAIRE] == pytest.approx(50_000)
    assert market.spot_prices() == pytest.approx([1 / 3] * 3)
    assert market.lp_shares(PROVIDER) > 0


def test_scores_pay_the_shares():
    assert scores_of([0.25, 0.75]) == [250_000_000, 750_000_000]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"curve": "square"}, "no curve 'square'; there are: "),
        ({"market": "moon"}, "no market 'moon'"),
        ({"market": "chain", "curve": "lmsr"}, "no contract has the curve 'lmsr'"),
        ({"clients": 0}, "at least one client"),
        ({"depth": -0.1}, "has to be a number of at least 0"),
    ],
)
def test_what_cannot_be_opened_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        open_stage(Stage(**SMALL | change), {})


def test_the_contracts_and_the_model_live_the_same_life():
    shares = np.array([[0.6, 0.3, 0.1]] * 2)
    ends = []
    for kind in ("model", "chain"):
        stage = Stage(clients=3, rounds=2, market=kind)
        agents = [ValueInvestor("anna"), ValueInvestor("boris", spend=0.1)]
        market, life, _ = lived(stage, shares, agents, {"anna": 2e4, "boris": 1e4}, sessions=(1, 1))
        ends.append([life.liquidity_result(), wealth(market, "anna", np.zeros(3)), *life.per_token])
    assert ends[0] == pytest.approx(ends[1], rel=1e-6)
