"""Terms are refused in Python where the contracts would refuse them."""

import dataclasses

import pytest

from wallstreetfeds.chain import Terms
from wallstreetfeds.chain.artifacts import artifact

GOOD = {"numeraire": "0x" + "11" * 20, "budget": 10**9, "rounds": 10, "opening_deadline": 2_000_000_000}


def test_defaults_are_those_of_the_design():
    terms = Terms(**GOOD)
    assert (terms.supply, terms.max_clients, terms.open_registration) == (10**18, 64, False)
    assert (terms.listed, terms.score_cap) == (2 * 10**17, 4 * 10**18)
    assert (terms.swap_fee, terms.opening_fee, terms.opening_period) == (3 * 10**15, 9 * 10**17, 3600)
    assert terms.clock


def test_fields_are_those_of_the_contract_struct_in_its_order():
    (getter,) = (entry for entry in artifact("Scenario").abi if entry.get("name") == "terms")
    struct = [item["name"] for item in getter["outputs"][0]["components"]]
    assert [field.name for field in dataclasses.fields(Terms)] == struct


def test_terms_come_back_from_the_contract(federation):
    terms = federation.scenario.terms()
    assert terms.numeraire == federation.numeraire.address
    assert (terms.budget, terms.rounds, terms.clock) == (1_000_000_007, 3, True)
    assert terms.supply == Terms(**GOOD).supply


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("numeraire", "0x12"),
        ("budget", 9_999),
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


def test_no_opening_period_needs_no_opening_fee():
    assert Terms(**GOOD, opening_period=0, opening_fee=0).opening_period == 0
