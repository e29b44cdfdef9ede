"""What the trace of a transformer holds, known before it is computed: its arrays, and the labels along them. No torch.

The names are those of a blackboard model's trace (`attnviz.model.arrays`), with a dimension `layer` in front.
Cross-attention has its own arrays (`cross_weights` …); so has the encoder of an encoder–decoder (`encoder_weights` …),
whose words are counted by `source`, `source_query` and `source_key`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from attnviz.model.arrays import (
    BLACKBOARD_ONLY,
    EMBEDDING_ARRAYS,
    HEAD_ARRAYS,
    MAP_ARRAYS,
    ArrayInfo,
    LabelsByDim,
)
from attnviz.model.tokens import distinct
from attnviz.model.transformer_config import TransformerConfig

PARTS = ("attention", "cross_attention", "feed_forward")
ENCODER, CROSS = "encoder_", "cross_"
_PARTS_WITHOUT_CROSS = ("attention", "feed_forward")
_SOURCE = {dim: f"source_{dim}" for dim in ("query", "key", "part", "stage")} | {"token": "source"}


def _table(*rows: str) -> dict[str, ArrayInfo]:
    """Parse lines `name | dimensions | meaning | formula`."""
    cells = [[cell.strip() for cell in row.split("|")] for row in rows]
    return {name: ArrayInfo(tuple(dims.split()), meaning, formula) for name, dims, meaning, formula in cells}


_TEXT = _table(
    "tokens | token | each token's number in the vocabulary | given",
    "positions | token | each token's position in the text, counted from 0 | 0, 1, 2 …",
    "embeddings | token d_model | the tokens' vectors, before anything is added | rows of W_E",
    "position_vectors | token d_model | the position embeddings that are added | by position",
    "rotation_angles | token pair | the angle by which RoPE rotates a pair | position / 10000^((pair − 1) · 2/d_head)",
    "mask | query key | whether a word (row) may see another (column) | key ≤ query in a decoder, else always",
)
_STREAM = _table(
    "residual | layer stage token d_model | the stream as it enters a layer, and after each part | stream + part",
    "normed | layer part token d_model | the output of the norm of each part | norm(x)",
    "feed_forward_hidden | layer token d_feed_forward | inside the feed-forward network | activation(x · W_in)",
    "feed_forward | layer token d_model | the output of the feed-forward network | feed_forward_hidden · W_out",
    "final_normed | token d_model | the output of the final norm | norm(residual)",
)
_GUESS = _table(
    "logits | token vocabulary | the logit of each word, at each position | final vectors · W_U",
    "probabilities | token vocabulary | how likely each word is, at each position | softmax(logits)",
)
_UNTURNED = _table(
    "unturned_queries | layer head token d_head | queries before RoPE | x · W_Q",
    "unturned_keys | layer head token d_head | keys before RoPE | x · W_K",
)
PARAMETERS = ("W_Q", "W_K", "W_V", "W_O", "bilinear")
"""The matrices of an attention, and what follows from them alone."""
_OF_ATTENTION = {
    name: info._replace(dims=("layer", *info.dims))
    for name, info in HEAD_ARRAYS.items()
    if name not in (*BLACKBOARD_ONLY, *PARAMETERS)
}
_ATTENTION_PARAMETERS = {
    name: HEAD_ARRAYS[name]._replace(dims=("layer", *HEAD_ARRAYS[name].dims)) for name in PARAMETERS
}
_ATTENTION_OFFSETS = _table(
    "b_Q | layer head d_head | what is added to every query | given",
    "b_K | layer head d_head | what is added to every key | given",
    "b_V | layer head d_value | what is added to every value | given",
    "b_O | layer d_output | what is added to every output | given",
)
_STREAM_PARAMETERS = _table(
    "W_in | layer d_model d_feed_forward | the feed-forward network's first matrix | given",
    "W_gate | layer d_model d_feed_forward | the matrix of its gate | given",
    "W_out | layer d_feed_forward d_model | the feed-forward network's last matrix | given",
    "b_in | layer d_feed_forward | what is added after W_in | given",
    "b_gate | layer d_feed_forward | what is added after W_gate | given",
    "b_out | layer d_model | what is added after W_out | given",
    "norm_scale | layer part d_model | the scale of each part's norm | given",
    "norm_shift | layer part d_model | the shift of each part's norm | given",
    "final_norm_scale | d_model | the scale of the final norm | given",
    "final_norm_shift | d_model | the shift of the final norm | given",
)
_VOCABULARY_PARAMETERS = _table(
    "W_E | vocabulary d_model | the words' embeddings | given",
    "W_P | place d_model | the position embeddings | given",
    "W_U | d_model vocabulary | the unembedding, which makes logits | given, or W_E transposed",
)


class _Lack(NamedTuple):
    """Arrays (named without prefix) that some transformers lack: which do, and why."""

    names: tuple[str, ...]
    lacks: Callable[[TransformerConfig], bool]
    why: str


# The first that is true of a model is the reason.
_LACKS = (
    _Lack(
        ("position_vectors",),
        lambda config: config.positions not in ("learned", "sinusoidal"),
        "it adds no position vectors",
    ),
    _Lack(("W_P",), lambda config: config.positions != "learned", "its positions are not learned"),
    _Lack(
        ("rotation_angles", *_UNTURNED),
        lambda config: config.positions != "rotary",
        "it has no rotary position embeddings (RoPE)",
    ),
    _Lack(
        ("W_gate", "b_gate"),
        lambda config: config.feed_forward != "swiglu",
        "its feed-forward network has no gate",
    ),
    _Lack(
        ("final_normed", "final_norm_scale", "final_norm_shift"),
        lambda config: config.norm_position == "after",
        "its last layer is not followed by a norm of its own",
    ),
    _Lack(("norm_shift", "final_norm_shift"), lambda config: config.norm == "rms", "its norms (RMSNorm) have no shift"),
    _Lack(
        ("b_in", "b_gate", "b_out", *_ATTENTION_OFFSETS),
        lambda config: not config.bias,
        "its linear maps have no bias",
    ),
)
_SMALLEST = TransformerConfig(architecture="decoder", vocabulary=1, context=1, layers=1, d_model=2, heads=1)
SEEN_ONLY = "only blackboards have it, and one layer of this model as a storyboard sees it"
BOTH_ONLY = "only encoder–decoders have it"
# What a blackboard's trace has, and a transformer's only in a view (`attnviz.model.views`).
NOT_OF_TRANSFORMERS = (*(name for name in EMBEDDING_ARRAYS if name != "embeddings"), *BLACKBOARD_ONLY, *MAP_ARRAYS)


def arrays_of(config: TransformerConfig) -> dict[str, ArrayInfo]:
    """Return every array that a trace of such a model can hold, with its dimensions, meaning and formula."""
    arrays, missing = _of_any(config), missing_of(config)
    return {name: info for name, info in arrays.items() if name not in missing}


def every_array() -> tuple[str, ...]:
    """Return the names of the arrays that transformers have, each of them some or all of these."""
    return tuple(_of_any(_SMALLEST))


def missing_of(config: TransformerConfig) -> dict[str, str]:
    """Return which arrays of other models a trace of such a model lacks, and why."""
    reasons = {name: lack.why for lack in reversed(_LACKS) if lack.lacks(config) for name in lack.names}
    missing = dict.fromkeys(NOT_OF_TRANSFORMERS, SEEN_ONLY)
    for name in _of_any(config):
        if config.architecture != "encoder_decoder" and name.startswith((ENCODER, CROSS)):
            missing[name] = BOTH_ONLY
        elif split(name)[1] in reasons:
            missing[name] = reasons[split(name)[1]]
    return missing


@lru_cache(maxsize=64)  # every trace asks for it, several times
def _of_any(config: TransformerConfig) -> Mapping[str, ArrayInfo]:
    """Return every array that any transformer's trace can hold, with this one's formulas."""
    source = _TEXT | _STREAM | _self_attention(config) | _STREAM_PARAMETERS
    return {
        **(_TEXT | _STREAM | _self_attention(config) | _GUESS),
        **_renamed(_cross_attention(config), CROSS, "in cross-attention", {}),
        **_renamed(source, ENCODER, "in the encoder", _SOURCE),
        **(_STREAM_PARAMETERS | _VOCABULARY_PARAMETERS),
    }


def parameters_of(config: TransformerConfig) -> list[str]:
    """Return the names of the arrays that depend on the model only, not on a text."""
    return [name for name in arrays_of(config) if is_parameter(name)]


def is_parameter(name: str) -> bool:
    """Say whether an array of transformers depends on the model only, not on a text."""
    tables = _ATTENTION_PARAMETERS | _ATTENTION_OFFSETS | _STREAM_PARAMETERS | _VOCABULARY_PARAMETERS
    return split(name)[1] in tables


def labels_of(config: TransformerConfig, vocabulary: Sequence[str] | None = None) -> LabelsByDim:
    """Return the labels along the dimensions that do not depend on a text.

    `vocabulary` has a word for every token, otherwise tokens are called by their numbers.
    """
    heads, size = _numbered(config.heads), _numbered(config.d_head)
    parts = PARTS if config.architecture == "encoder_decoder" else _PARTS_WITHOUT_CROSS
    labels = {"layer": _numbered(config.layers), "head": heads, "d_head": size, "d_value": size}
    labels |= dict.fromkeys(("d_model", "d_model_key", "d_output"), _numbered(config.d_model))
    labels |= {
        "d_concat": tuple(f"{head}-{column}" for head in heads for column in size),
        "pair": size[: len(size) // 2],
    }
    labels |= {"d_feed_forward": _numbered(config.d_feed_forward), "part": parts, "stage": ("input", *parts)}
    labels |= {"source_part": _PARTS_WITHOUT_CROSS, "source_stage": ("input", *_PARTS_WITHOUT_CROSS)}
    labels["place"] = tuple(str(place) for place in range(config.context))
    labels["vocabulary"] = distinct(map(str, range(config.vocabulary)) if vocabulary is None else vocabulary)
    used = {dim for info in arrays_of(config).values() for dim in info.dims}
    return {dim: each for dim, each in labels.items() if dim in used}


def labels_of_text(words: Sequence[str], source_words: Sequence[str] | None = None) -> LabelsByDim:
    """Return the labels along the dimensions that count the words of a text, and of its source."""
    labels = dict.fromkeys(("token", "query", "key"), distinct(words))
    if source_words is not None:
        labels |= dict.fromkeys(("source", "source_query", "source_key"), distinct(source_words))
    return labels


def split(name: str) -> tuple[str, str]:
    """Return the prefix of an array's name (`encoder_`, `cross_` or none) and what it is without."""
    prefix = next((prefix for prefix in (ENCODER, CROSS) if name.startswith(prefix)), "")
    return prefix, name.removeprefix(prefix)


def _self_attention(config: TransformerConfig) -> dict[str, ArrayInfo]:
    """Return the arrays of an attention with the formulas of this model."""
    entering = "normed" if config.norm_position == "before" else "residual"
    added, rotated = " + {}" if config.bias else "", ", rotated (RoPE)" if config.positions == "rotary" else ""
    arrays = _UNTURNED | _OF_ATTENTION | _ATTENTION_PARAMETERS | _ATTENTION_OFFSETS
    formulas = {
        "queries": f"{entering} · W_Q{added.format('b_Q')}{rotated}",
        "keys": f"{entering} · W_K{added.format('b_K')}{rotated}",
        "values": f"{entering} · W_V{added.format('b_V')}",
        "scores": "query · key / √d_head, −∞ where the mask hides the key",
        "score_sum": "sum(score_exponentials)",
        "output": f"concatenated · W_O{added.format('b_O')}",
    }
    return {name: info._replace(formula=formulas.get(name, info.formula)) for name, info in arrays.items()}


def _cross_attention(config: TransformerConfig) -> dict[str, ArrayInfo]:
    """Return the arrays of a cross-attention: its keys and values are made of the source, without RoPE."""
    arrays = _self_attention(config.model_copy(update={"positions": "none"}))
    arrays = {name: info for name, info in arrays.items() if name not in _UNTURNED}
    for name, info in arrays.items():
        kept = {"key": "source_key"} | ({"token": "source"} if name in ("keys", "values") else {})
        made = "the encoder's output ·"
        of_source = info.formula.replace("normed ·", made).replace("residual ·", made)
        formula = info.formula if name == "queries" else of_source
        arrays[name] = info._replace(dims=tuple(kept.get(dim, dim) for dim in info.dims), formula=formula)
    return arrays


def _renamed(arrays: Mapping[str, ArrayInfo], prefix: str, where: str, dims: Mapping[str, str]) -> dict[str, ArrayInfo]:
    """Return arrays under names with a prefix, other dimensions, and the place in their meaning."""
    return {
        prefix + name: ArrayInfo(
            tuple(dims.get(dim, dim) for dim in info.dims), f"{info.meaning}, {where}", info.formula
        )
        for name, info in arrays.items()
    }


def _numbered(size: int) -> tuple[str, ...]:
    return tuple(str(number) for number in range(1, size + 1))
