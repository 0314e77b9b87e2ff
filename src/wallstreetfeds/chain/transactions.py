"""Sending: signing, nonces, fees, receipts, and finding out why something failed."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Final

from eth_account.signers.local import LocalAccount

from wallstreetfeds.chain.abi import checksum
from wallstreetfeds.chain.errors import ChainError, ContractError, FundsError, NodeError, OutOfGasError
from wallstreetfeds.chain.node import Header, Node, RpcError, as_header, revert_reason, unhex

GAS_LIMIT: Final = 16_000_000
"""Gas given to a transaction on a development chain, the most on any: below the cap of EIP-7825 (2^24)."""

HEAD_SECONDS: Final = 10.0
"""How old the last block seen may be for its base fee to bound the next ones'."""


@dataclass(frozen=True, slots=True)
class Stats:
    """What a session has cost so far; `seconds` were spent sending and waiting for receipts."""

    transactions: int = 0
    gas: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Call:
    """A call to a contract (to None: the init code of a new one), with the names that an error needs."""

    contract: str
    function: str
    to: str | None
    data: bytes


@dataclass(frozen=True, slots=True)
class Mined:
    """A transaction in a block, as the node reports it; logs as JSON-RPC gives them."""

    hash: str
    block: int
    timestamp: int
    gas_used: int
    created: str | None
    logs: tuple[dict[str, Any], ...]


class Transactions:
    """Signs here, sends to one node, waits for the receipt, counts.

    On a development chain every transaction gets GAS_LIMIT; elsewhere gas is estimated first, so that what
    would fail is not sent.
    """

    def __init__(self, node: Node, chain_id: int, *, development: bool, receipt_timeout: float) -> None:
        self.node: Final = node
        self.chain_id: Final = chain_id
        self.development: Final = development
        self.receipt_timeout: Final = receipt_timeout
        self.stats = Stats()
        self._nonces: dict[str, int] = {}
        self._head: tuple[float, Header] | None = None
        self._tip: int | None = None

    def send(self, call: Call, sender: LocalAccount) -> Mined:
        """Send a call and wait until it is in a block.

        Raises ContractError with the contract's reason, OutOfGasError, FundsError, NodeError.
        """
        started = time.perf_counter()
        gas = GAS_LIMIT if self.development else self._estimate(call, sender)
        digest = self._submit(call, sender, gas)
        receipt = self.wait(digest, started)
        if int(receipt["status"], 16) != 1:
            raise self._explain(call, sender, receipt, gas)
        created = receipt.get("contractAddress")
        return Mined(
            hash=digest,
            block=int(receipt["blockNumber"], 16),
            timestamp=self._timestamp_of(receipt),
            gas_used=int(receipt["gasUsed"], 16),
            created=checksum(created) if created else None,
            logs=tuple(receipt["logs"]),
        )

    def wait(self, digest: str, started: float) -> dict[str, Any]:
        """Return the receipt of a transaction once there is one, and count it from `started` on.

        Raises NodeError if it takes longer than the session's patience.
        """
        deadline = time.monotonic() + self.receipt_timeout
        pause = 0.0005
        while True:
            receipt: dict[str, Any] | None = self.node.request("eth_getTransactionReceipt", digest)
            if receipt is not None and receipt.get("blockNumber") is not None:
                break
            if time.monotonic() > deadline:
                raise NodeError(f"transaction {digest} was not mined within {self.receipt_timeout:.0f} s")
            time.sleep(pause)
            pause = min(2 * pause, 0.5)
        self.stats = Stats(
            transactions=self.stats.transactions + 1,
            gas=self.stats.gas + int(receipt["gasUsed"], 16),
            seconds=self.stats.seconds + time.perf_counter() - started,
        )
        return receipt

    def forget(self) -> None:
        """Ask the node again for nonces and fees."""
        self._nonces.clear()
        self._head = None
        self._tip = None

    def _estimate(self, call: Call, sender: LocalAccount) -> int:
        try:
            estimate = int(self.node.request("eth_estimateGas", request_of(call, sender.address)), 16)
        except RpcError as error:
            if error.reverted:
                raise refusal(call, sender.address, error) from error
            raise _in_words(error, sender) from error
        return min(estimate * 5 // 4, GAS_LIMIT)

    def _submit(self, call: Call, sender: LocalAccount, gas: int) -> str:
        base_fee, tip = self._fees()
        for attempt in (1, 2):
            nonce = self._nonce(sender.address)
            transaction: dict[str, Any] = {
                "type": 2,
                "chainId": self.chain_id,
                "nonce": nonce,
                "gas": gas,
                "maxFeePerGas": 4 * base_fee + tip,
                "maxPriorityFeePerGas": tip,
                "value": 0,
                "data": call.data,
                **({"to": call.to} if call.to is not None else {}),
            }
            signed = sender.sign_transaction(transaction)
            try:
                self.node.request("eth_sendRawTransaction", "0x" + signed.raw_transaction.hex())
            except RpcError as error:
                self.forget()
                # A node that has this very transaction already (the connection broke after sending) is fine.
                if "already known" not in error.message.lower():
                    if attempt == 1 and "nonce" in error.message.lower():
                        continue
                    raise _in_words(error, sender) from error
            self._nonces[sender.address] = nonce + 1
            return "0x" + bytes(signed.hash).hex()
        raise AssertionError("the second attempt returns or raises")

    def _nonce(self, address: str) -> int:
        if address not in self._nonces:
            self._nonces[address] = int(self.node.request("eth_getTransactionCount", address, "pending"), 16)
        return self._nonces[address]

    def _fees(self) -> tuple[int, int]:
        """Base fee of the last block seen, and the tip that the node proposes, in wei."""
        if self._head is None or time.monotonic() - self._head[0] > HEAD_SECONDS:
            self._head = (time.monotonic(), self.node.header("latest"))
            self._tip = None
        if self._tip is None:
            self._tip = int(self.node.request("eth_maxPriorityFeePerGas"), 16)
        return self._head[1].base_fee, self._tip

    def _timestamp_of(self, receipt: dict[str, Any]) -> int:
        number = int(receipt["blockNumber"], 16)
        if self._head is None or self._head[1].number != number:
            entry = self.node.request("eth_getBlockByHash", receipt["blockHash"], False)
            self._head = (time.monotonic(), as_header(entry))
        return self._head[1].timestamp

    def _explain(self, call: Call, sender: LocalAccount, receipt: dict[str, Any], gas: int) -> ContractError:
        """Find out why a transaction failed: the receipt may say it, else the call is replayed."""
        names = {"contract": call.contract, "function": call.function, "sender": sender.address}
        told = receipt.get("revertReason")
        if isinstance(told, str) and told.startswith("0x") and len(told) > 2:
            return ContractError(revert_reason(unhex(told)), **names)
        if int(receipt["gasUsed"], 16) >= gas - gas // 64:
            return OutOfGasError(f"out of gas: {gas} were not enough", **names)
        number = int(receipt["blockNumber"], 16)
        # The block's own state first: a failed transaction left nothing in it, and the time is the same.
        for block in (number, number - 1):
            try:
                self.node.request("eth_call", request_of(call, sender.address), hex(block))
            except RpcError as error:
                if error.reverted:
                    return refusal(call, sender.address, error)
        return ContractError("no reason given, and a replay of the call succeeds", **names)


def request_of(call: Call, sender: str) -> dict[str, str]:
    """Return a call as JSON-RPC has it."""
    request = {"from": sender, "data": "0x" + call.data.hex()}
    return request if call.to is None else {**request, "to": call.to}


def refusal(call: Call, sender: str, error: RpcError) -> ContractError:
    """Return a contract's refusal, with its reason, from what the node said."""
    reason = revert_reason(error.data, error.message)
    return ContractError(reason, contract=call.contract, function=call.function, sender=sender)


def _in_words(error: RpcError, sender: LocalAccount) -> ChainError:
    if "insufficient funds" in error.message.lower():
        return FundsError(f"{sender.address} has not enough ether to pay for the transaction")
    return error
