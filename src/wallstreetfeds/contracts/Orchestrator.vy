# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Orchestrator: registry and factory of federations
@license Apache-2.0
@notice One call creates a federation's Scenario, one call claims everything somebody has earned anywhere.
        Nobody owns this contract, it holds nothing, and nothing in it can change.
"""

import terms as terms_


event ScenarioCreated:
    scenario: indexed(address)
    federator: indexed(address)
    index: uint256



scenario_blueprint: public(immutable(address))
pool_blueprint: public(immutable(address))
challenges_blueprint: public(immutable(address))
token_implementation: public(immutable(address))

scenario_count: public(uint256)
scenario_at: public(HashMap[uint256, address])
is_scenario: public(HashMap[address, bool])


@deploy
def __init__(
    scenario_blueprint_: address,
    pool_blueprint_: address,
    challenges_blueprint_: address,
    token_implementation_: address,
):
    """
    @param scenario_blueprint_ ERC-5202 blueprint of Scenario
    @param pool_blueprint_ ERC-5202 blueprint of Pool
    @param challenges_blueprint_ ERC-5202 blueprint of Challenges
    @param token_implementation_ A ClientToken for the minimal proxies to point to
    """
    scenario_blueprint = scenario_blueprint_
    pool_blueprint = pool_blueprint_
    challenges_blueprint = challenges_blueprint_
    token_implementation = token_implementation_


@external
def create_scenario(terms: terms_.Terms, schedule: DynArray[uint256, 256]) -> address:
    """
    @notice Create a federation.  Anyone; the caller becomes its federator.
    @param terms Fixed for ever; refused outside their domain
    @param schedule What each round takes of the budget, smallest units, never increasing, the last at least
                    B / 256, in sum the budget; empty for a uniform schedule
    @return The address of the Scenario
    """
    terms_._check(terms, msg.sender)
    scenario: address = create_from_blueprint(
        scenario_blueprint,
        msg.sender,
        terms,
        schedule,
        token_implementation,
        pool_blueprint,
        challenges_blueprint,
    )
    index: uint256 = self.scenario_count
    self.scenario_count = index + 1
    self.scenario_at[index] = scenario
    self.is_scenario[scenario] = True
    log ScenarioCreated(scenario=scenario, federator=msg.sender, index=index)
    return scenario


@external
def claim_many(sources: DynArray[address, 65], holders: DynArray[address, 64]) -> uint256:
    """
    @notice Claim for every holder from every source.  Anyone; the holders are paid.  A claim that fails (a
            holder the numeraire refuses) is passed over and stays where it is.
    @param sources Client tokens, and pools for their LP shares, of one numeraire
    @param holders Whom to claim for
    @return The sum of all payments, smallest units of the numeraire
    """
    total: uint256 = 0
    for holder: address in holders:
        for source: address in sources:
            success: bool = False
            answer: Bytes[32] = b""
            success, answer = raw_call(
                source,
                abi_encode(holder, method_id=method_id("claim_for(address)")),
                max_outsize=32,
                revert_on_failure=False,
            )
            if success and len(answer) == 32:
                total += convert(answer, uint256)
    return total
