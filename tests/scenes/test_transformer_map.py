"""The map of a whole transformer, played without drawing: bands are as wide as the norms, and the guesses are the model's."""

from pathlib import Path

import numpy as np
import pytest

from attnviz.input.problems import ProblemsFound
from attnviz.model.blackboard.run import run
from attnviz.model.blackboard.tensors import load_blackboard
from attnviz.model.door import open_model
from attnviz.model.interface import Settings, View
from attnviz.stage import Tiles, frame
from attnviz.testing import open_stage, play

MODEL = Path(__file__).parents[2] / "storyboards" / "models" / "three_heads.yaml"
SENTENCE = "the new phone of"
THINNEST = frame.px(4)


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


@pytest.fixture
def tiles(monkeypatch):
    """Collect the numbers of every table of squares that is made."""
    made = []
    begin = Tiles.__init__

    def watched(self, numbers, *args, **kwargs):
        made.append(np.array([[number.value for number in row] for row in numbers]))
        begin(self, numbers, *args, **kwargs)

    monkeypatch.setattr(Tiles, "__init__", watched)
    return made


def test_squares_are_embeddings_and_positions_and_the_weights_of_all_heads(model, tiles):
    scene = stage(model)
    play(scene, "show_words")
    shot = play(scene, "show_embeddings")
    assert shot.faults == []
    trace = model.run(SENTENCE, None, Settings(device="cpu"))
    words = len(SENTENCE.split())
    for shown, array in ((tiles[:words], "embeddings"), (tiles[words:], "position_vectors")):
        every = np.array([table.ravel() for table in shown])
        assert every == pytest.approx(trace[array].values[:, : every.shape[1]], rel=1e-5, abs=1e-6)
    told = [receipt.text for receipt in shot.receipts if (receipt.formula or "").startswith("number of")]
    assert told == [str(every.shape[1]), str(trace.sizes["d_model"])]
    tiles.clear()
    assert play(scene, "show_map").faults == []
    weights = trace["weights"].values  # of all layers and heads, as they come
    assert np.array(tiles) == pytest.approx(weights.reshape(-1, words, words), rel=1e-5, abs=1e-6)


def test_a_blackboard_has_no_map():
    scene = open_stage("transformer_map", {"s": run(load_blackboard(MODEL), None, words=["orange", "apple"])})
    with pytest.raises(ProblemsFound, match="no layers"):
        play(scene, "show_map")


def test_a_sentence_that_does_not_fit_is_refused(model):
    scene = stage(model, "the new phone of apple and the new phone of microsoft")
    with pytest.raises(ProblemsFound, match="shorter sentence"):
        play(scene, "show_map")
