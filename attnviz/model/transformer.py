"""A transformer, bottom-up: norm, positions, attention, feed-forward network, layer, stack, the whole model.

Row vectors stand left of their matrices: x · W. Axis names: `batch` counts sentences, `token` (or `query` and `key`)
places in a sentence, `head` attention heads; `d_model`, `d_head` … coordinates. Sections are those of Vaswani et al.,
"Attention Is All You Need" (2017). Every part hands what it computes to `record`, under the names of a trace.
"""

# ruff: noqa: F722 (axis names in quotes are jaxtyping's notation; the tests check them on every call)

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812

from attnviz.model import attention
from attnviz.model.recording import PLAIN, Pass, Record, forget

if TYPE_CHECKING:
    from jaxtyping import Bool, Float, Int
    from torch import Tensor

    from attnviz.model.transformer_config import TransformerConfig


def linear_map(config: TransformerConfig, d_in: int, d_out: int) -> tuple[nn.Parameter, nn.Parameter | None]:
    """Return a random matrix that keeps the size of typical vectors, and what is added after it, if anything."""
    matrix = nn.Parameter(torch.randn(d_in, d_out) / d_in**0.5)
    return matrix, nn.Parameter(torch.zeros(d_out)) if config.bias else None


class Norm(nn.Module):
    """Give every vector the same size: LayerNorm (x − mean(x)) / √(variance(x) + ε), RMSNorm x / √(mean(x²) + ε)."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.epsilon = config.norm_epsilon
        self.scale = nn.Parameter(torch.ones(config.d_model))
        self.shift = nn.Parameter(torch.zeros(config.d_model)) if config.norm == "layer" else None

    def forward(self, x: Float[Tensor, "batch token d_model"]) -> Float[Tensor, "batch token d_model"]:
        """Normalise each vector; stretch each coordinate by its scale, and in LayerNorm add its shift."""
        if self.shift is None:
            return F.rms_norm(x, self.scale.shape, self.scale, self.epsilon)
        return F.layer_norm(x, self.scale.shape, self.scale, self.shift, self.epsilon)


class Embedding(nn.Module):
    """From tokens to vectors; where the model has vectors for places, they are added."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.kind = config.positions
        self.W_E = nn.Parameter(torch.randn(config.vocabulary, config.d_model) * 0.02)
        learned = self.kind == "learned"
        self.W_P = nn.Parameter(torch.randn(config.context, config.d_model) * 0.02) if learned else None

    def forward(
        self, tokens: Int[Tensor, "batch token"], start: int = 0, record: Record = forget
    ) -> Float[Tensor, "batch token d_model"]:
        """Look up the tokens of a text, or of its part from place `start` on."""
        x = F.embedding(tokens, self.W_E)
        record("embeddings", x)
        if self.kind in ("none", "rotary"):
            return x
        places = torch.arange(start, start + tokens.shape[1], device=tokens.device)
        added = attention.sinusoids(places, x.shape[-1]).to(x.dtype) if self.W_P is None else self.W_P[places]
        record("position_vectors", added.expand_as(x))
        return x + added


class Attention(nn.Module):
    """Multi-head attention (section 3.2.2); where there are fewer key-value heads, several heads share one."""

    def __init__(self, config: TransformerConfig, *, causal: bool = False) -> None:
        super().__init__()
        self.d_head, self.causal, self.sharing = config.d_head, causal, config.heads // config.key_value_heads
        queries, keys = config.heads * config.d_head, config.key_value_heads * config.d_head
        self.W_Q, self.b_Q = linear_map(config, config.d_model, queries)
        self.W_K, self.b_K = linear_map(config, config.d_model, keys)
        self.W_V, self.b_V = linear_map(config, config.d_model, keys)
        self.W_O, self.b_O = linear_map(config, queries, config.d_model)

    def forward(
        self,
        x: Float[Tensor, "batch query d_model"],
        source: Float[Tensor, "batch key d_model"] | None,
        visible: Bool[Tensor, "#batch #query _"] | None = None,
        turned: Float[Tensor, "query pair"] | None = None,
        run: Pass = PLAIN,
    ) -> Float[Tensor, "batch query d_model"]:
        """Let every vector of x attend to the source: to the same sentence (self-attention) or another (cross-).

        Without a source, all that can be seen is in the cache. `turned` are the angles of rotary positions.
        """
        queries = self._map("queries", x, self.W_Q, self.b_Q, turned, run)
        keys, values = self._keys_and_values(source, turned, run)
        if run.fused:
            seen, causal = (None, self.causal) if visible is None else (visible.unsqueeze(1), False)
            outputs = F.scaled_dot_product_attention(queries, keys, values, seen, is_causal=causal)
        else:
            outputs = attend(queries, keys, values, visible, run.record)
        run.record("concatenated", concatenated := outputs.transpose(1, 2).flatten(2))
        run.record("output", output := attention.linear(concatenated, self.W_O, self.b_O))
        return output

    def _keys_and_values(self, source: Tensor | None, turned: Tensor | None, run: Pass) -> tuple[Tensor, Tensor]:
        """Return the keys and values of every head, those in the cache first."""
        known = run.cache.get(self) if run.cache is not None else None
        if source is not None:
            keys = self._map("keys", source, self.W_K, self.b_K, turned, run)
            values = self._map("values", source, self.W_V, self.b_V, None, run)
            known = (torch.cat((known[0], keys), 2), torch.cat((known[1], values), 2)) if known else (keys, values)
        assert known, "there is neither a source nor a cache"
        if run.cache is not None:
            run.cache[self] = known
        if self.sharing == 1:
            return known
        return known[0].repeat_interleave(self.sharing, 1), known[1].repeat_interleave(self.sharing, 1)

    def _map(
        self, name: str, x: Tensor, matrix: Tensor, offset: Tensor | None, turned: Tensor | None, run: Pass
    ) -> Float[Tensor, "batch head token d_head"]:
        """Map the vectors, give each head its own coordinates, and turn those by the angles."""
        mapped = attention.linear(x, matrix, offset).view(*x.shape[:2], -1, self.d_head).transpose(1, 2)
        if turned is None:
            return mapped
        run.record(f"unturned_{name}", mapped)
        return attention.rotated(mapped, turned)


def attend(
    queries: Float[Tensor, "batch head query d_head"],
    keys: Float[Tensor, "batch head key d_head"],
    values: Float[Tensor, "batch head key d_value"],
    visible: Bool[Tensor, "#batch #query #key"] | None = None,
    record: Record = forget,
) -> Float[Tensor, "batch head query d_value"]:
    """Return softmax(Q Kᵀ / √d_k) V of every head, step by step (section 3.2.1, equation 1)."""
    dots = attention.dot(queries, keys)
    scores = attention.scaled(dots, queries.shape[-1])
    if visible is not None:
        scores = attention.masked(scores, visible.unsqueeze(1))
    weights = scores.softmax(dim=-1)  # attention.softmax in one go
    outputs = attention.attend(weights, values)
    names = ("queries", "keys", "values", "query_key_dot", "scores", "weights", "head_outputs")
    for name, step in zip(names, (queries, keys, values, dots, scores, weights, outputs), strict=True):
        record(name, step)
    return outputs


class FeedForward(nn.Module):
    """Map each vector by itself: into more coordinates, through a bend, and back (section 3.3)."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.kind, wide = config.feed_forward, config.d_feed_forward
        self.W_in, self.b_in = linear_map(config, config.d_model, wide)
        self.W_gate: nn.Parameter | None = None
        if self.kind == "swiglu":
            self.W_gate, self.b_gate = linear_map(config, config.d_model, wide)
        self.W_out, self.b_out = linear_map(config, wide, config.d_model)

    def forward(
        self, x: Float[Tensor, "batch token d_model"], record: Record = forget
    ) -> Float[Tensor, "batch token d_model"]:
        """Map each vector; SwiGLU (Shazeer, 2020) bends one map of it and multiplies by another."""
        hidden = attention.linear(x, self.W_in, self.b_in)
        if self.W_gate is not None:
            hidden = F.silu(attention.linear(x, self.W_gate, self.b_gate)) * hidden
        else:
            hidden = F.relu(hidden) if self.kind == "relu" else F.gelu(hidden)
        record("feed_forward_hidden", hidden)
        record("feed_forward", output := attention.linear(hidden, self.W_out, self.b_out))
        return output


class Layer(nn.Module):
    """Attention, perhaps cross-attention, and a feed-forward network; each adds to the stream (section 3.1)."""

    def __init__(self, config: TransformerConfig, *, causal: bool, cross: bool) -> None:
        super().__init__()
        self.norm_before = config.norm_position == "before"
        self.attention, self.attention_norm = Attention(config, causal=causal), Norm(config)
        self.cross_attention = Attention(config) if cross else None
        self.cross_attention_norm = Norm(config) if cross else None
        self.feed_forward, self.feed_forward_norm = FeedForward(config), Norm(config)

    def forward(
        self,
        x: Float[Tensor, "batch token d_model"],
        visible: Bool[Tensor, "#batch #token _"] | None = None,
        turned: Float[Tensor, "token pair"] | None = None,
        source: Float[Tensor, "batch source d_model"] | None = None,
        source_visible: Bool[Tensor, "#batch 1 _"] | None = None,
        run: Pass = PLAIN,
    ) -> Float[Tensor, "batch token d_model"]:
        """Let the words gather from one another, then from the source, then each by itself."""
        run.record("residual", x)
        x = self._add(x, self.attention_norm, lambda y: self.attention(y, y, visible, turned, run), run)
        if self.cross_attention and self.cross_attention_norm:
            look = partial(self.cross_attention, source=source, visible=source_visible, run=run.under("cross_"))
            x = self._add(x, self.cross_attention_norm, look, run)
        return self._add(x, self.feed_forward_norm, lambda y: self.feed_forward(y, run.record), run)

    def _add(self, x: Tensor, norm: Norm, part: Callable[[Tensor], Tensor], run: Pass) -> Tensor:
        """Add what a part computes to the stream: x + part(norm(x)), or norm(x + part(x))."""
        normed = norm(x) if self.norm_before else norm(x + part(x))
        run.record("normed", normed)
        x = x + part(normed) if self.norm_before else normed
        run.record("residual", x)
        return x


class Stack(nn.Module):
    """An encoder or a decoder: one layer after another."""

    def __init__(self, config: TransformerConfig, *, causal: bool, cross: bool = False) -> None:
        super().__init__()
        self.causal, self.rotary = causal, config.d_head if config.positions == "rotary" else 0
        self.layers = nn.ModuleList(Layer(config, causal=causal, cross=cross) for _ in range(config.layers))
        self.final_norm = Norm(config) if config.norm_position == "before" else None

    def forward(
        self,
        x: Float[Tensor, "batch token d_model"],
        words: Bool[Tensor, "batch 1 token"] | None = None,
        source: Float[Tensor, "batch source d_model"] | None = None,
        source_words: Bool[Tensor, "batch 1 _"] | None = None,
        start: int = 0,
        run: Pass = PLAIN,
    ) -> Float[Tensor, "batch token d_model"]:
        """Take the vectors of a text, or of its part from place `start` on, through all layers.

        An encoder sees all `words`, which are not padding; a decoder only what is no later.
        """
        places = torch.arange(start, start + x.shape[1], device=x.device)
        turned = attention.angles(places, self.rotary) if self.rotary else None
        visible = attention.earlier(places, start + x.shape[1]).unsqueeze(0) if self.causal else words
        if visible is not None:
            run.record("mask", visible)
        if self.causal and run.fused and start == 0:
            visible = None  # torch knows what a whole text's words must not see, and is quicker without being told
        for layer in self.layers:
            x = layer(x, visible, turned, source, source_words, run)
        if self.final_norm is not None:
            x = self.final_norm(x)
            run.record("final_normed", x)
        return x


class Transformer(nn.Module):
    """The whole model, from tokens to a logit for every word of the vocabulary at every place.

    A decoder's logits are for the next token, an encoder's for the token at that place.
    """

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.config = config
        both = config.architecture == "encoder_decoder"
        self.embedding = Embedding(config)
        self.encoder = Stack(config, causal=False) if config.architecture != "decoder" else None
        self.decoder = Stack(config, causal=True, cross=both) if config.architecture != "encoder" else None
        self.W_U = None if config.tied else linear_map(config, config.d_model, config.vocabulary)[0]

    def forward(
        self,
        tokens: Int[Tensor, "batch token"],
        source: Int[Tensor, "batch source"] | None = None,
        lengths: Int[Tensor, " batch"] | None = None,
        run: Pass = PLAIN,
    ) -> Float[Tensor, "batch token vocabulary"]:
        """Return the logits. An encoder–decoder needs a source; with a cache, `tokens` go on where the last ended.

        `lengths` say how many tokens of each sentence that an encoder reads are words; no word sees the padding after
        them. A decoder's words see nothing later anyway.
        """
        width = (tokens if source is None else source).shape[1]
        words = None if lengths is None else attention.within(lengths, width).unsqueeze(1)
        start = next(iter(run.cache.values()))[0].shape[2] if run.cache else 0
        x = self.embedding(tokens, start, run.record)
        if self.decoder:
            heard = None
            if self.encoder and source is not None and start == 0:
                aside = replace(run.under("encoder_"), cache=None)
                heard = self.encoder(self.embedding(source, 0, aside.record), words, run=aside)
            x = self.decoder(x, None, heard, words, start, run)
        elif self.encoder:
            x = self.encoder(x, words, run=run)
        W_U = self.embedding.W_E.T if self.W_U is None else self.W_U
        run.record("logits", logits := attention.linear(x, W_U))
        return logits
