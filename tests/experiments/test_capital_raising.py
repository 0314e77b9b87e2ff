"""Clients sell tokens for money and spend it: what must be so."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from wallstreetfeds.experiments import capital_raising
from wallstreetfeds.experiments.capital_raising import Cell, best_investment, cleaned

SMALL = {"seed": 0, "market": "model", "clients": 3, "rounds": 2}


@pytest.fixture(autouse=True)
def no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WSF_LEARNING_CACHE", "")


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WSF_LEARNING_CACHE", "")
        return list(capital_raising.measure(SMALL)["rows"])


def only(rows: list[dict[str, Any]], **wanted: object) -> dict[str, Any]:
    (row,) = [row for row in rows if all(row[key] == value for key, value in wanted.items())]
    return row


def test_cleaning_leaves_the_stated_share_of_wrong_labels() -> None:
    left = cleaned(np.array([0.4, 0.4, 0.0]), np.array([0.0, capital_raising.CLEANING, 5e4]))
    assert left == pytest.approx([0.4, 0.4 / np.e, 0.0])


def test_who_has_kept_nothing_spends_nothing() -> None:
    assert best_investment(0, np.array([0.4, 0.2]), money=5e4, kept=0.0) == 0.0


def test_who_has_kept_all_spends_until_the_next_pays_less_than_it_costs() -> None:
    wrong = np.array([0.4, 0.2])
    spent = best_investment(0, wrong, money=8e4, kept=1.0)

    def profit(money: float) -> float:
        own = 1 - 2 * cleaned(wrong, np.array([money, 0.0]))
        return float(capital_raising.BUDGET * own[0] / own.sum() - money)

    step = 8e4 / 40
    assert 0 < spent < 8e4
    assert profit(spent) >= max(profit(spent - step), profit(spent + step))


def test_the_more_a_client_has_kept_the_more_it_spends() -> None:
    wrong = np.array([0.4, 0.2, 0.1])
    spent = [best_investment(0, wrong, money=8e4, kept=kept) for kept in (0.1, 0.3, 0.6)]
    assert spent[0] < spent[1] < spent[2]


def test_whose_data_are_clean_has_nothing_to_buy() -> None:
    assert best_investment(1, np.array([0.4, 0.0]), money=5e4, kept=1.0) == 0.0


def test_retention_bounds_what_can_be_sold() -> None:
    assert Cell(0.8, 0.4, "twap", "pocket").sold == pytest.approx(0.4)
    assert Cell(0.8, 0.0, "twap", "pocket").sold == pytest.approx(0.8)


def test_every_part_is_sold_and_one_sale_serves_all_uses(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        assert row["sold"] == pytest.approx(min(row["part"], 0.8 - row["retention"]), abs=1e-9)
    raised = {row["raised"] for row in rows if row["way"] == "twap" and row["part"] == 0.5}
    assert len(raised) == 1


def test_money_that_is_spent_makes_the_model_better_and_pocketed_money_does_not(
    rows: list[dict[str, Any]],
) -> None:
    assert only(rows, part=0.5, way="twap", use="invest")["improved"] > 0.01
    assert only(rows, part=0.5, way="twap", use="pocket")["improved"] == 0.0


def test_a_sale_at_one_instant_brings_less_than_slices(rows: list[dict[str, Any]]) -> None:
    at_once = only(rows, part=0.5, way="single")["proceeds"]
    assert at_once < 0.8 * only(rows, part=0.5, way="twap", use="pocket")["proceeds"]


def test_the_same_settings_give_the_same(rows: list[dict[str, Any]]) -> None:
    assert capital_raising.measure(SMALL)["rows"] == rows


def test_a_market_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="no market 'paper'"):
        capital_raising.measure(SMALL | {"market": "paper"})


def test_the_contracts_give_what_the_model_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capital_raising, "cells", lambda _: [Cell(0.5, 0.0, "twap", "rational")])
    monkeypatch.setattr(capital_raising, "MONEY", {"informed": (1, 5e4), "noise": (1, 2e4)})
    monkeypatch.setattr(capital_raising, "SLICES", 2)
    (expected,) = capital_raising.measure(SMALL | {"rounds": 1})["rows"]
    (found,) = capital_raising.measure(SMALL | {"rounds": 1, "market": "chain"})["rows"]
    for name, value in expected.items():
        exact = value is None or isinstance(value, str)
        assert found[name] == (value if exact else pytest.approx(value, rel=1e-6)), name
