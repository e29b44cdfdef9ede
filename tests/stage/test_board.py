"""A board: names at their own points, a plane that makes room, numbers that ride strings, clouds around true members."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from manim import Animation

from attnviz.stage import FRONT, TURNED, Board, Cloud, Way, frame, rect_of, theme
from attnviz.stage.arrows.word_arrows import board_in
from attnviz.stage.layout import strays
from attnviz.stage.numbers import Number
from attnviz.stage.placement import distance, overlap
from attnviz.stage.planes.laid import OldPlace
from attnviz.stage.planes.marker import ICON
from attnviz.stage.planes.open_plane import OpenPlane
from attnviz.stage.planes.strings import MoveArrow, PullLoop, string_width
from attnviz.stage.typesetting import formula

CROWDED = {
    "microsoft": (0.35, -0.4), "unveiled": (-0.11, -0.42), "a": (-0.13, -1.07), "strawberry": (0.92, 0.12),
    "computer": (-0.41, 1.08), "and": (-0.51, -1.07), "an": (-0.65, -0.57), "apple": (0.76, -0.76),
}  # fmt: skip
BANK = {"bank": (2.0, 2.0), "creditworthiness": (0.5, 5.0), "debt": (-3.0, -2.0), "unconstitutionally": (1.5, -0.4)}
PIXEL = frame.px(1)


WIDE = BANK | {"unconstitutionally": (1.5, 2.2)}


def board_of(words: dict[str, tuple[float, ...]], *, ticks: bool = True, aside: bool = False) -> Board:
    axes = ["technology", "fruitness", "other"][: len(next(iter(words.values())))]
    board = Board(OpenPlane(np.array([*words.values()]), axes, ticks=ticks, aside=aside))
    board.make_points({word: np.array(at) for word, at in words.items()}, lambda _: theme.INK)
    return board


def finish(animation: Animation) -> None:
    animation.begin()
    animation.interpolate(1.0)
    animation.finish()


def drawn_of(board: Board) -> list:
    return [board.plane, *board.points.values(), *board.laid]


def test_a_line_leads_to_the_names_of_words_that_have_come_to_one_place() -> None:
    board = board_of({"apple": (1.0, 1.0), "orange": (-2.0, 1.0)})
    assert not board.needs_leaders()
    board.make_points({"pear": np.array([1.0, 1.0])}, lambda _: theme.INK)
    assert board.needs_leaders()
    finish(board.settle())
    assert not board.needs_leaders()
    assert [{word.token for word in leader.words} for leader in board.leaders] == [{"apple", "pear"}]
    assert strays(drawn_of(board)) == []


@pytest.mark.parametrize("words", [CROWDED, BANK])
@pytest.mark.parametrize("aside", [False, True])
def test_a_name_is_nearer_to_its_own_point_than_to_any_other(
    words: dict[str, tuple[float, float]], aside: bool
) -> None:
    board = board_of(words, aside=aside)
    for word, point in board.points.items():
        away = {other: distance(rect_of(point.label), p.place) for other, p in board.points.items()}
        assert min(away, key=lambda other: away[other]) == word
    assert strays(drawn_of(board)) == []


def test_where_there_is_room_names_stand_below() -> None:
    board = board_of({"apple": (2.0, 2.0), "orange": (0.0, 3.0)})
    for word in board.points.values():
        assert word.label.get_top()[1] < word.place[1] - ICON / 2
        assert word.label.get_center()[0] == pytest.approx(word.place[0])


def test_the_grid_runs_to_the_edges_and_points_stand_inside() -> None:
    board = board_of(BANK)
    box = rect_of(board.plane.grid)
    assert box == pytest.approx(frame.FULL, abs=1e-6)
    for word in board.points.values():
        x, y, _ = word.place
        left, bottom, right, top = frame.CONTENT
        assert left + ICON / 2 < x < right - ICON / 2
        assert bottom + ICON / 2 < y < top - ICON / 2


def test_all_that_is_on_a_plane_goes_aside_with_it_and_comes_back() -> None:
    board = board_of({"apple": (2.0, 2.0), "orange": (0.0, 3.0), "phone": (4.0, 0.0)})
    way = Way([np.array([2.0, 2.0])], np.array([0.0, 3.0]), theme.AXIS)
    board.lay(way)
    before = {word: point.place for word, point in board.points.items()}
    finish(board.slide(aside=True))
    assert rect_of(board.plane.grid)[2] == pytest.approx(frame.PLANE_EDGE)
    for word in board.points.values():
        assert np.allclose(word.place, board.plane.at(word.vector))
    assert np.allclose(way.get_start(), board.points["apple"].place)
    assert strays(drawn_of(board)) == []
    finish(board.slide(aside=False))
    for word, place in before.items():
        assert np.allclose(board.points[word].place, place)


def test_a_name_keeps_its_side_when_its_word_moves_where_there_is_room() -> None:
    board = board_of({"apple": (2.0, 2.0), "orange": (0.0, 3.0), "phone": (4.0, 0.0)})
    before = board.points["apple"].offset
    finish(board.move({"apple": np.array([1.0, 1.5])}))
    assert np.allclose(board.points["apple"].offset, before)


@pytest.mark.parametrize("aside", [False, True])
def test_ticks_stand_at_their_lines_and_never_go(aside: bool) -> None:
    board = board_of({"phone": (-0.6, 1.02), "orange": (0.98, -0.12)}, aside=aside)
    plane = board.plane
    assert len(plane.ticks) > 3
    for tick in plane.ticks:
        assert all(not overlap(rect_of(tick), rect_of(word.picture)) for word in board.points.values())
    finish(board.move({"phone": np.array([0.5, 0.5])}))
    assert all(tick.get_fill_opacity() == 1 for mark in plane.ticks for tick in mark.family_members_with_points())
    assert strays([plane]) == []


@pytest.mark.parametrize("view", [FRONT, TURNED])
@pytest.mark.parametrize("aside", [False, True])
def test_the_points_stand_in_their_room_in_every_view(view: tuple[float, float], aside: bool) -> None:
    plane = OpenPlane(
        np.array([[0.0, 3, 0], [4, 0, 0], [0, 0, 3]]), ["technology", "fruitness", "other"], ticks=True, aside=aside
    )
    plane.take(plane.state(view, aside))
    left, bottom, right, top = plane.region
    for point in ((0, 3, 0), (4, 0, 0), (0, 0, 3)):
        x, y, _ = plane.at(point)
        assert left < x < right
        assert bottom < y < top


def test_a_number_keeps_clear_of_a_ring_when_the_plane_is_drawn_smaller() -> None:
    board = board_of({"apple": (2.0, 2.0), "orange": (0.0, 3.0), "phone": (4.0, 0.0)})
    apple = board.points["apple"]
    arrow = MoveArrow(apple.vector, apple, theme.INK)
    board.lay(OldPlace(apple.vector, theme.INK), arrow)
    finish(apple.in_ring(theme.INK))
    finish(board.move({"apple": np.array([1.14, 2.43])}))
    note = board.ride(formula("{p}", size=theme.BODY, p=Number(0.43, "0.43", "weights", {})), arrow)
    board.lay(note)
    finish(board.slide(aside=True))
    assert not overlap(rect_of(note), rect_of(apple.ring))
    assert strays(drawn_of(board)) == []


def test_words_that_meet_have_one_tag_with_a_leader_line() -> None:
    board = board_of({"apple": (2.0, 2.0), "orange": (0.0, 3.0), "phone": (4.0, 0.0)})
    finish(board.move({"apple": np.array([1.0, 2.5]), "orange": np.array([1.0, 2.5])}))
    [leader] = board.leaders
    assert len(leader.words) == 2
    assert distance(rect_of(leader), board.points["apple"].place) < PIXEL
    one, other = (board.points[word].label for word in ("apple", "orange"))
    assert one.get_left()[0] == pytest.approx(other.get_left()[0])
    assert not overlap(rect_of(one), rect_of(other))
    assert strays(drawn_of(board)) == []


def test_a_number_stands_beside_the_string_that_it_rides_and_on_nothing() -> None:
    board = board_of({"bank": (1.5, 3.1), "unconstitutionally": (1.5, 1.7), "debt": (-3.0, -2.0), "river": (5.0, 0.0)})
    strings = board.pulls("bank", {"debt": 0.3, "river": 0.1, "bank": 0.4})
    board.lay(*strings)
    for string in strings:
        note = board.ride(formula("{p}", size=theme.NOTE, p=Number(0.3, "0.3", "weights", {})), string)
        board.lay(note)
        for point in board.points.values():
            assert not overlap(rect_of(note), rect_of(point.picture))
            assert note.z_index > point.picture.z_index
    assert strays(drawn_of(board)) == []
    for one, other in combinations([note for note in board.laid if hasattr(note, "carrier")], 2):
        assert not overlap(rect_of(one), rect_of(other))


def test_what_a_word_takes_from_itself_is_a_loop_at_the_word() -> None:
    board = board_of({"bank": (1.5, 3.1), "debt": (-3.0, -2.0)})
    [loop] = [pull for pull in board.pulls("bank", {"debt": 0.3, "bank": 0.4}) if isinstance(pull, PullLoop)]
    board.lay(loop)
    assert distance(rect_of(loop), board.points["bank"].place) < ICON
    assert loop.get_stroke_width() == pytest.approx(100 * string_width(0.4))
    assert string_width(0.4) == pytest.approx((2 + 46 * 0.4) * PIXEL)


def test_a_cloud_surrounds_its_members_and_no_others() -> None:
    words = {"one": (0.0, 0.0), "two": (2.0, 0.0), "three": (1.0, 2.0), "stranger": (1.0, 0.8), "far": (4.0, 4.0)}
    board = board_of(words)
    members = [board.points[word] for word in ("one", "two", "three")]
    others = [board.points[word] for word in ("stranger", "far")]
    cloud = Cloud(members, others, theme.INK)
    board.lay(cloud)
    assert cloud.is_band  # their hull would surround the stranger
    assert not Cloud(members, [board.points["far"]], theme.INK).is_band
    hull = Cloud(members, [], theme.INK)
    board.lay(hull)
    x0, y0, x1, y1 = rect_of(hull)
    for word in members:
        assert x0 < word.place[0] - ICON / 2 < word.place[0] + ICON / 2 < x1
        assert y0 < word.place[1] - ICON / 2 < word.place[1] + ICON / 2 < y1


def test_on_a_full_board_the_names_of_words_out_of_focus_go() -> None:
    board = board_of(CROWDED)
    for animation in board.focus(["apple", "microsoft"]):
        finish(animation)
    assert {word.token for word in board.points.values() if word.is_named} == {"apple", "microsoft"}
    for animation in board.focus(None):
        finish(animation)
    assert all(word.is_named for word in board.points.values())


def test_an_arrows_name_and_coordinates_are_nearer_to_its_own_point() -> None:
    board = board_in(np.array([*WIDE.values()]), ["river-ness", "moneyness"])
    coordinates = [Number(1.5, "1.5", "embeddings", {}), Number(2.2, "2.2", "embeddings", {})]
    arrows = [board.make(word, np.array(at), coordinates, theme.INK) for word, at in WIDE.items()]
    board.settle(arrows)
    for arrow in arrows:
        away = {other.token: distance(rect_of(arrow.label), other.place) for other in arrows}
        assert min(away, key=lambda other: away[other]) == arrow.token
    assert not strays([*arrows, board.field])


def test_the_name_of_an_axis_does_not_slide_across_words() -> None:
    board = board_of({"apple": (2.0, 2.0), "orange": (0.0, 3.0), "phone": (4.0, 0.0)})
    board.plane.subject = [np.array([2.0, 2.0, 0.0]), np.array([0.0, 3.0, 0.0])]
    name, phone = board.plane.labels[0], board.points["phone"]
    change = board.slide(aside=True)
    change.begin()
    for alpha in np.linspace(0, 1, 41):
        change.interpolate(alpha)
        glyphs = name.family_members_with_points()
        if overlap(rect_of(name), rect_of(phone.picture)):
            assert max(float(glyph.get_fill_opacity()) for glyph in glyphs) < 0.5
    assert min(float(glyph.get_fill_opacity()) for glyph in name.family_members_with_points()) == 1
