"""The peers are measured for real where their packages are installed; where not, the error says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from wallstreetfeds.bench import peers
from wallstreetfeds.bench.packages import BALANCER, UNISWAP, Build, Packages, PeersMissingError
from wallstreetfeds.bench.stage import CHAIN_ID, Stage, own_node
from wallstreetfeds.bench.uniswap import measure_uniswap

HINT = "run make install-bench"


def installed() -> Packages | None:
    try:
        return Packages.find()
    except PeersMissingError:
        return None


def test_uniswap_costs_what_its_users_pay_or_the_error_says_what_to_install():
    packages = installed()
    if packages is None:
        with pytest.raises(PeersMissingError, match=HINT):
            peers.measure(())
        return
    with own_node() as session:
        gas = measure_uniswap(Stage.on(session), packages)
    assert set(gas) == {"swap", "swap_later_in_block", "join_all", "exit_all"}
    assert 80_000 < gas["swap_later_in_block"] < 95_000
    # Two price accumulators of 5,000 gas each.
    assert 10_000 < gas["swap"] - gas["swap_later_in_block"] < 11_000
    assert gas["swap"] < gas["exit_all"] < 150_000
    assert gas["swap"] < gas["join_all"] < 150_000


def test_every_peer_is_measured_or_the_error_says_what_to_install():
    told: list[str] = []
    if installed() is None:
        with pytest.raises(PeersMissingError, match=HINT):
            peers.measure((2,), told.append)
        assert told == []
        return
    gas = peers.measure((2,), told.append)
    pools = [gas[f"balancer_v2_{kind}"] for kind in ("weighted_2", "weighted_8", "managed_2")]
    assert set(gas) == {
        "erc20",
        "uniswap_v2",
        "balancer_v2_weighted_2",
        "balancer_v2_weighted_8",
        "balancer_v2_managed_2",
    }
    assert len(told) == 6
    for pool in pools:
        assert set(pool) == {"swap", "join_single", "exit_single", "join_all", "exit_all"}
        assert 90_000 < pool["swap"] < 130_000
        assert pool["swap"] < pool["exit_single"] < pool["exit_all"]
        assert pool["swap"] < pool["join_single"] < pool["join_all"]


def test_a_plain_transfer_is_measured_in_its_steady_state():
    with own_node() as session:
        assert session.chain_id == CHAIN_ID
        gas = peers.measure_erc20(Stage.on(session))["transfer"]
    # 21,000, call data, two balances changed that were not zero (5,000 each), a log.
    assert 33_000 < gas < 36_000


def test_every_package_that_lacks_a_contract_says_what_to_install(tmp_path):
    empty = Packages(tmp_path)
    with pytest.raises(PeersMissingError, match=HINT):
        empty.uniswap("v2-core", "UniswapV2Factory")
    with pytest.raises(PeersMissingError, match=HINT):
        empty.balancer("20210418-vault", "Vault")


def test_builds_are_read_as_the_packages_lay_them_out(tmp_path):
    write(tmp_path / UNISWAP / "v2-core" / "build" / "Pair.json", evm={"bytecode": {"object": "6000"}})
    links = {"lib/Maths.sol": {"Maths": [{"start": 1, "length": 20}]}}
    pool = tmp_path / BALANCER / "a-task" / "artifact" / "Pool.json"
    write(pool, bytecode="0x73" + "_" * 40 + "00", linkReferences=links)
    packages = Packages(tmp_path)
    assert packages.uniswap("v2-core", "Pair").init_code({}) == bytes.fromhex("6000")
    build = packages.balancer("a-task", "Pool")
    assert build.init_code({"Maths": "0x" + "Ab" * 20}) == bytes.fromhex("73" + "ab" * 20 + "00")
    with pytest.raises(KeyError, match="Maths"):
        build.init_code({})


def test_a_build_without_libraries_is_its_bytecode():
    assert Build("Plain", (), "0x6001").init_code({"Unused": "0x" + "0" * 40}) == bytes.fromhex("6001")


def write(path: Path, **content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"abi": [], **content}))
