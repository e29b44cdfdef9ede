"""One forward pass of a model over a sentence: `run(model, sentence)` gives the trace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import torch

from attnviz.input.problems import Problem, ProblemsFound
from attnviz.model.attention import bilinear, linear
from attnviz.model.blackboard.contents import shares_space
from attnviz.model.blackboard.file import tokens_of
from attnviz.model.blackboard.forward import (
    attend_in_maps,
    attention_layer,
    compare_embeddings,
    map_plane,
    repeat_layer,
)
from attnviz.model.blackboard.tensors import Blackboard, HeadMatrices, LayerParameters
from attnviz.model.blackboard.trace import build_trace
from attnviz.model.device import device_of
from attnviz.model.rounding import StepWriter

if TYPE_CHECKING:
    import xarray as xr
    from torch import Tensor

    from attnviz.model.interface import Carry, Device, DType

MAX_DECIMALS = 6


@torch.no_grad()  # type: ignore[untyped-decorator,unused-ignore]
def run(
    model: Blackboard,
    text: str | None,
    *,
    words: Sequence[str] | None = None,
    device: Device = "auto",
    dtype: DType = "float64",
    carry: Carry = "exact",
    decimals: int = 2,
) -> xr.Dataset:
    """Run a model on a sentence and return every intermediate array, labelled.

    `words` are the tokens that stand on the board, among which alone attention is computed (default: all).
    With `carry="displayed"` everything that has a name, embeddings and matrices included, is rounded to
    `decimals` before the next step uses it; with "exact" nothing is ever rounded.
    """
    if not 0 <= decimals <= MAX_DECIMALS:
        raise ProblemsFound(Problem(f"decimals is {decimals}", hint=f"expected 0 … {MAX_DECIMALS}"))
    tokens = tokens_of(model.spec, text, words)
    place: dict[str, Any] = {"device": device_of(device), "dtype": getattr(torch, dtype)}
    writer = StepWriter(carry, decimals)
    embeddings = writer.write("embeddings", model.embeddings([token.word for token in tokens]).to(**place))
    compare_embeddings(embeddings, model.spec.similarity, writer)
    layer = _write_matrices(embeddings, model.layer(), place, writer)
    output = attention_layer(embeddings, layer, writer)
    if shares_space(model.spec):
        repeat_layer(embeddings, layer, writer)
    maps = model.maps()
    if maps is not None:
        written = writer.write("maps", maps.to(**place))
        map_plane(embeddings, output if shares_space(model.spec) else None, written, writer)
        attend_in_maps(embeddings, written, layer, writer)
    sentence = " ".join(token.word for token in tokens) if text is None else text
    settings = {"sentence": sentence, "device": place["device"], "dtype": dtype, "carry": carry}
    settings["decimals"] = decimals
    return build_trace(model, tokens, writer, settings)


def _write_matrices(
    embeddings: Tensor, layer: LayerParameters, place: dict[str, Any], writer: StepWriter
) -> LayerParameters:
    """Write the heads' matrices down, and what one matrix in place of two makes of embeddings (token d_model).

    Returns the layer that computes with them.
    """
    heads = []
    for head in layer.heads:
        written = {name: writer.write_head(name, matrix.to(**place)) for name, matrix in vars(head).items()}
        both = writer.write_head("bilinear", bilinear(written["W_Q"], written["W_K"]))
        writer.write_head("bilinear_queries", linear(embeddings, both))
        heads.append(HeadMatrices(**written))
    W_O = None if layer.W_O is None else writer.write("W_O", layer.W_O.to(**place))
    return replace(layer, heads=tuple(heads), W_O=W_O)
