"""A refusal names the storyboard's line and, in a scene of one's own, the line of the scene that made it."""

from __future__ import annotations

from pathlib import Path

import pytest

from attnviz.input.problems import ProblemsFound
from tests.conftest import MODEL, STORYBOARD, Here, Lecture

SCENE = """\
from attnviz.stage import Stage, Word

from .ways import weight


class Small(Stage):
    def show(self, word: Word) -> None:
        {show}

    def move(self) -> None:
        self.wait(0.1)

    def wipe(self) -> None:
        self.wait(0.1)
"""
HELPER = """\
def weight(stage, word):
    return stage.number("weigths", query=word)
"""
SHORT = STORYBOARD.partition("  - title: Heads")[0]
WRONG_ARRAY = "board.yaml:10: the model's trace has no array 'weigths'; did you mean 'weights'? (at "


def refused(folder: Path, show: str) -> str:
    lecture = Lecture(folder, SHORT, SCENE.format(show=show), MODEL)
    (lecture.scene.parent / "ways.py").write_text(HELPER)
    with pytest.raises(ProblemsFound) as error:
        lecture.run("plan")
    return str(error.value).replace(f"{folder}/", "")


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("attnviz.render.traces.library.TraceProcess", Here)


@pytest.mark.parametrize(
    ("show", "message"),
    [
        ('self.number("weigths", query=word)', WRONG_ARRAY + "scenes/small.py:8)"),
        ('self.read("weigths", query=word)', WRONG_ARRAY + "scenes/small.py:8)"),
        ("weight(self, word)", WRONG_ARRAY + "scenes/ways.py:2)"),
        ('self.refuse("no", "do it")', "board.yaml:10: no; do it (at scenes/small.py:8)"),
        ('self.refuse("no")', "board.yaml:10: no (at scenes/small.py:8)"),
        (
            'self.add(self.prose("2"))',
            "board.yaml:10: the text '2' draws a number without a receipt; read it with self.number(…) and set it with "
            "formula('… {name} …', name=number) (at scenes/small.py:8)",
        ),
    ],
)
def test_a_scene_of_ones_own_says_where(tmp_path: Path, show: str, message: str) -> None:
    assert refused(tmp_path, show) == message


def test_what_is_seen_when_the_shot_is_over_has_the_storyboards_line_alone(tmp_path: Path) -> None:
    told = refused(tmp_path, 'self.add(self.prose("42", own=True))')
    assert told.startswith("board.yaml:10: the text '42' draws a number without a receipt")
    assert "(at " not in told


def test_a_built_in_scene_speaks_to_the_lecturer_alone(tmp_path: Path) -> None:
    board = SHORT.replace("scene: small", "scene: embedding_plane").partition("        shots:")[0]
    lecture = Lecture(tmp_path, board + "        shots:\n          - pull: {word: apple, toward: apple}\n", "", MODEL)
    with pytest.raises(ProblemsFound) as error:
        lecture.run("plan")
    assert str(error.value).startswith(f"{tmp_path}/board.yaml:10: ")
    assert "(at " not in str(error.value)
