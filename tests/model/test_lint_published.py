"""Traces of published models are held to the same rules; so are attentions that a model only calls its weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("transformers", reason="needs the extra `pretrained`")

import torch
import transformers
import xarray as xr

from attnviz.cli import main
from attnviz.input.problems import ProblemsFound
from attnviz.model.door import open_model
from attnviz.model.interface import Part, Settings, View
from attnviz.model.lint.trace import check_trace
from tests.model.pretrained_models import CONFIGS, OTHERS, save

pytestmark = pytest.mark.pretrained


@pytest.mark.parametrize("kind", [*CONFIGS, *OTHERS])
def test_every_kind_passes_whole_and_in_parts(kind: str, tmp_path: Path) -> None:
    model = open_model(f"hf:{save(kind, tmp_path / 'model')}")
    for text in ("apple", "an apple and an orange an apple"):
        sentence = f"{text} => {text}" if kind == "t5" else text
        for dtype in ("float32", "float64"):
            trace = model.run(sentence, None, Settings("cpu", dtype))  # type: ignore[arg-type]
            check_trace(trace, model.arrays(), model.name)
            model.run(sentence, None, Settings("cpu", dtype), part=Part(None, "2", "3"))  # type: ignore[arg-type]
    if kind != "t5":
        model.run("an apple", None, Settings("cpu"), View(2, "3"))


@pytest.mark.parametrize(("kind", "added"), [("bert", "[CLS] [SEP]"), ("gpt2", ""), ("t5", "[PAD]")])
def test_tokens_that_nobody_wrote_are_told(
    kind: str, added: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    model = open_model(f"hf:{save(kind, tmp_path / 'model')}")
    trace = model.run(
        "an apple => an orange" if kind == "t5" else "an apple", None, Settings("cpu"), part=Part(["tokens"])
    )
    assert trace.attrs["added"] == added
    monkeypatch.setattr(
        "sys.argv", ["attnviz", "trace", trace.attrs["sentence"], "--model", f"hf:{tmp_path / 'model'}"]
    )
    with pytest.raises(SystemExit):
        main()
    assert (f"nobody wrote {added}: the model's tokenizer adds it" in capsys.readouterr().out) == bool(added)


def test_a_written_token_is_no_added_one(tmp_path: Path) -> None:
    model = open_model(f"hf:{save('bert', tmp_path / 'model')}")
    trace = model.run("an apple [SEP] an orange", None, Settings("cpu"), part=Part(["tokens"]))
    assert trace["token"].values.tolist().count("[SEP]#2") == 1
    assert trace.attrs["added"] == "[CLS] [SEP]#2"


CORRUPTED = {
    "scores of another scale": ("scores", lambda trace: trace["scores"].values * 2, "scores[layer 1, head "),
    "a contribution of another head": (
        "head_contributions",
        lambda trace: np.roll(trace["head_contributions"].values, 1, axis=-2),
        "contribution_norm[layer 1, head ",
    ),
    "an output of another layer": (
        "output",
        lambda trace: np.roll(trace["output"].values, 1, axis=0),
        "but the sum of head_contributions, plus a bias is ",
    ),
}


@pytest.mark.parametrize("name", CORRUPTED)
@pytest.mark.parametrize("kind", ["gpt2", "bert", "gemma2"])
def test_a_corrupted_trace_is_told(name: str, kind: str, tmp_path: Path) -> None:
    model = open_model(f"hf:{save(kind, tmp_path / 'model')}")
    trace = model.run("an apple and an orange", None, Settings("cpu"))
    array, made, expected = CORRUPTED[name]
    trace[array].values[:] = made(trace)
    with pytest.raises(ProblemsFound) as found:
        check_trace(trace, model.arrays(), model.name)
    assert expected in str(found.value)


# A window of two words (ModernBERT: one on either side), in some of the layers or in all of them.
WINDOWS: dict[str, dict[str, object]] = {
    "mistral": {},
    "gemma2": {"layer_types": ["full_attention", "sliding_attention", "full_attention"]},
    "modernbert": {"layer_types": ["full_attention", "sliding_attention", "sliding_attention"], "local_attention": 2},
}


def told(trace: xr.Dataset, model) -> str:  # type: ignore[no-untyped-def]
    with pytest.raises(ProblemsFound) as found:
        check_trace(trace, model.arrays(), model.name)
    return str(found.value)


@pytest.mark.parametrize("kind", WINDOWS)
def test_a_window_of_a_later_layer_is_held(kind: str, tmp_path: Path) -> None:
    model = open_model(f"hf:{save(kind, tmp_path / 'model', **WINDOWS[kind])}")
    trace = model.run("an apple and an orange and a phone", None, Settings("cpu", "float64"))
    distance = np.abs(np.subtract.outer(np.arange(8), np.arange(8)))
    near = distance <= 1 if kind == "modernbert" else (distance < 2) & (np.tri(8) > 0)
    seen = trace["mask"].sel(layer="2").values
    assert np.array_equal(seen, near)
    assert np.array_equal(trace["mask"].sel(layer="1").values, seen) == (kind == "mistral")
    check_trace(trace, model.arrays(), model.name)

    beyond = trace.copy(deep=True)  # the second layer sees as far as it would without its window
    scores = trace["query_key_dot"].values[1] * trace["scores"].attrs["scales"][1]
    scores = np.where(np.tri(8) > 0, scores, -np.inf) if kind != "modernbert" else scores
    each = np.exp(scores - scores.max(-1, keepdims=True))
    beyond["weights"].values[1] = each / each.sum(-1, keepdims=True)
    said = told(beyond, model)
    assert "weights[layer 2, head " in said
    cause = "the mask" if kind == "modernbert" else "the window of this layer"  # the future was hidden
    assert f"but what the mask hides is 0; {cause} was not applied" in said

    narrow = trace.copy(deep=True)  # and one that hides what its window shows
    narrow["scores"].values[1, 0, 4, 3] = -np.inf
    assert "scores[layer 2, head 1, query orange, key an#2] is -inf, but query · key" in told(narrow, model)


@pytest.mark.parametrize("prefix", ["", "encoder_"])
def test_the_position_bias_of_t5_is_part_of_its_scores(prefix: str, tmp_path: Path) -> None:
    model = open_model(f"hf:{save('t5', tmp_path / 'model')}")
    trace = model.run("an apple and an orange => a phone an apple", None, Settings("cpu", "float64"))
    bias = trace[f"{prefix}position_bias"].values
    assert np.abs(bias).max() > 0.01
    assert np.array_equal(bias[0], bias[2])  # all layers share that of the first
    assert "cross_position_bias" not in trace  # between two texts there is no distance
    check_trace(trace, model.arrays(), model.name)

    without = trace.copy(deep=True)
    without[f"{prefix}scores"].values[1] -= bias[1]
    assert f"{prefix}scores[layer 2, head " in (said := told(without, model))
    assert "+ position_bias is " in said
    assert "the position bias was left out" in said
    another = trace.copy(deep=True)
    another[f"{prefix}position_bias"].values[1] = np.roll(bias[1], 1, axis=0)
    assert f"{prefix}scores[layer 2, head " in told(another, model)
    crossed = trace.copy(deep=True)
    crossed["cross_scores"].values[0] += 0.5
    assert "cross_scores[layer 1, head " in told(crossed, model)


@pytest.mark.parametrize("name", ["k", "v"])
def test_cross_attention_is_of_what_the_encoder_gives(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from attnviz.model.published import loading

    def shifted(module: torch.nn.Module, given: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
        return (given[0].roll(1, dims=1),)

    def load(*args: object) -> object:
        model, info = from_files(*args)  # type: ignore[arg-type]
        getattr(model.decoder.block[1].layer[1].EncDecAttention, name).register_forward_pre_hook(shifted)
        return model, info

    model = open_model(f"hf:{save('t5', tmp_path / 'model')}")
    model.run("an apple => a phone", None, Settings("cpu"))
    loading._load.cache_clear()
    from_files = loading._from_files
    monkeypatch.setattr(loading, "_from_files", load)
    what = {"k": "keys", "v": "values"}[name]
    with pytest.raises(
        ProblemsFound, match=f"the {what} of its cross-attention are not made of what its encoder gives"
    ):
        model.run("an apple => a phone", None, Settings("cpu"))
    loading._load.cache_clear()


def test_attentions_that_are_logits_are_told() -> None:
    """ProphetNet's encoder gives scores out as `attentions`, which a script would take for weights."""
    config = transformers.ProphetNetConfig(
        vocab_size=30, hidden_size=24, num_encoder_layers=1, num_decoder_layers=2, num_encoder_attention_heads=4,
        num_decoder_attention_heads=4, encoder_ffn_dim=16, decoder_ffn_dim=16, ngram=2, max_position_embeddings=32,
        attn_implementation="eager",
    )  # fmt: skip
    torch.manual_seed(0)
    model = transformers.ProphetNetModel(config).eval()
    ids = torch.tensor([[5, 6, 7, 8]])
    with torch.no_grad():
        given = model(input_ids=ids, decoder_input_ids=ids, output_attentions=True, use_cache=False)
    dims = ("layer", "head", "query", "key")
    for name, told in (("encoder_attentions", True), ("decoder_attentions", False)):
        tables = np.stack([each[0].numpy() for each in getattr(given, name)])[..., :4]
        words = ["apple", "and", "orange", "phone"]
        labels = {"layer": [str(layer + 1) for layer in range(len(tables))], "head": list("1234")}
        trace = xr.Dataset(
            {"weights": (dims, tables)},
            coords=labels | {"query": words, "key": words},
            attrs={"architecture": "encoder_decoder", "weights": "softmax", "dtype": "float32", "carry": "exact"},
        )
        if told:
            with pytest.raises(ProblemsFound, match=r"the sum of the row weights.*these weights are logits"):
                check_trace(trace, {}, "prophetnet")
        else:
            check_trace(trace, {}, "prophetnet")
