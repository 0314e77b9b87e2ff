"""One federation: clients and their tokens, pools, rounds, and every payment.

Names of methods are the contracts'.  Registration is one step: who joins with which supply and lists or not,
and who deposits how much, are given to the constructor, and the market is open when it returns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor, inf
from typing import Final, Literal

from wallstreetfeds.sim.market import NUMERAIRE, SHARED_POOL, Refused
from wallstreetfeds.sim.model.accounts import HAIR, RecordAccounts
from wallstreetfeds.sim.model.clock import Clock
from wallstreetfeds.sim.model.holdings import Holdings, Token
from wallstreetfeds.sim.model.opening import opening_of
from wallstreetfeds.sim.model.pool import Pool
from wallstreetfeds.sim.model.pricing import ConstantMean, PricingOf
from wallstreetfeds.sim.model.rounds import Rounds
from wallstreetfeds.sim.model.terms import BPS, MAX_SUPPLY, Terms
from wallstreetfeds.sim.routes import Routes

WHOLE_HAIR: Final = 1e-9
"""Where the contracts round a fraction down, a float may be the last bit below a whole number."""

RecordDate = Literal["opening", "payment"]


@dataclass(frozen=True, slots=True)
class Client:
    """Somebody who joins before the opening: `supply` None is the standard one, in whole tokens."""

    name: str
    supply: float | None = None
    listed: bool = True


class Federation:
    """A federation with an open market.

    `clients` in join order; `deposits` is the numeraire the pool opens with, by provider; `cash` what
    everybody has besides.  The federator's budget and bond are escrowed, on top of its `cash`.  Two things
    that the contracts do not leave open are for comparison: `pricing` is the curve of every pool, and a round
    belongs to those who hold at its `record_at`, the contracts' "opening" or its "payment".  Raises
    ValueError or Refused for what the contracts would not open with.  Every other method raises Refused and
    then changes nothing.
    """

    def __init__(
        self,
        terms: Terms,
        clients: Sequence[Client],
        deposits: Mapping[str, float],
        cash: Mapping[str, float] | None = None,
        *,
        federator: str = "federator",
        now: int = 0,
        pricing: PricingOf = ConstantMean,
        record_at: RecordDate = "opening",
    ) -> None:
        if not clients:
            raise ValueError("a federation needs at least one client")
        for name, amount in (*deposits.items(), *(cash or {}).items()):
            if not 0 <= amount < inf:
                raise ValueError(f"money has to be a number of at least 0, {name} has {amount}")
        if record_at not in ("opening", "payment"):
            raise ValueError(f"the record date is at 'opening' or 'payment', got {record_at!r}")
        self.terms, self.federator = terms, federator
        self._pricing, self._record_at = pricing, record_at
        self.clock = Clock(terms, now)
        self.holdings = Holdings(self.clock)
        self.holdings.wallets.update(cash or {})
        self.rounds = Rounds(terms, self.clock)
        self.pools: list[Pool] = []
        self.paid = 0.0
        self.routes = Routes()
        for client in clients:
            supply = terms.supply if client.supply is None else client.supply
            self._enter(client.name, supply, terms.listed if client.listed else 0.0, terms.retained)
        if any(amount == 0 for amount in deposits.values()):
            raise Refused("provider without a deposit")
        listed = [k for k, client in enumerate(clients) if client.listed]
        self._open_pool(listed, deposits, terms.budget)

    @property
    def pending(self) -> float:
        """Return the open round's pot where it belongs to those who hold at its payment; else 0."""
        return self.rounds.pot if self._record_at == "payment" else 0.0

    # --- clients ---

    @property
    def supplies(self) -> list[float]:
        """Whole tokens of every client, in join order."""
        return [token.supply for token in self.holdings.tokens]

    def join_late(self, client: str, liquidity: float = 0.0, supply: float | None = None) -> int:
        """Let a client in while the market is open; returns its index.

        It pays the top-up that keeps everybody else's claim whole, escrow * S / sum S, and earns from the
        next round on.  With `liquidity`, whole numeraire, the listed part of its supply makes a pool of its
        own.
        """
        clock, terms = self.clock, self.terms
        if not 0 <= liquidity < inf:
            raise ValueError(f"liquidity has to be a number of at least 0, got {liquidity}")
        if clock.rho == 0:
            raise Refused("the market is not open")
        if not terms.late_joins:
            raise Refused("no late joins here")
        supply = terms.supply if supply is None else supply
        total = sum(self.supplies)
        needed = self.rounds.escrow * supply / total
        # All or nothing: first everything that can be refused, in the contracts' order.
        self.rounds.check_top_up(needed)
        self._can_pay(client, needed)
        self._can_enter(client, supply)
        self._can_pay(client, needed + liquidity)
        if liquidity > 0:
            price = (self.rounds.escrow + needed) / (total + supply)
            opening_of(terms, clock, [supply * terms.listed], {client: liquidity}, price)
        self.rounds.top_up(needed)
        self.holdings.take(client, NUMERAIRE, needed + liquidity)
        # In whole basis points, as the contracts keep it.
        retained = floor(terms.retained * BPS * clock.factor + WHOLE_HAIR) / BPS
        self._enter(client, supply, terms.listed if liquidity > 0 else 0.0, retained)
        index = len(self.holdings.tokens) - 1
        if liquidity > 0:
            self._open_pool([index], {client: liquidity}, self.rounds.escrow)
        return index

    # --- rounds ---

    def advance_time(self, seconds: int) -> None:
        """Let time pass."""
        if seconds < 0:
            raise ValueError(f"time does not run backwards, got {seconds} s")
        self.clock.now += seconds

    def top_up(self, payer: str, amount: float) -> None:
        """Add to the escrow."""
        self.rounds.check_top_up(amount)
        self.rounds.top_up(self.holdings.take(payer, NUMERAIRE, amount))

    def open_round(self, caller: str | None = None) -> int:
        """Open the next round, by the federator unless a `caller` is named; returns its number, from 1."""
        by_federator = caller is None or caller == self.federator
        number = self.rounds.open_round(len(self.holdings.tokens), by_federator)
        if self._record_at == "opening":
            self._record()
        for pool in self.pools:
            pool.pricing.round_opened()
        return number

    def submit_scores(self, scores: Sequence[int]) -> None:
        """Score the open round, in join order."""
        self.rounds.submit_scores(scores, self.supplies)

    def finalize_round(self) -> None:
        """Pay the open round by its scores."""
        self._book(self.rounds.finalize_round(self.supplies))

    def finalize_without_scores(self) -> None:
        """Pay a round whose deadline has passed without scores."""
        self._book(self.rounds.finalize_without_scores(self.supplies))

    # --- bonds and challenges ---

    def withdraw_bond(self) -> float:
        """Pay the federator what it has won, and its bond once the last round is paid; returns the amount."""
        amount = self.rounds.court.withdraw_bond()
        self.holdings.give(self.federator, NUMERAIRE, amount)
        return amount

    def challenge(self, challenger: str, asset: int = 0) -> float:
        """Object to the submitted scores with a bond, which is returned; a client or a holder, once a round.

        `asset` is what a holder has: 0 for LP shares of the shared pool, k + 1 for the token of client k.
        """
        self.rounds.is_scored()
        court = self.rounds.court
        court.check_window()
        if not self._takes_part(challenger, asset):
            raise Refused("neither a client nor a holder")
        bond = court.price_challenge(challenger, self.rounds.pot)
        court.challenge(challenger, self.holdings.take(challenger, NUMERAIRE, bond))
        return bond

    def uphold_scores(self) -> None:
        """The arbiter lets the challenged scores stand."""
        self.rounds.is_scored()
        self.rounds.court.uphold_scores()

    def replace_scores(self, scores: Sequence[int]) -> None:
        """The arbiter replaces the challenged scores."""
        self.rounds.replace_scores(scores, self.supplies)

    def withdraw_challenge_bond(self, number: int, challenger: str) -> float:
        """Pay a challenger its bond of a round back, with its compensation; returns the amount."""
        amount = self.rounds.court.withdraw_challenge_bond(number, challenger)
        self.holdings.give(challenger, NUMERAIRE, amount)
        return amount

    # --- rewards ---

    def claimable(self, holder: str) -> float:
        """Return what a holder could claim now from all tokens and all LP shares, whole numeraire."""
        return sum(accounts.claimable(holder) for accounts in self._sources())

    def claim(self, holder: str) -> float:
        """Pay a holder everything claimable and return it."""
        amount = sum(accounts.claim(holder) for accounts in self._sources())
        self.holdings.give(holder, NUMERAIRE, amount)
        self.paid += amount
        return amount

    # --- inside ---

    @property
    def _recorded(self) -> int:
        """The last round whose holders of record are known."""
        return self.clock.opened if self._record_at == "opening" else self.clock.finalized

    def _record(self) -> None:
        """Record date: the next reward is of those who hold now."""
        for token in self.holdings.tokens:
            token.accounts.open_round()
        for pool in self.pools:
            pool.record()

    def _sources(self) -> list[RecordAccounts]:
        return [
            *(token.accounts for token in self.holdings.tokens),
            *(pool.shares for pool in self.pools),
        ]

    def _takes_part(self, account: str, asset: int) -> bool:
        if any(token.client == account for token in self.holdings.tokens):
            return True
        if asset == 0:
            return self.pools[SHARED_POOL].shares.balance_of(account) > 0
        if not 0 < asset <= len(self.holdings.tokens):
            raise Refused("no such client")
        return self.holdings.balance_of(account, asset) > 0

    def _can_pay(self, payer: str, amount: float) -> None:
        if amount > self.holdings.balance_of(payer, NUMERAIRE) * (1 + HAIR):
            raise Refused("balance too small")

    def _can_enter(self, client: str, supply: float) -> None:
        if not 1e-3 <= supply <= MAX_SUPPLY:
            raise Refused("supply outside its domain")
        if len(self.holdings.tokens) >= self.terms.max_clients:
            raise Refused("the federation is full")
        if any(token.client == client for token in self.holdings.tokens):
            raise Refused("already joined")

    def _enter(self, client: str, supply: float, listed: float, retained: float) -> None:
        """Make a client's token: the `listed` part of it is for the pool, the rest the client's."""
        self._can_enter(client, supply)
        accounts = RecordAccounts(self._recorded, self.clock.finalized)
        accounts.mint(client, supply * (1 - listed))
        self.holdings.tokens.append(Token(client, supply, retained, accounts))

    def _open_pool(self, clients: Sequence[int], deposits: Mapping[str, float], value: float) -> None:
        """Open a pool at the prior price: `value`, whole numeraire, over all supplies."""
        price = value / sum(self.supplies)
        self.pools.append(
            Pool(self.terms, self.holdings, clients, deposits, price, self._pricing, self._recorded)
        )
        self.routes.add(clients)

    def _book(self, rewards: Sequence[float]) -> None:
        """Credit the rewards of a round to the holders of record, pools included."""
        if self._record_at == "payment":
            self._record()
        per_token = [0.0] * len(self.holdings.tokens)
        for client, reward in enumerate(rewards):
            per_token[client] = reward / self.holdings.tokens[client].supply
        for token, reward in zip(self.holdings.tokens, per_token, strict=True):
            token.accounts.pay(reward)
        for pool in self.pools:
            pool.harvest(per_token)
