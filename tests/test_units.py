from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallstreetfeds.units import div_down, div_up, show, to_decimal, to_units


@given(st.integers(0, 2**256 - 1), st.integers(0, 36))
def test_decimal_and_back_is_exact(units, decimals):
    assert to_units(to_decimal(units, decimals), decimals) == units


@pytest.mark.parametrize("bad", ["-1", "NaN", "Infinity", "ten", "1.0000001"])
def test_what_is_not_an_amount_is_refused(bad):
    with pytest.raises(ValueError, match=r"number|decimals"):
        to_units(bad, 6)


@given(st.integers(0, 2**256 - 1), st.integers(1, 2**256 - 1))
def test_divisions_round_the_way_they_are_named(numerator, denominator):
    down, up = div_down(numerator, denominator), div_up(numerator, denominator)
    assert down * denominator <= numerator <= up * denominator
    assert up - down == (numerator % denominator != 0)


def test_show_cuts_and_never_rounds_up():
    assert show(1_999_999, 6) == "1.99"
    assert show(10**12 - 1, 6) == "999,999.99"
    assert show(1, 6, 6) == str(Decimal("0.000001"))
