"""What makes a picture legible: room for labels, views of a plane, the check of a layout."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnviz.stage import FRONT, TURNED, Number, Rect, around, formula, frame, rect_of, theme
from attnviz.stage.halo import WIDE
from attnviz.stage.layout import Placed, faults, placed
from attnviz.stage.names import lone_numbers
from attnviz.stage.outlines import area, common, hull
from attnviz.stage.placement import overlap
from attnviz.stage.planes.marker import WordMarker
from attnviz.stage.planes.names import name_offsets
from attnviz.stage.planes.open_plane import OpenPlane
from attnviz.stage.planes.plane import nice_step, project
from attnviz.stage.typesetting import prose
from attnviz.stage.words import fitted_title


@given(st.floats(1e-6, 1e6))
def test_a_grid_has_few_lines_at_round_numbers(span: float) -> None:
    step = nice_step(span)
    assert span / step <= 9 < span / step * 5
    assert f"{step:e}"[0] in "125"


def test_a_view_keeps_what_it_should() -> None:
    vector = np.array([1.0, 2.0, 3.0])
    assert np.allclose(project(vector, FRONT), [1, 2, 0])
    turned = project(vector, TURNED)
    assert np.linalg.norm(turned) <= np.linalg.norm(vector)
    assert project(np.array([0.0, 0.0, 1.0]), TURNED)[0] < 0


@pytest.mark.parametrize("view", [FRONT, TURNED])
def test_a_plane_fills_its_box_and_stays_in_it(view) -> None:
    points = np.array([[0.0, 3, 0], [4, 0, 0], [0, 0, 3]])
    plane = OpenPlane(points, ["technology", "fruitness", "other"], aside=True)
    plane.take(plane.state(view, True))
    left, bottom, right, top = rect_of(plane.grid)
    assert left >= plane.window.left - 0.01
    assert right <= plane.window.right + 0.01
    assert bottom >= plane.window.bottom - 0.01
    assert top <= plane.window.top + 0.01
    assert (right - left > plane.window.width - 0.1 and top - bottom > plane.window.height - 0.1) or view == TURNED


def named(*words: WordMarker, bounds: Rect = frame.CONTENT) -> list[Rect]:
    """Return where the names of words stand on a plane, below or beside their points."""
    offsets, _ = name_offsets({word: word.place for word in words}, avoid=[], bounds=bounds, standing={})
    return [around(word.place + offsets[word], (word.label.width, word.label.height)) for word in words]


@pytest.mark.parametrize(
    ("token", "written", "name"),
    [
        ("an#2", "an₂", "an₂"),
        ("apple", "apple", "apple"),
        ("unconstitutionally#2", "unconstitutionally₂", "unconstitution…₂"),
    ],
)
def test_a_word_that_comes_again_has_its_number_however_long_it_is(token: str, written: str, name: str) -> None:
    label = WordMarker(token, np.zeros(2), np.zeros(3), theme.INK, written=written).label
    assert label.source.replace(chr(34), "") == name
    assert not lone_numbers(name)


def test_a_title_keeps_lines_away_whatever_colour_it_takes() -> None:
    title = fitted_title("Where it goes")
    outlines = [glyph for glyph in title.family_members_with_points() if glyph.get_stroke_width() > 0]
    title.set_fill(theme.INK)
    assert len(outlines) == len("Whereitgoes")
    for glyph in outlines:
        assert glyph.get_stroke_color().to_hex().lower() == theme.GROUND
        assert (glyph.get_stroke_width(), glyph.get_fill_opacity()) == (WIDE, 0)
    assert {glyph.get_fill_color().to_hex().lower() for glyph in title.family_members_with_points()} >= {theme.INK}


def test_names_find_room() -> None:
    places = [np.array([x, y, 0.0]) for x in (0, 0.7, 1.4) for y in (0, 0.6)]
    words = [WordMarker(f"word{letter}", at, at, theme.INK) for letter, at in zip("abcdef", places, strict=True)]
    rects = named(*words)
    assert sum(overlap(a, b) for i, a in enumerate(rects) for b in rects[i + 1 :]) < 0.02


def test_a_name_stands_below_its_point_and_within_its_bounds() -> None:
    inside, edge = (WordMarker("a long name", at, at, theme.INK) for at in (np.zeros(3), np.array([6.8, 0.0, 0.0])))
    [below], [aside] = named(inside, bounds=(-7, -4, 7, 3)), named(edge, bounds=(-7, -4, 7, 3))
    assert below[3] < 0
    assert below[0] < 0 < below[2]
    assert aside[2] <= 7


def test_a_long_name_at_the_edge_stays_below_its_point_and_within_its_bounds() -> None:
    point = WordMarker("administration", np.zeros(2), np.array([6.0, 0.0, 0.0]), theme.INK)
    [(left, _, right, top)] = named(point, bounds=(-7, -4, 7, 3))
    assert point.label.width / 2 > 1.0  # centred below its point, it would reach out
    assert top < 0
    assert left < 6.0 < right <= 7 + 1e-9


@pytest.mark.parametrize(
    ("texts", "fault"),
    [
        ([Placed("apple", (0.95, 0.5, 1.01, 0.55), 46)], "'apple' reaches out of the frame"),
        ([Placed("apple", (0.5, 0.5, 0.52, 0.51), 9)], "'apple' is set too small: 9.0"),
        ([Placed("0.43", (0.5, 0.5, 0.52, 0.508), None)], "'0.43' is set too small: 9 pixels at 1080p"),
        ([Placed("apple", (0.5, 0.85, 0.6, 0.9), 46)], "'apple' stands where captions do: it ends at 972 px"),
        ([Placed("= {n}", (0.5, 0.5, 0.52, 0.52), 20, lettered=False)], "'= {n}' is set too small: 20.0"),
        ([Placed("a", (0.1, 0.1, 0.2, 0.2), 46), Placed("b", (0.15, 0.1, 0.25, 0.2), 46)], "'a' covers 'b' (50%)"),
    ],
)
def test_the_layout_check_sees_what_a_viewer_would_object_to(texts, fault) -> None:
    assert [f.split(": (")[0] for f in faults(texts)] == [fault]


@pytest.mark.parametrize(
    ("words", "covered"),
    [
        ([("unconstitutionally", 0, 0.66), ("creditworthiness", 0.9, 0.66)], False),
        ([("unconstitutionally", 0, 0.66), ("unveiled", 0.1, -0.66)], True),
        ([("unconstitutionally", 0, 0.66), ("bank", 0.05, 0.66)], True),
        ([("unconstitutionally", 0, 0.0), ("bank", 0.9, 0.66)], True),
    ],
)
def test_slanted_words_cover_each_other_only_where_their_letters_do(words, covered) -> None:
    texts = [prose(text).rotate(tilt).move_to([x, 0, 0]) for text, x, tilt in words]
    assert bool(faults(placed(texts))) == covered


def test_outlines_are_convex_and_what_they_share_is_measured() -> None:
    square = hull([(0, 0), (1, 0), (1, 1), (0, 1), (0.5, 0.5), (0.5, 0)])
    assert square == ((0, 0), (1, 0), (1, 1), (0, 1))
    diamond = hull([(0.5, 0), (1, 0.5), (0.5, 1), (0, 0.5)])
    assert (area(square), area(diamond)) == (1, 0.5)
    assert common(square, diamond) == common(diamond, square) == pytest.approx(0.5)
    assert common(square, tuple((x + 0.75, y) for x, y in square)) == pytest.approx(0.25)
    assert common(square, tuple((x + 2, y) for x, y in square)) == 0


def test_the_numbers_within_a_text_are_looked_at_too() -> None:
    two = Number(2, "2", formula="exponent")
    small, large = (placed([formula("x^{n}", size=size, n=two)]) for size in (theme.NOTE - 8, theme.WORD))
    assert faults(small) == ["'x^{n}' is set too small: 32.0", "a number in 'x^{n}' is too small: 19 pixels at 1080p"]
    assert faults(large) == []


def test_a_good_layout_has_no_faults() -> None:
    digits = Placed("= {n}", (0.4, 0.1, 0.5, 0.2), 30, lettered=False)
    assert faults([Placed("a", (0.1, 0.1, 0.2, 0.2), 46), Placed("b", (0.2, 0.1, 0.3, 0.2), 46), digits]) == []
