"""The registry and factory of federations."""

from __future__ import annotations

from collections.abc import Sequence

from eth_account.signers.local import LocalAccount

from wallstreetfeds.chain.abi import checksum
from wallstreetfeds.chain.bound import BoundContract, Receipt
from wallstreetfeds.chain.contracts.scenario import Scenario
from wallstreetfeds.chain.terms import Terms
from wallstreetfeds.records import Claimed, ScenarioCreated


class Orchestrator(BoundContract):
    """Creates Scenarios and lists them; nobody owns it."""

    ARTIFACT = "Orchestrator"

    def create_scenario(self, terms: Terms, schedule: Sequence[int], *, sender: LocalAccount) -> Receipt[str]:
        """Create a federation; anyone, and the sender becomes its federator.

        `schedule`: what each round takes of the budget, in numeraire units (see `chain.schedule`); empty for
        the uniform one.  Value: the Scenario's address.  Raises ValueError for a schedule that the contracts
        would refuse, ContractError for terms that only they can refuse.
        """
        complete = terms.complete(schedule)
        if complete.window > 0 and complete.arbiter.lower() == sender.address.lower():
            raise ValueError("the federator cannot be the arbiter of challenges to its own scores")
        return self._send_for(
            lambda events: self._logged(events, ScenarioCreated)[0].scenario,
            "create_scenario",
            complete.as_tuple(),
            list(schedule),
            sender=sender,
        )

    def claim_many(
        self, sources: Sequence[str], holders: Sequence[str], *, sender: LocalAccount
    ) -> Receipt[int]:
        """Claim for every holder (up to 64) from every source (up to 65 client tokens and pools); anyone.

        A claim that fails is passed over.  Value: the sum of all payments, in the numeraire's smallest units.
        """
        paying = {checksum(source) for source in sources}
        return self._send_for(
            lambda events: sum(e.amount for e in events if isinstance(e, Claimed) and e.contract in paying),
            "claim_many",
            list(sources),
            list(holders),
            sender=sender,
        )

    def scenario_blueprint(self) -> str:
        """Return the address of the blueprint that Scenarios are made from."""
        return self._str("scenario_blueprint")

    def pool_blueprint(self) -> str:
        """Return the address of the blueprint that pools are made from."""
        return self._str("pool_blueprint")

    def challenges_blueprint(self) -> str:
        """Return the address of the blueprint that the contracts for bonds and challenges are made from."""
        return self._str("challenges_blueprint")

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
