"""Games: what they refuse, and that they say which coalition was at fault."""

import numpy as np
import pytest

from wallstreetfeds.contribution import Game, exact_shapley, integer_scores


def test_refuses_a_game_without_clients():
    with pytest.raises(ValueError, match="at least one client, got 0"):
        Game(0, lambda s: np.zeros(len(s)))


def test_names_the_first_coalition_that_fails_among_many():
    def utility(coalitions):
        if (coalitions[:, 1] & ~coalitions[:, 0]).any():
            raise ZeroDivisionError("no rows left")
        return np.zeros(len(coalitions))

    with pytest.raises(ValueError, match=r"coalition \[1\] failed: no rows left") as caught:
        exact_shapley(Game(3, utility))
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_says_so_when_coalitions_only_fail_together():
    def utility(coalitions):
        if len(coalitions) > 4:
            raise MemoryError("too many at once")
        return np.zeros(len(coalitions))

    with pytest.raises(ValueError, match="8 coalitions together, on none alone: too many at once"):
        exact_shapley(Game(3, utility))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_names_the_coalition_whose_utility_is_not_finite(bad):
    game = Game(3, lambda s: np.where(s[:, 0] & s[:, 2], bad, 1.0))
    with pytest.raises(ValueError, match=r"coalition \[0, 2\] is"):
        exact_shapley(game)


def test_refuses_coalitions_of_another_number_of_clients():
    with pytest.raises(ValueError, match=r"shape \(m, 3\), got \(2, 4\)"):
        Game(3, lambda s: np.zeros(len(s))).evaluate(np.zeros((2, 4), dtype=np.bool_))


def test_the_ends_are_the_empty_and_the_grand_coalition():
    assert Game(4, lambda s: s.sum(axis=1) - 1.0).ends() == (-1.0, 3.0)


def test_updates_that_are_all_equal_to_the_previous_model_score_zero():
    result = exact_shapley(Game(5, lambda s: np.full(len(s), -0.7)))
    assert integer_scores(result.values.tolist()) == [0] * 5
