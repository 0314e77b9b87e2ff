"""The embedded chain: eth-tester's py-evm backend behind a JSON-RPC provider of our own, in this process.

eth-tester validates and rewrites every value three times and finds receipts and logs by walking back block
by block; here a transaction is one block, receipts and logs are kept as they are made, and reads share one
state.  Nothing depends on the wall clock or on chance: the same seed and the same transactions give the same
block hashes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, Final

from eth.abc import BlockHeaderAPI, ComputationAPI, SignedTransactionAPI, VirtualMachineAPI
from eth.exceptions import Revert, VMError
from eth.vm.message import Message
from eth_account import Account
from eth_tester import PyEVMBackend
from eth_typing import Address
from eth_utils.address import to_canonical_address, to_checksum_address
from eth_utils.exceptions import ValidationError
from web3.providers.base import BaseProvider
from web3.types import RPCEndpoint, RPCResponse

BLOCK_SECONDS: Final = 12
"""Seconds between two blocks."""

CHAIN_ID: Final = 31337
BLOCK_GAS: Final = 30_000_000
FAUCET_WEI: Final = 10**27
ZERO: Final = Address(b"\0" * 20)


def _hex(value: bytes) -> str:
    return "0x" + value.hex()


class RpcRefusalError(Exception):
    """What a node answers with `error`: code, message and the data of a revert."""

    def __init__(self, code: int, message: str, data: bytes | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data


class EmbeddedProvider(BaseProvider):
    """A development chain in this process; answers the JSON-RPC calls that the SDK uses.

    `seed` decides the genesis time and the key of the one unlocked account, which holds all ether.
    """

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        digest = hashlib.sha256(b"wallstreetfeds embedded chain" + str(seed).encode()).digest()
        self._faucet = Account.from_key(digest)
        genesis = PyEVMBackend.generate_genesis_params(
            {
                "timestamp": 1_700_000_000 + int.from_bytes(digest[:4], "big") % 31_536_000,
                "gas_limit": BLOCK_GAS,
            }
        )
        state = {
            to_canonical_address(self._faucet.address): {
                "balance": FAUCET_WEI,
                "storage": {},
                "code": b"",
                "nonce": 0,
            }
        }
        self._chain = PyEVMBackend(genesis_parameters=genesis, genesis_state=state).chain
        # The class was made for this backend alone; its EIP-155 identity becomes that of a development chain.
        type(self._chain).chain_id = CHAIN_ID
        self._headers: list[BlockHeaderAPI] = [self._chain.get_canonical_block_header_by_number(0)]
        self._hashes: list[list[str]] = [[]]
        self._numbers = {_hex(self._headers[0].hash): 0}
        self._receipts: dict[str, dict[str, Any]] = {}
        self._logs: list[list[dict[str, Any]]] = [[]]
        self._reader: tuple[int, VirtualMachineAPI] | None = None
        self._skip = 0
        self._methods: dict[str, Callable[..., Any]] = {
            "web3_clientVersion": lambda: "wallstreetfeds-embedded/py-evm",
            "net_version": lambda: str(CHAIN_ID),
            "eth_chainId": lambda: hex(CHAIN_ID),
            "eth_accounts": lambda: [self._faucet.address],
            "eth_blockNumber": lambda: hex(len(self._headers) - 1),
            "eth_gasPrice": lambda: hex(self._chain.header.base_fee_per_gas),
            "eth_maxPriorityFeePerGas": lambda: "0x0",
            "eth_getBalance": lambda who, block="latest": hex(self._state(block).get_balance(_raw(who))),
            "eth_getTransactionCount": lambda who, block="latest": hex(
                self._state(block).get_nonce(_raw(who))
            ),
            "eth_getCode": lambda who, block="latest": _hex(self._state(block).get_code(_raw(who))),
            "eth_call": self._call,
            "eth_sendTransaction": self._send,
            "eth_sendRawTransaction": self._send_raw,
            "eth_getTransactionReceipt": self._receipts.get,
            "eth_getBlockByNumber": lambda block, _full=False: self._block(self._number(block)),
            "eth_getBlockByHash": lambda digest, _full=False: self._block(self._numbers[digest]),
            "eth_getLogs": self._get_logs,
            "evm_increaseTime": self._increase_time,
            "evm_mine": self._mine,
        }

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        """Answer one JSON-RPC call; refusals come back as `error`, as a node's would."""
        handler = self._methods.get(method)
        if handler is None:
            error: dict[str, Any] = {"code": -32601, "message": f"the embedded chain has no {method}"}
            return {"jsonrpc": "2.0", "id": 1, "error": error}  # type: ignore[typeddict-item]
        try:
            return {"jsonrpc": "2.0", "id": 1, "result": handler(*params)}
        except RpcRefusalError as refusal:
            error = {"code": refusal.code, "message": refusal.message}
            if refusal.data is not None:
                error["data"] = _hex(refusal.data)
            return {"jsonrpc": "2.0", "id": 1, "error": error}  # type: ignore[typeddict-item]

    def is_connected(self, show_traceback: bool = False) -> bool:  # noqa: ARG002
        """Whether the chain answers: always."""
        return True

    # --- reading ---

    def _number(self, block: str) -> int:
        if block == "earliest":
            return 0
        last = len(self._headers) - 1
        number = last if block in {"latest", "safe", "finalized", "pending"} else int(block, 16)
        if number > last:
            raise RpcRefusalError(-32001, f"no block {number}")
        return number

    def _vm(self, block: str) -> VirtualMachineAPI:
        number = self._number(block)
        if self._reader is None or self._reader[0] != number:
            self._reader = (number, self._chain.get_vm(at_header=self._headers[number]))
        return self._reader[1]

    def _state(self, block: str) -> Any:
        return self._vm(block).state

    def _call(self, call: dict[str, Any], block: str = "latest") -> str:
        state = self._state(block)
        sender = _raw(call["from"]) if "from" in call else ZERO
        to = _raw(call["to"])
        message = Message(
            gas=int(call["gas"], 16) if "gas" in call else BLOCK_GAS,
            to=to,
            sender=sender,
            value=int(call.get("value", "0x0"), 16),
            data=_data(call),
            code=state.get_code(to),
        )
        snapshot = state.snapshot()
        context = state.get_transaction_context_class()(gas_price=0, origin=sender)
        try:
            computation = state.computation_class.apply_message(state, message, context)
        finally:
            state.revert(snapshot)
            state.clear_transient_storage()
        if computation.is_error:
            raise _refusal_of(computation)
        return _hex(computation.output)

    def _block(self, number: int) -> dict[str, Any]:
        header = self._headers[number]
        return {
            "number": hex(number),
            "hash": _hex(header.hash),
            "parentHash": _hex(header.parent_hash),
            "timestamp": hex(header.timestamp),
            "gasLimit": hex(header.gas_limit),
            "gasUsed": hex(header.gas_used),
            "baseFeePerGas": hex(header.base_fee_per_gas or 0),
            "stateRoot": _hex(header.state_root),
            "miner": to_checksum_address(header.coinbase),
            "transactions": self._hashes[number],
        }

    def _get_logs(self, query: dict[str, Any]) -> list[dict[str, Any]]:
        wanted = query.get("address")
        addresses = None
        if wanted is not None:
            addresses = {a.lower() for a in ([wanted] if isinstance(wanted, str) else wanted)}
        topics = query.get("topics", [])
        first, last = (self._number(query.get(k, "latest")) for k in ("fromBlock", "toBlock"))
        return [
            log
            for logs in self._logs[first : last + 1]
            for log in logs
            if (addresses is None or log["address"].lower() in addresses) and _matches(log["topics"], topics)
        ]

    # --- writing ---

    def _send(self, transaction: dict[str, Any]) -> str:
        filled = {
            "nonce": self._methods["eth_getTransactionCount"](self._faucet.address),
            "gas": hex(100_000),
            "gasPrice": hex(2 * self._chain.header.base_fee_per_gas),
            "chainId": CHAIN_ID,
            **{key: entry for key, entry in transaction.items() if key != "from"},
        }
        return self._send_raw(_hex(self._faucet.sign_transaction(filled).raw_transaction))

    def _send_raw(self, raw: str) -> str:
        builder = self._chain.get_vm().get_transaction_builder()
        transaction = builder.decode(bytes.fromhex(raw.removeprefix("0x")))
        try:
            self._mine(transaction)
        except ValidationError as error:
            raise RpcRefusalError(-32000, _plain(str(error))) from error
        return _hex(transaction.hash)

    def _increase_time(self, seconds: int | str) -> str:
        added = int(seconds, 16) if isinstance(seconds, str) else seconds
        self._skip += added
        return hex(added)

    def _mine(self, transaction: SignedTransactionAPI | None = None) -> str:
        """Make the next block; raises py-evm's ValidationError and then changes nothing."""
        chain = self._chain
        timestamp = self._headers[-1].timestamp + BLOCK_SECONDS + self._skip
        chain.header = chain.header.copy(timestamp=timestamp)
        wanted = [] if transaction is None else [transaction]
        result, receipts, computations = chain.mine_all(wanted, mix_hash=b"\0" * 32, blob_gas_used=0)
        self._skip = 0
        header = result.imported_block.header
        self._numbers[_hex(header.hash)] = len(self._headers)
        self._headers.append(header)
        self._hashes.append([_hex(sent.hash) for sent in wanted])
        self._logs.append([])
        if transaction is not None:
            self._book(header, transaction, receipts[0], computations[0])
        return "0x0"

    def _book(
        self,
        header: BlockHeaderAPI,
        transaction: SignedTransactionAPI,
        receipt: Any,
        computation: ComputationAPI,
    ) -> None:
        """Keep the receipt and the logs of the one transaction in a block, as JSON-RPC gives them."""
        where = {
            "blockNumber": hex(header.block_number),
            "blockHash": _hex(header.hash),
            "blockTimestamp": hex(header.timestamp),
            "transactionHash": _hex(transaction.hash),
            "transactionIndex": "0x0",
        }
        logs = [
            {
                **where,
                "address": to_checksum_address(log.address),
                "topics": [_hex(topic.to_bytes(32, "big")) for topic in log.topics],
                "data": _hex(log.data),
                "logIndex": hex(place),
                "removed": False,
            }
            for place, log in enumerate(receipt.logs)
        ]
        self._logs[header.block_number] = logs
        created = computation.msg.storage_address if not transaction.to else None
        entry = {
            **where,
            "from": to_checksum_address(transaction.sender),
            "to": to_checksum_address(transaction.to) if transaction.to else None,
            "contractAddress": to_checksum_address(created) if created else None,
            "status": "0x0" if computation.is_error else "0x1",
            "gasUsed": hex(receipt.gas_used),
            "cumulativeGasUsed": hex(receipt.gas_used),
            "effectiveGasPrice": hex(header.base_fee_per_gas or 0),
            "logs": logs,
            "logsBloom": _hex(receipt.bloom.to_bytes(256, "big")),
            "type": "0x2",
        }
        if computation.is_error and isinstance(computation.error, Revert):
            entry["revertReason"] = _hex(computation.output)
        self._receipts[_hex(transaction.hash)] = entry


def _raw(address: str) -> Address:
    return to_canonical_address(address)


def _data(call: dict[str, Any]) -> bytes:
    text: str = call.get("data") or call.get("input") or "0x"
    return bytes.fromhex(text.removeprefix("0x"))


def _matches(topics: list[str], wanted: list[Any]) -> bool:
    if len(wanted) > len(topics):
        return False
    return all(
        want is None or (have == want if isinstance(want, str) else have in want)
        for have, want in zip(topics, wanted, strict=False)
    )


def _refusal_of(computation: ComputationAPI) -> RpcRefusalError:
    if isinstance(computation.error, Revert):
        return RpcRefusalError(3, "execution reverted", bytes(computation.output))
    error: VMError | None = computation.error if computation.is_error else None
    return RpcRefusalError(-32000, f"execution failed: {type(error).__name__}")


def _plain(message: str) -> str:
    """What other nodes say where py-evm refuses a transaction."""
    lowered = message.lower()
    if "nonce" in lowered:
        return f"nonce too low or too high: {message}"
    if "balance" in lowered or "afford" in lowered or "insufficient" in lowered:
        return f"insufficient funds: {message}"
    return message
