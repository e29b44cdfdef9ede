"""The plays that verbs list are those that the scenes' code plays; shots of lectures hold the order (test_lectures)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
import xarray as xr

from attnviz.model.door import open_model
from attnviz.model.interface import Settings, View
from attnviz.stage import frame
from attnviz.storyboard.find_scene import scene_files, scene_folders
from attnviz.storyboard.verbs import SceneSource, read_scene
from attnviz.testing import open_stage, play, traces_of

SCENES = scene_files(scene_folders(Path("storyboard.yaml")))
FRUIT = "fruit_and_tech", {"fruit": {"text": "an apple and an orange", "words": ["orange", "apple"]}}
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
    beats = last_beats("attention_table", traces_of(*FRUIT), ("divide", {}))
    first = beats.index("sums")
    assert first > 2  # the similarities, which it shows before
    assert set(beats[:first]) == {""}
    listed = read_scene(SCENES["attention_table"]).verbs["divide"].plays
    assert tuple(dict.fromkeys(filter(None, beats))) == tuple(name for name in listed if name in beats)


def last_beats(scene: str, traces: dict[str, xr.Dataset], *shots: tuple[str, dict[str, object]]) -> tuple[str, ...]:
    """Play shots, and return the names of the plays of the last."""
    stage = open_stage(scene, traces)
    return [play(stage, verb, **arguments).beats for verb, arguments in shots][-1]


def test_the_table_of_similarities_comes_back() -> None:
    assert "table" in last_beats("attention_table", traces_of(*FRUIT), ("normalise", {}), ("show_similarity", {}))


def test_after_the_last_of_some_steps_the_words_stay() -> None:
    words = ("show_words", {"words": ["orange", "apple"]})
    ever = last_beats("embedding_plane", traces_of(*FRUIT), words, ("gather", {"steps": 12})).count("steps")
    steps = [("step", dict[str, object]())] * ever
    assert last_beats("embedding_plane", traces_of(*FRUIT), words, *steps)[-2:] == ("steps", "stay")


@pytest.mark.slow
def test_a_transformer_has_words_to_be_shown_and_values_to_be_cut() -> None:
    traces = {"s": open_model("small").run("the new phone of", None, Settings(device="cpu"), View(1, "1", ()))}
    assert last_beats("transformer_map", traces, ("show_embeddings", {}))[0] == "words"
    assert last_beats("one_sentence", traces, ("mix", {"word": "phone"}))[-1] == "note"


@pytest.mark.slow
def test_of_a_long_sentence_a_note_says_how_much_is_shown() -> None:
    places = {f"w{k}": [k % 7 + 1, k % 5] for k in range(frame.GRID_MOST + 1)}
    board = {"kind": "blackboard", "axes": ["x", "y"], "words": places, "similarity": "dot", "weights": "softmax"}
    assert last_beats("one_sentence", traces_of(board, {"s": {"words": [*places]}}), ("show_weights", {}))[-1] == "note"
