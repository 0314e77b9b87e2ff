"""`wsf node`: ended and started again the chain is the same; nothing is taken for ours that is not."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from dataclasses import replace

from wallstreetfeds.chain.anvil import Anvil, free_port


def state_of(wsf):
    commands = (("pool", "show"), ("reward", "show"), ("reward", "show", "value-1"))
    return [wsf(*command, "--json").json for command in commands]


def test_stopped_and_started_it_is_the_same_chain(wsf, kept):
    before, status = state_of(wsf), wsf("node", "status", "--json").json
    assert status["running"]
    assert status["scenario"] == kept.result["scenario"]
    assert status["checkpoint"]["round"] == 3
    stopped = wsf("node", "stop", "--json").json
    assert (stopped["running"], stopped["rpc"], stopped["block"]) == (False, None, None)
    assert stopped["checkpoint"]["block"] == status["block"]
    assert kept.run.running() is None
    gone = wsf("pool", "show")
    assert gone.code == 1
    assert "is not running" in gone.err
    assert "wsf node start" in gone.err
    started = wsf("node", "start", "--json").json
    assert started["pid"] != status["pid"]
    assert (started["rpc"], started["block"]) == (status["rpc"], status["block"])
    assert state_of(wsf) == before
    assert wsf("pool", "buy", "lender-01", "--spend", "1", "--as", "you").code == 0


def test_a_killed_node_has_lost_nothing(wsf, kept):
    wsf("pool", "buy", "lender-01", "--spend", "1", "--as", "you")
    before = state_of(wsf)
    kept.node.kill()
    assert wsf("node", "status", "--json").json["running"] is False
    wsf("node", "start")
    assert state_of(wsf) == before


def test_stopping_twice_is_no_failure_and_a_stranger_is_left_alone(wsf, kept):
    assert "its state is saved" in wsf("node", "stop").out
    assert "was not running" in wsf("node", "stop").out
    run = kept.run.read()
    kept.run.write(replace(run, node=Anvil(os.getpid(), "1", run.port, run.chain_id)))
    assert "was not running" in wsf("node", "stop").out
    assert "not running" in wsf("node", "status").out


def test_a_port_that_is_taken_is_refused_and_another_can_be_chosen(wsf):
    wsf("node", "stop")
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        taken = wsf("node", "start", "--port", str(port))
    assert taken.code == 1
    assert f"port {port} of 127.0.0.1 is taken" in taken.err
    assert "--port is 0" in wsf("node", "start", "--port", "0").err
    port = free_port()
    assert wsf("node", "start", "--port", str(port), "--json").json["rpc"].endswith(f":{port}")
    assert f"runs on port {port} already" in wsf("node", "start", "--port", str(port + 1)).err


def test_another_chain_is_told_from_the_kept_one(wsf, kept, tmp_path):
    other = Anvil.spawn(free_port(), 31337, log=tmp_path / "log")
    try:
        other.ready(tmp_path / "log")
        done = wsf("pool", "show", "--rpc", other.url)
        assert done.code == 1
        assert f"is on chain 31337, not on {kept.run.read().chain_id}" in done.err
    finally:
        other.kill()


def test_two_commands_at_once_are_refused(wsf, kept):
    with kept.run.lock():
        for command in (
            ("node", "stop"),
            ("demo", "--keep"),
            ("reward", "claim", "lp"),
            ("pool", "buy", "lender-01", "--spend", "1", "--as", "you"),
        ):
            done = wsf(*command)
            assert done.code == 1
            assert f"another command (process {os.getpid()}) is using the kept run" in done.err
        assert wsf("pool", "show").code == 0


def test_a_full_disk_is_said_and_the_checkpoint_before_stays(wsf, kept):
    before = kept.run.newest()
    command = f"ulimit -f 8; {kept.wsf} pool buy lender-01 --spend 1 --as you --state {kept.folder}"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "it is done, but not saved" in done.stderr
    assert "File too large" in done.stderr
    assert "Traceback" not in done.stderr
    assert kept.run.newest() == before
    assert wsf("pool", "buy", "lender-01", "--spend", "1", "--as", "you").code == 0
    assert kept.run.newest().number == before.number + 1


def test_no_kept_run_is_said(wsf, tmp_path):
    for command in (("node", "status"), ("node", "stop"), ("pool", "show"), ("reward", "show")):
        done = wsf(*command, "--state", str(tmp_path))
        assert done.code == 1
        assert f"no run is kept in {tmp_path}" in done.err
        assert "wsf demo --keep" in done.err


def test_a_node_that_does_not_answer_can_be_ended(wsf, kept, monkeypatch):
    monkeypatch.setattr("wallstreetfeds.chain.anvil.STOP_SECONDS", 0.2)
    monkeypatch.setattr(Anvil, "dump", lambda self: self.request("no_such_method"))
    started = time.monotonic()
    assert wsf("node", "stop").code == 0
    assert time.monotonic() - started < 5
    assert kept.run.running() is None
