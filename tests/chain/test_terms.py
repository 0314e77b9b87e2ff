"""Terms are refused in Python where the contracts would refuse them."""

import dataclasses

import pytest

from wallstreetfeds.chain import Terms
from wallstreetfeds.chain.abi import ZERO_ADDRESS
from wallstreetfeds.chain.artifacts import artifact

DAY = 86_400
SOMEBODY = "0x" + "22" * 20
GOOD = {"numeraire": "0x" + "11" * 20, "budget": 10**9, "rounds": 10, "opening_deadline": 2_000_000_000}


def test_defaults_are_those_of_the_design():
    terms = Terms(**GOOD)
    assert (terms.supply, terms.max_clients, terms.open_registration) == (10**18, 64, False)
    assert (terms.listed, terms.score_cap) == (2 * 10**17, 4 * 10**18)
    assert (terms.retained, terms.late_joins, terms.gate) == (2 * 10**17, False, ZERO_ADDRESS)
    assert (terms.arbiter, terms.window, terms.challenge_bond) == (ZERO_ADDRESS, 0, 5 * 10**16)
    assert (terms.training_time, terms.round_deadline, terms.round_gap) == (0, 7 * DAY, 7 * DAY)
    assert (terms.swap_fee, terms.opening_fee, terms.opening_period) == (3 * 10**15, 9 * 10**17, 3600)
    assert terms.clock


def test_with_an_arbiter_there_is_a_window():
    assert Terms(**GOOD, arbiter=SOMEBODY).window == 2 * DAY
    assert Terms(**GOOD, arbiter=SOMEBODY, challenge_window=0).window == 0
    assert Terms(**GOOD, arbiter=SOMEBODY).complete().challenge_window == 2 * DAY
    with pytest.raises(ValueError, match="a challenge_window needs an arbiter"):
        Terms(**GOOD, challenge_window=1)


def test_the_bond_is_the_largest_pot_or_two_per_cent():
    assert Terms(**GOOD).complete().bond == 10**8
    assert Terms(**GOOD | {"rounds": 100}).complete().bond == 2 * 10**7
    assert Terms(**GOOD | {"rounds": 3}).full_bond() == 333_333_334
    assert Terms(**GOOD | {"rounds": 2}).full_bond([6 * 10**8, 4 * 10**8]) == 6 * 10**8
    assert Terms(**GOOD, bond=0).complete().bond == 0


def test_fields_are_those_of_the_contract_struct_in_its_order():
    (getter,) = (entry for entry in artifact("Scenario").abi if entry.get("name") == "terms")
    struct = [item["name"] for item in getter["outputs"][0]["components"]]
    assert [field.name for field in dataclasses.fields(Terms)] == struct


def test_terms_come_back_from_the_contract(federation):
    terms = federation.scenario.terms()
    assert terms.numeraire == federation.numeraire.address
    assert (terms.budget, terms.rounds, terms.clock) == (1_000_000_007, 3, True)
    assert terms.supply == Terms(**GOOD).supply
    assert (terms.bond, terms.challenge_window) == (333_333_336, 0)


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("numeraire", "0x12"),
        ("budget", 9_999),
        ("budget", 2**109),
        ("supply", 10**18 + 1),
        ("retained", 8 * 10**17 + 1),
        ("bond", 10**9 + 1),
        ("arbiter", "nobody"),
        ("gate", ""),
        ("training_time", 7 * DAY),
        ("training_time", -1),
        ("challenge_window", -1),
        ("round_deadline", 366 * DAY),
        ("round_gap", 0),
        ("rounds", 0),
        ("rounds", 257),
        ("supply", 2**64),
        ("max_clients", 65),
        ("listed", 0),
        ("listed", 10**18 + 1),
        ("score_cap", 10**18 - 1),
        ("swap_fee", 2 * 10**17 + 1),
        ("opening_fee", 10**15),
        ("opening_period", 600),
    ],
)
def test_wrong_terms_are_named(field, wrong):
    with pytest.raises(ValueError, match=field):
        Terms(**{**GOOD, field: wrong})


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("challenge_window", 366 * DAY),
        ("ruling_period", 0),
        ("ruling_period", 366 * DAY),
        ("challenge_bond", 10**18 + 1),
    ],
)
def test_wrong_terms_of_challenges_are_named(field, wrong):
    with pytest.raises(ValueError, match=field):
        Terms(**{**GOOD, "arbiter": SOMEBODY, field: wrong})


def test_no_opening_period_needs_no_opening_fee():
    assert Terms(**GOOD, opening_period=0, opening_fee=0).opening_period == 0
