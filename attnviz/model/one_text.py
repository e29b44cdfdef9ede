"""From the recording of a batch of texts to the arrays of one text, and those computed from them afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch

from attnviz.model import attention
from attnviz.model.transformer_arrays import split

if TYPE_CHECKING:
    from torch import Tensor

    from attnviz.model.arrays import LabelsByDim

# What is computed from a recorded array afterwards, as the output does not depend on it.
_FOLLOWING = {
    "scores": ("score_exponentials", "score_sum"),
    "head_outputs": ("head_contributions", "contribution_norm"),
    "logits": ("probabilities",),
}


def following(name: str) -> tuple[str, ...]:
    """Return the names of the arrays that are computed from a recorded one."""
    prefix, bare = split(name)
    return tuple(prefix + each for each in _FOLLOWING.get(bare, ()))


def followers(name: str, array: Tensor, output_matrices: Sequence[Tensor]) -> dict[str, Tensor]:
    """Compute the arrays that follow from a recorded array of one text, by name.

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
