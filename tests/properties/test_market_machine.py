"""The open market under random actions: I1, I2, I3, I4, I6, I7 and I8 of SPEC after every step."""

from typing import Any

import boa
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from onchain.market import Market
from onchain.world import WAD

FEW = settings(
    max_examples=16,
    stateful_step_count=20,
    derandomize=True,
    phases=[Phase.generate, Phase.shrink],
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

WORLDS: list[dict[str, Any]] = [
    {"decimals": 6, "budget": 10**12 + 7, "rounds": 4},
    {"decimals": 18, "budget": 123_457 * WAD + 1, "rounds": 3, "swap_fee": 0, "opening_period": 0},
    {"decimals": 8, "budget": 3 * 10**10, "rounds": 6, "supply": 2**64 - 1, "clock": False},
    {"decimals": 6, "budget": 10**9, "rounds": 2, "supply": 10**9, "listed": WAD // 2, "swap_fee": WAD // 5},
]

actors = st.integers(0, 6)
parts = st.one_of(st.integers(0, 3), st.integers(4, 1000))
scores = st.lists(st.one_of(st.just(0), st.integers(0, 3), st.integers(0, 10**8)), min_size=3, max_size=3)


class MarketActions(RuleBasedStateMachine):
    """What anybody can do to a federation whose market is open."""

    def __init__(self) -> None:
        super().__init__()
        self.anchor = boa.env.anchor()
        self.anchor.__enter__()

    def teardown(self) -> None:
        self.anchor.__exit__(None, None, None)

    @initialize(
        world=st.sampled_from(WORLDS),
        listed=st.sampled_from([(True, True, True), (True, False, True), (False, True, False)]),
        deposit=st.sampled_from([50, 100, 300]),
    )
    def open_market(self, world: dict[str, Any], listed: tuple[bool, ...], deposit: int) -> None:
        self.market = Market(listed, deposit, **world)

    @rule(actor=actors, asset_in=st.integers(0, 3), asset_out=st.integers(0, 3), part=parts)
    def swap(self, actor: int, asset_in: int, asset_out: int, part: int) -> None:
        self.market.swap(actor, asset_in, asset_out, part)

    @rule(actor=actors, asset_in=st.integers(0, 3), asset_out=st.integers(0, 3), part=parts)
    def swap_exact_out(self, actor: int, asset_in: int, asset_out: int, part: int) -> None:
        self.market.swap_exact_out(actor, asset_in, asset_out, part)

    @rule(actor=actors, part=parts)
    def add_liquidity(self, actor: int, part: int) -> None:
        self.market.add_liquidity(actor, part)

    @rule(actor=actors, part=parts)
    def remove_liquidity(self, actor: int, part: int) -> None:
        self.market.remove_liquidity(actor, part)

    @rule(contract=st.integers(0, 3), sender=actors, receiver=st.integers(0, 9), part=parts)
    def transfer(self, contract: int, sender: int, receiver: int, part: int) -> None:
        self.market.transfer(contract, sender, receiver, part)

    @rule(contract=st.integers(0, 3), actor=actors)
    def claim(self, contract: int, actor: int) -> None:
        self.market.claim(contract, actor)

    @rule(actor=actors, to_scenario=st.booleans(), part=parts)
    def donate(self, actor: int, to_scenario: bool, part: int) -> None:
        self.market.donate(actor, to_scenario, part)

    @rule()
    def open_round(self) -> None:
        self.market.open_round()

    @rule(scores=scores)
    def submit(self, scores: list[int]) -> None:
        self.market.submit(scores)

    @rule(actor=actors)
    def finalize(self, actor: int) -> None:
        self.market.finalize(actor)

    @rule(scores=scores, actor=actors)
    def whole_round(self, scores: list[int], actor: int) -> None:
        if self.market.naive.rho and self.market.naive.opened == self.market.naive.finalized:
            self.market.open_round()
            self.market.submit(scores)
            self.market.finalize(actor)

    @rule(actor=actors)
    def replay(self, actor: int) -> None:
        self.market.replay(actor)

    @rule(seconds=st.sampled_from([1, 12, 600, 3600, 86_400]))
    def wait(self, seconds: int) -> None:
        boa.env.time_travel(seconds=seconds)


class MarketRules(MarketActions):
    """What holds after every one of them."""

    @invariant()
    def money_adds_up(self) -> None:
        self.market.money_adds_up()

    @invariant()
    def supplies_add_up(self) -> None:
        self.market.supplies_add_up()

    @invariant()
    def rounds_only_grow(self) -> None:
        self.market.rounds_only_grow()

    def teardown(self) -> None:
        if hasattr(self, "market"):
            self.market.leave_and_settle()
        super().teardown()


def test_the_market_keeps_its_invariants() -> None:
    run_state_machine_as_test(MarketRules, settings=FEW)
