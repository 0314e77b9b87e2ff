"""Scenario.top_up: every unopened pot grows in the same proportion, nothing else moves."""

import pytest
from onchain.world import Federation, event, refused


def test_unopened_pots_grow_pro_rata_and_no_weight_moves(opened: Federation) -> None:
    opened.round([1, 1, 1])
    weights, clock = opened.weights(), opened.clock()
    prices = [opened.pool.spot_price(k) for k in (1, 2, 3)]
    left = opened.scenario.escrow()
    opened.grant(opened.investor, left // 2)
    opened.scenario.top_up(left // 2, sender=opened.investor)
    assert event(opened.scenario, "ToppedUp") == {"payer": opened.investor, "amount": left // 2}
    assert (opened.weights(), opened.clock()) == (weights, clock)
    assert [opened.pool.spot_price(k) for k in (1, 2, 3)] == prices
    pots = []
    for _ in range(3):
        opened.scenario.open_round(sender=opened.federator)
        pots.append(opened.scenario.pot())
        opened.settle([1, 1, 1])
    assert pots == [left // 3 * 3 // 2] * 3
    assert opened.scenario.escrow() == 0


def test_the_pot_of_an_open_round_does_not_grow(opened: Federation) -> None:
    opened.scenario.open_round(sender=opened.federator)
    pot = opened.scenario.pot()
    opened.grant(opened.investor, 10**11)
    opened.scenario.top_up(10**11, sender=opened.investor)
    assert opened.scenario.pot() == pot
    assert opened.scenario.escrow() == opened.budget + 10**11


def test_a_listed_schedule_keeps_its_proportions() -> None:
    federation = Federation(schedule=[4 * 10**11, 3 * 10**11, 2 * 10**11, 10**11]).open(1)
    federation.round()
    federation.grant(federation.investor, 6 * 10**11)
    federation.scenario.top_up(6 * 10**11, sender=federation.investor)
    pots = []
    for _ in range(3):
        federation.scenario.open_round(sender=federation.federator)
        pots.append(federation.scenario.pot())
        federation.settle()
    assert pots == [6 * 10**11, 4 * 10**11, 2 * 10**11]


def test_before_the_opening_and_after_the_last_round_it_is_refused(joined: Federation) -> None:
    joined.grant(joined.investor, 10**12)
    with refused("the market is not open"):
        joined.scenario.top_up(1, sender=joined.investor)
    joined.start()
    for _ in range(joined.rounds - 1):
        joined.round()
    joined.scenario.top_up(1, sender=joined.investor)
    joined.scenario.open_round(sender=joined.federator)
    with refused("the market is not open"):
        joined.scenario.top_up(1, sender=joined.investor)


def test_nothing_is_no_top_up(opened: Federation) -> None:
    with refused("amount is zero"):
        opened.scenario.top_up(0, sender=opened.investor)


@pytest.mark.parametrize("budget", [2**40, 2**60])
def test_top_ups_end_at_what_the_history_holds(budget: int) -> None:
    federation = Federation(budget=budget, bond=budget, rounds=1).open(1)
    most = 3 * 2**39 * federation.scenario.quantum()
    federation.grant(federation.investor, 2 * most)
    with refused("top-ups above their maximum"):
        federation.scenario.top_up(most + 1, sender=federation.investor)
    federation.scenario.top_up(most, sender=federation.investor)
    with refused("top-ups above their maximum"):
        federation.scenario.top_up(1, sender=federation.investor)
    # The largest pot of all, with a slice of the largest bond, still fits one client's 42 bits.
    federation.scenario.open_round(sender=federation.federator)
    federation.pass_time(federation.round_deadline)
    federation.scenario.finalize_without_scores(1)
    assert federation.rewards(1) == [(budget + most) * 5 // 4 // federation.scenario.quantum()]


def test_a_top_up_needs_the_money_and_the_approval(opened: Federation) -> None:
    with refused("allowance too small"):
        opened.scenario.top_up(1, sender=opened.investor)
    opened.grant(opened.investor, 10)
    with refused("balance too small"):
        opened.scenario.top_up(11, sender=opened.investor)
    opened.scenario.top_up(10, sender=opened.investor)
    assert opened.numeraire.balanceOf(opened.scenario) == opened.budget + 10


def test_a_cancelled_federation_takes_none(joined: Federation) -> None:
    joined.scenario.cancel(sender=joined.federator)
    joined.grant(joined.investor, 1)
    with refused("the market is not open"):
        joined.scenario.top_up(1, sender=joined.investor)


def test_each_top_up_counts_in_whole_reward_units() -> None:
    federation = Federation(budget=10**24, rounds=1).open(1)
    quantum = federation.scenario.quantum()
    federation.grant(federation.investor, 3 * 2**39 * quantum)
    federation.scenario.top_up(1, sender=federation.investor)
    with refused("top-ups above their maximum"):
        federation.scenario.top_up((3 * 2**39 - 1) * quantum + 1, sender=federation.investor)
    federation.scenario.top_up((3 * 2**39 - 1) * quantum, sender=federation.investor)
