"""weighted_math against 60 digits over its stated domain; every rounding is the pool's (I9)."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from mpmath import mp, mpf
from onchain.world import compiled, refused

CASES = 2_000
BATCH = 100
Q128 = 2**128
# ln(10 / 7) in Q128, rounded down.
MAX_EXPONENT = 121_370_194_144_864_887_764_022_683_296_838_207_581

Trade = tuple[int, int, int, int, int]


@pytest.fixture(scope="module")
def harness() -> Any:
    return compiled("MathHarness").deploy()


@pytest.fixture(autouse=True)
def sixty_digits() -> Any:
    with mp.workdps(60):
        yield


def batches(draw: Callable[[random.Random], Any], seed: int) -> list[list[Any]]:
    rng = random.Random(seed)
    return [[draw(rng) for _ in range(BATCH)] for _ in range(CASES // BATCH)]


def log_uniform(rng: random.Random, low: float, high: float) -> int:
    return int(2 ** mpf(rng.uniform(low, high)))


def exact_out(trade: Trade) -> Any:
    balance_in, weight_in, balance_out, weight_out, amount = trade
    t = mp.log1p(mpf(amount) / balance_in) * weight_in / weight_out
    return -balance_out * mp.expm1(-t)


def draw_trade(rng: random.Random) -> Trade:
    """Amount from 2^-40 to 0.3 of the balance, exponent from 2^-15 to 2^15, at most 30 % out."""
    while True:
        balance_in, balance_out = (log_uniform(rng, 20, 112) for _ in range(2))
        weight_in, weight_out = 2 ** rng.randrange(40, 56), 2 ** rng.randrange(40, 56)
        # What the clock does to one of them: times B / rho, at most 256.
        if rng.random() < 0.5:
            weight_in = weight_in * rng.randrange(256, 65_536) // rng.randrange(1, 257)
        low = max(-40.0, -float(mp.log(balance_in, 2)))
        amount = int(balance_in * mpf(2) ** rng.uniform(low, -1.7369655941662063)) + 1
        trade = (balance_in, weight_in, balance_out, weight_out, amount)
        if amount * 10 > balance_in * 3 or not 2**-15 <= weight_in / weight_out <= 2**15:
            continue
        if exact_out(trade) * 10 < balance_out * 3 * (1 - mpf(2) ** -80):
            return trade


@pytest.fixture(scope="module")
def trades() -> list[list[Trade]]:
    with mp.workdps(60):
        return batches(draw_trade, 20_250_624)


def test_out_given_in_is_never_above_the_exact_value_and_close_below(
    harness: Any, trades: list[list[Trade]]
) -> None:
    for batch in trades:
        for trade, out in zip(batch, harness.out_given_in_many(batch), strict=True):
            exact = exact_out(trade)
            assert out <= exact
            # 2^-84 is taken off, the maths itself is within 2^-85, three units of 2^-128 are cut off the
            # exponent, the fraction and for safety; the result is a whole unit.
            assert exact - out <= exact * (mpf(2) ** -84 + mpf(2) ** -85) + mpf(trade[2]) * 4 / Q128 + 1


def test_the_drawn_trades_reach_the_corners_of_the_domain(trades: list[list[Trade]]) -> None:
    flat = [trade for batch in trades for trade in batch]
    exponents = [weight_in / weight_out for _, weight_in, _, weight_out, _ in flat]
    assert min(exponents) < 2**-13
    assert max(exponents) > 2**13
    assert sum(exponent > 64 for exponent in exponents) > 100
    ratios = [amount / balance_in for balance_in, _, _, _, amount in flat]
    assert min(ratios) < 2**-38
    assert max(ratios) > 0.29


def exact_in(trade: Trade) -> Any:
    balance_in, weight_in, balance_out, weight_out, amount = trade
    t = mp.log1p(mpf(amount) / (balance_out - amount)) * weight_out / weight_in
    return balance_in * mp.expm1(t)


def draw_exact_out(rng: random.Random) -> Trade:
    """The same domain, seen from the other side: at most 30 % leaves and at most 30 % enters."""
    while True:
        balance_out, weight_out, balance_in, weight_in, amount = draw_trade(rng)
        trade = (balance_in, weight_in, balance_out, weight_out, amount)
        if exact_in(trade) * 10 < balance_in * 3 * (1 - mpf(2) ** -80):
            return trade


def test_in_given_out_is_never_below_the_exact_value_and_close_above(harness: Any) -> None:
    for batch in batches(draw_exact_out, 20_260_101):
        for trade, entering in zip(batch, harness.in_given_out_many(batch), strict=True):
            exact = exact_in(trade)
            assert entering >= exact
            # Twice 2^-84 is added and the maths itself is within 2^-85; the logarithm is padded by four
            # units and what was cut off of it, which the exponent multiplies.
            exponent = mpf(trade[3]) / trade[1]
            units = trade[0] * (8 * exponent + 8) / Q128
            assert entering - exact <= exact * mpf(2) ** -82 + units + 2


def test_in_given_out_refuses_beyond_its_ratios(harness: Any) -> None:
    # 3,000,000 of 10^7 leave: 10 / 7 of the balance enters and more, so the other cap needs more weight in.
    assert harness.in_given_out((10**7, 2, 10**7, 1, 3 * 10**6)) == 1_952_287
    with refused("trade too large: takes more than 30% of the balance"):
        harness.in_given_out((10**7, 2, 10**7, 1, 3 * 10**6 + 1))
    with refused("trade too large: enters more than 30% of the balance"):
        harness.in_given_out((10**7, 1, 10**7, 1, 3 * 10**6))
    for amount in (0, 2**20 - 1):
        with refused("trade too small"):
            harness.in_given_out((2**60, 1, 2**60, 1, amount))


def test_there_and_back_through_both_kinds_never_gains(harness: Any) -> None:
    for amount in (10**9 + 7, 10**12, 10**17):
        out = harness.out_given_in((10**18, 3, 10**18, 2, amount))
        assert harness.in_given_out((10**18, 3, 10**18, 2, out)) >= amount - 1


def test_log1p_is_within_its_bound(harness: Any) -> None:
    def draw(rng: random.Random) -> tuple[int, int]:
        denominator = log_uniform(rng, 41, 112)
        part = mpf(2) ** rng.uniform(-40, -1.7369655941662063)
        return -int(-denominator * part) or 1, denominator

    for batch in batches(draw, 1):
        for (numerator, denominator), result in zip(batch, harness.log1p_many(batch), strict=True):
            exact = mp.log1p(mpf(numerator) / denominator) * Q128
            assert -(mpf(2) ** -86) <= result / exact - 1 <= mpf(2) ** -88


def test_one_minus_exp_is_within_its_bound(harness: Any) -> None:
    def draw(rng: random.Random) -> int:
        return min(log_uniform(rng, 0, 126.6), MAX_EXPONENT)

    for batch in [*batches(draw, 2), [0, 1, 2, MAX_EXPONENT - 1, MAX_EXPONENT]]:
        for t, result in zip(batch, harness.one_minus_exp_many(batch), strict=True):
            exact = -mp.expm1(-mpf(t) / Q128) * Q128
            assert exact - 1 - exact * mpf(2) ** -92 <= result <= exact * (1 + mpf(2) ** -92)


def test_both_together_are_below_2_to_the_minus_85(harness: Any) -> None:
    """The claim in the module's docstring, chained as a trade chains them, at equal weights."""

    def draw(rng: random.Random) -> tuple[int, int]:
        denominator = log_uniform(rng, 60, 112)
        return int(denominator * mpf(2) ** rng.uniform(-40, -1.7369655941662063)) + 1, denominator

    for batch in batches(draw, 3)[:5]:
        logs = harness.log1p_many(batch)
        capped = [min(t, MAX_EXPONENT) for t in logs]
        for (numerator, denominator), t, result in zip(
            batch, logs, harness.one_minus_exp_many(capped), strict=True
        ):
            if t <= MAX_EXPONENT:
                exact = mpf(numerator) / (numerator + denominator) * Q128
                assert abs(result - exact) <= exact * mpf(2) ** -85


def test_a_billionth_of_a_balance_is_priced_within_a_hundred_millionth(harness: Any) -> None:
    for weight_in, weight_out in ((1, 1), (2**14, 1), (1, 2**14), (50 * 257, 1)):
        trade = (10**30, weight_in, 10**30, weight_out, 10**21)
        out, exact = harness.out_given_in(trade), exact_out(trade)
        assert 0 <= exact - out <= 1 + exact * mpf(2) ** -80


def test_the_maximum_exponent_is_the_logarithm_of_ten_sevenths() -> None:
    assert int(mp.log(mpf(10) / 7) * Q128) == MAX_EXPONENT


def test_more_in_gives_more_out(harness: Any) -> None:
    for weight_in, weight_out in ((1, 1), (7, 3), (300, 1), (1, 300)):
        most = 3 * 10**17 if weight_in <= weight_out else 3 * 10**17 * weight_out // weight_in
        amounts = [most * k // BATCH for k in range(1, BATCH + 1)]
        outs = harness.out_given_in_many([(10**18, weight_in, 10**21, weight_out, a) for a in amounts])
        assert outs == sorted(outs)
        assert len(set(outs)) == BATCH


def test_splitting_a_trade_gains_no_more_than_the_safety_margin(harness: Any) -> None:
    rng = random.Random(5)
    for _ in range(50):
        x, y, w = 10 ** rng.randrange(6, 30), 10 ** rng.randrange(6, 30), rng.randrange(1, 50)
        first, second = (max(1, int(x * rng.uniform(0.0001, 0.13) / w)) for _ in range(2))
        whole = harness.out_given_in((x, w, y, 1, first + second))
        part = harness.out_given_in((x, w, y, 1, first))
        rest = harness.out_given_in((x + first, w, y - part, 1, second))
        assert part + rest <= whole + 1 + (whole >> 83)


def test_the_ratio_caps_are_exact(harness: Any) -> None:
    assert harness.out_given_in((10**7, 1, 10**7, 1, 3 * 10**6)) == 2_307_692
    with refused("trade too large: enters more than 30% of the balance"):
        harness.out_given_in((10**7, 1, 10**7, 1, 3 * 10**6 + 1))
    # 1 - (10 / 13)^w exceeds 0.3 from w = ln(10/7) / ln(1.3) = 1.3594... on.
    assert harness.out_given_in((10**7, 13_594, 10**7, 10_000, 3 * 10**6)) < 3 * 10**6
    with refused("trade too large: takes more than 30% of the balance"):
        harness.out_given_in((10**7, 13_595, 10**7, 10_000, 3 * 10**6))


def test_trades_below_the_stated_precision_are_refused(harness: Any) -> None:
    for amount in (0, 2**20 - 1):
        with refused("trade too small"):
            harness.out_given_in((2**60, 1, 2**60, 1, amount))
    assert harness.out_given_in((2**60, 1, 2**60, 1, 2**20)) == 2**20 - 1


def test_a_fraction_below_the_margin_gives_nothing(harness: Any) -> None:
    assert harness.out_given_in((2**60, 1, 2**112, 2**100, 2**21)) == 0
