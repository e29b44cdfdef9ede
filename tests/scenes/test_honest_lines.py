"""Lines of arithmetic: `=` only where the digits on screen give exactly the result."""

from __future__ import annotations

import pytest
from linear_map.matrix_lines import area_line, crosswise_line, determinant_line, matrix_equation, product_lines
from similarity.pair_lines import norm_line

from attnviz.stage.numbers import Number
from attnviz.stage.typesetting import Writing


def number(value: float) -> Number:
    return Number(value, "", "embeddings").styled("short")


def numbers(*values: float) -> list[Number]:
    return [number(value) for value in values]


def signs(line) -> list[str]:
    """Return the signs of the writings in a line, in reading order."""
    found = [part.source.split() for part in line.get_family() if isinstance(part, Writing)]
    return [word for words in found for word in words if word in {"=", "approx"}]


def words(line) -> list[str]:
    found = [part for part in line.get_family() if isinstance(part, Writing) and not part.marks]
    return [part.source for part in found if part.source != "arrow.r"]


EXACT, ROUNDED = [numbers(2, -0.5), numbers(1, 1)], [numbers(2, -0.498), numbers(1, 1)]


@pytest.mark.parametrize("columns", [False, True])
@pytest.mark.parametrize(("x", "sign"), [(0.5, "="), (0.6923, "approx")])
def test_a_word_equals_its_steps_only_where_all_their_digits_are_shown(x: float, sign: str, columns: bool) -> None:
    assert signs(norm_line("apple", "#ffffff", numbers(x, 2), number(2), number(2.06155)))[0] == sign
    image = numbers(2 * x + 2, -0.5 * x + 2)
    assert signs(product_lines("apple", "#ffffff", numbers(x, 2), EXACT, image, columns=columns))[0] == sign


@pytest.mark.parametrize("columns", [False, True])
def test_a_matrix_equals_its_rows_only_where_all_their_digits_are_shown(columns: bool) -> None:
    assert signs(matrix_equation(EXACT, columns=columns)) == ["="]
    assert signs(matrix_equation(ROUNDED, columns=columns)) == ["approx"]
    assert signs(determinant_line(number(2.5))) == signs(crosswise_line(EXACT, number(2.5), columns=columns)) == ["="]
    assert (
        signs(determinant_line(number(2.4982)))
        == signs(crosswise_line(ROUNDED, number(2.498), columns=columns))
        == ["approx"]
    )
    lines = product_lines("apple", "#ffffff", numbers(1, 2), ROUNDED, numbers(4, 1.502), columns=columns)
    assert signs(lines) == ["approx", "="]


@pytest.mark.parametrize(
    ("determinant", "said", "about"),
    [
        (1.0, ["kept"], False),
        (-1.0, ["kept, turned over"], False),
        (0.9987, ["almost kept"], True),
        (0.0, ["nothing left"], False),
        (-0.00207, ["almost nothing left, turned over"], True),
        (0.00207, ["almost nothing left"], True),
        (-0.5, ["turned over"], False),
        (0.498, [], False),
    ],
)
def test_an_area_is_lost_only_where_none_is_left(determinant: float, said: list[str], about: bool) -> None:
    line = area_line(number(1), number(determinant), number(abs(determinant)))
    assert words(line) == ["area", *said]
    assert (signs(line) == ["approx"]) == about
