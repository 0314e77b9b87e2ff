"""Doing an interrupted run again without doing anything twice: the node's answers, written down as they come.

A run is a function of its options and of what the node answers.  With the answers up to a checkpoint it can
be computed up to there again, learning, beliefs and random numbers included, while the chain itself starts
from the checkpoint: from its first new request on the run goes on as if nothing had happened.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Final

from web3 import Web3
from web3.providers.rpc import HTTPProvider
from web3.types import RPCEndpoint, RPCResponse

from wallstreetfeds.chain.errors import ChainError
from wallstreetfeds.chain.session import Session

SENDING: Final = frozenset({"eth_sendRawTransaction", "eth_sendTransaction", "evm_increaseTime", "evm_mine"})
"""Methods that change the chain: none of them is ever left out when a journal is read."""


class JournalError(ChainError):
    """A run does not do what its journal says that it did."""


def journaled_session(url: str, path: Path, length: int, *, seed: int) -> tuple[Session, JournalProvider]:
    """Return a session that first takes its answers from `length` bytes of a journal, and its provider.

    Raises JournalError if the journal cannot be read or written.
    """
    try:
        provider = JournalProvider(url, path, length)
    except OSError as error:
        raise JournalError(f"cannot write {path}: {error.strerror or error}") from error
    return Session(Web3(provider), seed=seed), provider


class JournalProvider(HTTPProvider):
    """A provider that writes every answer to a file, after reading its first `length` bytes back as answers.

    What follows them in the file was not part of the checkpoint and is cut off.
    """

    def __init__(self, url: str, path: Path, length: int = 0) -> None:
        super().__init__(url, request_kwargs={"timeout": 60}, exception_retry_configuration=None)
        self._recorded: deque[tuple[str, Any]] = deque()
        self._latest: dict[str, Any] = {}
        self._file: Final[IO[bytes]] = path.open("r+b" if length else "w+b")
        try:
            self._recorded.extend((key, answer) for key, answer in _lines(self._file.read(length), length))
        except ValueError as error:
            self._file.close()
            raise JournalError(f"the journal {path} cannot be read: {error}") from error
        self._file.truncate(length)
        self._file.seek(length)

    def close(self) -> None:
        """Close the file; what cannot be written any more is not needed."""
        with contextlib.suppress(OSError):
            self._file.close()

    @property
    def replaying(self) -> bool:
        """Whether there are answers left from before."""
        return bool(self._recorded)

    def sync(self) -> int:
        """Make sure that what was written survives, and return how many bytes that is; JournalError."""
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            return self._file.tell()
        except OSError as error:
            raise JournalError(f"cannot write {self._file.name}: {error.strerror or error}") from error

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        """Answer from the journal, or ask the node and write its answer down."""
        key = _key([(method, params)])
        found = self._replayed(key, ask_again=_of_the_moment(method, params))
        if found is None:
            found = super().make_request(method, params)
            self._write(key, found)
        answer: RPCResponse = found
        return answer

    def make_batch_request(
        self, batch_requests: list[tuple[RPCEndpoint, Any]]
    ) -> list[RPCResponse] | RPCResponse:
        """Do the same for many requests in one message."""
        key = _key(batch_requests)
        found = self._replayed(key, ask_again=False)
        if found is None:
            found = super().make_batch_request(batch_requests)
            self._write(key, found)
        answers: list[RPCResponse] | RPCResponse = found
        return answers

    def _replayed(self, key: str, *, ask_again: bool) -> Any:
        """Return the recorded answer, None where there are no more.

        How often the latest block and the tip are asked for depends on how fast a run is: an answer that is
        too many is passed over, one that is missing is the last one there was.
        """
        if not self._recorded:
            return None
        if ask_again and self._recorded[0][0] != key:
            if key in self._latest:
                return self._latest[key]
            raise JournalError("the journal has no answer to a question that the run now asks")
        while self._recorded:
            recorded, answer = self._recorded.popleft()
            self._latest[recorded] = answer
            if recorded == key:
                return answer
            if recorded.split(" ", 1)[0] in SENDING:
                break
        raise JournalError("the run does not do what it did before it was interrupted")

    def _write(self, key: str, answer: Any) -> None:
        try:
            self._file.write(json.dumps([key, answer], separators=(",", ":")).encode() + b"\n")
        except OSError as error:
            raise JournalError(f"cannot write {self._file.name}: {error.strerror or error}") from error


def _lines(text: bytes, length: int) -> Iterator[tuple[str, Any]]:
    if len(text) != length:
        raise ValueError(f"it has {len(text)} bytes, not {length}")
    for line in text.splitlines():
        key, answer = json.loads(line)
        yield str(key), answer


def _of_the_moment(method: str, params: Sequence[Any]) -> bool:
    if method == "eth_getBlockByNumber":
        return bool(params[0] == "latest")
    return method == "eth_maxPriorityFeePerGas"


def _key(requests: Sequence[tuple[str, Any]]) -> str:
    """Return what identifies a request: the (first) method, and a digest of all of it."""
    text = json.dumps([[method, params] for method, params in requests], separators=(",", ":"))
    return f"{requests[0][0]} {hashlib.sha256(text.encode()).hexdigest()[:16]}"
