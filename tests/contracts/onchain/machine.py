"""All contracts under random calls of everybody: a state machine, with SPEC's invariants after every step."""

from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from onchain import world
from onchain.books import Books
from onchain.world import DAY, WAD

DISPUTED = {"challenge_window": 3600, "ruling_period": 7200}

WORLDS: list[dict[str, Any]] = [
    {"clients": 3, "decimals": 6, "budget": 10**12 + 7, "rounds": 4, "bond": 10**11, **DISPUTED},
    {
        "clients": 1,
        "decimals": 18,
        "budget": 123_457 * WAD + 1,
        "rounds": 3,
        "swap_fee": 0,
        "opening_period": 0,
    },
    {
        "clients": 3,
        "decimals": 8,
        "budget": 3 * 10**10,
        "rounds": 6,
        "supply": 10**18,
        "clock": False,
        "bond": 7,
    },
    {
        "clients": 3,
        "decimals": 6,
        "budget": 10**9,
        "rounds": 3,
        "schedule": [6 * 10**8, 3 * 10**8, 10**8],
        "supply": 10**9,
        "listed": WAD // 2,
        "retained": WAD // 10,
        "swap_fee": WAD // 5,
        "bond": 10**9,
        **DISPUTED,
    },
    {
        "clients": 3,
        "decimals": 18,
        "budget": 10**24,
        "rounds": 5,
        "retained": WAD // 5,
        "bond": 10**22 + 1,
        **DISPUTED,
    },
]
LARGE: dict[str, Any] = {
    "clients": 48,
    "decimals": 6,
    "budget": 10**12,
    "rounds": 3,
    "bond": 10**10,
    **DISPUTED,
}

LISTINGS = {"all": lambda k: True, "odd": lambda k: k % 2 == 0}

actors = st.integers(0, 8)
pools = st.integers(0, 2)
assets = st.integers(0, 50)
parts = st.one_of(st.integers(0, 3), st.integers(4, 1000))
scores = st.lists(st.one_of(st.just(0), st.integers(0, 3), st.integers(0, 10**7)), min_size=3, max_size=3)


class MarketActions(RuleBasedStateMachine):
    """What anybody can do to a federation whose market is open."""

    worlds: ClassVar[list[dict[str, Any]]] = WORLDS

    def __init__(self) -> None:
        super().__init__()
        self.anchor = world.boa.env.anchor()
        self.anchor.__enter__()
        self.steps = 0

    def teardown(self) -> None:
        self.anchor.__exit__(None, None, None)

    @initialize(
        data=st.data(), listing=st.sampled_from(sorted(LISTINGS)), deposit=st.sampled_from([50, 100, 300])
    )
    def open_market(self, data: Any, listing: str, deposit: int) -> None:
        terms = dict(data.draw(st.sampled_from(self.worlds)))
        clients = terms.pop("clients")
        self.market = Books(clients, LISTINGS[listing], deposit, **terms)
        # With fifty clients a whole look at the books takes seconds.
        self.every = 1 if clients < 10 else 15

    @rule(pool=pools, actor=actors, asset_in=assets, asset_out=assets, part=parts)
    def swap(self, pool: int, actor: int, asset_in: int, asset_out: int, part: int) -> None:
        self.market.swap(pool, actor, asset_in, asset_out, part)

    @rule(pool=pools, actor=actors, asset_in=assets, asset_out=assets, part=parts)
    def swap_exact_out(self, pool: int, actor: int, asset_in: int, asset_out: int, part: int) -> None:
        self.market.swap_exact_out(pool, actor, asset_in, asset_out, part)

    @rule(pool=pools, actor=actors, part=parts)
    def add_liquidity(self, pool: int, actor: int, part: int) -> None:
        self.market.add_liquidity(pool, actor, part)

    @rule(pool=pools, actor=actors, part=parts)
    def remove_liquidity(self, pool: int, actor: int, part: int) -> None:
        self.market.remove_liquidity(pool, actor, part)

    @rule(pool=pools, actor=actors, asset=assets, part=parts)
    def add_single_asset(self, pool: int, actor: int, asset: int, part: int) -> None:
        self.market.add_single_asset(pool, actor, asset, part)

    @rule(pool=pools, actor=actors, asset=assets, part=parts)
    def remove_single_asset(self, pool: int, actor: int, asset: int, part: int) -> None:
        self.market.remove_single_asset(pool, actor, asset, part)

    @rule(contract=assets, sender=actors, receiver=st.integers(0, 12), part=parts)
    def transfer(self, contract: int, sender: int, receiver: int, part: int) -> None:
        self.market.transfer(contract, sender, receiver, part)

    @rule(contract=assets, actor=actors)
    def claim(self, contract: int, actor: int) -> None:
        self.market.claim(contract, actor)

    @rule(actor=actors)
    def claim_many(self, actor: int) -> None:
        self.market.claim_many(actor)

    @rule(actor=actors, place=st.integers(0, 3), part=parts)
    def donate(self, actor: int, place: int, part: int) -> None:
        self.market.donate(actor, place, part)

    @rule(actor=st.one_of(st.just(0), actors))
    def open_round(self, actor: int) -> None:
        self.market.open_round(actor)

    @precondition(lambda self: self.market.is_open)
    @rule(scores=scores)
    def submit(self, scores: list[int]) -> None:
        self.market.submit(scores)

    @rule(actor=actors, asset=assets)
    def challenge(self, actor: int, asset: int) -> None:
        self.market.challenge(actor, asset)

    @precondition(lambda self: self.market.scores is not None)
    @rule(scores=st.one_of(st.none(), scores), asset=assets, actors=st.lists(actors, min_size=1, max_size=3))
    def dispute(self, scores: list[int] | None, asset: int, actors: list[int]) -> None:
        """Challenges, then the end of the window, then a ruling."""
        for actor in actors:
            self.market.challenge(actor, asset)
        self.market.wait(self.market.federation.challenge_window)
        self.market.rule_on_scores(scores)

    @rule(scores=st.one_of(st.none(), scores))
    def rule_on_scores(self, scores: list[int] | None) -> None:
        self.market.rule_on_scores(scores)

    @rule(number=st.integers(0, 6), actor=actors)
    def withdraw_challenge_bond(self, number: int, actor: int) -> None:
        self.market.withdraw_challenge_bond(number, actor)

    @rule()
    def withdraw_bond(self) -> None:
        self.market.withdraw_bond()

    @rule(actor=actors)
    def finalize(self, actor: int) -> None:
        self.market.finalize(actor)

    @rule(actor=actors)
    def finalize_without_scores(self, actor: int) -> None:
        self.market.finalize_without_scores(actor)

    @rule(scores=scores, actor=actors)
    def whole_round(self, scores: list[int], actor: int) -> None:
        if self.market.naive.rho and not self.market.is_open:
            self.market.open_round(0)
            self.market.submit(scores)
            self.market.wait(self.market.federation.challenge_window)
            self.market.finalize(actor)

    @rule(actor=actors)
    def missed_round(self, actor: int) -> None:
        if self.market.naive.rho and not self.market.is_open:
            self.market.open_round(0)
            self.market.wait(self.market.federation.round_deadline)
            self.market.finalize_without_scores(actor)

    @rule(actor=actors, part=parts)
    def top_up(self, actor: int, part: int) -> None:
        self.market.top_up(actor, part)

    @rule(liquidity=st.sampled_from([0, 30, 100, 300]))
    def join_late(self, liquidity: int) -> None:
        self.market.join_late(liquidity)

    @rule(actor=actors)
    def replay(self, actor: int) -> None:
        self.market.replay(actor)

    @rule(seconds=st.sampled_from([1, 12, 3600, 7200, DAY]))
    def wait(self, seconds: int) -> None:
        self.market.wait(seconds)


class MarketRules(MarketActions):
    """What holds after every one of them."""

    @invariant()
    def everything_adds_up(self) -> None:
        self.steps += 1
        if self.steps % self.every == 0:
            self.market.check()

    def teardown(self) -> None:
        if hasattr(self, "market"):
            self.market.check()
            self.market.leave_and_settle()
        super().teardown()


class LargeMarketRules(MarketRules):
    """The same with fifty assets."""

    worlds: ClassVar[list[dict[str, Any]]] = [LARGE]


def rules_of(terms: dict[str, Any]) -> type[MarketRules]:
    """The machine in one world alone."""
    return type("OneMarketRules", (MarketRules,), {"worlds": [terms]})
