"""The harness that opens weighted_math's internals, on titanoboa and on revm; both precise contexts."""

from collections.abc import Iterator
from typing import Any

import pytest
from mpmath import mp
from onchain.revm import RevmContract
from onchain.weighted_domain import precise
from onchain.world import compiled


@pytest.fixture(scope="session", autouse=True)
def deployed() -> None:
    """The maths needs no Orchestrator: its tests run while other contracts do not compile."""


@pytest.fixture(scope="session")
def harness() -> Any:
    """On titanoboa: says why it reverts."""
    return compiled("MathHarness").deploy()


@pytest.fixture(scope="session")
def fast_harness() -> RevmContract:
    """On revm: two thousand cases in a twentieth of a second."""
    return RevmContract(compiled("MathHarness").compiler_data.bytecode)


@pytest.fixture(autouse=True)
def digits() -> Iterator[None]:
    """Sixty in mpmath, seventy-seven in gmpy2."""
    with mp.workdps(60), precise():
        yield
