"""A board: labels at their own dots, ticks that give way, notes beside arrows, clouds and arrows of pulls."""

from __future__ import annotations

import numpy as np
import pytest
from manim import DL, UR, Animation, Line

from attnviz.stage import Board, Plane, frame, rect_of, theme
from attnviz.stage.arrows.word_arrows import ArrowBoard
from attnviz.stage.numbers import Number
from attnviz.stage.placement import distance, overlap
from attnviz.stage.receipts import is_visible
from attnviz.stage.typesetting import prose

CROWDED = {
    "microsoft": (0.35, -0.4), "unveiled": (-0.11, -0.42), "a": (-0.13, -1.07), "strawberry": (0.92, 0.12),
    "computer": (-0.41, 1.08), "and": (-0.51, -1.07), "an": (-0.55, -0.77), "apple": (0.76, -0.46),
}  # fmt: skip
BANK = {"bank": (2.0, 2.0), "creditworthiness": (0.5, 5.0), "debt": (-3.0, -2.0), "unconstitutionally": (1.5, 2.2)}


def board_of(words: dict[str, tuple[float, float]]) -> Board:
    board = Board(
        Plane(np.array([*words.values()]), ["fruit", "technology"], ticks=True, region=frame.PLANE_LEFT), right=0.75
    )
    board.make_points({word: np.array(at) for word, at in words.items()}, dict.fromkeys(words, theme.INK))
    finish(board.make_room([*board.points.values()]))
    return board


def finish(animations: list[Animation]) -> None:
    for animation in animations:
        animation.begin()
        animation.finish()


@pytest.mark.parametrize("words", [CROWDED, BANK])
def test_a_label_is_nearer_to_its_own_dot_than_to_any_other(words: dict[str, tuple[float, float]]) -> None:
    board = board_of(words)
    for word, point in board.points.items():
        away = {other: distance(rect_of(point.label), p.place) for other, p in board.points.items()}
        assert min(away, key=lambda other: away[other]) == word
        assert all(not overlap(rect_of(point.label), rect_of(p.dot)) for p in board.points.values())


def test_a_tag_goes_where_its_word_goes() -> None:
    board = board_of(CROWDED)
    note = prose("weight", size=theme.NOTE)
    board.points["apple"].tag(note)
    for at in ((0.76, -0.46), (-0.5, 0.9)):
        finish([board.move({"apple": np.array(at)})])
        name = board.points["apple"].name_text
        assert 0 < note.get_left()[0] - name.get_right()[0] < 0.2
        assert note.baseline == pytest.approx(name.baseline)
    assert board.points["apple"].untag() == [note]
    assert note not in board.points["apple"].get_family()


def test_an_arrows_name_and_coordinates_are_nearer_to_its_own_point() -> None:
    plane = Plane(np.array([*BANK.values()]), ["river-ness", "moneyness"], ticks=True, region=frame.PLANE_LEFT)
    board = ArrowBoard(plane, (-6.7, -3.8, 0.75, 3.0))
    coordinates = [Number(1.5, "1.5", "embeddings", {}), Number(2.2, "2.2", "embeddings", {})]
    arrows = [board.make(word, np.array(at), coordinates, theme.INK) for word, at in BANK.items()]
    board.settle(arrows)
    for arrow in arrows:
        for text in (arrow.name, arrow.coordinates):
            away = {other.token: distance(rect_of(text), other.place) for other in arrows}
            assert min(away, key=lambda other: away[other]) == arrow.token


def test_ticks_give_way_and_come_back() -> None:
    board = board_of({"phone": (-0.6, 1.02), "orange": (0.98, -0.12)})
    standing = [rect_of(m) for p in board.points.values() for m in (p.label, p.dot)]
    for tick in board.plane.ticks:
        covered = any(overlap(rect_of(tick, 0.05), rect) for rect in standing)
        assert not (covered and is_visible(tick))
    free = next(tick for tick in board.plane.ticks if is_visible(tick))
    board.lines.append(Line(free.get_corner(DL), free.get_corner(UR)))
    finish(board.clear_ticks())
    assert not is_visible(free)
    board.forget()
    finish(board.clear_ticks())
    assert is_visible(free)


def test_a_note_stands_beside_its_arrow_in_front_and_on_nothing() -> None:
    board = board_of({"bank": (1.5, 3.1), "unconstitutionally": (1.5, 2.2), "debt": (-3.0, -2.0), "river": (5.0, 0.0)})
    line = Line(board.plane.at((2.0, 2.0)), board.points["bank"].place)
    board.lines.append(line)
    note = board.beside(prose("percent", size=theme.NOTE), line)
    for point in board.points.values():
        assert not overlap(rect_of(note), rect_of(point.label))
        assert note.z_index > point.label.z_index


def test_a_cloud_stays_on_the_board() -> None:
    words = {"internationalization": (-1.2, -0.5), "telecommunications": (1.2, -0.4)}
    left, _, right, _ = rect_of(board_of(words).cloud([*words]))
    assert left >= -frame.WIDTH / 2
    assert right <= 0.9


@pytest.mark.parametrize("weight", [0.02, 0.28, 0.85])
def test_the_arrow_of_a_pull_has_a_tip_and_no_seam(weight: float) -> None:
    board = board_of({"strawberry": (-1.38, 0.53), "banana": (-1.9, -0.2), "phone": (1.22, -0.53)})
    for other in ("banana", "phone"):
        arrow = board.pull_arrow("strawberry", other, weight)
        shaft = arrow.get_stroke_width() / 100
        assert arrow.tip.copy().rotate(-arrow.tip.tip_angle).height > 1.3 * shaft
        assert arrow.get_stroke_opacity() == arrow.tip.get_fill_opacity() == 1
