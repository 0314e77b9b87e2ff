"""The market seam over real contracts: whole tokens outside, the contracts' integers inside."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np
from eth_account.signers.local import LocalAccount
from numpy.typing import NDArray

from wallstreetfeds.chain import ClientToken, Pool, Receipt, Scenario
from wallstreetfeds.records import Swap
from wallstreetfeds.sim.chain_accounts import UNLIMITED, ChainAccounts, refusals, smallest_units
from wallstreetfeds.sim.chain_disputes import ChainDisputes
from wallstreetfeds.sim.market import NUMERAIRE, SHARED_POOL, Disputes, Refused, Trade
from wallstreetfeds.sim.routes import Routes
from wallstreetfeds.units import TOKEN, WAD

NO_DEADLINE: Final = 2**256 - 1


class ChainMarket:
    """One federation's open market on a chain; satisfies `sim.market.DrivenMarket`.

    `actors` gives the signing account of every name; `federator` is the name of the one that opens and scores
    rounds, `arbiter` of the one that rules on challenges.  Approvals are sent when a name first needs them.
    `swaps` keeps the record of every swap made through this object.  Claims look at the tokens that a name
    has had through this object, and its own.
    """

    def __init__(
        self,
        scenario: Scenario,
        actors: Mapping[str, LocalAccount],
        *,
        federator: str = "federator",
        arbiter: str = "arbiter",
    ) -> None:
        self.scenario = scenario
        self.pool = scenario.market()
        self.actors = actors
        self.tokens: list[ClientToken] = []
        self.pools: list[Pool] = []
        self.numeraire = scenario.numeraire()
        self.swaps: list[Swap] = []
        self._trades: list[Trade] = []
        self._accounts = ChainAccounts(actors, self.numeraire, self.tokens)
        self._federator = federator
        self._disputes = ChainDisputes(scenario, self._accounts, federator, arbiter)
        self._unit = self._accounts.unit
        self._terms = scenario.terms()
        self._supplies: list[int] = []
        self._clients: dict[str, int] = {}
        self._routes = Routes()
        self._held: dict[str, set[int]] = defaultdict(set)
        self._shares: list[NDArray[np.float64]] = []
        self._read_clients()

    @property
    def clients(self) -> int:
        """Number of clients."""
        return len(self.tokens)

    @property
    def rounds(self) -> int:
        """Rounds of the whole federation."""
        return self._terms.rounds

    def now(self) -> int:
        """Time of the latest block, in seconds."""
        return self.scenario.session.timestamp()

    def opened(self) -> int:
        """The last opened round."""
        return self.scenario.clock().opened

    def finalized(self) -> int:
        """The last paid round."""
        return self.scenario.clock().finalized

    def remaining(self) -> float:
        """Scheduled budget that no opened round has taken, whole numeraire."""
        return self.scenario.clock().rho / self._unit

    def escrow(self) -> float:
        """Budget and top-ups that no opened round has taken, whole numeraire."""
        escrow, pot = self.scenario.read_many([("escrow", []), ("pot", [])])
        return float((escrow - pot) / self._unit)

    def pending(self) -> float:
        """Nothing: the holders of record are known when a round opens."""
        return 0.0

    def supply(self, client: int) -> float:
        """Whole tokens of a client."""
        return self._supplies[client] / TOKEN

    def reward_shares(self) -> NDArray[np.float64]:
        """Shares of the pots paid so far, shape (rounds, clients)."""
        new = range(len(self._shares) + 1, self.scenario.clock().finalized + 1)
        for units in self.scenario.rewards(new) if new else []:
            rewards = np.array(units, dtype=np.float64)
            self._shares.append(rewards / rewards.sum())
        shares = np.zeros((len(self._shares), self.clients))
        for row, paid in zip(shares, self._shares, strict=True):
            row[: len(paid)] = paid
        return shares

    # --- trading ---

    def swap_fee(self) -> float:
        """The fee in force at the latest block."""
        return self.pool.swap_fee() / WAD

    def spot_price(self, asset: int) -> float:
        """Whole numeraire per whole token."""
        if asset == NUMERAIRE:
            return 1.0
        pool, number = self._routes.place(asset)
        return self.pools[pool].spot_price(number) / WAD / self._unit

    def spot_prices(self) -> NDArray[np.float64]:
        """Spot prices of all client tokens; nan for a token that is in no pool."""
        prices = np.full(self.clients, np.nan)
        for pool, members in zip(self.pools, self._routes.pools, strict=True):
            prices[list(members)] = [price / WAD / self._unit for price in pool.spot_prices()]
        return prices

    def quote_exact_in(self, asset_in: int, asset_out: int, amount_in: float) -> float:
        """What a swap would give now, whole tokens."""
        pool, first, second = self._route(asset_in, asset_out)
        with refusals():
            out = pool.quote_exact_in(first, second, self._accounts.units(asset_in, amount_in))
        return out / self._accounts.scale(asset_out)

    def swap_exact_in(
        self, trader: str, asset_in: int, asset_out: int, amount_in: float, min_amount_out: float
    ) -> float:
        """Swap, at most what the trader may spend; returns whole tokens received."""
        pool, first, second = self._route(asset_in, asset_out)
        amount = self._affordable(trader, asset_in, amount_in)
        least = self._accounts.units(asset_out, min_amount_out)
        account = self._accounts.approve(trader, asset_in, pool.address)
        with refusals():
            receipt = pool.swap_exact_in(
                first, second, amount, least, account.address, NO_DEADLINE, sender=account
            )
        self._remember(trader, asset_in, asset_out, receipt)
        return receipt.value / self._accounts.scale(asset_out)

    def quote_exact_out(self, asset_in: int, asset_out: int, amount_out: float) -> float:
        """What a swap for exactly `amount_out` would take now, whole tokens."""
        pool, first, second = self._route(asset_in, asset_out)
        with refusals():
            needed = pool.quote_exact_out(first, second, self._accounts.units(asset_out, amount_out))
        return needed / self._accounts.scale(asset_in)

    def swap_exact_out(
        self, trader: str, asset_in: int, asset_out: int, amount_out: float, max_amount_in: float
    ) -> float:
        """Swap for exactly `amount_out`; returns whole tokens that went in."""
        pool, first, second = self._route(asset_in, asset_out)
        amount = self._accounts.units(asset_out, amount_out)
        most = self._accounts.units(asset_in, max_amount_in)
        account = self._accounts.approve(trader, asset_in, pool.address)
        with refusals():
            receipt = pool.swap_exact_out(
                first, second, amount, most, account.address, NO_DEADLINE, sender=account
            )
        self._remember(trader, asset_in, asset_out, receipt)
        return receipt.value / self._accounts.scale(asset_in)

    def trades(self) -> Sequence[Trade]:
        """Every swap made through this object."""
        return self._trades

    def reserves(self) -> NDArray[np.float64]:
        """Whole tokens in the shared pool's books by client, the numeraire first; 0 for who is not in it."""
        books = np.zeros(self.clients + 1)
        books[self._routes.assets(SHARED_POOL)] = self._whole(SHARED_POOL, self.pool.balances())
        return books

    # --- liquidity ---

    def lp_supply(self, pool: int = SHARED_POOL) -> float:
        """All LP shares of a pool."""
        return self._pool(pool).totalSupply() / TOKEN

    def lp_shares(self, holder: str, pool: int = SHARED_POOL) -> float:
        """LP shares of a holder."""
        return self._pool(pool).balanceOf(self._accounts.account(holder).address) / TOKEN

    def lp_vested(self, holder: str, pool: int = SHARED_POOL) -> float:
        """LP shares that a holder may burn now."""
        return self._vested(holder, pool) / TOKEN

    def add_liquidity(self, provider: str, shares: float, pool: int = SHARED_POOL) -> NDArray[np.float64]:
        """Mint shares for a proportional amount of every asset; returns the amounts."""
        contract, assets = self._pool(pool), self._routes.assets(pool)
        account = self._accounts.account(provider)
        for asset in assets:
            self._accounts.approve(provider, asset, contract.address)
        with refusals():
            receipt = contract.add_liquidity(
                smallest_units(shares), [UNLIMITED] * len(assets), NO_DEADLINE, sender=account
            )
        return self._whole(pool, receipt.value)

    def remove_liquidity(self, provider: str, shares: float, pool: int = SHARED_POOL) -> NDArray[np.float64]:
        """Burn shares, at most those vested, for some of every asset; returns the amounts."""
        contract, assets = self._pool(pool), self._routes.assets(pool)
        account = self._accounts.account(provider)
        burnt = min(smallest_units(shares), self._vested(provider, pool))
        with refusals():
            receipt = contract.remove_liquidity(
                burnt, [0] * len(assets), account.address, NO_DEADLINE, sender=account
            )
        self._held[provider].update(self._routes.pools[pool])
        return self._whole(pool, receipt.value)

    def add_single_asset(
        self, provider: str, asset: int, amount: float, min_shares: float, pool: int = SHARED_POOL
    ) -> float:
        """Join with one asset alone, at most what may be spent of it; returns the shares."""
        contract, number = self._pool(pool), self._routes.number(asset, pool)
        units = self._affordable(provider, asset, amount)
        account = self._accounts.approve(provider, asset, contract.address)
        with refusals():
            receipt = contract.add_single_asset(
                number, units, smallest_units(min_shares), NO_DEADLINE, sender=account
            )
        return receipt.value / TOKEN

    def remove_single_asset(
        self, provider: str, asset: int, shares: float, min_amount: float, pool: int = SHARED_POOL
    ) -> float:
        """Leave with one asset alone, burning at most the vested shares; returns the amount."""
        contract, number = self._pool(pool), self._routes.number(asset, pool)
        account = self._accounts.account(provider)
        burnt = min(smallest_units(shares), self._vested(provider, pool))
        least = self._accounts.units(asset, min_amount)
        with refusals():
            receipt = contract.remove_single_asset(
                number, burnt, least, account.address, NO_DEADLINE, sender=account
            )
        self._note(provider, asset)
        return receipt.value / self._accounts.scale(asset)

    # --- balances and rewards ---

    def balance_of(self, holder: str, asset: int) -> float:
        """Whole tokens of an asset."""
        return self._accounts.balance(holder, asset) / self._accounts.scale(asset)

    def spendable(self, holder: str, asset: int) -> float:
        """Whole tokens of an asset that the holder may send now: a client has to keep part of its own."""
        return self._accounts.spendable(holder, asset) / self._accounts.scale(asset)

    def transfer(self, sender: str, receiver: str, asset: int, amount: float) -> None:
        """Send an asset, at most what the sender may spend."""
        units = self._affordable(sender, asset, amount)
        account, taker = self._accounts.account(sender), self._accounts.account(receiver)
        with refusals():
            self._accounts.contract(asset).transfer(taker.address, units, sender=account)
        self._note(receiver, asset)

    def claimable(self, holder: str) -> float:
        """Whole numeraire that the holder could claim now."""
        address = self._accounts.account(holder).address
        tokens = sum(self.tokens[k].claimable(address) for k in self._claims_of(holder))
        return (tokens + sum(pool.claimable(address) for pool in self.pools)) / self._unit

    def claim(self, holder: str) -> float:
        """Claim from every token the holder has had and from its LP shares."""
        account = self._accounts.account(holder)
        received = 0
        for source in (*(self.tokens[k] for k in self._claims_of(holder)), *self.pools):
            if source.claimable(account.address) > 0:
                received += source.claim(sender=account).value
        return received / self._unit

    # --- the driver's ---

    @property
    def disputes(self) -> Disputes:
        """The same rounds in steps, with challenges."""
        return self._disputes

    def advance_time(self, seconds: int) -> None:
        """Let block time pass; development chains only."""
        self.scenario.session.advance_time(seconds)

    def open_round(self) -> int:
        """Open the next round; returns its number."""
        with refusals(Refused):
            return self.scenario.open_round(sender=self._accounts.account(self._federator)).value

    def pot(self) -> float:
        """What the open round will pay, whole numeraire."""
        return self.scenario.pot() / self._unit

    def pay_round(self, scores: Sequence[int]) -> None:
        """Score the open round without evidence, wait out a challenge window, and pay it."""
        self._disputes.submit_scores(scores)
        if self._terms.window:
            self.advance_time(self._terms.window)
        self._disputes.finalize_round()

    def pay_without_scores(self) -> None:
        """Pay a round whose deadline has passed."""
        federator = self._accounts.account(self._federator)
        with refusals(Refused):
            self.scenario.finalize_without_scores(self.opened(), sender=federator)

    def top_up(self, payer: str, amount: float) -> None:
        """Add to the escrow."""
        account = self._accounts.approve(payer, NUMERAIRE, self.scenario.address)
        with refusals(Refused):
            self.scenario.top_up(self._accounts.units(NUMERAIRE, amount), sender=account)

    def join_late(self, client: str, liquidity: float) -> int:
        """Let a client in with the least top-up, allowed by the federator first; returns its index."""
        account = self._accounts.approve(client, NUMERAIRE, self.scenario.address)
        with refusals(Refused):
            if not self._terms.open_registration:
                federator = self._accounts.account(self._federator)
                self.scenario.allow_clients([account.address], [], sender=federator)
            needed = self.scenario.least_top_up(self._terms.supply)
            units = self._accounts.units(NUMERAIRE, liquidity)
            self.scenario.join_late(needed, units, sender=account)
        self._read_clients()
        return self._clients[account.address]

    def bond(self) -> float:
        """What is left of the federator's bond, whole numeraire."""
        return self.scenario.court().bond() / self._unit

    def withdraw_bond(self) -> float:
        """Pay the federator what is its own by now; returns the amount."""
        federator = self._accounts.account(self._federator)
        with refusals(Refused):
            return self.scenario.court().withdraw_bond(sender=federator).value / self._unit

    # --- inside ---

    def _read_clients(self) -> None:
        """Read who has joined, and which pool trades whose token."""
        self.tokens[:] = self.scenario.tokens()
        self._supplies = [token.totalSupply() for token in self.tokens]
        self._clients = {address: k for k, address in enumerate(self.scenario.clients())}
        numbers = {token.address: k for k, token in enumerate(self.tokens)}
        self.pools[:] = self.scenario.pools()
        self._routes = Routes(
            [numbers[address] for address in pool.asset_addresses()[1:]] for pool in self.pools
        )

    def _pool(self, number: int) -> Pool:
        self._routes.check(number)
        return self.pools[number]

    def _route(self, asset_in: int, asset_out: int) -> tuple[Pool, int, int]:
        """The pool that trades both assets, and their numbers there."""
        pool, first, second = self._routes.route(asset_in, asset_out)
        return self.pools[pool], first, second

    def _whole(self, pool: int, units: Iterable[int]) -> NDArray[np.float64]:
        """Amounts of a pool's assets, in whole tokens."""
        scales = [self._accounts.scale(asset) for asset in self._routes.assets(pool)]
        return np.array([amount / scale for amount, scale in zip(units, scales, strict=True)])

    def _affordable(self, name: str, asset: int, amount: float) -> int:
        """An amount in smallest units, at most what the name may spend."""
        return min(self._accounts.units(asset, amount), self._accounts.spendable(name, asset))

    def _vested(self, holder: str, pool: int) -> int:
        contract, address = self._pool(pool), self._accounts.account(holder).address
        return max(0, contract.balanceOf(address) - contract.unvested(address))

    def _remember(self, trader: str, asset_in: int, asset_out: int, receipt: Receipt[int]) -> None:
        for event in receipt.events:
            if isinstance(event, Swap):
                self.swaps.append(event)
                put_in = event.amount_in / self._accounts.scale(asset_in)
                taken = event.amount_out / self._accounts.scale(asset_out)
                self._trades.append(Trade(trader, asset_in, asset_out, put_in, taken, self.opened()))
        self._note(trader, asset_out)

    def _note(self, holder: str, asset: int) -> None:
        """Remember that a name has had a token: it may have something to claim."""
        if asset != NUMERAIRE:
            self._held[holder].add(asset - 1)

    def _claims_of(self, holder: str) -> list[int]:
        own = self._clients.get(self._accounts.account(holder).address)
        return sorted(self._held[holder] | ({own} if own is not None else set()))
