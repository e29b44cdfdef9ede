"""Traces of published architectures: equal to what transformers computes, and the same in a batch."""

import numpy as np
import pytest
import torch

pytest.importorskip("transformers", reason="needs the extra `pretrained`")
pytest.importorskip("gguf", reason="needs the extra `pretrained`")

import transformers
from safetensors.torch import load_file, save_file

from attnviz.input.problems import ProblemsFound
from attnviz.model.door import open_model
from attnviz.model.interface import Part, Settings, View
from attnviz.model.published import loading
from attnviz.model.published.arrays import arrays_of, labels_of
from attnviz.model.published.spec import fingerprint, read_pretrained
from attnviz.model.published.traces import trace_pretrained
from tests.model.pretrained_models import CONFIGS, OTHERS, edit, save
from tests.tolerances import ACTIVATION, close, layer_terms, norm_terms, sensitivity

pytestmark = pytest.mark.pretrained
KINDS = tuple(CONFIGS)
TEXT = "an apple unveiled an orange"
TEXTS = [TEXT, "buy", "please buy a new phone and an apple and an orange"]
TARGET = "a new phone"
FINAL_NORM = {"gpt2": "transformer.ln_f", "llama": "model.norm", "t5": "decoder.final_layer_norm"}
# The linear map after attention, by prefix of the arrays.
OUTPUT_MAPS = {
    "gpt2": {"": "transformer.h.{}.attn.c_proj"},
    "bert": {"": "bert.encoder.layer.{}.attention.output.dense"},
    "llama": {"": "model.layers.{}.self_attn.o_proj"},
    "t5": {
        "": "decoder.block.{}.layer.0.SelfAttention.o",
        "cross_": "decoder.block.{}.layer.1.EncDecAttention.o",
        "encoder_": "encoder.block.{}.layer.0.SelfAttention.o",
    },
}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("models")
    return {kind: save(kind, root / kind) for kind in KINDS}


@pytest.fixture(scope="module")
def spec_of(folders):
    return lambda kind: read_pretrained(f"hf:{folders[kind]}", cache=folders[kind].parent / "cache")


def trace_of(spec, text=TEXT, **settings):
    targets = [TARGET] if spec.both else None
    return trace_pretrained(spec, [text], targets=targets, **settings)[0]


def reference(spec):
    """Return transformers' own model, and a function that runs its own code and returns what can be compared."""
    model = (
        getattr(transformers, spec.made_for)
        .from_pretrained(spec.folder, attn_implementation="eager", local_files_only=True)
        .eval()
    )
    given = {"input_ids": torch.tensor([[piece.number for piece in spec.pieces(TEXT)]])}
    if spec.model_type == "t5":
        given["decoder_input_ids"] = torch.tensor([[piece.number for piece in spec.target_pieces(TARGET)]])
    return model, lambda changed: results(changed, given, spec)


@torch.no_grad()
def results(model, given, spec):
    """Run a model; return attention weights, what the linear maps after attention give, hidden states and logits."""
    outputs, hooks = {}, []
    for prefix, name in OUTPUT_MAPS.get(spec.model_type, {}).items():
        for layer in range(spec.layers):
            part = model.get_submodule(name.format(layer))
            keep = lambda *each, prefix=prefix: outputs.setdefault(f"{prefix}output", []).append(each[2][0])  # noqa: E731
            hooks.append(part.register_forward_hook(keep))
    found = model(**given, output_attentions=True, output_hidden_states=True)
    for hook in hooks:
        hook.remove()
    attentions = {"weights": found.get("attentions") or found.get("decoder_attentions")}
    if spec.model_type == "t5":
        attentions |= {"cross_weights": found.cross_attentions, "encoder_weights": found.encoder_attentions}
    states = torch.cat(found.get("hidden_states") or found.decoder_hidden_states)
    tables = {name: torch.cat(each) for name, each in attentions.items()}
    tables |= {name: torch.stack(each) for name, each in outputs.items()}
    return tables | {"states": states, "logits": found.logits[0], "probabilities": found.logits[0].softmax(-1)}


def terms_of(spec, wide=4 * 32):
    """Return a bound on the roundings behind one another; `wide` is that of the widest feed-forward network here."""
    one = layer_terms(spec.d_model, spec.d_head, spec.heads, spec.context, wide, cross=spec.both)
    return (2 if spec.both else 1) * spec.layers * one + 2 * norm_terms(spec.d_model) + spec.d_model + spec.vocabulary


@pytest.mark.parametrize("kind", KINDS)
def test_a_trace_is_what_transformers_computes(kind, spec_of):
    spec = spec_of(kind)
    trace, (model, run) = trace_of(spec), reference(spec)
    expected, scales, terms = run(model), sensitivity(model, run), terms_of(spec)
    assert {f"{prefix}{name}" for prefix in OUTPUT_MAPS[kind] for name in ("weights", "output")} <= expected.keys()
    for prefix, path in OUTPUT_MAPS[kind].items():
        for name in (f"{prefix}weights", f"{prefix}output"):
            close(trace[name], expected[name], "float32", terms, scales[name], name)
        layers = [model.get_submodule(path.format(layer)) for layer in range(spec.layers)]
        biases = [getattr(layer, "bias", None) for layer in layers]
        added = [[np.zeros(1) if bias is None else bias.detach().numpy()] for bias in biases]
        adding_up, name = trace[f"{prefix}head_contributions"].sum("head") + added, f"{prefix}output"
        close(adding_up, expected[name], "float32", terms, scales[name], name)
    for name in ("logits", "probabilities"):
        close(trace[name], expected[name], "float32", terms, scales[name], name)


@pytest.mark.parametrize("kind", KINDS)
def test_the_stream_is_that_of_the_hidden_states(kind, spec_of):
    spec = spec_of(kind)
    trace, (model, run) = trace_of(spec), reference(spec)
    states, scale, terms = run(model)["states"], sensitivity(model, run)["states"], terms_of(spec)
    close(trace.residual.sel(stage="input"), states[:-1], "float32", terms, scale)
    close(trace.embeddings, states[0], "float32", terms, scale)
    leaving = torch.tensor(trace.residual.sel(stage="feed_forward").values)
    close(leaving[:-1], states[1:-1], "float32", terms, scale)
    last = model.get_submodule(FINAL_NORM[kind])(leaving[-1]).detach() if kind in FINAL_NORM else leaving[-1]
    close(last, states[-1], "float32", terms, scale)


@pytest.mark.parametrize("kind", OTHERS)
def test_other_architectures(kind, tmp_path):
    spec = read_pretrained(f"hf:{save(kind, tmp_path)}", cache=tmp_path)
    trace, (model, run) = trace_of(spec), reference(spec)
    expected, scales, terms = run(model), sensitivity(model, run), terms_of(spec)
    for name in ("weights", "logits"):
        close(trace[name], expected[name], "float32", terms, scales[name], name)
    close(trace.residual.sel(stage="input")[1:], expected["states"][1:-1], "float32", terms, scales["states"])
    np.testing.assert_array_equal(trace.embeddings, trace.residual.sel(stage="input", layer="1"))


@pytest.mark.parametrize("kind", KINDS)
def test_the_steps_follow_from_one_another(kind, spec_of):
    spec = spec_of(kind)
    trace = trace_of(spec, dtype="float64")
    for prefix in OUTPUT_MAPS[kind]:
        part = {name: trace[prefix + name].values for name in ("queries", "keys", "values", "query_key_dot", "scores")}
        by_hand = part["queries"] @ part["keys"].swapaxes(-1, -2)
        summed = np.abs(part["queries"]) @ np.abs(part["keys"]).swapaxes(-1, -2)
        close(by_hand, part["query_key_dot"], "float64", spec.d_head, summed)
        exponentials = np.exp(part["scores"] - part["scores"].max(-1, keepdims=True))
        weights = exponentials / exponentials.sum(-1, keepdims=True)
        keys = weights.shape[-1]
        close(trace[f"{prefix}weights"], weights, "float64", keys + ACTIVATION)
        outputs = weights @ part["values"]
        close(trace[f"{prefix}head_outputs"], outputs, "float64", 2 * keys + ACTIVATION, np.abs(part["values"]).max())
        side_by_side = trace[f"{prefix}head_outputs"].values.swapaxes(1, 2).reshape(spec.layers, weights.shape[-2], -1)
        np.testing.assert_array_equal(trace[f"{prefix}concatenated"], side_by_side)
    visible = np.ones_like(trace["mask"]) if kind == "bert" else np.tril(np.ones_like(trace["mask"]))
    np.testing.assert_array_equal(trace["mask"], visible)
    np.testing.assert_array_equal(np.isneginf(trace.scores), np.broadcast_to(~visible[:, None], trace.scores.shape))


@pytest.mark.parametrize("kind", KINDS)
def test_arrays_and_labels_are_as_announced(kind, spec_of):
    spec = spec_of(kind)
    trace, announced = trace_of(spec), arrays_of(spec)
    targets = spec.target_pieces(TARGET) if kind == "t5" else None
    assert list(trace.data_vars) == list(announced)
    for name, array in trace.data_vars.items():
        assert array.dims == announced[name].dims
        told = {"scales", "caps", "biased"} if name.endswith("scores") else set()  # layer by layer
        assert array.attrs.keys() == {"description", "formula"} | told
        assert array.attrs["description"] == announced[name].meaning
        assert array.attrs["formula"] == announced[name].formula
    labels = labels_of(spec, spec.pieces(TEXT), targets)
    assert {dim: tuple(trace[dim].values) for dim in trace.dims} == labels


def sensitivity_of_traces(spec, text, given):
    """Return how the arrays of a trace answer to changes of the model's parameters."""
    loaded = loading.load(spec, "cpu", "float64")

    def compute(changed):
        layers = [changed.get_submodule(name) for name in names]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                "attnviz.model.published.traces.load", lambda *_: loaded._replace(model=changed, layers=layers)
            )
            trace = trace_pretrained(spec, [text], dtype="float64", **given)[0]
        return {str(name): array.values for name, array in trace.data_vars.items()}

    modules = {module: name for name, module in loaded.model.named_modules()}
    names = [modules[layer] for layer in loaded.layers]
    return sensitivity(loaded.model, compute)


@pytest.mark.parametrize("kind", KINDS)
def test_a_batch_gives_what_single_texts_give(kind, spec_of):
    spec = spec_of(kind)
    targets = ["a", TARGET, "an apple and an orange"] if kind == "t5" else None
    together, terms = trace_pretrained(spec, TEXTS, targets=targets), terms_of(spec)
    for row, trace in enumerate(together):
        given = {"targets": targets and [targets[row]]}
        alone = trace_pretrained(spec, [TEXTS[row]], **given)[0]
        scales = sensitivity_of_traces(spec, TEXTS[row], given)
        assert trace.attrs == alone.attrs
        for name, array in alone.data_vars.items():
            close(trace[name], array, "float32", terms, scales[name], name)
            assert list(trace[name].coords) == list(array.coords)


def test_labels(spec_of):
    trace = trace_of(spec_of("bert"))
    assert trace.token.values.tolist() == ["[CLS]", "an", "apple", "un-", "-veil-", "-ed", "an#2", "orange", "[SEP]"]
    assert trace.word.values.tolist() == ["[CLS]", "an", "apple", *["unveiled"] * 3, "an", "orange", "[SEP]"]
    assert trace.tokens.values.tolist() == [2, 6, 5, 12, 13, 14, 6, 8, 3]
    assert trace.positions.values.tolist() == list(range(9))
    assert trace.layer.values.tolist() == ["1", "2", "3"]
    assert trace.stage.values.tolist() == ["input", "feed_forward"]
    shared = trace_of(spec_of("llama"))
    assert shared.key_value_head.values.tolist() == ["1", "1", "2", "2"]
    np.testing.assert_array_equal(shared["keys"].sel(head="1"), shared["keys"].sel(head="2"))


def test_an_encoder_decoder_begins_with_its_start_token(spec_of):
    spec = spec_of("t5")
    alone = trace_pretrained(spec, [TEXT])[0]
    assert alone.token.values.tolist() == ["[PAD]"]
    assert alone.source.values.tolist() == ["an", "apple", "un-", "-veil-", "-ed", "an#2", "orange"]
    assert alone.source_word.values.tolist() == ["an", "apple", *["unveiled"] * 3, "an", "orange"]
    assert alone.cross_weights.dims == ("layer", "head", "query", "source_key")
    assert labels_of(spec, spec.pieces(TEXT))["token"] == ("[PAD]",)
    written = trace_of(spec)
    assert written.token.values.tolist() == ["[PAD]", "a", "new", "phone"]
    model, run = reference(spec)
    scale = sensitivity(model, run)["states"]
    ours, theirs = (trace.residual.sel(token="[PAD]") for trace in (written, alone))
    close(ours, theirs, "float32", terms_of(spec), scale)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("layer", "head"), [("2", "1"), (None, "2")])
def test_a_part_of_a_trace_has_the_bits_of_the_whole(spec_of, kind, layer, head):
    spec = spec_of(kind)
    whole = trace_of(spec).sel({dim: [label] for dim, label in (("layer", layer), ("head", head)) if label})
    for names in (None, ["weights"], ["keys", "contribution_norm"], ["score_sum", "residual"]):
        part = trace_of(spec, part=Part(names, layer, head))
        assert part.identical(whole[names or list(arrays_of(spec))])
    with pytest.raises(ProblemsFound, match="has no head '99'; its heads: 1, 2"):
        trace_of(spec, part=Part(head="99"))


def test_settings_of_the_trace(spec_of, folders):
    trace = trace_of(spec_of("gpt2"), part=Part(["weights", "contribution_norm", "tokens"]))
    assert list(trace.data_vars) == ["tokens", "weights", "contribution_norm"]
    assert trace.attrs == {
        "model": f"hf:{folders['gpt2']}",
        "fingerprint": fingerprint(spec_of("gpt2")),
        "architecture": "decoder",
        "model_type": "gpt2",
        "similarity": "scaled_dot",
        "weights": "softmax",
        "carry": "exact",
        "device": "cpu",
        "dtype": "float32",
        "sentence": TEXT,
    }
    assert trace_of(spec_of("t5")).similarity == "dot"  # T5 does not divide by √d
    double = trace_of(spec_of("gpt2"), dtype="float64")
    assert (double.dtype, double.weights.dtype, double.logits.dtype) == ("float64", np.float64, np.float64)
    model, run = reference(spec_of("gpt2"))
    close(double.weights, trace.weights, "float32", terms_of(spec_of("gpt2")), sensitivity(model, run)["weights"])


def test_a_model_without_a_vocabulary_map_has_no_logits(tmp_path):
    spec = read_pretrained(f"hf:{save_encoder_only(tmp_path)}", cache=tmp_path)
    assert not spec.guesses
    assert "logits" not in trace_pretrained(spec, [TEXT])[0]


def save_encoder_only(folder):
    save("bert", folder)
    transformers.BertModel.from_pretrained(folder).save_pretrained(folder)
    return folder


def test_the_encoder_of_a_t5_alone(tmp_path):
    save("t5", tmp_path)
    transformers.T5EncoderModel.from_pretrained(tmp_path).save_pretrained(tmp_path)
    edit(tmp_path, architectures=["T5EncoderModel"])
    spec = read_pretrained(f"hf:{tmp_path}", cache=tmp_path)
    trace = trace_pretrained(spec, [TEXT])[0]
    assert (trace.architecture, trace["mask"].values.all()) == ("encoder", True)


def test_attention_that_cannot_be_recorded_is_refused(tmp_path):
    """A layer that adds a learned sink to every softmax computes something else than softmax(scores) · values."""
    config = transformers.GptOssConfig(
        vocab_size=19, hidden_size=24, num_hidden_layers=1, num_attention_heads=4, num_key_value_heads=2, head_dim=8,
        intermediate_size=16, num_local_experts=2, num_experts_per_tok=1, max_position_embeddings=32,
        layer_types=["full_attention"], initializer_range=0.4, pad_token_id=0,
    )  # fmt: skip
    torch.manual_seed(1)
    transformers.GptOssForCausalLM(config).save_pretrained(tmp_path)
    save("llama", tmp_path / "other")
    (tmp_path / "tokenizer.json").write_text((tmp_path / "other" / "tokenizer.json").read_text())
    spec = read_pretrained(f"hf:{tmp_path}", cache=tmp_path)
    with pytest.raises(ProblemsFound, match="cannot be recorded: it is not softmax"):
        trace_pretrained(spec, [TEXT])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"texts": []}, "there is no text"),
        ({"texts": [" "]}, "the text is empty"),
        ({"texts": ["apple " * 33]}, "the text has 33 tokens; at most 32 can be traced"),
        ({"part": Part(["weight"])}, "no array 'weight'; did you mean 'weights'"),
        ({"targets": ["a"]}, "this model reads one text only"),
    ],
)
def test_what_cannot_be_traced(settings, message, spec_of):
    with pytest.raises(ProblemsFound, match=message):
        trace_pretrained(spec_of("gpt2"), **({"texts": [TEXT]} | settings))


def test_what_transformers_cannot_run_is_told(folders, tmp_path, monkeypatch):
    spec = read_pretrained(f"hf:{folders['gpt2']}", cache=tmp_path / "cache")
    assert trace_pretrained(spec, ["apple"])[0].sizes["token"] == 1
    beyond = {"input_ids": torch.tensor([[10**6]]), "attention_mask": torch.ones(1, 1, dtype=torch.long)}
    monkeypatch.setattr("attnviz.model.published.traces.inputs", lambda *given: beyond)
    with pytest.raises(ProblemsFound, match="transformers cannot run this model: index out of range"):
        trace_pretrained(spec, ["apple"])


def test_the_plane_of_an_encoder_decoder_is_of_words_that_its_decoder_has_written(folders):
    model = open_model(f"hf:{folders['t5']}")
    view = View(2, "1", (("fruit", ("apple", "an *orange*")), ("things", ("phone", "stock"))))
    tokens = model.tokens("an apple => a phone")
    seen = model.run("an apple => a phone", None, Settings(device="cpu"), view)
    assert model.contents(tokens, view).labels["token"] == tuple(seen.token.values) == ("[PAD]", "a", "phone")
    word, text = (model.run(f"{each} => {each}", None, Settings(device="cpu"), view) for each in ("apple", "an orange"))
    middle = (word.points.sel(token="apple") + text.points.sel(token="orange")) / 2
    close(middle.values[0], 1.0, "float64", terms_of(model.source.spec), 1 + np.abs(word.points.values).max())
    assert np.isfinite(model.run("an apple", None, Settings(device="cpu"), View())["points"].values).all()


@pytest.mark.parametrize("kind", KINDS)
def test_a_view_of_all_heads(kind, folders):
    model, cpu = open_model(f"hf:{folders[kind]}"), Settings(device="cpu")
    text = "an apple => a phone" if kind == "t5" else "an apple"
    view, tokens = View(2, "all"), model.tokens(text)
    said, trace = model.contents(tokens, view), model.run(text, None, cpu, view)
    assert dict(said.arrays) == {name: array.dims for name, array in trace.data_vars.items()}
    for name in ("queries", "keys", "values", "scores", "weights", "head_outputs", "head_contributions"):
        assert said.labels["head"] == tuple(trace[name]["head"].values) == ("1", "2", "3", "4")
        for head in "1234":
            one = model.run(text, None, cpu, View(2, head))[name]
            assert np.array_equal(trace[name].sel(head=[head]).values, one.values)
    assert "write `head: 1`" in said.absent["softmax"]
    assert "parameters of published models" in said.absent["W_Q"]


def test_targets_are_as_many_as_texts(spec_of):
    with pytest.raises(ProblemsFound, match="the texts are 2, the targets 1"):
        trace_pretrained(spec_of("t5"), [TEXT, TEXT], targets=[TARGET])


def test_missing_weights_are_told(tmp_path):
    edit(save("gpt2", tmp_path), n_layer=4)
    with pytest.raises(ProblemsFound, match=r"the weights 'transformer\.h\.3"):
        trace_pretrained(read_pretrained(f"hf:{tmp_path}", cache=tmp_path), [TEXT])


def complaint(folder):
    with pytest.raises(ProblemsFound) as found:
        trace_pretrained(read_pretrained(f"hf:{folder}", cache=folder), [TEXT])
    return str(found.value)


def test_weights_that_do_not_fit_config_json_are_told_with_their_sizes(tmp_path):
    edit(save("bert", tmp_path), hidden_size=32)
    said = complaint(tmp_path)
    assert said.startswith(f"{tmp_path / 'model.safetensors'}: 'bert.embeddings.LayerNorm.bias' is 24, but by ")
    assert said.endswith("more like this); does config.json belong to these weights?")
    assert "by config.json it is 32 (and " in said


def test_damaged_weights_are_told_with_their_file(tmp_path):
    file = save("gpt2", tmp_path) / "model.safetensors"
    whole = file.read_bytes()
    file.write_bytes(whole[:-100])
    assert complaint(tmp_path).startswith(f"{file}: the file is cut short: {len(whole) - 100:,} of ")
    assert complaint(tmp_path).endswith("; copy it again, or download it again")
    weights = load_file(save("gpt2", tmp_path) / "model.safetensors")
    weights["transformer.wte.weight"][0, 0] = float("nan")
    save_file(weights, file, {"format": "pt"})
    assert complaint(tmp_path) == f"{file}: 'transformer.wte.weight' holds NaN; copy it again, or download it again"


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("kind", KINDS)
def test_a_gpu_gives_the_same_numbers(kind, spec_of):
    spec = spec_of(kind)
    here, there = trace_of(spec, dtype="float64"), trace_of(spec, dtype="float64", device="cuda")
    assert there.device == "cuda"
    scales = sensitivity_of_traces(spec, TEXT, {"targets": [TARGET] if kind == "t5" else None})
    for name, array in here.data_vars.items():
        close(there[name], array, "float64", terms_of(spec), scales[name], name)
