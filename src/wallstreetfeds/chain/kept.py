"""A federation that stays: a folder with a node's saved states, from which it goes on after any crash.

    run.json         what runs: options, accounts, chain id, port, the node's process
    checkpoints/     000007/state.json, meta.json: the newest two whole states of the chain
    bundles/         the evidence of every round, as `wsf round verify` reads it
    journal.jsonl    the node's answers so far, while the demo's own run is unfinished
    lock             held by the command that may change things

Everything is written beside its place, synced and renamed: a kill at any instant leaves the old or the new.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from wallstreetfeds.chain.anvil import Anvil, free_port, is_free
from wallstreetfeds.chain.errors import ChainError, NodeError
from wallstreetfeds.chain.session import Session
from wallstreetfeds.durable import sync_folder, write_file

FORMAT: Final = 1
KEPT: Final = 2
"""How many checkpoints are kept."""

DIGITS: Final = 6
"""Of a checkpoint's number in its folder's name."""

PORT_SECONDS: Final = 2.0
"""How long a node that was killed may hold its port."""

CHAIN_IDS: Final = 1_313_370_000
"""Kept runs get chain ids from here on, one of a million: a node of another run is told from this one's."""


class KeptRunError(ChainError):
    """There is no kept run, it is in use, or it cannot be written or read."""


@dataclass(frozen=True, slots=True)
class Run:
    """What `run.json` says.  `options` are the demo's; `accounts` are addresses by name.

    `scenario` and `accounts` are empty until the demo's own run is `complete`: from then on people trade.
    """

    chain_id: int
    port: int
    options: Mapping[str, Any]
    node: Anvil | None = None
    complete: bool = False
    scenario: str = ""
    accounts: Mapping[str, str] = field(default_factory=dict)


BEGIN_AGAIN: Final = "'wsf demo --keep --fresh' begins a new one"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A saved state.  `round`: the last finished one; `block`, `hash`: the latest block.

    `ahead`: seconds that the chain's clock was ahead of the machine's; `journal`: bytes of the journal that
    led here, None once the run was complete; `sha256`: of the state.
    """

    number: int
    round: int
    block: int
    hash: str
    ahead: int
    time: int
    journal: int | None
    sha256: str


class KeptRun:
    """The folder of a kept run.  Whoever changes anything holds `lock` meanwhile."""

    def __init__(self, folder: Path) -> None:
        self.folder: Final = folder.absolute()
        self.log: Final = self.folder / "node.log"
        self.journal: Final = self.folder / "journal.jsonl"
        self.bundles: Final = self.folder / "bundles"
        self._run: Final = self.folder / "run.json"
        self._checkpoints: Final = self.folder / "checkpoints"

    # --- the folder ---

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Let nobody else change this run meanwhile; makes the folder.

        Raises KeptRunError if somebody does, or if nothing can be written there.
        """
        with self._writing():
            self._checkpoints.mkdir(parents=True, exist_ok=True, mode=0o700)
            file = (self.folder / "lock").open("a+")
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                holder = file.read().strip()
                by = f" (process {holder})" if holder else ""
                raise KeptRunError(f"another command{by} is using the kept run in {self.folder}") from None
            with self._writing():
                file.truncate(0)
                file.write(str(os.getpid()))
                file.flush()
            yield

    def exists(self) -> bool:
        """Return whether a run is kept here."""
        return self._run.exists()

    def read(self) -> Run:
        """Return what is kept here.  Raises KeptRunError if nothing is, or something else."""
        try:
            entry = json.loads(self._run.read_text(encoding="utf-8"))
            if entry.pop("format") != FORMAT:
                raise ValueError("it is of another version")  # noqa: TRY301
            node = entry.pop("node")
            if entry.pop("home") != self._identity():
                node = None  # a copy of another run's folder: that run's node is not this one's
            return Run(**entry, node=Anvil.from_json(node) if node else None)
        except FileNotFoundError:
            raise KeptRunError(f"no run is kept in {self.folder}") from None
        except OSError as error:
            raise KeptRunError(f"cannot read {self._run}: {error.strerror or error}") from error
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise KeptRunError(
                f"{self._run} does not describe a kept run ({error}); {BEGIN_AGAIN}"
            ) from error

    def write(self, run: Run) -> None:
        """Write run.json whole."""
        with self._writing():
            node = run.node.as_json() if run.node else None
            entry = {"format": FORMAT, "home": self._identity(), **asdict(run), "node": node}
            write_file(self._run, (json.dumps(entry, indent=1) + "\n").encode())
            sync_folder(self._run.parent)

    def create(self, options: Mapping[str, Any]) -> Run:
        """Forget what was kept here, ending its node, and begin a new run."""
        with suppress(KeptRunError):
            self.stop(save=False)
        with self._writing():
            self._run.unlink(missing_ok=True)
            self.journal.unlink(missing_ok=True)
            for number in self._numbers():
                shutil.rmtree(self._folder(number))
            if self.bundles.exists():
                shutil.rmtree(self.bundles)
        run = Run(CHAIN_IDS + secrets.randbelow(10**6), free_port(), dict(options))
        self.write(run)
        return run

    def _identity(self) -> str:
        """What tells this folder from a copy of it, wherever it is moved."""
        stat = self.folder.stat()
        return f"{stat.st_dev}:{stat.st_ino}"

    # --- the node ---

    def running(self) -> Anvil | None:
        """Return the node if its process is there."""
        node = self.read().node
        return node if node is not None and node.alive() else None

    def start(self, *, port: int | None = None, again: bool = False) -> Anvil:
        """Return the node; start it from the newest checkpoint if it is not there, or in any case (`again`).

        On `port` if given (and not taken), else where it was before, else on a free one.
        """
        run = self.read()
        if run.node is not None and run.node.alive():
            if not again:
                run.node.check()
                return run.node
            run.node.kill()
        checkpoint = self.newest()
        if checkpoint is None and run.complete:
            raise KeptRunError(f"the checkpoints of the run in {self.folder} are gone; {BEGIN_AGAIN}")
        if port is None:
            port = _port_again(run)
        state = None if checkpoint is None else self._folder(checkpoint.number) / "state.json"
        node = Anvil.spawn(port, run.chain_id, log=self.log, state=state)
        self.write(replace(run, port=port, node=node))
        node.ready(self.log, ahead=0 if checkpoint is None else checkpoint.ahead)
        if checkpoint is not None:
            block = node.request("eth_getBlockByNumber", "latest", False)
            if block["hash"] != checkpoint.hash:
                node.kill()
                raise KeptRunError(f"anvil did not take up checkpoint {checkpoint.number} of {self.folder}")
        return node

    def stop(self, *, save: bool = True) -> bool:
        """End the node, saving its state first if the run is complete; return whether there was one.

        An unfinished run goes on from its last finished round, whatever came after.  A node that does not
        answer is ended as it is: everything that was reported is saved.
        """
        run = self.read()
        node = self.running()
        if node is not None:
            if save and run.complete:
                with suppress(NodeError):
                    self.save_trade(node)
            node.stop()
        if run.node is not None:
            self.write(replace(run, node=None))
        return node is not None

    def session(self) -> Session:
        """Return a session with the running node.  Raises KeptRunError if it is not running."""
        run = self.read()
        node = self.running()
        if node is None:
            raise KeptRunError(f"the node of the kept run in {self.folder} is not running")
        return Session.connect(node.url, seed=int(run.options["seed"]), chain_id=run.chain_id)

    # --- checkpoints ---

    def save(self, node: Anvil, *, round: int, journal: int | None) -> Checkpoint:
        """Save the node's state; the oldest of three goes.

        Raises NodeError if the node does not answer, KeptRunError if it cannot be written: what was saved
        before stays as it was.
        """
        following, ahead = node.clock()
        state = node.dump()
        latest = node.request("eth_getBlockByNumber", "latest", False)
        numbers = self._numbers()
        checkpoint = Checkpoint(
            number=numbers[0] + 1 if numbers else 1,
            round=round,
            block=int(latest["number"], 16),
            hash=latest["hash"],
            ahead=ahead,
            time=following,
            journal=journal,
            sha256=hashlib.sha256(state).hexdigest(),
        )
        fresh = self._checkpoints / ".new"
        with self._writing():
            try:
                shutil.rmtree(fresh, ignore_errors=True)
                fresh.mkdir(mode=0o700)
                write_file(fresh / "state.json", state)
                write_file(fresh / "meta.json", json.dumps(asdict(checkpoint)).encode())
                sync_folder(fresh)
                fresh.rename(self._folder(checkpoint.number))
                sync_folder(self._checkpoints)
            finally:
                shutil.rmtree(fresh, ignore_errors=True)
        for number in numbers[KEPT - 1 :]:
            shutil.rmtree(self._folder(number), ignore_errors=True)
        return checkpoint

    def save_trade(self, node: Anvil) -> Checkpoint:
        """Save the node's state after something that finished no round; raises as `save`."""
        try:
            newest = self.newest()
        except KeptRunError:  # all the more reason to save
            newest = None
        return self.save(node, round=0 if newest is None else newest.round, journal=None)

    def newest(self) -> Checkpoint | None:
        """Return the newest checkpoint that is whole; None if there never was one.

        Raises KeptRunError if there are some and none of them is whole.
        """
        numbers = self._numbers()
        for number in numbers:
            try:
                checkpoint = Checkpoint(**json.loads((self._folder(number) / "meta.json").read_bytes()))
                state = (self._folder(number) / "state.json").read_bytes()
            except (OSError, ValueError, TypeError):
                continue
            if hashlib.sha256(state).hexdigest() == checkpoint.sha256:
                return checkpoint
        if numbers:
            raise KeptRunError(f"no checkpoint in {self._checkpoints} is whole; {BEGIN_AGAIN}")
        return None

    def _numbers(self) -> list[int]:
        """The checkpoints' numbers, the newest first."""
        if not self._checkpoints.is_dir():
            return []
        names = [path.name for path in self._checkpoints.iterdir()]
        return sorted((int(name) for name in names if len(name) == DIGITS and name.isdigit()), reverse=True)

    def _folder(self, number: int) -> Path:
        return self._checkpoints / f"{number:0{DIGITS}d}"

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise KeptRunError(f"cannot write to {self.folder}: {error.strerror or error}") from error


def _port_again(run: Run) -> int:
    """Return the port that a run had, or a free one; a node just killed holds its port a little longer."""
    deadline = time.monotonic() + PORT_SECONDS
    while not is_free(run.port):
        if run.node is None or time.monotonic() > deadline:
            return free_port()
        time.sleep(0.01)
    return run.port
