"""What a model's config.json tells of its shape. Needs neither torch nor transformers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from attnviz.input.problems import Problem, ProblemsFound
from attnviz.input.stand_ins import AGAIN, HEAD, check_is_itself

LONGEST = 512  # tokens of a text: tables of queries and keys grow with its square
MOST, MOST_WORDS = 65_536, 10_000_000  # heads, layers, coordinates; words of a vocabulary, or of a text
LARGEST_JSON = 20_000_000  # bytes
# How classes with a linear map to the vocabulary are named.
_GUESSING = (
    *("ForCausalLM", "LMHeadModel", "WithLMHead", "ForMaskedLM", "ForPreTraining", "ForConditionalGeneration"),
    *("MTModel", "BertGenerationDecoder"),
)
# These were trained to tell which words were replaced, or where an answer begins: they have no such map.
_TRAINED_OTHERWISE = ("ElectraForPreTraining", "FunnelForPreTraining", "SplinterForPreTraining")
_OTHER_SENSES = ("vision_config", "audio_config", "image_size", "num_mel_bins", "text_config")
# How the architectures call one and the same number.
_LAYERS = ("num_hidden_layers", "n_layer", "n_layers", "num_layers", "encoder_layers", "num_encoder_layers")
_LAYERS_OF_DECODER = ("num_decoder_layers", "decoder_layers")
_HEADS = (
    *("num_attention_heads", "n_head", "n_heads", "num_heads", "encoder_attention_heads"),
    *("attention_heads", "num_encoder_attention_heads"),
)
_KEY_VALUE_HEADS = ("num_key_value_heads", "num_kv_heads", "n_head_kv")
_D_MODEL = ("hidden_size", "n_embd", "d_model", "dim", "emb_dim")
_D_HEAD = ("head_dim", "d_kv")
# Their create_position_ids_from_input_ids begins at padding_idx + 1.
_COUNTED_PAST_PADDING = {
    *(
        "roberta",
        "roberta-prelayernorm",
        "xlm-roberta",
        "xlm-roberta-xl",
        "camembert",
        "xmod",
        "ibert",
        "data2vec-text",
    ),
    *("mpnet", "longformer", "luke", "markuplm"),
}
_CONTEXT = ("max_position_embeddings", "n_positions", "max_seq_len")


def shape_of(config: dict[str, Any], path: Path) -> dict[str, Any]:
    """Return the fields of a spec that config.json tells; raise `ProblemsFound` where it is no text model's."""
    sense = next((key for key in _OTHER_SENSES if key in config), None)
    if sense is not None:
        hint = f"config.json has {sense!r}; expected one that reads nothing but tokens"
        raise ProblemsFound(Problem("this is not a text model", path, hint=hint))
    if "vocab_size" not in config:
        hint = "expected one vocabulary, for all that the model reads and writes"
        raise ProblemsFound(Problem("there is no vocab_size", path, hint=hint))
    if all(config.get(name) is None for name in _HEADS):
        what = "there is no num_attention_heads, as in models without attention"
        raise ProblemsFound(Problem(what, path, hint="expected a transformer's config.json"))
    heads, d_model = _number(config, path, _HEADS), _number(config, path, _D_MODEL)
    model_type, written = str(config.get("model_type", "")), config.get("architectures")
    made_for = str(written[0]) if isinstance(written, list) and written else ""
    both = config.get("is_encoder_decoder") is True and not made_for.endswith("EncoderModel")
    layers = _number(config, path, _LAYERS)
    if both and {_number(config, path, (key,), layers) for key in _LAYERS_OF_DECODER} != {layers}:
        raise ProblemsFound(Problem("the encoder and the decoder differ in the number of layers", path))
    return {
        "model_type": model_type,
        "made_for": made_for,
        "both": both,
        "guesses": made_for.endswith(_GUESSING) and made_for not in _TRAINED_OTHERWISE,
        "vocabulary": _number(config, path, ("vocab_size",)),
        "context": _context(config, path, model_type),
        "layers": layers,
        "heads": heads,
        "key_value_heads": 1 if config.get("multi_query") is True else _number(config, path, _KEY_VALUE_HEADS, heads),
        "d_head": _number(config, path, _D_HEAD, d_model // heads),
        "d_model": d_model,
        "padding": _token(config, "pad_token_id") or 0,
        "start": _token(config, "decoder_start_token_id") or 0,
        "end": _token(config, "eos_token_id"),
        "token_types": _number(config, path, ("type_vocab_size",), 1) if config.get("type_vocab_size") else 0,
        "begin": _token(config, "bos_token_id"),
        "biased": config.get("relative_attention_num_buckets") is not None,
        "quantised": config["quantised"] if isinstance(config.get("quantised"), str) else None,
    }


def _context(config: dict[str, Any], path: Path, model_type: str) -> int:
    """Return how many tokens have a place; RoBERTa and its kind count places from one after the padding token."""
    places = _number(config, path, _CONTEXT, LONGEST)
    if model_type not in _COUNTED_PAST_PADDING:
        return places
    return max(1, places - (1 + (_token(config, "pad_token_id") or 0)))


def _number(config: dict[str, Any], path: Path, names: Sequence[str], default: int | None = None) -> int:
    """Return a count, whatever this architecture calls it."""
    value = next((config[name] for name in names if config.get(name) is not None), default)
    most = MOST_WORDS if names[0] in ("vocab_size", *_CONTEXT) else MOST
    if type(value) is not int or not 1 <= value <= most:
        what = f"{names[0]} is {value!r}" if value is not None else f"there is no {names[0]}"
        raise ProblemsFound(Problem(what, path, hint="expected a count, as in a transformer's config.json"))
    return value


def _token(config: dict[str, Any], name: str) -> int | None:
    value = config.get(name)
    value = value[0] if isinstance(value, list) and value else value
    return value if type(value) is int and 0 <= value < config["vocab_size"] else None


def read_json(path: Path, hint: str) -> dict[str, Any]:
    """Read a JSON object; raise `ProblemsFound` if there is none."""
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST_JSON)
        check_is_itself(path, raw[:HEAD])
        data = json.loads(raw)
    except OSError as error:
        raise ProblemsFound(Problem(f"cannot be read: {error.strerror}", path, hint=hint)) from None
    except (ValueError, RecursionError) as error:
        if raw.lstrip().startswith(b"{") and _is_cut_short(raw, error):
            raise ProblemsFound(Problem("the file is cut short", path, hint=AGAIN)) from None
        raise ProblemsFound(Problem(f"this is not JSON: {error}", path, hint=hint)) from None
    if not isinstance(data, dict):
        raise ProblemsFound(Problem("this is not a JSON object", path, hint=hint))
    return data


def _is_cut_short(raw: bytes, error: Exception) -> bool:
    """Say whether bytes that are not JSON only end too early."""
    ends = isinstance(error, json.JSONDecodeError) and error.pos >= len(error.doc.rstrip())
    return ends or not raw.rstrip().endswith(b"}")
