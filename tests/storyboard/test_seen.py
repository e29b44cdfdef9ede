"""Templates of what is to be seen: how they are read from docstrings, and what is said of those that are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnviz.input.problems import ProblemsFound
from attnviz.storyboard.find_scene import scene_files
from attnviz.storyboard.seen import Argument, Choice, Label, Numbers, check_seen, parse_seen, seen_in
from attnviz.storyboard.verbs import SceneSource, read_scene

BUILT_IN = Path(__file__).parent.parent.parent / "scenes"


def sources() -> list[SceneSource]:
    return [read_scene(file) for file in scene_files([BUILT_IN]).values()]


@pytest.mark.parametrize("scene", sources(), ids=lambda scene: scene.name)
def test_every_verb_of_a_built_in_scene_says_what_is_seen(scene: SceneSource) -> None:
    assert scene.verbs
    assert [verb.name for verb in scene.verbs.values() if not verb.seen] == []


def test_a_template_is_a_paragraph_of_its_own_and_no_part_of_the_documentation() -> None:
    doc = "Draw a plane.\n\nSeen: A plane\nis drawn.\n\nPlays: plane."
    assert seen_in(doc) == ("Draw a plane.\n\nPlays: plane.", "A plane is drawn.")
    assert seen_in("Draw a plane. Seen: no.") == ("Draw a plane. Seen: no.", "")
    with pytest.raises(ValueError, match="says twice"):
        seen_in("A.\n\nSeen: one.\n\nSeen: two.")


def test_the_pieces_of_a_template() -> None:
    word, every = Label(argument="word"), Label()
    assert parse_seen('A {word}[: {weights[word, :]}|{largest head.weights["an#2", key=:]}].'.replace("head.", "")) == (
        "A ",
        Argument("word"),
        Choice(
            (
                (": ", Numbers("", "weights", (word, every))),
                (Numbers("largest", "weights", (Label(text="an#2"), Label("key"))),),
            )
        ),
        ".",
    )
    assert parse_seen("[{if by=angle}x]") == (Choice(((Argument("by", "if", "angle"), "x"),)),)
    assert parse_seen('{"area of the square"}') == (Numbers("", formula="area of the square"),)
    assert parse_seen("{loss_floor[]}") == (Numbers("", "loss_floor"),)


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{word", "a '{' without its partner in what is seen"),
        ("word}", "a '}' without its partner in what is seen"),
        ("[{word}", "a '[' without its partner in what is seen"),
        ("{word}]", "a ']' without its partner in what is seen"),
        ("{}", "'{}' in what is seen cannot be read; write it like {word}, or {weights[word, :]}"),
        ("{word.upper()}", "'{word.upper()}' in what is seen cannot be read"),
        ("{weights[0 + 1]}", "'{weights[0 + 1]}' in what is seen: a label cannot be read"),
        ("{largest word}", "'{largest word}' in what is seen: only numbers have a form, and only `if` compares"),
        ("{word=apple}", "'{word=apple}' in what is seen: only numbers have a form, and only `if` compares"),
        ("{towrad}", "'towrad' in what is seen is no parameter; did you mean 'toward' or 'word'?"),
        ("[{weights[towrad, :]}]", "'towrad' in what is seen is no parameter; did you mean 'toward' or 'word'?"),
        ("A circle of radius 1.", "what is seen says a number itself, in 'A circle of radius 1.'"),
    ],
)
def test_what_is_wrong_with_a_template(template: str, message: str) -> None:
    with pytest.raises(ValueError) as found:  # noqa: PT011 (the message is what is looked at)
        check_seen(template, ["word", "toward"])
    assert str(found.value).startswith(message)


def test_a_wrong_template_is_told_with_its_verb_and_line(tmp_path: Path) -> None:
    scene = tmp_path / "board.py"
    scene.write_text(
        'class Board(Stage):\n    def show(self, word: Word):\n        """Show.\n\n        Seen: A {wrod}."""\n'
    )
    with pytest.raises(ProblemsFound) as found:
        read_scene(scene)
    [problem] = found.value.problems
    assert (problem.line, problem.message) == (2, "verb 'show': 'wrod' in what is seen is no parameter")
    assert problem.hint == "did you mean 'word'?"


@given(st.text(alphabet='{}[]|":,= ifx1\0é', max_size=40))
def test_any_text_is_read_or_refused(template: str) -> None:
    try:
        parse_seen(template)
    except ValueError as refused:
        assert "what is seen" in str(refused)
