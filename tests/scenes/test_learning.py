"""A training, played without drawing: digits, places and the line of the loss are those of the steps that were kept."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from trained_models import trained_in_steps

from attnviz.input.problems import ProblemsFound
from attnviz.model.door import open_model
from attnviz.model.interface import Settings, View
from attnviz.render.opening import open_storyboard
from attnviz.stage import Cloud, frame, rect_of
from attnviz.testing import open_stage, play

SENTENCE = "the orange beside the phone is"
SHOWN = ["orange", "phone", "is"]
WORDS = ["orange", "apple", "banana", "phone", "tablet", "is"]
OTHERS = ["lemon", "laptop", "the"]
CLASSES = (
    ("technology", ("phone", "laptop", "tablet", "computer")),
    ("fruitness", ("orange", "banana", "lemon", "cherry")),
    ("small", ("the", "a", "is", "beside")),
)


@cache
def trace(steps: int | tuple[int, ...] = 12, head: str = "2"):
    settings = Settings(device="cpu")
    return open_model("learning").run(SENTENCE, SHOWN, settings, View(1, head, CLASSES, "", steps))


def begun(*verbs: str, seen=None):
    """Return a stage on which the embeddings are shown, and then what some verbs without arguments show."""
    stage = open_stage("learning", {"s": trace() if seen is None else seen}, focus="is")
    shots = [play(stage, "show_embeddings", words=WORDS, others=OTHERS)]
    shots += [play(stage, verb) for verb in verbs]
    assert [fault for shot in shots for fault in shot.faults] == []
    return stage, shots


def stands_at(stage, step: str, words=(*WORDS, *OTHERS)) -> None:
    for word in words:
        place = trace()["step_points"].sel(training_step=step, vocabulary=word).values
        point = stage.board.points[word]
        assert point.vector == pytest.approx(place, rel=1e-5)
        assert point.place[:2] == pytest.approx(stage.board.plane.at(place)[:2], abs=1e-4)


def weights(step: str) -> list[str]:
    return [f"{value:.2f}" for value in trace()["step_weights"].sel(training_step=step).values.ravel()]


def test_it_begins_before_the_first_step():
    stage, (points, table, loss) = begun("show_weights", "show_loss")
    stands_at(stage, "0")
    assert [stage.board.points[word].is_named for word in (*WORDS, *OTHERS)] == [True] * 6 + [False] * 3
    assert [receipt.text for receipt in points.at_rest] == ["0"]  # the number of steps
    assert table.texts("step_weights") == weights("0")
    assert loss.texts("loss") == ["3.61"]
    assert loss.texts("loss_floor") == ["0.62"]
    said = [placed.text for placed in loss.layout]
    assert any("the best possible" in text for text in said)


def test_everything_goes_on_together_and_ends_with_the_trained_model():
    stage, _ = begun("show_weights", "show_loss")
    half = play(stage, "learn", to=80)
    assert half.faults == []
    stands_at(stage, "80")
    assert half.texts("step_weights") == weights("80")
    assert half.texts("loss") == [f"{trace()['loss'].sel(update='80').item():.2f}"]
    assert "80" in [receipt.text for receipt in half.at_rest if receipt.array is None]
    whole = play(stage, "learn")
    assert whole.faults == []
    stands_at(stage, "600")
    assert whole.texts("step_weights") == weights("600")
    steps = {receipt.coords["training_step"] for receipt in whole.receipts if receipt.array == "step_weights"}
    assert steps == {"80", "100", "140", "200", "300", "400", "600"}  # a receipt names its step


def test_what_is_not_shown_does_not_hinder_learning():
    stage, _ = begun()
    shot = play(stage, "learn")
    stands_at(stage, "600")
    assert {receipt.array for receipt in shot.receipts} == {None}
    play(stage, "show_weights")
    shot = play(stage, "show_loss")
    assert shot.texts("loss") == ["0.63"]


def test_the_line_of_the_loss_ends_where_the_training_has_come():
    stage, _ = begun("show_loss")
    play(stage, "learn", to=140)
    curve, losses = stage.curve, trace()["loss"]
    left, bottom, width, height = *frame.LEARNING_LOSS[:2], frame.LEARNING_LOSS.width, frame.LEARNING_LOSS.height
    most = losses.values.max()
    for step in (0, 40, 100, 140):
        goal = [left + width * step / 600, bottom + height * losses.sel(update=str(step)).item() / most]
        gaps = np.linalg.norm(np.array(curve.line.get_anchors())[:, :2] - goal, axis=1)
        assert gaps.min() < 1e-4
    assert curve.point.get_center()[:2] == pytest.approx(goal, abs=1e-4)
    assert np.array(curve.line.get_anchors())[:, 0].max() == pytest.approx(goal[0])


def test_a_weight_is_told_with_what_it_was():
    stage, _ = begun("show_weights")
    before = play(stage, "point_at", query="is", key="phone")
    assert [r.text for r in before.at_rest if r.array == "step_weights"].count("0.19") == 2  # in the table, and beside
    play(stage, "learn", to=80)
    shot = play(stage, "point_at", query="is", key="phone")
    assert shot.faults == []
    assert any("now" in placed.text for placed in shot.layout)
    found = [
        receipt for receipt in shot.at_rest if receipt.coords.get("query") == "is" and receipt.coords["key"] == "phone"
    ]
    assert sorted((receipt.coords["training_step"], receipt.text) for receipt in found) == [
        ("0", "0.19"), ("80", "0.42"), ("80", "0.42"),
    ]  # fmt: skip


def test_words_that_have_come_together_are_marked():
    stage, _ = begun("show_weights", "learn")
    shot = play(stage, "mark_group", words=["orange", "apple", "banana", "lemon"])
    assert shot.faults == []
    [cloud] = [each for each in stage.mobjects if isinstance(each, Cloud)]
    left, bottom, right, top = rect_of(cloud)
    for word, point in stage.board.points.items():
        x, y, _ = point.place
        inside = left < x < right and bottom < y < top
        assert inside or word not in ("orange", "apple", "banana", "lemon"), word


def test_some_rows_are_enough():
    stage, _ = begun()
    shot = play(stage, "show_weights", rows=["is"])
    assert shot.texts("step_weights") == weights("0")[-3:]
    with pytest.raises(ProblemsFound, match="there is no row 'phone' in the table"):
        play(stage, "point_at", query="phone", key="is")


def test_a_row_of_all_words_is_all_of_the_attention():
    words = SENTENCE.replace("beside the", "beside the#2").split()
    seen = open_model("learning").run(SENTENCE, None, Settings(device="cpu"), View(1, "2", CLASSES, "", 12))
    stage, _ = begun(seen=seen)
    shot = play(stage, "show_weights", rows=["is"])
    shown = {r.coords["key"]: r.value for r in shot.receipts if r.array == "step_weights"}
    assert [*shown] == words
    assert sum(shown.values()) == pytest.approx(1, abs=1e-5)
    assert SENTENCE not in [placed.text for placed in shot.layout]  # it stands over the table, word by word


def test_a_training_of_one_kept_step_is_shown_but_not_played():
    stage, _ = begun("show_weights", "show_loss", seen=trace((600,)))
    with pytest.raises(ProblemsFound, match="the training has come to step 600 already"):
        play(stage, "learn")


@pytest.mark.parametrize(
    ("verb", "arguments", "why"),
    [
        ("learn", {"to": 50}, "there is no step 50 here; the steps are 0, 10, 20"),
        ("learn", {"to": 0}, "has come to step 0 already"),
        ("mark_group", {"words": ["cherry"]}, "'cherry' is not on the plane"),
        ("mark_group", {"words": []}, "no words to surround"),
    ],
)
def test_what_cannot_be_shown_is_refused(verb, arguments, why):
    stage, _ = begun("show_weights")
    with pytest.raises(ProblemsFound, match=why):
        play(stage, verb, **arguments)


@pytest.mark.parametrize(
    ("words", "others", "why"),
    [
        (["orange", "oranje"], None, "the vocabulary of 'learning' has no word 'oranje'; did you mean 'orange'"),
        (["orange"], ["kiwi"], "the vocabulary of 'learning' has no word 'kiwi'"),
        ([], None, "no words to show"),
    ],
)
def test_words_that_the_model_does_not_have_are_told(words, others, why):
    stage = open_stage("learning", {"s": trace()})
    with pytest.raises(ProblemsFound, match=why):
        play(stage, "show_embeddings", words=words, others=others)


def test_a_model_without_its_training_is_refused():
    seen = open_model("learning").run(SENTENCE, SHOWN, Settings(device="cpu"), View(1, "2", CLASSES))
    with pytest.raises(ProblemsFound, match="none is looked at; write `steps: 12`"):
        play(open_stage("learning", {"s": seen}), "show_embeddings", words=WORDS)


def test_all_heads_at_once_are_refused():
    stage, _ = begun(seen=trace(12, "all"))
    with pytest.raises(ProblemsFound, match="the model has 2 heads"):
        play(stage, "show_weights")


@pytest.mark.parametrize("architecture", ["decoder", "encoder"])
def test_any_training_can_be_played(tmp_path, architecture):
    """Also one of which no best possible loss is known, without classes, with an encoder."""
    folder = trained_in_steps(tmp_path / "mine", [0, 2, 5, 9], architecture=architecture)
    view = View(2, "1", steps=3)
    seen = open_model(str(folder)).run(
        "an apple and an orange", ["apple", "and", "orange"], Settings(device="cpu"), view
    )
    stage = open_stage("learning", {"s": seen})
    for verb, arguments in (
        ("show_embeddings", {"words": ["apple", "orange", "phone"], "icons": True}),
        ("show_weights", {}), ("show_loss", {}), ("learn", {}), ("point_at", {"query": "apple", "key": "orange"}),
    ):  # fmt: skip
        shot = play(stage, verb, **arguments)
    assert shot.texts("loss") == [f"{seen['loss'].sel(update='9').item():.2f}"]
    assert shot.texts("loss_floor") == []


def storyboard(folder: Path, steps: str, *shots: str) -> Path:
    trained_in_steps(folder / "mine", [0, 2, 5, 9])
    path = folder / "s.yaml"
    path.write_text(
        f"title: T\nmodel: {{name: ./mine, steps: {steps}}}\nchapters:\n  - title: C\n    scenes:\n      - scene: learning\n"
        "        sentence: an apple and an orange\n        shots:\n"
        + "".join(f"          - {shot}\n" for shot in shots)
    )
    return path


def test_check_knows_the_steps_of_a_training(tmp_path):
    """What is said of a step that was not kept, or of a verb that comes too early, is told with its line."""
    said = "{show_embeddings: {words: [apple]}, say: 'It is {step_weights[%s, apple, orange]}, the loss {loss[9]}.'}"
    open_storyboard(storyboard(tmp_path, "4", said % 2))
    with pytest.raises(ProblemsFound, match=r"s\.yaml:9: .*unknown training_step '2'; expected one of: 0, 9"):
        open_storyboard(storyboard(tmp_path, "[0, 9]", said % 2))
    with pytest.raises(ProblemsFound, match=r"s\.yaml:9: .*not there yet; begin with show_embeddings"):
        open_storyboard(storyboard(tmp_path, "[0, 9]", "learn:"))


def test_check_asks_for_the_steps(tmp_path):
    path = storyboard(tmp_path, "4", "learn:")
    path.write_text(path.read_text().replace(", steps: 4", ""))
    with pytest.raises(ProblemsFound, match=r"s\.yaml:6: .*none of its steps are asked for; write `steps: 12` into"):
        open_storyboard(path)


@pytest.mark.parametrize("steps", ["1", "101", "all", "true", "[]", "[-1]", "2.5", "{a: 1}"])
def test_steps_are_a_number_or_a_list(tmp_path, steps):
    with pytest.raises(ProblemsFound, match=r"s\.yaml:2: model.*steps"):
        open_storyboard(storyboard(tmp_path, steps, "learn:"))
