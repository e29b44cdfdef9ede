"""The models with names of their own, and GGUF files: what is read is what was written."""

import json
import shutil

import numpy as np
import pytest
import torch

pytest.importorskip("transformers", reason="needs the extra `pretrained`")
pytest.importorskip("gguf", reason="needs the extra `pretrained`")

import gguf
import transformers

from attnviz.input.problems import ProblemsFound
from attnviz.model.interface import Part
from attnviz.model.published.gguf_file import as_folder
from attnviz.model.published.names import READY, find_ready
from attnviz.model.published.spec import read_folder, read_pretrained
from attnviz.model.published.traces import trace_pretrained
from tests.tolerances import close, layer_terms, norm_terms, sensitivity

pytestmark = pytest.mark.pretrained
# The words of a byte-level vocabulary: Ġ is a space.
TOKENS = ["<|end|>", "a", "b", "Ġ", "1", "2", "ab", "Ġab"]
MERGES = ["a b", "Ġ ab"]
MATRICES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}


@pytest.fixture(scope="module")
def llama():
    torch.manual_seed(1)
    config = transformers.LlamaConfig(
        vocab_size=8, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=16, initializer_range=0.4, tie_word_embeddings=True,
        rope_parameters={"rope_type": "default", "rope_theta": 10_000.0},
    )  # fmt: skip
    return transformers.LlamaForCausalLM(config).eval()


def write_gguf(model, path, *, cut="smollm", kind=gguf.GGMLQuantizationType.F32):
    """Write a model as llama.cpp does: within a head, rows that rotary positions turn together are neighbours."""
    config, writer = model.config, gguf.GGUFWriter(path, "llama")
    writer.add_block_count(config.num_hidden_layers)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_rope_freq_base(10_000.0)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(cut)
    writer.add_token_list(TOKENS)
    writer.add_token_merges(MERGES)
    writer.add_token_types([3, *[1] * 7])
    for name, number in (("bos", 0), ("eos", 0), ("pad", 0)):
        getattr(writer, f"add_{name}_token_id")(number)
    for name, array in model.state_dict().items():
        if name != "lm_head.weight":
            write_tensor(writer, config, name.removeprefix("model.").removesuffix(".weight"), array.numpy(), kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def write_tensor(writer, config, name, array, kind):
    names = {"embed_tokens": "token_embd", "norm": "output_norm"}
    if name.startswith("layers."):
        _, layer, part = name.split(".", 2)
        names[name] = f"blk.{layer}.{MATRICES[part]}"
        if MATRICES[part] in ("attn_q", "attn_k"):
            heads = config.num_attention_heads if MATRICES[part] == "attn_q" else config.num_key_value_heads
            array = array.reshape(heads, 2, -1, array.shape[1]).swapaxes(1, 2).reshape(array.shape)
    kind = gguf.GGMLQuantizationType.F32 if array.ndim == 1 else kind
    data = gguf.quantize(np.ascontiguousarray(array), kind)
    writer.add_tensor(f"{names[name]}.weight", data, raw_dtype=kind)


def test_a_gguf_file_is_read_as_it_was_written(llama, tmp_path):
    folder = as_folder(write_gguf(llama, tmp_path / "model.gguf"), tmp_path / "folder")
    again = transformers.LlamaForCausalLM.from_pretrained(folder, local_files_only=True)
    for name, array in llama.state_dict().items():
        assert torch.equal(again.state_dict()[name], array), name
    spec = read_folder(folder, "small", tmp_path)
    assert (spec.quantised, spec.guesses, spec.words[6:]) == ("F32", True, ("-ab", "ab"))
    trace = trace_pretrained(spec, ["ab ab12"])[0]
    assert trace.token.values.tolist() == ["ab", "ab-", "-1-", "-2"]
    with torch.no_grad():
        expected = llama(torch.tensor([[6, 7, 4, 5]])).logits[0]
        scale = sensitivity(llama, lambda changed: {"logits": changed(torch.tensor([[6, 7, 4, 5]])).logits[0]})[
            "logits"
        ]
    one_layer = layer_terms(spec.d_model, spec.d_head, spec.heads, spec.context, llama.config.intermediate_size)
    terms = spec.layers * one_layer + norm_terms(spec.d_model) + spec.d_model
    close(trace.logits, expected, "float32", terms, scale)


def test_a_quantised_file_is_near_what_it_was_made_of_and_says_so(llama, tmp_path):
    path = write_gguf(llama, tmp_path / "model.gguf", kind=gguf.GGMLQuantizationType.Q4_1)
    spec = read_folder(as_folder(path, tmp_path / "folder"), "small", tmp_path)
    again = transformers.LlamaForCausalLM.from_pretrained(spec.folder, local_files_only=True)
    for name, array in llama.state_dict().items():
        step = 2.4 / 15  # from the least to the greatest of 32 numbers in 15 steps
        assert (again.state_dict()[name] - array).abs().max() < step, name
    assert trace_pretrained(spec, ["ab"])[0].quantised == "Q4_1"


def test_a_folder_is_made_once_and_again_when_a_file_is_missing(llama, tmp_path, monkeypatch):
    path, folder = write_gguf(llama, tmp_path / "model.gguf"), tmp_path / "folder"
    as_folder(path, folder)
    before = {each.name: (each.read_bytes(), each.stat().st_mtime_ns) for each in folder.iterdir()}
    assert sorted(before) == ["config.json", "model.safetensors", "tokenizer.json"]
    as_folder(path, folder)
    assert {each.name: (each.read_bytes(), each.stat().st_mtime_ns) for each in folder.iterdir()} == before
    (folder / "model.safetensors").unlink()
    as_folder(path, folder)
    assert {each.name: each.read_bytes() for each in folder.iterdir()} == {
        name: both[0] for name, both in before.items()
    }


def test_gguf_files_that_are_not_read(llama, tmp_path):
    (tmp_path / "text.gguf").write_text("no model at all")
    with pytest.raises(ProblemsFound, match="this is not a GGUF file"):
        as_folder(tmp_path / "text.gguf", tmp_path / "folder")
    with pytest.raises(ProblemsFound, match="cut as 'default'; only SmolLM2's are read"):
        as_folder(write_gguf(llama, tmp_path / "model.gguf", cut="default"), tmp_path / "folder")
    assert not (tmp_path / "folder").exists()


def test_the_ready_models_are_as_announced(tmp_path):
    spec = read_pretrained("minilm", cache=tmp_path)
    assert (spec.layers, spec.heads, spec.d_model) == READY["minilm"].shape
    trace = trace_pretrained(spec, ["an apple"], part=Part(arrays=["mask"]))[0]
    assert (trace.architecture, spec.guesses) == (READY["minilm"].kind, False)


# What was known of MiniLM before (heads and layers counted from 1).
@pytest.mark.parametrize(
    ("text", "head", "key", "weight"),
    [("please buy an apple and an orange", "11", "orange", 0.67), ("apple unveiled a new phone", "2", "phone", 0.74)],
)
def test_what_apple_attends_to_in_minilm(text, head, key, weight, tmp_path):
    trace = trace_pretrained(read_pretrained("minilm", cache=tmp_path), [text], part=Part(arrays=["weights"]))[0]
    row = trace.weights.sel(layer="1", head=head, query="apple")
    assert abs(float(row.sel(key=key)) - weight) < 0.005
    assert row.idxmax("key").item() == key


def test_pieces_of_words_in_minilm(tmp_path):
    pieces = read_pretrained("minilm", cache=tmp_path).pieces("The Apples were unveilable.")
    assert [piece.label for piece in pieces] == [
        "[CLS]",
        "the",
        "apples",
        "were",
        "un-",
        "-ve-",
        "-ila-",
        "-ble",
        ".",
        "[SEP]",
    ]
    assert [piece.word for piece in pieces][4:8] == ["unveilable"] * 4


@pytest.fixture(scope="module")
def smollm2(tmp_path_factory):
    cache = tmp_path_factory.mktemp("cache")
    yield read_pretrained("smollm2", cache=cache)
    shutil.rmtree(cache)  # half a gigabyte


@pytest.mark.slow
def test_the_capital_of_france(smollm2):
    trace = trace_pretrained(smollm2, ["The capital of France is"])[0]
    assert trace.token.values.tolist() == ["The", "capital", "of", "France", "is"]
    likely = trace.probabilities[-1].sel(vocabulary="Paris")
    assert abs(float(likely) - 0.773) < 0.0005
    assert trace.probabilities[-1].idxmax("vocabulary").item() == "Paris"
    assert trace.attrs["quantised"] == "Q4_1"
    assert (smollm2.layers, smollm2.heads, smollm2.d_model) == READY["smollm2"].shape
    assert (smollm2.key_value_heads, smollm2.vocabulary) == (3, 49152)


@pytest.mark.slow
def test_smollm2_has_the_words_of_its_file(smollm2):
    tokens = gguf.GGUFReader(find_ready("smollm2")).get_field("tokenizer.ggml.tokens").contents()
    assert json.loads((smollm2.folder / "tokenizer.json").read_text())["model"]["vocab"] == {
        t: n for n, t in enumerate(tokens)
    }
    labels = [piece.label for piece in smollm2.pieces("In 1969, unveiled <|im_end|>")]
    assert labels == ["In", "␣-", "-1-", "-9-", "-6-", "-9", ",", "unveiled", "␣", "<|im_end|>"]
