"""What rounding leaves open: whatever the digits stand for, and however it is rounded on the way, lies within."""

from __future__ import annotations

import math

import pytest
from hypothesis import given as holds
from hypothesis import strategies as st

from attnviz.stage.numbers import show
from attnviz.worksheet.amounts import UnworkableError, digits, given, total, value_of

NUMBERS = st.floats(-50, 50, allow_nan=False)
PLACES = st.integers(1, 4)


@holds(NUMBERS, PLACES, st.booleans())
def test_digits_are_those_of_the_film(value, places, short):
    assert digits(value, places, short=short).replace("−", "-") == show(value, "short" if short else "fixed", places)


@holds(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=6), PLACES)
def test_a_sum_of_products_lies_within_what_its_digits_leave_open(pairs, places):
    left = [given(one, places) for one, _ in pairs]
    right = [given(other, places) for _, other in pairs]
    result = total((one * other).written(places) for one, other in zip(left, right, strict=True)).written(places)
    exact = math.fsum(one * other for one, other in pairs)
    in_digits = sum(value_of(one.text) * value_of(other.text) for one, other in zip(left, right, strict=True))
    for value in (exact, in_digits, value_of(result.text)):
        assert result.low - 1e-9 <= value <= result.high + 1e-9


@holds(st.lists(st.floats(-8, 8), min_size=2, max_size=6), PLACES)
def test_a_softmax_lies_within_what_its_digits_leave_open(scores, places):
    powers = [given(score, places).exp().written(places) for score in scores]
    whole = total(powers).written(places)
    if whole.low <= 0:
        with pytest.raises(UnworkableError, match="divides"):
            powers[0] / whole
        return
    exact = [math.exp(score) for score in scores]
    for power, value in zip(powers, exact, strict=True):
        share = (power / whole).written(places)
        assert share.low - 1e-9 <= value / math.fsum(exact) <= share.high + 1e-9


def test_what_is_exact_leaves_nothing_open():
    assert given(0.5, 2).is_exact
    assert not given(0.4981, 2).is_exact
    assert given(0.4981, 2).text == "0.50"
    assert given(-math.inf, 2).exp().mid == 0
    with pytest.raises(UnworkableError, match="no number"):
        given(math.nan, 2)
