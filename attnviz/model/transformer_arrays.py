"""What the trace of a transformer holds, known before it is computed: its arrays, and the labels along them. No torch.

The names are those of a blackboard model's trace (`attnviz.model.arrays`), with a dimension `layer` in front.
Cross-attention has its own arrays (`cross_weights` …); so has the encoder of an encoder–decoder (`encoder_weights` …),
whose words are counted by `source`, `source_query` and `source_key`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attnviz.model.arrays import HEAD_ARRAYS, ArrayInfo, LabelsByDim
from attnviz.model.tokens import distinct
from attnviz.model.transformer_config import TransformerConfig

PARTS = ("attention", "cross_attention", "feed_forward")
ENCODER, CROSS = "encoder_", "cross_"
_PARTS_WITHOUT_CROSS = ("attention", "feed_forward")
_SOURCE = {dim: f"source_{dim}" for dim in ("query", "key", "part", "stage")} | {"token": "source"}


def _table(*rows: str) -> dict[str, ArrayInfo]:
    """Make a table of lines `name | dimensions | meaning | formula`."""
    cells = [[cell.strip() for cell in row.split("|")] for row in rows]
    return {name: ArrayInfo(tuple(dims.split()), meaning, formula) for name, dims, meaning, formula in cells}


_TEXT = _table(
    "tokens | token | each token's number in the vocabulary | given",
    "positions | token | each token's place in the text, counted from 0 | 0, 1, 2 …",
    "embeddings | token d_model | the tokens' vectors, before anything is added | rows of W_E",
    "position_vectors | token d_model | what is added to tell places apart | by position",
    "rotation_angles | token pair | by what angle two coordinates turn | position / 10000^((pair − 1) · 2/d_head)",
    "mask | query key | whether a word (row) may see another (column) | key ≤ query in a decoder, else always",
)
_STREAM = _table(
    "residual | layer stage token d_model | the stream as it enters a layer, and after each part | stream + part",
    "normed | layer part token d_model | what the norm of each part gives | norm(x)",
    "feed_forward_hidden | layer token d_feed_forward | inside the feed-forward network | activation(x · W_in)",
    "feed_forward | layer token d_model | what the feed-forward network gives | feed_forward_hidden · W_out",
    "final_normed | token d_model | what the last norm gives | norm(residual)",
)
_GUESS = _table(
    "logits | token vocabulary | how much speaks for each word, at each place | final vectors · W_U",
    "probabilities | token vocabulary | how likely each word is, at each place | softmax(logits)",
)
_UNTURNED = _table(
    "unturned_queries | layer head token d_head | queries before they are turned by their places | x · W_Q",
    "unturned_keys | layer head token d_head | keys before they are turned by their places | x · W_K",
)
_OF_ATTENTION = {
    name: info._replace(dims=("layer", *info.dims))
    for name, info in HEAD_ARRAYS.items()
    if name not in ("repeated", "W_Q", "W_K", "W_V", "W_O", "bilinear")
}
_ATTENTION_PARAMETERS = {
    name: HEAD_ARRAYS[name]._replace(dims=("layer", *HEAD_ARRAYS[name].dims))
    for name in ("W_Q", "W_K", "W_V", "W_O", "bilinear")
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
    "norm_scale | layer part d_model | by what each part's norm stretches each coordinate | given",
    "norm_shift | layer part d_model | what each part's norm adds | given",
    "final_norm_scale | d_model | by what the last norm stretches each coordinate | given",
    "final_norm_shift | d_model | what the last norm adds | given",
)
_VOCABULARY_PARAMETERS = _table(
    "W_E | vocabulary d_model | the words' embeddings | given",
    "W_P | place d_model | the places' vectors | given",
    "W_U | d_model vocabulary | the unembedding, which makes logits | given, or W_E transposed",
)


def arrays_of(config: TransformerConfig) -> dict[str, ArrayInfo]:
    """Return every array that a trace of such a model can hold, with its dimensions, meaning and formula."""
    arrays = _TEXT | _STREAM | _self_attention(config) | _GUESS
    if config.architecture == "encoder_decoder":
        source = _TEXT | _STREAM | _self_attention(config) | _STREAM_PARAMETERS
        arrays |= _renamed(_cross_attention(config), CROSS, "in cross-attention", {})
        arrays |= _renamed(source, ENCODER, "in the encoder", _SOURCE)
    missing = _missing(config)
    arrays |= _STREAM_PARAMETERS | _VOCABULARY_PARAMETERS
    return {name: info for name, info in arrays.items() if _bare(name) not in missing}


def parameters_of(config: TransformerConfig) -> list[str]:
    """Return the names of the arrays that depend on the model only, not on a text."""
    tables = _ATTENTION_PARAMETERS | _ATTENTION_OFFSETS | _STREAM_PARAMETERS | _VOCABULARY_PARAMETERS
    return [name for name in arrays_of(config) if _bare(name) in tables]


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


def _bare(name: str) -> str:
    return split(name)[1]


def _missing(config: TransformerConfig) -> set[str]:
    """Return the names, without prefix, that a model does not have."""
    missing: set[str] = set()
    if config.positions not in ("learned", "sinusoidal"):
        missing.add("position_vectors")
    if config.positions != "learned":
        missing.add("W_P")
    if config.positions != "rotary":
        missing |= {"rotation_angles", *_UNTURNED}
    if config.feed_forward != "swiglu":
        missing |= {"W_gate", "b_gate"}
    if config.norm == "rms":
        missing |= {"norm_shift", "final_norm_shift"}
    if config.norm_position == "after":
        missing |= {"final_normed", "final_norm_scale", "final_norm_shift"}
    if not config.bias:
        missing |= {"b_in", "b_gate", "b_out", *_ATTENTION_OFFSETS}
    return missing


def _self_attention(config: TransformerConfig) -> dict[str, ArrayInfo]:
    """Return the arrays of an attention with the formulas of this model."""
    entering = "normed" if config.norm_position == "before" else "residual"
    added, turned = " + {}" if config.bias else "", ", turned" if config.positions == "rotary" else ""
    arrays = _UNTURNED | _OF_ATTENTION | _ATTENTION_PARAMETERS | _ATTENTION_OFFSETS
    formulas = {
        "queries": f"{entering} · W_Q{added.format('b_Q')}{turned}",
        "keys": f"{entering} · W_K{added.format('b_K')}{turned}",
        "values": f"{entering} · W_V{added.format('b_V')}",
        "scores": "query · key / √d_head, −∞ where the mask hides the key",
        "score_sum": "sum(score_exponentials)",
        "output": f"concatenated · W_O{added.format('b_O')}",
    }
    return {name: info._replace(formula=formulas.get(name, info.formula)) for name, info in arrays.items()}


def _cross_attention(config: TransformerConfig) -> dict[str, ArrayInfo]:
    """Return the arrays of a cross-attention: its keys and values are made of the source, and not turned."""
    arrays = _self_attention(config.model_copy(update={"positions": "none"}))
    arrays = {name: info for name, info in arrays.items() if name not in _UNTURNED}
    for name, info in arrays.items():
        kept = {"key": "source_key"} | ({"token": "source"} if name in ("keys", "values") else {})
        formula = info.formula.replace("normed ·", "x ·").replace("residual ·", "x ·")
        formula = formula if name == "queries" else formula.replace("x ·", "the encoder's output ·")
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
