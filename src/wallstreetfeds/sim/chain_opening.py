"""A federation on a chain from the words the model opens one with: the same experiment in both worlds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from wallstreetfeds.chain import Scenario, Session, deploy_numeraire, deploy_platform
from wallstreetfeds.chain import Terms as ChainTerms
from wallstreetfeds.chain.abi import ZERO_ADDRESS
from wallstreetfeds.sim.chain_market import ChainMarket
from wallstreetfeds.sim.model.federation import Client
from wallstreetfeds.sim.model.terms import DAY, Terms
from wallstreetfeds.units import TOKEN, WAD

SUPPLY_UNIT: Final = 10**6
"""Supplies are multiples of so many smallest units."""


def open_on_chain(
    session: Session,
    terms: Terms,
    clients: Sequence[Client],
    deposits: Mapping[str, float],
    cash: Mapping[str, float] | None = None,
    *,
    federator: str = "federator",
    arbiter: str = "arbiter",
) -> ChainMarket:
    """Deploy contracts and a numeraire, register everybody, open the market, and return it.

    Arguments are those of `sim.model.federation.Federation`; fractions of a smallest unit are cut off.  Every
    name gets a development account of the session.  Raises ContractError or ValueError where the contracts
    refuse, DevelopmentOnlyError on a real chain.
    """
    names = dict.fromkeys(
        (federator, arbiter, *(client.name for client in clients), *deposits, *(cash or {}))
    )
    actors = {name: session.account(name) for name in names}
    owner, unit = actors[federator], 10**terms.numeraire_decimals
    numeraire = deploy_numeraire(session, owner, terms.numeraire_decimals)
    judge = actors[arbiter].address if terms.challenge_window else ZERO_ADDRESS
    chain_terms, schedule = _terms(terms, numeraire.address, judge, session.timestamp())
    created = deploy_platform(session, owner).create_scenario(chain_terms, schedule, sender=owner)
    scenario = Scenario(session, created.value)

    escrowed = chain_terms.budget + chain_terms.full_bond(schedule)
    numeraire.mint(owner.address, escrowed, sender=owner)
    numeraire.approve(scenario.address, escrowed, sender=owner)
    scenario.fund(sender=owner)
    supplies = [_supply(terms.supply if client.supply is None else client.supply) for client in clients]
    scenario.allow_clients([actors[client.name].address for client in clients], supplies, sender=owner)
    for client in clients:
        scenario.join(client.listed, sender=actors[client.name])
    for name, amount in deposits.items():
        numeraire.mint(actors[name].address, _units(amount, unit), sender=owner)
        numeraire.approve(scenario.address, _units(amount, unit), sender=actors[name])
        scenario.deposit_numeraire(_units(amount, unit), sender=actors[name])
    for name, amount in (cash or {}).items():
        numeraire.mint(actors[name].address, _units(amount, unit), sender=owner)
    scenario.open_market([actors[name].address for name in deposits], 0, 0, sender=owner)
    return ChainMarket(scenario, actors, federator=federator, arbiter=arbiter)


def _units(amount: float, unit: int) -> int:
    """A decimal number, as it is written, in smallest units, rounded down."""
    return int(Decimal(repr(amount)) * unit)


def _supply(tokens: float) -> int:
    return _units(tokens, TOKEN) // SUPPLY_UNIT * SUPPLY_UNIT


def _terms(terms: Terms, numeraire: str, arbiter: str, now: int) -> tuple[ChainTerms, list[int]]:
    """The contracts' terms and schedule; what does not divide falls to the first round."""
    unit = 10**terms.numeraire_decimals
    budget = _units(terms.budget, unit)
    schedule = [_units(part, unit) for part in terms.schedule]
    if schedule:
        schedule[0] += budget - sum(schedule)
    return ChainTerms(
        numeraire=numeraire,
        budget=budget,
        rounds=terms.rounds,
        supply=_supply(terms.supply),
        max_clients=terms.max_clients,
        late_joins=terms.late_joins,
        listed=_units(terms.listed, WAD),
        retained=_units(terms.retained, WAD),
        score_cap=_units(terms.score_cap, WAD),
        opening_deadline=now + 30 * DAY,
        bond=None if terms.bond is None else _units(terms.bond, unit),
        arbiter=arbiter,
        challenge_window=terms.challenge_window,
        ruling_period=terms.ruling_period,
        challenge_bond=_units(terms.challenge_bond, WAD),
        training_time=terms.training_time,
        round_deadline=terms.round_deadline,
        round_gap=terms.round_gap,
        swap_fee=_units(terms.swap_fee, WAD),
        opening_fee=_units(terms.opening_fee, WAD),
        opening_period=terms.opening_period,
        clock=terms.clock,
    ), schedule
