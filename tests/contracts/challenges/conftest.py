"""A federation whose scores can be challenged, with round 1 scored."""

import pytest
from onchain.world import DAY, Federation

BOND = 2 * 10**11
WINDOW = 3600
RULING = DAY


@pytest.fixture
def disputed(chain: None) -> Federation:
    """Three clients, a bond of 200,000, an hour to object, a day to rule; round 1 has scores."""
    federation = Federation(bond=BOND, challenge_window=WINDOW, ruling_period=RULING).open(3)
    federation.scenario.open_round(sender=federation.federator)
    federation.submit([8, 1, 1])
    return federation
