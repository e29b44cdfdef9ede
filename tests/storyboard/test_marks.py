"""Marks in a narration: what names no play, and what a gesture cannot point at, is told with its line."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attnviz.input.problems import ProblemsFound
from attnviz.storyboard.mark_check import wrong_marks
from attnviz.storyboard.narration import Mark, parse
from attnviz.storyboard.plays import GESTURES
from attnviz.storyboard.verbs import Verb

SCENE = '''
class Moving(Stage):
    def pull(self, word: Word) -> None:
        """Pull a word.

        Plays: way, share, move.
        """

    def wait_here(self) -> None:
        """Do something that has no names."""
'''
NAMES = {"word": ["apple", "1,000"], "axis": ["tech"]}


@pytest.fixture
def said(desk):
    """Return a function that loads a shot which says something."""
    (desk.scenes / "moving.py").write_text(SCENE)

    def shot(narration: str, verb: str = "pull: apple") -> str:
        return desk.scene(f"- {verb}\n  say: '{narration}'").replace("scene: plane", "scene: moving")

    return shot


@pytest.mark.parametrize(
    ("narration", "marks"),
    [
        ("[way] It [share] goes [move] there.", ["way", "share", "move"]),
        ("[] It [] goes [] there, [] or so.", [None] * 4),
        (
            "[move] It goes, [indicate: apple] it stands, [indicate: apple, Orange, tech] see.",
            ["move", "indicate", "indicate"],
        ),
        ("[trace: weights[apple, orange]] [focus: weights[Orange, key=apple], an] so", ["trace", "focus"]),
        ("plain [[words]]", []),
    ],
)
def test_marks_of_plays_and_gestures_are_taken(desk, said, narration, marks):
    [shot] = desk.load(said(narration)).shots()
    assert [piece.name for piece in shot.narration if isinstance(piece, Mark)] == marks


@pytest.mark.parametrize(
    ("narration", "told"),
    [
        ("[shear] it", "'[shear]': pull has no play 'shear'; did you mean 'share'?"),
        ("[indicat: apple] it", "'[indicat: apple]': pull has no play 'indicat'; did you mean 'indicate'?"),
        ("[zebra] it", "'[zebra]': pull has no play 'zebra'; its plays are: way, share, move"),
        ("[way] it [way]", "'[way]': the play 'way' is marked twice; mark its first play only; [] is the next one"),
        (
            "[way: apple] it",
            "'[way: apple]': a play has nothing to point at; write [way]; what points at something is one of indicate, trace, focus",
        ),
        (
            "[focus] it",
            "'[focus]' points at nothing; say what at: [focus: apple], or [focus: weights[apple, orange]]",
        ),
        ("[trace: appel] it", "'[trace: appel]': unknown word 'appel'; did you mean 'apple'?"),
        (
            "[indicate: wieghts[apple, an]] it",
            "'wieghts[apple, an]': unknown array 'wieghts'; did you mean 'weights'?",
        ),
        ("[indicate: weights[apple, pear]] it", "'weights[apple, pear]': unknown key 'pear'; expected one of: an, apple, and, an#2, orange"),
        (
            "it is {weights[apple, orange][way]}",
            "'{weights[apple, orange][way]}' has a mark within a number; put [way] before the number",
        ),
        (
            "it is {weights[[way] apple, orange]}",
            "'{weights[[way] apple, orange]}' has a mark within a number; put [way] before the number",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_mark_is_told_with_its_line(desk, said, narration, told):
    [problem] = desk.problems(said(narration))
    line, _, message = problem.partition(": ")
    assert line.strip() == "10"
    assert message.endswith(f"say: {told}")


def test_all_that_is_wrong_is_told_at_once(desk, said):
    problems = desk.problems(said("[zebra] [way] it [focus] {weights[apple, pear]} [trace: appel, oragne] [way]"))
    assert len(problems) == 6
    assert all(problem.startswith("10: ") for problem in problems)


def test_a_verb_that_lists_no_plays_has_only_unnamed_marks_and_gestures(desk, said):
    assert desk.load(said("[] it [indicate: apple]", "wait_here:"))
    [problem] = desk.problems(said("[way] it", "wait_here:"))
    hint = "write [] for its next play, or a gesture such as [indicate: apple]"
    assert problem.endswith(f"'[way]': wait_here has no play 'way'; {hint}")


def test_of_a_verb_that_does_not_exist_only_that_is_told(desk, said):
    [problem] = desk.problems(said("[way] it", "pul: apple"))
    assert "no such verb" in problem


def test_words_that_are_not_known_can_be_anything():
    pull = Verb("pull", {}, "", 1, plays=("way",))
    [*problems] = wrong_marks(parse("[focus: anything]"), pull, {"word": None, "axis": None}, lambda insert: None)
    assert problems == []


marks = st.from_regex(
    r"\[(way|share|indicate|trace)?(: ?(apple|tech|\"1,000\"|w\[a, b\])(, apple)?)?\]", fullmatch=True
)


@settings(max_examples=150, deadline=None)
@given(st.lists(marks | st.text('{}[]:,=." ab', max_size=8), max_size=6))
def test_whatever_is_written_is_checked_or_is_a_problem(parts):
    """Of a narration that can be read, everything that is said to be wrong is so, and nothing else goes through."""
    pull = Verb("pull", {}, "", 1, plays=("way", "share"))
    try:
        pieces = parse(" ".join(parts))
    except ProblemsFound:
        return
    problems = [*wrong_marks(pieces, pull, NAMES, lambda insert: None)]
    named = [piece for piece in pieces if isinstance(piece, Mark) and piece.name is not None]
    plays = [mark.name for mark in named if mark.name not in GESTURES]
    sound = (
        set(plays) <= {"way", "share"}
        and len(set(plays)) == len(plays)
        and all(bool(mark.targets) == (mark.name in GESTURES) for mark in named)
        and all(t in ("apple", "1,000", "tech") for mark in named for t in mark.targets if isinstance(t, str))
    )
    assert (problems == []) == sound
