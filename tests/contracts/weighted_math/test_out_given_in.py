"""out_given_in: its caps to the unit, its shape."""

import random
from typing import Any

from onchain.weighted_domain import TOO_LARGE, TOO_SMALL
from onchain.world import refused

POINTS = 100


def test_the_ratio_caps_are_exact(harness: Any) -> None:
    assert harness.out_given_in((10**7, 1, 10**7, 1, 3 * 10**6)) == 2_307_692
    with refused(TOO_LARGE):
        harness.out_given_in((10**7, 1, 10**7, 1, 3 * 10**6 + 1))
    # 1 - (10 / 13)^w exceeds 0.3 from w = ln(10/7) / ln(1.3) = 1.3594... on.
    assert harness.out_given_in((10**7, 13_594, 10**7, 10_000, 3 * 10**6)) < 3 * 10**6
    with refused(TOO_LARGE):
        harness.out_given_in((10**7, 13_595, 10**7, 10_000, 3 * 10**6))


def test_trades_below_the_stated_precision_are_refused(harness: Any) -> None:
    for amount in (0, 2**20 - 1):
        with refused(TOO_SMALL):
            harness.out_given_in((2**60, 1, 2**60, 1, amount))
    assert harness.out_given_in((2**60, 1, 2**60, 1, 2**20)) == 2**20 - 1


def test_weights_outside_the_domain_are_refused(harness: Any) -> None:
    with refused(""):
        harness.out_given_in((2**60, 1, 2**112, 2**100, 2**21))


def test_more_in_gives_more_out(harness: Any) -> None:
    for weight_in, weight_out in ((1, 1), (7, 3), (300, 1), (1, 300)):
        most = 3 * 10**17 if weight_in <= weight_out else 3 * 10**17 * weight_out // weight_in
        amounts = [most * k // POINTS for k in range(1, POINTS + 1)]
        outs = harness.out_given_in_many([(10**18, weight_in, 10**21, weight_out, a) for a in amounts])
        assert outs == sorted(outs)
        assert len(set(outs)) == POINTS


def test_splitting_a_trade_gains_no_more_than_the_safety_margin(harness: Any) -> None:
    rng = random.Random(5)
    for _ in range(50):
        x, y, w = 10 ** rng.randrange(6, 30), 10 ** rng.randrange(6, 30), rng.randrange(1, 50)
        first, second = (max(1, int(x * rng.uniform(0.0001, 0.13) / w)) for _ in range(2))
        whole = harness.out_given_in((x, w, y, 1, first + second))
        part = harness.out_given_in((x, w, y, 1, first))
        rest = harness.out_given_in((x + first, w, y - part, 1, second))
        assert part + rest <= whole + 1 + (whole >> 83)
