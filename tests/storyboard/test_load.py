from __future__ import annotations

import pytest

from attnviz.storyboard import Figure, SentenceSpec
from attnviz.storyboard.narration import Insert, Text


def arguments(desk, shot: str) -> dict[str, object]:
    return dict(next(desk.load(desk.scene(shot)).shots()).arguments)


def test_a_storyboard_is_plain_data(desk):
    board = desk.load(
        """\
title: One word, two meanings
model: board
carry: displayed
decimals: 3
language: zh_TW
words_per_minute: 120
chapters:
  - title: Attention
    scenes:
      - scene: plane
        sentences:
          fruit: an apple and an orange
          tech: {text: an apple phone, words: [apple, phone]}
        focus: Apple
        shots:
          - show_words: [apple, orange]
            id: the-two
            say: >
              Apple goes {weights[apple, an#2]:percent}
              of the way.
            hold: 2
          - pull: {word: apple, toward: phone}
  - title: More
    scenes:
      - {scene: card, title: End, carry: exact, shots: [show: Bye]}
"""
    )
    assert (board.title, board.model, board.carry) == ("One word, two meanings", "board", "displayed")
    assert (board.decimals, board.language, board.words_per_minute) == (3, "zh-TW", 120)
    first, second = board.scenes()
    assert (first.scene, first.class_name, first.title, first.model) == ("plane", "Plane", "Attention", "board")
    assert (first.carry, first.focus, first.experiments, first.line) == ("displayed", "apple", ("dot_growth",), 10)
    assert first.sentences == (
        SentenceSpec("fruit", "an apple and an orange", None, 12),
        SentenceSpec("tech", "an apple phone", ("apple", "phone"), 13),
    )
    assert first.sentence == first.sentences[0]
    assert (second.title, second.carry, second.sentence) == ("End", "exact", None)
    two, pull = first.shots
    assert (two.id, two.verb, two.arguments, two.hold, two.line) == (
        "the-two",
        "show_words",
        {"words": ["apple", "orange"]},
        2.0,
        16,
    )
    assert two.narration == (
        Text("Apple goes "),
        Insert(None, "weights", ((None, "apple"), (None, "an#2")), "percent", "{weights[apple, an#2]:percent}"),
        Text(" of the way."),
    )
    assert (pull.id, pull.arguments) == ("pull", {"word": "apple", "toward": "phone"})


@pytest.mark.parametrize(
    ("shot", "expected"),
    [
        ("- show_words: [apple, an]", {"words": ["apple", "an"]}),
        ("- show_words: {words: [apple]}", {"words": ["apple"]}),
        ("- show_words:", {}),
        ("- show_words: {}", {}),
        ("- show_words: []", {"words": []}),
        ("- wipe:", {}),
        ("- write: 'a: {b} #c *d* $e$'", {"text": "a: {b} #c *d* $e$"}),
        ("- write: on", {"text": "on"}),
        ("- pull: {word: APPLE, toward: an#2, part: 0}", {"word": "apple", "toward": "an#2", "part": 0}),
        ("- label: {left: apple}", {"names": {"left": "apple"}}),
        ("- label: {names: {left: apple}}", {"names": {"left": "apple"}}),
        ("- label: {names: {size: apple}, size: large}", {"names": {"size": "apple"}, "size": "large"}),
        ("- turn: -90", {"angle": -90}),
        (
            "- turn: {angle: 1.5, axis: fruit, map: flip, steps: 12}",
            {"angle": 1.5, "axis": "fruit", "map": "flip", "steps": 12},
        ),
        ("- compare: {sentence: sentence, word: an}", {"sentence": "sentence", "word": "an"}),
    ],
)
def test_a_verb_takes_its_first_argument_or_a_mapping_or_nothing(desk, shot, expected):
    assert arguments(desk, shot) == expected


def test_ids_are_verbs_and_numbered_where_taken(desk):
    shots = "- wipe:\n- show_words:\n- wipe:\n- wipe:\n  id: wipe-2\n- show_words:"
    ids = [shot.id for shot in desk.load(desk.scene(shots)).shots()]
    assert ids == ["wipe", "show-words", "wipe-3", "wipe-2", "show-words-2"]


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        ("figure: the-table", (Figure("the-table", None),)),
        ("figure: {after: 3, Before_1: 1}", (Figure("Before_1", 1), Figure("after", 3))),
        ("hold: 1", ()),
    ],
)
def test_figures_are_moments_in_their_order(desk, figure, expected):
    assert next(desk.load(desk.scene(f"- wipe:\n  {figure}")).shots()).figures == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "an",
        "zur #set text(red) $x^2$ *b* _i_ <l> @r `c`",
        "a: {b} [c] - d | e > f ' \" % & !g",
        "תפוח ותפוז مرحبا abc",
        "🍎 👩🏽‍🚀 é é ﷽",
        "\"quoted\" 'words' and back\\slash",
        " ".join(["an", "apple"] * 30),
    ],
)
def test_sentences_are_data(desk, sentence):
    import json

    board = desk.load(desk.scene("- wipe:", f"sentence: {json.dumps(sentence, ensure_ascii=False)}"))
    assert next(board.scenes()).sentences[0].text == sentence


def test_words_alone_are_a_sentence(desk):
    scene = next(
        desk.load(
            desk.scene("- show_words: orange", "words: [orange, apple]").replace(": orange", ": [orange]")
        ).scenes()
    )
    assert scene.sentences == (SentenceSpec("sentence", None, ("orange", "apple"), 7),)


def test_the_folder_beside_the_storyboard_comes_first(tmp_path):
    from attnviz.storyboard.find_scene import find_scene, scene_files

    mine, built_in = tmp_path / "a", tmp_path / "b"
    for folder, names in ((mine, "plane odd-name _private"), (built_in, "plane softmax")):
        folder.mkdir()
        for name in names.split():
            (folder / f"{name}.py").touch()
    folders = [mine, tmp_path / "none", built_in]
    assert find_scene("plane", folders) == mine / "plane.py"
    assert scene_files(folders) == {"plane": mine / "plane.py", "softmax": built_in / "softmax.py"}


def test_lengths_are_estimated(desk):
    from attnviz.storyboard.length import PAUSE, about_seconds

    shots = "- wipe:\n- wipe:\n  say: " + "word " * 50 + "\n  hold: 3"
    assert about_seconds(desk.load(desk.scene(shots))) == pytest.approx(2 + 20 + 3 + 2 * PAUSE)


def test_the_pause_is_that_of_the_film():
    from attnviz.render.shots.said import Said
    from attnviz.render.shots.timing import timing_of
    from attnviz.storyboard.length import PAUSE
    from attnviz.storyboard.told import Told

    assert timing_of(Said(Told("")), 3).pause == PAUSE + 3
