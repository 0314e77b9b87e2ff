"""A pool: trading, liquidity, and what its own tokens earn for its LPs (Pool.vy, lp_share.vy)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf

from wallstreetfeds.sim.market import NUMERAIRE, TradeRefused
from wallstreetfeds.sim.model import curve
from wallstreetfeds.sim.model.accounts import HAIR, RecordAccounts
from wallstreetfeds.sim.model.holdings import Holdings
from wallstreetfeds.sim.model.opening import OPENING_SHARES, opening_of
from wallstreetfeds.sim.model.pricing import Books, ConstantMean, PricingOf
from wallstreetfeds.sim.model.terms import TOKEN_UNIT, Terms


class Pool:
    """One pool of the numeraire (asset 0) and the tokens of `clients` (assets 1..).  Amounts in whole tokens.

    `pricing` makes the prices of the books: by default the contracts', where `weights` are those in force and
    only the numeraire's moves, with the clock.  `units` are smallest amounts.  `recorded` is the last round
    whose holders of record are known, None for the last opened.  Every method that trades raises TradeRefused
    and then changes nothing.
    """

    def __init__(
        self,
        terms: Terms,
        holdings: Holdings,
        clients: Sequence[int],
        deposits: Mapping[str, float],
        prior_price: float,
        pricing: PricingOf = ConstantMean,
        recorded: int | None = None,
    ) -> None:
        self._terms, self._holdings = terms, holdings
        self._clock = clock = holdings.clock
        self.clients = tuple(clients)
        tokens = [holdings.tokens[client] for client in clients]
        amounts = [token.supply * terms.listed for token in tokens]
        opening = opening_of(terms, clock, amounts, deposits, prior_price)
        self.reserves = list(opening.reserves)
        self.weights = list(opening.weights)
        self.units = [terms.numeraire_unit, *[TOKEN_UNIT] * len(tokens)]
        self._opened_at = clock.now
        supplies = tuple(token.supply for token in tokens)
        self.pricing = pricing(
            Books(terms, clock, self.reserves, self.weights, self.units, supplies, clock.now)
        )
        self._seen_reserves = [0.0] * len(self.reserves)
        self._seen_supply = 0.0
        # Those that nobody is given are locked.
        self.supply = OPENING_SHARES
        self.shares = RecordAccounts(clock.opened if recorded is None else recorded, clock.finalized)
        self.harvested = 0.0
        # Shares of a listing, scaled so that times rho / B is what has not vested.
        self._vesting: dict[str, float] = {}
        for token, share in zip(tokens, opening.listing_shares, strict=True):
            self.shares.mint(token.client, share)
            self._vesting[token.client] = share * clock.factor
        for provider, share in zip(deposits, opening.provider_shares, strict=True):
            self.shares.mint(provider, share)

    def federation_asset(self, asset: int) -> int:
        """Return the federation's number of one of this pool's assets: 0, or client + 1."""
        return NUMERAIRE if asset == NUMERAIRE else self.clients[asset - 1] + 1

    # --- rounds ---

    def record(self) -> None:
        """Record date of everything in the pool."""
        self._seen_reserves = self.reserves.copy()
        self._seen_supply = self.supply
        self.shares.open_round()

    def harvest(self, rewards_per_token: Sequence[float]) -> None:
        """Payment date: what the pool's tokens earned goes to the LPs of record.

        Never into the reserves, but where the pricing is made for it.
        """
        rewards = [rewards_per_token[client] for client in self.clients]
        seen = self._seen_reserves
        earned = sum(reward * seen[asset] for asset, reward in enumerate(rewards, start=1))
        self.harvested += earned
        if self.pricing.keeps_rewards:
            self.reserves[NUMERAIRE] += earned
            earned = 0.0
        self.pricing.paid(rewards)
        self.shares.pay(earned / self._seen_supply if self._seen_supply > 0 else 0.0)

    # --- trading ---

    def fee(self) -> float:
        """Return the fee in force, a part of what enters: the opening fee falls linearly in time."""
        terms = self._terms
        left = self._opened_at + terms.opening_period - self._clock.now
        if left <= 0:
            return terms.swap_fee
        return terms.swap_fee + (terms.opening_fee - terms.swap_fee) * left / terms.opening_period

    def spot_price(self, asset: int) -> float:
        """Return whole numeraire a whole token, before any fee; 0 once the last round has opened."""
        self._exists(asset)
        if self._clock.rho == 0:
            return 0.0
        return self.pricing.spot_price(asset)

    def quote_exact_in(self, asset_in: int, asset_out: int, amount_in: float) -> float:
        """Return what `amount_in` would give now."""
        self._can_swap(asset_in, asset_out)
        return self.pricing.out_given_in(asset_in, asset_out, amount_in, self.fee())

    def quote_exact_out(self, asset_in: int, asset_out: int, amount_out: float) -> float:
        """Return what `amount_out` would take now, fee included."""
        self._can_swap(asset_in, asset_out)
        return self.pricing.in_given_out(asset_in, asset_out, amount_out, self.fee())

    def swap_exact_in(
        self, trader: str, asset_in: int, asset_out: int, amount_in: float, min_amount_out: float = 0.0
    ) -> float:
        """Sell exactly `amount_in`; returns what came out."""
        self._can_swap(asset_in, asset_out)
        fee = self.fee()
        amount_out = self.pricing.out_given_in(asset_in, asset_out, amount_in, fee)
        if amount_out < min_amount_out:
            raise TradeRefused("below the minimum")
        self._enter(trader, asset_in, amount_in)
        self._leave(trader, asset_out, amount_out)
        self.pricing.swapped(asset_in, asset_out, amount_in, amount_out, fee)
        return amount_out

    def swap_exact_out(
        self, trader: str, asset_in: int, asset_out: int, amount_out: float, max_amount_in: float = inf
    ) -> float:
        """Buy exactly `amount_out`; returns what went in."""
        self._can_swap(asset_in, asset_out)
        fee = self.fee()
        amount_in = self.pricing.in_given_out(asset_in, asset_out, amount_out, fee)
        if amount_in > max_amount_in:
            raise TradeRefused("above the maximum")
        self._enter(trader, asset_in, amount_in)
        self._leave(trader, asset_out, amount_out)
        self.pricing.swapped(asset_in, asset_out, amount_in, amount_out, fee)
        return amount_in

    # --- liquidity ---

    def unvested(self, holder: str) -> float:
        """Return the shares of a listing that its client can neither send nor burn now."""
        return self._vesting.get(holder, 0.0) * self._clock.rho / self._clock.budget

    def add_liquidity(self, provider: str, shares: float, max_amounts: Sequence[float] = ()) -> list[float]:
        """Mint exactly `shares` for a proportional amount of every asset; returns the amounts taken."""
        self._can_join()
        self._not_nothing(shares, TOKEN_UNIT)
        amounts = [reserve * shares / self.supply for reserve in self.reserves]
        if any(amount > most for amount, most in zip(amounts, max_amounts, strict=False)):
            raise TradeRefused("above the maximum")
        # All or nothing, in the contracts' order: tokens first, the numeraire last.
        for asset in (*range(1, len(amounts)), NUMERAIRE):
            self._can_spend(provider, asset, amounts[asset])
        for asset, amount in enumerate(amounts):
            self._enter(provider, asset, amount)
        before = self.supply
        self._mint(provider, shares)
        self.pricing.scaled(self.supply / before)
        return amounts

    def remove_liquidity(
        self, provider: str, shares: float, min_amounts: Sequence[float] = ()
    ) -> list[float]:
        """Burn `shares` for a proportional amount of every asset, at any time; returns the amounts given."""
        self._not_nothing(shares, TOKEN_UNIT)
        amounts = [reserve * shares / self.supply for reserve in self.reserves]
        if any(amount < least for amount, least in zip(amounts, min_amounts, strict=False)):
            raise TradeRefused("below the minimum")
        before = self.supply
        self._burn(provider, shares)
        for asset, amount in enumerate(amounts):
            self._leave(provider, asset, amount)
        self.pricing.scaled(self.supply / before)
        return amounts

    def add_single_asset(self, provider: str, asset: int, amount: float, min_shares: float = 0.0) -> float:
        """Join with one asset alone; returns the shares.  The part that a swap would trade pays the fee."""
        self._can_join()
        self._exists(asset)
        part = self.pricing.part(asset)
        if self.reserves[asset] < curve.MIN_BALANCE_UNITS * self.units[asset]:
            raise TradeRefused(curve.REASONS[curve.ALMOST_EMPTY])
        net = amount * (1 - self.fee() * (1 - part))
        code, shares = curve.shares_given_amount(self.supply, self.reserves[asset], part, net)
        if code:
            raise TradeRefused(curve.REASONS[code])
        self._not_nothing(shares, TOKEN_UNIT)
        if shares < min_shares:
            raise TradeRefused("below the minimum")
        self._enter(provider, asset, amount)
        self._mint(provider, shares)
        return shares

    def remove_single_asset(self, provider: str, asset: int, shares: float, min_amount: float = 0.0) -> float:
        """Leave with one asset alone; returns the amount."""
        self._is_trading()
        self._exists(asset)
        part = self.pricing.part(asset)
        code, whole = curve.amount_given_shares(self.supply, self.reserves[asset], part, shares)
        if code:
            raise TradeRefused(curve.REASONS[code])
        amount = whole * (1 - self.fee() * (1 - part))
        self._not_nothing(amount, self.units[asset])
        if amount < min_amount:
            raise TradeRefused("below the minimum")
        if self.reserves[asset] - amount < curve.MIN_BALANCE_UNITS * self.units[asset]:
            raise TradeRefused(curve.REASONS[curve.ALMOST_EMPTY])
        self._burn(provider, shares)
        self._leave(provider, asset, amount)
        return amount

    # --- inside ---

    def _can_swap(self, asset_in: int, asset_out: int) -> None:
        if asset_in == asset_out:
            raise TradeRefused(curve.REASONS[curve.ONE_ASSET])
        self._is_trading()
        if not (0 <= asset_in < len(self.reserves) and 0 <= asset_out < len(self.reserves)):
            raise TradeRefused("no such asset")

    def _enter(self, holder: str, asset: int, amount: float) -> None:
        self.reserves[asset] += self._holdings.take(holder, self.federation_asset(asset), amount)

    def _leave(self, holder: str, asset: int, amount: float) -> None:
        self.reserves[asset] -= amount
        self._holdings.give(holder, self.federation_asset(asset), amount)

    def _mint(self, holder: str, shares: float) -> None:
        self.supply += shares
        self.shares.mint(holder, shares)

    def _burn(self, holder: str, shares: float) -> None:
        self.supply -= self.shares.burn(holder, shares, self.unvested(holder), "shares not vested yet")

    def _can_spend(self, holder: str, asset: int, amount: float) -> None:
        """Refuse as `take` would."""
        asset = self.federation_asset(asset)
        balance = self._holdings.balance_of(holder, asset)
        if amount > balance * (1 + HAIR):
            raise TradeRefused("balance too small")
        if balance - amount < self._holdings.kept(holder, asset) * (1 - HAIR):
            raise TradeRefused("the client has to keep this part")

    def _exists(self, asset: int) -> None:
        if not 0 <= asset < len(self.reserves):
            raise TradeRefused("no such asset")

    def _is_trading(self) -> None:
        if self._clock.rho == 0:
            raise TradeRefused("the last round has opened")

    def _can_join(self) -> None:
        if self._clock.now < self._opened_at + self._terms.opening_period:
            raise TradeRefused("the opening period is not over")
        self._is_trading()

    @staticmethod
    def _not_nothing(amount: float, unit: float) -> None:
        if not amount >= unit * (1 - HAIR):
            raise TradeRefused("trade too small")
