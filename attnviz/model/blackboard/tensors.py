"""A blackboard model with its numbers as tensors."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from attnviz.model.blackboard.contents import heads_of
from attnviz.model.blackboard.file import BlackboardSpec, Similarity, Weights, read_blackboard
from attnviz.model.interface import HEAD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor


@dataclass(frozen=True)
class HeadMatrices:
    """The matrices of one head: W_Q and W_K (d_model d_head), W_V (d_model d_value)."""

    W_Q: Tensor
    W_K: Tensor
    W_V: Tensor


@dataclass(frozen=True)
class LayerParameters:
    """What one attention layer computes with; without heads, embeddings serve as queries, keys and values.

    `silent` are the heads (counted from 0) that are taken out: their outputs are 0.
    """

    similarity: Similarity
    weights: Weights
    heads: tuple[HeadMatrices, ...]
    W_O: Tensor | None
    silent: tuple[int, ...] = ()


@dataclass(frozen=True)
class Blackboard:
    """A model as written on a board: the checked file, where it came from, and what was taken out of its computation.

    Of what is taken out, only heads are not told by the specification itself.
    """

    name: str
    spec: BlackboardSpec
    without: tuple[str, ...] = ()

    def embeddings(self, words: Sequence[str]) -> Tensor:
        """Return the words' coordinates as float64 (token d_model)."""
        return _tensor([self.spec.words[word] for word in words])

    def layer(self) -> LayerParameters:
        """Return the attention layer's matrices as float64."""
        heads = tuple(HeadMatrices(_tensor(head.W_Q), _tensor(head.W_K), _tensor(head.W_V)) for head in self.spec.heads)
        W_O = None if self.spec.W_O is None else _tensor(self.spec.W_O)
        places = enumerate(heads_of(self.spec))
        silent = tuple(place for place, head in places if f"{HEAD}{head}" in self.without)
        return LayerParameters(self.spec.similarity, self.spec.weights, heads, W_O, silent)

    def maps(self) -> Tensor | None:
        """Return the named maps as float64 (map plane_in plane), if there are any."""
        return _tensor(list(self.spec.maps.values())) if self.spec.maps else None


def load_blackboard(path: Path) -> Blackboard:
    """Load a blackboard model; raise `ProblemsFound` with everything that is wrong with its file."""
    return Blackboard(path.stem, read_blackboard(path))


def _tensor(numbers: object) -> Tensor:
    return torch.tensor(numbers, dtype=torch.float64)
