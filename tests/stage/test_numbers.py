from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnviz.stage.numbers import Number, relation, round_significant, show


@pytest.mark.parametrize(
    ("value", "style", "decimals", "text"),
    [
        (0.70710678, "fixed", 2, "0.71"),
        (1.0, "fixed", 2, "1.00"),
        (-0.0001, "fixed", 2, "0.00"),
        (-0.6, "fixed", 2, "-0.60"),
        (12.0, "short", 2, "12"),
        (-3.0, "short", 2, "-3"),
        (2.50, "short", 2, "2.5"),
        (8.48528, "short", 2, "8.49"),
        (0.1993, "short", 2, "0.20"),
        (0.2, "short", 2, "0.2"),
        (0.2 + 1e-8, "short", 2, "0.2"),
        (-0.00207, "short", 2, "0.00"),
        (0.9987, "short", 2, "1.00"),
        (0.0, "short", 2, "0"),
        (0.42728, "percent", 2, "43"),
        (14.036, "degrees", 2, "14"),
        (math.nan, "fixed", 2, "?"),
        (math.inf, "fixed", 2, "inf"),
    ],
)
def test_a_value_is_written_as_a_person_would(value: float, style: str, decimals: int, text: str) -> None:
    assert show(value, style, decimals) == text


@given(st.floats(-1e9, 1e9, allow_nan=False), st.integers(0, 6))
def test_the_shown_text_is_the_value_to_its_last_digit(value: float, decimals: int) -> None:
    text = show(value, "fixed", decimals)
    assert abs(float(text) - value) <= 0.5 * 10**-decimals * (1 + 1e-6) + abs(value) * 1e-12
    assert not (text.startswith("-") and float(text) == 0)


@given(st.lists(st.floats(-1e6, 1e6, allow_nan=False), min_size=1, max_size=20))
def test_rounding_keeps_six_significant_digits_and_is_idempotent(values: list[float]) -> None:
    rounded = round_significant(values)
    assert np.allclose(rounded, values, rtol=5.1e-6, atol=1e-300)
    assert np.array_equal(round_significant(rounded), rounded)


def test_rounding_hides_the_difference_between_devices() -> None:
    assert round_significant(0.4272817234567) == round_significant(0.4272817434567)


def test_arithmetic_writes_its_own_formula_and_carries_what_is_asked_for() -> None:
    def weight(carry: str) -> Number:
        return Number(0.4272817, "0.43", "weights", {"query": "apple", "key": "orange"}, carry=carry, drawn=True)

    three = Number(3.0, "3", "embeddings", {"token": "orange", "d_model": "fruitness"})
    exact, displayed = weight("exact") * three, weight("displayed") * three
    assert exact.formula == "weights[apple, orange] · embeddings[orange, fruitness]"
    assert exact.value == pytest.approx(1.2818451)
    assert displayed.value == pytest.approx(1.29)
    assert displayed.text == "1.29"


def test_only_what_is_drawn_is_rounded_before_it_is_computed_on() -> None:
    def shown(value: float, name: str) -> Number:
        return Number(value, "", name, carry="displayed").styled("fixed")

    share, rest = shown(0.26, "w"), shown(0.74, "v")
    total = share * shown(3.15, "a") + rest * shown(1.25, "b")
    assert total.value == pytest.approx(1.744)
    assert total.styled("fixed").text == "1.74"


@pytest.mark.parametrize(
    ("number", "honest"),
    [
        (Number(7.0, "42", "weights"), False),
        (Number(0.43, "0.43"), False),
        (Number(0.4272817, "0.43", "weights"), True),
        (Number(0.4272817, "43", "weights", unit="%"), True),
        (Number(math.nan, "?", "weights"), True),
        (Number(math.nan, "0", "weights"), False),
    ],
)
def test_a_number_is_honest_if_it_has_an_origin_and_shows_its_value(number: Number, honest: bool) -> None:
    assert number.is_honest == honest


def test_a_sum_names_its_parts_in_brackets() -> None:
    a, b = Number(1.0, "1", "x"), Number(4.0, "4", "y")
    assert ((a * b) + (b * b)).formula == "(x · y) + (y · y)"
    assert ((a * b) + (b * b)).value == 20
    assert (a * b * b).formula == "x · y · y"
    assert (a / b / (a * b)).formula == "x / y / (x · y)"
    assert ((a - b) * (a + b)).formula == "(x - y) · (x + y)"


def test_a_formula_says_of_which_sentence_its_parts_are_where_they_differ() -> None:
    fruit = Number(1.14, "1.14", "output", {"token": "apple"}, sentence="fruit")
    phone = Number(2.86, "2.86", "output", {"token": "apple"}, sentence="phone")
    assert (phone - fruit).formula == "output[apple] of 'phone' - output[apple] of 'fruit'"
    assert (phone - phone).formula == "output[apple] - output[apple]"
    assert ((phone - fruit).sentence, (phone - phone).sentence) == ("", "phone")


def test_dividing_by_zero_is_undefined_and_says_so() -> None:
    one, nothing = Number(1.0, "1", "x"), Number(0.0, "0", "y")
    assert (one / nothing).text == "?"


def test_the_sign_is_exact_only_if_the_shown_digits_give_the_result() -> None:
    assert relation(0.43 * 3 + 0.57 * 2, Number(2.43, "2.43")) == "="
    assert relation(12 / math.sqrt(2), Number(8.48528, "8.49")) == "≈"


def test_percent_reads_back_as_a_share() -> None:
    assert Number(0.4272817, "", "w").styled("percent").shown == pytest.approx(0.43)
