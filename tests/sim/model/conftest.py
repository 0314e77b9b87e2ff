"""A small federation in the model."""

import pytest

from wallstreetfeds.sim.model.federation import Client, Federation
from wallstreetfeds.sim.model.market import ModelMarket
from wallstreetfeds.sim.model.terms import Terms


@pytest.fixture
def made():
    """Make a market past its opening period: three clients, four rounds, 200,000 numeraire."""

    def make(clients=("a", "b", "c"), deposits=None, **changed):
        terms = Terms(**{"budget": 1_000_000.0, "rounds": 4} | changed)
        people = [client if isinstance(client, Client) else Client(client) for client in clients]
        deposits = {"federator": 120_000.0, "lp": 80_000.0} if deposits is None else deposits
        cash = dict.fromkeys(("investor", "lp", "late", "rich"), 500_000.0)
        market = ModelMarket(Federation(terms, people, deposits, cash))
        market.advance_time(terms.opening_period)
        return market

    return make


@pytest.fixture
def market(made):
    return made()
