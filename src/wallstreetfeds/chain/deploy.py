"""Putting the contracts on a chain."""

from __future__ import annotations

from eth_account.signers.local import LocalAccount

from wallstreetfeds.chain.artifacts import artifact
from wallstreetfeds.chain.bound import deploy, deploy_code
from wallstreetfeds.chain.contracts import Numeraire, Orchestrator
from wallstreetfeds.chain.session import Session


def deploy_platform(session: Session, deployer: LocalAccount) -> Orchestrator:
    """Deploy the token implementation, the blueprints and the Orchestrator; anyone, and nobody owns them."""
    blueprints = [
        deploy_code(session, name, artifact(name).blueprint_bytecode, sender=deployer)
        for name in ("Scenario", "Pool", "Challenges")
    ]
    token = deploy(session, "ClientToken", sender=deployer)
    return Orchestrator(session, deploy(session, "Orchestrator", *blueprints, token, sender=deployer))


def deploy_numeraire(session: Session, deployer: LocalAccount, decimals: int = 6) -> Numeraire:
    """Deploy a DemoNumeraire, which the deployer can mint; for development chains."""
    return Numeraire(session, deploy(session, "DemoNumeraire", decimals, sender=deployer))
