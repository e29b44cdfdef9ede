"""The plays that verbs list are those that the scenes' code plays; shots of lectures hold the order (test_lectures)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from attnviz.storyboard.find_scene import scene_files, scene_folders
from attnviz.storyboard.verbs import SceneSource, read_scene
from attnviz.testing import open_stage, play, traces_of

SCENES = scene_files(scene_folders(Path("storyboard.yaml")))
PRODUCTS = Path("attnviz/stage/arithmetic/product_plays.py")  # what scenes of tables play products with


@pytest.fixture(params=sorted(SCENES))
def scene(request: pytest.FixtureRequest) -> SceneSource:
    return read_scene(SCENES[request.param])


def code_of(scene: SceneSource) -> list[ast.Module]:
    """Return the code of a scene, and of the modules beside it."""
    beside = sorted(scene.path.parent.glob("*.py")) if scene.path.name == "__init__.py" else [scene.path]
    return [ast.parse(path.read_text()) for path in beside]


def texts_in(node: ast.AST) -> set[str]:
    return {each.value for each in ast.walk(node) if isinstance(each, ast.Constant) and isinstance(each.value, str)}


def names_played(module: ast.Module) -> Iterator[str]:
    """Yield the names that are written out where something is played."""
    for call in ast.walk(module):
        if isinstance(call, ast.Call):
            yield from (name for key in call.keywords if key.arg == "beat" for name in texts_in(key.value) if name)


def test_every_verb_lists_what_it_plays(scene: SceneSource) -> None:
    assert [verb.name for verb in scene.verbs.values() if not verb.plays] == []


def test_every_listed_play_is_in_the_code_of_its_scene(scene: SceneSource) -> None:
    written = {text for module in [*code_of(scene), ast.parse(PRODUCTS.read_text())] for text in texts_in(module)}
    assert {play for verb in scene.verbs.values() for play in verb.plays} <= written


def test_every_play_that_a_scene_names_is_listed(scene: SceneSource) -> None:
    listed = {play for verb in scene.verbs.values() for play in verb.plays}
    assert {name for module in code_of(scene) for name in names_played(module)} <= listed


def test_what_a_verb_plays_by_calling_another_has_no_name() -> None:
    traces = traces_of("fruit_and_tech", {"fruit": {"text": "an apple and an orange", "words": ["orange", "apple"]}})
    stage = open_stage("attention_table", traces)
    beats = play(stage, "divide").beats
    first = beats.index("sums")
    assert first > 2  # the similarities, which it shows before
    assert set(beats[:first]) == {""}
    listed = read_scene(SCENES["attention_table"]).verbs["divide"].plays
    assert tuple(dict.fromkeys(filter(None, beats))) == tuple(name for name in listed if name in beats)
