"""in_given_out: its caps to the unit, and against out_given_in."""

from typing import Any

from onchain.weighted_domain import TOO_LARGE, TOO_SMALL
from onchain.world import refused


def test_the_ratio_caps_are_exact(harness: Any) -> None:
    # 3,000,000 of 10^7 leave: 3 / 7 of the balance would enter at equal weights.
    assert harness.in_given_out((10**7, 2, 10**7, 1, 3 * 10**6)) == 1_952_287
    with refused(TOO_LARGE):
        harness.in_given_out((10**7, 2, 10**7, 1, 3 * 10**6 + 1))
    # 3 / 13 of what leaves is 3 / 10 that enter.
    assert harness.in_given_out((10**7, 1, 13 * 10**6, 1, 3 * 10**6 - 1)) < 3 * 10**6
    with refused(TOO_LARGE):
        harness.in_given_out((10**7, 1, 13 * 10**6, 1, 3 * 10**6 + 1))


def test_trades_below_the_stated_precision_are_refused(harness: Any) -> None:
    for amount in (0, 2**20 - 1):
        with refused(TOO_SMALL):
            harness.in_given_out((2**60, 1, 2**60, 1, amount))
    assert 2**20 < harness.in_given_out((2**60, 1, 2**60, 1, 2**20)) <= 2**20 + 3


def test_there_and_back_through_both_kinds_never_gains(harness: Any) -> None:
    for amount in (10**9 + 7, 10**12, 10**17):
        out = harness.out_given_in((10**18, 3, 10**18, 2, amount))
        assert harness.in_given_out((10**18, 3, 10**18, 2, out)) >= amount - 1
