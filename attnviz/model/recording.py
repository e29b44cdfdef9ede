"""Options of one forward pass of a transformer, and a recording of what it computes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from attnviz.model.interface import HEAD

if TYPE_CHECKING:
    from torch import Tensor, nn

Record = Callable[[str, "Tensor"], None]  # is given the name of an array of the trace, and the array
# The keys and values of earlier tokens, by attention module: (batch key_value_head key d_head) each.
KVCache = dict["nn.Module", tuple["Tensor", "Tensor"]]


def no_record(name: str, tensor: Tensor) -> None:
    """Keep nothing."""


@dataclass(frozen=True)
class ForwardOptions:
    """How a forward pass is run: where its steps are recorded, its KV cache, and which attention kernel computes it.

    `kv_cache`, if given, is filled by the pass, and read by the next, whose tokens continue those of this one.
    `fused` uses torch's fused attention, which is faster; queries, keys, values, scores and weights are then not
    recorded. `without` is what is taken out of the computation (see `attnviz.model.without`), which is then not fused:
    the softmax and √d of every attention, but the mask and heads only of self-attention, in the decoder if there is
    one. `silent` are the heads (counted from 0) that are taken out of one layer.
    """

    record: Record = no_record
    kv_cache: KVCache | None = None
    fused: bool = False
    without: tuple[str, ...] = ()
    silent: tuple[int, ...] = ()

    @property
    def is_fused(self) -> bool:
        """Whether torch's fused attention computes the pass."""
        return self.fused and not self.without

    def with_prefix(self, prefix: str) -> ForwardOptions:
        """Return options of another attention, or of the encoder, that record under names with a prefix."""
        others = tuple(each for each in self.without if not each.startswith(HEAD))
        return replace(self, record=lambda name, tensor: self.record(prefix + name, tensor), without=others, silent=())

    def in_layer(self, layer: int) -> ForwardOptions:
        """Return the options of one layer (counted from 1)."""
        silent = silent_heads(self.without, layer)
        return replace(self, silent=silent) if silent else self


def silent_heads(without: Sequence[str], layer: int) -> tuple[int, ...]:
    """Return which heads (counted from 0) are taken out of a layer (counted from 1)."""
    begin = f"{HEAD}{layer}."
    return tuple(int(each.removeprefix(begin)) - 1 for each in without if each.startswith(begin))


DEFAULTS = ForwardOptions()


# Is given an array's name, how many tensors of this name came before, and the tensor; returns what is kept of it.
Keep = Callable[[str, int, "Tensor"], "Tensor | None"]


def keep_all(name: str, before: int, tensor: Tensor) -> Tensor:
    """Keep a tensor as it is."""
    return tensor


class Recording:
    """Keeps the tensors of a forward pass by name, in the order in which they are computed; or only the `wanted` ones.

    Tensors are kept, not copied: recording costs no time, but their memory is not freed during the pass. `keep` can
    leave out some of the tensors of a name (those of other layers, say), or keep a part of each.
    """

    def __init__(self, wanted: Collection[str] | None = None, keep: Keep = keep_all) -> None:
        self.wanted, self.keep = wanted, keep
        self.tensors: dict[str, list[Tensor]] = {}
        self._seen: Counter[str] = Counter()

    def __call__(self, name: str, tensor: Tensor) -> None:
        """Keep a tensor, if it is wanted."""
        if self.wanted is not None and name not in self.wanted:
            return
        kept = self.keep(name, self._seen[name], tensor.detach())
        self._seen[name] += 1
        if kept is not None:
            self.tensors.setdefault(name, []).append(kept)
