"""shares_given_amount: its caps to the unit, and against what all assets together would give."""

from typing import Any

from onchain.weighted_domain import TOO_LARGE, TOO_SMALL
from onchain.world import refused


def test_the_ratio_cap_is_exact(harness: Any) -> None:
    # With the whole weight a join is proportional: 30 % in gives 30 % of the shares, but for the rounding.
    assert harness.shares_given_amount((10**9, 10**7, 1, 1, 3 * 10**6)) == 3 * 10**8 - 1
    with refused(TOO_LARGE):
        harness.shares_given_amount((10**9, 10**7, 1, 1, 3 * 10**6 + 1))


def test_amounts_below_the_stated_precision_are_refused(harness: Any) -> None:
    for amount in (0, 2**20 - 1):
        with refused(TOO_SMALL):
            harness.shares_given_amount((2**60, 2**60, 1, 1, amount))
    assert harness.shares_given_amount((2**60, 2**60, 1, 1, 2**20)) == 2**20 - 1


def test_weights_outside_the_domain_are_refused(harness: Any) -> None:
    with refused(""):
        harness.shares_given_amount((2**63, 2**60, 1, 2**88, 2**20))


def test_half_the_weight_gives_the_root(harness: Any) -> None:
    # sqrt(1.21) - 1 = 0.1
    assert harness.shares_given_amount((10**15, 10**9, 1, 2, 21 * 10**7)) == 10**14 - 1


def test_more_in_gives_more_shares(harness: Any) -> None:
    amounts = [3 * 10**17 * k // 100 for k in range(1, 101)]
    shares = harness.shares_given_amount_many([(10**15, 10**18, 1, 128, amount) for amount in amounts])
    assert shares == sorted(shares)
    assert len(set(shares)) == 100


def test_joining_in_two_steps_gains_nothing(harness: Any) -> None:
    for weight, total in ((1, 1), (1, 2), (1, 128), (1, 2**21)):
        whole = harness.shares_given_amount((10**15, 10**15, weight, total, 2 * 10**14))
        first = harness.shares_given_amount((10**15, 10**15, weight, total, 10**14))
        second = harness.shares_given_amount((10**15 + first, 11 * 10**14, weight, total, 10**14))
        assert first + second <= whole + 1
