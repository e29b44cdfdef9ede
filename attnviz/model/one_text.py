"""From the recording of a batch of texts to the arrays of one text, and those computed from them afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING

import torch

from attnviz.model import attention
from attnviz.model.interface import Part
from attnviz.model.recording import Recording
from attnviz.model.transformer_arrays import split

if TYPE_CHECKING:
    from torch import Tensor

    from attnviz.model.arrays import ArrayInfo, LabelsByDim

# What is computed from a recorded array afterwards, as the output does not depend on it.
_FOLLOWING = {
    "scores": ("score_exponentials", "score_sum"),
    "head_outputs": ("head_contributions", "contribution_norm"),
    "logits": ("probabilities",),
}


class Wanted:
    """The part of a trace that is wanted: what of it is recorded, and how an array of one text is cut out of that.

    `infos` are all arrays of the model's trace, `labels` those along the dimensions that no text changes. Arrays from
    which others follow are recorded with all heads: a product of one head's matrix alone may be rounded differently.
    """

    def __init__(self, part: Part, infos: Mapping[str, ArrayInfo], labels: LabelsByDim) -> None:
        self.names = [name for name in infos if part.arrays is None or name in part.arrays]
        self._infos, self._labels = infos, labels
        self._layer = None if part.layer is None else labels["layer"].index(part.layer)
        self._head = None if part.head is None else labels["head"].index(part.head)

    def recording(self) -> Recording:
        """Return a recording of what is wanted, and of what that follows from."""
        wanted = {*self.names}
        sources = {name for name in self._infos if wanted.intersection(following(name))}
        return Recording(wanted | sources, self._keep)

    def labels(self, labels: LabelsByDim) -> LabelsByDim:
        """Return the labels of a text's trace, of them only the wanted layer and head."""
        chosen = {"layer": self._layer, "head": self._head}
        return labels | {dim: (labels[dim][place],) for dim, place in chosen.items() if place is not None}

    def of_text(
        self, name: str, tensors: Sequence[Tensor], row: int, labels: LabelsByDim, output_matrices: Sequence[Tensor]
    ) -> dict[str, Tensor]:
        """Return the wanted arrays of one text that were recorded under a name, or follow from what was.

        `labels` are those of the whole trace of the text; `output_matrices` W_O (d_concat d_output) of every layer.
        """
        own = self.labels(labels)
        if not self._one_head(name):
            own |= {"head": labels["head"]} if "head" in labels else {}
        found = {name: of_one_text(tensors, row, self._infos[name].dims, own)}
        follow = set(self.names).intersection(following(name))
        if follow:
            matrices = output_matrices if self._layer is None else output_matrices[self._layer :][:1]
            found |= followers(name, found[name], matrices, None if self._one_head(name) else self._head)
        return {each: self._of_head(each, array) for each, array in found.items() if each in self.names}

    def of_model(self, name: str, array: Tensor) -> Tensor:
        """Return the wanted part of a parameter that has all layers and heads."""
        dims = self._infos[name].dims
        if self._layer is not None and "layer" in dims:
            array = array.narrow(dims.index("layer"), self._layer, 1)
        return self._of_head(name, array)

    def _one_head(self, name: str) -> bool:
        """Tell whether only the wanted head of an array is recorded."""
        return self._head is not None and "head" in self._infos[name].dims and not self._leads(name)

    def _leads(self, name: str) -> bool:
        return not set(self.names).isdisjoint(following(name))

    def _keep(self, name: str, before: int, tensor: Tensor) -> Tensor | None:
        """Return what is kept of a tensor of a batch of texts, of which so many came before, one for each place."""
        dims = self._infos[name].dims
        counted = dims[: len(dims) + 1 - tensor.ndim]
        if self._layer is not None and "layer" in counted:
            each = prod(len(self._labels[dim]) for dim in counted[counted.index("layer") + 1 :])
            if before // each != self._layer:
                return None
        if self._head is None or not self._one_head(name):
            return tensor
        axis = dims.index("head") - len(counted) + 1
        place = self._head * tensor.shape[axis] // len(self._labels["head"])  # heads may share keys and values
        return tensor.narrow(axis, place, 1).clone()  # so that the memory of the others is freed

    def _of_head(self, name: str, array: Tensor) -> Tensor:
        dims = self._infos[name].dims
        if self._head is None or "head" not in dims or array.shape[dims.index("head")] == 1:
            return array
        return array.narrow(dims.index("head"), self._head, 1)


def following(name: str) -> tuple[str, ...]:
    """Return the names of the arrays that are computed from a recorded one."""
    prefix, bare = split(name)
    return tuple(prefix + each for each in _FOLLOWING.get(bare, ()))


def followers(
    name: str, array: Tensor, output_matrices: Sequence[Tensor], head: int | None = None
) -> dict[str, Tensor]:
    """Compute the arrays that follow from a recorded array of one text, by name.

    `output_matrices` are W_O (d_concat d_output) of every layer in the array; only heads' outputs need them. With a
    `head` (counted from 0) what follows is kept of this one alone.
    """
    names, bare = following(name), split(name)[1]
    if bare == "logits":
        return {names[0]: attention.softmax(array)}
    heads = slice(None) if head is None else slice(head, head + 1)
    if bare == "scores":
        exponentials = array[:, heads].exp()
        return dict(zip(names, (exponentials, exponentials.sum(dim=-1)), strict=True))
    layers = zip(array, output_matrices, strict=True)
    each = torch.stack([_contributions(outputs, W_O)[heads].clone() for outputs, W_O in layers])
    return dict(zip(names, (each, torch.linalg.vector_norm(each, dim=-1)), strict=True))


def _contributions(outputs: Tensor, W_O: Tensor) -> Tensor:
    """Return what each head of a layer adds (head query d_output): its outputs times its rows of W_O."""
    return outputs @ W_O.reshape(len(outputs), -1, W_O.shape[-1])


def of_one_text(tensors: Sequence[Tensor], row: int, dims: tuple[str, ...], labels: LabelsByDim) -> Tensor:
    """Return one text's part of a recorded array, without padding; `tensors` has one tensor for each layer or stage."""
    counted = dims[: len(dims) + 1 - tensors[0].ndim]  # the leading dimensions: one tensor was recorded for each entry
    parts = []
    for tensor in tensors:
        part = tensor[row if len(tensor) > 1 else 0]
        for axis, dim in enumerate(dims[len(counted) :]):
            size = len(labels[dim])
            if part.shape[axis] < size:  # broadcast: heads that share a key, queries with the same mask
                part = part.repeat_interleave(size // part.shape[axis], dim=axis)
            part = part.narrow(axis, 0, size)
        parts.append(part)
    return torch.stack(parts).reshape(*(len(labels[dim]) for dim in dims))
