"""The embedding plane: what a viewer reads from it, and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from manim import UR

from attnviz.input.problems import ProblemsFound
from attnviz.render.opening import open_storyboard
from attnviz.stage import Riding, WordMarker, frame, theme
from attnviz.stage.layout import strays
from attnviz.stage.placement import overlap, rect_of, rects_along
from attnviz.stage.planes.strings import PullString
from attnviz.testing import RehearsedShot, open_stage, rehearse, traces_of, undrawn
from attnviz.testing import play as play_verb

pytestmark = pytest.mark.slow

HEAD = """
title: T
model: fruit_and_tech
carry: {carry}
decimals: {decimals}
chapters:
  - title: C
    scenes:
      - scene: embedding_plane
        focus: apple
        sentences:
          fruit: {{text: an apple and an orange, words: [orange, apple]}}
          tech: {{text: an apple phone, words: [phone, apple]}}
          all: {{text: an apple and an orange, words: [orange, apple, and, an]}}
        shots:
"""


def play(folder: Path, *shots: str, carry: str = "displayed", decimals: int = 2) -> list[RehearsedShot]:
    path = folder / "s.yaml"
    path.write_text(HEAD.format(carry=carry, decimals=decimals) + "".join(f"          - {shot}\n" for shot in shots))
    return rehearse(open_storyboard(path))


def texts(shot: RehearsedShot) -> list[str]:
    return [receipt.text for receipt in shot.receipts]


def sign_before(shot: RehearsedShot, term: str) -> str:
    """Return the sign that stands before a term: on its line, to its left."""
    [place] = [placed for placed in shot.layout if placed.text == term]
    middle = (place.box[1] + place.box[3]) / 2
    signs = [p for p in shot.layout if p.text in ("=", "approx", "+") and p.box[1] - 0.02 < middle < p.box[3] + 0.02]
    return max((sign for sign in signs if sign.box[2] <= place.box[0]), key=lambda sign: sign.box[2]).text


PULLS = (
    "show_plane:",
    "show_words: [orange, phone, apple]",
    "pull: {word: apple, toward: orange, sentence: fruit}",
    "pull: {word: apple, toward: phone, sentence: tech}",
)


def test_apple_is_moved_as_the_displayed_digits_say(tmp_path: Path) -> None:
    *_, first, second = play(tmp_path, *PULLS)
    assert {"0.43", "0.57", "1.14", "2.43", "43 %"} <= set(texts(first))
    assert {"2.86", "1.14", "43 %"} <= set(texts(second))
    assert sign_before(first, "({r0}, {r1})") == "="


def test_exact_weights_give_exact_places_and_say_approximately(tmp_path: Path) -> None:
    *_, first, second = play(tmp_path, *PULLS, carry="exact", decimals=3)
    assert {"0.427", "0.573", "1.145", "2.427"} <= set(texts(first))
    assert {"2.855", "1.145"} <= set(texts(second))
    assert sign_before(first, "({r0}, {r1})") == "approx"


def test_the_small_words_keep_a_share(tmp_path: Path) -> None:
    *_, bar = play(tmp_path, "show_plane: left", "show_words: [orange]", "show_weights: {word: orange, sentence: all}")
    assert texts(bar) == ["0.40", "0.30", "0.15", "0.15"]


AMONG_MANY = ("show_plane:", "show_words: [orange, apple]", "pull: {word: apple, toward: orange, sentence: all}")


def test_a_pull_among_many_words_has_a_term_for_the_others(tmp_path: Path) -> None:
    """Apple takes 0.30 from orange, 0.40 from itself, and the rest from two words that nobody has named."""
    *_, pull = play(tmp_path, *AMONG_MANY)
    shown = {receipt.text: receipt for receipt in pull.receipts}
    assert shown["30 %"].coords == {"query": "apple", "key": "orange"}
    assert shown["0.40"].coords == {"query": "apple", "key": "apple"}
    rest = [receipt for receipt in pull.receipts if (receipt.formula or "").startswith("1 - weights")]
    assert [receipt.value for receipt in rest] == pytest.approx([0.3] * len(rest))
    assert rest
    assert {receipt.array for receipt in pull.receipts} == {"weights", "embeddings", "output", None}
    written = [placed.text for placed in pull.layout]
    assert written.count("{w} dot {o}") == 3


def test_the_terms_of_a_pull_among_many_add_up_to_where_the_word_goes(tmp_path: Path) -> None:
    *_, pull = play(tmp_path, *AMONG_MANY)
    at_rest = [receipt for receipt in pull.receipts if receipt.end == max(each.end for each in pull.receipts)]
    result = [receipt.value for receipt in at_rest if receipt.array == "output"]
    weights = [receipt.value for receipt in at_rest if receipt.array == "weights" and "%" not in receipt.text][:2]
    places = [receipt.value for receipt in at_rest if receipt.array == "embeddings"]
    others = [r.value for r in at_rest if r.array is None and not (r.formula or "").startswith("1 - ")]
    axes = len(result)
    for k in range(axes):
        total = weights[0] * places[k] + weights[1] * places[axes + k] + (1 - sum(weights)) * others[k]
        assert total == pytest.approx(result[k])


def test_between_two_words_there_are_no_others(tmp_path: Path) -> None:
    *_, alone = play(tmp_path, *AMONG_MANY[:2], AMONG_MANY[2].replace("all", "fruit"))
    assert [placed.text for placed in alone.layout].count("{w} dot {o}") == 2


def test_equals_stands_before_coordinates_only_where_they_are_exact(tmp_path: Path) -> None:
    signs = {}
    for word in ("2.75", "2.7512"):
        (tmp_path / "models").mkdir(exist_ok=True)
        (tmp_path / "models" / "round.yaml").write_text(
            f"kind: blackboard\naxes: [x, y]\nwords: {{one: [1, {word}], two: [3, 2]}}\n"
        )
        path = tmp_path / "s.yaml"
        path.write_text(
            "title: T\nmodel: round\nchapters:\n  - title: C\n    scenes:\n      - scene: embedding_plane\n"
            "        words: [one, two]\n        shots:\n          - show_plane: left\n"
            "          - show_words: [one, two]\n          - pull: {word: one, toward: two}\n"
        )
        *_, pull = rehearse(open_storyboard(path))
        first = min((p for p in pull.layout if "{c0}" in p.text), key=lambda placed: placed.box[1])
        alone = [p for p in pull.layout if p.text != first.text or p is first]
        signs[word] = sign_before(replace(pull, layout=tuple(alone)), first.text)
    assert signs == {"2.75": "=", "2.7512": "approx"}


def test_weights_ride_the_strings_of_the_words_that_pull(tmp_path: Path) -> None:
    with undrawn():
        stage = open_stage(
            "embedding_plane",
            traces_of(
                "fruit_and_tech", {"all": {"text": "an apple and an orange", "words": ["orange", "apple", "and", "an"]}}
            ),
            focus="apple",
        )
        play_verb(stage, "show_words", words=["orange", "apple", "and"])
        shot = play_verb(stage, "show_pulls", word="apple")
        riding = [thing for thing in stage.board.laid if isinstance(thing, Riding)]
        assert sorted(shot.texts("weights")) == ["15 %", "30 %", "40 %"]
        of_others = [thing.carrier for thing in riding if isinstance(thing.carrier, PullString)]
        assert {string.puller.token for string in of_others} == {"orange", "and"}
        for string in of_others:  # it points at the word that is pulled
            start, end = string.ends
            to_word = np.linalg.norm(end - string.pulled.place)
            assert to_word < np.linalg.norm(start - string.pulled.place)
        assert shot.faults == []
        assert strays(stage.get_mobject_family_members()) == []


def test_a_name_makes_way_for_the_strings_that_pull_at_its_word() -> None:
    words = ["strawberry", "orange", "banana", "cherry", "apple"]
    with undrawn():
        stage = open_stage("embedding_plane", traces_of("words_in_a_plane", {"all": {"words": words}}))
        play_verb(stage, "show_words", words=words)
        below = stage.board.points["strawberry"].label.copy()
        play_verb(stage, "show_pulls", word="strawberry")
        [string] = [
            thing for thing in stage.board.laid if isinstance(thing, PullString) and thing.puller.token == "banana"
        ]
        drawn = rects_along(*string.ends, string.breadth)
        assert any(overlap(rect, rect_of(below)) for rect in drawn)
        name = rect_of(stage.board.points["strawberry"].label)
        assert not any(overlap(rect, name) for rect in drawn)


def test_the_width_and_the_light_of_a_pull_grow_with_its_weight(tmp_path: Path) -> None:
    one, other = (
        WordMarker("one", np.zeros(2), np.zeros(3), theme.INK),
        WordMarker("two", np.zeros(2), 3 * UR, theme.INK),
    )
    weak, strong = (PullString(one, other, weight) for weight in (0.02, 0.5))
    assert strong.breadth == pytest.approx(frame.px(25))
    assert theme.luminance(strong.get_fill_color()) > theme.luminance(weak.get_fill_color())


@pytest.mark.parametrize(
    "after",
    [
        "pull: {word: apple, toward: orange, sentence: fruit}",
        "step: fruit",
        "show_pulls: {word: orange, sentence: fruit}",
    ],
)
def test_weights_go_when_what_they_say_is_no_longer_so(tmp_path: Path, after: str) -> None:
    shots = ("show_words: [orange, apple]", "show_pulls: {word: apple, sentence: all}")
    *_, last = play(tmp_path, *shots, after)
    assert [placed.text for placed in last.layout].count("{w}") == (2 if "show_pulls" in after else 0)


def test_steps_begin_without_the_sum_of_a_pull(tmp_path: Path) -> None:
    from attnviz.stage.layout import faults

    shots = ("show_plane: {side: left, ticks: true}", "show_words: [orange, apple]", "show_sentence: fruit")
    pull = "pull: {word: apple, toward: orange, sentence: fruit}"
    *_, gathered = play(tmp_path, *shots, pull, "gather: {steps: 5, sentence: fruit}")
    assert not [placed.text for placed in gathered.layout if "dot" in placed.text or placed.text == "{p}"]
    assert faults(gathered.layout) == []
    *_, again = play(tmp_path, *shots, "step: fruit", pull)
    assert faults(again.layout) == []


def test_words_gather_and_are_let_go(tmp_path: Path) -> None:
    *_, gathered, freed = play(
        tmp_path, "show_words: [orange, apple]", "gather: {steps: 3, sentence: fruit}", "let_go:"
    )
    assert texts(gathered)[-1] == "2"  # a third step moves nothing that can be seen
    assert "… and there they stay" in [placed.text for placed in gathered.layout]
    assert sorted(placed.text for placed in freed.layout) == ["C", "apple", "fruitness", "orange", "technology"]


def test_the_third_axis_shows_the_small_words(tmp_path: Path) -> None:
    *_, turned, back = play(tmp_path, "show_words: [orange]", "turn: [and, an]", "turn_back:")
    assert {"other", "and", "an"} <= {placed.text for placed in turned.layout}
    assert "other" not in {placed.text for placed in back.layout}


@pytest.mark.parametrize(
    ("shots", "message"),
    [
        (("pull: {word: apple, toward: orange}",), "'orange' is not on the plane yet; show it first with show_words"),
        (("show_plane:", "show_plane:"), "the plane is already there; leave this shot out, or start a new scene"),
        (("show_words: [apple]", "show_words: [apple]"), "these words are already on the plane; show other words"),
        (("show_words: []",), "there are no words to show; name one or more"),
        (("show_words: [apple]", "mark_group: []"), "there are no words to surround; name one or more"),
        (("gather: 2",), "none of the sentence's words is on the plane; show them first with show_words"),
        (("show_words: [apple]", "gather: 2", "gather: 2"), "2 steps are already done; ask for more, or let_go first"),
        (("turn: [and]", "turn: [an]"), "the plane is turned already; leave this shot out, or write turn_back"),
        (("show_plane:", "turn_back:"), "the plane is not turned; leave this shot out, or write turn before it"),
    ],
)
def test_what_cannot_be_shown_is_refused_at_its_line(tmp_path: Path, shots: tuple[str, ...], message: str) -> None:
    with pytest.raises(ProblemsFound) as error:
        play(tmp_path, *shots)
    (problem,) = error.value.problems
    assert problem.file == tmp_path / "s.yaml"
    assert problem.line == HEAD.count("\n") + len(shots)
    assert message in str(problem)


def test_strange_words_are_data(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "odd.yaml").write_text(
        "kind: blackboard\naxes: [x, 'y \"$1$\"']\nwords: {'#panic(\"x\")': [1, 2], '$x^2$': [0.5, -1], 'שלום': [2, -1], "
        "'ζωή': [1, 0], \"it's\": [-1, 1]}\n"
    )
    sentence = "'#panic(\"x\") $x^2$ שלום ζωή it''s'"
    path = tmp_path / "s.yaml"
    path.write_text(
        "title: '#eval'\nmodel: odd\nchapters:\n  - title: '*C* <b> \"q\"'\n    scenes:\n      - scene: embedding_plane\n"
        f"        sentence: {sentence}\n        shots:\n"
        "          - show_words: ['#panic(\"x\")', '$x^2$', 'שלום', 'ζωή', \"it's\"]\n          - show_sentence:\n"
        "          - pull: {word: '$x^2$', toward: 'שלום'}\n"
    )
    *_, chips, pull = rehearse(open_storyboard(path))
    written = [placed.text for placed in chips.layout]
    assert [word for word in ('#panic("x")', "$x^2$", "שלום", "ζωή", "it's") if written.count(word) != 2] == []
    assert pull.receipts


@pytest.mark.parametrize("words", [1, 60])
def test_sentences_of_any_length_fit(tmp_path: Path, words: int) -> None:
    sentence = " ".join(["an apple and an orange"] * 12) if words == 60 else "apple"
    path = tmp_path / "s.yaml"
    path.write_text(
        "title: T\nmodel: fruit_and_tech\nchapters:\n  - title: C\n    scenes:\n      - scene: embedding_plane\n"
        f"        sentence: {sentence}\n        shots:\n          - show_plane: left\n          - show_words: [apple]\n"
        "          - show_sentence:\n          - gather: 2\n"
    )
    from attnviz.stage.layout import faults

    for shot in rehearse(open_storyboard(path)):
        assert faults(shot.layout) == []


def test_a_word_comes_as_its_numbers(tmp_path: Path) -> None:
    _, words = play(tmp_path, "show_plane:", "show_words: [orange, phone]")
    assert texts(words) == ["0", "3", "4", "0"]
    assert all(receipt.array == "embeddings" for receipt in words.receipts)
    assert "orange" in [placed.text for placed in words.layout]
    assert not [placed.text for placed in words.layout if "{c0}" in placed.text]  # they have become points


def test_the_plane_makes_room_and_comes_back(tmp_path: Path) -> None:
    with undrawn():
        traces = traces_of(
            "fruit_and_tech", {"fruit": {"text": "an apple and an orange", "words": ["orange", "apple"]}}
        )
        stage = open_stage("embedding_plane", traces, focus="apple")
        play_verb(stage, "show_plane", ticks=True)
        play_verb(stage, "show_words", words=["orange", "apple"])
        plane = stage.board.plane
        assert plane.window == frame.FULL
        ticks = [mark.number.text for mark in plane.ticks]
        for verb in ("show_sentence", "show_weights", "pull"):
            asked = {"show_weights": {"word": "apple"}, "pull": {"word": "apple", "toward": "orange"}}
            shot = play_verb(stage, verb, **asked.get(verb, {}))
            assert plane.window.right == frame.PLANE_EDGE
            assert all(word.place[0] < frame.PLANE_EDGE for word in stage.board.points.values())
            assert shot.faults == []
            assert strays(stage.get_mobject_family_members()) == []
        play_verb(stage, "let_go")
        assert plane.window == frame.FULL
        assert [mark.number.text for mark in plane.ticks] == ticks


def test_a_moved_word_wears_a_ring_in_the_colour_of_what_pulled_it(tmp_path: Path) -> None:
    with undrawn():
        traces = traces_of(
            "fruit_and_tech", {"fruit": {"text": "an apple and an orange", "words": ["orange", "apple"]}}
        )
        stage = open_stage("embedding_plane", traces, focus="apple")
        play_verb(stage, "show_words", words=["orange", "apple"])
        play_verb(stage, "pull", word="apple", toward="orange")
        apple, orange = stage.board.points["apple"], stage.board.points["orange"]
        assert apple.ring_color == orange.word_color
        assert apple.word_color == theme.FOCUS
        play_verb(stage, "let_go")
        assert stage.board.points["apple"].ring_color is None


def test_words_that_meet_share_one_tag(tmp_path: Path) -> None:
    with undrawn():
        traces = traces_of(
            "fruit_and_tech", {"fruit": {"text": "an apple and an orange", "words": ["orange", "apple"]}}
        )
        stage = open_stage("embedding_plane", traces, focus="apple")
        play_verb(stage, "show_words", words=["orange", "apple"])
        shot = play_verb(stage, "gather", steps=8)
        names = [word.label for word in stage.board.points.values()]
        assert names[0].get_left()[0] == pytest.approx(names[1].get_left()[0])
        assert len(stage.board.leaders) == 1
        assert shot.faults == []


def test_a_sentence_dims_the_words_that_it_does_not_have(tmp_path: Path) -> None:
    with undrawn():
        sentences = {
            "fruit": {"text": "an apple and an orange", "words": ["orange", "apple"]},
            "tech": "an apple phone",
        }
        stage = open_stage("embedding_plane", traces_of("fruit_and_tech", sentences), focus="apple")
        play_verb(stage, "show_words", words=["orange", "apple", "phone"])
        play_verb(stage, "show_sentence", sentence="fruit")
        assert {word.token for word in stage.board.points.values() if word.levels == (1.0, 1.0)} == {"orange", "apple"}
        play_verb(stage, "let_go")
        assert {word.levels for word in stage.board.points.values()} == {(1.0, 1.0)}
