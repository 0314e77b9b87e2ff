"""Reward schedules: uniform, or any list that never increases, fixed at creation."""

import pytest
from onchain.world import Federation, refused

PARTS = [500_000_000_000, 300_000_000_000, 150_000_000_000, 50_000_000_000]


def test_pots_follow_a_listed_schedule() -> None:
    federation = Federation(schedule=PARTS).open(2)
    assert [federation.scenario.scheduled(r) for r in range(1, 5)] == PARTS
    left = federation.budget
    for part in PARTS:
        federation.scenario.open_round(sender=federation.federator)
        left -= part
        assert federation.scenario.pot() == part
        assert federation.clock()[1] == left
        federation.settle([1, 1])
    assert federation.scenario.escrow() == 0


def test_an_empty_list_is_the_uniform_schedule() -> None:
    federation = Federation(budget=10**9 + 2, rounds=4).open(1)
    parts = []
    for _ in range(4):
        before = federation.clock()[1]
        federation.round()
        parts.append(before - federation.clock()[1])
    assert parts == sorted(parts, reverse=True)
    assert sum(parts) == 10**9 + 2
    assert parts[0] - parts[-1] <= 1


@pytest.mark.parametrize("rounds", [1, 2, 3, 256])
def test_lists_of_any_length_are_kept(rounds: int) -> None:
    budget = 10**12
    parts = [budget // rounds] * rounds
    parts[0] += budget - sum(parts)
    federation = Federation(schedule=parts, rounds=rounds)
    assert [federation.scenario.scheduled(r) for r in range(1, rounds + 1)] == parts


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        (PARTS[:3], "schedule: not one part for each round"),
        ([*PARTS, 0], "schedule: not one part for each round"),
        ([PARTS[1], PARTS[0], *PARTS[2:]], "schedule: a part is larger than the one before"),
        ([*PARTS[:3], PARTS[3] - 1], "schedule: the parts do not sum to the budget"),
        ([*PARTS[:3], PARTS[3] + 1], "schedule: the parts do not sum to the budget"),
        ([10**12 + 1, 0, 0, 0], "schedule: a part is larger than the one before"),
        # B / 256 is 3,906,250,000.
        (
            [10**12 - 3 * 3_906_250_000 + 1, 3_906_250_000, 3_906_250_000, 3_906_249_999],
            "schedule: last part below 1/256 of the budget",
        ),
    ],
)
def test_other_lists_are_refused(parts: list[int], reason: str) -> None:
    with refused(reason):
        Federation(schedule=parts)


def test_the_smallest_last_part_is_a_256th() -> None:
    parts = [10**12 - 3 * 3_906_250_000, 3_906_250_000, 3_906_250_000, 3_906_250_000]
    federation = Federation(schedule=parts).open(2)
    federation.mature()
    assert federation.scenario.escrow() == 0


def test_the_price_falls_by_what_each_round_takes() -> None:
    federation = Federation(schedule=PARTS).open(3)
    before, left = federation.pool.spot_price(1), federation.budget
    for part in PARTS[:-1]:
        left -= part
        federation.round()
        assert federation.pool.spot_price(1) == pytest.approx(before * left / federation.budget, rel=1e-12)


def test_pots_are_whole_reward_units_and_the_rest_waits() -> None:
    federation = Federation(budget=2**41 + 2, rounds=2, schedule=[2**40 + 2, 2**40]).open(1)
    assert federation.scenario.quantum() == 3
    federation.scenario.open_round(sender=federation.federator)
    assert federation.scenario.pot() == (2**40 + 2) // 3 * 3
    federation.settle()
    carried = (2**40 + 2) % 3
    federation.scenario.open_round(sender=federation.federator)
    assert federation.scenario.pot() == (2**40 + carried) // 3 * 3
    federation.settle()
    assert federation.scenario.escrow() == (2**40 + carried) % 3


def test_the_largest_budget_fits_a_list() -> None:
    budget = 2**109 - 1
    schedule = [budget - budget // 2, budget // 2]
    federation = Federation(budget=budget, rounds=2, schedule=schedule).open(2)
    federation.round()
    assert [federation.scenario.scheduled(r) for r in (1, 2)] == schedule
    assert federation.clock()[1] == budget // 2


def test_a_part_that_would_wrap_around_is_refused() -> None:
    with refused("schedule: a part is larger than the one before"):
        Federation(schedule=[2**255, 2**255, 0, 0])
