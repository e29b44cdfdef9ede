"""The mathematics of attention as small pure functions: row vectors, no state, no rounding.

Axis names: `token` (or `query` and `key`) counts words; `d_model`, `d_head`, `d_value`, `d_output` count
coordinates; `*batch` stands for any axes before them, such as sentences and heads. A row vector stands left of its
matrix: x · W. Section numbers refer to Vaswani et al., "Attention Is All You Need" (2017).
"""

# ruff: noqa: F722 (axis names in quotes are jaxtyping's notation; the tests check them on every call)

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from jaxtyping import Bool, Float, Int
    from torch import Tensor


def norm(vectors: Float[Tensor, "token d_model"]) -> Float[Tensor, " token"]:
    """Return the size (Euclidean norm) of each row, in the unit of the coordinates."""
    size: Tensor = torch.linalg.vector_norm(vectors, dim=-1)
    return size


def normalise_rows(vectors: Float[Tensor, "token d_model"]) -> Float[Tensor, "token d_model"]:
    """Divide each row by its norm, so that it lies on the unit sphere; a zero vector stays zero."""
    sizes = norm(vectors).unsqueeze(-1)
    return torch.where(sizes > 0, vectors / sizes, 0.0)


def products(
    queries: Float[Tensor, "query d_model"], keys: Float[Tensor, "key d_model"]
) -> Float[Tensor, "query key d_model"]:
    """Multiply every query with every key, coordinate by coordinate; summed, that is the dot product."""
    return queries.unsqueeze(1) * keys.unsqueeze(0)


def dot(
    queries: Float[Tensor, "*batch query d_model"], keys: Float[Tensor, "*batch key d_model"]
) -> Float[Tensor, "*batch query key"]:
    """Return the dot product of every query with every key (section 3.2.1: Q Kᵀ)."""
    return queries @ keys.mT


def scaled(dots: Float[Tensor, "*batch query key"], dimension: int) -> Float[Tensor, "*batch query key"]:
    """Divide dot products by √dimension, which undoes their growth with it (section 3.2.1: Q Kᵀ / √d_k)."""
    return dots / math.sqrt(dimension)


def scaled_dot(
    queries: Float[Tensor, "*batch query d_head"], keys: Float[Tensor, "*batch key d_head"]
) -> Float[Tensor, "*batch query key"]:
    """Return the scaled dot product of every query with every key (section 3.2.1)."""
    return scaled(dot(queries, keys), queries.shape[-1])


def masked(
    scores: Float[Tensor, "*batch query key"], mask: Bool[Tensor, "*#batch #query #key"]
) -> Float[Tensor, "*batch query key"]:
    """Set scores to −∞ where the mask is False, so that the weight of these keys is 0 (section 3.2.3)."""
    return scores.masked_fill(~mask, -math.inf)


def cosine(queries: Float[Tensor, "query d_model"], keys: Float[Tensor, "key d_model"]) -> Float[Tensor, "query key"]:
    """Return the cosine of the angle between every query and every key, within [−1, 1].

    With a zero vector, which has no direction, the cosine is *defined* as 0 (as torch does).
    """
    return dot(normalise_rows(queries), normalise_rows(keys)).clamp(-1.0, 1.0)


def angle(queries: Float[Tensor, "query d_model"], keys: Float[Tensor, "key d_model"]) -> Float[Tensor, "query key"]:
    """Return the angle between every query and every key in degrees, within [0, 180]; NaN with a zero vector.

    Kahan's formula for unit vectors, 2·atan2(‖u − v‖, ‖u + v‖): 0 for equal vectors, where acos is not.
    """
    u, v = normalise_rows(queries).unsqueeze(1), normalise_rows(keys).unsqueeze(0)
    between = 2 * torch.atan2(torch.linalg.vector_norm(u - v, dim=-1), torch.linalg.vector_norm(u + v, dim=-1))
    directed = (norm(queries) > 0).unsqueeze(1) & (norm(keys) > 0).unsqueeze(0)
    return torch.where(directed, torch.rad2deg(between), math.nan)


def row_sum(table: Float[Tensor, "query key"]) -> Float[Tensor, " query"]:
    """Return the sum of each row; a sum that cancels to nothing but rounding error is 0."""
    total = table.sum(dim=-1)
    noise = 8 * torch.finfo(table.dtype).eps * table.abs().sum(dim=-1)
    return torch.where(total.abs() <= noise, 0.0, total)


def divide_rows(table: Float[Tensor, "query key"], sums: Float[Tensor, " query"]) -> Float[Tensor, "query key"]:
    """Divide each row by its number; where that number is 0, the row is NaN."""
    return torch.where(sums.unsqueeze(-1) != 0, table / sums.unsqueeze(-1), math.nan)


def causal_mask(positions: Int[Tensor, " query"], size: int) -> Bool[Tensor, "query {size}"]:
    """Return which of the first `size` positions a query may attend to: those not after its own (section 3.2.3)."""
    return positions.unsqueeze(1) >= torch.arange(size, device=positions.device)


def padding_mask(lengths: Int[Tensor, " batch"], size: int) -> Bool[Tensor, "batch {size}"]:
    """Return, for sentences padded to `size` tokens, where there is a token (True) and where there is padding."""
    return torch.arange(size, device=lengths.device) < lengths.unsqueeze(1)


def softmax(scores: Float[Tensor, "*batch query key"]) -> Float[Tensor, "*batch query key"]:
    """Return eˣ of each row divided by its sum (section 3.2.1).

    Each row's greatest score is subtracted first: the quotient is the same, and no exponential overflows.
    """
    exponentials = torch.exp(scores - scores.amax(dim=-1, keepdim=True))
    return exponentials / exponentials.sum(dim=-1, keepdim=True)


def scores_as_weights(scores: Float[Tensor, "*batch query key"]) -> Float[Tensor, "*batch query key"]:
    """Return the scores themselves in place of weights, as in attention without softmax; what is masked weighs 0.

    So linear attention mixes values, but for its feature map (Katharopoulos et al., "Transformers are RNNs", 2020).
    """
    return scores.masked_fill(torch.isneginf(scores), 0.0)


def linear(
    vectors: Float[Tensor, "*batch token d_in"],
    matrix: Float[Tensor, "d_in d_out"],
    offset: Float[Tensor, " d_out"] | None = None,
) -> Float[Tensor, "*batch token d_out"]:
    """Multiply each row vector by the matrix: x · W (section 3.2.2: Q Wᵢ^Q); with an offset, x · W + b."""
    mapped = vectors @ matrix
    return mapped if offset is None else mapped + offset


def weighted_sum(
    weights: Float[Tensor, "*batch query key"], values: Float[Tensor, "*batch key d_value"]
) -> Float[Tensor, "*batch query d_value"]:
    """Return, for each query, the sum of all values, weighted by its row of weights (section 3.2.1)."""
    return weights @ values


def mixed(
    scores: Float[Tensor, "*batch head query key"],
    values: Float[Tensor, "*batch head key d_value"],
    without: Collection[str] = (),
    silent: Sequence[int] = (),
) -> tuple[Float[Tensor, "*batch head query key"], Float[Tensor, "*batch head query d_value"]]:
    """Return the weights of scores, and each head's values mixed by them (section 3.2.1).

    `without` a softmax, the scores are the weights; of heads that are `silent` (counted from 0) the outputs are 0.
    """
    # The method is what `softmax` spells out, in one kernel
    weights = scores_as_weights(scores) if "softmax" in without else scores.softmax(dim=-1)
    return weights, silenced(weighted_sum(weights, values), silent)


def silenced(
    outputs: Float[Tensor, "*batch head query d_value"], heads: Sequence[int]
) -> Float[Tensor, "*batch head query d_value"]:
    """Return the heads' outputs with zeros in place of those of some heads (counted from 0).

    So nothing of these heads reaches the output (Michel et al., "Are Sixteen Heads Really Better than One?", 2019).
    """
    return outputs.index_fill(-3, torch.tensor(heads, device=outputs.device), 0.0) if heads else outputs


def attention(
    queries: Float[Tensor, "*batch query d_head"],
    keys: Float[Tensor, "*batch key d_head"],
    values: Float[Tensor, "*batch key d_value"],
) -> Float[Tensor, "*batch query d_value"]:
    """Return softmax(Q Kᵀ / √d_k) V (section 3.2.1, equation 1)."""
    return weighted_sum(softmax(scaled_dot(queries, keys)), values)


def position_angles(positions: Int[Tensor, " token"], size: int) -> Float[Tensor, "token pair"]:
    """Return position / 10000^(2i / size) for i < size/2, in radians, as float64 (section 3.5)."""
    exponents = torch.arange(0, size, 2, device=positions.device, dtype=torch.float64) / size
    return torch.outer(positions.double(), 10_000.0**-exponents)


def sinusoids(positions: Int[Tensor, " token"], size: int) -> Float[Tensor, "token size"]:
    """Return sinusoidal position embeddings: sine, cosine, sine, cosine … of the position angles (section 3.5)."""
    angles = position_angles(positions, size)
    return torch.stack((angles.sin(), angles.cos()), dim=-1).flatten(-2)


def apply_rope(
    vectors: Float[Tensor, "*batch token d_head"], angles: Float[Tensor, "token pair"]
) -> Float[Tensor, "*batch token d_head"]:
    """Rotate each pair of coordinates (i, i + d_head/2) by its angle: RoPE (Su et al., "RoFormer", 2021).

    If queries and keys are rotated by the angles of their positions, their dot product depends on the distance only.
    """
    x, y = vectors.chunk(2, dim=-1)
    cos, sin = angles.cos().to(vectors.dtype), angles.sin().to(vectors.dtype)
    return torch.cat((x * cos - y * sin, x * sin + y * cos), dim=-1)


def concatenate(heads: Sequence[Float[Tensor, "token _"]]) -> Float[Tensor, "token d_concat"]:
    """Concatenate the heads' outputs (section 3.2.2: Concat)."""
    return torch.cat(list(heads), dim=-1)


def bilinear(
    W_Q: Float[Tensor, "*batch d_model d_head"], W_K: Float[Tensor, "*batch d_model d_head"]
) -> Float[Tensor, "*batch d_model d_model"]:
    """Return B = W_Q · W_Kᵀ, through which the two act together: (x W_Q)(y W_K)ᵀ = x B yᵀ."""
    return W_Q @ W_K.mT


def distance(points: Float[Tensor, "token plane"]) -> Float[Tensor, "token token"]:
    """Return the Euclidean distance of every point from every point, in the unit of the coordinates."""
    apart: Tensor = torch.linalg.vector_norm(points.unsqueeze(1) - points.unsqueeze(0), dim=-1)
    return apart
