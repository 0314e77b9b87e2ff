"""A change of gas is a reviewed difference: what is measured now is what `benchmarks/gas.json` says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from wallstreetfeds.bench import gas, ours
from wallstreetfeds.bench.gas import CONTRACTS
from wallstreetfeds.chain.artifacts import artifact

COMMITTED = json.loads(Path(__file__).resolve().parents[2].joinpath("benchmarks", "gas.json").read_text())

TOLERANCE = 0.01

GROWS_NOT = ("swap", "swap_clients", "join_single", "exit_single", "claim_1_round", "open_round", "transfer")
"""Operations that must cost the same in a federation of any size."""

LIMITS = {
    "swap": 90_000,
    "swap_clients": 95_000,
    "join_single": 90_000,
    "exit_single": 90_000,
    "open_round": 40_000,
    "submit": 60_000,
    "claim_1_round": 66_000,
    "claim_20_rounds": 66_000,
    "transfer": 52_000,
    "join_federation": 230_000,
}


@pytest.fixture(scope="module")
def measured() -> dict[str, dict[str, int]]:
    return ours.measure(gas.SIZES)


@pytest.mark.parametrize("size", [str(size) for size in gas.SIZES])
def test_no_figure_moves_by_more_than_one_percent_without_the_file(
    measured: dict[str, dict[str, int]], size: str
):
    committed = COMMITTED["ours"][size]
    assert set(measured[size]) == set(committed)
    moved = {
        key: (committed[key], now)
        for key, now in measured[size].items()
        if abs(now - committed[key]) > TOLERANCE * committed[key]
    }
    assert not moved, f"run `wsf bench gas --out benchmarks/gas.json`: {moved}"


@pytest.mark.parametrize("operation", GROWS_NOT)
def test_what_is_done_often_does_not_grow_with_the_number_of_clients(
    measured: dict[str, dict[str, int]], operation: str
):
    few, many = measured["2"][operation], measured["50"][operation]
    assert many <= 1.02 * few


def test_a_claim_does_not_grow_with_the_rounds_that_have_passed(measured: dict[str, dict[str, int]]):
    assert measured["50"]["claim_20_rounds"] <= 1.02 * measured["50"]["claim_1_round"]


@pytest.mark.parametrize(("operation", "limit"), LIMITS.items())
def test_fifty_clients_cost_no_more_than_the_design_allows(
    measured: dict[str, dict[str, int]], operation: str, limit: int
):
    assert measured["50"][operation] <= limit


@pytest.mark.parametrize("peer", ["balancer_v2_managed_50"])
@pytest.mark.parametrize("operation", ["swap", "join_single", "exit_single", "join_all", "exit_all"])
def test_every_operation_is_cheaper_than_the_peer_of_the_same_size(peer: str, operation: str):
    assert COMMITTED["ours"]["50"][operation] < COMMITTED["peers"][peer][operation]


@pytest.mark.parametrize("name", CONTRACTS)
def test_code_stays_below_twenty_thousand_bytes_and_is_what_the_file_says(name: str):
    compiled = artifact(name)
    assert compiled.runtime_bytes < 20_000
    assert compiled.runtime_bytes == COMMITTED["bytes"][name]
    # A blueprint is deployed code too (EIP-170); ten bytes put it on the chain.
    assert len(compiled.blueprint_bytecode) - 10 <= 24_576
