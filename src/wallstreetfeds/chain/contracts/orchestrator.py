"""The registry and factory of federations."""

from __future__ import annotations

from eth_account.signers.local import LocalAccount

from wallstreetfeds.chain.bound import BoundContract, Receipt
from wallstreetfeds.chain.contracts.scenario import Scenario
from wallstreetfeds.chain.terms import Terms
from wallstreetfeds.records import ScenarioCreated


class Orchestrator(BoundContract):
    """Creates Scenarios and lists them; nobody owns it."""

    ARTIFACT = "Orchestrator"

    def create_scenario(self, terms: Terms, *, sender: LocalAccount) -> Receipt[str]:
        """Create a federation; anyone, and the sender becomes its federator.

        Value: the Scenario's address.  Raises ContractError for terms outside their domain.
        """
        return self._send_for(
            lambda events: self._logged(events, ScenarioCreated)[0].scenario,
            "create_scenario",
            terms.as_tuple(),
            sender=sender,
        )

    def scenario_blueprint(self) -> str:
        """Return the address of the blueprint that Scenarios are made from."""
        return self._str("scenario_blueprint")

    def pool_blueprint(self) -> str:
        """Return the address of the blueprint that pools are made from."""
        return self._str("pool_blueprint")

    def token_implementation(self) -> str:
        """Return the address that the proxies of all client tokens point to."""
        return self._str("token_implementation")

    def scenario_count(self) -> int:
        """Return how many federations there are."""
        return self._int("scenario_count")

    def scenario_at(self, index: int) -> str:
        """Return the address of the federation with a number, from 0; the zero address beyond the last."""
        return self._str("scenario_at", index)

    def is_scenario(self, scenario: str) -> bool:
        """Return whether this contract created the Scenario."""
        return self._bool("is_scenario", scenario)

    def scenarios(self) -> list[Scenario]:
        """Return all federations, in the order of their creation."""
        calls = [("scenario_at", [index]) for index in range(self.scenario_count())]
        return [Scenario(self.session, address, block=self.block) for address in self.read_many(calls)]
