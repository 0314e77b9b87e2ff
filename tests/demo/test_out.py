"""`--out`: all files or none, checked before the run, and nothing heavy imported without it."""

import json
import os
import subprocess
import sys

import pytest

from wallstreetfeds.cli import app, files
from wallstreetfeds.cli.errors import Failure
from wallstreetfeds.demo import export

NAMES = {"report.html", "results.json", "rounds.parquet", "events.parquet"}


def loaded_after(code: str) -> set[str]:
    script = f"{code}\nimport sys; print('|'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    return set(done.stdout.splitlines()[-1].split("|"))


def test_everything_is_exported(run):
    contents = export.export(run.result, "wsf demo")
    assert set(contents) == NAMES
    assert json.loads(contents["results.json"]) == json.loads(json.dumps(run.result.as_json()))


def test_the_command_line_alone_loads_neither_plots_nor_tables():
    modules = loaded_after("from wallstreetfeds.cli.app import run; run(['--help'])")
    assert not modules & {"matplotlib", "pyarrow", "flwr", "web3", "numpy"}


def test_a_demo_without_out_loads_neither_plots_nor_tables():
    modules = loaded_after(
        "from wallstreetfeds.cli.app import run; assert run(['demo', '--clients', '2', '--rounds', '1']) == 0"
    )
    # pandas, which loads the data, takes the core of pyarrow with it where it is installed.
    assert not modules & {"matplotlib", "pyarrow.parquet"}


def test_a_missing_package_is_named_before_anything_is_done(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(export, "NEEDED", ("json", "a_package_nobody_has"))
    assert app.run(["demo", "--out", str(tmp_path / "out")]) == 1
    errors = capsys.readouterr().err
    assert "--out needs a_package_nobody_has" in errors
    assert "wallstreetfeds[report]" in errors
    assert not (tmp_path / "out").exists()


def test_files_are_written_whole(tmp_path):
    (tmp_path / "a").write_bytes(b"old")
    files.write_whole(tmp_path, {"a": b"new", "b": b"\0\1"})
    assert (tmp_path / "a").read_bytes() == b"new"
    assert (tmp_path / "b").read_bytes() == b"\0\1"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_a_file_that_cannot_be_written_leaves_all_as_they_were(tmp_path):
    (tmp_path / "a").write_bytes(b"old")
    (tmp_path / "b").mkdir()
    with pytest.raises(Failure, match=r"cannot write .*b"):
        files.write_whole(tmp_path, {"a": b"new", "b": b"new"})
    assert (tmp_path / "a").read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_an_interruption_leaves_the_folder_as_it_was(tmp_path, monkeypatch, error):
    (tmp_path / "a").write_bytes(b"old")
    synced = []

    def fsync(number: int) -> None:
        synced.append(number)
        if len(synced) == 2:
            raise error

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises((KeyboardInterrupt, Failure)):
        files.write_whole(tmp_path, {"a": b"new", "b": b"new", "c": b"new"})
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_bytes() == b"old"
