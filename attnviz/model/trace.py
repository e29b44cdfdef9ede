"""Named results as an `xarray.Dataset`, in which every number knows its words, axes, meaning and formula."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch
import xarray as xr

from attnviz.model.arrays import ARRAYS

if TYPE_CHECKING:
    from torch import Tensor

    from attnviz.model.blackboard import Blackboard
    from attnviz.model.carry import Writer
    from attnviz.model.tokens import Token

CORNERS = ["0,0", "1,0", "1,1", "0,1"]


def build_trace(model: Blackboard, tokens: Sequence[Token], writer: Writer, settings: dict[str, Any]) -> xr.Dataset:
    """Put everything that was written down into one labelled dataset."""
    arrays = writer.arrays | {name: _stack(parts) for name, parts in writer.by_head.items()}
    arrays = {name: arrays[name] for name in ARRAYS if name in arrays}
    sizes = {
        dim: size for name, array in arrays.items() for dim, size in zip(ARRAYS[name].dims, array.shape, strict=True)
    }
    labels = _labels(model, [token.label for token in tokens], sizes)
    coords: dict[str, Any] = {dim: labels[dim] if dim in labels else _numbered(size) for dim, size in sizes.items()}
    coords["word"] = ("token", [token.word for token in tokens])
    coords["group"] = ("token", [model.spec.group_of(token.word) for token in tokens])
    trace = xr.Dataset(
        {name: (ARRAYS[name].dims, array.cpu().numpy(), _describe(name, model)) for name, array in arrays.items()},
        coords=coords,
    )
    trace.attrs = {
        "model": model.name,
        "fingerprint": fingerprint(model, settings),
        "similarity": model.spec.similarity,
        "weights": model.spec.weights,
        **settings,
    }
    return trace


def fingerprint(model: Blackboard, settings: dict[str, Any]) -> str:
    """Return 12 hex digits of a SHA-256 over the model's parameters and the settings of the computation.

    The sentence and the device are left out: the same model on another machine has the same fingerprint.
    """
    counted = {key: settings[key] for key in ("dtype", "carry", "decimals")}
    parameters = model.spec.model_dump(exclude={"title"})
    text = json.dumps([parameters, counted], sort_keys=True, ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _stack(parts: Sequence[Tensor]) -> Tensor:
    """Stack the heads' arrays (head …); where heads differ in width, the narrower are padded with NaN."""
    width = max(part.shape[-1] for part in parts)
    return torch.stack([torch.nn.functional.pad(part, (0, width - part.shape[-1]), value=math.nan) for part in parts])


def _labels(model: Blackboard, words: list[str], sizes: dict[str, int]) -> dict[str, list[str] | list[int]]:
    """Return the labels of every dimension that has better ones than 1, 2, 3 …"""
    axes, heads = model.spec.axes, model.spec.heads
    labels: dict[str, list[str] | list[int]] = {"token": words, "query": words, "key": words}
    labels |= {
        "d_model": axes,
        "d_model_key": axes,
        "plane": axes[:2],
        "plane_in": axes[:2],
        "corner": CORNERS,
    }
    labels |= {"head": [head.name for head in heads] or ["1"], "map": list(model.spec.maps)}
    labels["step"] = list(range(sizes.get("step", 0)))
    if not heads:
        labels |= {"d_head": axes, "d_value": axes, "d_concat": axes}
    else:
        widths = [(head.name, len(head.W_V[0])) for head in heads]
        labels["d_concat"] = [f"{name}-{column}" for name, width in widths for column in range(1, width + 1)]
    if shares_space(model):
        labels["d_output"] = axes
    elif model.spec.W_O is None:
        labels["d_output"] = labels["d_concat"]
    return labels


def shares_space(model: Blackboard) -> bool:
    """Say whether the layer's output lies in the space of the embeddings, so that it can be applied again.

    It does with a W_O that leads back to the axes, or when one head's values have as many coordinates as
    there are axes; several heads side by side are another space.
    """
    spec = model.spec
    if spec.W_O is not None:
        return len(spec.W_O[0]) == len(spec.axes)
    return not spec.heads or (len(spec.heads) == 1 and len(spec.heads[0].W_V[0]) == len(spec.axes))


def _numbered(size: int) -> list[str]:
    return [str(number) for number in range(1, size + 1)]


def _describe(name: str, model: Blackboard) -> dict[str, str]:
    """Return the meaning and formula of an array, as this model computes it."""
    spec, formula = model.spec, ARRAYS[name].formula
    if name == "similarity":
        formula = ARRAYS[spec.similarity].formula
    elif name == "scores":
        formula = {"dot": "q · k", "cosine": "q · k / (norm(q) norm(k))", "scaled_dot": "q · k / √d"}[spec.similarity]
    elif name == "weights" and spec.weights == "normalised":
        formula = "scores / score_sum"
    elif name == "score_sum":
        formula = "sum(scores)" if spec.weights == "normalised" else "sum(score_exponentials)"
    elif name in ("queries", "keys", "values") and not spec.heads:
        formula = "embeddings"
    elif name == "output" and spec.W_O is None:
        formula = "concatenated" if spec.heads else "weights · embeddings"
    meaning = ARRAYS[name].meaning
    if name == "similarity":
        meaning = f"{meaning}: {spec.similarity}"
    return {"description": meaning, "formula": formula}
