"""All heads of a model at once: those that are chosen have the largest measure, and what is said of them is so."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from trained_models import WORDS, trained

from attnviz.input.problems import ProblemsFound
from attnviz.model.blackboard.run import run
from attnviz.model.blackboard.tensors import load_blackboard
from attnviz.model.door import open_model
from attnviz.model.interface import Settings, View
from attnviz.testing import open_stage, play
from tests.played import done, written

BOARD = Path(__file__).parents[2] / "storyboards" / "models" / "three_heads.yaml"
TEXT = "an apple and an orange"
SIX = 5e-6  # numbers are rounded to six significant digits before they are shown


def made(folder: Path, text: str = TEXT, **shape: Any):
    """Return a stage, and all weights (layer head query key) from the whole trace."""
    model = open_model(str(trained(folder / "mine", **{"architecture": "encoder"} | shape)))
    settings = Settings(device="cpu")
    weights = model.run(text, None, settings)["weights"].values
    stage = open_stage("head_gallery", {"s": model.run(text, None, settings, View(1, "1", ()))}, focus="apple")
    return stage, weights


def place_of(measure: np.ndarray) -> Mapping[str, str]:
    layer, head = np.unravel_index(int(measure.argmax()), measure.shape)
    return {"each_layer": str(layer + 1), "each_head": str(head + 1)}


@pytest.mark.slow
def test_the_head_that_gives_most_to_the_previous_word_is_chosen_and_this_is_said(tmp_path: Path) -> None:
    stage, weights = made(tmp_path)
    assert "6" in [receipt.text for receipt in done(stage, "show_heads").at_rest]  # 3 layers of 2 heads
    shot = done(stage, "find_head", kind="previous")
    means = np.diagonal(weights, offset=-1, axis1=2, axis2=3).mean(axis=-1)
    [receipt] = [each for each in shot.at_rest if each.array == "head_profile"]
    assert receipt.coords == {**place_of(means), "kind": "previous"}
    assert receipt.value == pytest.approx(means.max(), rel=SIX)
    table = shot.texts("all_weights")
    layer, head = np.unravel_index(int(means.argmax()), means.shape)
    assert sorted(table) == sorted(f"{100 * weight:.0f} %" for weight in weights[layer, head].ravel())
    assert "previous word; the highest of" in written(shot)


@pytest.mark.slow
def test_the_head_of_a_pair_is_seen_as_arcs_and_counted(tmp_path: Path) -> None:
    stage, weights = made(tmp_path)
    done(stage, "show_heads")
    given = weights[:, :, 1, 4]  # of apple, to orange
    shot = done(stage, "find_pair", word="apple", toward="orange")
    layer, head = np.unravel_index(int(given.argmax()), given.shape)
    named = [receipt.coords for receipt in shot.at_rest if "each_layer" in receipt.coords]
    assert {coords["each_layer"] for coords in named} == {str(layer + 1)}
    arcs = done(stage, "look_at")
    row = weights[layer, head, 1]
    shown = {receipt.coords["key"]: receipt.value for receipt in arcs.at_rest if receipt.array == "all_weights"}
    assert shown == pytest.approx(
        {key: row[k] for k, key in enumerate(["an", "apple", "and", "an#2", "orange"]) if row[k] >= 0.015}, rel=SIX
    )
    counted = done(stage, "count_heads", word="apple", toward="orange")
    assert counted.texts("heads_over_half") == [str((given > 0.5).sum())]


@pytest.mark.slow
def test_the_sharpest_row_leaves_the_first_word_of_a_causal_model_aside(tmp_path: Path) -> None:
    stage, weights = made(tmp_path, architecture="decoder")
    done(stage, "show_heads")
    shot = done(stage, "find_sharpest", word="orange")
    above = np.maximum(weights[:, :, 4] - 1 / 5, 0)[:, :, 1:].sum(axis=-1)
    expected = place_of(above)
    assert next({dim: r.coords[dim] for dim in expected} for r in shot.at_rest if r.array == "all_weights") == expected
    shot = done(stage, "find_head", kind="sinks")  # after another one
    [receipt] = [each for each in shot.at_rest if each.array == "head_profile"]
    assert receipt.value == pytest.approx(weights[:, :, 1:, 0].mean(axis=-1).max(), rel=SIX)  # of all other words
    assert "{p} on {s0}, on average" in written(shot)  # it is named
    with pytest.raises(ProblemsFound, match="no word has the next word"):
        play(stage, "find_head", kind="next")


SIZES = {
    "one word": ("apple", {}),
    "two words": ("apple orange", {"heads": 1, "layers": 1}),
    "forty words": (" ".join((["apple"] + WORDS * 4)[:40]), {"context": 40}),
    "eight heads of 16": (TEXT, {"heads": 8, "d_model": 128, "layers": 2}),
    "64 heads": (TEXT, {"heads": 64, "d_model": 64, "layers": 1}),
    "12 layers of 12 heads": ("apple orange", {"heads": 12, "d_model": 24, "layers": 12}),
}


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES)
def test_any_number_of_words_layers_and_heads_is_shown_without_faults(tmp_path: Path, size: str) -> None:
    text, shape = SIZES[size]
    stage, weights = made(tmp_path, text, **shape)
    done(stage, "show_heads")
    shot = done(stage, "find_sharpest", word="apple")
    said = [receipt.text for receipt in shot.at_rest if receipt.formula == "number of words"]
    assert said == (["40"] if size == "forty words" else [])  # a window says of how many
    done(stage, "look_at")
    counted = done(stage, "count_heads", word="apple", toward="apple")
    at = text.split().index("apple")
    assert counted.texts("heads_over_half") == [str((weights[:, :, at, at] > 0.5).sum())]


def test_what_cannot_be_shown_is_refused(tmp_path: Path) -> None:
    board = open_stage("head_gallery", {"s": run(load_blackboard(BOARD), None, words=["orange", "apple"])})
    with pytest.raises(ProblemsFound, match="no heads of several layers"):
        play(board, "show_heads")
    stage, _ = made(tmp_path)
    with pytest.raises(ProblemsFound, match="begin with show_heads"):
        play(stage, "find_head", kind="previous")
    play(stage, "show_heads")
    with pytest.raises(ProblemsFound, match="no word has sinks that it sees"):
        play(stage, "find_head", kind="sinks")
    play(stage, "find_head", kind="itself")
    with pytest.raises(ProblemsFound, match="say whose row is meant"):
        play(stage, "look_at")
