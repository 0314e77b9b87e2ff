"""Ways of paying, who stays, and what becomes of the model: what must be so."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from wallstreetfeds.experiments import contribution_method
from wallstreetfeds.experiments.contribution_method import Investor, Training, staying
from wallstreetfeds.experiments.histories import federation_of
from wallstreetfeds.sim.model.market import ModelMarket
from wallstreetfeds.sim.model.terms import Terms

SMALL = {"seed": 0, "market": "model", "clients": 4, "rounds": 8}


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    return list(contribution_method.measure(SMALL)["rows"])


def only(rows: list[dict[str, Any]], method: str, **wanted: object) -> dict[str, Any]:
    wanted = {"method": method, "allocation": "equal", "view": "scores"} | wanted
    (row,) = [row for row in rows if all(row[key] == value for key, value in wanted.items())]
    return row


def test_whoever_expects_less_than_it_costs_leaves() -> None:
    left = staying(np.array([5.0, 1.0, 3.0]), np.array([2.0, 2.0, 2.0]), np.ones(3))
    assert left.tolist() == [1.0, 0.0, 1.0]


def test_whoever_has_left_does_not_come_back() -> None:
    left = staying(np.array([5.0, 5.0, 5.0]), np.array([2.0, 2.0, 2.0]), np.array([1.0, 0.0, 1.0]))
    assert left.tolist() == [1.0, 0.0, 1.0]


def test_two_stay_whatever_they_expect() -> None:
    left = staying(np.array([0.3, 0.1, 0.2, 0.9]), np.ones(4), np.array([1.0, 1.0, 1.0, 0.0]))
    assert left.tolist() == [1.0, 0.0, 1.0, 0.0]


def test_absent_clients_are_paid_nothing_and_change_no_model() -> None:
    wrong = np.array([0.0, 0.1, 0.5])
    federation = federation_of("credit", 3, 0, wrong_labels=wrong)
    training = Training(federation, "exact", (1_000_000,) * 3, 0)
    training.present = np.array([1.0, 1.0, 0.0])
    shares = training.train(2, 0)
    pair = Training(federation_of("credit", 3, 0, wrong_labels=wrong), "equal", (1_000_000,) * 3, 0)
    pair.present = np.array([1.0, 1.0, 0.0])
    pair.train(2, 0)
    assert shares[:, 2].tolist() == [0.0, 0.0]
    assert shares.sum(axis=1) == pytest.approx([1.0, 1.0])
    assert training.quality() == pair.quality()


def test_equal_pay_is_by_heads_and_by_supply_where_the_model_gets_worse() -> None:
    federation = federation_of("credit", 4, 0, wrong_labels=np.array([0.0, 0.5, 0.5, 0.0]))
    training = Training(federation, "equal", (1_000_000,) * 4, 0)
    training.present = np.array([0.0, 1.0, 1.0, 0.0])
    before, got_worse = training.quality()[0], set()
    for phase in range(6):
        (shares,) = training.train(1, phase)
        after = training.quality()[0]
        assert shares == pytest.approx([0.0, 0.5, 0.5, 0.0] if after < before else [0.25] * 4)
        got_worse.add(after >= before)
        before = after
    assert got_worse == {True, False}


def test_no_share_exceeds_the_cap_of_its_supply() -> None:
    federation = federation_of("credit", 8, 0, wrong_labels=np.array([0.0] + [0.5] * 7))
    capped = Training(federation, "exact", (1_000_000,) * 8, 0).train(2, 0)
    free = Training(federation, "exact", (1_000_000,) * 8, 0, contribution_method.NO_CAP).train(2, 0)
    assert capped.max() == pytest.approx(4 / 8)
    assert free.max() > 4 / 8


def test_equal_pay_gives_everybody_the_same_reputation(rows: list[dict[str, Any]]) -> None:
    for view in ("scores", "price"):
        plain = only(rows, "equal", view=view)
        assert only(rows, "equal", view=view, allocation="reputation") == plain | {"allocation": "reputation"}


def test_shapley_values_lose_the_bad_before_the_good(rows: list[dict[str, Any]]) -> None:
    row = only(rows, "exact")
    assert row["better_left"] > row["worse_left"]


def test_reputation_brings_opening_prices_nearer_to_what_is_paid(rows: list[dict[str, Any]]) -> None:
    by_reputation = only(rows, "exact", allocation="reputation")
    assert by_reputation["opening_error"] < 0.8 * only(rows, "exact")["opening_error"]


def test_an_investor_expects_nothing_of_those_who_have_left() -> None:
    market = ModelMarket.open(Terms(budget=1e6, rounds=10), ["a", "b", "c"], {"provider": 2e5}, {"i": 5e4})
    market.advance_time(3601)
    Investor("i", np.full(3, 1 / 3), np.array([1.0, 1.0, 0.0])).step(market, np.random.default_rng(0))
    assert market.balance_of("i", 1) > 0
    assert market.balance_of("i", 3) == 0.0


def test_the_same_settings_give_the_same(rows: list[dict[str, Any]]) -> None:
    assert contribution_method.measure(SMALL)["rows"] == rows


@pytest.mark.parametrize("rounds", [4, 10])
def test_rounds_that_are_no_four_phases_are_refused(rounds: int) -> None:
    with pytest.raises(ValueError, match="4 equal phases of at least 2"):
        contribution_method.measure(SMALL | {"rounds": rounds})


def test_the_contracts_give_what_the_model_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contribution_method, "cells", lambda _: [("exact", "reputation", "price")])
    monkeypatch.setattr(contribution_method, "PHASES", 2)
    monkeypatch.setattr(contribution_method, "CASH", {"value-0": 5e4, "noise-0": 2e4})
    small = SMALL | {"clients": 3, "rounds": 4}
    (expected,) = contribution_method.measure(small)["rows"]
    (found,) = contribution_method.measure(small | {"market": "chain"})["rows"]
    for name, value in expected.items():
        assert found[name] == (value if isinstance(value, str) else pytest.approx(value, rel=1e-6)), name
