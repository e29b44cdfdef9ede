"""What every head of a model looks at in one sentence, measured: the arrays by which heads are chosen and counted.

Weights that rest on a *sink* say little of the other words: a head that has nothing to do puts them there (Clark,
Khandelwal, Levy, Manning: What Does BERT Look At?, 2019, section 3.2; Xiao et al.: Efficient Streaming Language Models
with Attention Sinks, 2023). Sinks are the tokens that the model adds ([CLS], [SEP]); where it adds none, the first
token of a causal model; else there are none. All measures keep them apart.
"""

# ruff: noqa: F722 (axis names in quotes are jaxtyping's notation)

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch

from attnviz.model.views.arrays import KINDS

if TYPE_CHECKING:
    from jaxtyping import Bool, Float
    from torch import Tensor

HALF = 0.5


def compare_heads(
    weights: Float[Tensor, "layer head query key"], added: Sequence[bool], groups: Sequence[str]
) -> dict[str, Tensor]:
    """Return every array of `views.arrays.EVERY_HEAD`, by its name.

    `added` tells which tokens the model has added itself, `groups` the group of each token ("" if it is in none); both
    have an entry for each key. What cannot be (the next word, in a causal model) has the mean NaN.
    """
    causal = not bool(weights.triu(diagonal=1).any())
    sinks = sinks_of(added, causal=causal)
    kinds = kinds_of(sinks, groups)
    seen = torch.ones(weights.shape[-2:], dtype=torch.bool)
    seen = seen.tril() if causal else seen
    shares = torch.einsum("lhqk,cqk->lhqc", weights, kinds.to(weights.dtype))
    asked = (kinds & seen).any(dim=-1) & ~sinks  # (kind query)
    means = (shares * asked.T).sum(dim=-2) / asked.sum(dim=-1)
    distance, reach = distance_from_uniform(weights, seen, sinks), attention_reach(weights, sinks)
    return {
        "all_weights": weights,
        "head_shares": shares,
        "head_profile": means,
        "attention_entropy": -torch.special.xlogy(weights, weights).sum(dim=-1) / math.log(2),
        "distance_from_uniform": distance,
        "attention_reach": reach,
        "largest_distance_beyond": largest_distance_beyond(distance, reach),
        "sinks": sinks.to(weights.dtype),
        "heads_over_half": (weights > HALF).sum(dim=(0, 1)).to(weights.dtype),
        "number_of_heads": torch.tensor(weights.shape[0] * weights.shape[1], dtype=weights.dtype),
        "largest_weight": weights.amax(dim=(0, 1)),
        "largest_profile": means.amax(dim=(0, 1)),  # what is NaN is so for all heads
    }


def sinks_of(added: Sequence[bool], *, causal: bool) -> Bool[Tensor, " key"]:
    """Return which tokens are sinks: those that the model has added, or else the first one of a causal model."""
    if any(added):
        return torch.tensor(added)
    return torch.tensor([causal and place == 0 for place in range(len(added))])


def kinds_of(sinks: Bool[Tensor, " key"], groups: Sequence[str]) -> Bool[Tensor, "kind query key"]:
    """Return of which of the `KINDS` each key is to each query: of the first one that fits, so that all add up to 1.

    `group` are words of the query's group, wherever they stand; without groups there are none.
    """
    place = torch.arange(len(groups))
    step = place.unsqueeze(0) - place.unsqueeze(1)  # from the query to the key
    named = {name: number for number, name in enumerate(sorted({*groups} - {""}), start=1)}
    group = torch.tensor([named.get(name, 0) for name in groups])
    alike = (group.unsqueeze(0) == group.unsqueeze(1)) & (group > 0)
    every = torch.ones_like(alike)
    fits = {
        "sinks": sinks.expand_as(alike), "itself": step == 0, "previous": step == -1, "next": step == 1,
        "group": alike, "others": every,
    }  # fmt: skip
    left, found = every, []
    for kind in KINDS:
        found.append(fits[kind] & left)
        left = left & ~fits[kind]
    return torch.stack(found)


def distance_from_uniform(
    weights: Float[Tensor, "layer head query key"], seen: Bool[Tensor, "query key"], sinks: Bool[Tensor, " key"]
) -> Float[Tensor, "layer head query"]:
    """Return how much of each row lies above an even one, 0 … 1, sinks aside.

    It is the total variation distance between the row and the one that gives the same to all that the query sees, but
    what lies on sinks does not count: a row is large if it singles out words, and not if it rests on a sink.
    """
    even = 1 / seen.sum(dim=-1, keepdim=True).to(weights.dtype)
    return ((weights - even).clamp(min=0) * ~sinks).sum(dim=-1)


def attention_reach(
    weights: Float[Tensor, "layer head query key"], sinks: Bool[Tensor, " key"]
) -> Float[Tensor, "layer head query"]:
    """Return how many places away the token stands that gets most of each row, sinks aside (of equals the first).

    0 is the query itself; and a row that lies on sinks alone.
    """
    most, key = (weights * ~sinks).max(dim=-1)
    away = (key - torch.arange(weights.shape[-2])).abs()
    return (away * (most > 0)).to(weights.dtype)


def largest_distance_beyond(
    distance: Float[Tensor, "layer head query"], reach: Float[Tensor, "layer head query"]
) -> Float[Tensor, " query"]:
    """Return the largest distance of the heads that reach past the query and its neighbours; NaN where none does."""
    largest = distance.where(reach > 1, -math.inf).amax(dim=(0, 1))
    return largest.where(largest > -math.inf, math.nan)
