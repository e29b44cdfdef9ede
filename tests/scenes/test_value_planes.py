"""Values: weights from one plane move a word in another, and weights times values are written out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from trained_models import trained

from attnviz.input.problems import ProblemsFound
from attnviz.model.door import open_model
from attnviz.model.interface import Settings, View
from attnviz.stage import Stage
from attnviz.testing import PlayedShot, open_stage, play, traces_of

WORDS = ["orange", "apple", "and", "an"]
ALL = {"all": {"text": "an apple and an orange", "words": WORDS}, "buy": {"words": ["car", "apple", "phone"]}}
EVERYTHING = ["orange", "apple", "phone", "car", "and", "an"]
X = np.array([[0, 3, 0], [2, 2, 0], [0, 0, 2], [0, 0, 3]], dtype=float)
W_V = np.array([[1, 0.2], [0.6, -0.2], [0.2, 0.8]])


def weights_by_hand() -> np.ndarray:
    """Return softmax of the cosines of the four words, shape (query, key)."""
    unit = X / np.linalg.norm(X, axis=1, keepdims=True)
    powers = np.exp(unit @ unit.T)
    return powers / powers.sum(axis=1, keepdims=True)


BIG = {
    "kind": "blackboard",
    "title": "Eight",
    "axes": ["x", "y"],
    "words": {
        "strawberry": [-3, 2], "microwave": [2, -1.5], "apple": [2, 2], "Android": [-1, -2],
        "und": [0.5, 0.1], "lemon": [1, 3], "banana": [-2, 0.4], "kiwi": [-0.4, 1],
    },
    "similarity": "cosine",
    "weights": "softmax",
    "heads": [
        {"name": "one", "W_Q": [[1, 0], [0, 1]], "W_K": [[1, 0], [0, 1]], "W_V": [[-1, 0.5], [0.5, -1.25]]},
        {"name": "slim", "W_Q": [[1], [0.2]], "W_K": [[1], [0]], "W_V": [[-1], [0.5]]},
    ],
}  # fmt: skip


def stage_of(model: Any = "value_plane", sentences: Mapping[str, Any] = ALL, **kwargs: Any) -> Stage:
    return open_stage("value_planes", traces_of(model, sentences), focus="apple", **kwargs)


def shown_planes(words: list[str] = EVERYTHING, **of_stage: Any) -> Stage:
    stage = stage_of(**of_stage)
    for verb, arguments in (("show_planes", {}), ("show_words", {"words": words}), ("show_values", {"words": words})):
        assert play(stage, verb, **arguments).faults == []
    return stage


def moved(stage: Stage, word: str, **sentence: str) -> list[PlayedShot]:
    shots = [play(stage, "weigh", word=word, **sentence), play(stage, "carry_weights"), play(stage, "move")]
    assert [shot.faults for shot in shots] == [[], [], []]
    return shots


@pytest.mark.slow
def test_a_word_moves_to_the_sum_of_the_values_each_times_its_weight() -> None:
    weights, values = weights_by_hand(), X @ W_V
    weigh, carry, move = moved(shown_planes(), "apple")
    percents = [f"{100 * weight:.0f} %" for weight in weights[1]]
    assert sorted(weigh.texts("weights")) == sorted(percents)
    assert sorted(carry.texts("weights")) == sorted(percents * 2)  # the same on both planes
    goal = weights[1] @ values
    assert move.texts("head_outputs") == [f"{x:.2f}" for x in goal]
    point = move.stage._board(1).points["apple"]
    np.testing.assert_allclose(point.vector, goal, atol=1e-5)  # what is read has six digits
    assert [f"{weight:.2f}" for weight in weights[1]] == ["0.30", "0.40", "0.15", "0.15"]
    assert {"0.30", "0.40", "0.15"} <= {*move.texts("weights")}


@pytest.mark.slow
def test_what_can_be_bought_is_together_among_the_values() -> None:
    stage = shown_planes()
    shot = play(stage, "mark_group", words=["car", "apple", "phone"], note="I want to buy a …")
    assert shot.faults == []
    assert shot.beats == ("outline", "note")  # names make way while the note comes, which was not there before
    assert any(text.text == "I want to buy a …" for text in shot.layout)
    values = {word: stage._board(1).points[word].vector for word in EVERYTHING}
    near = sorted(EVERYTHING, key=lambda word: float(np.linalg.norm(values[word] - values["apple"])))
    assert {*near[:3]} == {"apple", "car", "phone"}
    homes = {word: np.linalg.norm(stage._board(0).points[word].vector - [2, 2, 0]) for word in ("orange", "car")}
    assert homes["car"] > homes["orange"] - 0.1  # where they are compared, car is no nearer to apple than orange is


@pytest.mark.slow
def test_the_shape_of_a_matrix_that_is_not_square_is_written() -> None:
    stage = shown_planes(["orange", "apple"], sentences={"all": {"words": ["orange", "apple"]}})
    shot = play(stage, "weigh", word="apple")
    assert {("3", "number of rows of W_V"), ("2", "number of columns of W_V")} <= {
        (receipt.text, receipt.formula) for receipt in shot.at_rest
    }


@pytest.mark.slow
def test_another_word_can_move_after_the_first_has_gone_back() -> None:
    stage = shown_planes()
    moved(stage, "apple")
    moved(stage, "an")
    board = stage._board(1)
    np.testing.assert_allclose(board.points["apple"].vector, X[1] @ W_V, atol=1e-5)
    np.testing.assert_allclose(board.points["an"].vector, (weights_by_hand() @ X @ W_V)[3], atol=1e-5)
    assert board.points["apple"].ring_color is None


@pytest.mark.slow
def test_the_row_of_a_word_then_the_table_of_all_times_the_values() -> None:
    weights, values = weights_by_hand(), X @ W_V
    stage = stage_of(sentences={"all": ALL["all"]})
    made = play(stage, "make_values")
    row = play(stage, "multiply_row", word="apple")
    every = play(stage, "multiply_all")
    assert [shot.faults for shot in (made, row, every)] == [[], [], []]
    assert [receipt.value for receipt in made.at_rest if receipt.array == "values"] == pytest.approx(values.ravel())
    assert sorted(row.texts("weights")) == sorted(f"{w:.2f}" for w in weights[1].tolist() * 3)  # a table and two lines
    assert {*row.texts("head_outputs")} == {f"{x:.2f}" for x in weights[1] @ values}
    outputs = sorted(receipt.value for receipt in every.at_rest if receipt.array == "head_outputs")
    assert outputs == pytest.approx(sorted((weights @ values).ravel()))
    shapes = [r.text for r in every.at_rest if (r.formula or "").startswith("number of")]
    assert sorted(shapes) == ["2", "2", "4", "4", "4", "4"]


@pytest.mark.slow
@pytest.mark.parametrize("head", ["one", "slim"])
def test_eight_words_with_negative_numbers_fit_into_the_tables(head: str) -> None:
    stage = stage_of(BIG, {"all": {"words": [*BIG["words"]]}})
    shots = [play(stage, "make_values", head=head), play(stage, "multiply_row", word="strawberry", head=head)]
    shots.append(play(stage, "multiply_all", head=head))
    assert [shot.faults for shot in shots] == [[], [], []]
    rest = [receipt for receipt in shots[1].at_rest if "weights" in (receipt.formula or "")]
    x = np.array([*BIG["words"].values()])
    unit = x / np.linalg.norm(x, axis=1, keepdims=True)
    if head == "slim":  # cosines of numbers are their signs
        q, k = x @ [[1], [0.2]], x @ [[1], [0]]
        scores = np.sign(q[0]) * np.sign(k[:, 0])
    else:
        scores = unit @ unit[0]
    weights = np.exp(scores) / np.exp(scores).sum()
    matrix = np.array(BIG["heads"][head == "slim"]["W_V"])
    terms = weights * (x @ matrix)[:, -1]
    smallest = terms[np.argsort(np.abs(terms))[:4]]
    assert rest[-1].value == pytest.approx(smallest.sum(), abs=1e-5)


@pytest.mark.slow
def test_a_head_of_a_transformer_moves_words_among_its_values(tmp_path: Path) -> None:
    folder = trained(tmp_path / "mine", heads=4)  # two columns each
    plane = (("fruit", ("orange", "lemon")), ("technology", ("phone", "laptop")))
    trace = open_model(str(folder)).run("an orange and a phone", None, Settings(device="cpu"), View(2, "3", plane))
    stage = open_stage("value_planes", {"all": trace})
    words = ["an", "orange", "and", "a", "phone"]
    for verb, arguments in (("show_planes", {}), ("show_words", {"words": words}), ("show_values", {"words": words})):
        play(stage, verb, **arguments)
    play(stage, "weigh", word="phone")
    play(stage, "carry_weights")
    play(stage, "move")
    weights, values = (np.squeeze(trace[array].sel(head="3").values) for array in ("weights", "values"))
    by_hand = weights[words.index("phone")] @ values
    np.testing.assert_allclose(stage._board(1).points["phone"].vector, by_hand, atol=1e-4)


@pytest.mark.slow
def test_words_of_a_sentence_may_come_again() -> None:
    words = ["an", "apple", "and", "an#2", "orange"]
    stage = shown_planes(words, sentences={"all": "an apple and an orange"})
    *_, move = moved(stage, "apple")
    assert len(move.texts("head_outputs")) == 2


@pytest.mark.parametrize(
    ("model", "shots", "message"),
    [
        ("fruit_and_tech", [("show_planes", {})], "this model has no values matrix; "),
        ("two_heads", [("show_planes", {})], "the model has 2 heads; say which is meant, as in `head: meaning`"),
        (BIG, [("show_planes", {"head": "slim"})], "the values of the head 'slim' have 1 coordinate, and a plane has"),
        ("value_plane", [("show_words", {"words": ["apple"]})], "there are no planes yet; begin with show_planes"),
        (
            "value_plane",
            [("show_planes", {}), ("show_words", {"words": ["apple"]}), ("weigh", {"word": "apple"})],
            "'orange' is not on the left plane; add to show_words: orange, and, an",
        ),
        (
            "value_plane",
            [
                ("show_planes", {}),
                ("show_words", {"words": WORDS}),
                ("show_values", {"words": ["apple"]}),
                ("weigh", {"word": "apple"}),
                ("carry_weights", {}),
            ],
            "the value of 'orange' is not shown; add it to show_values: orange, and, an",
        ),
        ("value_plane", [("show_planes", {}), ("carry_weights", {})], "no weights are shown yet; write weigh before"),
    ],
)
def test_what_cannot_be_shown_is_refused(model: Any, shots: list[tuple[str, dict[str, Any]]], message: str) -> None:
    words = WORDS if model == "value_plane" else ["apple", "lemon"] if model is BIG else ["orange", "apple"]
    stage = stage_of(model, {"all": {"words": words}})
    *before, (verb, arguments) = shots
    for name, given in before:
        play(stage, name, **given)
    with pytest.raises(ProblemsFound) as error:
        play(stage, verb, **arguments)
    assert message in str(error.value)


@pytest.mark.slow
@pytest.mark.parametrize(("spread", "seed"), [(0.4, 1), (0.15, 2)])
def test_eight_crowded_words_are_told_apart(spread: float, seed: int) -> None:
    dice = np.random.default_rng(seed)
    places = {word: (2 + spread * dice.normal(size=2)).round(2).tolist() for word in BIG["words"]}
    words = [*places]
    stage = stage_of(BIG | {"words": places}, {"s": {"words": words}})
    shots = [play(stage, "show_planes", head="one")]
    shots += [play(stage, verb, words=words) for verb in ("show_words", "show_values")]
    shots += moved(stage, "apple")
    assert [shot.faults for shot in shots] == [[]] * 6
    assert all(shot.texts("weights") for shot in shots[3:5])  # the largest weight is written at least
