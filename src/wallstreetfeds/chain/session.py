"""A session with a chain: accounts, signing, nonces, receipts, time."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from eth_account import Account
from eth_account.signers.local import LocalAccount
from web3 import Web3
from web3.providers.rpc import HTTPProvider

from .abi import ZERO_ADDRESS, checksum
from .errors import (
    ChainError,
    ContractError,
    DevelopmentOnlyError,
    FundsError,
    NodeError,
    OutOfGasError,
    WrongChainError,
)
from .node import Header, Node, RpcError, as_header, revert_reason, unhex

DEVELOPMENT_CHAINS: Final = frozenset({1337, 31337, 131277322940537})
"""Chain ids of geth --dev and ganache, of anvil, hardhat and the embedded chain, of eth-tester."""

GAS_LIMIT: Final = 16_000_000
"""Gas given to a transaction on a development chain: below the cap of EIP-7825 (2^24)."""

DEVELOPMENT_FUNDS: Final = 50 * 10**18
"""Wei that a development account is funded with."""

HEAD_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class Stats:
    """What a session has cost so far; `seconds` were spent sending and waiting for receipts."""

    transactions: int = 0
    gas: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Call:
    """A call to a contract, with the names that an error needs."""

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


class Session:
    """One node, the accounts that sign here, and what was spent.

    Make one with `embedded` or `connect`.  Not safe to use from several threads.
    """

    def __init__(self, w3: Web3, *, seed: int = 0, receipt_timeout: float = 120.0) -> None:
        """Start a session over `w3`; `seed` decides the development accounts.

        Raises NodeError if nobody answers.
        """
        self.w3: Final = w3
        self.node: Final = Node(w3)
        self.seed: Final = seed
        self.receipt_timeout: Final = receipt_timeout
        self.chain_id: Final = int(self.node.request("eth_chainId"), 16)
        self.development: Final = self._is_development()
        self._accounts: dict[str, LocalAccount] = {}
        self._nonces: dict[str, int] = {}
        self._with_code: set[str] = set()
        self._head: tuple[float, Header] | None = None
        self._stats = Stats()
        self._faucets: list[str] | None = None

    @classmethod
    def embedded(cls, seed: int = 0) -> Self:
        """Return a session with a new chain in this process; the same seed gives the same chain."""
        from .embedded import EmbeddedProvider

        return cls(Web3(EmbeddedProvider(seed)), seed=seed)

    @classmethod
    def connect(cls, url: str, *, seed: int = 0, chain_id: int | None = None) -> Self:
        """Return a session with the node at `url` (HTTP).

        Raises NodeError if it does not answer, WrongChainError if it is not on `chain_id` (where given).
        """
        provider = HTTPProvider(url, request_kwargs={"timeout": 60}, exception_retry_configuration=None)
        session = cls(Web3(provider), seed=seed)
        if chain_id is not None and session.chain_id != chain_id:
            raise WrongChainError(f"the node at {url} is on chain {session.chain_id}, not on {chain_id}")
        return session

    @property
    def stats(self) -> Stats:
        """Transactions, gas and seconds so far."""
        return self._stats

    def close(self) -> None:
        """Forget the accounts; the session cannot sign for development accounts it has not made again."""
        self._accounts.clear()
        self._nonces.clear()

    # --- accounts ---

    def account(self, name: str) -> LocalAccount:
        """Return the development account of that name, funded with ether; the same for the same seed.

        Raises DevelopmentOnlyError on any other chain: its key can be computed by everybody.
        """
        if name not in self._accounts:
            self._development_only(f"the account {name!r} has a key that everybody can compute")
            digest = hashlib.sha256(f"wallstreetfeds development key {self.seed} {name}".encode()).digest()
            account: LocalAccount = Account.from_key(digest)
            self._fund(account.address, len(self._accounts))
            self._accounts[name] = account
        return self._accounts[name]

    def balance(self, address: str) -> int:
        """Return the ether of an address, in wei."""
        return int(self.node.request("eth_getBalance", address, "latest"), 16)

    # --- time and blocks ---

    def timestamp(self) -> int:
        """Return the time of the latest block, in seconds."""
        return self.node.header("latest").timestamp

    def block_number(self) -> int:
        """Return the number of the latest block."""
        return int(self.node.request("eth_blockNumber"), 16)

    def block_hash(self, block: int) -> bytes:
        """Return the hash (32 bytes) of a block by number."""
        return self.node.header(block).hash

    def advance_time(self, seconds: int) -> None:
        """Let at least `seconds` of block time pass and mine a block; development chains only."""
        self._development_only("only a development chain can change its clock")
        if seconds < 0:
            raise ValueError(f"time does not run backwards: {seconds} seconds")
        self.node.request("evm_increaseTime", seconds)
        self.node.request("evm_mine")
        self._head = None

    # --- calls ---

    def read(self, call: Call, *, block: int | None = None) -> bytes:
        """Return what a view answers at a block (the latest by default), undecoded.

        Raises ContractError if it refuses, WrongChainError if there is no contract.
        """
        return self.read_many([call], block=block)[0]

    def read_many(self, calls: Sequence[Call], *, block: int | None = None) -> list[bytes]:
        """Return what many views answer at one block, in few messages."""
        tag = "latest" if block is None else hex(block)
        requests = [("eth_call", [{"to": c.to, "data": "0x" + c.data.hex()}, tag]) for c in calls]
        try:
            answers = [unhex(answer) for answer in self.node.request_many(requests)]
        except RpcError as error:
            if len(calls) == 1 and error.reverted:
                raise _refusal(calls[0], ZERO_ADDRESS, error) from error
            if error.reverted:
                # One of them was refused: ask one by one, to name it.
                return [self.read(call, block=block) for call in calls]
            raise
        for call, answer in zip(calls, answers, strict=True):
            if not answer:
                self.require_code(call.to or ZERO_ADDRESS, call.contract)
        return answers

    def require_code(self, address: str, contract: str) -> None:
        """Raise WrongChainError unless there is a contract at the address."""
        if address in self._with_code:
            return
        if unhex(self.node.request("eth_getCode", address, "latest")) == b"":
            raise WrongChainError(f"there is no {contract} at {address} on chain {self.chain_id}")
        self._with_code.add(address)

    def transact(self, call: Call, sender: LocalAccount) -> Mined:
        """Sign, send and wait for the receipt.

        Raises ContractError with the contract's reason, OutOfGasError, FundsError, NodeError.
        """
        started = time.perf_counter()
        if call.to is not None:
            self.require_code(call.to, call.contract)
        gas = GAS_LIMIT if self.development else self._estimate(call, sender)
        digest = self._send(call, sender, gas)
        receipt = self._await(digest)
        self._count(receipt, started)
        if int(receipt["status"], 16) != 1:
            raise self._explain(call, sender, receipt, gas)
        block = int(receipt["blockNumber"], 16)
        created = receipt.get("contractAddress")
        return Mined(
            hash=digest,
            block=block,
            timestamp=self._timestamp_of(receipt),
            gas_used=int(receipt["gasUsed"], 16),
            created=checksum(created) if created else None,
            logs=tuple(receipt["logs"]),
        )

    # --- inside ---

    def _is_development(self) -> bool:
        if self.chain_id in DEVELOPMENT_CHAINS:
            return True
        for method in ("anvil_nodeInfo", "hardhat_metadata"):
            try:
                self.node.request(method)
            except RpcError:
                continue
            return True
        return False

    def _development_only(self, why: str) -> None:
        if not self.development:
            raise DevelopmentOnlyError(f"chain {self.chain_id} is not a development chain: {why}")

    def _fund(self, address: str, turn: int) -> None:
        if self.balance(address) >= DEVELOPMENT_FUNDS // 2:
            return
        if self._faucets is None:
            self._faucets = list(self.node.request("eth_accounts"))
        if not self._faucets:
            raise FundsError(f"the node at {self.node.where} has no unlocked account to fund accounts from")
        faucet = self._faucets[turn % len(self._faucets)]
        payment = {"from": faucet, "to": address, "value": hex(DEVELOPMENT_FUNDS)}
        started = time.perf_counter()
        try:
            receipt = self._await(self.node.request("eth_sendTransaction", payment))
        except RpcError as error:
            raise FundsError(f"{faucet} cannot fund {address} with ether: {error.message}") from error
        self._count(receipt, started)

    def _count(self, receipt: dict[str, Any], started: float) -> None:
        self._stats = Stats(
            transactions=self._stats.transactions + 1,
            gas=self._stats.gas + int(receipt["gasUsed"], 16),
            seconds=self._stats.seconds + time.perf_counter() - started,
        )

    def _estimate(self, call: Call, sender: LocalAccount) -> int:
        try:
            estimate = int(self.node.request("eth_estimateGas", _request(call, sender.address)), 16)
        except RpcError as error:
            if error.reverted:
                raise _refusal(call, sender.address, error) from error
            raise _plain_error(error, sender) from error
        return min(estimate * 5 // 4, GAS_LIMIT)

    def _send(self, call: Call, sender: LocalAccount, gas: int) -> str:
        base_fee = self._latest().base_fee
        tip = 0 if self.development else int(self.node.request("eth_maxPriorityFeePerGas"), 16)
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
                digest: str = self.node.request("eth_sendRawTransaction", "0x" + signed.raw_transaction.hex())
            except RpcError as error:
                self._nonces.pop(sender.address, None)
                self._head = None
                if attempt == 1 and "nonce" in error.message.lower():
                    continue
                raise _plain_error(error, sender) from error
            self._nonces[sender.address] = nonce + 1
            return digest
        raise AssertionError("unreachable")

    def _nonce(self, address: str) -> int:
        if address not in self._nonces:
            self._nonces[address] = int(self.node.request("eth_getTransactionCount", address, "pending"), 16)
        return self._nonces[address]

    def _await(self, digest: str) -> dict[str, Any]:
        deadline = time.monotonic() + self.receipt_timeout
        pause = 0.0005
        while True:
            receipt: dict[str, Any] | None = self.node.request("eth_getTransactionReceipt", digest)
            if receipt is not None and receipt.get("blockNumber") is not None:
                return receipt
            if time.monotonic() > deadline:
                raise NodeError(f"transaction {digest} was not mined within {self.receipt_timeout:.0f} s")
            time.sleep(pause)
            pause = min(2 * pause, 0.5)

    def _latest(self) -> Header:
        """The last block seen, at most a few seconds old: its base fee bounds that of the next ones."""
        if self._head is None or time.monotonic() - self._head[0] > HEAD_SECONDS:
            self._head = (time.monotonic(), self.node.header("latest"))
        return self._head[1]

    def _timestamp_of(self, receipt: dict[str, Any]) -> int:
        number = int(receipt["blockNumber"], 16)
        if self._head is None or self._head[1].number != number:
            entry = self.node.request("eth_getBlockByHash", receipt["blockHash"], False)
            self._head = (time.monotonic(), as_header(entry))
        return self._head[1].timestamp

    def _explain(self, call: Call, sender: LocalAccount, receipt: dict[str, Any], gas: int) -> ContractError:
        """Find out why a transaction failed: the receipt may say it, else the call is replayed."""
        names = {"contract": call.contract, "function": call.function, "sender": sender.address}
        if receipt.get("revertReason", "0x") != "0x":
            return ContractError(revert_reason(unhex(receipt["revertReason"])), **names)
        if int(receipt["gasUsed"], 16) >= gas - gas // 64:
            return OutOfGasError(f"out of gas: {gas} were not enough", **names)
        number = int(receipt["blockNumber"], 16)
        # The block's own state first: a failed transaction left nothing in it, and the time is the same.
        for block in (number, number - 1):
            try:
                self.node.request("eth_call", _request(call, sender.address), hex(block))
            except RpcError as error:
                if error.reverted:
                    return _refusal(call, sender.address, error)
        return ContractError("no reason given, and a replay of the call succeeds", **names)


def _request(call: Call, sender: str) -> dict[str, str]:
    request = {"from": sender, "data": "0x" + call.data.hex()}
    return request if call.to is None else {**request, "to": call.to}


def _refusal(call: Call, sender: str, error: RpcError) -> ContractError:
    reason = revert_reason(error.data, error.message)
    return ContractError(reason, contract=call.contract, function=call.function, sender=sender)


def _plain_error(error: RpcError, sender: LocalAccount) -> ChainError:
    if "insufficient funds" in error.message.lower():
        return FundsError(f"{sender.address} has not enough ether to pay for the transaction")
    return error
