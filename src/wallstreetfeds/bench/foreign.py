"""A contract of somebody else's at an address: deployed from its build, called by the names of its ABI."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from eth_abi.abi import encode
from eth_account.signers.local import LocalAccount
from eth_utils.abi import collapse_if_tuple, function_abi_to_4byte_selector

from wallstreetfeds.bench.packages import Build
from wallstreetfeds.chain import Session
from wallstreetfeds.chain.abi import Function
from wallstreetfeds.chain.bound import deploy_code
from wallstreetfeds.chain.transactions import Call, Mined


class Foreign:
    """A contract at an address; names are those of the contract, integers those of the chain."""

    def __init__(self, session: Session, build: Build, address: str) -> None:
        self.session: Final = session
        self.name: Final = build.name
        self.address: Final = address
        self._functions: Final = {e["name"]: _function(e) for e in build.abi if e["type"] == "function"}

    def send(self, function: str, *values: Any, sender: LocalAccount) -> Mined:
        """Call a function in a transaction and wait for its block.  Raises ContractError."""
        return self.session.transact(self._call(function, values), sender)

    def read(self, function: str, *values: Any) -> Any:
        """Return what a view answers: the one value, or a tuple.  Raises ContractError."""
        answer = self.session.read(self._call(function, values))
        return self._functions[function].decode(answer)

    def _call(self, function: str, values: tuple[Any, ...]) -> Call:
        return Call(self.name, function, self.address, self._functions[function].encode(values))


def deploy_foreign(
    session: Session,
    build: Build,
    *values: Any,
    sender: LocalAccount,
    libraries: Mapping[str, str] | None = None,
) -> Foreign:
    """Deploy a contract with its constructor's arguments and the addresses of its libraries by name.

    Raises ContractError if the constructor refuses, KeyError for a library not given.
    """
    inputs: list[dict[str, Any]] = next((e["inputs"] for e in build.abi if e["type"] == "constructor"), [])
    arguments = encode([collapse_if_tuple(item) for item in inputs], values)
    code = build.init_code(libraries or {}) + arguments
    return Foreign(session, build, deploy_code(session, build.name, code, sender=sender))


def _function(entry: dict[str, Any]) -> Function:
    """Of overloaded functions the last one is kept; none that is called here is overloaded."""
    return Function(
        name=entry["name"],
        selector=function_abi_to_4byte_selector(entry),  # type: ignore[arg-type]
        inputs=tuple(collapse_if_tuple(item) for item in entry["inputs"]),
        outputs=tuple(collapse_if_tuple(item) for item in entry["outputs"]),
        arguments=tuple(item["name"] for item in entry["inputs"]),
        view=entry["stateMutability"] in {"view", "pure"},
    )
