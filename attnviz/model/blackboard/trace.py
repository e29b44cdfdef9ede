"""Named results as an `xarray.Dataset`, in which every number knows its words, axes, meaning and formula."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch
import xarray as xr

from attnviz.model.blackboard.contents import arrays_of, labels_of, missing_of, uneven_sizes
from attnviz.model.blackboard.facts import description_of, fingerprint_of
from attnviz.model.blackboard.forward import compare_rows
from attnviz.model.rounding import StepWriter
from attnviz.model.without import OF_SOFTMAX, altered_facts

if TYPE_CHECKING:
    from torch import Tensor

    from attnviz.model.blackboard.tensors import Blackboard
    from attnviz.model.interface import Settings
    from attnviz.model.tokens import Token


def build_trace(model: Blackboard, tokens: Sequence[Token], writer: StepWriter, settings: dict[str, Any]) -> xr.Dataset:
    """Put everything that was written down into one labelled dataset."""
    arrays = writer.arrays | {name: _stack(parts) for name, parts in writer.by_head.items()}
    dims = arrays_of(model.spec)
    unused = OF_SOFTMAX if model.spec.weights == "scores" else ()  # the similarities' rows, all the same
    assert arrays.keys() - {*unused} == dims.keys(), arrays.keys() ^ dims.keys()
    coords: dict[str, Any] = {dim: list(labels) for dim, labels in labels_of(model.spec, tokens).items()}
    coords["word"] = ("token", [token.word for token in tokens])
    coords["group"] = ("token", [model.spec.group_of(token.word) for token in tokens])
    coords |= {f"{dim}_size": ("head", list(sizes.values())) for dim, sizes in uneven_sizes(model.spec).items()}
    trace = xr.Dataset(
        {
            name: (dims[name], arrays[name].cpu().numpy(), description_of(name, model.spec, model.without))
            for name in dims
        },
        coords=coords,
    )
    trace.attrs = {
        "model": model.name,
        "fingerprint": fingerprint_of(model.spec, settings, model.without),
        "similarity": model.spec.similarity,
        "weights": model.spec.weights,
        "groups": ",".join(model.spec.groups),
        **settings,
    }
    absent = {"absent": ",".join(unused), "absent_hint": missing_of(model.spec)[unused[0]]} if unused else {}
    return trace.assign_attrs(absent | altered_facts(model.without))


def of_one_head(trace: xr.Dataset, head: str, settings: Settings) -> xr.Dataset:
    """Return a blackboard's trace with one head, without its padding; its scores stand for the similarities."""
    chosen = trace.sel(head=[head])
    for dim in ("d_head", "d_value"):
        if f"{dim}_size" in chosen.coords:
            chosen = chosen.isel({dim: slice(int(chosen[f"{dim}_size"].item()))}).drop_vars(f"{dim}_size")
    writer = StepWriter(settings.carry, settings.decimals)
    compare_rows(torch.from_numpy(chosen["scores"].values[0]).double(), writer)
    rows = {name: chosen[name].copy(data=array.numpy()) for name, array in writer.arrays.items() if name in chosen}
    rows["similarity"].attrs = chosen["scores"].attrs
    return chosen.assign(rows).assign_attrs(similarity="scores", head=head)


def _stack(parts: Sequence[Tensor]) -> Tensor:
    """Stack the heads' arrays (head …); where heads differ in width, the narrower are padded with NaN."""
    width = max(part.shape[-1] for part in parts)
    return torch.stack([torch.nn.functional.pad(part, (0, width - part.shape[-1]), value=math.nan) for part in parts])
