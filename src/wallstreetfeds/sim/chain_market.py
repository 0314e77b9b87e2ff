"""The market seam over real contracts: whole tokens outside, the contracts' integers inside."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

import numpy as np
from eth_account.signers.local import LocalAccount
from numpy.typing import NDArray

from wallstreetfeds.chain import ClientToken, ContractError, Numeraire, Receipt, Scenario
from wallstreetfeds.records import Swap
from wallstreetfeds.sim.market import NUMERAIRE, TradeRefused
from wallstreetfeds.units import TOKEN, WAD

UNLIMITED: Final = 2**256 - 1
NO_DEADLINE: Final = 2**256 - 1


class ChainMarket:
    """One federation's open market on a chain; satisfies `sim.market.Market`.

    `actors` gives the signing account of every name.  Every client must be listed.  Approvals are sent when a
    name first needs them.  `swaps` keeps the record of every swap made through this object.
    """

    def __init__(self, scenario: Scenario, actors: Mapping[str, LocalAccount]) -> None:
        self.scenario = scenario
        self.pool = scenario.market()
        self.actors = actors
        self.tokens: list[ClientToken] = scenario.tokens()
        self.numeraire = scenario.numeraire()
        self.swaps: list[Swap] = []
        self._unit: int = 10 ** self.numeraire.decimals()
        self._terms = scenario.terms()
        self._supplies = [token.totalSupply() for token in self.tokens]
        self._clients = {scenario.client_at(k): k for k in range(len(self.tokens))}
        self._approved: set[tuple[str, int]] = set()
        self._held: dict[str, set[int]] = defaultdict(set)
        self._shares: list[NDArray[np.float64]] = []

    @property
    def clients(self) -> int:
        """Number of clients."""
        return len(self.tokens)

    @property
    def rounds(self) -> int:
        """Rounds of the whole federation."""
        return self._terms.rounds

    def opened(self) -> int:
        """The last opened round."""
        return self.scenario.clock().opened

    def remaining(self) -> float:
        """Scheduled budget that no opened round has taken, whole numeraire."""
        return self.scenario.clock().rho / self._unit

    def supply(self, client: int) -> float:
        """Whole tokens of a client."""
        return self._supplies[client] / TOKEN

    def reward_shares(self) -> NDArray[np.float64]:
        """Shares of the pots paid so far, shape (rounds, clients)."""
        new = range(len(self._shares) + 1, self.scenario.clock().finalized + 1)
        for units in self.scenario.rewards(new) if new else []:
            rewards = np.array(units, dtype=np.float64)
            self._shares.append(rewards / rewards.sum())
        return np.array(self._shares).reshape(len(self._shares), self.clients)

    def swap_fee(self) -> float:
        """The fee in force at the latest block."""
        return self.pool.swap_fee() / WAD

    def spot_price(self, asset: int) -> float:
        """Whole numeraire per whole token."""
        return 1.0 if asset == NUMERAIRE else self.pool.spot_price(asset) / WAD / self._unit

    def quote_exact_in(self, asset_in: int, asset_out: int, amount_in: float) -> float:
        """What a swap would give now, whole tokens."""
        try:
            out = self.pool.quote_exact_in(asset_in, asset_out, self._units(asset_in, amount_in))
        except ContractError as error:
            raise TradeRefused(error.reason) from None
        return out / self._scale(asset_out)

    def swap_exact_in(
        self, trader: str, asset_in: int, asset_out: int, amount_in: float, min_amount_out: float
    ) -> float:
        """Swap, at most what the trader may spend; returns whole tokens received."""
        account = self.actors[trader]
        amount = min(self._units(asset_in, amount_in), self._spendable(account.address, asset_in))
        least = self._units(asset_out, min_amount_out)
        self._approve(trader, asset_in)
        try:
            receipt = self.pool.swap_exact_in(
                asset_in, asset_out, amount, least, account.address, NO_DEADLINE, sender=account
            )
        except ContractError as error:
            raise TradeRefused(error.reason) from None
        self._remember(trader, asset_out, receipt)
        return receipt.value / self._scale(asset_out)

    def quote_exact_out(self, asset_in: int, asset_out: int, amount_out: float) -> float:
        """What a swap for exactly `amount_out` would take now, whole tokens."""
        try:
            needed = self.pool.quote_exact_out(asset_in, asset_out, self._units(asset_out, amount_out))
        except ContractError as error:
            raise TradeRefused(error.reason) from None
        return needed / self._scale(asset_in)

    def swap_exact_out(
        self, trader: str, asset_in: int, asset_out: int, amount_out: float, max_amount_in: float
    ) -> float:
        """Swap for exactly `amount_out`; returns whole tokens that went in."""
        account = self.actors[trader]
        amount = self._units(asset_out, amount_out)
        most = self._units(asset_in, max_amount_in)
        self._approve(trader, asset_in)
        try:
            receipt = self.pool.swap_exact_out(
                asset_in, asset_out, amount, most, account.address, NO_DEADLINE, sender=account
            )
        except ContractError as error:
            raise TradeRefused(error.reason) from None
        self._remember(trader, asset_out, receipt)
        return receipt.value / self._scale(asset_in)

    def reserves(self) -> NDArray[np.float64]:
        """Whole tokens in the pool's books, the numeraire first."""
        books = self.pool.read_many(("balance_of_asset", [asset]) for asset in range(self.clients + 1))
        return np.array([book / self._scale(asset) for asset, book in enumerate(books)])

    def balance_of(self, holder: str, asset: int) -> float:
        """Whole tokens of an asset."""
        return self._contract(asset).balanceOf(self.actors[holder].address) / self._scale(asset)

    def spendable(self, holder: str, asset: int) -> float:
        """Whole tokens of an asset that the holder may send now: a client has to keep part of its own."""
        return self._spendable(self.actors[holder].address, asset) / self._scale(asset)

    def claimable(self, holder: str) -> float:
        """Whole numeraire that the holder could claim now."""
        address = self.actors[holder].address
        tokens = sum(self.tokens[k].claimable(address) for k in self._claims_of(holder))
        return (tokens + self.pool.claimable(address)) / self._unit

    def claim(self, holder: str) -> float:
        """Claim from every token the holder has had and from its LP shares."""
        account = self.actors[holder]
        received = 0
        for k in self._claims_of(holder):
            if self.tokens[k].claimable(account.address) > 0:
                received += self.tokens[k].claim(sender=account).value
        if self.pool.claimable(account.address) > 0:
            received += self.pool.claim(sender=account).value
        return received / self._unit

    def _remember(self, trader: str, asset_out: int, receipt: Receipt[int]) -> None:
        self.swaps += [event for event in receipt.events if isinstance(event, Swap)]
        if asset_out != NUMERAIRE:
            self._held[trader].add(asset_out - 1)

    def _claims_of(self, holder: str) -> list[int]:
        own = self._clients.get(self.actors[holder].address)
        return sorted(self._held[holder] | ({own} if own is not None else set()))

    def _spendable(self, address: str, asset: int) -> int:
        contract = self._contract(asset)
        held = contract.balanceOf(address)
        if isinstance(contract, ClientToken) and self._clients.get(address) == asset - 1:
            return max(0, held - contract.retained(address))
        return held

    def _contract(self, asset: int) -> ClientToken | Numeraire:
        return self.numeraire if asset == NUMERAIRE else self.tokens[asset - 1]

    def _scale(self, asset: int) -> int:
        return self._unit if asset == NUMERAIRE else TOKEN

    def _units(self, asset: int, amount: float) -> int:
        """Whole tokens to smallest units, rounded down."""
        return int(amount * self._scale(asset))

    def _approve(self, trader: str, asset: int) -> None:
        if (trader, asset) not in self._approved:
            self._contract(asset).approve(self.pool.address, UNLIMITED, sender=self.actors[trader])
            self._approved.add((trader, asset))
