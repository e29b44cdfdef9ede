"""How one forward pass of a transformer is run, and what is kept of it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor, nn

Record = Callable[[str, "Tensor"], None]
Cache = dict["nn.Module", tuple["Tensor", "Tensor"]]  # the keys and values that each attention has computed so far


def forget(name: str, tensor: Tensor) -> None:
    """Record nothing."""


@dataclass(frozen=True)
class Pass:
    """How a forward pass is run: who records it, what is kept for the next, and whether torch's attention is used.

    `fused` is quicker; queries, keys, values, scores and weights are then not recorded.
    """

    record: Record = forget
    cache: Cache | None = None
    fused: bool = False

    def under(self, prefix: str) -> Pass:
        """Record under names that begin with a prefix."""
        return replace(self, record=lambda name, tensor: self.record(prefix + name, tensor))


PLAIN = Pass()


class Recording:
    """Keeps what a forward pass computes, by name, in the order in which it is computed; or only some names of it.

    Nothing is copied: the pass is as quick as any other, but what is kept is not freed.
    """

    def __init__(self, wanted: Collection[str] | None = None) -> None:
        self.wanted = wanted
        self.tensors: dict[str, list[Tensor]] = {}

    def __call__(self, name: str, tensor: Tensor) -> None:
        """Keep a tensor, if it is wanted."""
        if self.wanted is None or name in self.wanted:
            self.tensors.setdefault(name, []).append(tensor.detach())
