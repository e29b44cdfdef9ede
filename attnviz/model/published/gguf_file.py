"""A Llama in a GGUF file, read once into a folder as other models have: config, tokenizer, weights as safetensors.

GGUF files hold weights in few bits; they are multiplied out to float32, which loses nothing of what the file says.
"""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attnviz.input.problems import Problem, ProblemsFound
from attnviz.input.stand_ins import AGAIN, check_file_is_itself
from attnviz.input.whole_files import check_writable, replacing_all

if TYPE_CHECKING:
    import gguf
    import numpy as np
    import tokenizers

    Array = np.ndarray[Any, Any]

_FILES = ("config.json", "tokenizer.json", "model.safetensors")
_CONTROL = 3  # the type of tokens that are not text, such as <|endoftext|>
_NAMES = {
    "token_embd": "model.embed_tokens",
    "output_norm": "model.norm",
    "output": "lm_head",
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}


def as_folder(path: Path, folder: Path) -> Path:
    """Return the folder with a GGUF file's content, which is made if it is not there; raises `ProblemsFound`."""
    targets = [folder / name for name in _FILES]
    if all(target.is_file() for target in targets):
        return folder
    from gguf import GGUFReader
    from safetensors.numpy import save_file

    check_file_is_itself(path)
    try:
        reader = GGUFReader(path)
    except (IndexError, KeyError, OSError, OverflowError, ValueError) as error:
        if _begins_as_gguf(path):
            raise ProblemsFound(Problem("the GGUF file is cut short, or damaged", path, hint=AGAIN)) from error
        raise ProblemsFound(Problem(f"this is not a GGUF file: {error}", path)) from error
    config = _config(reader, path)
    check_writable(targets)
    with replacing_all(targets) as [config_part, tokenizer_part, weights_part]:
        config_part.write_text(json.dumps(config, indent=2))
        tokenizer_part.write_text(_tokenizer(reader).to_str())
        save_file(_weights(reader, config), weights_part)
    return folder


def _begins_as_gguf(path: Path) -> bool:
    with contextlib.suppress(OSError), path.open("rb") as file:
        return file.read(4) == b"GGUF"
    return False


def _value(reader: gguf.GGUFReader, name: str) -> Any:
    found = reader.get_field(name)
    return None if found is None else found.contents()


def _config(reader: gguf.GGUFReader, path: Path) -> dict[str, Any]:
    """Return the file's settings under the names of a config.json."""
    kind, cut = _value(reader, "general.architecture"), _value(reader, "tokenizer.ggml.pre")
    if kind != "llama" or cut != "smollm":
        hint = "only SmolLM2's are read; give other models as safetensors (hf:PATH)"
        raise ProblemsFound(Problem(f"a GGUF file of the architecture {kind!r}, text cut as {cut!r}", path, hint=hint))
    kinds = Counter(tensor.tensor_type.name for tensor in reader.tensors if not tensor.name.endswith("norm.weight"))
    return {
        "model_type": "llama",
        "architectures": ["LlamaForCausalLM"],
        "vocab_size": len(_value(reader, "tokenizer.ggml.tokens")),
        "hidden_size": _value(reader, "llama.embedding_length"),
        "intermediate_size": _value(reader, "llama.feed_forward_length"),
        "num_hidden_layers": _value(reader, "llama.block_count"),
        "num_attention_heads": _value(reader, "llama.attention.head_count"),
        "num_key_value_heads": _value(reader, "llama.attention.head_count_kv"),
        "max_position_embeddings": _value(reader, "llama.context_length"),
        "rms_norm_eps": _value(reader, "llama.attention.layer_norm_rms_epsilon"),
        "rope_parameters": {"rope_type": "default", "rope_theta": _value(reader, "llama.rope.freq_base")},
        "tie_word_embeddings": all(tensor.name != "output.weight" for tensor in reader.tensors),
        "bos_token_id": _value(reader, "tokenizer.ggml.bos_token_id"),
        "eos_token_id": _value(reader, "tokenizer.ggml.eos_token_id"),
        "pad_token_id": _value(reader, "tokenizer.ggml.padding_token_id"),
        "quantised": kinds.most_common(1)[0][0],
    }


def _tokenizer(reader: gguf.GGUFReader) -> tokenizers.Tokenizer:
    """Return the file's tokenizer: byte-level BPE, every digit by itself."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    tokens, kinds = _value(reader, "tokenizer.ggml.tokens"), _value(reader, "tokenizer.ggml.token_type")
    merges = [tuple(merge.split(" ")) for merge in _value(reader, "tokenizer.ggml.merges")]
    tokenizer = Tokenizer(models.BPE({token: number for number, token in enumerate(tokens)}, merges))
    cut = [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(cut)
    tokenizer.decoder = decoders.ByteLevel()
    control = [token for token, kind in zip(tokens, kinds, strict=True) if kind == _CONTROL]
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in control])
    return tokenizer


def _weights(reader: gguf.GGUFReader, config: dict[str, Any]) -> dict[str, Array]:
    """Return all weights in float32 under transformers' names."""
    import numpy as np
    from gguf import dequantize

    weights = {}
    heads = {"attn_q": config["num_attention_heads"], "attn_k": config["num_key_value_heads"]}
    for tensor in reader.tensors:
        *place, part, _ = tensor.name.split(".")
        array = dequantize(tensor.data, tensor.tensor_type)
        if part in heads:
            array = _halves(array, heads[part])
        where = f"model.layers.{place[1]}." if place else ""
        weights[f"{where}{_NAMES[part]}.weight"] = np.ascontiguousarray(array, dtype=np.float32)
    return weights


def _halves(array: Array, heads: int) -> Array:
    """Order the rows of each head as transformers does: rotary positions turn (i, i + d_head/2), not neighbours."""
    return array.reshape(heads, -1, 2, array.shape[-1]).swapaxes(1, 2).reshape(array.shape)
