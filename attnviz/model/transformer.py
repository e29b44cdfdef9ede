"""A transformer, bottom-up: norm, positions, attention, feed-forward network, layer, stack, the whole model.

Row vectors stand left of their matrices: x · W. Axis names: `batch` counts sentences, `token` (or `query` and `key`)
positions in a text, `head` attention heads; `d_model`, `d_head` … coordinates. Sections are those of Vaswani et al.,
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
from attnviz.model.recording import DEFAULTS, ForwardOptions, Record, no_record

if TYPE_CHECKING:
    from jaxtyping import Bool, Float, Int
    from torch import Tensor

    from attnviz.model.transformer_config import TransformerConfig


def linear_map(config: TransformerConfig, d_in: int, d_out: int) -> tuple[nn.Parameter, nn.Parameter | None]:
    """Return a random matrix that preserves the variance of its input, and a bias of zeros if the model has biases."""
    matrix = nn.Parameter(torch.randn(d_in, d_out) / d_in**0.5)
    return matrix, nn.Parameter(torch.zeros(d_out)) if config.bias else None


class Norm(nn.Module):
    """LayerNorm, (x − mean(x)) / √(variance(x) + ε), or RMSNorm, x / √(mean(x²) + ε)."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.epsilon = config.norm_epsilon
        self.scale = nn.Parameter(torch.ones(config.d_model))
        self.shift = nn.Parameter(torch.zeros(config.d_model)) if config.norm == "layer" else None

    def forward(self, x: Float[Tensor, "batch token d_model"]) -> Float[Tensor, "batch token d_model"]:
        """Normalise each vector, multiply each coordinate by its scale, and in LayerNorm add its shift."""
        if self.shift is None:
            return F.rms_norm(x, self.scale.shape, self.scale, self.epsilon)
        return F.layer_norm(x, self.scale.shape, self.scale, self.shift, self.epsilon)


class Embedding(nn.Module):
    """Token embeddings, plus position embeddings where the model has any."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.kind = config.positions
        self.W_E = nn.Parameter(torch.randn(config.vocabulary, config.d_model) * 0.02)
        learned = self.kind == "learned"
        self.W_P = nn.Parameter(torch.randn(config.context, config.d_model) * 0.02) if learned else None

    def forward(
        self, tokens: Int[Tensor, "batch token"], start: int = 0, options: ForwardOptions = DEFAULTS
    ) -> Float[Tensor, "batch token d_model"]:
        """Embed the tokens of a text, or of its part from position `start` on."""
        x = F.embedding(tokens, self.W_E)
        options.record("embeddings", x)
        if self.kind in ("none", "rotary") or "positions" in options.without:
            return x
        positions = torch.arange(start, start + tokens.shape[1], device=tokens.device)
        added = attention.sinusoids(positions, x.shape[-1]).to(x.dtype) if self.W_P is None else self.W_P[positions]
        options.record("position_vectors", added.expand_as(x))
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
        mask: Bool[Tensor, "#batch #query _"] | None = None,
        angles: Float[Tensor, "query pair"] | None = None,
        options: ForwardOptions = DEFAULTS,
    ) -> Float[Tensor, "batch query d_model"]:
        """Let every vector of x attend to the source: x itself, or the encoder's output; by default the KV cache.

        The mask is True where a query may attend to a key; `angles` are those of RoPE.
        """
        queries = self._project("queries", x, self.W_Q, self.b_Q, angles, options)
        keys, values = self._keys_and_values(source, angles, options)
        if options.is_fused:
            attn_mask, causal = (None, self.causal) if mask is None else (mask.unsqueeze(1), False)
            outputs = F.scaled_dot_product_attention(queries, keys, values, attn_mask, is_causal=causal)
        else:
            outputs = attend(queries, keys, values, mask, options)
        options.record("concatenated", concatenated := outputs.transpose(1, 2).flatten(2))
        options.record("output", output := attention.linear(concatenated, self.W_O, self.b_O))
        return output

    def _keys_and_values(
        self, source: Tensor | None, angles: Tensor | None, options: ForwardOptions
    ) -> tuple[Tensor, Tensor]:
        """Return the keys and values of every head (batch head key d_head), those of the KV cache first."""
        known = options.kv_cache.get(self) if options.kv_cache is not None else None
        if source is not None:
            keys = self._project("keys", source, self.W_K, self.b_K, angles, options)
            values = self._project("values", source, self.W_V, self.b_V, None, options)
            known = (torch.cat((known[0], keys), 2), torch.cat((known[1], values), 2)) if known else (keys, values)
        assert known, "there is neither a source nor a KV cache"
        if options.kv_cache is not None:
            options.kv_cache[self] = known
        if self.sharing == 1:
            return known
        return known[0].repeat_interleave(self.sharing, 1), known[1].repeat_interleave(self.sharing, 1)

    def _project(
        self, name: str, x: Tensor, W: Tensor, b: Tensor | None, angles: Tensor | None, options: ForwardOptions
    ) -> Float[Tensor, "batch head token d_head"]:
        """Multiply the vectors by a matrix, split the result by heads, and apply RoPE if there are angles."""
        projected = attention.linear(x, W, b).view(*x.shape[:2], -1, self.d_head).transpose(1, 2)
        if angles is None:
            return projected
        options.record(f"unturned_{name}", projected)
        return attention.apply_rope(projected, angles)


def attend(
    queries: Float[Tensor, "batch head query d_head"],
    keys: Float[Tensor, "batch head key d_head"],
    values: Float[Tensor, "batch head key d_value"],
    mask: Bool[Tensor, "#batch #query #key"] | None = None,
    options: ForwardOptions = DEFAULTS,
) -> Float[Tensor, "batch head query d_value"]:
    """Return softmax(Q Kᵀ / √d_k) V of every head, recording each step; a mask is True where a query may attend."""
    dots = attention.dot(queries, keys)
    scores = dots if "sqrt_d" in options.without else attention.scaled(dots, queries.shape[-1])
    if mask is not None:
        scores = attention.masked(scores, mask.unsqueeze(1))
    weights, outputs = attention.mixed(scores, values, options.without, options.silent)
    names = ("queries", "keys", "values", "query_key_dot", "scores", "weights", "head_outputs")
    for name, step in zip(names, (queries, keys, values, dots, scores, weights, outputs), strict=True):
        options.record(name, step)
    return outputs


class FeedForward(nn.Module):
    """A linear map to more coordinates, an activation, and a linear map back, for each vector (section 3.3)."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.kind, wide = config.feed_forward, config.d_feed_forward
        self.W_in, self.b_in = linear_map(config, config.d_model, wide)
        self.W_gate: nn.Parameter | None = None
        if self.kind == "swiglu":
            self.W_gate, self.b_gate = linear_map(config, config.d_model, wide)
        self.W_out, self.b_out = linear_map(config, wide, config.d_model)

    def forward(
        self, x: Float[Tensor, "batch token d_model"], record: Record = no_record
    ) -> Float[Tensor, "batch token d_model"]:
        """Return activation(x · W_in) · W_out, or in SwiGLU (Shazeer, 2020) (SiLU(x · W_gate) ⊙ x · W_in) · W_out."""
        hidden = attention.linear(x, self.W_in, self.b_in)
        if self.W_gate is not None:
            hidden = F.silu(attention.linear(x, self.W_gate, self.b_gate)) * hidden
        else:
            hidden = F.relu(hidden) if self.kind == "relu" else F.gelu(hidden)
        record("feed_forward_hidden", hidden)
        record("feed_forward", output := attention.linear(hidden, self.W_out, self.b_out))
        return output


class Layer(nn.Module):
    """Attention, perhaps cross-attention, and a feed-forward network, each with a residual connection (section 3.1)."""

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
        mask: Bool[Tensor, "#batch #token _"] | None = None,
        angles: Float[Tensor, "token pair"] | None = None,
        source: Float[Tensor, "batch source d_model"] | None = None,
        source_mask: Bool[Tensor, "#batch 1 _"] | None = None,
        options: ForwardOptions = DEFAULTS,
    ) -> Float[Tensor, "batch token d_model"]:
        """Return the residual stream after the layer; the masks are True where there is something to attend to."""
        options.record("residual", x)
        x = self._add(x, self.attention_norm, lambda y: self.attention(y, y, mask, angles, options), options)
        if self.cross_attention and self.cross_attention_norm:
            crossing = options.with_prefix("cross_")
            part = partial(self.cross_attention, source=source, mask=source_mask, options=crossing)
            x = self._add(x, self.cross_attention_norm, part, options)
        return self._add(x, self.feed_forward_norm, lambda y: self.feed_forward(y, options.record), options)

    def _add(self, x: Tensor, norm: Norm, part: Callable[[Tensor], Tensor], options: ForwardOptions) -> Tensor:
        """Add what a part computes to the residual stream: x + part(norm(x)), or norm(x + part(x))."""
        normed = norm(x) if self.norm_before else norm(x + part(x))
        options.record("normed", normed)
        x = x + part(normed) if self.norm_before else normed
        options.record("residual", x)
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
        padding_mask: Bool[Tensor, "batch 1 token"] | None = None,
        source: Float[Tensor, "batch source d_model"] | None = None,
        source_padding_mask: Bool[Tensor, "batch 1 _"] | None = None,
        start: int = 0,
        options: ForwardOptions = DEFAULTS,
    ) -> Float[Tensor, "batch token d_model"]:
        """Run all layers on a text's vectors, from position `start` on, with the causal or the padding mask."""
        positions = torch.arange(start, start + x.shape[1], device=x.device)
        turned = self.rotary and "positions" not in options.without
        angles = attention.position_angles(positions, self.rotary) if turned else None
        causal = self.causal and "mask" not in options.without
        mask = attention.causal_mask(positions, start + x.shape[1]).unsqueeze(0) if causal else padding_mask
        if mask is not None:
            options.record("mask", mask)
        if causal and options.is_fused and start == 0:
            mask = None  # of a whole text: torch's kernel is faster with is_causal than with a mask
        for number, layer in enumerate(self.layers, start=1):
            x = layer(x, mask, angles, source, source_padding_mask, options.in_layer(number))
        if self.final_norm is not None:
            x = self.final_norm(x)
            options.record("final_normed", x)
        return x


class Transformer(nn.Module):
    """The whole model, from tokens to a logit for every token of the vocabulary at every position.

    A decoder's logits are for the next token, an encoder's for the token at that position.
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
        options: ForwardOptions = DEFAULTS,
    ) -> Float[Tensor, "batch token vocabulary"]:
        """Return the logits. An encoder–decoder needs a source; with a filled KV cache, `tokens` continue the text.

        `lengths` are the numbers of tokens, without padding, of each text that an encoder reads (default: there is no
        padding). A decoder needs none: by the causal mask no token attends to padding after it. With that taken out it
        needs them, too.
        """
        width = (tokens if source is None else source).shape[1]
        padding_mask = None if lengths is None else attention.padding_mask(lengths, width).unsqueeze(1)
        start = next(iter(options.kv_cache.values()))[0].shape[2] if options.kv_cache else 0
        x = self.embedding(tokens, start, options)
        if self.decoder:
            encoded = None
            if self.encoder and source is not None and start == 0:
                in_encoder = replace(options.with_prefix("encoder_"), kv_cache=None)
                encoded = self.encoder(self.embedding(source, 0, in_encoder), padding_mask, options=in_encoder)
            x = self.decoder(x, None if self.encoder else padding_mask, encoded, padding_mask, start, options)
        elif self.encoder:
            x = self.encoder(x, padding_mask, options=options)
        W_U = self.embedding.W_E.T if self.W_U is None else self.W_U
        options.record("logits", logits := attention.linear(x, W_U))
        return logits
