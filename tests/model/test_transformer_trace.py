"""Traces of a transformer: what is in them, that it adds up, and that a batch gives what single texts give."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from attnviz.input.problems import ProblemsFound
from attnviz.input.questions import Read, ask
from attnviz.model.interface import Part
from attnviz.model.one_text import Wanted
from attnviz.model.recording import ForwardOptions, Recording
from attnviz.model.tokens import distinct
from attnviz.model.transformer import Transformer
from attnviz.model.transformer_arrays import arrays_of, labels_of, parameters_of
from attnviz.model.transformer_config import TransformerConfig
from attnviz.model.transformer_trace import fingerprint, padded, trace_texts
from tests import tolerances
from tests.tolerances import layer_terms, sensitivity, transformer_terms

WORDS = ["an", "apple", "and", "orange", "phone", "new", "a", "the"]
ARCHITECTURES = ("decoder", "encoder", "encoder_decoder")


def model_of(dtype=torch.float64, seed=0, **changes):
    defaults = {"architecture": "decoder", "vocabulary": 8, "context": 9, "layers": 2, "d_model": 8, "heads": 4}
    torch.manual_seed(seed)
    model = Transformer(TransformerConfig(**(defaults | changes))).to(dtype)
    for parameter in model.parameters():
        parameter.data += 0.1 * torch.randn_like(parameter)
    return model


def sources_for(model, texts):
    """Return a source for each text, if the model reads any; each has another length than its text."""
    both = model.config.architecture == "encoder_decoder"
    return [[*text, 1][: model.config.context] for text in texts] if both else None


def arrays(trace):
    """Return the arrays of a trace as tensors' values by name."""
    return {str(name): array.values for name, array in trace.data_vars.items()}


def layer_terms_of(config):
    return layer_terms(config.d_model, config.d_head, config.heads, config.context, config.d_feed_forward)


SHAPES = [
    {},
    {"key_value_heads": 2, "positions": "rotary", "norm": "rms", "feed_forward": "swiglu", "bias": True},
    {"key_value_heads": 1, "positions": "sinusoidal", "norm_position": "after", "tied": False, "d_head": 3},
]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("shape", SHAPES)
def test_arrays_are_as_announced(architecture, shape):
    model = model_of(architecture=architecture, **shape)
    texts = [[0, 1, 2, 0, 3], [4]]
    announced, labels = arrays_of(model.config), labels_of(model.config, WORDS)
    for trace, words in zip(trace_texts(model, texts, sources_for(model, texts), vocabulary=WORDS), texts, strict=True):
        assert list(trace.data_vars) == list(announced)
        for name, array in trace.data_vars.items():
            assert array.dims == announced[name].dims
            assert array.attrs == {"description": announced[name].meaning, "formula": announced[name].formula}
            assert np.isfinite(array).all() or name.removeprefix("encoder_") == "scores"
        assert trace.token.size == len(words)
        assert {dim: tuple(trace[dim].values) for dim in labels} == labels
    counted = {"token", "query", "key", "source", "source_query", "source_key"}
    of_model = {name for name, info in announced.items() if not counted.intersection(info.dims)}
    assert set(parameters_of(model.config)) == of_model


def test_labels():
    trace = trace_texts(model_of(key_value_heads=2), [[0, 1, 2, 0, 3]], vocabulary=WORDS)[0]
    for dim in ("token", "query", "key"):
        assert trace[dim].values.tolist() == ["an", "apple", "and", "an#2", "orange"]
    assert trace.word.values.tolist() == ["an", "apple", "and", "an", "orange"]
    assert trace.tokens.values.tolist() == [0, 1, 2, 0, 3]
    assert trace.positions.values.tolist() == [0, 1, 2, 3, 4]
    assert trace.layer.values.tolist() == ["1", "2"]
    assert trace["head"].values.tolist() == ["1", "2", "3", "4"]
    assert trace.key_value_head.values.tolist() == ["1", "1", "2", "2"]
    assert trace.stage.values.tolist() == ["input", "attention", "feed_forward"]
    assert trace.d_concat.values.tolist()[:3] == ["1-1", "1-2", "2-1"]
    assert trace.vocabulary.values.tolist() == WORDS
    assert trace_texts(model_of(), [[3, 3]])[0].token.values.tolist() == ["3", "3#2"]
    assert trace.attrs == {
        "architecture": "decoder",
        "similarity": "scaled_dot",
        "weights": "softmax",
        "carry": "exact",
        "device": "cpu",
        "dtype": "float64",
    }


def test_labels_are_never_taken_twice():
    assert distinct(["an", "an#2", "an", "an"]) == ("an", "an#2", "an#3", "an#4")


def test_a_scene_can_ask():
    trace = trace_texts(model_of(), [[0, 1]], vocabulary=WORDS)[0]
    where = (("layer", ("2",)), ("head", ("3",)), ("query", ("an",)), ("key", ("an",)))
    assert ask({"": trace}, Read("entries", name="weights", coords=where))[1] == [1.0]
    assert ask({"": trace}, Read("labels", coords=(("layer", ()),))) == ["1", "2"]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("shape", SHAPES)
def test_the_trace_adds_up(architecture, shape):
    model = model_of(architecture=architecture, **shape)
    config, before = model.config, model.config.norm_position == "before"
    text = [[0, 1, 2, 0, 3]]
    t = trace_texts(model, text, sources_for(model, text), vocabulary=WORDS)[0]

    scales = sensitivity(model, lambda changed: arrays(trace_texts(changed, text, sources_for(model, text))[0]))

    def close(ours, theirs):
        """What follows from recorded arrays: at most one part of the model again, from its own inputs."""
        scale = scales.get(str(ours.name), None)
        tolerances.close(ours, theirs.transpose(*ours.dims), "float64", layer_terms_of(config), scale, str(ours.name))

    for prefix in [""] if architecture != "encoder_decoder" else ["", "encoder_", "cross_"]:
        of = {name: t[prefix + name] for name in ("weights", "scores", "values", "output", "W_O", "W_V")}
        words = "source" if prefix == "encoder_" else "token"
        key = of["weights"].dims[-1]
        close(t[f"{prefix}score_exponentials"] / t[f"{prefix}score_sum"], of["weights"])
        close(
            t[f"{prefix}head_outputs"],
            of["weights"]
            .rename({of["weights"].dims[-2]: words})
            .dot(of["values"].rename({of["values"].dims[-2]: key}), dim=key),
        )
        added = t[f"{prefix}b_O"] if config.bias else 0
        close(of["output"], t[f"{prefix}head_contributions"].sum("head") + added)
        close(of["output"], t[f"{prefix}concatenated"].dot(of["W_O"], dim="d_concat") + added)
        close(t[f"{prefix}contribution_norm"], (t[f"{prefix}head_contributions"] ** 2).sum("d_output") ** 0.5)
        bilinear = t[f"{prefix}W_Q"].dot(t[f"{prefix}W_K"].rename(d_model="d_model_key"), dim="d_head")
        close(t[f"{prefix}bilinear"], bilinear)

    x = t.normed.sel(part="attention") if before else t.residual.sel(stage="input")
    close(t["values"], x.dot(t.W_V, dim="d_model") + (t.b_V if config.bias else 0))
    raw = {
        name: x.dot(t[f"W_{name[0].upper()}"], dim="d_model") + (t[f"b_{name[0].upper()}"] if config.bias else 0)
        for name in ("queries", "keys")
    }
    for name in raw:
        close(t[f"unturned_{name}" if config.positions == "rotary" else name], raw[name])
    dots = t.queries.rename(token="query").dot(t["keys"].rename(token="key"), dim="d_head")
    close(t.query_key_dot, dots)
    close(t.scores, (dots / config.d_head**0.5).where(t["mask"], -np.inf))

    added = t.position_vectors if "position_vectors" in t else 0
    close(t.residual.sel(layer="1", stage="input"), t.embeddings + added)
    np.testing.assert_array_equal(
        t.residual.sel(layer="2", stage="input"), t.residual.sel(layer="1", stage="feed_forward")
    )
    moved = t.residual.sel(stage="input") + t.output.rename(d_output="d_model")
    if before:
        close(t.residual.sel(stage="attention"), moved)
        close(t.residual.sel(stage="feed_forward"), t.residual.isel(stage=-2) + t.feed_forward)
    else:
        np.testing.assert_array_equal(t.residual.sel(stage="attention"), t.normed.sel(part="attention"))
    last = t.final_normed if before else t.residual.isel(layer=-1, stage=-1)
    close(t.logits, last.dot(t.W_U, dim="d_model"))
    close(t.probabilities, np.exp(t.logits) / np.exp(t.logits).sum("vocabulary"))
    assert (t["mask"].values == (np.tri(5) > 0 if architecture != "encoder" else np.ones((5, 5), bool))).all()


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_one_text_is_the_plain_pass_bit_by_bit(architecture):
    model = model_of(torch.float32, architecture=architecture, positions="rotary")
    text = [[0, 1, 2, 0, 3]]
    sources = sources_for(model, text)
    trace = trace_texts(model, text, sources)[0]
    plain = model(padded(text), None if sources is None else padded(sources))
    np.testing.assert_array_equal(trace.logits, plain[0].detach().numpy())


@st.composite
def batches(draw):
    texts = draw(st.lists(st.lists(st.integers(0, 7), min_size=1, max_size=8), min_size=1, max_size=4))
    return texts, {
        "architecture": draw(st.sampled_from(ARCHITECTURES)),
        "positions": draw(st.sampled_from(["none", "sinusoidal", "learned", "rotary"])),
        "key_value_heads": draw(st.sampled_from([1, 2, 4])),
        "norm_position": draw(st.sampled_from(["before", "after"])),
        "norm": draw(st.sampled_from(["layer", "rms"])),
        "bias": draw(st.booleans()),
    }


@pytest.mark.slow
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
@settings(deadline=None, max_examples=8)
@given(batches())
def test_a_batch_gives_what_single_texts_give(dtype, batch):
    """Libraries add up in another order where a table has more rows: no bits are promised, but the bound of all sums."""
    texts, shape = batch
    model = model_of(dtype, **shape)
    sources, terms = sources_for(model, texts), transformer_terms(model.config)
    for row, together in enumerate(trace_texts(model, texts, sources)):
        given = [texts[row]], sources and [sources[row]]
        alone = trace_texts(model, *given)[0]
        scales = sensitivity(model, lambda changed, given=given: arrays(trace_texts(changed, *given)[0]))
        assert list(together.coords) == list(alone.coords)
        for name in alone:
            tolerances.close(together[name], alone[name], dtype, terms, scales[str(name)], str(name))


def test_chosen_arrays_only():
    model = model_of(architecture="encoder_decoder")
    chosen = ["weights", "cross_score_sum", "W_Q", "probabilities"]
    trace = trace_texts(model, [[0, 1]], [[2]], part=Part(arrays=chosen))[0]
    assert set(trace.data_vars) == set(chosen)
    everything = trace_texts(model, [[0, 1]], [[2]])[0]
    for name in chosen:
        np.testing.assert_array_equal(trace[name], everything[name])
    assert "d_feed_forward" not in trace.coords
    recording = Recording({"weights"})
    model(padded([[0, 1]]), padded([[2]]), options=ForwardOptions(recording))
    assert list(recording.tensors) == ["weights"]


@pytest.mark.parametrize(
    "shape", [{"architecture": "encoder_decoder"}, {"key_value_heads": 2, "positions": "rotary"}], ids=str
)
@pytest.mark.parametrize(("layer", "head"), [("2", "3"), ("1", None), (None, "4")])
def test_a_part_of_a_trace_has_the_bits_of_the_whole(shape, layer, head):
    model = model_of(**shape)
    texts = [[0, 1, 2], [3, 4]]
    chosen = {dim: [label] for dim, label in (("layer", layer), ("head", head)) if label}
    whole = [trace.sel(chosen) for trace in trace_texts(model, texts, sources_for(model, texts))]
    known = arrays_of(model.config)
    for names in (None, *([name] for name in known)):
        some = trace_texts(model, texts, sources_for(model, texts), part=Part(names, layer, head))
        for part, all_of_it in zip(some, whole, strict=True):
            expected = all_of_it[names or list(known)]
            assert part.identical(expected), names


def test_what_is_not_wanted_is_not_kept():
    model, text = model_of(layers=6, d_model=8, heads=4, key_value_heads=2, positions="rotary"), [0, 1, 2, 3]
    kept = {"weights": (1, 1, 4, 4), "unturned_keys": (1, 1, 4, 2), "normed": (1, 4, 8), "residual": (1, 4, 8)}
    wanted = Wanted(Part(kept, "5", "3"), arrays_of(model.config), labels_of(model.config))
    recording = wanted.recording()
    model(padded([text]), options=ForwardOptions(recording))
    counts = {"weights": 1, "unturned_keys": 1, "normed": 2, "residual": 3}
    assert {name: len(tensors) for name, tensors in recording.tensors.items()} == counts
    for name, shape in kept.items():
        tensors = recording.tensors[name]
        assert {tuple(tensor.shape) for tensor in tensors} == {shape}
        assert all(each.untyped_storage().nbytes() == each.nbytes for each in tensors)  # nothing larger is held


def test_parameters_by_layer_and_head():
    model = model_of(key_value_heads=2)
    first, second = trace_texts(model, [[0, 1], [2]])
    attention = model.decoder.layers[1].attention
    np.testing.assert_array_equal(first.W_Q.sel(layer="2", head="3"), attention.W_Q[:, 4:6].detach())
    for head in ("3", "4"):  # which share the second key-value head
        np.testing.assert_array_equal(first.W_K.sel(layer="2", head=head), attention.W_K[:, 2:4].detach())
    assert first.sel(layer="2").W_Q.dims == ("head", "d_model", "d_head")
    assert np.shares_memory(first.W_E.values, second.W_E.values)
    kept = first.copy(deep=True)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 1
    assert first.identical(kept)


def test_a_fingerprint_is_the_models():
    model = model_of()
    first = fingerprint(model)
    assert len(first) == 12
    assert fingerprint(model_of()) == first
    assert fingerprint(model_of(title="another title")) == first
    assert fingerprint(model_of(norm_epsilon=1e-6)) != first
    assert fingerprint(model_of(seed=1)) != first


def test_a_trace_can_be_saved(tmp_path):
    import xarray as xr

    trace = trace_texts(model_of(), [[0, 1, 2]], vocabulary=WORDS)[0]
    trace.to_netcdf(tmp_path / "trace.nc", engine="h5netcdf")
    with xr.open_dataset(tmp_path / "trace.nc", engine="h5netcdf") as read:
        xr.testing.assert_equal(read.load(), trace)


def test_narrow_numbers_can_be_shown():
    trace = trace_texts(model_of(torch.bfloat16), [[0, 1, 2]])[0]
    assert trace.weights.dtype == np.float32
    assert trace.attrs["dtype"] == "bfloat16"


PROBLEMS = [
    (([[0]],), {"part": Part(["weight"])}, "this model's trace has no array 'weight'; did you mean 'weights'?"),
    (([[0]],), {"vocabulary": ["a"]}, "the vocabulary has 1 word; the model has 8 tokens"),
    (([[0]], [[1]]), {}, "there is 1 source for 1 text; this decoder reads none"),
    (([],), {}, "there is no text"),
    (([[0], []],), {}, "a text has 0 tokens; expected 1 … 9"),
    (([[0] * 10],), {}, "a text has 10 tokens; expected 1 … 9"),
    (([[0, 8]],), {}, "a text has the token 8; expected 0 … 7"),
    (([[-1]],), {}, "a text has the token -1; expected 0 … 7"),
]


@pytest.mark.parametrize(("arguments", "settings", "complaint"), PROBLEMS)
def test_what_can_be_wrong(arguments, settings, complaint):
    with pytest.raises(ProblemsFound) as found:
        trace_texts(model_of(), *arguments, **settings)
    assert str(found.value) == complaint


def test_an_encoder_decoder_needs_sources():
    with pytest.raises(ProblemsFound) as found:
        trace_texts(model_of(architecture="encoder_decoder"), [[0], [1]], [[0]])
    assert str(found.value) == "there is 1 source for 2 texts; give one for each text"


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_gpu_gives_the_same_numbers(architecture):
    model, texts = model_of(architecture=architecture, positions="rotary"), [[0, 1, 2, 0, 3], [4]]
    sources = sources_for(model, texts)
    here = trace_texts(model, texts, sources)
    there = trace_texts(model.cuda(), texts, sources)
    assert fingerprint(model) == fingerprint(model.cpu())
    model, terms = model.cpu(), transformer_terms(model.config)
    for row, (ours, theirs) in enumerate(zip(there, here, strict=True)):
        assert ours.attrs["device"] == "cuda"
        given = [texts[row]], sources and [sources[row]]
        scales = sensitivity(model, lambda changed, given=given: arrays(trace_texts(changed, *given)[0]))
        for name in theirs:
            tolerances.close(ours[name], theirs[name], "float64", terms, scales[str(name)], str(name))
