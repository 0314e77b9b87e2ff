"""Talking JSON-RPC to a node, with every failure turned into one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import requests
from eth_abi.abi import decode
from web3 import Web3
from web3.providers.rpc import HTTPProvider
from web3.types import RPCEndpoint

from wallstreetfeds.chain.errors import NodeError

ERROR_SELECTOR = bytes.fromhex("08c379a0")
PANIC_SELECTOR = bytes.fromhex("4e487b71")
BATCH = 200


class RpcError(NodeError):
    """The node answered with an error: its message, code, and the data of a revert if there is any."""

    def __init__(self, method: str, code: int, message: str, data: bytes | None) -> None:
        super().__init__(f"the node refused {method}: {message}")
        self.method = method
        self.code = code
        self.message = message
        self.data = data

    @property
    def reverted(self) -> bool:
        """Whether a contract refused the call (and not the node)."""
        return self.code == 3 or self.data is not None or "revert" in self.message.lower()


@dataclass(frozen=True, slots=True)
class Header:
    """What the SDK needs of a block; `base_fee` in wei, 0 where the chain has none."""

    number: int
    timestamp: int
    hash: bytes
    base_fee: int


class Node:
    """JSON-RPC over the provider of a Web3."""

    def __init__(self, w3: Web3) -> None:
        self.w3 = w3

    def request(self, method: str, *params: Any) -> Any:
        """Return the result of one call.  Raises NodeError without an answer, RpcError for a refusal."""
        try:
            response = self.w3.provider.make_request(RPCEndpoint(method), list(params))
        except requests.RequestException as error:
            raise NodeError(f"no Ethereum node answers at {self.where}: {_cause(error)}") from error
        except (ValueError, OSError) as error:
            raise NodeError(f"what answers at {self.where} is not an Ethereum node: {error}") from error
        return _result(method, cast(dict[str, Any], response))

    def request_many(self, calls: Sequence[tuple[str, list[Any]]]) -> list[Any]:
        """Return the results of many calls, in order; in few messages where the provider is HTTP."""
        provider = self.w3.provider
        if not isinstance(provider, HTTPProvider):
            return [self.request(method, *params) for method, params in calls]
        results: list[Any] = []
        for start in range(0, len(calls), BATCH):
            part = [(RPCEndpoint(method), params) for method, params in calls[start : start + BATCH]]
            try:
                responses = provider.make_batch_request(part)
            except requests.RequestException as error:
                raise NodeError(f"no Ethereum node answers at {self.where}: {_cause(error)}") from error
            if not isinstance(responses, list):
                return [self.request(method, *params) for method, params in calls]
            pairs = zip(part, responses, strict=True)
            results += [_result(method, cast(dict[str, Any], answer)) for (method, _), answer in pairs]
        return results

    @property
    def where(self) -> str:
        """The node's address, for messages."""
        return str(getattr(self.w3.provider, "endpoint_uri", "the embedded chain"))

    def header(self, block: int | str) -> Header:
        """Return the header of a block by number or tag.  Raises NodeError if there is no such block."""
        tag = block if isinstance(block, str) else hex(block)
        entry = self.request("eth_getBlockByNumber", tag, False)
        if entry is None:
            raise NodeError(f"the node has no block {block}")
        return as_header(entry)


def as_header(entry: dict[str, Any]) -> Header:
    """Return a block as JSON-RPC gives it as a Header."""
    return Header(
        number=int(entry["number"], 16),
        timestamp=int(entry["timestamp"], 16),
        hash=unhex(entry["hash"]),
        base_fee=int(entry.get("baseFeePerGas") or "0x0", 16),
    )


def unhex(text: str) -> bytes:
    """Return the bytes of "0x..."."""
    return bytes.fromhex(text.removeprefix("0x"))


def revert_reason(data: bytes | None, message: str = "") -> str:
    """Return in words why a contract reverted: from the revert data, else from the node's message."""
    if data is not None and data[:4] == ERROR_SELECTOR:
        return cast(str, decode(["string"], data[4:])[0])
    if data is not None and data[:4] == PANIC_SELECTOR:
        return f"panic 0x{decode(['uint256'], data[4:])[0]:02x}"
    for prefix in ("execution reverted:", "reverted with reason string", "revert:"):
        if prefix in message:
            return message.split(prefix, 1)[1].strip(" '\"")
    return "no reason given"


def _result(method: str, response: dict[str, Any]) -> Any:
    if not isinstance(response, dict) or ("result" not in response and "error" not in response):
        raise NodeError(f"the node's answer to {method} is not JSON-RPC")
    error = response.get("error")
    if error is None:
        return response["result"]
    if isinstance(error, str):
        error = {"message": error}
    data = error.get("data")
    if isinstance(data, dict):
        data = data.get("data") or data.get("result")
    return _raise(method, error, data)


def _raise(method: str, error: dict[str, Any], data: Any) -> None:
    is_hex = isinstance(data, str) and data.startswith("0x")
    raise RpcError(
        method,
        int(error.get("code", 0)),
        str(error.get("message", "no message")),
        unhex(data) if is_hex else None,
    )


def _cause(error: requests.RequestException) -> str:
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    if isinstance(error, requests.ConnectionError):
        return "connection refused"
    return str(error)
