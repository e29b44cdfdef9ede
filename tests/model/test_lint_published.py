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
