"""Orchestrator.create_scenario: the registry, and the domain of the terms."""

from typing import Any

import boa
import pytest
from onchain.world import DAY, WAD, Federation, event, orchestrator, refused


def test_the_caller_becomes_the_federator_of_a_new_scenario() -> None:
    federation = Federation()
    scenario = federation.scenario
    assert scenario.federator() == federation.federator
    assert tuple(scenario.terms()) == tuple(federation.terms.values())
    assert scenario.clock() == (0, 0, 0, 0)
    assert not scenario.funded()


def test_the_registry_lists_scenarios_in_order() -> None:
    first, second = Federation(), Federation()
    registry = first.orchestrator
    count = registry.scenario_count()
    assert registry.scenario_at(count - 2) == first.scenario.address
    assert registry.scenario_at(count - 1) == second.scenario.address
    assert registry.is_scenario(first.scenario)
    assert not registry.is_scenario(first.federator)


def test_creation_is_announced() -> None:
    federation = Federation()
    assert event(federation.orchestrator, "ScenarioCreated") == {
        "scenario": federation.scenario.address,
        "federator": federation.federator,
        "index": federation.orchestrator.scenario_count() - 1,
    }


@pytest.mark.parametrize(
    "terms",
    [
        {"rounds": 1},
        {"rounds": 256},
        {"rounds": 7, "budget": 7_000},
        {"budget": 2**109 - 1},
        {"supply": 10**9},
        {"supply": (2**64 - 1) // 10**6 * 10**6},
        {"max_clients": 1},
        {"max_clients": 64},
        {"listed": 1},
        {"listed": WAD},
        {"score_cap": WAD},
        {"score_cap": 64 * WAD},
        {"swap_fee": 0},
        {"swap_fee": 2 * 10**17},
        {"opening_fee": 3 * 10**15},
        {"opening_fee": 99 * 10**16},
        {"opening_period": 612},
        {"opening_period": 30 * DAY},
        {"opening_period": 0, "opening_fee": 0},
        {"clock": False},
        {"listed": WAD // 2, "retained": WAD // 2},
        {"bond": 10**12},
        {"challenge_window": 1, "ruling_period": 1, "challenge_bond": WAD},
        {"challenge_window": 365 * DAY, "ruling_period": 365 * DAY},
        {"training_time": 59, "round_deadline": 60},
        {"round_deadline": 365 * DAY},
        {"round_gap": 1},
        {"round_gap": 365 * DAY},
    ],
    ids=str,
)
def test_terms_at_the_edge_are_accepted(terms: dict[str, Any]) -> None:
    federation = Federation(**terms)
    assert tuple(federation.scenario.terms()) == tuple(federation.terms.values())


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        ({"rounds": 0}, "terms: rounds not in 1..256"),
        ({"rounds": 257}, "terms: rounds not in 1..256"),
        ({"rounds": 7, "budget": 6_999}, "terms: budget below 1000 units a round"),
        ({"budget": 2**109}, "terms: budget above 2^109 units"),
        ({"supply": 10**9 - 1}, "terms: supply not in 10^9..2^64 units"),
        ({"supply": 2**64}, "terms: supply not in 10^9..2^64 units"),
        ({"max_clients": 0}, "terms: max_clients not in 1..64"),
        ({"max_clients": 65}, "terms: max_clients not in 1..64"),
        ({"listed": 0}, "terms: listed not in 0..1"),
        ({"listed": WAD + 1}, "terms: listed not in 0..1"),
        ({"score_cap": WAD - 1}, "terms: score_cap not in 1..64"),
        ({"score_cap": 64 * WAD + 1}, "terms: score_cap not in 1..64"),
        ({"swap_fee": 2 * 10**17 + 1}, "terms: swap fee above 20%"),
        ({"opening_fee": 3 * 10**15 - 1}, "terms: opening fee not between the swap fee and 99%"),
        ({"opening_fee": 99 * 10**16 + 1}, "terms: opening fee not between the swap fee and 99%"),
        ({"opening_period": 611}, "terms: opening period not 0 or 612 s to 30 days"),
        ({"supply": 10**9 + 1}, "terms: supply not a multiple of 10^6 units"),
        ({"retained": 8 * WAD // 10 + 1}, "terms: listed and retained parts above 1"),
        ({"bond": 10**12 + 1}, "terms: bond above the budget"),
        ({"challenge_window": 365 * DAY + 1}, "terms: challenge window above a year"),
        ({"challenge_window": 1, "ruling_period": 0}, "terms: ruling period not in 1 s to a year"),
        (
            {"challenge_window": 1, "ruling_period": 365 * DAY + 1},
            "terms: ruling period not in 1 s to a year",
        ),
        (
            {"challenge_window": 1, "ruling_period": 1, "challenge_bond": WAD + 1},
            "terms: challenge bond above the pot",
        ),
        (
            {"training_time": 60, "round_deadline": 60},
            "terms: round deadline not between the training time and a year",
        ),
        (
            {"round_deadline": 365 * DAY + 1},
            "terms: round deadline not between the training time and a year",
        ),
        ({"round_gap": 0}, "terms: round gap not in 1 s to a year"),
        ({"round_gap": 365 * DAY + 1}, "terms: round gap not in 1 s to a year"),
        ({"gate": "0x" + "11" * 20}, "terms: gate is not a contract"),
        ({"opening_period": 30 * DAY + 1}, "terms: opening period not 0 or 612 s to 30 days"),
    ],
    ids=str,
)
def test_terms_beyond_the_edge_are_refused(terms: dict[str, Any], reason: str) -> None:
    with refused(reason):
        Federation(**terms)


def test_a_numeraire_without_code_is_refused() -> None:
    account = boa.env.generate_address()
    terms = Federation().terms | {"numeraire": account}
    with refused("terms: numeraire is not a contract"):
        orchestrator().create_scenario(tuple(terms.values()), [])


def test_challenges_need_an_arbiter_who_is_not_the_federator() -> None:
    registry, made = orchestrator(), Federation()
    windows = {"challenge_window": 1, "ruling_period": 1}
    with refused("terms: no arbiter for challenges"):
        registry.create_scenario(tuple((made.terms | windows).values()), [], sender=made.federator)
    terms = made.terms | windows | {"arbiter": made.federator}
    with refused("terms: the federator cannot be the arbiter"):
        registry.create_scenario(tuple(terms.values()), [], sender=made.federator)


def test_an_opening_deadline_that_has_passed_is_refused() -> None:
    with refused("terms: opening deadline has passed"):
        Federation(opening_deadline=boa.env.timestamp)
    assert Federation(opening_deadline=boa.env.timestamp + 1).scenario.funded() is False


def test_a_refused_creation_leaves_the_registry_alone() -> None:
    registry = Federation().orchestrator
    count = registry.scenario_count()
    with refused("terms: rounds not in 1..256"):
        Federation(rounds=0)
    assert registry.scenario_count() == count


@pytest.mark.parametrize(
    ("budget", "quantum"),
    [(2**40, 1), (2**40 + 1, 2), (10**12, 1), (10**24, 909_494_701_773), (2**109 - 1, 2**69)],
)
def test_the_budget_is_at_most_2_to_the_40_reward_units(budget: int, quantum: int) -> None:
    assert Federation(budget=budget).scenario.quantum() == quantum
    assert budget <= 2**40 * quantum


def test_the_parts_are_public_and_immutable() -> None:
    registry = Federation().orchestrator
    for part in (
        registry.scenario_blueprint(),
        registry.pool_blueprint(),
        registry.challenges_blueprint(),
        registry.token_implementation(),
    ):
        assert boa.env.get_code(part) != b""
