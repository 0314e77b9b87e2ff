"""Integer scores: the cap, the total, the order, and what is refused."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallstreetfeds.contribution import SCORE_TOTAL, integer_scores

contributions = st.lists(st.floats(min_value=-1e6, max_value=1e6, allow_nan=False), min_size=1, max_size=64)
caps = st.sampled_from([1, 1.5, 2, 4, 64])


@st.composite
def weighted(draw):
    values = draw(contributions)
    size = len(values)
    supplies = draw(st.lists(st.integers(1, 10**24), min_size=size, max_size=size))
    return values, supplies, draw(caps)


def test_shares_by_contribution():
    assert integer_scores([1.0, 2.0, 1.0]) == [250_000_000, 500_000_000, 250_000_000]


def test_negative_contributions_count_as_zero():
    assert integer_scores([3.0, -100.0, 1.0]) == [750_000_000, 0, 250_000_000]


def test_nobody_contributed():
    assert integer_scores([0.0, -1.0, 0.0]) == [0, 0, 0]


def test_the_excess_goes_to_those_who_contributed_in_proportion():
    # 8 equal clients, cap 4/8: 0.8 is cut to 0.5, 0.3 goes to the others as 3 to 1.
    scores = integer_scores([0.80, 0.15, 0.05, 0, 0, 0, 0, 0])
    assert scores == [500_000_000, 375_000_000, 125_000_000, 0, 0, 0, 0, 0]


def test_the_cap_is_applied_again_to_those_the_excess_lifts_above_it():
    # Cap 0.25 of 8 clients: the first two are cut to it, then the third is lifted above it and cut, too.
    scores = integer_scores([0.60, 0.30, 0.06, 0.04, 0, 0, 0, 0], score_cap=2)
    assert scores[:4] == [250_000_000] * 4
    assert scores[4:] == [0] * 4


def test_who_contributed_nothing_gets_only_what_nobody_else_may_have():
    # Cap 0.25 of 8 clients: three may have three quarters, the rest is shared by the five others.
    scores = integer_scores([0.60, 0.30, 0.10, 0, 0, 0, 0, 0], score_cap=2)
    assert scores[:3] == [250_000_000] * 3
    assert scores[3:] == [50_000_000] * 5


def test_identities_that_contribute_nothing_earn_nothing_by_lowering_the_cap():
    honest = [0.3, 0.25, 0.2, 0.15, 0.1]
    for puppets in range(16):  # up to a cap of a fifth, which five may reach together
        scores = integer_scores([*honest, *[0.0] * puppets])
        assert scores[5:] == [0] * puppets
        assert sum(scores[:5]) == SCORE_TOTAL


def test_three_clients_have_no_effective_cap():
    assert integer_scores([1.0, 0.0, 0.0]) == [SCORE_TOTAL, 0, 0]


def test_a_larger_supply_has_a_larger_cap():
    assert integer_scores([1.0, 0, 0, 0, 0], supplies=[3, 1, 1, 1, 4], score_cap=2) == [
        600_000_000,
        *[100_000_000] * 4,
    ]


def test_tiny_contributions_still_count():
    assert integer_scores([5e-324, 0.0]) == [SCORE_TOTAL, 0]


@given(weighted())
def test_every_accepted_input_meets_the_contracts_rules(case):
    values, supplies, cap = case
    scores = integer_scores(values, supplies=supplies, score_cap=cap)
    assert all(score >= 0 for score in scores)
    total = sum(scores)
    assert total == (SCORE_TOTAL if max(values) > 0 else 0)
    for score, supply in zip(scores, supplies, strict=True):
        assert score <= Fraction(cap) * supply * total / sum(supplies) + 1


@given(weighted())
def test_zero_stays_zero_unless_everybody_above_is_at_the_cap(case):
    values, supplies, cap = case
    scores = integer_scores(values, supplies=supplies, score_cap=cap)
    allowed = [Fraction(cap) * supply / sum(supplies) for supply in supplies]
    above = [most for value, most in zip(values, allowed, strict=True) if value > 0]
    if sum(above) >= 1:
        assert all(score == 0 for score, value in zip(scores, values, strict=True) if value <= 0)


@given(contributions, st.randoms(use_true_random=False))
def test_the_order_of_clients_does_not_matter_up_to_ties(values, shuffle):
    order = list(range(len(values)))
    shuffle.shuffle(order)
    scores = integer_scores(values)
    shuffled = integer_scores([values[k] for k in order])
    assert all(abs(shuffled[place] - scores[k]) <= 1 for place, k in enumerate(order))


@given(contributions)
def test_more_contribution_never_scores_less(values):
    scores = integer_scores(values)
    ranked = [score for _, score in sorted(zip(values, scores, strict=True))]
    assert all(more >= less - 1 for less, more in pairwise(ranked))


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_refuses_contributions_that_are_not_numbers(bad):
    with pytest.raises(ValueError, match="client 1 is"):
        integer_scores([1.0, bad])


def test_refuses_no_clients():
    with pytest.raises(ValueError, match="at least one client"):
        integer_scores([])


def test_refuses_supplies_that_do_not_fit():
    with pytest.raises(ValueError, match="expected 2 supplies"):
        integer_scores([1.0, 2.0], supplies=[1])
    with pytest.raises(ValueError, match="positive"):
        integer_scores([1.0, 2.0], supplies=[1, 0])


@pytest.mark.parametrize("cap", [0.99, 0, -1, float("nan"), float("inf")])
def test_refuses_a_cap_that_cannot_be_met(cap):
    with pytest.raises(ValueError, match="score cap"):
        integer_scores([1.0, 2.0], score_cap=cap)
