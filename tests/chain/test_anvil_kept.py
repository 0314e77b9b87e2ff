"""The folder of a kept run: whole files, two checkpoints, one command at a time; and the journal of a run."""

from __future__ import annotations

import errno
import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from wallstreetfeds.chain import DevelopmentOnlyError, Session, deploy_numeraire
from wallstreetfeds.chain.journal import JournalError, journaled_session
from wallstreetfeds.chain.kept import KeptRun, KeptRunError

OPTIONS = {"clients": 3, "rounds": 4, "seed": 1}


@pytest.fixture
def kept(tmp_path):
    run = KeptRun(tmp_path / "kept")
    with run.lock():
        run.create(OPTIONS)
        yield run
        run.stop(save=False)


def mine(node, blocks=1):
    for _ in range(blocks):
        node.request("evm_mine")


def height(node):
    return int(node.request("eth_blockNumber"), 16)


def test_nothing_kept_is_said(tmp_path):
    with pytest.raises(KeptRunError, match="no run is kept in"):
        KeptRun(tmp_path).read()
    (tmp_path / "run.json").write_text("{")
    with pytest.raises(KeptRunError, match="does not describe a kept run"):
        KeptRun(tmp_path).read()


def test_two_at_once_are_refused(kept):
    with pytest.raises(KeptRunError, match=rf"another command \(process {os.getpid()}\)"), kept.lock():
        pass


def test_a_folder_that_cannot_be_written_is_said():
    nowhere = KeptRun(Path("/dev/null/kept"))
    with pytest.raises(KeptRunError, match=r"cannot write to .*: Not a directory"), nowhere.lock():
        pass


def test_the_node_starts_from_the_newest_checkpoint_and_two_are_kept(kept):
    node = kept.start()
    for round_ in range(3):
        mine(node)
        kept.save(node, round=round_, journal=0)
    mine(node)
    assert kept.start() == node
    node.kill()
    assert kept.running() is None
    again = kept.start()
    assert (again.port, height(again)) == (node.port, 3)
    assert kept.newest().round == 2
    assert sorted(p.name for p in (kept.folder / "checkpoints").iterdir()) == ["000002", "000003"]


def test_an_unfinished_run_starts_again_from_its_checkpoint_and_a_complete_one_is_saved_first(kept):
    node = kept.start()
    kept.save(node, round=1, journal=0)
    mine(node)
    kept.stop()
    node = kept.start()
    assert height(node) == 0
    mine(node)
    kept.write(replace(kept.read(), complete=True))
    kept.stop()
    assert height(kept.start()) == 1


def test_a_damaged_checkpoint_is_passed_over(kept):
    node = kept.start()
    for round_ in (1, 2):
        mine(node)
        kept.save(node, round=round_, journal=0)
    checkpoints = sorted((kept.folder / "checkpoints").iterdir())
    state = checkpoints[1] / "state.json"
    state.write_bytes(state.read_bytes()[:-1])
    assert kept.newest().round == 1
    assert height(kept.start(again=True)) == 1
    (checkpoints[0] / "meta.json").unlink()
    with pytest.raises(KeptRunError, match=r"no checkpoint in .* is whole"):
        kept.newest()


def test_a_full_disk_leaves_the_checkpoint_before(kept, monkeypatch):
    node = kept.start()
    saved = kept.save(node, round=1, journal=0)

    def full(_handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    mine(node)
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(KeptRunError, match="No space left on device"):
        kept.save(node, round=2, journal=0)
    monkeypatch.undo()
    assert kept.newest() == saved
    assert [p.name for p in (kept.folder / "checkpoints").iterdir()] == ["000001"]


def test_a_new_run_forgets_the_old_one_and_nothing_else(kept):
    mine_own = kept.folder / "checkpoints" / "my-model"
    mine_own.mkdir()
    node = kept.start()
    kept.save(node, round=1, journal=0)
    kept.create(OPTIONS | {"seed": 2})
    assert not node.alive()
    assert kept.newest() is None
    assert kept.read().options["seed"] == 2
    assert mine_own.is_dir()


def test_a_port_taken_meanwhile_is_exchanged(kept, tmp_path):
    node = kept.start()
    kept.save(node, round=1, journal=0)
    node.kill()
    other = KeptRun(tmp_path / "other")
    with other.lock():
        other.write(replace(other.create(OPTIONS), port=node.port))
        assert other.start().port == node.port
        assert kept.start().port != node.port
        assert kept.running().port == kept.read().port
        other.stop(save=False)


def play(session, amounts):
    """A run: its answers depend on the chain, its questions on the answers."""
    deployer = session.account("deployer")
    numeraire = deploy_numeraire(session, deployer)
    for amount in amounts:
        numeraire.mint(deployer.address, amount + numeraire.totalSupply(), sender=deployer)
        session.timestamp()
    return numeraire.read_many([("balanceOf", [deployer.address]), ("totalSupply", [])]), session.stats.gas


def test_a_run_goes_on_from_its_journal_without_doing_anything_twice(kept):
    node = kept.start()
    session, provider = journaled_session(node.url, kept.journal, 0, seed=1)
    play(session, [1, 2])
    kept.save(node, round=1, journal=provider.sync())
    length, blocks = kept.newest().journal, height(node)
    # What the run did after its checkpoint is lost with the node.
    session.account("somebody else")
    provider.close()

    node = kept.start(again=True)
    session, provider = journaled_session(node.url, kept.journal, length, seed=1)
    (balances, gas) = play(session, [1, 2])
    assert height(node) == blocks
    assert not provider.replaying
    (longer, _) = play(session, [5])
    assert (balances[0], longer[0]) == (1 + (2 + 1), 5)
    assert gas > 0
    assert kept.journal.stat().st_size >= length
    provider.close()


def test_a_run_that_does_something_else_than_its_journal_is_refused(kept):
    node = kept.start()
    session, provider = journaled_session(node.url, kept.journal, 0, seed=1)
    play(session, [1, 2])
    length = provider.sync()
    provider.close()
    session, provider = journaled_session(node.url, kept.journal, length, seed=1)
    with pytest.raises(JournalError, match="does not do what it did before"):
        play(session, [1, 3])
    provider.close()
    with pytest.raises(JournalError, match="cannot be read: it has"):
        journaled_session(node.url, kept.journal, length + 1, seed=1)
    kept.journal.write_bytes(b"not JSON\n" * 3)
    with pytest.raises(JournalError, match="cannot be read"):
        journaled_session(node.url, kept.journal, 27, seed=1)


def test_how_often_the_head_is_asked_for_makes_no_difference(kept):
    node = kept.start()
    session, provider = journaled_session(node.url, kept.journal, 0, seed=1)
    play(session, [1])
    session.timestamp()
    head, length = session.block_number(), provider.sync()
    provider.close()
    session, provider = journaled_session(node.url, kept.journal, length, seed=1)
    deployer = session.account("deployer")
    session.timestamp()
    session.timestamp()
    numeraire = deploy_numeraire(session, deployer)
    numeraire.mint(deployer.address, 1 + numeraire.totalSupply(), sender=deployer)
    assert session.block_number() == head
    provider.close()


def test_what_is_kept_is_a_development_chain_under_its_own_number(kept):
    node = kept.start()
    session = Session.connect(node.url, chain_id=kept.read().chain_id)
    try:
        session.account("alice")
    except DevelopmentOnlyError as error:  # pragma: no cover
        pytest.fail(str(error))
    entry = json.loads((kept.folder / "run.json").read_text())
    assert entry["node"]["pid"] == node.pid
    assert entry["chain_id"] == session.chain_id != 31337


def test_a_copy_of_the_folder_does_not_take_the_original_s_node(kept, tmp_path):
    kept.start()
    copy = KeptRun(tmp_path / "copy")
    shutil.copytree(kept.folder, copy.folder)
    assert copy.running() is None
    assert copy.stop() is False
    assert kept.running() is not None


def test_a_complete_run_without_its_checkpoints_is_refused(kept):
    node = kept.start()
    kept.save(node, round=1, journal=None)
    kept.write(replace(kept.read(), complete=True))
    kept.stop(save=False)
    shutil.rmtree(kept.folder / "checkpoints")
    with pytest.raises(KeptRunError, match=r"checkpoints of the run .* are gone; 'wsf demo --keep --fresh'"):
        kept.start()
