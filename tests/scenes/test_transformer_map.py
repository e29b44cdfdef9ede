"""The map of a whole transformer, played without drawing: bands are as wide as the norms, and the guesses are the model's."""

from pathlib import Path

import numpy as np
import pytest

from attnviz.input.problems import ProblemsFound
from attnviz.model.blackboard.run import run
from attnviz.model.blackboard.tensors import load_blackboard
from attnviz.model.door import open_model
from attnviz.model.interface import Settings, View
from attnviz.stage import frame
from attnviz.testing import open_stage, play, undrawn

MODEL = Path(__file__).parents[2] / "storyboards" / "models" / "three_heads.yaml"
SENTENCE = "the new phone of"
THINNEST = frame.px(4)


@pytest.fixture(autouse=True, scope="module")
def _manim_set_up():
    with undrawn():
        yield


@pytest.fixture(scope="module")
def model():
    return open_model("small")


def stage(model, sentence=SENTENCE):
    return open_stage("transformer_map", {"s": model.run(sentence, None, Settings(device="cpu"), View(1, "1", ()))})


def norms(model, sentence=SENTENCE):
    """Return the norms before the first layer and after each, from the full trace, of shape (depth, token)."""
    stream = model.run(sentence, None, Settings(device="cpu"))["residual"]
    vectors = np.concatenate([stream.isel(layer=[0], stage=0).values, stream.isel(stage=-1).values])
    return np.linalg.norm(vectors, axis=-1)


def test_bands_are_as_wide_as_the_norms_of_the_vectors(model):
    scene = stage(model)
    play(scene, "show_map")
    expected = norms(model)
    for depth in range(len(expected)):
        widths = [top - bottom for top, bottom in scene._edges(depth)]
        thick = [width > 1.5 * THINNEST for width in widths]
        unit = widths[-1] / expected[depth, -1] if thick[-1] else None
        if unit is not None:
            found = np.array(widths)[thick] / unit
            assert found == pytest.approx(expected[depth][thick], rel=1e-5)  # six digits are kept


def test_the_guesses_are_the_models_and_add_up_to_one(model):
    scene = stage(model)
    play(scene, "show_map")
    play(scene, "show_norms")
    shot = play(scene, "predict")
    assert shot.faults == []
    found = model.run(SENTENCE, None, Settings(device="cpu"))["probabilities"].sel(token="of")
    shown = [receipt for receipt in shot.receipts if receipt.text.endswith("%")]
    best = found.values.max()
    assert max(receipt.value for receipt in shown) == pytest.approx(best, rel=1e-5)
    assert sum(receipt.value for receipt in shown) == pytest.approx(1, abs=1e-5)


def test_a_blackboard_has_no_map():
    scene = open_stage("transformer_map", {"s": run(load_blackboard(MODEL), None, words=["orange", "apple"])})
    with pytest.raises(ProblemsFound, match="no layers"):
        play(scene, "show_map")


def test_a_sentence_that_does_not_fit_is_refused(model):
    scene = stage(model, "the new phone of apple and the new phone of microsoft")
    with pytest.raises(ProblemsFound, match="shorter sentence"):
        play(scene, "show_map")
