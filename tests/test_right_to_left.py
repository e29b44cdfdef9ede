"""Right-to-left text: words, lines and lists run as they are read, formulas and tables as mathematics does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from manim import Circle, Mobject, VGroup
from numpy.typing import NDArray

from attnviz.input.writing import is_right_to_left
from attnviz.publish.sheet_labels import pictures_of
from attnviz.stage.glyphs import GlyphShape
from attnviz.stage.numbers import Number
from attnviz.stage.tables.table import Table
from attnviz.stage.typesetting import formula, prose
from attnviz.stage.words import ChipRows, sentence_chips
from attnviz.testing import open_stage, play, undrawn

ARABIC = "اشتريت تفاحة apple, من السوق"
APPLE, ORANGE = "تفاحة", "برتقالة"


@pytest.fixture(autouse=True, scope="module")
def _manim_set_up() -> Iterator[None]:
    with undrawn():
        yield


@pytest.mark.parametrize(
    ("text", "right_to_left"),
    [
        ("", False),
        ("12 – 3", False),
        ("(3) שלום apple", True),
        ("apple שלום", False),
        ("٣ سلام", True),
        ("܀ܫܠܡܐ", True),
        ("\u2067שלום\u2069 apple", False),
        ("\u2068apple\u2069 שלום", True),
        ("\u2069שלום", True),
    ],
)
def test_the_first_strong_character_decides(text: str, right_to_left: bool) -> None:
    assert is_right_to_left(text) is right_to_left


def from_the_left(drawn: Mobject) -> list[Any]:
    return sorted(drawn, key=lambda each: float(each.get_x()))


def words_from_the_left(chips: ChipRows) -> list[list[str]]:
    return [[chip.word for chip in from_the_left(row)] for row in chips]


def test_chips_run_as_the_sentence_is_read() -> None:
    assert words_from_the_left(sentence_chips(ARABIC, {}, width=20)) == [ARABIC.split()[::-1]]
    assert words_from_the_left(sentence_chips("an apple שלום", {}, width=20)) == [["an", "apple", "שלום"]]


def test_rows_of_chips_begin_at_one_edge() -> None:
    chips = sentence_chips(ARABIC, {}, width=4)
    assert [word for row in words_from_the_left(chips) for word in row[::-1]] == ARABIC.split()
    assert len(chips) == len({round(float(row.get_y()), 6) for row in chips}) > 1
    assert len({round(float(row.get_right()[0]), 6) for row in chips}) == 1


@pytest.mark.parametrize(
    ("text", "part_of", "place"), [("apple,", "apple, שלום", -1), ("apple,", ARABIC, 0), ("שלום,", None, 0)]
)
def test_a_sign_stands_where_the_sentence_goes_on(text: str, part_of: str | None, place: int) -> None:
    glyphs = from_the_left(VGroup(*prose(text, own=True, part_of=part_of).family_members_with_points()))
    [comma] = prose(",", own=True).family_members_with_points()
    assert GlyphShape(comma.points).is_shape_of(glyphs[place].points)


def test_mathematics_runs_from_the_left() -> None:
    line = formula("{a} dot {b}", words={"a": APPLE, "b": ORANGE}, colors={"a": "#ff0000", "b": "#0000ff"})
    red, blue = (
        [glyph.get_x() for glyph in line.family_members_with_points() if glyph.get_fill_color().to_hex() == color]
        for color in ("#FF0000", "#0000FF")
    )
    assert max(red) < min(blue)


def test_a_word_is_bold_in_any_script_and_what_stands_at_it_stays_near() -> None:
    for word in (APPLE, "ζωή"):
        bold, tinted = (
            formula(template, words={"w": word}, colors=colors)
            for template, colors in [("bold({w})'", {}), ("{w}'", {"w": "#ffffff"})]
        )
        assert bold.width == pytest.approx(tinted.width, rel=0.02)
        assert bold.height == pytest.approx(tinted.height, rel=0.02)


@pytest.mark.parametrize(("first", "side"), [("اشتريت تفاحة", 1), ("an apple", -1)])
def test_a_list_begins_where_its_first_text_does(first: str, side: int) -> None:
    card = open_stage("title_card")
    shot = play(card, "show_points", points=[first, "apple"])
    marks = [float(each.get_x()) for each in card.get_mobject_family_members() if isinstance(each, Circle)]
    ends = [end for each in shot.layout if each.text in (first, "apple") for end in (each.box[0], each.box[2])]
    assert len(ends) == 2 * len(marks) == 4
    assert min(side * mark for mark in marks) > max(side * end for end in ends)


def test_a_journey_leads_to_where_the_reader_goes() -> None:
    card, steps = open_stage("title_card"), ["תפוח", "תפוז", "טלפון"]
    places = {each.text: each.box[0] for each in play(card, "show_journey", steps=steps, here="תפוז").layout}
    assert sorted(steps, key=places.__getitem__) == steps[::-1]


def test_columns_of_tables_stand_as_in_a_matrix() -> None:
    row = [Number(1.0, "1.00", "weights", {"key": word}) for word in (APPLE, ORANGE)]
    table = Table([row, row], [APPLE, ORANGE], [APPLE, ORANGE], {})
    assert [head.source for head in from_the_left(table.column_heads)] == [APPLE, ORANGE]
    assert float(table.row_heads.get_right()[0]) < float(table.cells.get_left()[0])


def inked(name: str) -> NDArray[np.bool_]:
    [picture] = pictures_of([name], (640, 50), []).values()
    return np.asarray(picture.convert("L")) > 100


@pytest.mark.parametrize(
    ("name", "at_the_left"), [("שלום/pull", 1), ("pull/שלום", 0), ("שלום, apple", 0), ("apple שלום", 0)]
)
def test_names_on_a_sheet_lead_from_the_left_and_their_parts_as_they_are_read(name: str, at_the_left: int) -> None:
    word, found = inked("שלום"), inked(name)
    width = word.shape[1]
    here, there = (np.mean(part != word) for part in (found[:, -width:], found[:, :width])[:: -1 if at_the_left else 1])
    assert here < there / 2  # not equal: letters stand between pixels


def test_a_long_name_on_a_sheet_keeps_its_end() -> None:
    pictures = pictures_of(["שלום " * 40 + "/pull", "apple " * 40 + "/pull", "/pull"], (640, 50), [])
    assert [picture.width <= 640 for picture in pictures.values()] == [True] * 3
    assert next(iter(pictures.values())).width > 600
