"""The seam over the model: one federation in float64, called as agents and drivers call any market."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray

from wallstreetfeds.sim.market import NUMERAIRE, SHARED_POOL, Disputes, Trade
from wallstreetfeds.sim.model.federation import Client, Federation
from wallstreetfeds.sim.model.pool import Pool
from wallstreetfeds.sim.model.terms import Terms


class ModelMarket:
    """One federation's open market in float64; satisfies `sim.market.DrivenMarket`."""

    def __init__(self, federation: Federation) -> None:
        self.federation = federation
        self._holdings = federation.holdings
        self._clock = federation.clock
        self._routes = federation.routes
        # Swaps as plain tuples, which cost a fraction of a Trade to make; `trades` names their parts.
        self._swaps: list[tuple[str, int, int, float, float, int]] = []
        self._trades: list[Trade] = []
        self._shares: NDArray[np.float64] = np.zeros((0, self.clients))

    @classmethod
    def open(
        cls,
        terms: Terms,
        clients: Sequence[str],
        deposits: Mapping[str, float],
        cash: Mapping[str, float] | None = None,
    ) -> Self:
        """Open a federation whose clients, by name in join order, all list tokens of the standard supply.

        `deposits` is the numeraire the pool opens with, by provider, `cash` what everybody has besides.
        """
        return cls(Federation(terms, [Client(name) for name in clients], deposits, cash))

    @property
    def clients(self) -> int:
        """Number of clients."""
        return len(self._holdings.tokens)

    @property
    def rounds(self) -> int:
        """Rounds of the whole federation."""
        return self._clock.rounds

    def now(self) -> int:
        """Time in seconds."""
        return self._clock.now

    def opened(self) -> int:
        """The last opened round."""
        return self._clock.opened

    def finalized(self) -> int:
        """The last paid round."""
        return self._clock.finalized

    def remaining(self) -> float:
        """Scheduled budget that no opened round has taken."""
        return self._clock.rho

    def escrow(self) -> float:
        """Budget and top-ups that no opened round has taken."""
        return self.federation.rounds.escrow

    def pending(self) -> float:
        """What the open round will pay to whoever holds at its payment."""
        return self.federation.pending

    def supply(self, client: int) -> float:
        """Whole tokens of a client."""
        return self._holdings.tokens[client].supply

    def reward_shares(self) -> NDArray[np.float64]:
        """Shares of the pots paid so far, shape (rounds, clients); not to be written to."""
        rewards = self.federation.rounds.rewards
        if self._shares.shape != (len(rewards), self.clients):
            # Once a round: agents ask again and again.
            shares = np.zeros((len(rewards), self.clients))
            for row, paid in zip(shares, rewards, strict=True):
                row[: len(paid)] = np.array(paid) / sum(paid)
            shares.setflags(write=False)
            self._shares = shares
        return self._shares

    # --- trading ---

    def swap_fee(self) -> float:
        """The fee in force now."""
        return self.federation.pools[SHARED_POOL].fee()

    def spot_price(self, asset: int) -> float:
        """Whole numeraire per whole token."""
        if asset == NUMERAIRE:
            return 1.0
        pool, number = self._routes.place(asset)
        return self.federation.pools[pool].spot_price(number)

    def spot_prices(self) -> NDArray[np.float64]:
        """Spot prices of all client tokens; nan for a token that is in no pool."""
        prices = np.full(self.clients, np.nan)
        for pool in self.federation.pools:
            prices[list(pool.clients)] = [pool.spot_price(k) for k in range(1, len(pool.reserves))]
        return prices

    def quote_exact_in(self, asset_in: int, asset_out: int, amount_in: float) -> float:
        """What a swap would give now."""
        pool, first, second = self._route(asset_in, asset_out)
        return pool.quote_exact_in(first, second, amount_in)

    def swap_exact_in(
        self, trader: str, asset_in: int, asset_out: int, amount_in: float, min_amount_out: float
    ) -> float:
        """Swap, at most what the trader may spend; returns what came out."""
        pool, first, second = self._route(asset_in, asset_out)
        amount_in = min(amount_in, self._holdings.spendable(trader, asset_in))
        amount_out = pool.swap_exact_in(trader, first, second, amount_in, min_amount_out)
        self._swaps.append((trader, asset_in, asset_out, amount_in, amount_out, self._clock.opened))
        return amount_out

    def quote_exact_out(self, asset_in: int, asset_out: int, amount_out: float) -> float:
        """What a swap for exactly `amount_out` would take now."""
        pool, first, second = self._route(asset_in, asset_out)
        return pool.quote_exact_out(first, second, amount_out)

    def swap_exact_out(
        self, trader: str, asset_in: int, asset_out: int, amount_out: float, max_amount_in: float
    ) -> float:
        """Swap for exactly `amount_out`; returns what went in."""
        pool, first, second = self._route(asset_in, asset_out)
        amount_in = pool.swap_exact_out(trader, first, second, amount_out, max_amount_in)
        self._swaps.append((trader, asset_in, asset_out, amount_in, amount_out, self._clock.opened))
        return amount_in

    def trades(self) -> Sequence[Trade]:
        """Every swap made through this object, but those of `swap_many`."""
        self._trades += map(Trade._make, self._swaps[len(self._trades) :])
        return self._trades

    def reserves(self) -> NDArray[np.float64]:
        """Whole tokens in the shared pool's books by client, the numeraire first; 0 for who is not in it."""
        books = np.zeros(self.clients + 1)
        books[self._routes.assets(SHARED_POOL)] = self.federation.pools[SHARED_POOL].reserves
        return books

    # --- liquidity ---

    def lp_supply(self, pool: int = SHARED_POOL) -> float:
        """All LP shares of a pool."""
        return self._pool(pool).supply

    def lp_shares(self, holder: str, pool: int = SHARED_POOL) -> float:
        """LP shares of a holder."""
        return self._pool(pool).shares.balance_of(holder)

    def lp_vested(self, holder: str, pool: int = SHARED_POOL) -> float:
        """LP shares that a holder may burn now."""
        return max(0.0, self.lp_shares(holder, pool) - self._pool(pool).unvested(holder))

    def add_liquidity(self, provider: str, shares: float, pool: int = SHARED_POOL) -> NDArray[np.float64]:
        """Mint shares for a proportional amount of every asset; returns the amounts."""
        return np.array(self._pool(pool).add_liquidity(provider, shares))

    def remove_liquidity(self, provider: str, shares: float, pool: int = SHARED_POOL) -> NDArray[np.float64]:
        """Burn shares, at most those vested, for some of every asset; returns the amounts."""
        shares = min(shares, self.lp_vested(provider, pool))
        return np.array(self._pool(pool).remove_liquidity(provider, shares))

    def add_single_asset(
        self, provider: str, asset: int, amount: float, min_shares: float, pool: int = SHARED_POOL
    ) -> float:
        """Join with one asset alone, at most what may be spent of it; returns the shares."""
        amount = min(amount, self._holdings.spendable(provider, asset))
        return self._pool(pool).add_single_asset(
            provider, self._routes.number(asset, pool), amount, min_shares
        )

    def remove_single_asset(
        self, provider: str, asset: int, shares: float, min_amount: float, pool: int = SHARED_POOL
    ) -> float:
        """Leave with one asset alone, burning at most the vested shares; returns the amount."""
        shares = min(shares, self.lp_vested(provider, pool))
        return self._pool(pool).remove_single_asset(
            provider, self._routes.number(asset, pool), shares, min_amount
        )

    # --- balances and rewards ---

    def balance_of(self, holder: str, asset: int) -> float:
        """Whole tokens of an asset."""
        return self._holdings.balance_of(holder, asset)

    def spendable(self, holder: str, asset: int) -> float:
        """Whole tokens of an asset that the holder may send now."""
        return self._holdings.spendable(holder, asset)

    def transfer(self, sender: str, receiver: str, asset: int, amount: float) -> None:
        """Send an asset, at most what the sender may spend."""
        self._holdings.transfer(sender, receiver, asset, min(amount, self._holdings.spendable(sender, asset)))

    def claimable(self, holder: str) -> float:
        """Whole numeraire that the holder could claim now."""
        return self.federation.claimable(holder)

    def claim(self, holder: str) -> float:
        """Claim from every token and from all LP shares."""
        return self.federation.claim(holder)

    # --- the driver's ---

    @property
    def disputes(self) -> Disputes:
        """The same rounds in steps, with challenges."""
        return self.federation

    def advance_time(self, seconds: int) -> None:
        """Let time pass."""
        self.federation.advance_time(seconds)

    def open_round(self) -> int:
        """Open the next round; returns its number."""
        return self.federation.open_round()

    def pot(self) -> float:
        """What the open round will pay."""
        return self.federation.rounds.pot

    def pay_round(self, scores: Sequence[int]) -> None:
        """Score the open round, wait out a challenge window, and pay it."""
        self.federation.submit_scores(scores)
        self.advance_time(self.federation.terms.challenge_window)
        self.federation.finalize_round()

    def pay_without_scores(self) -> None:
        """Pay a round whose deadline has passed."""
        self.federation.finalize_without_scores()

    def top_up(self, payer: str, amount: float) -> None:
        """Add to the escrow."""
        self.federation.top_up(payer, amount)

    def join_late(self, client: str, liquidity: float) -> int:
        """Let a client in with the least top-up; returns its index."""
        return self.federation.join_late(client, liquidity)

    def bond(self) -> float:
        """What is left of the federator's bond."""
        return self.federation.rounds.court.bond

    def withdraw_bond(self) -> float:
        """Pay the federator what is its own by now; returns the amount."""
        return self.federation.withdraw_bond()

    # --- inside ---

    def _pool(self, number: int) -> Pool:
        self._routes.check(number)
        return self.federation.pools[number]

    def _route(self, asset_in: int, asset_out: int) -> tuple[Pool, int, int]:
        """The pool that trades both assets, and their numbers there."""
        pool, first, second = self._routes.route(asset_in, asset_out)
        return self.federation.pools[pool], first, second
