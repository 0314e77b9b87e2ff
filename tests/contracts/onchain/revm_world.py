"""The whole federation on revm: `onchain.world` with another chain under it, twenty times as fast.

Inside `on_revm()` everything made of `Federation` runs on pyrevm; contracts have titanoboa's way of calling
them, `contract.name(*arguments, sender=...)`, and refusals are BoaErrors with the same reasons.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from types import SimpleNamespace
from typing import Any

import boa
import pyrevm
from boa import BoaError
from eth_abi import decode, encode
from eth_utils import keccak, to_checksum_address

from onchain import world

DEPLOYER = "0x" + "11" * 20
START = 1_700_000_000
# What titanoboa puts before the code of a blueprint (ERC-5202), after the code that returns it.
PREAMBLE = bytes.fromhex("fe7100")
# titanoboa's own, whatever the world's is at the moment.
sources = world.compiled


@cache
def outputs(name: str) -> tuple[bytes, dict[str, list[dict[str, Any]]], list[str]]:
    """Bytecode, functions by name, types of the constructor."""
    data = sources(name).compiler_data
    from vyper.compiler.output import build_abi_output

    functions: dict[str, list[dict[str, Any]]] = {}
    constructor: list[str] = []
    for entry in build_abi_output(data):
        if entry["type"] == "function":
            functions.setdefault(entry["name"], []).append(entry)
        elif entry["type"] == "constructor":
            constructor = [canonical(part) for part in entry["inputs"]]
    return data.bytecode, functions, constructor


def canonical(part: dict[str, Any]) -> str:
    """A type as signatures have it: tuples spelled out."""
    kind = str(part["type"])
    if not kind.startswith("tuple"):
        return kind
    return "(" + ",".join(canonical(inner) for inner in part["components"]) + ")" + kind[5:]


def plain(value: Any) -> Any:
    """Contracts by their addresses, inside lists too."""
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return getattr(value, "address", value)


class Refusal(BoaError):
    """A call that reverted on revm."""

    def __init__(self, output: bytes) -> None:
        Exception.__init__(self, output)
        self.call_trace = SimpleNamespace(output=output)

    def __str__(self) -> str:
        return repr(self.call_trace.output)


class RevmChain:
    """One chain, with the parts of `boa.env` that the federation uses."""

    def __init__(self) -> None:
        self.evm = pyrevm.EVM(spec_id="CANCUN")
        self.evm.set_balance(DEPLOYER, 10**30)
        self.timestamp = START
        self.names = 0
        self.evm.set_block_env(pyrevm.BlockEnv(number=1, timestamp=self.timestamp))
        self.calls = 0

    def time_travel(self, seconds: int) -> None:
        """Later."""
        self.timestamp += seconds
        self.evm.set_block_env(pyrevm.BlockEnv(number=1, timestamp=self.timestamp))

    def generate_address(self, alias: str = "") -> str:
        """An account nobody else has."""
        self.names += 1
        return str(to_checksum_address(keccak(text=f"{alias} {self.names}")[:20]))

    @contextmanager
    def anchor(self) -> Iterator[None]:
        """What happens inside is undone."""
        checkpoint, timestamp = self.evm.snapshot(), self.timestamp
        try:
            yield
        finally:
            self.evm.revert(checkpoint)
            self.time_travel(timestamp - self.timestamp)

    def deploy(self, code: bytes) -> str:
        """Run creation code."""
        return str(to_checksum_address(self.evm.deploy(DEPLOYER, code)))

    def call(self, sender: Any, to: str, calldata: bytes) -> bytes:
        """One transaction; its changes stay unless it reverts."""
        self.calls += 1
        try:
            return bytes(self.evm.message_call(str(plain(sender)), to, calldata=calldata))
        except RuntimeError as error:
            text = str(error)
            if not text.startswith("Revert"):
                raise
            output = text.partition("output: 0x")[2].partition(" ")[0]
            raise Refusal(bytes.fromhex(output)) from None


class RevmContract:
    """A contract and what can be called on it."""

    def __init__(self, chain: RevmChain, name: str, address: str) -> None:
        self.chain, self.name, self.address = chain, name, str(to_checksum_address(address))

    def __getattr__(self, name: str) -> Any:
        entries = outputs(self.__dict__["name"])[1].get(name)
        if entries is None:
            raise AttributeError(name)
        (entry,) = entries
        inputs = [canonical(part) for part in entry["inputs"]]
        returns = [canonical(part) for part in entry["outputs"]]
        selector = keccak(text=f"{name}({','.join(inputs)})")[:4]

        def call(*arguments: Any, sender: Any = DEPLOYER) -> Any:
            data = selector + encode(inputs, plain(arguments))
            output = self.chain.call(sender, self.address, data)
            values = [
                to_checksum_address(value) if kind == "address" else value
                for kind, value in zip(returns, decode(returns, output), strict=True)
            ]
            return values[0] if len(values) == 1 else tuple(values) if values else None

        self.__dict__[name] = call
        return call

    def __eq__(self, other: object) -> bool:
        return plain(other) == self.address

    def __hash__(self) -> int:
        return hash(self.address)


class RevmDeployer:
    """What `compiled` gives on this chain."""

    def __init__(self, chain: RevmChain, name: str) -> None:
        self.chain, self.name = chain, name

    def at(self, address: Any) -> RevmContract:
        """The contract that is there."""
        return RevmContract(self.chain, self.name, plain(address))

    def deploy(self, *arguments: Any) -> RevmContract:
        """A new one."""
        code, _, constructor = outputs(self.name)
        return self.at(self.chain.deploy(code + encode(constructor, plain(arguments))))

    def deploy_as_blueprint(self) -> RevmContract:
        """Its creation code as a blueprint."""
        code = PREAMBLE + outputs(self.name)[0]
        # PUSH2 length, DUP1, PUSH1 10, PUSH1 0, CODECOPY, PUSH1 0, RETURN.
        start = b"\x61" + len(code).to_bytes(2, "big") + bytes.fromhex("80600a3d393df3")
        return self.at(self.chain.deploy(start + code))


@contextmanager
def on_revm() -> Iterator[RevmChain]:
    """`onchain.world` on a new chain of revm's."""
    chain = RevmChain()
    before = world.boa, world.compiled, world.orchestrator

    made: list[Any] = []

    def compiled(name: str) -> RevmDeployer:
        return RevmDeployer(chain, name)

    def orchestrator() -> Any:
        if not made:
            made.append(
                compiled("Orchestrator").deploy(
                    compiled("Scenario").deploy_as_blueprint().address,
                    compiled("Pool").deploy_as_blueprint().address,
                    compiled("Challenges").deploy_as_blueprint().address,
                    compiled("ClientToken").deploy().address,
                )
            )
        return made[0]

    world.boa, world.compiled, world.orchestrator = (
        SimpleNamespace(env=chain, load_partial=boa.load_partial),
        compiled,
        orchestrator,
    )  # type: ignore[assignment]
    try:
        yield chain
    finally:
        world.boa, world.compiled, world.orchestrator = before
