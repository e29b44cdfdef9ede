"""`model: [one, another]`: the first that is there is taken, and what is wrong with any of them is told."""

from __future__ import annotations

import pytest

from attnviz.model.interface import View


def written(desk, model: str) -> str:
    return desk.scene("- wipe:").replace("model: board", f"model: {model}")


@pytest.mark.parametrize(
    ("models", "taken", "view", "told"),
    [
        ("[board, other]", "board", View(), []),
        ("[far, board]", "board", View(), ["far"]),
        ("[far, board, farther, other]", "board", View(), ["far"]),
        ("[far, farther, {name: other, layer: 2, head: 3}]", "other", View(2, "3"), ["far", "farther"]),
        ("[{name: far, layer: 99}, {name: board, layer: 1}]", "board", View(1), ["far"]),
        ("[{name: board, layer: 3}, {name: other, layer: 1}]", "board", View(3), []),
    ],
)
def test_the_first_that_is_there_is_taken(desk, models, taken, view, told):
    storyboard = desk.load(written(desk, models))
    [scene] = storyboard.scenes()
    assert (storyboard.model, scene.model, scene.view) == (taken, taken, view)
    names = models.strip("[]").replace("{name: ", "")
    assert scene.choice.taken == taken
    assert str(scene.choice).startswith(f"{taken}, the first that is there of {names[:3]}")
    assert [problem.hint for problem in scene.choice.missing] == [f"pip install {name}" for name in told]
    assert storyboard.choices() == [scene.choice]


def test_a_list_of_one_and_a_name_leave_no_choice(desk):
    for model in ("board", "[board]", "{name: board, layer: 2}", "[{name: board, layer: 2}]"):
        [scene] = desk.load(written(desk, model)).scenes()
        assert (scene.model, scene.choice) == ("board", None)


def test_a_scene_has_a_choice_of_its_own(desk):
    storyboard = desk.load(
        desk.scene("- wipe:", "sentence: an apple\n        model: [farther, {name: other, layer: 2}]")
    )
    [scene] = storyboard.scenes()
    assert (storyboard.model, scene.model, scene.view, scene.choice.of) == (
        "board",
        "other",
        View(2),
        ("farther", "other"),
    )


def test_a_scene_goes_on_whether_the_model_was_chosen_or_named(desk):
    one = "      - {scene: plane, board: b, model: MODEL, sentence: an apple, shots: [{wipe: }]}\n"
    head = "title: T\nmodel: board\nchapters:\n  - title: A\n    scenes:\n"
    first, second, third = desk.load(
        head + one.replace("MODEL", "[far, other]") + one.replace("MODEL", "other") + one.replace("MODEL", "board")
    ).scenes()
    assert second.goes_on_from(first)
    assert not third.goes_on_from(first)


@pytest.mark.parametrize(
    ("models", "problems"),
    [
        ("[]", ["2: model: expected at least 1 item(s), not 0"]),
        ("[board, other, board]", ["2: model.2: the model 'board' is twice in the list; leave one of them out"]),
        ("[far, board, {name: far, layer: 2}]", ["2: model.2: the model 'far' is twice in the list; leave one of them out"]),
        ("[board, [other]]", ["2: model.1: expected a model: its name or path, or name, layer, head, plane, steps, without"]),
        ("[board, 5, null]", [f"2: model.{at}: expected a model: its name or path, or name, layer, head, plane, steps, without" for at in (1, 2)]),
        ("[board, bord]", ["2: model.1: unknown model 'bord'; did you mean 'board'?"]),
        ("[bord, board]", ["2: model.0: unknown model 'bord'; did you mean 'board'?"]),
        ("[far, bord]", ["2: model.1: unknown model 'bord'; did you mean 'board'?"]),
        ("[board, {name: other, layer: 9}]", ["2: model.1: the model 'other' has no layer 9"]),
        ("[board, {name: other, layr: 1}]", ["2: model.1.layr: unknown key; did you mean 'layer'?"]),
        ("[board, {layer: 1}]", ["2: model.1.name: missing"]),
        ("[far]", ["2: model: the model 'far' is not installed; pip install far"]),
        ("[far, farther]", ["2: model: none of the models far, farther is there; far: pip install far; farther: pip install farther"]),
        ("7", ["2: model: expected a model: its name or path, or name, layer, head, plane, steps, without, or a list"]),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_list_is_told(desk, models, problems):
    assert desk.problems(written(desk, models)) == problems


def test_none_there_is_told_once_for_a_storyboard_of_several_scenes(desk):
    scene = "      - {scene: plane, sentence: an apple, shots: [{wipe: }]}\n"
    text = f"title: T\nmodel: [far, farther]\nchapters:\n  - title: A\n    scenes:\n{scene}{scene}"
    assert len(desk.problems(text)) == 1
