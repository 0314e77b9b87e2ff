# pragma version 0.4.3
"""
@notice A contract that says it has harvested whatever it likes, and asks a Scenario for it.
"""

interface Scenario:
    def pay_pool_reward(receiver: address, units: uint256) -> uint256: nonpayable

harvested_units: public(uint256)


@external
def draw(scenario: address, receiver: address, units: uint256) -> uint256:
    self.harvested_units = max_value(uint256)
    return extcall Scenario(scenario).pay_pool_reward(receiver, units)
