"""What if, with published architectures: against transformers' own code, changed in the same way by other means."""

from __future__ import annotations

import pytest
import torch

pytest.importorskip("transformers", reason="needs the extra `pretrained`")
pytest.importorskip("gguf", reason="needs the extra `pretrained`")

import transformers

from attnviz.input.problems import ProblemsFound
from attnviz.model.door import open_model
from attnviz.model.interface import Settings, View
from attnviz.model.published.spec import read_pretrained
from attnviz.model.published.traces import trace_pretrained
from tests.model.pretrained_models import save
from tests.tolerances import close, layer_terms, norm_terms, sensitivity

pytestmark = pytest.mark.pretrained
TEXT = "an apple unveiled an orange"
HIDDEN = -1e30


@pytest.fixture(scope="module")
def spec_of(tmp_path_factory):
    root = tmp_path_factory.mktemp("models")

    def read(kind):
        folder = root / kind
        if not folder.exists():
            save(kind, folder)
        return read_pretrained(f"hf:{folder}", cache=root / "cache")

    return read


def own_model(spec):
    made = getattr(transformers, spec.made_for)
    return made.from_pretrained(spec.folder, attn_implementation="eager", local_files_only=True).double().eval()


@torch.no_grad()
def computed(model, spec, part, monkeypatch):
    """Return the weights and logits of transformers' own attention, changed where it takes its settings from."""
    ids = [piece.number for piece in spec.pieces(TEXT)]
    given = {"input_ids": torch.tensor([ids])}
    if part == "mask":
        given["attention_mask"] = torch.zeros(1, 1, len(ids), len(ids), dtype=torch.float64)
    with monkeypatch.context() as patched:
        if part == "sqrt_d":
            scaling = [module for module in model.modules() if hasattr(module, "scaling")]
            assert len(scaling) == spec.layers
            for module in scaling:
                patched.setattr(module, "scaling", 1.0)
        if part == "softmax":
            as_they_are = lambda x, dim=-1, dtype=None: x.masked_fill(x < HIDDEN, 0.0)  # noqa: E731
            patched.setattr(torch.nn.functional, "softmax", as_they_are)
        if part == "head=2.3":
            columns = slice(2 * spec.d_head, 3 * spec.d_head)
            if spec.model_type == "gpt2":
                model.transformer.h[1].attn.c_proj.weight[columns] = 0
            elif spec.model_type == "bert":
                model.bert.encoder.layer[1].attention.output.dense.weight[:, columns] = 0
            else:
                model.model.layers[1].self_attn.o_proj.weight[:, columns] = 0
        found = model(**given, output_attentions=True)
    return {"weights": torch.cat(found.attentions), "logits": found.logits[0]}


CASES = [
    *((kind, part) for kind in ("gpt2", "llama", "mistral") for part in ("sqrt_d", "mask", "softmax", "head=2.3")),
    *(("bert", part) for part in ("sqrt_d", "softmax", "head=2.3")),
]


@pytest.mark.parametrize(("kind", "part"), CASES)
def test_a_published_model_is_computed_anew(kind, part, spec_of, monkeypatch):
    spec = spec_of(kind)
    [trace] = trace_pretrained(spec, [TEXT], dtype="float64", without=(part,))
    expected = computed(own_model(spec), spec, part, monkeypatch)
    scales = sensitivity(own_model(spec), lambda changed: computed(changed, spec, part, monkeypatch))
    one = layer_terms(spec.d_model, spec.d_head, spec.heads, spec.context, 4 * 32)
    terms = spec.layers * one + 2 * norm_terms(spec.d_model) + spec.d_model + spec.vocabulary
    # Where transformers computes in float32 whatever the model does, that is the precision of the comparison
    kept = "float32" if kind in ("llama", "mistral") else "float64"
    for name, each in expected.items():
        close(trace[name], each, kept, terms, scales[name], f"{kind} {part} {name}")
    [whole] = trace_pretrained(spec, [TEXT], dtype="float64")
    assert abs(trace.logits - whole.logits).max() > 1e-3


@pytest.mark.parametrize("part", ["mask", "softmax", "sqrt_d", "head=1.2"])
def test_nothing_of_a_batch_shows_in_its_texts(part, spec_of):
    spec, texts = spec_of("llama"), [TEXT, "buy"]
    for text, trace in zip(texts, trace_pretrained(spec, texts, dtype="float64", without=(part,)), strict=True):
        [alone] = trace_pretrained(spec, [text], dtype="float64", without=(part,))
        close(trace.logits, alone.logits, "float64", 10_000)


@pytest.mark.parametrize(
    ("kind", "part", "told"),
    [
        ("bert", "mask", "it has no mask: each of its words sees all others"),
        ("t5", "sqrt_d", "√d cannot be taken out"),
        ("gpt2", "positions", "each published model has a way of its own with them"),
        ("gpt2", "head=9", "has no head '9'"),
    ],
)
def test_what_a_published_model_cannot_do_without(kind, part, told, spec_of):
    model = open_model(f"hf:{spec_of(kind).folder}")
    with pytest.raises(ProblemsFound, match=told):
        model.run(TEXT, None, Settings("cpu"), View(without=(part,)))


def test_an_encoder_decoder_is_looked_at_in_its_decoder(spec_of):
    model = open_model(f"hf:{spec_of('t5').folder}")
    text = f"{TEXT} => a new phone"
    found = model.altered(["softmax", "mask", "head=2.1"]).run(text, None, Settings("cpu"))
    assert not found.head_outputs.values[1, 0].any()
    assert found.cross_head_outputs.values[1, 0].any()
    assert found.encoder_head_outputs.values[1, 0].any()
    assert found["mask"].values.all()
    for prefix in ("", "cross_", "encoder_"):
        assert (found[f"{prefix}weights"].values == found[f"{prefix}scores"].values).all()
    assert "cross_score_sum" not in found


def test_a_view_of_a_published_model_without_something(spec_of):
    model = open_model(f"hf:{spec_of('llama').folder}")
    view = View(2, "1", without=("mask", "head=1"))
    found = model.run(TEXT, None, Settings("cpu"), view)
    assert found.attrs["model"].endswith("llama without the mask and head 2.1")
    assert {*model.contents(model.tokens(TEXT), view).arrays} == {*map(str, found.data_vars)}
    assert not found.sinks.values.any()  # the first word of a causal model only
    assert found.scores.formula == "query · key · scale (+ position_bias)"
