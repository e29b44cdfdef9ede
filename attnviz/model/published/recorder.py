"""One recorder for all architectures: our attention function, entered into transformers' registry.

Every architecture computes its queries, keys and values in its own way and passes them to the attention function that
its settings name. Ours computes the same result and passes each step to `record`. Hooks that work for every
architecture see what the model does with the heads' outputs, and what enters and leaves its layers.
"""

from __future__ import annotations

from collections import deque
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
from attnviz.model.recording import Record, no_record, silent_heads
from attnviz.model.transformer_arrays import CROSS, ENCODER

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedModel

NAME = "attnviz"
MAPS = 8  # so many linear maps at most come between what makes an attention's keys and the attention
_watching: ContextVar[Recorder | None] = ContextVar("watching", default=None)


class Recorder:
    """Records one forward pass of a model: passes its steps to `record`, and collects the W_O matrices it uses.

    `without` is what is taken out of the computation (`attnviz.model.without`); of masks `words`, where there are words
    and no padding (batch token), is left then. Mask and heads are those of self-attention in the decoder, or of the
    only stack.
    """

    def __init__(
        self,
        model: PreTrainedModel,
        layers: Sequence[nn.Module] = (),
        record: Record = no_record,
        without: Sequence[str] = (),
        words: Tensor | None = None,
    ) -> None:
        self.model, self.layers, self.record = model, layers, record
        self.without, self.words = without, words
        self.encoder: set[nn.Module] = set()
        self.both = bool(model.config.is_encoder_decoder)
        if self.both:
            self.encoder = set(model.get_encoder().modules())
        self.attentions: list[tuple[str, nn.Module]] = []  # with the prefix of their arrays, in the order of the pass
        self.output_matrices: dict[str, list[Tensor]] = {}  # by prefix, (d_concat d_output)
        self.shapes: set[tuple[int, int, int, int]] = set()  # heads, key-value heads, d_head, d_value
        self.scores: dict[str, list[Score]] = {}  # by prefix, in the order of the pass
        self.sees_ahead = False  # whether a mask of self-attention lets any word see a later one (not the encoder's)
        self._entered: set[str] = set()  # prefixes of the stacks whose first layer has begun
        self._unmapped: tuple[str, Tensor] | None = None  # heads' outputs that no linear map has taken yet
        self.astray: set[str] = set()  # what of cross-attention is a linear map of something else than it should be
        self._encoded: Tensor | None = None  # what the encoder gives
        self._mapped: deque[tuple[Tensor, Tensor]] = deque(maxlen=MAPS)  # what linear maps were given, and gave

    @property
    def scales(self) -> set[float]:
        """What dot products were multiplied by."""
        return {score.scale for scores in self.scores.values() for score in scores}

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Record the forward pass that is run inside the block."""
        token = _watching.set(self)
        with ExitStack() as hooks:
            for layer in self.layers:
                hooks.enter_context(_removed(layer.register_forward_pre_hook(self._before_layer, with_kwargs=True)))
                hooks.enter_context(_removed(layer.register_forward_hook(self._after_layer)))
            if self.both:
                hooks.enter_context(_removed(self.model.get_encoder().register_forward_hook(self._after_encoder)))
            for module in self.model.modules():
                if isinstance(module, (nn.Linear, Conv1D)):
                    hooks.enter_context(_removed(module.register_forward_hook(self._after_linear)))
            try:
                yield
            finally:
                _watching.reset(token)

    def attention(
        self, module: nn.Module, queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None, score: Score
    ) -> tuple[Tensor, Tensor]:
        """Compute attention and record each step; the mask is True where a query may attend to a key.

        Returns the heads' outputs (batch query head d_value) and the weights (batch head query key).
        """
        prefix = self._prefix(module)
        self.attentions.append((prefix, module))
        self.shapes.add((queries.shape[1], keys.shape[1], queries.shape[-1], values.shape[-1]))
        if prefix == CROSS:
            self.astray |= {name for name, heads in (("keys", keys), ("values", values)) if self._is_astray(heads)}
        score, mask, silent = self._left_of(prefix, score, mask)
        self.scores.setdefault(prefix, []).append(score)
        sharing = queries.shape[1] // keys.shape[1]
        keys, values = keys.repeat_interleave(sharing, 1), values.repeat_interleave(sharing, 1)
        dots = attention.dot(queries, keys)
        scores = score.scores(dots)
        if mask is not None:
            scores = attention.masked(scores, mask)
        weights, outputs = attention.mixed(scores, values, self.without, silent)
        if prefix != CROSS:
            whole = torch.ones_like(scores[:, 0], dtype=torch.bool) if mask is None else mask[:, 0]
            self.sees_ahead |= not prefix and bool(whole.triu(1).any())
            self.record(f"{prefix}mask", whole.expand_as(scores[:, 0]))
            self.record(f"{prefix}position_bias", torch.zeros_like(scores) if score.bias is None else score.bias)
        names = ("queries", "keys", "values", "query_key_dot", "scores", "weights", "head_outputs")
        for name, step in zip(names, (queries, keys, values, dots, scores, weights, outputs), strict=True):
            self.record(prefix + name, step)
        by_query = outputs.transpose(1, 2).contiguous()
        self.record(f"{prefix}concatenated", by_query.flatten(2))
        self._unmapped = prefix, by_query.flatten(2)
        return by_query, weights

    def _left_of(self, prefix: str, score: Score, mask: Tensor | None) -> tuple[Score, Tensor | None, tuple[int, ...]]:
        """Return how scores are made, what is masked, and which heads are silent, in the attention that runs now."""
        if "sqrt_d" in self.without:
            score = score._replace(scale=1.0)
        if prefix:
            return score, mask, ()
        if "mask" in self.without and self.words is not None:
            mask = self.words.bool()[:, None, None, :]
        return score, mask, silent_heads(self.without, len(self.scores.get(prefix, ())) + 1)

    def _prefix(self, module: nn.Module) -> str:
        """Return the prefix of an attention's arrays: the encoder's, the decoder's own (none), or cross-attention's.

        Within a decoder's layer, cross-attention comes after self-attention.
        """
        if not self.both:
            return ""
        if module in self.encoder:
            return ENCODER
        return CROSS if self.attentions and self.attentions[-1][0] == "" else ""

    def _after_linear(self, module: nn.Module, given: tuple[Any, ...], output: Tensor) -> None:
        """Recognise the linear map whose input is the concatenated heads' outputs: its matrix is W_O."""
        if self.both and given:
            self._mapped.append((given[0], output))
        if self._unmapped is None or not given:
            return
        prefix, expected = self._unmapped
        if given[0].shape == expected.shape and torch.equal(given[0], expected):
            self._unmapped = None
            self.record(f"{prefix}output", output)
            weight = module.get_parameter("weight")
            self.output_matrices.setdefault(prefix, []).append(weight if isinstance(module, Conv1D) else weight.T)

    def _after_encoder(self, encoder: nn.Module, given: tuple[Any, ...], output: Any) -> None:
        self._encoded = output[0]

    def _is_astray(self, heads: Tensor) -> bool:
        """Tell whether keys or values of cross-attention (batch head source d) are not made of what the encoder gives.

        What made them is the linear map that gave them; if there is none (one map may make both), nothing is told.
        """
        side_by_side = heads.transpose(1, 2).flatten(2)
        made_of = [x for x, y in self._mapped if _same(y, side_by_side)]
        return bool(made_of) and self._encoded is not None and not any(_same(x, self._encoded) for x in made_of)

    def _before_layer(self, layer: nn.Module, given: tuple[Any, ...], named: dict[str, Any]) -> None:
        self._residual(layer, given[0] if given else named["hidden_states"])

    def _after_layer(self, layer: nn.Module, given: tuple[Any, ...], output: Any) -> None:
        self._residual(layer, output[0] if isinstance(output, tuple) else output)

    def _residual(self, layer: nn.Module, x: Tensor) -> None:
        prefix = ENCODER if layer in self.encoder else ""
        if prefix not in self._entered:
            self._entered.add(prefix)
            self.record(f"{prefix}embeddings", x)
        self.record(f"{prefix}residual", x)


class Score(NamedTuple):
    """How dot products become scores: scaled; in Gemma 2 with a soft cap; in T5 with a relative position bias."""

    scale: float
    cap: float | None
    bias: Tensor | None

    def scores(self, dots: Tensor) -> Tensor:
        """Return the scores of dot products (batch head query key)."""
        scores = dots * self.scale
        if self.cap is not None:
            scores = self.cap * torch.tanh(scores / self.cap)
        return scores if self.bias is None else scores + self.bias


def _same(x: Tensor, y: Tensor) -> bool:
    return x.shape == y.shape and torch.equal(x, y)


def layers_of(model: PreTrainedModel, attentions: Sequence[nn.Module]) -> list[nn.Module]:
    """Return the layers that contain these attention modules: the members of the outermost `ModuleList` around each."""
    names = {module: name.split(".") for name, module in model.named_modules()}
    layers: dict[nn.Module, None] = {}
    for module in attentions:
        name = names[module]
        for depth in range(len(name)):
            if isinstance(model.get_submodule(".".join(name[:depth])), nn.ModuleList):
                layers[model.get_submodule(".".join(name[: depth + 1]))] = None
                break
    return list(layers)


def _attention(
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
    score = Score(query.shape[-1] ** -0.5 if scaling is None else scaling, softcap, position_bias)
    mask = attention_mask
    if mask is not None and mask.dtype != torch.bool:  # a few architectures add 0 or a huge negative number instead
        mask = mask > torch.finfo(mask.dtype).min / 2
    return recorder.attention(module, query, key, value, mask, score)


def _mask(*args: Any, **named: Any) -> Tensor | None:
    """Return transformers' attention mask, always as a tensor: it is None where nothing is masked otherwise."""
    written_out = {"allow_is_causal_skip": False, "allow_is_bidirectional_skip": False}
    return sdpa_mask(*args, **(named | written_out))


@contextmanager
def _removed(handle: Any) -> Iterator[None]:
    """Remove a hook when the block ends."""
    try:
        yield
    finally:
        handle.remove()


AttentionInterface.register(NAME, _attention)
AttentionMaskInterface.register(NAME, _mask)
