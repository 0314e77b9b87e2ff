"""weighted_math against 60 digits over its stated domain; every rounding is the pool's (I9)."""

import random
from typing import Any

import pytest
from mpmath import mp, mpf
from onchain.revm import Refused, RevmContract
from onchain.weighted_domain import (
    FUNCTIONS,
    KERNELS,
    MAX_EXPONENT,
    MAX_EXPONENT_IN,
    Q128,
    Case,
    Function,
    Kernel,
)

CASES = 2_000
BATCH = 100

# The formulas once more, in 60 digits and another library than the campaigns use.
EXACT: dict[str, Any] = {
    "out_given_in": lambda x, wx, y, wy, a: -y * mp.expm1(-mp.log1p(mpf(a) / x) * wx / wy),
    "in_given_out": lambda x, wx, y, wy, a: x * mp.expm1(mp.log1p(mpf(a) / (y - a)) * wy / wx),
    "shares_given_amount": lambda s, x, w, total, a: s * mp.expm1(mp.log1p(mpf(a) / x) * w / total),
    "amount_given_shares": lambda s, x, w, total, a: -x * mp.expm1(-mp.log1p(mpf(a) / (s - a)) * total / w),
    "log1p": lambda n, d: Q128 * mp.log1p(mpf(n) / d),
    "one_minus_exp": lambda t: -Q128 * mp.expm1(-mpf(t) / Q128),
    "exp_minus_one": lambda t: Q128 * mp.expm1(mpf(t) / Q128),
    "atanh_over_z": lambda z2: 2**96 * mp.atanh(mp.sqrt(mpf(z2) / 2**96)) / mp.sqrt(mpf(z2) / 2**96),
    "y_over_tanh": lambda y2: 2**96 * mp.sqrt(mpf(y2) / 2**96) / mp.tanh(mp.sqrt(mpf(y2) / 2**96)),
}

priced = pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.name)


def draw(function: Function | Kernel) -> list[tuple[int, ...]]:
    rng = random.Random(function.name)
    return [function.draw(rng) for _ in range(CASES)]


@pytest.mark.parametrize("function", [*FUNCTIONS, *KERNELS], ids=lambda function: function.name)
def test_results_are_on_the_stated_side_and_within_the_stated_error(
    function: Function | Kernel, fast_harness: RevmContract
) -> None:
    cases = draw(function)
    for start in range(0, CASES, BATCH):
        batch = cases[start : start + BATCH]
        results = fast_harness.many(f"{function.name}_many", batch, function.argument)
        for case, result in zip(batch, results, strict=True):
            assert function.stated.used(result, EXACT[function.name](*case)) <= 1, (case, result)


@pytest.mark.parametrize("function", [*FUNCTIONS, *KERNELS], ids=lambda function: function.name)
def test_the_fast_exact_values_of_the_campaigns_are_exact(function: Function | Kernel) -> None:
    for case in draw(function)[:200]:
        exact = EXACT[function.name](*case)
        assert abs(mpf(function.exact(case)) - exact) <= exact * mpf(2) ** -180


@priced
def test_titanoboa_and_revm_agree(function: Function, harness: Any, fast_harness: RevmContract) -> None:
    batch = draw(function)[:BATCH]
    name = f"{function.name}_many"
    assert getattr(harness, name)(batch) == fast_harness.many(name, batch, function.argument)


@priced
def test_just_beyond_the_domain_is_refused_with_the_reason(
    function: Function, fast_harness: RevmContract
) -> None:
    rng = random.Random(function.name)
    for _ in range(300):
        case, reason = function.beyond(rng)
        with pytest.raises(Refused) as caught:
            fast_harness.many(f"{function.name}_many", [case], function.argument)
        assert str(caught.value) == reason, case


@priced
def test_a_billionth_of_a_balance_is_priced_within_a_hundred_millionth(
    function: Function, fast_harness: RevmContract
) -> None:
    rng = random.Random(function.name)
    cases: list[Case] = []
    while len(cases) < BATCH:
        frame = function.frame(rng)
        amount = frame[function.base] // 10**9
        # Units must not matter: neither those of the amount nor those of the result.
        if amount >= 10**9 and amount <= function.most(frame):
            case = (*frame, amount)
            if function.exact(case) >= 10**9:
                cases.append(case)
    results = fast_harness.many(f"{function.name}_many", cases, function.argument)
    for case, result in zip(cases, results, strict=True):
        assert abs(result / EXACT[function.name](*case) - 1) <= 1e-8


@pytest.mark.parametrize("function", FUNCTIONS[:2], ids=lambda function: function.name)
def test_the_drawn_swaps_reach_the_corners_of_the_domain(function: Function) -> None:
    cases = draw(function)
    exponents = [case[1] / case[3] for case in cases]
    assert min(exponents) == 2**-15
    assert max(exponents) == 2**15
    assert sum(exponent > 64 for exponent in exponents) > 300
    assert_amounts_reach_their_ends(function, cases)


@pytest.mark.parametrize("function", FUNCTIONS[2:], ids=lambda function: function.name)
def test_the_drawn_joins_and_exits_reach_the_corners_of_the_domain(function: Function) -> None:
    cases = draw(function)
    parts = [weight / total for _, _, weight, total, _ in cases]
    assert min(parts) < 2**-20.9
    assert max(parts) == 1
    assert min(case[0] for case in cases) == 10**6
    assert_amounts_reach_their_ends(function, cases)


def assert_amounts_reach_their_ends(function: Function, cases: list[Any]) -> None:
    ratios = [case[4] / case[function.base] for case in cases]
    assert min(ratios) < 2**-39.99
    assert max(ratios) > 0.2999


def test_the_caps_on_the_exponent_are_those_of_thirty_percent() -> None:
    assert int(mp.log(mpf(10) / 7) * Q128) == MAX_EXPONENT
    assert int(mp.log(mpf(13) / 10) * Q128) == MAX_EXPONENT_IN
