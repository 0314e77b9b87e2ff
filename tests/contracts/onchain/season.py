"""The federation's own life on top of its market: rounds, scores, challenges, added money, late clients."""

from typing import Any

from boa import BoaError

from onchain import world
from onchain.market import Market
from onchain.naive import PoolSnapshot
from onchain.world import EVIDENCE, FOREVER, NO_EVIDENCE, packed, revert_reason


class Season(Market):
    """Every call that is not a trade, by whoever may make it; out of turn, it must be refused."""

    def __init__(self, *args: Any, **terms: Any) -> None:
        super().__init__(*args, **terms)
        self.scores: list[int] | None = None
        self.scored_at = 0
        self.challengers: dict[int, dict[Any, int]] = {}
        self.ruling: dict[int, str] = {}
        self.bond = self.federation.bond
        self.forfeited = 0
        self.compensation: dict[tuple[int, Any], int] = {}
        self.since = world.boa.env.timestamp

    # --- rounds -----------------------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        return self.naive.opened > self.naive.finalized

    def snapshots(self) -> list[PoolSnapshot]:
        return [
            PoolSnapshot(
                dict(zip(self.assets[number], self.books(number)[1:], strict=True)),
                {h: pool.balanceOf(h) for h in self.holders},
                pool.totalSupply(),
            )
            for number, pool in enumerate(self.pools)
        ]

    def open_round(self, actor: int) -> None:
        who = self.pick(self.actors, actor)
        overdue = world.boa.env.timestamp >= self.since + self.federation.round_gap
        may = who == self.federation.federator or overdue
        if self.is_open or self.naive.rho == 0 or not may:
            return self.refuse(self.scenario, "open_round", who)
        balances = [{h: token.balanceOf(h) for h in self.holders} for token in self.tokens]
        self.naive.open_round(balances, self.snapshots())
        self.changed_weights = True
        assert self.scenario.open_round(sender=who) == self.naive.opened
        self.since = world.boa.env.timestamp
        return None

    def submit(self, scores: list[int]) -> None:
        number, federator = self.naive.opened, self.federation.federator
        late = world.boa.env.timestamp >= self.since + self.federation.round_deadline
        present = len(self.naive.snapshot[0]) if self.naive.snapshot else 0
        scores = (scores * 64)[:present]
        order = (number, packed(scores), NO_EVIDENCE)
        if not self.is_open or self.scores is not None or late:
            return self.refuse(self.scenario, "submit_scores", federator, *order)
        self.scenario.submit_scores(*order, sender=federator)
        self.scores, self.since = scores, world.boa.env.timestamp
        return None

    def settled(self) -> bool:
        """Whether the submitted scores can be paid now."""
        terms, now = self.federation, world.boa.env.timestamp
        end = self.since + terms.challenge_window
        if now < end:
            return False
        number = self.naive.opened
        return not self.challengers.get(number) or number in self.ruling or now >= end + terms.ruling_period

    def finalize(self, actor: int) -> None:
        number, who = self.naive.opened, self.pick(self.actors, actor)
        if self.scores is None:
            return self.refuse(self.scenario, "finalize_round", who, number, packed([]))
        wrong = [*self.scores[:-1], self.scores[-1] + 1]
        self.refuse(self.scenario, "finalize_round", who, number, packed(wrong))
        if not self.settled():
            return self.refuse(self.scenario, "finalize_round", who, number, packed(self.scores))
        self.scenario.finalize_round(number, packed(self.scores), sender=who)
        self.naive.finalize(self.scores)
        self.scores, self.since = None, world.boa.env.timestamp
        return None

    def finalize_without_scores(self, actor: int) -> None:
        number, who = self.naive.opened, self.pick(self.actors, actor)
        overdue = world.boa.env.timestamp >= self.since + self.federation.round_deadline
        if not self.is_open or self.scores is not None or not overdue:
            return self.refuse(self.scenario, "finalize_without_scores", who, number)
        quantum = self.naive.quantum
        added = min(self.naive.pot // 4 * quantum, self.bond) // quantum * quantum
        self.scenario.finalize_without_scores(number, sender=who)
        self.bond -= added
        self.naive.add_to_pot(added)
        self.naive.finalize(None)
        self.since = world.boa.env.timestamp
        return None

    # --- challenges -------------------------------------------------------------------------------------

    def challenge(self, actor: int, asset: int) -> None:
        number, who = self.naive.opened, self.pick(self.actors, actor)
        asset %= len(self.tokens) + 1
        bond = max(-(-self.scenario.pot() * self.federation.challenge_bond // 10**18), 1)
        self.federation.grant(who, bond, self.challenges)
        held = self.pools[0] if asset == 0 else self.tokens[asset - 1]
        possible = (
            self.scores is not None
            and world.boa.env.timestamp < self.since + self.federation.challenge_window
            and who not in self.challengers.get(number, {})
            and (who in self.federation.clients or held.balanceOf(who) > 0)
        )
        if not possible:
            return self.refuse(self.challenges, "challenge", who, number, asset, EVIDENCE)
        assert self.challenges.challenge(number, asset, EVIDENCE, sender=who) == bond
        self.challengers.setdefault(number, {})[who] = bond
        return None

    def rule_on_scores(self, scores: list[int] | None) -> None:
        """Uphold, or replace by other scores."""
        number, arbiter = self.naive.opened, self.federation.arbiter
        end = self.since + self.federation.challenge_window
        in_time = end <= world.boa.env.timestamp < end + self.federation.ruling_period
        open_case = (
            self.scores is not None and bool(self.challengers.get(number)) and number not in self.ruling
        )
        replaced = (scores * 64)[: len(self.scores)] if scores and self.scores else None
        if not (in_time and open_case):
            return self.refuse(self.challenges, "uphold_scores", arbiter, number)
        if replaced is None:
            self.challenges.uphold_scores(number, sender=arbiter)
            self.ruling[number] = "upheld"
            self.forfeited += sum(self.challengers.pop(number).values())
            self.challengers[number] = {}
            return None
        self.challenges.replace_scores(number, packed(replaced), EVIDENCE, sender=arbiter)
        self.ruling[number] = "replaced"
        first, bond = next(iter(self.challengers[number].items()))
        added = min(bond, self.bond) // self.naive.quantum * self.naive.quantum
        self.bond -= added
        self.naive.add_to_pot(added)
        paid = min(bond, self.bond)
        self.bond -= paid
        self.compensation[number, first] = paid
        self.scores = replaced
        return None

    def withdraw_challenge_bond(self, number: int, actor: int) -> None:
        number, who = number % (self.naive.opened + 1), self.pick(self.actors, actor)
        staked = self.challengers.get(number, {}).get(who)
        free = number <= self.naive.finalized or self.ruling.get(number) == "replaced"
        if not staked or not free:
            return self.refuse(self.challenges, "withdraw_challenge_bond", who, number, who)
        expected = staked + self.compensation.pop((number, who), 0)
        assert self.challenges.withdraw_challenge_bond(number, who) == expected
        # Spent, yet the round was challenged.
        self.challengers[number][who] = 0
        return None

    def withdraw_bond(self) -> None:
        over = self.naive.finalized == self.federation.rounds
        expected = self.forfeited + (self.bond if over else 0)
        assert self.challenges.withdraw_bond() == expected
        self.forfeited = 0
        self.bond = 0 if over else self.bond

    # --- money and clients ------------------------------------------------------------------------------

    def top_up(self, actor: int, part: int) -> None:
        who = self.pick(self.actors, actor)
        amount = self.part(self.naive.escrow, part) or 1
        self.federation.grant(who, amount)
        if self.naive.rho == 0 or self.naive.added + amount > self.federation.budget:
            return
        self.scenario.top_up(amount, sender=who)
        self.naive.top_up(amount)

    def join_late(self, liquidity: int) -> None:
        """At most two, so that the run stays quick."""
        if self.naive.rho == 0 or len(self.naive.supplies) >= 64 or len(self.pools) > 2:
            return
        client = world.boa.env.generate_address()
        total = sum(self.naive.supplies)
        least = -(-self.naive.escrow * self.federation.supply // total)
        if self.naive.added + least > self.federation.budget:
            return
        value = self.naive.escrow // len(self.naive.supplies) * self.federation.listed // 10**18
        money = max(value * liquidity // 100, 10**6) if liquidity else 0
        before = [(self.books(k), self.weights(k)) for k in range(len(self.pools))]
        self.federation.join_late(client, least, money)
        assert [(self.books(k), self.weights(k)) for k in range(len(before))] == before
        self.naive.top_up(least)
        self.naive.join(self.federation.supply)
        self.actors.append(client)
        self.holders.append(client)
        self.federation.numeraire.mint(client, self.federation.budget)
        if money:
            self.new_pool(len(self.tokens) - 1)
        for number, pool in enumerate(self.pools):
            for asset in (self.federation.numeraire, *(self.tokens[k] for k in self.assets[number])):
                asset.approve(pool, FOREVER, sender=client)

    # --- out of turn ------------------------------------------------------------------------------------

    def refuse(self, contract: Any, name: str, sender: Any, *args: Any) -> None:
        """I7: out of turn, nothing happens."""
        try:
            getattr(contract, name)(*args, sender=sender)
        except BoaError as error:
            revert_reason(error)
            return
        raise AssertionError(f"{name} was not refused")

    def replay(self, actor: int) -> None:
        """I7: every call of the past is refused or changes nothing."""
        federator, anyone = self.federation.federator, self.pick(self.actors, actor)
        for number in range(self.naive.finalized + 1):
            self.refuse(self.scenario, "finalize_round", anyone, number, packed([1, 1, 1]))
            self.refuse(self.scenario, "finalize_without_scores", anyone, number)
            self.refuse(self.scenario, "submit_scores", federator, number, packed([1]), NO_EVIDENCE)
            self.refuse(self.challenges, "challenge", anyone, number, 0, EVIDENCE)
        for name, args in (
            ("fund", ()),
            ("cancel", ()),
            ("withdraw_budget", ()),
            ("open_market", ([federator], 0, 0)),
        ):
            self.refuse(self.scenario, name, federator, *args)
        self.refuse(self.scenario, "join", anyone, False)
        self.refuse(self.scenario, "withdraw_tokens", self.federation.clients[0])
        self.refuse(self.scenario, "pay_reward", anyone, 0, anyone, 1)
        self.refuse(self.scenario, "pay_pool_reward", anyone, anyone, 2**64)
        for pool in self.pools:
            pool.harvest(sender=anyone)
