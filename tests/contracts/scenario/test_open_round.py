"""Scenario.open_round: record date, ex-date, and the one step of the clock."""

from fractions import Fraction

import pytest
from onchain.world import Federation, event, packed, refused


def test_opening_a_round_takes_its_pot_out_of_the_schedule(opened: Federation) -> None:
    number = opened.scenario.open_round(sender=opened.federator)
    pot = opened.budget // opened.rounds
    assert number == 1
    assert event(opened.scenario, "RoundOpened") == {"round": 1, "pot": pot, "rho": opened.budget - pot}
    assert opened.clock() == (opened.budget, opened.budget - pot, 1, 0)
    assert opened.scenario.pot() == pot
    assert opened.scenario.escrow() == opened.budget


def test_only_the_federator_opens_a_round(opened: Federation) -> None:
    with refused("not the federator, not overdue"):
        opened.scenario.open_round(sender=opened.attacker)


def test_no_round_opens_before_the_market(joined: Federation) -> None:
    with refused("the market is not open"):
        joined.scenario.open_round(sender=joined.federator)


def test_one_round_at_a_time(opened: Federation) -> None:
    opened.scenario.open_round(sender=opened.federator)
    with refused("the open round is not finalised"):
        opened.scenario.open_round(sender=opened.federator)
    opened.scenario.submit_scores(1, packed([1, 1, 1]), b"\0" * 32, sender=opened.federator)
    with refused("the open round is not finalised"):
        opened.scenario.open_round(sender=opened.federator)
    opened.scenario.finalize_round(1, packed([1, 1, 1]))
    assert opened.scenario.open_round(sender=opened.federator) == 2


@pytest.mark.parametrize("rounds", [1, 4])
def test_there_are_as_many_rounds_as_agreed(rounds: int) -> None:
    federation = Federation(rounds=rounds).open(2)
    for number in range(1, rounds + 1):
        assert federation.clock()[1] > 0
        assert federation.round() == number
    assert federation.clock() == (federation.budget, 0, rounds, rounds)
    with refused("all rounds have been opened"):
        federation.scenario.open_round(sender=federation.federator)


@pytest.mark.parametrize(
    ("budget", "rounds"), [(10**12, 3), (10**12 + 1, 7), (7_003, 7), (10**24 + 12_345, 5), (256_255, 256)]
)
def test_pots_never_increase_and_only_dust_is_left(budget: int, rounds: int) -> None:
    federation = Federation(budget=budget, rounds=rounds).fund().join(1).deposit(10**6 + budget // 5).start()
    quantum = federation.scenario.quantum()
    pots, parts, rho = [], [], budget
    for _ in range(rounds):
        federation.scenario.open_round(sender=federation.federator)
        pots.append(federation.scenario.pot())
        parts.append(rho - federation.clock()[1])
        rho = federation.clock()[1]
        federation.settle()
    assert parts == sorted(parts, reverse=True)
    assert sum(parts) == budget
    # The pots follow the schedule to one reward unit, and what is left is less than one.
    for pot, part in zip(pots, parts, strict=True):
        assert abs(pot - part) <= 2 * quantum
    assert budget - sum(pots) == federation.scenario.escrow() < quantum
    assert federation.scenario.escrow() == budget % quantum


def test_client_prices_fall_by_one_factor_and_cross_prices_stay(opened: Federation) -> None:
    trader = opened.equip(opened.investor, 10**12)
    opened.swap(trader, 0, 1, 10**10)
    opened.swap(trader, 0, 3, 2 * 10**10)
    for _ in range(opened.rounds - 1):
        before = [opened.pool.spot_price(k) for k in (1, 2, 3)]
        weights, rho = opened.weights(), opened.clock()[1]
        opened.scenario.open_round(sender=opened.federator)
        factor = Fraction(opened.clock()[1], rho)
        after = [opened.pool.spot_price(k) for k in (1, 2, 3)]
        for old, new in zip(before, after, strict=True):
            assert new == pytest.approx(float(old * factor), rel=1e-14)
            # Cross prices, exactly but for the rounding of the two quotes.
            assert abs(Fraction(new, after[0]) / Fraction(old, before[0]) - 1) < Fraction(1, 10**14)
        assert opened.weights()[1:] == weights[1:]
        assert opened.weights()[0] > weights[0]
        opened.settle()


def test_the_numeraire_weight_is_base_times_budget_over_rho(opened: Federation) -> None:
    base = opened.weights()[0]
    while opened.clock()[1] > 0:
        budget, rho, _, _ = opened.clock()
        assert opened.weights()[0] == base * budget // rho
        opened.round([5, 0, 2])
    assert opened.weights()[0] == 0


def test_the_clock_that_is_off_moves_nothing() -> None:
    federation = Federation(clock=False).open(2)
    weights, price = federation.weights(), federation.pool.spot_price(1)
    for _ in range(federation.rounds - 1):
        federation.round()
        assert federation.weights() == weights
        assert federation.pool.spot_price(1) == price
    federation.round()
    assert federation.pool.spot_price(1) == 0


def test_no_other_call_moves_a_weight(opened: Federation) -> None:
    scenario, federator = opened.scenario, opened.federator
    trader = opened.equip(opened.investor, 10**13, 10**17)
    weights = opened.weights()

    def unmoved() -> bool:
        return opened.weights() == weights

    opened.swap(trader, 0, 1, 10**10)
    assert unmoved()
    opened.swap(trader, 1, 2, 10**15)
    assert unmoved()
    opened.add(trader, 10**14)
    assert unmoved()
    opened.remove(trader, 10**13)
    assert unmoved()
    opened.numeraire.transfer(opened.pool, 10**9, sender=trader)
    opened.tokens[0].transfer(opened.pool, 10**9, sender=trader)
    assert unmoved()
    scenario.open_round(sender=federator)
    assert not unmoved()
    weights = opened.weights()
    scenario.submit_scores(1, packed([1, 2, 3]), b"\0" * 32, sender=federator)
    assert unmoved()
    scenario.finalize_round(1, packed([1, 2, 3]))
    assert unmoved()
    opened.tokens[0].claim(sender=trader)
    opened.pool.claim(sender=trader)
    opened.pool.harvest()
    assert unmoved()


def test_a_swap_is_priced_by_the_new_weight(opened: Federation) -> None:
    trader = opened.equip(opened.investor)
    before = opened.pool.quote_exact_in(0, 1, 10**6)
    opened.scenario.open_round(sender=opened.federator)
    after = opened.swap(trader, 0, 1, 10**6)
    assert after / before == pytest.approx(opened.rounds / (opened.rounds - 1), rel=1e-4)
