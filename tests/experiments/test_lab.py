"""A federation's life in the laboratory: what is known without a run."""

import numpy as np
import pytest

from wallstreetfeds.experiments.lab import (
    PROVIDER,
    Life,
    Role,
    Stage,
    client_names,
    endow,
    open_stage,
    own_numbers,
    scores_of,
    theory,
    wealth,
)
from wallstreetfeds.sim.agents import NoiseTrader, Treasurer, ValueInvestor
from wallstreetfeds.sim.curves import CURVES
from wallstreetfeds.sim.market import NUMERAIRE
from wallstreetfeds.sim.simulation import trade

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


class Idle:
    """Comes to every session and does nothing."""

    name = "idle"

    def step(self, market, rng):
        rng.random()


def crowd(*more):
    agents = [
        ValueInvestor("anna"),
        NoiseTrader("boris"),
        *(Treasurer(f"client-{k + 1}", k) for k in range(3)),
    ]
    return [Role(agent, own_numbers(5, agent.name)) for agent in (*more, *agents)]


def ends_with(roles):
    cash = {"anna": 2e4, "boris": 2e4, "idle": 1e4}
    market, _, _ = lived(Stage(**SMALL), np.array([[0.6, 0.3, 0.1]] * 6), roles, cash)
    assert len({trade.trader for trade in market.trades()}) > 2
    return {name: wealth(market, name, market.spot_prices()) for name in ("anna", "boris", *client_names(3))}


def test_one_who_does_nothing_leaves_everybody_else_with_exactly_the_same_money():
    assert ends_with(crowd(Idle())) == ends_with(crowd())


def test_roles_act_in_an_order_that_changes_from_session_to_session():
    market, seen = open_stage(Stage(**SMALL), {}), []

    class Seen(Idle):
        def __init__(self, name):
            self.name = name

        def step(self, market, rng):
            seen.append(self.name)

    life = Life(market, [Role(Seen(name), own_numbers(1, name)) for name in "abc"], rng())
    for _ in range(40):
        life.session()
    orders = {tuple(seen[at : at + 3]) for at in range(0, len(seen), 3)}
    assert len(orders) == 6


def test_the_place_in_the_order_takes_no_number_from_a_roles_steps():
    role = Role(Idle(), own_numbers(5, "idle"))
    assert 0 <= role.place() < 1
    assert role.own.random() == own_numbers(5, "idle").random()


def test_agents_that_are_no_roles_act_in_the_order_of_the_lifes_own_numbers():
    cash, ends = {"anna": 2e4, "boris": 2e4}, []
    for step in (lambda market, agents, random: Life(market, agents, random).session(), trade):
        market, random = open_stage(Stage(**SMALL), cash), rng()
        step(market, [NoiseTrader("anna"), NoiseTrader("boris")], random)
        ends.append([*market.spot_prices(), random.random()])
    assert ends[0] == ends[1]


def test_the_bond_is_a_part_of_the_budget():
    assert open_stage(Stage(bond=0.2, **SMALL), {}).bond() == pytest.approx(2e5)
    assert Stage(**SMALL).terms.full_bond == pytest.approx(1e6 / 6)


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


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"supplies": (1.0,)}, "one number a client: 3, got 1"),
        ({"rounds": 2.5}, "rounds has to be a whole number, got 2.5"),
    ],
)
def test_a_stage_that_cannot_be_meant_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        Stage(**{**SMALL, **options})


@pytest.mark.parametrize("part", [2.0, -0.1, float("nan")])
def test_nobody_gets_more_than_there_is_or_less_than_nothing(part):
    with pytest.raises(ValueError, match="between 0 and 1"):
        endow(open_stage(Stage(**SMALL), {"anna": 0.0}), "anna", part)


@pytest.mark.parametrize("shape", [(6, 2), (6, 4), (3,)])
def test_shares_of_other_clients_are_refused(shape):
    life = Life(open_stage(Stage(**SMALL), {}), [], rng())
    with pytest.raises(ValueError, match="for 3 clients"):
        life.play(np.full(shape, 1 / 3))
