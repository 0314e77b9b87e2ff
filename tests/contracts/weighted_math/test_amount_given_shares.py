"""amount_given_shares: its caps to the unit, and against joins."""

import random
from typing import Any

from onchain.weighted_domain import TOO_LARGE, TOO_SMALL
from onchain.world import refused


def test_the_ratio_caps_are_exact(harness: Any) -> None:
    # With the whole weight an exit is proportional.
    assert harness.amount_given_shares((10**7, 10**9, 1, 1, 3 * 10**6 - 1)) == 299_999_899
    with refused(TOO_LARGE):
        harness.amount_given_shares((10**7, 10**9, 1, 1, 3 * 10**6 + 1))
    # With half of it the square: 1 - (1 - s)^2 = 0.3 at s = 0.16333997346592444...
    assert harness.amount_given_shares((10**15, 10**9, 1, 2, 163_339_973_465_924)) == 299_999_999
    with refused(TOO_LARGE):
        harness.amount_given_shares((10**15, 10**9, 1, 2, 163_339_973_465_925))


def test_shares_below_the_stated_precision_are_refused(harness: Any) -> None:
    for shares in (0, 2**20 - 1):
        with refused(TOO_SMALL):
            harness.amount_given_shares((2**60, 2**60, 1, 1, shares))
    assert harness.amount_given_shares((2**60, 2**60, 1, 1, 2**20)) == 2**20 - 1


def test_more_shares_give_more(harness: Any) -> None:
    shares = [2 * 10**12 * k // 100 for k in range(1, 101)]
    amounts = harness.amount_given_shares_many([(10**15, 10**18, 1, 128, burnt) for burnt in shares])
    assert amounts == sorted(amounts)
    assert len(set(amounts)) == 100


def test_in_and_out_with_one_asset_never_gains(harness: Any) -> None:
    rng = random.Random(7)
    for _ in range(100):
        supply, balance = 10 ** rng.randrange(9, 19), 10 ** rng.randrange(6, 33)
        weight, total = 1, rng.choice((1, 2, 100, 2**14, 2**21))
        amount = int(balance * 10 ** rng.uniform(-6, -0.6)) + 1
        shares = harness.shares_given_amount((supply, balance, weight, total, amount))
        if shares << 40 >= supply + shares:
            case = (supply + shares, balance + amount, weight, total, shares)
            assert harness.amount_given_shares(case) <= amount
