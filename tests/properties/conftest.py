"""Property tests drive the same contracts; the Orchestrator is deployed before any example starts."""

import pytest
from onchain.world import orchestrator


@pytest.fixture(scope="session", autouse=True)
def deployed() -> None:
    orchestrator()
