"""A weighted or managed pool of Balancer V2: opened, traded, joined and left through the Vault.

The user data of joins and exits is that of `WeightedPoolUserData` in Balancer's interfaces.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Final

from eth_abi.abi import encode
from eth_account.signers.local import LocalAccount

from wallstreetfeds.bench.foreign import Foreign
from wallstreetfeds.bench.stage import UNLIMITED
from wallstreetfeds.chain import Numeraire
from wallstreetfeds.chain.transactions import Mined
from wallstreetfeds.units import WAD

DEPTH: Final = 1_000_000 * WAD
"""What a pool is opened with of every token, in smallest units."""

PART: Final = 1000
"""One operation moves one part in so many."""

GIVEN_IN: Final = 0


class Join(IntEnum):
    """How to join: the first word of the user data."""

    INIT = 0
    TOKEN_IN_FOR_EXACT_SHARES = 2
    ALL_TOKENS_IN_FOR_EXACT_SHARES = 3


class Exit(IntEnum):
    """How to leave: the first word of the user data."""

    EXACT_SHARES_FOR_ONE_TOKEN = 0
    EXACT_SHARES_FOR_ALL_TOKENS = 1


class BalancerPool:
    """A pool in the Vault and the one account that uses it.

    Each operation moves about a thousandth of a token's balance (of all balances: `_all`), within bounds.
    """

    def __init__(
        self, vault: Foreign, shares: Foreign, tokens: Sequence[Numeraire], trader: LocalAccount
    ) -> None:
        self.vault: Final = vault
        self.shares: Final = shares
        self.tokens: Final = tokens
        self.trader: Final = trader
        self.pool_id: Final[bytes] = shares.read("getPoolId")
        # A managed pool's own shares are the first of its assets; a weighted pool's are none of them.
        self.assets: Final[tuple[str, ...]] = vault.read("getPoolTokens", self.pool_id)[0]

    def open(self) -> Mined:
        """Put DEPTH of every token in."""
        amounts = [DEPTH] * len(self.tokens)
        return self._join(amounts, ["uint256", "uint256[]"], [Join.INIT, amounts])

    def swap(self) -> Mined:
        """Sell an exact amount of the first token for the last, whose weight is not quite twice as large."""
        amount = DEPTH // PART
        ends = (self.tokens[0].address, self.tokens[-1].address)
        single = (self.pool_id, GIVEN_IN, *ends, amount, b"")
        funds = (self.trader.address, False, self.trader.address, False)
        return self.vault.send("swap", single, funds, amount * 4 // 10, UNLIMITED, sender=self.trader)

    def join_single(self) -> Mined:
        """Get an exact amount of shares for the first token; an exact amount of it would cost more."""
        most = [DEPTH * 2 // PART] + [0] * (len(self.tokens) - 1)
        wanted = self._supply() // PART // len(self.tokens)
        return self._join(most, ["uint256"] * 3, [Join.TOKEN_IN_FOR_EXACT_SHARES, wanted, 0])

    def exit_single(self) -> Mined:
        """Give an exact amount of shares up for the first token."""
        given = self._supply() // PART // len(self.tokens)
        least = [DEPTH // PART // 2] + [0] * (len(self.tokens) - 1)
        return self._exit(least, ["uint256"] * 3, [Exit.EXACT_SHARES_FOR_ONE_TOKEN, given, 0])

    def join_all(self) -> Mined:
        """Get an exact amount of shares for every token in proportion."""
        most = [balance * 11 // 10 // PART for balance in self._balances()]
        wanted = self._supply() // PART
        return self._join(most, ["uint256"] * 2, [Join.ALL_TOKENS_IN_FOR_EXACT_SHARES, wanted])

    def exit_all(self) -> Mined:
        """Give an exact amount of shares up for every token in proportion."""
        least = [balance * 9 // 10 // PART for balance in self._balances()]
        given = self._supply() // PART
        return self._exit(least, ["uint256"] * 2, [Exit.EXACT_SHARES_FOR_ALL_TOKENS, given])

    def _join(self, most: Sequence[int], types: Sequence[str], user_data: Sequence[object]) -> Mined:
        return self._through("joinPool", self._bounds(most, own=UNLIMITED), encode(types, user_data))

    def _exit(self, least: Sequence[int], types: Sequence[str], user_data: Sequence[object]) -> Mined:
        return self._through("exitPool", self._bounds(least, own=0), encode(types, user_data))

    def _through(self, function: str, bounds: Sequence[int], user_data: bytes) -> Mined:
        from_and_to = (self.trader.address, self.trader.address)
        request = (self.assets, bounds, user_data, False)
        return self.vault.send(function, self.pool_id, *from_and_to, request, sender=self.trader)

    def _bounds(self, amounts: Sequence[int], *, own: int) -> list[int]:
        """Return the tokens' bounds, after `own` for the pool's own shares where it lists them."""
        return [own] * (len(self.assets) - len(amounts)) + list(amounts)

    def _supply(self) -> int:
        supply: int = self.shares.read("getActualSupply")
        return supply

    def _balances(self) -> Sequence[int]:
        balances: Sequence[int] = self.vault.read("getPoolTokens", self.pool_id)[1]
        return balances[-len(self.tokens) :]
