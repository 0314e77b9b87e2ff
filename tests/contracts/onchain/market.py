"""Every action on an open market, with the naive model beside it: what the state machines are made of."""

from collections.abc import Callable, Sequence
from typing import Any

from boa import BoaError
from mpmath import log, mp, mpf

from onchain.naive import NaiveRewards
from onchain.world import FOREVER, NO_EVIDENCE, WAD, Federation, revert_reason

# Why a market may refuse a random trade, join or exit; any other reason is a finding.
MARKET_REFUSALS = {
    "trade too small",
    "more than 30% of a balance",
    "the pool is almost empty",
    "the last round has opened",
    "balance too small",
    "the opening period is not over",
}


class Market:
    """A federation of three clients, eight actors, and what they are owed."""

    def __init__(self, listing: Sequence[bool], deposit: int, **terms: Any) -> None:
        federation = Federation(score_cap=64 * WAD, **terms).fund().join(3, listed=lambda k: listing[k])
        self.federation = federation.deposit(deposit * federation.budget * federation.listed // WAD // 100)
        federation.start()
        self.scenario, self.pool, self.tokens = federation.scenario, federation.pool, federation.tokens
        self.actors: list[Any] = [
            federation.federator,
            federation.investor,
            federation.lp,
            federation.attacker,
            *federation.clients,
        ]
        for actor in self.actors:
            federation.equip(actor, federation.budget)
        for token, client in zip(self.tokens, federation.clients, strict=True):
            for actor in (federation.investor, federation.attacker):
                token.transfer(actor, federation.supply // 5, sender=client)
        # Contracts can be sent tokens too; nobody claims for them here.
        self.holders: list[Any] = [*self.actors, self.scenario.address, self.tokens[0].address]
        self.naive = NaiveRewards(
            federation.budget, federation.rounds, federation.supply, self.scenario.quantum()
        )
        self.claimed: dict[tuple[Any, Any], int] = {}
        self.given_to_scenario = self.given_to_pool = 0
        self.given_tokens = [0, 0, 0]
        self.scores: list[int] | None = None
        self.asset_client = [k for k in range(3) if listing[k]]
        self.last_clock = federation.clock()
        self.last_weights = federation.weights()
        self.refusals = 0

    # --- actions ----------------------------------------------------------------------------------------

    @staticmethod
    def part(of: int, part: int) -> int:
        """Up to three units as such, more in thousandths."""
        return min(of, part) if part <= 3 else of * part // 1000

    def attempt(self, call: Callable[[], Any], refusals: set[str]) -> Any:
        try:
            return call()
        except BoaError as error:
            reason = revert_reason(error)
            if reason not in refusals:
                raise
            self.refusals += 1
            return None

    def rate(self) -> Any:
        """Logarithm of prod x^w / LP supply, the weights normalised, at 60 digits."""
        balances, weights = self.federation.balances(), self.federation.weights()
        with mp.workdps(60):
            mean = sum(w * log(mpf(x)) for w, x in zip(weights, balances, strict=True)) / sum(weights)
            return mean - log(mpf(self.pool.totalSupply()))

    def keeping_the_rate(self, call: Callable[[], Any], refusals: set[str] = MARKET_REFUSALS) -> None:
        """I4: no swap, join or exit lowers the rate."""
        before = self.rate() if self.naive.rho else None
        done = self.attempt(call, refusals)
        if before is not None and done is not None:
            with mp.workdps(60):
                assert self.rate() >= before - mpf(10) ** -50

    def swap(self, actor: int, asset_in: int, asset_out: int, part: int) -> None:
        assets = self.pool.asset_count()
        asset_in, asset_out = asset_in % assets, asset_out % assets
        if asset_in == asset_out:
            asset_out = (asset_in + 1) % assets
        amount = self.part(self.federation.balances()[asset_in] * 3 // 10, part)
        self.keeping_the_rate(lambda: self.federation.swap(self.actors[actor], asset_in, asset_out, amount))

    def swap_exact_out(self, actor: int, asset_in: int, asset_out: int, part: int) -> None:
        assets, trader = self.pool.asset_count(), self.actors[actor]
        asset_in, asset_out = asset_in % assets, asset_out % assets
        if asset_in == asset_out:
            asset_out = (asset_in + 1) % assets
        amount = self.part(self.federation.balances()[asset_out] * 3 // 10, part)
        order = (asset_in, asset_out, amount, FOREVER, trader, FOREVER)
        self.keeping_the_rate(lambda: self.pool.swap_exact_out(*order, sender=trader))

    def add_liquidity(self, actor: int, part: int) -> None:
        shares = self.part(self.pool.totalSupply() // 4, part) or 1
        self.keeping_the_rate(lambda: self.federation.add(self.actors[actor], shares))

    def remove_liquidity(self, actor: int, part: int) -> None:
        held = self.pool.balanceOf(self.actors[actor])
        shares = self.part(held, part)
        if shares:
            # I8: never refused.
            self.keeping_the_rate(lambda: self.federation.remove(self.actors[actor], shares), set())

    def transfer(self, contract: int, sender: int, receiver: int, part: int) -> None:
        """I6: what both sides have earned stays theirs."""
        token = self.contracts[contract % 4]
        places = [*self.holders, self.pool.address]
        giver, taker = self.actors[sender % len(self.actors)], places[receiver % len(places)]
        before = [token.claimable(giver), token.claimable(taker)]
        amount = self.part(token.balanceOf(giver), part)
        token.transfer(taker, amount, sender=giver)
        assert [token.claimable(giver), token.claimable(taker)] == before
        if taker == self.pool.address and token is not self.pool:
            self.given_tokens[self.tokens.index(token)] += amount

    def claim(self, contract: int, actor: int) -> None:
        source, holder = self.contracts[contract % 4], self.actors[actor]
        expected = source.claimable(holder)
        money = self.federation.numeraire.balanceOf(holder)
        assert source.claim_for(holder) == expected
        assert self.federation.numeraire.balanceOf(holder) == money + expected
        assert source.claim(sender=holder) == 0
        self.claimed[source, holder] = self.claimed.get((source, holder), 0) + expected

    def donate(self, actor: int, to_scenario: bool, part: int) -> None:
        giver = self.actors[actor]
        amount = self.part(self.federation.numeraire.balanceOf(giver), part)
        self.federation.numeraire.transfer(self.scenario if to_scenario else self.pool, amount, sender=giver)
        if to_scenario:
            self.given_to_scenario += amount
        else:
            self.given_to_pool += amount

    def open_round(self) -> None:
        if self.naive.opened > self.naive.finalized or self.naive.rho == 0:
            return self.refuse("open_round", self.federation.federator)
        books = dict(zip(self.asset_client, self.federation.balances()[1:], strict=True))
        self.naive.open_round(
            [{h: token.balanceOf(h) for h in self.holders} for token in self.tokens],
            [books.get(k, 0) for k in range(3)],
            {h: self.pool.balanceOf(h) for h in self.holders},
            self.pool.totalSupply(),
        )
        self.last_weights = []
        assert self.scenario.open_round(sender=self.federation.federator) == self.naive.opened
        return None

    def submit(self, scores: list[int]) -> None:
        number, federator = self.naive.opened, self.federation.federator
        if self.naive.opened == self.naive.finalized or self.scores is not None:
            return self.refuse("submit_scores", federator, number, scores, NO_EVIDENCE)
        self.scenario.submit_scores(number, scores, NO_EVIDENCE, sender=federator)
        self.scores = scores
        return None

    def finalize(self, actor: int) -> None:
        number = self.naive.opened
        if self.scores is None:
            return self.refuse("finalize_round", self.actors[actor], number, [0, 0, 0])
        self.refuse("finalize_round", self.actors[actor], number, [*self.scores[:2], self.scores[2] + 1])
        self.scenario.finalize_round(number, self.scores, sender=self.actors[actor])
        self.naive.finalize(self.scores)
        self.scores = None
        return None

    def refuse(self, name: str, sender: Any, *args: Any) -> None:
        """I7: out of turn, nothing happens."""
        try:
            getattr(self.scenario, name)(*args, sender=sender)
        except BoaError:
            return
        raise AssertionError(f"{name} was not refused")

    def replay(self, actor: int) -> None:
        """I7: every call of the past is refused or changes nothing."""
        federator, anyone = self.federation.federator, self.actors[actor]
        for number in range(self.naive.finalized + 1):
            self.refuse("finalize_round", anyone, number, [1, 1, 1])
            self.refuse("submit_scores", federator, number, [1, 1, 1], NO_EVIDENCE)
        self.refuse("fund", federator)
        self.refuse("cancel", federator)
        self.refuse("withdraw_budget", federator)
        self.refuse("open_market", federator, [federator], 0, 0)
        self.refuse("join", anyone, False)
        self.refuse("withdraw_tokens", self.federation.clients[0])
        self.refuse("pay_reward", anyone, 0, anyone, 1)
        self.refuse("pay_pool_reward", anyone, anyone, 1)
        self.pool.harvest(sender=anyone)

    # --- rules ------------------------------------------------------------------------------------------

    @property
    def contracts(self) -> list[Any]:
        return [*self.tokens, self.pool]

    def claimable(self) -> dict[tuple[Any, Any], int]:
        return {(c, h): c.claimable(h) for c in self.contracts for h in self.holders}

    def money_adds_up(self) -> None:
        """I1 and I2, to the wei, and each one's part; dust is computed from the naive model alone."""
        claimable = self.claimable()
        for (contract, holder), amount in claimable.items():
            received = self.claimed.get((contract, holder), 0)
            if contract is self.pool:
                assert received + amount == self.naive.owed_to_lp(holder)
            else:
                assert received + amount == self.naive.owed(self.tokens.index(contract), holder)
        paid, owed = self.scenario.paid(), sum(claimable.values())
        assert paid == sum(self.claimed.values())
        assert self.scenario.escrow() + paid + owed + self.naive.dust() == self.federation.budget
        held = self.federation.numeraire.balanceOf(self.scenario) - self.given_to_scenario
        assert held == self.federation.budget - paid
        assert held >= owed

    def supplies_add_up(self) -> None:
        """I3, and the pool's books are covered."""
        books = dict(zip(self.asset_client, self.federation.balances()[1:], strict=True))
        for k, token in enumerate(self.tokens):
            in_pool = token.balanceOf(self.pool)
            assert in_pool == books.get(k, 0) + self.given_tokens[k]
            assert sum(token.balanceOf(h) for h in self.holders) + in_pool == token.totalSupply()
            assert token.totalSupply() == self.federation.supply
        shares = sum(self.pool.balanceOf(h) for h in [*self.holders, self.pool.address])
        assert shares == self.pool.totalSupply()
        money = self.federation.numeraire.balanceOf(self.pool)
        assert money == self.federation.balances()[0] + self.given_to_pool

    def rounds_only_grow(self) -> None:
        """I7: the clock agrees with the schedule; only open_round changes a weight."""
        clock = self.federation.clock()
        assert clock == (
            self.federation.budget,
            self.naive.rho,
            self.naive.opened,
            self.naive.finalized,
        )
        assert clock[2] >= self.last_clock[2]
        assert clock[3] >= self.last_clock[3]
        weights = self.federation.weights()
        if self.last_weights:
            assert weights == self.last_weights
        self.last_clock, self.last_weights = clock, weights

    def leave_and_settle(self) -> None:
        """I8: at the end everybody leaves and claims, and what stays is dust and gifts."""
        if self.naive.opened > self.naive.finalized:
            if self.scores is None:
                self.submit([0, 0, 0])
            self.finalize(0)
        while self.naive.rho:
            self.open_round()
            self.submit([1, 2, 3])
            self.finalize(0)
        for number in range(len(self.actors)):
            self.remove_liquidity(number, 1000)
            for contract in range(4):
                self.claim(contract, number)
        self.money_adds_up()
        self.supplies_add_up()
        left = self.federation.numeraire.balanceOf(self.scenario) - self.given_to_scenario
        strangers = [self.scenario.address, self.tokens[0].address]
        owed = sum(c.claimable(h) for c in self.contracts for h in strangers)
        assert left == self.naive.dust() + self.scenario.escrow() + owed
        assert self.scenario.escrow() < self.naive.quantum
