"""All contracts under random calls of everybody: I1, I2, I3, I4, I6, I7 and I8 of SPEC after every step.

`python -m fuzz machine` runs the same machine for longer.
"""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from onchain.machine import WORLDS, LargeMarketRules, rules_of

FEW = settings(
    max_examples=12,
    stateful_step_count=30,
    derandomize=True,
    phases=[Phase.generate],
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("world", range(len(WORLDS)))
def test_the_market_keeps_its_invariants(world: int) -> None:
    run_state_machine_as_test(rules_of(WORLDS[world]), settings=FEW)


def test_a_market_of_many_assets_does_too() -> None:
    run_state_machine_as_test(
        LargeMarketRules, settings=settings(FEW, max_examples=1, stateful_step_count=12)
    )
