"""A session with a chain: its accounts, its clock, reading and sending."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from typing import Final, Self

from eth_account import Account
from eth_account.signers.local import LocalAccount
from web3 import Web3
from web3.providers.rpc import HTTPProvider

from wallstreetfeds.chain.abi import ZERO_ADDRESS
from wallstreetfeds.chain.errors import DevelopmentOnlyError, FundsError, WrongChainError
from wallstreetfeds.chain.node import Node, RpcError, unhex
from wallstreetfeds.chain.transactions import Call, Mined, Stats, Transactions, refusal

DEVELOPMENT_CHAINS: Final = frozenset({1337, 31337, 131277322940537})
"""Chain ids of geth --dev and ganache, of anvil, hardhat and the embedded chain, of eth-tester."""

DEVELOPMENT_FUNDS: Final = 50 * 10**18
"""Wei that a development account is funded with."""


class Session:
    """One node, the accounts that sign here, and what was spent.

    Make one with `embedded` or `connect`.  Not safe to use from several threads.
    """

    def __init__(self, w3: Web3, *, seed: int = 0, receipt_timeout: float = 120.0) -> None:
        """Start a session over `w3`; `seed` decides the development accounts, `receipt_timeout` is seconds.

        Raises NodeError if nobody answers.
        """
        self.w3: Final = w3
        self.node: Final = Node(w3)
        self.seed: Final = seed
        self.chain_id: Final = int(self.node.request("eth_chainId"), 16)
        self.development: Final = self._is_development()
        self._transactions: Final = Transactions(
            self.node, self.chain_id, development=self.development, receipt_timeout=receipt_timeout
        )
        self._accounts: dict[str, LocalAccount] = {}
        self._with_code: set[str] = set()
        self._faucets: list[str] | None = None

    @classmethod
    def embedded(cls, seed: int = 0) -> Self:
        """Return a session with a new chain in this process; the same seed gives the same chain."""
        from wallstreetfeds.chain.embedded import EmbeddedProvider

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
        return self._transactions.stats

    def close(self) -> None:
        """Forget the accounts; the session cannot sign for development accounts it has not made again."""
        self._accounts.clear()
        self._transactions.forget()

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

    def now(self) -> int:
        """Return the time of the next block in seconds, as far as anybody knows."""
        pending = self.node.request("eth_getBlockByNumber", "pending", False)
        if pending is None:
            return max(self.timestamp(), int(time.time()))
        return max(self.timestamp(), int(pending["timestamp"], 16))

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
        self._transactions.forget()

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
                raise refusal(calls[0], ZERO_ADDRESS, error) from error
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
        if call.to is not None:
            self.require_code(call.to, call.contract)
        return self._transactions.send(call, sender)

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
            self._transactions.wait(self.node.request("eth_sendTransaction", payment), started)
        except RpcError as error:
            raise FundsError(f"{faucet} cannot fund {address} with ether: {error.message}") from error
