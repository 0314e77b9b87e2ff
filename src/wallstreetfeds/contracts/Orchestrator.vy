# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Orchestrator: registry and factory of federations
@license Apache-2.0
@notice One call creates a federation's Scenario.  Nobody owns this contract and nothing in it can change.
"""

import terms as terms_


event ScenarioCreated:
    scenario: indexed(address)
    federator: indexed(address)
    index: uint256


scenario_blueprint: public(immutable(address))
pool_blueprint: public(immutable(address))
token_implementation: public(immutable(address))

scenario_count: public(uint256)
scenario_at: public(HashMap[uint256, address])
is_scenario: public(HashMap[address, bool])


@deploy
def __init__(scenario_blueprint_: address, pool_blueprint_: address, token_implementation_: address):
    """
    @param scenario_blueprint_ ERC-5202 blueprint of Scenario
    @param pool_blueprint_ ERC-5202 blueprint of Pool
    @param token_implementation_ A ClientToken for the minimal proxies to point to
    """
    scenario_blueprint = scenario_blueprint_
    pool_blueprint = pool_blueprint_
    token_implementation = token_implementation_


@external
def create_scenario(terms: terms_.Terms) -> address:
    """
    @notice Create a federation.  Anyone; the caller becomes its federator.
    @param terms Fixed for ever; refused outside their domain
    @return The address of the Scenario
    """
    scenario: address = create_from_blueprint(
        scenario_blueprint, msg.sender, terms, token_implementation, pool_blueprint
    )
    index: uint256 = self.scenario_count
    self.scenario_count = index + 1
    self.scenario_at[index] = scenario
    self.is_scenario[scenario] = True
    log ScenarioCreated(scenario=scenario, federator=msg.sender, index=index)
    return scenario
