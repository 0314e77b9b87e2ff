"""The compiled order of rows is NumPy's, whatever the seed."""

import numpy as np
import pytest

from wallstreetfeds.sim.learning.orders import entropy_words, shuffle

SEEDS = (0, 1, 7, 2**31, 2**32 - 1, 2**32, 2**40 + 5, 2**64 + 3, 10**30)


def ours(entropy, epochs, rows):
    words = np.array([word for number in entropy for word in entropy_words(number)], dtype=np.uint64)
    orders = np.empty((epochs, rows), dtype=np.int64)
    shuffle(words, orders)
    return orders


def theirs(entropy, epochs, rows):
    rng = np.random.default_rng(entropy)
    return np.array([rng.permutation(rows) for _ in range(epochs)])


@pytest.mark.parametrize("seed", SEEDS)
def test_an_order_is_that_of_numpys_generator(seed):
    for number, client, rows in ((1, 0, 2), (3, 49, 27), (20, 7, 500)):
        entropy = [seed, number, client]
        np.testing.assert_array_equal(ours(entropy, 3, rows), theirs(entropy, 3, rows))


def test_many_seeds_of_many_lengths_agree():
    rng = np.random.default_rng(0)
    for _ in range(300):
        entropy = rng.integers(0, 2**32, size=rng.integers(1, 9)).tolist()
        rows = int(rng.integers(1, 70))
        np.testing.assert_array_equal(ours(entropy, 2, rows), theirs(entropy, 2, rows))


def test_one_row_or_none_needs_no_draw():
    assert ours([5], 2, 1).tolist() == [[0], [0]]
    assert ours([5], 2, 0).shape == (2, 0)
