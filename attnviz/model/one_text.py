"""From what was recorded of a batch of texts to the arrays of one: its own part, and what follows from that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch

from attnviz.model import attention
from attnviz.model.transformer_arrays import split

if TYPE_CHECKING:
    from torch import Tensor

    from attnviz.model.arrays import LabelsByDim

# What follows from a recorded array, and is not needed for the output.
_FOLLOWING = {
    "scores": ("score_exponentials", "score_sum"),
    "head_outputs": ("head_contributions", "contribution_norm"),
    "logits": ("probabilities",),
}


def following(name: str) -> tuple[str, ...]:
    """Return the names of the arrays that follow from a recorded one."""
    prefix, bare = split(name)
    return tuple(prefix + each for each in _FOLLOWING.get(bare, ()))


def followers(name: str, array: Tensor, output_matrices: Sequence[Tensor]) -> dict[str, Tensor]:
    """Compute, from a recorded array of one text, those that follow from it.

    `output_matrices` are W_O (d_concat d_output) of every layer; only heads' outputs need them.
    """
    names, bare = following(name), split(name)[1]
    if bare == "logits":
        return {names[0]: attention.softmax(array)}
    if bare == "scores":
        return dict(zip(names, (array.exp(), array.exp().sum(dim=-1)), strict=True))
    layers = zip(array, output_matrices, strict=True)
    each = torch.stack([outputs @ W_O.reshape(len(outputs), -1, W_O.shape[-1]) for outputs, W_O in layers])
    return dict(zip(names, (each, torch.linalg.vector_norm(each, dim=-1)), strict=True))


def of_one_text(tensors: Sequence[Tensor], row: int, dims: tuple[str, ...], labels: LabelsByDim) -> Tensor:
    """Cut one text out of what was recorded of all, one tensor a layer or a stage, without its padding."""
    counted = dims[: len(dims) + 1 - tensors[0].ndim]  # by these, one tensor after the other was recorded
    parts = []
    for tensor in tensors:
        part = tensor[row if len(tensor) > 1 else 0]
        for axis, dim in enumerate(dims[len(counted) :]):
            size = len(labels[dim])
            if part.shape[axis] < size:  # one for several: heads that share a key, queries that see the same
                part = part.repeat_interleave(size // part.shape[axis], dim=axis)
            part = part.narrow(axis, 0, size)
        parts.append(part)
    return torch.stack(parts).reshape(*(len(labels[dim]) for dim in dims))
