"""From nothing to an open market: deploy, fund, join, deposit, open."""

from __future__ import annotations

from typing import Any, NamedTuple

from wallstreetfeds.chain import (
    Numeraire,
    Orchestrator,
    Scenario,
    Session,
    Terms,
    deploy_numeraire,
    deploy_platform,
)
from wallstreetfeds.demo.cast import BUDGET, CASH, NUMERAIRE_DECIMALS, OPENING_LIQUIDITY, Cast

OPENING_DEADLINE_SECONDS = 30 * 86_400


class Platform(NamedTuple):
    """What a federation is created on."""

    numeraire: Numeraire
    orchestrator: Orchestrator


def deploy(session: Session, cast: Cast) -> Platform:
    """Deploy a numeraire that the federator may mint, and an Orchestrator."""
    federator = cast.accounts["federator"]
    return Platform(
        deploy_numeraire(session, federator, NUMERAIRE_DECIMALS), deploy_platform(session, federator)
    )


def open_federation(
    session: Session, cast: Cast, rounds: int, *, platform: Platform | None = None, **changed: Any
) -> Scenario:
    """Create a federation of all clients of the cast, open its market, and wait out the opening fee.

    The contracts it is created on are deployed unless given; `changed` are terms other than the defaults.
    Block time is advanced past the opening
    period, which only a development chain can do.
    """
    federator = cast.accounts["federator"]
    clients = [cast.accounts[name] for name in cast.clients]
    numeraire, orchestrator = platform if platform is not None else deploy(session, cast)

    for name, amount in (*OPENING_LIQUIDITY.items(), *CASH.items()):
        numeraire.mint(cast.accounts[name].address, amount, sender=federator)

    terms = Terms(
        numeraire=numeraire.address,
        budget=BUDGET,
        rounds=rounds,
        max_clients=len(clients),
        opening_deadline=session.timestamp() + OPENING_DEADLINE_SECONDS,
        **changed,
    )
    escrowed = BUDGET + terms.full_bond()
    numeraire.mint(federator.address, escrowed, sender=federator)
    scenario = Scenario(session, orchestrator.create_scenario(terms, (), sender=federator).value)
    numeraire.approve(scenario.address, escrowed + OPENING_LIQUIDITY["federator"], sender=federator)
    scenario.fund(sender=federator)
    scenario.allow_clients([client.address for client in clients], [], sender=federator)
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
