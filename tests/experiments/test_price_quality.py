"""Prices against the quality of data: what must be so."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from wallstreetfeds.experiments import price_quality
from wallstreetfeds.experiments.price_quality import first_above, worst_tenth

SMALL = {
    "seed": 0,
    "market": "model",
    "distribution": "label-noise",
    "clients": 4,
    "rounds": 3,
    "retrained": False,
}


@pytest.fixture(autouse=True)
def no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WSF_LEARNING_CACHE", "")


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WSF_LEARNING_CACHE", "")
        return list(price_quality.measure(SMALL | {"clients": 10})["rows"])


def of(rows: list[dict[str, Any]], **wanted: object) -> list[dict[str, Any]]:
    return [row for row in rows if all(row.get(key) == value for key, value in wanted.items())]


def test_whoever_ranks_the_worst_last_finds_them_all() -> None:
    worth = np.arange(20.0)
    assert worst_tenth(worth, worth) == 1.0
    assert worst_tenth(-worth, worth) == 0.0


def test_whoever_sees_no_difference_guesses() -> None:
    assert worst_tenth(np.ones(20), np.arange(20.0)) == pytest.approx(0.5)


def test_one_of_two_bad_clients_missed_costs_half() -> None:
    worth = np.arange(20.0)
    seen = worth.copy()
    seen[1] = 30.0
    assert worst_tenth(seen, worth) == pytest.approx(0.5)


def test_the_first_round_above_the_threshold_counts_and_never_is_the_end() -> None:
    assert first_above([None, 0.7, 0.85, 0.6], never=4) == 2
    assert first_above([None, 0.7, 0.8], never=3) == 3


def test_before_any_score_no_price_knows_how_rounds_will_be_paid(rows: list[dict[str, Any]]) -> None:
    for arm in ("public", "private"):
        prices = {row["price"] for row in of(rows, arm=arm, paid=0)}
        assert len(prices) == 1


def test_before_any_score_only_signals_tell_prices_of_quality(rows: list[dict[str, Any]]) -> None:
    (public,) = of(rows, method="surrogate", arm="public", paid=0)
    (private,) = of(rows, method="surrogate", arm="private", paid=0)
    assert private["price"] > public["price"] + 0.2
    assert public["last"] is None
    assert public["cumulative"] is None


def test_once_scores_are_there_prices_rank_clients_as_they_do(rows: list[dict[str, Any]]) -> None:
    (row,) = of(rows, method="surrogate", arm="public", paid=2)
    assert row["cumulative"] > 0.8
    assert row["price"] > 0.7


def test_pay_by_data_size_says_nothing_about_quality(rows: list[dict[str, Any]]) -> None:
    row = of(rows, method="data-size", arm="public", paid=2)[0]
    assert row["cumulative"] is None or abs(row["cumulative"]) < 0.7
    assert row["cumulative"] != pytest.approx(
        of(rows, method="surrogate", arm="public", paid=2)[0]["cumulative"]
    )


def test_retraining_agrees_with_itself_and_with_quality() -> None:
    found = price_quality.measure(SMALL | {"clients": 6, "rounds": 1, "retrained": True})["rows"]
    assert {row["truth"] for row in found if "truth" in row} == {"quality", "retrained"}
    (agreement,) = of(found, method="retrained")
    assert agreement["agreement"] > 0.5
    assert agreement["with_quality"] > 0.5


def test_the_same_settings_give_the_same(rows: list[dict[str, Any]]) -> None:
    assert price_quality.measure(SMALL | {"clients": 10})["rows"] == rows


def test_an_unknown_distribution_is_refused() -> None:
    with pytest.raises(ValueError, match="no distribution 'luck'; there are label-noise"):
        price_quality.measure(SMALL | {"distribution": "luck"})


def test_the_contracts_give_what_the_model_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(price_quality, "SHOWN", ("surrogate",))
    monkeypatch.setattr(price_quality, "ARMS", ("public",))
    monkeypatch.setattr(price_quality, "INVESTORS", 2)
    monkeypatch.setattr(price_quality, "NOISE_TRADERS", 1)
    small = SMALL | {"clients": 3, "rounds": 2}
    expected = price_quality.measure(small)["rows"]
    found = price_quality.measure(small | {"market": "chain"})["rows"]
    assert len(found) == len(expected) > 0
    for one, other in zip(found, expected, strict=True):
        for name, value in other.items():
            exact = value is None or isinstance(value, str)
            assert one[name] == (value if exact else pytest.approx(value, rel=1e-6)), name
