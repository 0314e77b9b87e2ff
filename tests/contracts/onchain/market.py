"""What anybody can do on an open market: trades, liquidity in every form, transfers, claims, gifts."""

from collections.abc import Callable, Sequence
from typing import Any

from boa import BoaError
from mpmath import log, mp, mpf

from onchain import world
from onchain.naive import NaiveRewards
from onchain.world import DAY, FOREVER, WAD, Federation, revert_reason

# Why a market may refuse a random trade, join or exit; any other reason is a finding.
MARKET_REFUSALS = {
    "trade too small",
    "more than 30% of a balance",
    "the pool is almost empty",
    "the last round has opened",
    "balance too small",
    "the opening period is not over",
    "the client has to keep this part",
    "shares not vested yet",
}


class Market:
    """A federation, its actors, and the naive model beside it.  Late clients bring pools of their own."""

    def __init__(self, clients: int, listing: Callable[[int], bool], deposit: int, **terms: Any) -> None:
        terms = {"score_cap": 64 * WAD, "late_joins": True, "round_gap": DAY, "round_deadline": DAY} | terms
        federation = Federation(**terms).fund().join(clients, listed=listing)
        self.federation = federation.deposit(deposit * federation.budget * federation.listed // WAD // 100)
        federation.start()
        self.scenario, self.tokens = federation.scenario, federation.tokens
        self.challenges = federation.challenges
        self.pools: list[Any] = [federation.pool]
        # Client of each asset 1.., by pool.
        self.assets: list[list[int]] = [[k for k in range(clients) if listing(k)]]
        self.actors: list[Any] = [
            federation.federator,
            federation.investor,
            federation.lp,
            federation.attacker,
            *federation.clients[:3],
        ]
        for actor in self.actors:
            federation.equip(actor, federation.budget)
            federation.grant(actor, 0, self.challenges)
            federation.grant(actor, 0, self.scenario)
        for token, client in zip(self.tokens, federation.clients, strict=True):
            for actor in (federation.investor, federation.attacker):
                token.transfer(actor, federation.supply // 5, sender=client)
        # Contracts can be sent tokens too; nobody claims for them here.
        self.holders: list[Any] = [*self.actors, self.scenario.address, self.tokens[0].address]
        others = federation.clients[3:]
        self.naive = NaiveRewards(
            federation.budget,
            federation.rounds,
            [federation.supply] * clients,
            self.scenario.quantum(),
            federation.schedule,
            federation.late_joins,
        )
        self.holders += others
        self.claimed: dict[tuple[Any, Any], int] = {}
        self.given_to_scenario = 0
        self.given_to_pool = [0]
        self.given_tokens: dict[tuple[int, Any], int] = {}
        self.refusals = 0
        self.changed_weights = True

    # --- helpers ----------------------------------------------------------------------------------------

    @staticmethod
    def part(of: int, part: int) -> int:
        """Up to three units as such, more in thousandths."""
        return min(of, part) if part <= 3 else of * part // 1000

    def pick(self, things: Sequence[Any], number: int) -> Any:
        return things[number % len(things)]

    def books(self, number: int) -> list[int]:
        pool = self.pools[number]
        return [int(pool.balance_of_asset(k)) for k in range(len(self.assets[number]) + 1)]

    def weights(self, number: int) -> list[int]:
        pool = self.pools[number]
        return [int(pool.weight_of_asset(k)) for k in range(len(self.assets[number]) + 1)]

    def attempt(self, call: Callable[[], Any], refusals: set[str] = MARKET_REFUSALS) -> Any:
        try:
            return call()
        except BoaError as error:
            reason = revert_reason(error)
            if reason not in refusals:
                raise
            self.refusals += 1
            return None

    def rate(self, number: int) -> Any:
        """Logarithm of prod x^w / LP supply, the weights normalised, at 60 digits."""
        books, weights = self.books(number), self.weights(number)
        with mp.workdps(60):
            mean = sum(w * log(mpf(x)) for w, x in zip(weights, books, strict=True)) / sum(weights)
            return mean - log(mpf(self.pools[number].totalSupply()))

    def keeping_the_rate(
        self, number: int, call: Callable[[], Any], refusals: set[str] = MARKET_REFUSALS
    ) -> None:
        """I4: no swap, join or exit lowers the rate."""
        before = self.rate(number) if self.naive.rho else None
        done = self.attempt(call, refusals)
        if before is not None and done is not None:
            with mp.workdps(60):
                assert self.rate(number) >= before - mpf(10) ** -50

    def two_assets(self, number: int, asset_in: int, asset_out: int) -> tuple[int, int]:
        count = len(self.assets[number]) + 1
        asset_in, asset_out = asset_in % count, asset_out % count
        return asset_in, (asset_in + 1) % count if asset_in == asset_out else asset_out

    # --- trades -----------------------------------------------------------------------------------------

    def swap(self, pool: int, actor: int, asset_in: int, asset_out: int, part: int) -> None:
        number, trader = pool % len(self.pools), self.pick(self.actors, actor)
        asset_in, asset_out = self.two_assets(number, asset_in, asset_out)
        amount = self.part(self.books(number)[asset_in] * 3 // 10, part)
        order = (asset_in, asset_out, amount, 0, trader, FOREVER)
        self.keeping_the_rate(number, lambda: self.pools[number].swap_exact_in(*order, sender=trader))

    def swap_exact_out(self, pool: int, actor: int, asset_in: int, asset_out: int, part: int) -> None:
        number, trader = pool % len(self.pools), self.pick(self.actors, actor)
        asset_in, asset_out = self.two_assets(number, asset_in, asset_out)
        amount = self.part(self.books(number)[asset_out] * 3 // 10, part)
        order = (asset_in, asset_out, amount, FOREVER, trader, FOREVER)
        self.keeping_the_rate(number, lambda: self.pools[number].swap_exact_out(*order, sender=trader))

    # --- liquidity --------------------------------------------------------------------------------------

    def vested(self, number: int, actor: Any) -> int:
        pool = self.pools[number]
        return max(pool.balanceOf(actor) - pool.unvested(actor), 0)

    def add_liquidity(self, pool: int, actor: int, part: int) -> None:
        number, who = pool % len(self.pools), self.pick(self.actors, actor)
        shares = self.part(self.pools[number].totalSupply() // 4, part) or 1
        limits = [FOREVER] * (len(self.assets[number]) + 1)
        self.keeping_the_rate(
            number, lambda: self.pools[number].add_liquidity(shares, limits, FOREVER, sender=who)
        )

    def remove_liquidity(self, pool: int, actor: int, part: int) -> None:
        number, who = pool % len(self.pools), self.pick(self.actors, actor)
        shares = self.part(self.vested(number, who), part)
        limits = [0] * (len(self.assets[number]) + 1)
        if shares:
            # I8: never refused.
            leave = self.pools[number].remove_liquidity
            self.keeping_the_rate(number, lambda: leave(shares, limits, who, FOREVER, sender=who), set())

    def add_single_asset(self, pool: int, actor: int, asset: int, part: int) -> None:
        number, who = pool % len(self.pools), self.pick(self.actors, actor)
        asset %= len(self.assets[number]) + 1
        amount = self.part(self.books(number)[asset] * 3 // 10, part)
        self.keeping_the_rate(
            number, lambda: self.pools[number].add_single_asset(asset, amount, 0, FOREVER, sender=who)
        )

    def remove_single_asset(self, pool: int, actor: int, asset: int, part: int) -> None:
        number, who = pool % len(self.pools), self.pick(self.actors, actor)
        asset %= len(self.assets[number]) + 1
        shares = self.part(self.vested(number, who), part)
        leave = self.pools[number].remove_single_asset
        self.keeping_the_rate(number, lambda: leave(asset, shares, 0, who, FOREVER, sender=who))

    # --- transfers, claims, gifts -----------------------------------------------------------------------

    @property
    def contracts(self) -> list[Any]:
        return [*self.tokens, *self.pools]

    def transfer(self, contract: int, sender: int, receiver: int, part: int) -> None:
        """I6: what both sides have earned stays theirs."""
        token = self.pick(self.contracts, contract)
        giver = self.pick(self.actors, sender)
        taker = self.pick([*self.holders, *[pool.address for pool in self.pools]], receiver)
        before = [token.claimable(giver), token.claimable(taker)]
        amount = self.part(token.balanceOf(giver), part)
        if self.attempt(lambda: token.transfer(taker, amount, sender=giver)) is None:
            return
        assert [token.claimable(giver), token.claimable(taker)] == before
        for number, pool in enumerate(self.pools):
            if taker == pool.address and token in self.tokens:
                key = (number, token.address)
                self.given_tokens[key] = self.given_tokens.get(key, 0) + amount

    def claim(self, contract: int, actor: int) -> None:
        source, holder = self.pick(self.contracts, contract), self.pick(self.actors, actor)
        expected = source.claimable(holder)
        money = self.federation.numeraire.balanceOf(holder)
        assert source.claim_for(holder) == expected
        assert self.federation.numeraire.balanceOf(holder) == money + expected
        assert source.claim(sender=holder) == 0
        self.claimed[source, holder] = self.claimed.get((source, holder), 0) + expected

    def claim_many(self, actor: int) -> None:
        holder = self.pick(self.actors, actor)
        sources = self.contracts[-8:]
        owed = {source: source.claimable(holder) for source in sources}
        paid = self.federation.orchestrator.claim_many([source.address for source in sources], [holder])
        assert paid == sum(owed.values())
        for source, amount in owed.items():
            self.claimed[source, holder] = self.claimed.get((source, holder), 0) + amount

    def donate(self, actor: int, place: int, part: int) -> None:
        giver = self.pick(self.actors, actor)
        amount = self.part(self.federation.numeraire.balanceOf(giver), part)
        number = place % (len(self.pools) + 1)
        if number == len(self.pools):
            self.federation.numeraire.transfer(self.scenario, amount, sender=giver)
            self.given_to_scenario += amount
        else:
            self.federation.numeraire.transfer(self.pools[number], amount, sender=giver)
            self.given_to_pool[number] += amount

    def wait(self, seconds: int) -> None:
        world.boa.env.time_travel(seconds=seconds)

    def new_pool(self, client: int) -> None:
        """The pool that a late client has brought."""
        number = len(self.pools)
        pool = world.compiled("Pool").at(self.scenario.pool_at(number))
        self.pools.append(pool)
        self.assets.append([client])
        self.given_to_pool.append(0)
        for actor in self.actors:
            self.federation.numeraire.approve(pool, FOREVER, sender=actor)
            self.tokens[client].approve(pool, FOREVER, sender=actor)
