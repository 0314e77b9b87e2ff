"""Reward schedules: helpers give lists that the contracts take, and the checks are the contracts' own."""

from fractions import Fraction

import pytest

from wallstreetfeds.chain import ContractError
from wallstreetfeds.chain.bound import BoundContract
from wallstreetfeds.chain.schedule import check_schedule, geometric, proportional

BUDGET = 1_000_000_007


def test_parts_sum_to_the_budget_and_never_increase():
    for parts in (proportional(BUDGET, [5, 3, 3, 1]), geometric(BUDGET, 7, Fraction(2, 3))):
        assert sum(parts) == BUDGET
        assert parts == sorted(parts, reverse=True)
    assert proportional(10_000, [2, 1, 1]) == [5000, 2500, 2500]
    assert geometric(7000, 3, Fraction(1, 2)) == [4000, 2000, 1000]


def test_equal_weights_are_the_uniform_schedule(founding, session):
    federation = founding(session)
    federation.open()
    told = []
    for _ in range(3):
        told.append(federation.scenario.scheduled(len(told) + 1))
        federation.play([1, 1, 1])
    assert proportional(BUDGET, [1, 1, 1]) == told


def test_a_listed_schedule_is_what_the_scenario_keeps(founding, session):
    parts = proportional(BUDGET, [5, 3, 2])
    federation = founding(session, schedule=parts)
    assert [federation.scenario.scheduled(r) for r in (1, 2, 3)] == parts
    # The largest pot is half the budget, and so is the bond.
    assert federation.scenario.terms().bond == parts[0] == federation.scenario.court().bond()
    federation.open()
    federation.play([1, 2, 3])
    assert federation.scenario.clock().rho == BUDGET - parts[0]


WRONG = [
    ([BUDGET], "one part a round", "schedule: not one part for each round"),
    (
        [3, 4, BUDGET - 7],
        "must not increase",
        "schedule: a part is larger than the one before",
    ),
    ([5, 4, 3], "sum to 12", "schedule: the parts do not sum to the budget"),
    ([BUDGET - 2, 1, 1], "below a 256th", "schedule: last part below 1/256 of the budget"),
]


@pytest.mark.parametrize(("parts", "sentence", "reason"), WRONG)
def test_what_the_contract_refuses_is_refused_before(federation, parts, sentence, reason):
    terms = federation.scenario.terms()
    with pytest.raises(ValueError, match=sentence):
        check_schedule(parts, terms.budget, terms.rounds)
    with pytest.raises(ValueError, match=sentence):
        federation.orchestrator.create_scenario(terms, parts, sender=federation.federator)
    send = BoundContract._send_for
    with pytest.raises(ContractError, match=reason):
        send(
            federation.orchestrator,
            lambda events: None,
            "create_scenario",
            terms.as_tuple(),
            parts,
            sender=federation.federator,
        )


@pytest.mark.parametrize("weights", [[1, -1], [0, 0]])
def test_weights_that_mean_nothing_are_refused(weights):
    with pytest.raises(ValueError, match="weights of a schedule"):
        proportional(BUDGET, weights)
