"""anvil: a node of one's own on this machine, found, started, watched, saved and ended by process id."""

from __future__ import annotations

import gzip
import os
import platform
import shutil
import signal
import socket
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from web3 import Web3
from web3.providers.rpc import HTTPProvider

from wallstreetfeds.chain.errors import ChainError, NodeError, WrongChainError
from wallstreetfeds.chain.node import Node, unhex

HOST: Final = "127.0.0.1"
START_SECONDS: Final = 60.0
"""How long a node may take until it answers; 0.1 s is usual, a large saved state takes longer."""

STOP_SECONDS: Final = 10.0

HISTORY: Final = 64
"""Blocks whose state can still be read: a reader who asks for one is not disturbed by who trades meanwhile.
All of them would be gigabytes on disk."""


class AnvilError(ChainError):
    """anvil is missing, does not start, or is not ours."""


def find_anvil() -> Path:
    """Return the anvil binary: of the variable WSF_ANVIL, of the checkout's node_modules, or on the PATH.

    The npm package's launcher is passed over for the binary beside it: its process id is the node's.
    """
    told = os.environ.get("WSF_ANVIL")
    if told:
        if not os.access(told, os.X_OK) or Path(told).is_dir():
            raise AnvilError(f"WSF_ANVIL is {told}, which is not a program")
        return Path(told).absolute()
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    package = f"@foundry-rs/anvil-{sys.platform}-{machine}"
    for folder in Path(__file__).resolve().parents:
        binary = folder / "node_modules" / package / "bin" / "anvil"
        if os.access(binary, os.X_OK):
            return binary
    found = shutil.which("anvil")
    if found is None:
        raise AnvilError(
            "anvil is not installed: run 'make install' where npm is, put anvil on the PATH, or set WSF_ANVIL"
        )
    return Path(found).absolute()


def free_port() -> int:
    """Return a port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def is_free(port: int) -> bool:
    """Return whether the port could be listened on now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Anvil:
    """A node that was started here; `born` tells its process from a later one with the same id."""

    pid: int
    born: str
    port: int
    chain_id: int

    @classmethod
    def spawn(cls, port: int, chain_id: int, *, log: Path, state: Path | None = None) -> Self:
        """Start a node that outlives this process and its terminal; `ready` waits until it answers.

        `state` is what `dump` returned, in a file; `log` takes what the node has to say about a failure.
        Raises AnvilError.
        """
        binary = find_anvil()
        if not is_free(port):
            raise AnvilError(f"port {port} of {HOST} is taken by another program")
        command = [str(binary), "--host", HOST, "--port", str(port), "--chain-id", str(chain_id)]
        command += ["--hardfork", "cancun", "--prune-history", str(HISTORY), "--silent"]
        if state is not None:
            command += ["--load-state", str(state)]
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        actions = [
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log), flags, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ]
        # A session of its own: neither Ctrl-C nor a closed terminal reaches it.
        try:
            pid = os.posix_spawn(str(binary), command, os.environ, file_actions=actions, setsid=True)
        except OSError as error:
            raise AnvilError(f"cannot start {binary}: {error.strerror or error}") from error
        return cls(pid, _born(pid), port, chain_id)

    def ready(self, log: Path, *, ahead: int = 0) -> None:
        """Wait until it answers and put its clock `ahead` seconds ahead of this machine's; AnvilError."""
        try:
            self._await(log)
            if ahead > 0:
                self.request("evm_increaseTime", ahead)
        except BaseException:
            self.kill()
            raise

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> Self:
        """Return the node that `as_json` described."""
        return cls(int(entry["pid"]), str(entry["born"]), int(entry["port"]), int(entry["chain_id"]))

    def as_json(self) -> dict[str, Any]:
        """Return what another process needs to find this node again."""
        return {"pid": self.pid, "born": self.born, "port": self.port, "chain_id": self.chain_id}

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://{HOST}:{self.port}"

    def alive(self) -> bool:
        """Return whether the process that was started is still there; not whether it answers."""
        _reap(self.pid)
        return self.born != "" and _born(self.pid) == self.born

    def request(self, method: str, *params: Any) -> Any:
        """Return the result of one call.  Raises NodeError."""
        provider = HTTPProvider(self.url, request_kwargs={"timeout": 60}, exception_retry_configuration=None)
        return Node(Web3(provider)).request(method, *params)

    def check(self) -> None:
        """Raise NodeError if it does not answer, WrongChainError if somebody else answers at its port."""
        told = int(self.request("eth_chainId"), 16)
        if told != self.chain_id:
            raise WrongChainError(f"the node at {self.url} is on chain {told}, not on {self.chain_id}")

    def clock(self) -> tuple[int, int]:
        """Return the time of the next block in seconds, and how far that is ahead of this machine's."""
        following = int(self.request("eth_getBlockByNumber", "pending", False)["timestamp"], 16)
        return following, following - int(time.time())

    def dump(self) -> bytes:
        """Return the whole chain as `start` takes it: blocks, transactions, the state of the latest block."""
        try:
            return gzip.decompress(unhex(self.request("anvil_dumpState")))
        except (OSError, EOFError, ValueError) as error:
            raise NodeError(f"the node at {self.url} did not dump its state: {error}") from error

    def stop(self) -> None:
        """End the process, gently at first; nothing happens if it is gone.  Raises AnvilError."""
        if not self.alive():
            return
        os.kill(self.pid, signal.SIGTERM)
        if not self._gone(STOP_SECONDS):
            self.kill()

    def kill(self) -> None:
        """End the process at once."""
        if self.alive():
            os.kill(self.pid, signal.SIGKILL)
            if not self._gone(STOP_SECONDS):
                raise AnvilError(f"the node, process {self.pid}, cannot be ended")

    def _gone(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self.alive():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        return True

    def _await(self, log: Path) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self.check()
            except NodeError:
                if not self.alive():
                    raise AnvilError(f"anvil ended at once: {_last_words(log)}") from None
                if time.monotonic() > deadline:
                    raise AnvilError(f"anvil does not answer after {START_SECONDS:.0f} s") from None
                time.sleep(0.02)
            else:
                return


def _born(pid: int) -> str:
    """Return when the process started, in ticks since boot; "" if there is none, or only a dead one."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in {"Z", "X"} else fields[19]


def _reap(pid: int) -> None:
    """Let go of a child that has ended; of no concern where it is somebody else's."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return


def _last_words(log: Path) -> str:
    try:
        lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    except OSError:
        lines = []
    return lines[-1] if lines else "it said nothing"
