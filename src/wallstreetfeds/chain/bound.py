"""A contract at an address: the one place where calls are encoded, sent and decoded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, Self, TypeVar, cast

from eth_abi.exceptions import EncodingError
from eth_account.signers.local import LocalAccount
from eth_utils.address import is_address

from wallstreetfeds.chain.abi import checksum, decode_log, deployment, functions
from wallstreetfeds.chain.node import unhex
from wallstreetfeds.chain.session import Session
from wallstreetfeds.chain.transactions import Call, Mined
from wallstreetfeds.records import Record

T = TypeVar("T")
R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True)
class Receipt(Generic[T]):
    """A mined transaction: what it cost, what it logged, and what the contract function returned.

    `block` and `timestamp` (seconds) are those of its block, `gas_used` is what it paid for.
    """

    hash: str
    block: int
    timestamp: int
    gas_used: int
    events: tuple[Record, ...] = field(repr=False)
    value: T


class BoundContract:
    """A contract at an address; views are read at `block`, at the latest one if None.

    Every view raises ContractError where the contract refuses, WrongChainError where there is no contract.
    """

    ARTIFACT: ClassVar[str]

    def __init__(self, session: Session, address: str, *, block: int | None = None) -> None:
        if not is_address(address):
            raise ValueError(f"not an address: {address!r}")
        self.session = session
        self.address = checksum(address)
        self.block = block

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.address})"

    def at_block(self, block: int | None) -> Self:
        """Return the same contract with its views read at a block."""
        return type(self)(self.session, self.address, block=block)

    def read_many(self, calls: Iterable[tuple[str, Sequence[Any]]]) -> list[Any]:
        """Return what many views (name, arguments) answer, in few messages to the node."""
        wanted = list(calls)
        answers = self.session.read_many([self._call(n, values) for n, values in wanted], block=self.block)
        table = functions(self.ARTIFACT)
        return [table[name].decode(answer) for (name, _), answer in zip(wanted, answers, strict=True)]

    def _call(self, name: str, values: Sequence[Any]) -> Call:
        try:
            data = functions(self.ARTIFACT)[name].encode(values)
        except (EncodingError, TypeError, ValueError, OverflowError) as error:
            raise ValueError(f"{self.ARTIFACT}.{name}: {error}") from error
        return Call(self.ARTIFACT, name, self.address, data)

    def _read(self, name: str, *values: Any) -> Any:
        answer = self.session.read(self._call(name, values), block=self.block)
        return functions(self.ARTIFACT)[name].decode(answer)

    def _int(self, name: str, *values: Any) -> int:
        return cast(int, self._read(name, *values))

    def _str(self, name: str, *values: Any) -> str:
        return cast(str, self._read(name, *values))

    def _bool(self, name: str, *values: Any) -> bool:
        return cast(bool, self._read(name, *values))

    def _send(self, name: str, *values: Any, sender: LocalAccount) -> Receipt[None]:
        return self._send_for(lambda _: None, name, *values, sender=sender)

    def _send_for(
        self, value_of: Callable[[Sequence[Record]], T], name: str, *values: Any, sender: LocalAccount
    ) -> Receipt[T]:
        """Send, wait, and take the value that the function returned from the events."""
        mined = self.session.transact(self._call(name, values), sender)
        events = decode_logs(mined)
        return Receipt(mined.hash, mined.block, mined.timestamp, mined.gas_used, events, value_of(events))

    def _logged(self, events: Sequence[Record], kind: type[R]) -> list[R]:
        """The events of a kind that this contract itself logged."""
        return [e for e in events if isinstance(e, kind) and e.contract == self.address]


def decode_logs(mined: Mined) -> tuple[Record, ...]:
    """Return the events of a transaction as records, in order; logs of strangers are left out."""
    found = []
    for log in mined.logs:
        record = decode_log(
            log["address"],
            [unhex(topic) for topic in log["topics"]],
            unhex(log["data"]),
            block=mined.block,
            timestamp=mined.timestamp,
            log_index=int(log["logIndex"], 16),
        )
        if record is not None:
            found.append(record)
    return tuple(found)


def deploy(session: Session, name: str, *values: Any, sender: LocalAccount) -> str:
    """Deploy a contract by the name of its artifact and return its address."""
    return deploy_code(session, name, deployment(name, values), sender=sender)


def deploy_code(session: Session, name: str, code: bytes, *, sender: LocalAccount) -> str:
    """Run init code and return the new contract's address."""
    return cast(str, session.transact(Call(name, "__init__", None, code), sender).created)
