"""Which targets a run of the benchmark meets."""

from __future__ import annotations

import pytest

from wallstreetfeds.bench.sim.targets import TARGETS, judged

FIGURES = {
    "conditions": {"quick": False},
    "swaps_per_second": 200_000.0,
    "federation_50x50_seconds": 8.0,
    "learning_vs_ray": 100.0,
    "accuracy_difference": 0.002,
}


def test_a_figure_at_its_bound_meets_the_target():
    assert judged(FIGURES) == dict.fromkeys(TARGETS, True)


@pytest.mark.parametrize(
    ("key", "figure"),
    [
        ("swaps_per_second", 199_999.0),
        ("federation_50x50_seconds", 8.1),
        ("learning_vs_ray", 99.0),
        ("accuracy_difference", 0.0021),
    ],
)
def test_a_figure_past_its_bound_misses_it(key, figure):
    verdicts = judged(FIGURES | {key: figure})
    assert [name for name, met in verdicts.items() if not met] == [key]


def test_what_was_not_measured_is_neither_met_nor_missed():
    assert judged(FIGURES | {"learning_vs_ray": None})["learning_vs_ray"] is None


def test_a_quick_run_meets_nothing():
    assert judged(FIGURES | {"conditions": {"quick": True}}) == dict.fromkeys(TARGETS)
