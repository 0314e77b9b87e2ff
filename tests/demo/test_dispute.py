"""The lie of `--challenge`: scores that the contract accepts and that favour one client."""

import pytest

from wallstreetfeds.demo.dispute import disputed_rounds, inflated
from wallstreetfeds.units import WAD

CAP = 4 * WAD
TOTAL = 10**9


@pytest.mark.parametrize("scores", [[7 * 10**8, 3 * 10**8], [10**8] * 10, [0, 10**9 - 1, 1], [0, 0, 0]])
@pytest.mark.parametrize("favoured", [0, -1])
def test_the_favoured_client_gains_and_nobody_else(scores, favoured):
    k = favoured % len(scores)
    lie = inflated(scores, k, CAP)
    total, lied = sum(scores) or len(scores), sum(lie)
    assert lie[k] * total >= (scores[k] if sum(scores) else 1) * lied
    honest = scores if sum(scores) else [1] * len(scores)
    assert all(a * total <= b * lied for j, (a, b) in enumerate(zip(lie, honest, strict=True)) if j != k)
    assert max(lie) * len(lie) <= 4 * sum(lie) + len(lie)
    assert sum(lie) in (TOTAL, len(scores) + 1)


def test_the_gain_is_a_quarter_where_the_cap_allows_it():
    lie = inflated([10**8] * 10, 0, CAP)
    assert lie[0] == pytest.approx(35 * 10**7, abs=10)
    assert sum(lie) == TOTAL
    assert len(set(lie[1:])) == 1


def test_with_many_clients_the_cap_is_the_bound():
    lie = inflated([TOTAL // 50] * 50, 3, CAP)
    assert lie[3] == pytest.approx(4 * TOTAL // 50, abs=100)


@pytest.mark.parametrize(
    ("rounds", "two"), [(2, (1, 2)), (3, (1, 2)), (4, (1, 2)), (10, (2, 5)), (256, (64, 128))]
)
def test_two_rounds_are_disputed(rounds, two):
    assert disputed_rounds(rounds) == two
