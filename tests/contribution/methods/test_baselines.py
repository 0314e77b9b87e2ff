"""Baselines: what they pay, by hand, and what they are blind to."""

import pytest

from wallstreetfeds.contribution import Game, data_size, equal, leave_one_out, standalone


def redundant(s):
    """Clients 0 and 1 hold the same data, worth 1; client 2 adds 0.5; client 3 nothing."""
    return (s[:, 0] | s[:, 1]) * 1.0 + s[:, 2] * 0.5


def test_leave_one_out_pays_nothing_for_what_somebody_else_brings_too():
    result = leave_one_out(Game(4, redundant))
    assert result.values.tolist() == [0.0, 0.0, 0.5, 0.0]
    assert result.evaluations == 6


def test_standalone_pays_a_copy_in_full():
    result = standalone(Game(4, redundant))
    assert result.values.tolist() == [1.0, 1.0, 0.5, 0.0]
    assert result.evaluations == 6


def test_data_size_pays_what_clients_say_about_themselves():
    result = data_size(Game(4, redundant, num_examples=[100, 100, 0, 400]))
    assert result.values == pytest.approx([0.25, 0.25, 0.0, 1.0])
    assert result.values[2] == 0.0
    assert result.evaluations == 2


def test_nobody_has_data():
    assert data_size(Game(4, redundant, num_examples=[0] * 4)).values.tolist() == [0.0] * 4


def test_data_size_needs_the_sizes():
    with pytest.raises(ValueError, match="num_examples"):
        data_size(Game(4, redundant))


@pytest.mark.parametrize(("sizes", "says"), [([1, 2], "expected 4 numbers"), ([1, 2, 3, -1], "at least 0")])
def test_refuses_sizes_that_do_not_fit(sizes, says):
    with pytest.raises(ValueError, match=says):
        Game(4, redundant, num_examples=sizes)


def test_equal_pays_free_riders():
    assert equal(Game(4, redundant)).values == pytest.approx([0.375] * 4)


@pytest.mark.parametrize("method", [leave_one_out, standalone, equal])
def test_counts_what_it_evaluates(games, method):
    game, rows = games.counting(games.curved(9))
    result = method(game)
    assert sum(rows) == result.evaluations
    assert result.exact
    assert result.seed is None


@pytest.mark.parametrize("method", [leave_one_out, standalone, equal])
def test_one_client_gets_everything(method):
    assert method(Game(1, lambda s: s[:, 0] * 2.0)).values.tolist() == [2.0]
