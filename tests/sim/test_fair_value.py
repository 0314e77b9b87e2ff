import numpy as np
import pytest

from wallstreetfeds.sim.fair_value import cumulative_shares, fair_prices


def test_before_the_first_round_everybody_is_equal():
    assert cumulative_shares(np.empty((0, 4))).tolist() == [0.25] * 4


def test_shares_are_the_mean_over_rounds():
    shares = cumulative_shares(np.array([[0.5, 0.5, 0.0], [0.1, 0.3, 0.6]]))
    assert shares == pytest.approx([0.3, 0.4, 0.3])


def test_one_of_every_token_is_worth_the_budget_still_to_come():
    prices = fair_prices(np.array([0.2, 0.3, 0.5]), 900.0, np.full(3, 1000.0))
    assert prices.sum() * 1000 == pytest.approx(900)
