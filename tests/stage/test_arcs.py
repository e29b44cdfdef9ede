"""Words in a line have room, stand in the order in which they are read, and arcs are as thick as their weights."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pytest

from attnviz.stage import Stage, frame
from attnviz.stage.arrows.arcs import THICK, THIN, Arcs, WordLine
from attnviz.stage.tables.tiles import Tiles
from attnviz.testing import open_stage, play, traces_of

ROOM = frame.CONTENT.left, frame.CONTENT.right
BOARD = {"kind": "blackboard", "axes": ["x", "y"], "similarity": "dot", "weights": "softmax"}


def stage_of_words(words: Mapping[str, Any], **of: Any) -> Stage:
    return open_stage("one_sentence", traces_of(BOARD | {"words": dict(words)}, {"s": {"words": [*words], **of}}))


@pytest.mark.parametrize("letters", [1, 8, 30])
@pytest.mark.parametrize("count", [1, 5, 14])
def test_words_keep_apart_and_in_their_room(count: int, letters: int) -> None:
    words = [chr(ord("a") + k) * letters for k in range(count)]
    line = WordLine(stage_of_words({word: [1, 0] for word in words}), words, ROOM, 0.0)
    edges = [(float(line.words[word].get_left()[0]), float(line.words[word].get_right()[0])) for word in words]
    assert edges[0][0] >= ROOM[0] - 1e-6
    assert edges[-1][1] <= ROOM[1] + 1e-6
    assert all(end < start for (_, end), (start, _) in pairwise(edges))
    assert all(line.words[word].type_size >= 39.5 for word in words)


def test_dots_stand_for_words_between() -> None:
    stage = stage_of_words({word: [1, 0] for word in "abcdef"})
    line = WordLine(stage, ["b", "c", "f"], ROOM, 0.0)
    xs = [float(dots.get_center()[0]) for dots in line.gaps]
    b, c, f = (line.columns[word].x for word in "bcf")
    assert [xs[0] < b, c < xs[1] < f, len(xs)] == [True, True, 2]


def test_words_from_the_right_are_read_from_the_right_but_over_a_table() -> None:
    words = ["תפוז", "לימון"]
    traces = traces_of(BOARD | {"words": {word: [1, 0] for word in words}}, {"s": " ".join(words)})
    stage = open_stage("one_sentence", traces)
    read, tabled = (WordLine(stage, words, ROOM, 0.0, over_table=over) for over in (False, True))
    assert read.columns[words[0]].x > read.columns[words[1]].x
    assert tabled.columns[words[0]].x < tabled.columns[words[1]].x


def test_arcs_are_as_thick_as_their_weights_and_no_weight_has_none() -> None:
    stage = stage_of_words({"a": [50, 0], "b": [0, 50], "c": [50, 0]})
    weights = dict(zip("abc", stage.numbers("weights", query="a", key=["a", "b", "c"]), strict=True))
    assert [weights[key].value for key in "abc"] == [0.5, 0.0, 0.5]
    arcs = Arcs(stage, "a", weights, ["a", "c"])
    assert {token: arc.stroke_width for token, arc in arcs.arcs.items()} == {"a": THICK / 2, "c": THICK / 2}
    assert THIN < THICK / 2
    assert [*arcs.shares] == ["a", "c"]
    assert max(float(arc.get_top()[1]) for arc in arcs.arcs.values()) <= frame.ARCS.top + 1e-6


def test_tiles_stand_in_columns_of_their_own_widths_and_leave_holes() -> None:
    stage = stage_of_words({"a": [1, 0], "b": [0, 1]})
    one, other = stage.numbers("weights", query="a", key=["a", "b"])
    tiles = Tiles([[one, None], [None, other]], 1.0, widths=[1.0, 3.0], row_pitch=0.5)
    assert [tiles.place(row, column) for row, column in ((0, 0), (1, 1))] == [(-1.5, 0.25), (0.5, -0.25)]
    lefts = sorted((float(tile.get_left()[0]), float(tile.width)) for tile in tiles)
    assert lefts == [pytest.approx((-1.985, 0.97)), pytest.approx((-0.985, 2.97))]


@pytest.mark.parametrize("of", [0, 5])
def test_the_word_and_what_gets_most_of_it_are_never_cut_short(of: int) -> None:
    words = [chr(ord("a") + k) * 11 for k in range(12)]
    stage = stage_of_words({word: [1 + (k in (of, 9)), 0] for k, word in enumerate(words)}, text=" ".join(words))
    line = WordLine(stage, words, ROOM, 0.0)
    assert line.cut == {*words}
    shot = play(stage, "look", word=words[of])
    assert shot.faults == []
    shown = [text.text.replace('"', "") for text in shot.layout]
    assert words[of] in shown
    assert words[9] in shown


def test_the_loop_of_a_word_to_itself_is_larger_the_thicker_it_is() -> None:
    def loop_of(norm: float) -> Any:
        stage = stage_of_words({"a": [norm, 0], "b": [0, 1]})
        weights = dict(zip("ab", stage.numbers("weights", query="a", key=["a", "b"]), strict=True))
        return Arcs(stage, "a", weights, []).arcs["a"]

    thin, thick = loop_of(0.0), loop_of(9.0)
    assert thick.stroke_width > 1.5 * thin.stroke_width
    assert thick.width > 1.2 * thin.width
