"""One recorder for all architectures: our attention function, entered into transformers' registry.

Every architecture makes its queries, keys and values in its own way and hands them to the function that its settings
name. Ours computes what that function has to, hands each step to `record`, and returns. What the model does with the
heads' outputs, and what enters and leaves its layers, is seen by hooks that hold for every architecture.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import nn
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.masking_utils import sdpa_mask
from transformers.pytorch_utils import Conv1D

from attnviz.model import attention
from attnviz.model.recording import Record, forget
from attnviz.model.transformer_arrays import CROSS, ENCODER

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedModel

NAME = "attnviz"
_watching: ContextVar[Recorder | None] = ContextVar("watching", default=None)


class Recorder:
    """Sees one forward pass of a model: hands what it computes to `record`, and keeps the matrices W_O it met."""

    def __init__(self, model: PreTrainedModel, layers: Sequence[nn.Module] = (), record: Record = forget) -> None:
        self.model, self.layers, self.record = model, layers, record
        self.encoder: set[nn.Module] = set()
        self.both = bool(model.config.is_encoder_decoder)
        if self.both:
            self.encoder = set(model.get_encoder().modules())
        self.attentions: list[tuple[str, nn.Module]] = []  # with the prefix of their arrays, in the order of the pass
        self.output_matrices: dict[str, list[Tensor]] = {}  # by prefix, (d_concat d_output)
        self.shapes: set[tuple[int, int, int, int]] = set()  # heads, key-value heads, d_head, d_value
        self.scales: set[float] = set()
        self._entered: set[str] = set()  # prefixes of the stacks that the stream has entered
        self._waiting: tuple[str, Tensor] | None = None  # heads' outputs that no linear map has taken yet

    @contextmanager
    def watching(self) -> Iterator[None]:
        """See the pass that is run inside the block."""
        token = _watching.set(self)
        with ExitStack() as hooks:
            for layer in self.layers:
                hooks.enter_context(_removed(layer.register_forward_pre_hook(self._enters, with_kwargs=True)))
                hooks.enter_context(_removed(layer.register_forward_hook(self._leaves)))
            for module in self.model.modules():
                if isinstance(module, (nn.Linear, Conv1D)):
                    hooks.enter_context(_removed(module.register_forward_hook(self._maps)))
            try:
                yield
            finally:
                _watching.reset(token)

    def attend(
        self, module: nn.Module, queries: Tensor, keys: Tensor, values: Tensor, visible: Tensor | None, bend: _Bend
    ) -> tuple[Tensor, Tensor]:
        """Return the heads' outputs (batch query head d_value) and the weights (batch head query key)."""
        prefix = self._prefix(module)
        first = all(known != prefix for known, _ in self.attentions)
        self.attentions.append((prefix, module))
        self.shapes.add((queries.shape[1], keys.shape[1], queries.shape[-1], values.shape[-1]))
        self.scales.add(bend.scale)
        sharing = queries.shape[1] // keys.shape[1]
        keys, values = keys.repeat_interleave(sharing, 1), values.repeat_interleave(sharing, 1)
        dots = attention.dot(queries, keys)
        scores = bend.scores(dots)
        if visible is not None:
            scores = attention.masked(scores, visible)
        weights = scores.softmax(dim=-1)
        outputs = attention.attend(weights, values)
        if first and prefix != CROSS:
            seen = torch.ones_like(scores[:, 0], dtype=torch.bool) if visible is None else visible[:, 0]
            self.record(f"{prefix}mask", seen.expand_as(scores[:, 0]))
        names = ("queries", "keys", "values", "query_key_dot", "scores", "weights", "head_outputs")
        for name, step in zip(names, (queries, keys, values, dots, scores, weights, outputs), strict=True):
            self.record(prefix + name, step)
        side_by_side = outputs.transpose(1, 2).contiguous()
        self.record(f"{prefix}concatenated", side_by_side.flatten(2))
        self._waiting = prefix, side_by_side.flatten(2)
        return side_by_side, weights

    def _prefix(self, module: nn.Module) -> str:
        """Tell the encoder's attention from the decoder's own, and this from cross-attention, which comes after it."""
        if not self.both:
            return ""
        if module in self.encoder:
            return ENCODER
        return CROSS if self.attentions and self.attentions[-1][0] == "" else ""

    def _maps(self, module: nn.Module, given: tuple[Any, ...], output: Tensor) -> None:
        """Notice the linear map whose input is the heads' outputs side by side: its matrix is W_O."""
        if self._waiting is None or not given:
            return
        prefix, expected = self._waiting
        if given[0].shape == expected.shape and torch.equal(given[0], expected):
            self._waiting = None
            self.record(f"{prefix}output", output)
            weight = module.get_parameter("weight")
            self.output_matrices.setdefault(prefix, []).append(weight if isinstance(module, Conv1D) else weight.T)

    def _enters(self, layer: nn.Module, given: tuple[Any, ...], named: dict[str, Any]) -> None:
        self._stream(layer, given[0] if given else named["hidden_states"])

    def _leaves(self, layer: nn.Module, given: tuple[Any, ...], output: Any) -> None:
        self._stream(layer, output[0] if isinstance(output, tuple) else output)

    def _stream(self, layer: nn.Module, x: Tensor) -> None:
        prefix = ENCODER if layer in self.encoder else ""
        if prefix not in self._entered:
            self._entered.add(prefix)
            self.record(f"{prefix}embeddings", x)
        self.record(f"{prefix}residual", x)


class _Bend(NamedTuple):
    """How dot products become scores: scaled; in Gemma 2 also bent to stay under a cap; in T5 with a position bias."""

    scale: float
    cap: float | None
    bias: Tensor | None

    def scores(self, dots: Tensor) -> Tensor:
        scores = dots * self.scale
        if self.cap is not None:
            scores = self.cap * torch.tanh(scores / self.cap)
        return scores if self.bias is None else scores + self.bias


def layers_of(model: PreTrainedModel, attentions: Sequence[nn.Module]) -> list[nn.Module]:
    """Return the layers that hold these attention modules: members of the outermost list around each."""
    names = {module: name.split(".") for name, module in model.named_modules()}
    layers: dict[nn.Module, None] = {}
    for module in attentions:
        name = names[module]
        for depth in range(len(name)):
            if isinstance(model.get_submodule(".".join(name[:depth])), nn.ModuleList):
                layers[model.get_submodule(".".join(name[: depth + 1]))] = None
                break
    return list(layers)


def _attend(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    position_bias: Tensor | None = None,
    softcap: float | None = None,
    **others: Any,
) -> tuple[Tensor, Tensor]:
    """Compute attention as transformers asks for it; other settings are checked by comparing results (see `load`)."""
    recorder = _watching.get()
    assert recorder is not None, "a model that is traced is run by a recorder"
    bend = _Bend(query.shape[-1] ** -0.5 if scaling is None else scaling, softcap, position_bias)
    visible = attention_mask
    if visible is not None and visible.dtype != torch.bool:  # a few architectures write 0 and a huge negative number
        visible = visible > torch.finfo(visible.dtype).min / 2
    return recorder.attend(module, query, key, value, visible, bend)


def _mask(*args: Any, **named: Any) -> Tensor | None:
    """Return which keys each query may see, written out even where all may be seen."""
    written_out = {"allow_is_causal_skip": False, "allow_is_bidirectional_skip": False}
    return sdpa_mask(*args, **(named | written_out))


@contextmanager
def _removed(handle: Any) -> Iterator[None]:
    """Remove a hook at the end."""
    try:
        yield
    finally:
        handle.remove()


AttentionInterface.register(NAME, _attend)
AttentionMaskInterface.register(NAME, _mask)
