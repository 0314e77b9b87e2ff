"""Scores and rewards in words: there and back, as the contracts have them."""

import pytest

from wallstreetfeds.chain.words import pack_scores, padded, trimmed, unpack_rewards, unpack_scores


@pytest.mark.parametrize("clients", [1, 7, 8, 9, 64])
def test_scores_there_and_back(clients):
    scores = [2**32 - 1 - k for k in range(clients)]
    assert unpack_scores(pack_scores(scores)) == tuple(scores)


def test_the_first_score_is_the_lowest_of_the_first_word():
    assert pack_scores([1, 2, *[0] * 6, 3]) == [1 | 2 << 32, 3, 0, 0, 0, 0, 0, 0]


def test_zeros_at_the_end_are_left_out_and_come_back():
    assert unpack_scores(pack_scores([0, 5, 0, 0])) == trimmed([0, 5, 0, 0]) == (0, 5)
    assert padded((0, 5), 4) == [0, 5, 0, 0]
    assert unpack_scores(pack_scores([0, 0])) == ()


def test_rewards_are_42_bits_six_a_word():
    assert unpack_rewards([7 | 2**42 * 9, 3], 7) == [7, 9, 0, 0, 0, 0, 3]


@pytest.mark.parametrize("scores", [[-1], [2**32], [0] * 65])
def test_scores_that_do_not_fit_are_refused(scores):
    with pytest.raises(ValueError, match="score"):
        pack_scores(scores)


def test_rewards_read_from_a_scenario_are_its_history(founding, session):
    federation = founding(session, clients=9)
    federation.open()
    federation.play([9, 8, 7, 6, 5, 4, 3, 2, 1])
    federation.play([0, 0, 0, 0, 0, 0, 1, 1, 1])
    scenario = federation.scenario
    one, two = scenario.rewards([1, 2])
    assert one == [scenario.history(k, 1) for k in range(9)]
    assert [a + b for a, b in zip(one, two, strict=True)] == [scenario.history(k, 2) for k in range(9)]
    assert scenario.history_since(8, 1) == (scenario.history(8, 1), scenario.history(8, 2))
