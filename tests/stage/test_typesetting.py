from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attnviz.input.problems import ProblemsFound
from attnviz.input.theme_names import THEME_NAMES, ThemeName
from attnviz.stage import theme
from attnviz.stage.numbers import Number
from attnviz.stage.typesetting import NumberMark, formula, number_marks, phrase, prose, quoted

WEIGHT = Number(0.4272817, "0.43", "weights", {"query": "apple", "key": "orange"})


@pytest.mark.parametrize(
    "text",
    [
        '"; #panic("out")',
        '#read("/etc/passwd")',
        "$ x^2 $",
        "*bold* _it_ `raw` = heading",
        "\\u{41} \\n \\",
        "]] <label> @ref // comment /* open",
        "שלום עולם",
        "naïve café – “quoted”",
        "tab\tand\nnewline\x00",
    ],
)
def test_a_persons_text_is_set_as_it_stands(text: str) -> None:
    clean = "".join(c for c in text if c.isprintable() and not c.isspace())
    glyphs = prose(text, own=True).family_members_with_points()
    assert 0 < len(glyphs) <= 2 * len(clean)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12))
def test_no_text_breaks_the_markup(text: str) -> None:
    try:
        prose(text, own=True)
    except ProblemsFound as found:
        assert "cannot draw" in str(found)


@pytest.mark.parametrize(("text", "shown"), [("苹果", "'苹' (U+82F9), '果' (U+679C)"), ("an 🍎", "'🍎' (U+1F34E)")])
def test_characters_that_no_font_has_are_refused(text: str, shown: str) -> None:
    with pytest.raises(ProblemsFound) as error:
        prose(text, own=True)
    assert str(error.value) == (
        f"the fonts cannot draw {shown} in {text!r}; "
        "name a font that can: `font:` in the storyboard, a family (Noto Sans CJK SC) or a file"
    )


def test_quoting_escapes_what_ends_a_string() -> None:
    assert quoted('a"b\\c') == '"a\\"b\\\\c"'


@pytest.mark.parametrize(
    "make", [lambda: prose("head 2"), lambda: formula("x^2"), lambda: formula("0.43 dot {w}", w=WEIGHT)]
)
def test_digits_without_a_receipt_are_refused(make) -> None:
    with pytest.raises(ProblemsFound, match=r"draws a number without a receipt; read it with self\.number"):
        make()


def test_a_formula_knows_its_numbers() -> None:
    line = formula("{word}' = {w} dot {w2}", words={"word": "apple"}, w=WEIGHT, w2=WEIGHT)
    assert set(line.marks) == {"w", "w2"}
    assert [len(m) for m in line.marks.values()] == [4, 4]
    assert all(isinstance(m, NumberMark) and m.number is WEIGHT for m in line.marks.values())
    assert line.marks["w"].get_center()[0] < line.marks["w2"].get_center()[0]


def test_copies_of_a_number_share_its_receipt() -> None:
    line = formula("{w}", w=WEIGHT)
    assert line.copy().submobjects[0].number is WEIGHT


def test_words_stand_on_a_common_baseline() -> None:
    low, high = prose("apple"), prose("an")
    low.seat(1.0)
    high.seat(1.0)
    assert high.get_bottom()[1] == pytest.approx(1.0, abs=0.02)
    assert low.get_bottom()[1] < 0.95
    assert low.baseline == pytest.approx(high.baseline)


def test_many_numbers_are_set_in_one_compile_and_keep_their_order() -> None:
    numbers = [Number(float(i), str(i), "n") for i in range(12)] + [Number(float("nan"), "?", "n")]
    marks = number_marks(numbers)
    assert [m.number.text for m in marks] == [n.text for n in numbers]
    assert all(abs(m.get_center()).max() < 1e-6 for m in marks)
    assert number_marks([]) == []


def test_minus_and_units_are_drawn() -> None:
    minus = formula("{w}", w=Number(-0.6, "-0.60", "x"))
    percent = formula("{w}", w=WEIGHT.styled("percent"))
    degrees = formula("{w}", w=Number(14.036, "", "angle").styled("degrees"))
    assert [len(f.marks["w"]) for f in (minus, percent, degrees)] == [5, 3, 3]


def test_a_phrase_knows_its_numbers_and_stands_on_its_baseline() -> None:
    line = phrase("after {n} steps", numbers={"n": WEIGHT})
    assert [mark.number for mark in line.marks.values()] == [WEIGHT]
    assert len(line.marks["n"]) == 4
    assert line.baseline == pytest.approx(line.marks["n"].get_bottom()[1], abs=0.03)
    with pytest.raises(ProblemsFound, match="draws a number without a receipt"):
        phrase("after 2 steps", numbers={})


@pytest.mark.parametrize("name", THEME_NAMES)
def test_a_number_knows_the_colour_of_its_digits(name: ThemeName) -> None:
    with theme.in_use(name):
        marks = [formula("x = {w}", w=WEIGHT).marks["w"], *number_marks([WEIGHT], color=theme.FOCUS)]
        assert [mark.get_color().to_hex().lower() for mark in marks] == [theme.INK, theme.FOCUS]
        assert {digit.get_color().to_hex().lower() for digit in marks[1]} == {theme.FOCUS}
