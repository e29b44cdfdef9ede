"""One sentence in one head: what stands on screen is what the trace says, and any sentence has room."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from trained_models import WORDS, trained

from attnviz.input.problems import ProblemsFound
from attnviz.model.door import open_model
from attnviz.model.interface import Settings, View
from attnviz.stage import theme
from attnviz.testing import open_stage, play, traces_of
from tests.played import done, written

TEXT = "an apple and an orange"
SIX = 5e-6  # numbers are rounded to six significant digits before they are shown


def made(folder: Path, text: str = TEXT, focus: str = "apple", words: list[str] | None = None, **shape: Any) -> Any:
    """Return a stage that reads the second layer and the first head of a random model, and its trace."""
    model = open_model(str(trained(folder / "mine", **{"architecture": "encoder", "context": 64} | shape)))
    trace = model.run(text, words, Settings(device="cpu"), View(2, "1", ()))
    return open_stage("one_sentence", {"s": trace}, focus=focus), trace


def test_percentages_are_the_row_and_what_has_none_is_added_up(tmp_path: Path) -> None:
    stage, trace = made(tmp_path)
    done(stage, "show_tokens")
    shot = done(stage, "look", word="apple")
    row = trace["weights"].values.reshape(5, 5)[1]
    shown = {each.coords["key"]: each.value for each in shot.at_rest if each.array == "weights"}
    assert shown == pytest.approx(
        {key: row[k] for k, key in enumerate(trace["key"].values) if row[k] >= 0.015}, rel=SIX
    )
    rest = [each for each in shot.at_rest if (each.formula or "").startswith("1 - ")]
    assert [each.value for each in rest] == pytest.approx([1 - sum(shown.values())] if len(shown) < 5 else [], abs=SIX)


def test_how_unusual_a_head_is_is_counted(tmp_path: Path) -> None:
    stage, trace = made(tmp_path)
    shot = done(stage, "look", word="apple")
    row = trace["weights"].values.reshape(5, 5)[1]
    counted = (trace["all_weights"].values[:, :, 1, int(row.argmax())] > 0.5).sum()
    assert shot.texts("heads_over_half") == [str(counted)]
    assert shot.texts("number_of_heads") == ["6"]


def test_the_table_and_the_row_that_leaves_it_have_the_digits_of_the_trace(tmp_path: Path) -> None:
    stage, trace = made(tmp_path)
    weights = trace["weights"].values.reshape(5, 5)
    shot = done(stage, "show_weights", word="apple")
    assert sorted(shot.texts("weights")) == sorted(f"{weight:.2f}" for weight in weights.ravel())
    shot = done(stage, "lift_row", word="apple")
    assert sorted(shot.texts("weights")) == sorted(f"{weight:.2f}" for weight in weights.ravel())
    boxes = [each.box for each in shot.at_rest if each.array == "weights" and each.coords["query"] == "apple"]
    tops = [box[1] for box in boxes]
    assert max(tops) - min(tops) < 3 / 1080  # in one line, over all others
    assert max(box[3] for box in boxes) < min(
        each.box[1] for each in shot.at_rest if each.array == "weights" and each.coords["query"] != "apple"
    )


def test_what_a_mask_hides_leaves_the_table_with_its_real_score(tmp_path: Path) -> None:
    stage, trace = made(tmp_path, architecture="decoder")
    weights = trace["weights"].values.reshape(5, 5)
    done(stage, "show_weights", word="orange")
    shot = done(stage, "mask")
    seen = weights[np.tril_indices(5)]
    assert sorted(shot.texts("weights")) == sorted([*(f"{weight:.2f}" for weight in seen), "0"])
    [score] = [each for each in shot.at_rest if each.array == "scores"]
    assert score.value == -np.inf
    with pytest.raises(ProblemsFound, match="the mask is already there"):
        play(stage, "mask")


def test_what_a_mask_hides_gets_no_arc(tmp_path: Path) -> None:
    stage, _ = made(tmp_path, architecture="decoder")
    done(stage, "look", word="apple")
    assert {*stage.arcs.arcs} == {"an", "apple"}  # the words that it sees


def test_weights_that_are_no_shares_are_written_as_numbers() -> None:
    board = FLAT | {"similarity": "dot", "weights": "scores", "words": {"apple": [2, 1], "orange": [0, 3]}}
    stage = open_stage("one_sentence", traces_of(board, {"s": {"words": ["apple", "orange"]}}), focus="apple")
    shot = done(stage, "look", word="apple")
    assert sorted(shot.texts("weights")) == ["3.00", "3.00", "5.00", "5.00"]  # under the words, and in the line
    done(stage, "mix", word="apple")


def test_words_that_are_not_shown_have_their_share(tmp_path: Path) -> None:
    stage, trace = made(tmp_path, words=["apple", "orange"])
    shot = done(stage, "look", word="apple")
    [rest] = [each for each in shot.at_rest if (each.formula or "").startswith("1 - ")]
    assert rest.value == pytest.approx(1 - trace["weights"].values.reshape(2, 2)[0].sum(), abs=SIX)


def test_values_are_mixed_to_the_output_of_the_head(tmp_path: Path) -> None:
    stage, trace = made(tmp_path, " ".join(WORDS))
    shot = done(stage, "mix", word="apple")
    row = trace["weights"].values.reshape(10, 10)[1]
    values = trace["values"].values.reshape(10, -1)[:, :4]
    strongest = np.argsort(-row)[:4]
    rest = np.delete(row, strongest) @ np.delete(values, strongest, axis=0)
    shown = [each for each in shot.at_rest if each.formula and "head_outputs" in each.formula]
    assert [each.value for each in shown] == pytest.approx(rest, abs=1e-5)
    products = [
        each.value
        for each in shot.at_rest
        if each.formula and "head_outputs" not in each.formula and "·" in each.formula
    ]
    assert products == pytest.approx([row[k] * value for k in strongest for value in values[k]], rel=2 * SIX)
    output = [each.value for each in shot.at_rest if each.array == "head_outputs"]
    assert output == pytest.approx(row @ values, abs=1e-5)
    assert "approx" in written(shot)


def test_a_word_moves_through_its_layer(tmp_path: Path) -> None:
    stage, trace = made(tmp_path)
    shot = done(stage, "move", word="apple", pull=True)
    steps = trace["point_steps"].sel(token="apple").values
    shown = [each.value for each in shot.at_rest if each.array == "point_steps"]
    assert shown == pytest.approx([*steps[1], *steps[2]], rel=SIX)
    assert "through layer {n}: all its heads," in written(shot)


def test_words_that_come_again_are_told_apart_on_the_plane(tmp_path: Path) -> None:
    stage, _ = made(tmp_path, focus="an#2")
    shot = done(stage, "move", word="an#2")
    words = written(shot).split(" | ")
    assert {"an₁", "an₂", "apple"} <= {*words}
    assert words.count("an₂") == 2  # at its point, and over what is said of it


def test_the_focus_is_the_word_that_is_named_and_not_another_one_that_reads_alike(tmp_path: Path) -> None:
    stage, _ = made(tmp_path, focus="an")
    assert [stage.word_color(token) == theme.FOCUS for token in ("an", "apple", "an#2")] == [True, False, False]
    stage, _ = made(tmp_path, focus="an#2")
    assert [stage.word_color(token) == theme.FOCUS for token in ("an", "apple", "an#2")] == [False, False, True]


def test_the_next_words_are_the_likeliest(tmp_path: Path) -> None:
    stage, trace = made(tmp_path, architecture="decoder")
    shot = done(stage, "next_words")
    likely = np.sort(trace["probabilities"].values[-1])[::-1][:6]
    shown = [each.value for each in shot.at_rest if each.array == "probabilities"]
    assert shown == pytest.approx([share for share in likely if share >= 0.005], rel=SIX)


FLAT = {"kind": "blackboard", "axes": ["x", "y"], "similarity": "cosine", "weights": "softmax"}
LONG = "donaudampfschifffahrtsgesellschaft"
BOARDS: dict[str, Any] = {
    "two words": FLAT | {"words": {"apple": [1, 0], "orange": [0, 1]}},
    "all equal": FLAT | {"words": {"apple": [1, 1], "orange": [1, 1], "lemon": [1, 1]}},
    "one weight of 1": FLAT | {"similarity": "dot", "words": {"apple": [60, 0], "orange": [0, 60], "lemon": [30, 30]}},
    "long words": FLAT | {"words": {"apple": [1, 0], **{f"{LONG}{letter}": [0, 1] for letter in "abcdef"}}},
    "right to left": FLAT | {"words": {"apple": [1, 0], "תפוז": [0, 1], "لیمو": [1, 1]}},
}


@pytest.mark.slow
@pytest.mark.parametrize("board", BOARDS)
def test_boards_of_any_kind_have_room(board: str) -> None:
    content = BOARDS[board]
    trace = traces_of(content, {"s": {"words": [*content["words"]]}})
    stage = open_stage("one_sentence", trace, focus="apple")
    for verb in ("show_tokens", "look", "show_weights", "lift_row", "mix", "move"):
        done(stage, verb, **({} if verb == "show_tokens" else {"word": "apple"}))


LENGTHS = {
    1: {},
    2: {"architecture": "decoder"},
    8: {"architecture": "decoder"},
    14: {},
    30: {"architecture": "decoder"},
    64: {},
}


@pytest.mark.slow
@pytest.mark.parametrize("count", LENGTHS)
def test_sentences_of_any_length_have_room(tmp_path: Path, count: int) -> None:
    text = " ".join((["apple", *WORDS] * 6)[:count])
    stage, _ = made(tmp_path, text, **LENGTHS[count])
    done(stage, "show_tokens")
    for verb in ("look", "show_weights", "lift_row"):
        done(stage, verb, word="apple")
    if count > 1 and LENGTHS[count]:
        done(stage, "mask")
    for verb in ("mix", "move"):
        done(stage, verb, word="apple")


def test_what_cannot_be_shown_is_refused(tmp_path: Path) -> None:
    stage, _ = made(tmp_path)
    with pytest.raises(ProblemsFound, match="begin with show_weights"):
        play(stage, "lift_row", word="apple")
    play(stage, "show_weights")
    with pytest.raises(ProblemsFound, match="no word of this table is hidden"):
        play(stage, "mask")
    with pytest.raises(ProblemsFound, match="does not guess a next word"):
        play(stage, "next_words")
