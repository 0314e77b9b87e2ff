"""`wsf demo --keep`: what it offers works as it stands, and no kill loses a finished round."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator

import pytest

from wallstreetfeds.chain import Scenario
from wallstreetfeds.chain.abi import topic_of
from wallstreetfeds.chain.kept import KeptRun, KeptRunError
from wallstreetfeds.chain.posted import posted_round
from wallstreetfeds.federation.evidence import EvidenceFolder
from wallstreetfeds.federation.evidence.reading import read_manifest
from wallstreetfeds.records import RoundFinalized

ROUNDS = 10
SAME = ("clients", "rounds", "model", "conservation", "series", "liquidity")
"""What an interrupted run has to end with as if it had not been interrupted."""


def shell(command: str, cwd: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-c", command], cwd=cwd, capture_output=True, text=True, timeout=60, check=False
    )


def offered(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if re.match(r"  \S*wsf ", line)]


def test_the_commands_offered_work_as_they_stand(wsf, kept, tmp_path):
    again = wsf("demo", "--keep")
    assert again.code == 0
    assert "Round 4 of 4 is left unplayed" in again.out
    assert "never send them real money" in again.out
    quote, buy, reward = offered(again.out)
    assert kept.result["kept"]["commands"] == [quote, buy, reward]
    quoted, bought, shown = (shell(command, tmp_path) for command in (quote, buy, reward))
    for done in (quoted, bought, shown):
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
    assert "price impact" in quoted.stdout
    got = re.search(r"would give ([\d.,]+) lender-01", quoted.stdout)
    assert got is not None
    assert f"you paid 100.000000 DEMO and got {got[1]} lender-01." in bought.stdout
    assert "value-1 has claimed" in shown.stdout


def test_a_complete_run_is_offered_again_and_not_run_again(wsf, kept):
    node = kept.node
    before = node.request("eth_blockNumber")
    told = wsf("demo", "--keep", "--json").json
    assert told["kept"] == kept.result["kept"] | {"rpc": node.url}
    assert node.request("eth_blockNumber") == before
    same = wsf("demo", "--keep", "--clients", "3", "--rounds", "4", "--json")
    assert same.json == told


def test_a_node_that_is_gone_is_started_for_the_offer(wsf, kept):
    kept.node.kill()
    assert wsf("demo", "--keep").code == 0
    assert kept.run.running() is not None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--clients", "4"], "has --clients 3, not 4"),
        (["--seed", "2"], "has --seed 1, not 2"),
        (["--rpc", "http://127.0.0.1:1"], "--keep brings its own node"),
        (["--rounds", "1"], "--rounds is 1"),
        (["--out", "somewhere"], "is complete: nothing is written to somewhere"),
        (["--state", "/dev/null/x"], "cannot write to /dev/null/x"),
    ],
)
def test_bad_input_is_refused_in_one_message(wsf, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    done = wsf("demo", "--keep", *arguments)
    assert done.code == 1
    assert done.out == ""
    assert message in done.err


def test_fresh_needs_keep(wsf):
    assert "--fresh replaces a kept run" in wsf("demo", "--fresh").err


@pytest.fixture
def run_in(kept, tmp_path) -> Iterator[tuple[KeptRun, Callable[[], subprocess.Popen[str]]]]:
    """A folder, and what starts a run of ROUNDS rounds in it; no node is left behind."""
    folder = tmp_path / "kept"
    command = [kept.wsf, "demo", "--keep", "--clients", "3", "--rounds", str(ROUNDS), "--state", folder]
    started = []

    def start(*more: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [*command, *more],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    run = KeptRun(folder)
    yield run, start
    for process in started:
        process.kill()
        process.wait()
    try:
        run.stop(save=False)
    except KeptRunError:
        return


def grown(run: KeptRun, size: int, process: subprocess.Popen[str]) -> None:
    """Wait until the journal has that many bytes."""
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        if run.journal.exists() and run.journal.stat().st_size >= size:
            return
        time.sleep(0.001)
    pytest.fail(f"the run ended before its journal had {size} bytes")


def paid_rounds(run: KeptRun) -> int:
    """Rounds paid on the chain as it starts from the newest checkpoint."""
    with run.lock():
        node = run.start(again=True)
        logs = node.request("eth_getLogs", {"fromBlock": "0x0", "topics": [topic_of(RoundFinalized)]})
        run.stop(save=False)
    return len(logs)


def reported(text: str) -> int:
    return max((int(line) for line in re.findall(r"^Round (\d+)/", text, re.MULTILINE)), default=0)


def test_no_kill_loses_a_finished_round(run_in):
    """The node is killed at five instants of one run, the command at a sixth; the end is the same."""
    run, start = run_in
    straight = json.loads(start("--json").communicate(timeout=60)[0])
    with run.lock():
        run.create(run.read().options)

    rng = random.Random(20)
    sizes = sorted(rng.uniform(150_000, 950_000) for _ in range(6))
    finished, evidence = 0, EvidenceFolder(run.bundles)
    bundles = set(evidence.path.rglob("*.json"))
    for number, size in enumerate(sizes):
        process = start()
        grown(run, int(size), process)
        victim = run.read().node.pid if number < 5 else process.pid
        os.kill(victim, signal.SIGKILL)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == (1 if number < 5 else -signal.SIGKILL)
        assert "Traceback" not in errors
        if number < 5:
            assert "no Ethereum node answers" in errors or "anvil" in errors
            assert "Run the same command again" in errors or "run the same command again" in errors
        told = reported(errors)
        assert run.newest() is None or run.newest().round >= told
        now = paid_rounds(run)
        assert now >= max(told, finished), f"killed at {size:.0f} bytes"
        finished = now
        assert bundles <= (bundles := set(evidence.path.rglob("*.json")))
    assert finished >= 4
    done = json.loads(start("--json").communicate(timeout=60)[0])
    assert {key: done[key] for key in SAME} == {key: straight[key] for key in SAME}
    assert not run.journal.exists()
    scenario = Scenario(run.session(), run.read().scenario)
    for number in range(1, ROUNDS):
        _, faults = read_manifest(evidence, number, posted_round(scenario, number).root)
        assert faults == []


def test_interrupted_it_leaves_no_node_and_goes_on_later(run_in, hears_interrupts):
    run, start = run_in
    process = start()
    grown(run, 150_000, process)
    node = run.read().node
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert out == ""
    assert "interrupted" in errors
    assert "Traceback" not in errors
    assert not node.alive()
    assert not run.read().complete
    status = subprocess.run(
        [process.args[0], "pool", "show", "--state", str(run.folder)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert status.returncode == 1
    assert "is unfinished" in status.stderr
