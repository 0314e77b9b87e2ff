"""A small open market on an embedded chain, made afresh for every test that trades in it."""

from __future__ import annotations

import numpy as np
import pytest

from wallstreetfeds.chain import Session
from wallstreetfeds.demo.cast import assemble
from wallstreetfeds.demo.opening import open_federation
from wallstreetfeds.sim.chain_market import ChainMarket


class World:
    """Three clients, four rounds, an open market past its opening period."""

    def __init__(self) -> None:
        self.session = Session.embedded(7)
        self.cast = assemble(self.session, 3)
        self.scenario = open_federation(self.session, self.cast, 4)
        self.market = ChainMarket(self.scenario, self.cast.accounts)
        self.rng = np.random.default_rng(7)

    def play_round(self, *scores: int) -> None:
        federator = self.cast.accounts["federator"]
        round_ = self.scenario.open_round(sender=federator).value
        assert isinstance(round_, int)
        self.scenario.submit_scores(round_, list(scores), b"\1" * 32, sender=federator)
        self.scenario.finalize_round(round_, list(scores), sender=federator)


@pytest.fixture
def world():
    return World()
