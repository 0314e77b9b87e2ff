# pragma version 0.4.3
"""
@notice Stands in for a Scenario where a token or a pool is tested alone: its clock and history are set.
"""

budget: uint256
rho: uint256
opened: uint256
finalized: uint256
quantum: public(uint256)


@external
def set_clock(budget: uint256, rho: uint256, opened: uint256, finalized: uint256):
    self.budget = budget
    self.rho = rho
    self.opened = opened
    self.finalized = finalized


@view
@external
def clock() -> (uint256, uint256, uint256, uint256):
    return (self.budget, self.rho, self.opened, self.finalized)


@view
@external
def history(client: uint256, round: uint256) -> uint256:
    return 0


@view
@external
def history_since(client: uint256, seen: uint256) -> (uint256, uint256):
    return 0, 0


@external
def clone(implementation: address) -> address:
    return create_minimal_proxy_to(implementation)
