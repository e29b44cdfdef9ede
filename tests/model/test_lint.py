"""No trace that contradicts itself is drawn: each way to corrupt one is told with the entry and its cause."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from attnviz.cli import main
from attnviz.input.problems import ProblemsFound
from attnviz.input.scratch import ScratchFolder
from attnviz.model import attention
from attnviz.model.door import open_model
from attnviz.model.interface import Part, Settings
from attnviz.model.layered import LayeredModel
from attnviz.model.lint.trace import check_trace
from attnviz.model.transformer import Transformer
from attnviz.model.transformer_arrays import arrays_of
from attnviz.model.transformer_config import TransformerConfig
from attnviz.model.transformer_trace import trace_texts
from attnviz.render.cache.sources import Sources
from attnviz.render.cache.store import Store
from attnviz.render.opening import open_storyboard
from attnviz.render.shots.selection import select
from attnviz.render.traces.library import TraceLibrary
from attnviz.testing import traces_of

FOLDER = Path(__file__).parents[2] / "storyboards"
SENTENCE = "apple unveiled a new phone"
Change = Callable[[xr.Dataset], None]


@pytest.fixture(scope="module")
def small() -> tuple[LayeredModel, xr.Dataset]:
    model = open_model("small", FOLDER)
    assert isinstance(model, LayeredModel)
    return model, model.run(SENTENCE, None, Settings("cpu"))


def told(model, trace: xr.Dataset, change: Change) -> str:
    """Return what is said of a trace after a change to a copy of it."""
    broken = trace.copy(deep=True)
    change(broken)
    with pytest.raises(ProblemsFound) as found:
        check_trace(broken, model.arrays(), model.name)
    [problem] = found.value.problems
    return str(problem)


def put(name: str, layer: int, make: Callable[[xr.Dataset], np.ndarray], heads: slice = slice(None)) -> Change:
    """Return the change that puts something else into a layer of an array."""

    def change(trace: xr.Dataset) -> None:
        made = make(trace)
        trace[name].values[layer, heads] = made

    return change


def of(name: str, layer: int) -> Callable[[xr.Dataset], np.ndarray]:
    return lambda trace: trace[name].values[layer].copy()


def shifted(name: str) -> Callable[[xr.Dataset], np.ndarray]:
    return lambda trace: np.roll(trace[name].values[1], 1, axis=-2)


def without_mask(trace: xr.Dataset) -> np.ndarray:
    scores = trace["query_key_dot"].values[1] / np.sqrt(trace.sizes["d_head"])
    each = np.exp(scores - scores.max(-1, keepdims=True))
    return each / each.sum(-1, keepdims=True)


def permuted_W_O(trace: xr.Dataset) -> None:
    W_O, heads = trace["W_O"].values, trace.sizes["head"]
    blocks = W_O[1].reshape(heads, -1, W_O.shape[-1])
    W_O[1] = np.roll(blocks, 1, axis=0).reshape(W_O[1].shape)


def _other_order(trace: xr.Dataset) -> None:
    del trace["head_contributions"], trace["contribution_norm"]
    permuted_W_O(trace)


CORRUPTIONS = {
    "logits for weights": (
        put("weights", 1, lambda trace: np.nan_to_num(trace["scores"].values[1], neginf=0.0)),
        ["the sum of the row weights[layer 2, head ", "query ", "these weights are logits"],
    ),
    "weights with swapped axes": (
        put("weights", 1, lambda trace: trace["weights"].values[1].swapaxes(-1, -2)),
        ["weights[layer 2, head ", "the axes query and key are swapped"],
    ),
    "dot products with swapped axes": (
        put("query_key_dot", 1, lambda trace: trace["query_key_dot"].values[1].swapaxes(-1, -2)),
        ["query_key_dot[layer 2, head ", "the axes query and key are swapped"],
    ),
    "queries for keys": (put("keys", 1, of("queries", 1)), ["keys[layer 2, head "]),
    "an unmasked future": (
        put("weights", 1, without_mask),
        ["weights[layer 2, head ", "but what the mask hides is 0", "the mask was not applied"],
    ),
    "a masked past": (
        lambda trace: trace["scores"].values.__setitem__((1, 0, 3, 1), -np.inf),
        ["scores[layer 2, head 1, query new, key unveiled] is -inf, but query · key / √d is "],
    ),
    "scores after the softmax": (
        put("scores", 1, of("weights", 1)),
        ["scores[layer 2, head ", "these scores are weights"],
    ),
    "scores that are not scaled": (
        put("scores", 1, lambda trace: np.where(trace["mask"], trace["query_key_dot"].values[1], -np.inf)),
        ["scores[layer 2, head ", "they are dot products, not scaled"],
    ),
    "the output of another head": (
        put("head_outputs", 1, lambda trace: trace["head_outputs"].values[1, 1], slice(0, 1)),
        ["head_outputs[layer 2, head 1, ", "they are those of head 2"],
    ),
    "values shifted by a word": (
        put("values", 1, shifted("values")),
        ["values[layer 2, head ", "but x · W_V is ", "they are those of the word before it"],
    ),
    "heads concatenated in another order": (
        put("concatenated", 1, lambda trace: np.roll(trace["concatenated"].values[1], 16, axis=-1)),
        ["concatenated[layer 2, token ", "stand there"],
    ),
    "slices of W_O in another order": (permuted_W_O, ["head_contributions[layer 2, head ", "of W_O stand there"]),
    "slices of W_O in another order, nothing between": (
        _other_order,
        ["output[layer 2, ", "stand in the heads' order"],
    ),
    "an output of another layer": (put("output", 1, of("output", 0)), ["output[layer 2, "]),
    "another sum of exponentials": (
        lambda trace: trace["score_sum"].values.__setitem__((0, 0, 1), 7.0),
        ["score_sum[layer 1, head 1, query unveiled] is 7, but the sum of score_exponentials is "],
    ),
    "another norm": (put("contribution_norm", 1, lambda trace: 1.0), ["contribution_norm[layer 2, head "]),
}


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_a_corrupted_trace_is_told_with_its_entry_and_its_cause(name: str, small) -> None:
    change, expected = CORRUPTIONS[name]
    said = told(*small, change)
    for each in ("the trace of the model 'small' contradicts itself", *expected):
        assert each in said


def test_a_trace_whose_values_went_astray_in_the_pass_is_told_too(small) -> None:
    """Shifted before the weighted sum, whose output is as it always is of such values."""
    model, trace = small

    def change(trace: xr.Dataset) -> None:
        values = np.roll(trace["values"].values, 1, axis=-2)
        trace["values"].values[:] = values
        trace["head_outputs"].values[:] = trace["weights"].values @ values

    assert "they are those of the word before it" in told(model, trace, change)
    del_projection = trace.drop_vars(["W_V", "normed"])
    said = told(model, del_projection, put("values", 0, lambda trace: np.roll(trace["values"].values[0], 1, axis=-2)))
    assert "head_outputs[layer 1, head " in said
    assert "the values are shifted by a word" in said


@pytest.mark.parametrize("shape", [{}, {"norm_position": "after"}, {"positions": "rotary", "bias": False}])
def test_cross_attention_is_of_the_decoders_stream_and_of_the_encoders_output(shape: dict[str, object]) -> None:
    config = TransformerConfig.model_validate(
        {"architecture": "encoder_decoder", "vocabulary": 9, "context": 9, "layers": 3, "d_model": 8, "heads": 2}
        | shape
    )
    torch.manual_seed(0)
    [trace] = trace_texts(Transformer(config).double(), [[1, 2, 3]], [[4, 5, 6, 7]])
    check_trace(trace, arrays_of(config), "both")
    for name, of in (("queries", "token"), ("keys", "source"), ("values", "source")):
        broken = trace.copy(deep=True)
        broken[f"cross_{name}"].values[1] = np.roll(trace[f"cross_{name}"].values[1], 1, axis=-2)
        with pytest.raises(
            ProblemsFound, match=rf"cross_{name}\[layer 2, head ., {of} .*but x · W_.*the word before it"
        ):
            check_trace(broken, arrays_of(config), "both")
    for part in (Part(None, "2"), Part(["cross_keys", "cross_W_K", "encoder_residual"])):
        [some] = trace_texts(Transformer(config).double(), [[1, 2, 3]], [[4, 5, 6, 7]], part=part)
        check_trace(some, arrays_of(config), "both")


def test_dimensions_and_words_are_those_of_the_model(small) -> None:
    model, trace = small
    turned = trace.assign(weights=trace["weights"].rename(query="key", key="query"))
    with pytest.raises(
        ProblemsFound, match="weights has the dimensions layer head key query, not layer head query key"
    ):
        check_trace(turned, model.arrays(), model.name)
    renamed = trace.assign_coords(key=trace["key"].values[::-1])
    with pytest.raises(ProblemsFound, match=r"along key stand the words phone, new, .* along token apple, unveiled"):
        check_trace(renamed, model.arrays(), model.name)


SENTENCES = {
    "small": [SENTENCE, "apple", "the the the apple the"],
    "small-encoder": ["please buy an apple and an orange", "apple", "an an an"],
}


@pytest.mark.parametrize("name", SENTENCES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_models_that_come_with_it_pass(name: str, dtype: str) -> None:
    model = open_model(name, FOLDER)
    for sentence in SENTENCES[name]:
        check_trace(model.run(sentence, None, Settings("cpu", dtype)), model.arrays(), name)  # type: ignore[arg-type]
        for part in (Part(["weights"]), Part(None, "2"), Part(["weights", "scores", "head_outputs"], "1", "2")):
            check_trace(model.run(sentence, None, Settings("cpu", dtype), part=part), model.arrays(), name)  # type: ignore[arg-type]


BOARDS = sorted((FOLDER / "models").glob("*.yaml"))


@pytest.mark.parametrize("path", BOARDS, ids=lambda path: path.stem)
def test_the_blackboards_that_come_with_it_pass(path: Path) -> None:
    model = open_model(str(path))
    words = [token.word for token in model.tokens(None, list(model.spec.words))]
    for sentence in (" ".join(words), words[0], f"{words[0]} {words[-1]} {words[0]}"):
        for carry, decimals in (("exact", 2), ("displayed", 2), ("displayed", 0)):
            trace = model.run(sentence, None, Settings("cpu", "float64", carry, decimals))
            check_trace(trace, model.arrays(), model.name)


@pytest.mark.parametrize("weights", ["softmax", "normalised"])
def test_similarities_that_add_up_to_nothing_have_no_weights_and_pass(weights: str) -> None:
    board = {"kind": "blackboard", "axes": ["x", "y"], "words": {"up": [0, 3], "down": [0, -3]}, "weights": weights}
    [trace] = traces_of(board, {"one": "up down"}).values()
    assert np.isnan(trace["weights"]).all() == (weights == "normalised")


def test_a_row_without_weights_is_refused_where_its_sum_is_not_0() -> None:
    board = {"kind": "blackboard", "axes": ["x", "y"], "words": {"up": [0, 3], "side": [1, 0]}, "weights": "normalised"}
    [trace] = traces_of(board, {"one": "up side"}).values()
    trace["weights"].values[:] = np.nan
    with pytest.raises(ProblemsFound, match="the sum of the row weights"):
        check_trace(trace, {}, "board")


coordinates = st.floats(-9, 9).map(lambda number: round(number, 2))


@st.composite
def boards(draw: st.DrawFn) -> dict[str, object]:
    """Draw a blackboard of one to three heads, whose sizes differ."""
    axes, words = draw(st.integers(2, 3)), draw(st.integers(1, 4))

    def matrix(rows: int, columns: int) -> list[list[float]]:
        row = st.lists(coordinates, min_size=columns, max_size=columns)
        return draw(st.lists(row, min_size=rows, max_size=rows))

    heads, wide = [], 0
    for name in range(draw(st.integers(0, 3))):
        d_head, d_value = draw(st.integers(1, 3)), draw(st.integers(1, 3))
        wide += d_value
        made = {"W_Q": matrix(axes, d_head), "W_K": matrix(axes, d_head), "W_V": matrix(axes, d_value)}
        heads.append({"name": f"head {name}", **made})
    board: dict[str, object] = {
        "kind": "blackboard",
        "axes": ["x", "y", "z"][:axes],
        "words": {f"word{place}": row for place, row in enumerate(matrix(words, axes))},
        "similarity": draw(st.sampled_from(["dot", "cosine", "scaled_dot"])),
        "weights": draw(st.sampled_from(["softmax", "normalised"])),
        "heads": heads,
    }
    return board | ({"W_O": matrix(wide, draw(st.integers(1, 3)))} if heads and draw(st.booleans()) else {})


@settings(max_examples=60, deadline=None)
@given(board=boards(), carry=st.sampled_from(["exact", "displayed"]), decimals=st.integers(0, 4))
def test_every_blackboard_passes(board: dict[str, object], carry: str, decimals: int) -> None:
    words = [*board["words"], "word0"]  # type: ignore[misc]
    assert traces_of(board, {"one": " ".join(words)}, settings=Settings("cpu", "float64", carry, decimals))  # type: ignore[arg-type]


@pytest.fixture
def wrong_sums(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every pass add up the values of the words in reverse."""
    right = attention.weighted_sum
    monkeypatch.setattr(attention, "weighted_sum", lambda weights, values: right(weights, values.flip(-2)))


@pytest.mark.usefixtures("wrong_sums")
def test_nothing_is_drawn_of_a_broken_trace() -> None:
    storyboard = open_storyboard(FOLDER / "quickstart.yaml")
    specs = [scene.spec for scene in select(storyboard, ["the-move/embedding_plane/pull"])]
    with ScratchFolder("lint") as folder:
        store = Store(Path(folder))
        library = TraceLibrary(storyboard, specs, store, Sources(store), device="cpu")
        with pytest.raises(ProblemsFound) as found:
            library.scenes()
    assert "quickstart.yaml" in str(found.value)
    for problem in found.value.problems:
        assert problem.line
        assert "contradicts itself: head_outputs[head 1, token " in problem.message


@pytest.mark.usefixtures("wrong_sums")
def test_a_broken_trace_is_not_printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["attnviz", "trace", "an apple and an orange"])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    said = capsys.readouterr()
    assert "the trace of the model 'fruit_and_tech' contradicts itself: head_outputs[head 1, token " in said.err
    assert not said.out
