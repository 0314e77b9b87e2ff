"""All contracts under random calls of everybody: I1, I2, I3, I4, I6, I7 and I8 of SPEC after every step.

On revm, which is many times as fast as titanoboa; one world runs there too.
`python -m fuzz machine` runs the same machine for longer.
"""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from onchain import world
from onchain.machine import WORLDS, LargeMarketRules, rules_of
from onchain.revm_world import on_revm

FEW = settings(
    max_examples=12,
    stateful_step_count=30,
    derandomize=True,
    phases=[Phase.generate],
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("number", range(len(WORLDS)))
def test_the_market_keeps_its_invariants(number: int) -> None:
    with on_revm():
        world.orchestrator()
        run_state_machine_as_test(rules_of(WORLDS[number]), settings=FEW)


def test_a_market_of_many_assets_does_too() -> None:
    with on_revm():
        world.orchestrator()
        run_state_machine_as_test(LargeMarketRules, settings=settings(FEW, max_examples=2))


def test_the_machine_runs_on_titanoboa_too() -> None:
    world.orchestrator()
    few = settings(FEW, max_examples=2, stateful_step_count=12)
    run_state_machine_as_test(rules_of(WORLDS[0]), settings=few)
