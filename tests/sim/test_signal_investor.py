"""An investor with a guess of its own."""

from __future__ import annotations

import numpy as np
import pytest

from wallstreetfeds.sim.agents.signal import SignalInvestor, noisy_signal, shares_with_prior
from wallstreetfeds.sim.model.market import ModelMarket
from wallstreetfeds.sim.model.terms import Terms


def test_a_prior_weighs_as_much_as_its_rounds() -> None:
    past = np.array([[1.0, 0.0], [1.0, 0.0]])
    assert shares_with_prior(past, np.array([0.0, 1.0]), 2.0) == pytest.approx([0.5, 0.5])
    assert shares_with_prior(past[:0], np.array([0.25, 0.75]), 2.0) == pytest.approx([0.25, 0.75])


def test_a_signal_without_error_ranks_as_quality_does() -> None:
    shares = noisy_signal(np.array([0.5, 0.7, 0.9]), 0.0, np.random.default_rng(0))
    assert shares == pytest.approx([0.0, 1 / 3, 2 / 3])


def test_who_sees_no_difference_expects_equal_shares() -> None:
    assert noisy_signal(np.full(4, 0.5), 0.0, np.random.default_rng(0)) == pytest.approx(np.full(4, 0.25))


def test_before_any_score_it_buys_what_its_signal_says_is_better() -> None:
    market = ModelMarket.open(Terms(budget=1e6, rounds=10), ["a", "b"], {"provider": 2e5}, {"investor": 5e4})
    market.advance_time(3601)
    investor = SignalInvestor("investor", np.array([0.3, 0.7]))
    investor.step(market, np.random.default_rng(0))
    assert market.balance_of("investor", 1) == 0.0
    assert market.balance_of("investor", 2) > 0.0
    assert market.spot_price(2) > market.spot_price(1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"signal": np.array([0.5, np.nan])}, "shares that sum to 1"),
        ({"signal": np.array([1.5, -0.5])}, "shares that sum to 1"),
        ({"signal": np.array([0.5, 0.6])}, "shares that sum to 1"),
        ({"signal": np.full((2, 2), 0.25)}, "shares that sum to 1"),
        ({"edge": -1.0}, "edge has to be a number of at least 0"),
        ({"spend": 7.0}, "spend has to be a part between 0 and 1"),
        ({"prior_rounds": 0.0}, "prior_rounds has to be a number above 0"),
        ({"trades": 0}, "trades has to be a whole number of at least 1"),
    ],
)
def test_an_investor_that_cannot_be_meant_is_refused(options, message) -> None:
    with pytest.raises(ValueError, match=message):
        SignalInvestor("investor", **{"signal": np.array([0.5, 0.5]), **options})


def test_a_signal_for_other_clients_is_refused() -> None:
    market = ModelMarket.open(Terms(budget=1e6, rounds=10), ["a", "b"], {"provider": 2e5}, {"investor": 5e4})
    with pytest.raises(ValueError, match="a signal of 3 for 2 clients"):
        SignalInvestor("investor", np.full(3, 1 / 3)).step(market, np.random.default_rng(0))
