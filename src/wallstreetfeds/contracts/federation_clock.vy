# pragma version 0.4.3
"""
@title The federation's clock, as a pool reads it
@license Apache-2.0
"""

import IScenario

struct Clock:
    budget: uint256
    rho: uint256
    opened: uint256
    finalized: uint256


scenario: public(immutable(address))


@deploy
def __init__(scenario_: address):
    scenario = scenario_


@view
def _clock() -> Clock:
    clock: Clock = empty(Clock)
    (clock.budget, clock.rho, clock.opened, clock.finalized) = staticcall IScenario(scenario).clock()
    return clock


@view
def _opened() -> uint256:
    """
    @notice The last opened round.
    """
    return self._clock().opened
