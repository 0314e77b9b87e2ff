"""From nothing to an open market: deploy, fund, join, deposit, open."""

from __future__ import annotations

from wallstreetfeds.chain import Scenario, Session, Terms, deploy_numeraire, deploy_platform
from wallstreetfeds.demo.cast import BUDGET, CASH, NUMERAIRE_DECIMALS, OPENING_LIQUIDITY, Cast

OPENING_DEADLINE_SECONDS = 30 * 86_400


def open_federation(session: Session, cast: Cast, rounds: int) -> Scenario:
    """Create a federation of all clients of the cast, open its market, and wait out the opening fee.

    Block time is advanced past the opening period, which only a development chain can do.
    """
    federator = cast.accounts["federator"]
    clients = [cast.accounts[name] for name in cast.clients]
    numeraire = deploy_numeraire(session, federator, NUMERAIRE_DECIMALS)
    orchestrator = deploy_platform(session, federator)

    numeraire.mint(federator.address, BUDGET, sender=federator)
    for name, amount in (*OPENING_LIQUIDITY.items(), *CASH.items()):
        numeraire.mint(cast.accounts[name].address, amount, sender=federator)

    terms = Terms(
        numeraire=numeraire.address,
        budget=BUDGET,
        rounds=rounds,
        max_clients=len(clients),
        opening_deadline=session.timestamp() + OPENING_DEADLINE_SECONDS,
    )
    scenario = Scenario(session, orchestrator.create_scenario(terms, sender=federator).value)
    numeraire.approve(scenario.address, BUDGET + OPENING_LIQUIDITY["federator"], sender=federator)
    scenario.fund(sender=federator)
    scenario.allow_clients([client.address for client in clients], True, sender=federator)
    for client in clients:
        scenario.join(True, sender=client)
    for name, amount in OPENING_LIQUIDITY.items():
        provider = cast.accounts[name]
        if name != "federator":
            numeraire.approve(scenario.address, amount, sender=provider)
        scenario.deposit_numeraire(amount, sender=provider)
    providers = [cast.accounts[name].address for name in OPENING_LIQUIDITY]
    scenario.open_market(providers, len(clients), sum(OPENING_LIQUIDITY.values()), sender=federator)
    session.advance_time(terms.opening_period)
    return scenario
