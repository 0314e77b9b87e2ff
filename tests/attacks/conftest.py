"""Every attack starts from the same chain and leaves no trace on it."""

from collections.abc import Iterator

import boa
import pytest
from onchain.world import orchestrator


@pytest.fixture(scope="session", autouse=True)
def deployed() -> None:
    """The Orchestrator outlives every story: it must not be first asked for inside one."""
    orchestrator()


@pytest.fixture(autouse=True)
def chain(deployed: None) -> Iterator[None]:
    with boa.env.anchor():
        yield
