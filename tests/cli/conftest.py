"""A run kept on a real anvil, shared by the tests of the commands that work on it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from wallstreetfeds.chain.anvil import Anvil
from wallstreetfeds.chain.kept import KeptRun, KeptRunError
from wallstreetfeds.cli.app import run

WSF = Path(sys.executable).parent / "wsf"


class Done(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Kept:
    """A complete kept run of three lenders; `result` is what the demo printed.

    Tests stop its node and start it on another port: only `node` knows where it is now.
    """

    folder: Path
    result: dict[str, Any]
    wsf: Path = WSF

    @property
    def run(self) -> KeptRun:
        return KeptRun(self.folder)

    @property
    def node(self) -> Anvil:
        """The node, started if a test before has stopped it."""
        with self.run.lock():
            return self.run.start()


def end(folder: Path) -> None:
    """Leave no node behind."""
    try:
        KeptRun(folder).stop(save=False)
    except KeptRunError:
        return


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    folder = tmp_path_factory.mktemp("state") / "kept"
    command = [WSF, "demo", "--keep", "--clients", "3", "--rounds", "4", "--json", "--state", folder]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    try:
        assert done.returncode == 0, done.stdout + done.stderr
        yield Kept(folder, json.loads(done.stdout))
    finally:
        end(folder)


@pytest.fixture
def wsf(
    kept: Kept, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Done]:
    """Runs a command line on the kept run, in this process; its node runs as the test begins."""
    assert kept.node.alive()
    monkeypatch.setenv("WSF_STATE", str(kept.folder))
    monkeypatch.setattr(sys, "argv", [str(WSF)])
    monkeypatch.setenv("COLUMNS", "200")

    def call(*arguments: str) -> Done:
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        return Done(code, *capsys.readouterr())

    return call


@pytest.fixture
def hears_interrupts() -> Iterator[None]:
    """Processes started meanwhile hear Ctrl-C, even where a shell runs the tests in the background.

    Such a shell has made SIGINT one that every child ignores; what is handled here is default again there.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
