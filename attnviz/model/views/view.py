"""Looking at one layer of a layered model as at a blackboard: words in a plane, a head's scores as the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
import xarray as xr

from attnviz.model.blackboard.forward import compare_rows, map_plane, measure_pairs
from attnviz.model.interface import ALL_HEADS
from attnviz.model.rounding import StepWriter
from attnviz.model.views.arrays import EVERY_HEAD, MOST_COMPARED
from attnviz.model.views.heads import compare_heads

if TYPE_CHECKING:
    from torch import Tensor

    from attnviz.model.arrays import ArrayInfo, LabelsByDim
    from attnviz.model.views.projection import Projection

LONG = f"heads are compared in sentences of at most {MOST_COMPARED} tokens: take a shorter one"


class Seen(NamedTuple):
    """What a view needs besides the trace: planes before each layer and after the last; maps of the plane, by name.

    `head` is a head's label, or `all`; `labels` are those of the view's dimensions; `absent` says why arrays that could
    be expected are not there, or what to do about it. `compared` has the arrays of every head, or none if the sentence
    is too long for them.
    """

    layer: str
    head: str
    labels: LabelsByDim
    planes: Sequence[Projection]
    maps: Mapping[str, Tensor]
    absent: Mapping[str, str]
    compared: Mapping[str, Tensor]

    @property
    def one_head(self) -> bool:
        """Whether one head is looked at, whose scores are the similarities."""
        return self.head != ALL_HEADS


def viewed(trace: xr.Dataset, steps: Tensor, seen: Seen, infos: Mapping[str, ArrayInfo], decimals: int) -> xr.Dataset:
    """Return what a scene reads: the trace of a layer and its chosen heads, and the arrays that `view_arrays` adds.

    `steps` are the tokens' vectors before the first layer and after each (depth token d_model).
    """
    writer = StepWriter("exact", decimals)
    places = torch.stack([plane.points(x) for plane, x in zip(seen.planes, steps, strict=True)])
    entering = int(seen.layer) - 1
    points = writer.write("points", places[entering])
    writer.write("point_steps", places)
    writer.write("final_points", places[-1])
    writer.write("variance_shown", torch.tensor([plane.variance_shown for plane in seen.planes], dtype=torch.float64))
    writer.write("residual_norm", steps.norm(dim=-1))
    writer.write("total_move", (steps[-1] - steps[0]).norm(dim=-1))
    writer.write("plane_share", seen.planes[entering].share(steps[entering]))
    measure_pairs(points, writer)
    labels = {"layer": [seen.layer]} | ({"head": [seen.head]} if seen.one_head else {})
    chosen = trace.sel({dim: label for dim, label in labels.items() if dim in trace.dims})
    if seen.one_head:
        compare_rows(tensor_of(chosen["scores"])[0, 0], writer)
        writer.write("mixed_points", tensor_of(chosen["weights"])[0, 0] @ points)
    for name, array in seen.compared.items():
        writer.write(name, array)
    if seen.maps:
        maps = writer.write("maps", torch.stack(list(seen.maps.values())))
        map_plane(points, None, maps, writer)
    return _with(chosen, writer, seen, infos)


def compared_heads(stream: xr.Dataset, added: str, groups: Sequence[str]) -> Mapping[str, Tensor]:
    """Return what every head looks at; nothing of a sentence that is too long, whose weights were not kept.

    `added` are the tokens that the model adds, `groups` the group of each token.
    """
    if "weights" not in stream:
        return {}
    signs = added.split()
    return compare_heads(tensor_of(stream["weights"]), [str(key) in signs for key in stream["key"].values], groups)


def head_maps(trace: xr.Dataset, layer: str, plane: Projection) -> dict[str, Tensor]:
    """Return what each head of a layer does to displacements in a plane: W_V · W_O, restricted to it."""
    W_V, W_O = (tensor_of(trace[name].sel(layer=layer)) for name in ("W_V", "W_O"))
    heads = W_V @ W_O.reshape(*W_V.shape[::2], -1)
    labels = trace["head"].values
    return {f"head {label}": plane.restriction(matrix) for label, matrix in zip(labels, heads, strict=True)}


def vectors_at(trace: xr.Dataset) -> Tensor:
    """Return the residual stream before the first layer and after each (depth token d_model)."""
    stream = trace["residual"]
    first = stream.isel(layer=[0], stage=0)
    return torch.cat((tensor_of(first), tensor_of(stream.isel(stage=-1))))


def _with(chosen: xr.Dataset, writer: StepWriter, seen: Seen, infos: Mapping[str, ArrayInfo]) -> xr.Dataset:
    """Return the chosen part of a trace with what was written, in place of arrays of the same name."""
    left = [name for name in chosen.data_vars if name in infos]
    arrays: dict[str, Any] = {}
    for name, array in writer.arrays.items():
        if name not in infos:
            continue
        dims, meaning, formula = infos[name]
        arrays[name] = (dims, array.cpu().numpy(), {"description": meaning, "formula": formula})
    plane = seen.planes[int(seen.layer) - 1]
    whole = chosen[left].assign(arrays)
    unnamed = {*whole.dims} - {*chosen.coords}
    labels = {dim: list(each) for dim, each in seen.labels.items() if dim in unnamed}
    facts = {"layer": seen.layer, "head": seen.head}
    absent = ({} if seen.compared else dict.fromkeys(EVERY_HEAD, LONG)) | {**seen.absent}
    if seen.one_head:
        facts["similarity"] = "scores"
    if absent:
        facts |= {"absent": ",".join(absent), "absent_hint": "; ".join(dict.fromkeys(absent.values()))}
    facts |= {"axes_angle": "" if plane.angle is None else f"{plane.angle:.1f}"}
    facts |= {"plane_variance": "" if plane.variance is None else " ".join(f"{each:.4f}" for each in plane.variance)}
    return whole.assign_coords(labels).assign_attrs(facts)


def tensor_of(array: xr.DataArray) -> Tensor:
    """Return the entries of an array of a trace, in float64 on the CPU."""
    return torch.from_numpy(array.values).double()
