"""What the trace of a pretrained model holds, known before it is computed: its arrays and their labels. No torch.

The names are those of our own transformer's trace (`attnviz.model.transformer_arrays`). What depends on the model only,
its parameters, is left out: there are too many.
"""

from __future__ import annotations

from collections.abc import Sequence

from attnviz.model.arrays import BLACKBOARD_ONLY, HEAD_ARRAYS, ArrayInfo, LabelsByDim
from attnviz.model.published.spec import PretrainedSpec
from attnviz.model.tokenizer import Piece
from attnviz.model.transformer_arrays import (
    BOTH_ONLY,
    CROSS,
    ENCODER,
    NOT_OF_TRANSFORMERS,
    PARAMETERS,
    SEEN_ONLY,
    every_array,
    is_parameter,
    labels_of_text,
)

STAGES = ("input", "feed_forward")
_SOURCE = {"token": "source", "query": "source_query", "key": "source_key", "stage": "source_stage"}
_STREAM = {
    "tokens": ArrayInfo(("token",), "each token's number in the vocabulary", "given"),
    "positions": ArrayInfo(("token",), "each token's position in the text, counted from 0", "0, 1, 2 …"),
    "embeddings": ArrayInfo(("token", "d_model"), "the tokens' vectors as they enter the first layer", "by token"),
    "mask": ArrayInfo(
        ("layer", "query", "key"), "whether a word (row) may see another (column): layers can have windows", "given"
    ),
    "residual": ArrayInfo(
        ("layer", "stage", "token", "d_model"), "the stream as it enters a layer, and as it leaves it", "layer(x)"
    ),
}
_FORMULAS = {
    "queries": "x · W_Q, rotated where the model has RoPE",
    "keys": "x · W_K, rotated where the model has RoPE",
    "values": "x · W_V",
    "scores": "query · key · scale (+ position_bias), −∞ where the mask hides the key",
    "score_sum": "sum(score_exponentials)",
    "output": "concatenated · W_O (+ b_O)",
}
_BIAS = {
    "position_bias": ArrayInfo(
        ("layer", "head", "query", "key"), "what is added to a score for how far apart two words are", "by distance"
    )
}
_ATTENTION = {
    name: ArrayInfo(("layer", *info.dims), info.meaning, _FORMULAS.get(name, info.formula))
    for name, info in HEAD_ARRAYS.items()
    if name not in (*BLACKBOARD_ONLY, *PARAMETERS)
}
_GUESS = {
    "logits": ArrayInfo(("token", "vocabulary"), "the logit of each word, at each position", "final vectors · W_U"),
    "probabilities": ArrayInfo(("token", "vocabulary"), "how likely each word is, at each position", "softmax(logits)"),
}


_OWN_ONLY = "it is recorded only of models that `attnviz train` has made"
_NO_PARAMETERS = "the parameters of published models are not part of their traces"


def arrays_of(spec: PretrainedSpec) -> dict[str, ArrayInfo]:
    """Return every array that a trace of such a model holds, with its dimensions, meaning and formula."""
    of_itself = _STREAM | (_BIAS if spec.biased else {}) | _ATTENTION
    arrays = of_itself | (_GUESS if spec.guesses else {})
    if not spec.both:
        return arrays
    cross = {CROSS + name: _in_cross_attention(name, info) for name, info in _ATTENTION.items()}
    encoder = {ENCODER + name: _in_the_encoder(info) for name, info in of_itself.items()}
    return arrays | cross | encoder


def missing_of(spec: PretrainedSpec) -> dict[str, str]:
    """Return which arrays of other models a trace of such a model lacks, and why."""
    there, missing = arrays_of(spec), dict.fromkeys(NOT_OF_TRANSFORMERS, SEEN_ONLY)
    for name in every_array():
        if name not in there:
            missing[name] = _why_missing(spec, name)
    return missing


def _why_missing(spec: PretrainedSpec, name: str) -> str:
    if not spec.both and name.startswith((ENCODER, CROSS)):
        return BOTH_ONLY
    if name in _GUESS:
        return "it does not guess words"
    return _NO_PARAMETERS if is_parameter(name) else _OWN_ONLY


def labels_of(
    spec: PretrainedSpec, pieces: Sequence[Piece] = (), targets: Sequence[Piece] | None = None
) -> LabelsByDim:
    """Return the labels along every dimension of the trace of a text.

    An encoder–decoder's encoder reads the pieces (its dimension is `source`), its decoder the targets (default: its
    start token).
    """
    heads, size, model = _numbered(spec.heads), _numbered(spec.d_head), _numbered(spec.d_model)
    labels = {"layer": _numbered(spec.layers), "head": heads, "d_head": size, "d_value": size}
    labels |= {"d_model": model, "d_output": model, "stage": STAGES, "source_stage": STAGES}
    labels["d_concat"] = tuple(f"{head}-{column}" for head in heads for column in size)
    if spec.guesses:
        labels["vocabulary"] = spec.words
    read = [piece.label for piece in pieces]
    written = spec.target_pieces(None) if spec.both and targets is None else targets or ()
    labels |= labels_of_text([piece.label for piece in written], read) if spec.both else labels_of_text(read)
    used = {dim for info in arrays_of(spec).values() for dim in info.dims}
    return {dim: each for dim, each in labels.items() if dim in used}


def _in_cross_attention(name: str, info: ArrayInfo) -> ArrayInfo:
    kept = {"key": "source_key"} | ({"token": "source"} if name in ("keys", "values") else {})
    dims = tuple(kept.get(dim, dim) for dim in info.dims)
    return info._replace(dims=dims, meaning=f"{info.meaning}, in cross-attention")


def _in_the_encoder(info: ArrayInfo) -> ArrayInfo:
    dims = tuple(_SOURCE.get(dim, dim) for dim in info.dims)
    return info._replace(dims=dims, meaning=f"{info.meaning}, in the encoder")


def _numbered(size: int) -> tuple[str, ...]:
    return tuple(str(number) for number in range(1, size + 1))
