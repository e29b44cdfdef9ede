"""Heads that a verb is told: checked against the labels of the model's heads."""

from __future__ import annotations

from pathlib import Path

import pytest

from attnviz.input.problems import ProblemsFound
from attnviz.model.interface import Contents, View
from attnviz.storyboard import load
from attnviz.storyboard.argument_types import resolve
from attnviz.storyboard.schema import storyboard_schema
from attnviz.storyboard.verbs import read_scene

SCENE = """
class Heads(Stage):
    def look(self, head: Head, others: list[Head] | None = None) -> None: ...
"""


def looked(folder: Path, argument: str, *heads: tuple[str, ...] | None) -> dict[str, object]:
    """Return the checked arguments of a shot; the scene has a sentence for each tuple of heads (None: not known)."""
    (folder / "scenes").mkdir()
    (folder / "scenes" / "heads.py").write_text(SCENE)
    boards = {
        f"s{k}": Contents(tokens=("apple",), labels={} if h is None else {"head": h}) for k, h in enumerate(heads)
    }

    def vocabulary(model: str, near: Path, text: str | None, words: tuple[str, ...] | None, view: View) -> Contents:
        return boards.get(str(text), Contents())

    storyboard = folder / "s.yaml"
    sentences = ", ".join(f"{name}: {name}" for name in boards)
    storyboard.write_text(
        "title: T\nmodel: m\nchapters:\n  - title: A\n    scenes:\n      - scene: heads\n"
        f"        sentences: {{{sentences}}}\n        shots:\n          - look: {argument}\n"
    )
    (shot,) = load(storyboard, vocabulary=vocabulary, folders=[folder / "scenes"]).shots()
    return dict(shot.arguments)


@pytest.mark.parametrize(
    ("argument", "heads", "checked"),
    [
        ("so-so", [("good", "so-so")], {"head": "so-so"}),
        ("Good", [("good", "so-so")], {"head": "good"}),
        ("2", [("1", "2")], {"head": "2"}),
        ("'2'", [("1", "2")], {"head": "2"}),
        ("{head: 1, others: [2, 3]}", [("1", "2"), ("3",)], {"head": "1", "others": ["2", "3"]}),
        ("whatever", [("good",), None], {"head": "whatever"}),
    ],
)
def test_a_head_is_named_by_its_label(argument, heads, checked, tmp_path) -> None:
    assert looked(tmp_path, argument, *heads) == checked


@pytest.mark.parametrize(
    ("argument", "heads", "message"),
    [
        ("soso", ("good", "so-so", "bad"), "look: unknown head 'soso'; did you mean 'so-so'?"),
        ("3", ("1", "2"), "look: unknown head '3'; expected a head of the model (one of: 1, 2)"),
        ("{head: good, others: [goof]}", ("good",), "look.others.0: unknown head 'goof'; did you mean 'good'?"),
        ("good", (), "look: unknown head 'good'; the model has none"),
        ("true", ("1",), "look: expected text, not true"),
        ("1.5", ("1",), "look: expected text, not 1.5"),
    ],
)
def test_another_head_is_refused(argument, heads, message, tmp_path) -> None:
    with pytest.raises(ProblemsFound) as error:
        looked(tmp_path, argument, heads)
    assert message in str(error.value)


def test_the_schema_takes_a_head_s_name_or_number(tmp_path) -> None:
    (tmp_path / "heads.py").write_text(SCENE)
    look = storyboard_schema([read_scene(tmp_path / "heads.py")])["$defs"]["heads.shot"]["properties"]["look"]
    assert look["anyOf"][1] == {
        "anyOf": [{"type": "string"}, {"type": "integer"}], "description": "a head of the model",
    }  # fmt: skip
    assert resolve("Head").words == "a head of the model"
