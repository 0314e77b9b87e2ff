"""Fixtures of the contract tests: each test starts from the same chain and leaves no trace on it."""

from collections.abc import Iterator

import boa
import pytest
from onchain.world import Federation, orchestrator


@pytest.fixture(scope="session", autouse=True)
def deployed() -> None:
    """The Orchestrator outlives every test: it must not be first asked for inside one."""
    orchestrator()


@pytest.fixture(autouse=True)
def chain(deployed: None) -> Iterator[None]:
    with boa.env.anchor():
        yield


@pytest.fixture(scope="session")
def _registering(deployed: None) -> Federation:
    return Federation()


@pytest.fixture(scope="session")
def _joined(deployed: None) -> Federation:
    return Federation().fund().join(3).deposit()


@pytest.fixture(scope="session")
def _opened(deployed: None) -> Federation:
    return Federation().open(3)


@pytest.fixture
def registering(_registering: Federation, chain: None) -> Federation:
    """A Scenario just created: nobody has funded or joined."""
    return _registering.copy()


@pytest.fixture
def joined(_joined: Federation, chain: None) -> Federation:
    """Funded, three clients have joined and listed, federator and lp have deposited numeraire."""
    return _joined.copy()


@pytest.fixture
def opened(_opened: Federation, chain: None) -> Federation:
    """An open market of three clients, past its opening period."""
    return _opened.copy()
