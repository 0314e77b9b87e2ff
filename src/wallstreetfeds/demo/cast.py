"""Who takes part in the demo and how much money each brings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from eth_account.signers.local import LocalAccount

from wallstreetfeds.chain import Session
from wallstreetfeds.sim.agents import (
    Agent,
    CapitalRaiser,
    MomentumTrader,
    NoiseTrader,
    Treasurer,
    ValueInvestor,
)

NUMERAIRE_DECIMALS: Final = 6
NUMERAIRE_UNIT: Final = 10**NUMERAIRE_DECIMALS

BUDGET: Final = 1_000_000 * NUMERAIRE_UNIT
"""Rewards of the whole federation, in the numeraire's smallest units."""

OPENING_LIQUIDITY: Final = {"federator": 120_000 * NUMERAIRE_UNIT, "lp": 80_000 * NUMERAIRE_UNIT}
"""Numeraire deposited for the pool's opening: together as much as the listed tokens are worth."""

CASH: Final = {
    "value-1": 80_000 * NUMERAIRE_UNIT,
    "value-2": 80_000 * NUMERAIRE_UNIT,
    "momentum": 40_000 * NUMERAIRE_UNIT,
    "noise": 40_000 * NUMERAIRE_UNIT,
}
"""What each investor starts with."""

FORGETFUL: Final = "noise"
"""Does not claim, so that the books at the end hold something claimable."""

SELLERS: Final = 2
"""How many clients, the first in join order, sell part of their tokens to raise capital; the others sell only
while the market pays more than they think their tokens are worth."""


def client_names(clients: int) -> list[str]:
    """Return the clients' names in join order."""
    return [f"lender-{k + 1:02d}" for k in range(clients)]


@dataclass(frozen=True)
class Cast:
    """Signing accounts by name, and the agents that trade."""

    accounts: Mapping[str, LocalAccount]
    clients: tuple[str, ...]
    agents: tuple[Agent, ...]

    @property
    def holders(self) -> tuple[str, ...]:
        """Everybody who may be owed something: clients, LPs, investors."""
        return (*self.clients, *OPENING_LIQUIDITY, *CASH)


def assemble(session: Session, clients: int) -> Cast:
    """Return everybody who takes part, with funded development accounts."""
    names = client_names(clients)
    sellers: list[Agent] = [
        CapitalRaiser(name, k) if k < SELLERS else Treasurer(name, k) for k, name in enumerate(names)
    ]
    investors: list[Agent] = [
        ValueInvestor("value-1"),
        ValueInvestor("value-2", edge=0.05, prior_rounds=2.0),
        MomentumTrader("momentum"),
        NoiseTrader("noise"),
    ]
    accounts = {name: session.account(name) for name in (*names, *OPENING_LIQUIDITY, *CASH)}
    return Cast(accounts, tuple(names), (*sellers, *investors))
