"""A small federation under any curve."""

import pytest

from wallstreetfeds.sim.curves import open_market
from wallstreetfeds.sim.model.terms import Terms

CLIENTS = ("a", "b", "c")


@pytest.fixture
def opened():
    """Open a market past its opening period: three clients, five rounds, every name has some money."""

    def make(curve, *, deposit=150_000.0, wait=True, clients=CLIENTS, **changed):
        terms = Terms(**{"budget": 1_000_000.0, "rounds": 5, "score_cap": 64.0} | changed)
        cash = dict.fromkeys(("investor", "rich", "lp"), 400_000.0)
        market = open_market(curve, terms, clients, {"lp": deposit}, cash)
        if wait:
            market.advance_time(terms.opening_period)
        return market

    return make
