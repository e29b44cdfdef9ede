"""Published models are what their authors mean: what is made of them is as docs/pretrained.md tells of every shape."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytest.importorskip("transformers", reason="needs the extra `pretrained`")
pytest.importorskip("gguf", reason="needs the extra `pretrained`")

import transformers
from shapes.__main__ import BEGIN, END, PAGE, in_a_folder, row
from shapes.published import shapes
from shapes.trying import TEXT, made

from attnviz.cli import main
from attnviz.model.published.loading import CLOSE
from attnviz.model.published.spec import read_pretrained
from attnviz.model.published.traces import trace_pretrained
from tests.model.pretrained_models import edit, save

pytestmark = pytest.mark.pretrained
SHAPES = {shape.made_for: shape for shape in shapes()}
# One of each kind that names do not tell: by its class, its direction, its windows, its head; and of each refusal.
TRACED = (
    *("BertLMHeadModel", "CamembertModel", "Data2VecTextModel", "ElectraForPreTraining"),
    *("Ernie4_5ForCausalLM", "EsmModel", "Gemma3ForCausalLM", "Gemma3TextModel"),
    *("MarianMTModel", "ModernBertDecoderForCausalLM", "ModernBertModel", "Qwen3Model"),
    *("RobertaForSequenceClassification", "T5EncoderModel"),
)
REFUSED = (
    *("BloomForCausalLM", "FNetForMaskedLM", "GptOssForCausalLM"),
    *("JetMoeForCausalLM", "Lfm2ForCausalLM"),
)


@pytest.mark.parametrize("name", [*TRACED, *REFUSED])
def test_what_becomes_of_a_shape_is_as_the_docs_tell(name: str) -> None:
    outcome = in_a_folder(SHAPES[name])
    assert bool(outcome.refusal) == (name in REFUSED)
    assert outcome.difference <= CLOSE
    assert row(outcome._replace(difference=0.0)) in PAGE.read_text()


def test_the_docs_tell_of_every_shape() -> None:
    written = PAGE.read_text().partition(BEGIN)[2].partition(END)[0]
    told = re.findall(r"^\| `(\w+)` \| (.+?) \|", written, flags=re.MULTILINE)
    assert sorted(told) == sorted((shape.made_for, shape.like) for shape in shapes())
    traced = re.search(r"^(\d+) of (\d+) shapes are traced", written, flags=re.MULTILINE)
    assert traced
    readme = " ".join((PAGE.parents[1] / "README.md").read_text().split())
    assert f"of {traced[2]} shapes that were tried, {traced[1]} are traced" in readme


def trace(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> tuple[int, str, str]:
    """Run `attnviz trace` in this process; return the status, what is printed, and what is said of errors."""
    monkeypatch.setattr("sys.argv", ["attnviz", "trace", TEXT, "--model", f"hf:{folder}"])
    monkeypatch.setenv("ATTNVIZ_CACHE", str(folder / "cache"))
    with pytest.raises(SystemExit) as done:
        main()
    printed = capsys.readouterr()
    return int(str(done.value.code)), printed.out, printed.err


@pytest.mark.parametrize(
    ("name", "architecture", "guesses"),
    [
        ("ElectraForPreTraining", "encoder", None),
        ("BertForPreTraining", "encoder", "likeliest words"),
        ("ModernBertDecoderForCausalLM", "decoder", "likeliest next words"),
        ("LlamaForSequenceClassification", "decoder", None),
    ],
)
def test_what_a_user_is_told(name, architecture, guesses, tmp_path, capsys, monkeypatch):
    made(SHAPES[name], tmp_path)
    capsys.readouterr()
    status, printed, _ = trace(tmp_path, capsys, monkeypatch)
    assert status == 0
    assert f"\n{architecture}, 2 layers × 4 heads" in printed
    assert re.findall("likeliest (?:next )?words", printed) == ([guesses] if guesses else [])


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "FalconForCausalLM",
            r": the attention of this .* \(falcon\) cannot be recorded: .*; docs/pretrained\.md tells",
        ),
        (
            "MambaForCausalLM",
            r"/config\.json: there is no num_attention_heads, as in models without attention; expected",
        ),
    ],
)
def test_a_refusal_is_one_line(name, message, tmp_path, capsys, monkeypatch):
    made(SHAPES[name], tmp_path)
    capsys.readouterr()
    status, printed, said = trace(tmp_path, capsys, monkeypatch)
    assert (status, printed, said.count("\n")) == (2, "", 1)
    assert re.match(re.escape(str(tmp_path)) + message, said)


def test_a_type_that_transformers_does_not_know(tmp_path, capsys, monkeypatch):
    edit(save("llama", tmp_path), model_type="llama_of_ours")
    capsys.readouterr()
    status, _, said = trace(tmp_path, capsys, monkeypatch)
    why = f"version {transformers.__version__} does not know the type 'llama_of_ours'; a later version may"
    assert (status, said.count("\n")) == (2, 1)
    assert f"transformers cannot load this model: {why}" in said


def test_the_encoder_of_a_t5_whose_file_speaks_of_both_parts(tmp_path):
    """Published encoders keep the config.json of the whole."""
    made(SHAPES["T5EncoderModel"], tmp_path)
    edit(tmp_path, is_encoder_decoder=True)
    alone = trace_pretrained(read_pretrained(f"hf:{tmp_path}", cache=tmp_path / "cache"), [TEXT])[0]
    assert (alone.architecture, alone["mask"].values.all(), "cross_weights" in alone) == ("encoder", True, False)


def test_a_changed_config_json_is_read_again(tmp_path):
    spec = read_pretrained(f"hf:{save('gpt2', tmp_path)}", cache=tmp_path / "cache")
    before = trace_pretrained(spec, [TEXT])[0]
    edit(tmp_path, scale_attn_weights=False)
    again = read_pretrained(f"hf:{tmp_path}", cache=tmp_path / "cache")
    after = trace_pretrained(again, [TEXT])[0]
    assert again == spec
    assert (before.similarity, after.similarity) == ("scaled_dot", "dot")


def test_a_mixture_of_experts_is_traced_in_double_precision(tmp_path: Path, capsys, monkeypatch) -> None:
    made(SHAPES["Ernie4_5_MoeForCausalLM"], tmp_path)
    status, out, err = trace(tmp_path, capsys, monkeypatch)
    assert (status, err) == (0, "")
    assert "float64" in out
