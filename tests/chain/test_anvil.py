"""A node of one's own: found, started, dumped, ended by process id, and never mistaken for another."""

from __future__ import annotations

import os
import socket
import time

import pytest

from wallstreetfeds.chain import NodeError, Session, WrongChainError, audit
from wallstreetfeds.chain import anvil as module
from wallstreetfeds.chain.anvil import Anvil, AnvilError, find_anvil, free_port

CHAIN = 1_313_000_001


@pytest.fixture
def spawn(tmp_path):
    """Starts nodes, and ends them after the test."""
    started = []

    def start(state=None, ahead=0, chain_id=CHAIN, port=None):
        log = tmp_path / "node.log"
        anvil = Anvil.spawn(free_port() if port is None else port, chain_id, log=log, state=state)
        started.append(anvil)
        anvil.ready(log, ahead=ahead)
        return anvil

    yield start
    for anvil in started:
        anvil.kill()


def test_the_binary_is_there_after_make_install():
    assert os.access(find_anvil(), os.X_OK)


def test_a_missing_binary_is_said(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "__file__", str(tmp_path / "anvil.py"))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("WSF_ANVIL", raising=False)
    with pytest.raises(AnvilError, match="anvil is not installed: run 'make install'"):
        find_anvil()
    monkeypatch.setenv("WSF_ANVIL", str(tmp_path / "nothing"))
    with pytest.raises(AnvilError, match="which is not a program"):
        find_anvil()


def test_a_dumped_chain_goes_on_where_it_was(spawn, founding, tmp_path):
    first = spawn()
    federation = founding(Session.connect(first.url, seed=3))
    federation.open()
    federation.play([1, 2, 3])
    federation.buy(1, 1_000_000)
    before = audit(federation.session, federation.scenario)
    head = first.request("eth_getBlockByNumber", "latest", False)
    _, ahead = first.clock()
    (tmp_path / "state.json").write_bytes(first.dump())
    first.kill()
    assert not first.alive()

    second = spawn(tmp_path / "state.json", ahead)
    assert second.request("eth_getBlockByNumber", "latest", False)["hash"] == head["hash"]
    session = Session.connect(second.url, seed=3)
    scenario = type(federation.scenario)(session, federation.scenario.address)
    assert audit(session, scenario) == before
    # Block time does not run backwards although the chain's clock was an hour ahead of the machine's.
    scenario.open_round(sender=session.account("federator"))
    assert 0 <= session.timestamp() - int(head["timestamp"], 16) < 60


def test_a_port_that_is_taken_is_said(spawn):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(AnvilError, match=r"port \d+ of 127\.0\.0\.1 is taken"):
            spawn(port=other.getsockname()[1])


def test_a_state_that_it_cannot_read_is_said(spawn, tmp_path):
    (tmp_path / "state.json").write_text("no state")
    with pytest.raises(AnvilError, match="anvil ended at once: "):
        spawn(tmp_path / "state.json")


def test_another_node_at_the_port_is_told_apart(spawn):
    other = spawn(chain_id=CHAIN + 1)
    ours = Anvil(other.pid, other.born, other.port, CHAIN)
    with pytest.raises(WrongChainError, match=f"is on chain {CHAIN + 1}, not on {CHAIN}"):
        ours.check()


def test_a_later_process_with_the_same_id_is_left_alone():
    stranger = Anvil(os.getpid(), "1", 1, CHAIN)
    assert not stranger.alive()
    stranger.stop()
    stranger.kill()


def test_a_node_that_was_killed_is_gone_and_says_so(spawn):
    anvil = spawn()
    os.kill(anvil.pid, 9)
    deadline = time.monotonic() + 5
    while anvil.alive() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not anvil.alive()
    with pytest.raises(NodeError, match="no Ethereum node answers"):
        anvil.dump()
    anvil.stop()


def test_it_is_found_again_from_what_was_written_down(spawn):
    anvil = spawn()
    again = Anvil.from_json(anvil.as_json())
    assert again == anvil
    again.stop()
    assert not anvil.alive()


def test_a_reader_is_not_disturbed_by_the_blocks_that_come_meanwhile(spawn, founding):
    anvil = spawn()
    federation = founding(Session.connect(anvil.url, seed=3))
    federation.open()
    block = federation.session.block_number()
    for _ in range(3):
        anvil.request("evm_mine")
    assert federation.scenario.at_block(block).clock() == federation.scenario.clock()
