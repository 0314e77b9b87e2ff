"""A small federation on the embedded chain, and the steps of its life."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest
from eth_account.signers.local import LocalAccount

from wallstreetfeds.chain import (
    Numeraire,
    Scenario,
    Session,
    Terms,
    deploy_numeraire,
    deploy_platform,
)

UNLIMITED = 2**256 - 1
DAY = 86_400
ROOT = b"\x11" * 32


@dataclass
class Federation:
    """A funded federation with its people; the market is not open yet."""

    session: Session
    scenario: Scenario
    numeraire: Numeraire
    deployer: LocalAccount
    federator: LocalAccount
    clients: list[LocalAccount]
    lp: LocalAccount
    investor: LocalAccount

    def join(self, listed: int | None = None) -> None:
        """All clients join; the first `listed` of them (by default all) deposit tokens."""
        for number, client in enumerate(self.clients):
            self.scenario.join(listed is None or number < listed, sender=client)

    def open(self, listed: int | None = None) -> None:
        """Join, deposit, open the market and let the opening fee run out."""
        self.join(listed)
        budget = self.scenario.terms().budget
        self.scenario.deposit_numeraire(budget // 5, sender=self.federator)
        self.scenario.deposit_numeraire(budget // 20, sender=self.lp)
        providers = [self.federator.address, self.lp.address]
        self.scenario.open_market(providers, 1, 0, sender=self.federator)
        self.session.advance_time(3600)
        for account in (self.investor, self.lp):
            self.numeraire.approve(self.scenario.pool(), UNLIMITED, sender=account)

    def buy(self, asset: int, amount: int) -> int:
        """The investor buys tokens for `amount` of numeraire."""
        swap = self.scenario.market().swap_exact_in
        return swap(0, asset, amount, 1, self.investor.address, UNLIMITED, sender=self.investor).value

    def play(self, scores: Sequence[int]) -> int:
        """Open, score and pay a round."""
        round_ = self.scenario.open_round(sender=self.federator).value
        self.scenario.submit_scores(round_, scores, ROOT, sender=self.federator)
        self.scenario.finalize_round(round_, scores, sender=self.federator)
        return round_


def make_federation(
    session: Session, clients: int = 3, rounds: int = 3, budget: int = 1_000_000_007
) -> Federation:
    deployer, federator, lp, investor = (
        session.account(name) for name in ("deployer", "federator", "lp", "investor")
    )
    people = [session.account(f"client {k}") for k in range(clients)]
    orchestrator = deploy_platform(session, deployer)
    numeraire = deploy_numeraire(session, deployer)
    terms = Terms(
        numeraire=numeraire.address,
        budget=budget,
        rounds=rounds,
        opening_deadline=session.timestamp() + 30 * DAY,
    )
    scenario = Scenario(session, orchestrator.create_scenario(terms, sender=federator).value)
    for account in (federator, lp, investor):
        numeraire.mint(account.address, 2 * budget, sender=deployer)
        numeraire.approve(scenario.address, UNLIMITED, sender=account)
    scenario.fund(sender=federator)
    scenario.allow_clients([client.address for client in people], True, sender=federator)
    return Federation(session, scenario, numeraire, deployer, federator, people, lp, investor)


@pytest.fixture
def session() -> Session:
    return Session.embedded(7)


@pytest.fixture
def federation(session: Session) -> Federation:
    return make_federation(session)


@pytest.fixture(scope="session")
def founding() -> Callable[..., Federation]:
    """`make_federation`, for tests that need another session or other sizes."""
    return make_federation
