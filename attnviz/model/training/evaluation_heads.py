"""What each head looks at: how much weight it gives, on average, to itself, to its neighbours, to clues."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from attnviz.model.recording import ForwardOptions, Recording
from attnviz.model.training.data import GrammarData, TextData
from attnviz.model.training.evaluation_senses import clues_of
from attnviz.model.transformer_trace import padded

if TYPE_CHECKING:
    from torch import Tensor

    from attnviz.model.transformer import Transformer


def looks(model: Transformer, data: GrammarData | TextData, count: int) -> list[dict[str, Any]]:
    """Return for every head the mean weight on each kind of place, and on which of them it is largest.

    `clue`: what an ambiguous word gives to all words that settle its meaning; `clue_evenly`: what it would give them if
    all that it sees got the same. The first word's own looks do not count.
    """
    texts = data.held_out(count if isinstance(data, GrammarData) else count // 10)
    rows = [text[: model.config.context] for text in texts]
    lengths = torch.tensor([len(row) for row in rows])
    causal = model.decoder is not None
    recording = Recording({"weights"})
    model(padded(rows), lengths=None if causal else lengths, options=ForwardOptions(recording))
    kinds = _places(lengths, causal=causal)
    even = None
    if isinstance(data, GrammarData):
        kinds["clue"] = _clues(data, count, kinds["itself"].shape, causal=causal)
        even = _mean(_evenly(lengths, kinds["itself"].shape, causal=causal), kinds["clue"])
    heads = []
    for layer, weights in enumerate(recording.tensors["weights"], 1):
        means = {kind: _mean(weights, places) for kind, places in kinds.items()}
        for head in range(weights.shape[1]):
            found = {kind: float(mean[head]) for kind, mean in means.items()}
            most = max(found, key=lambda kind: found[kind])
            known = {} if even is None else {"clue_evenly": float(even[0])}
            heads.append({"layer": str(layer), "head": str(head + 1), "most": most, **found, **known})
    return heads


def _places(lengths: Tensor, *, causal: bool) -> dict[str, Tensor]:
    """Return which key is of which kind for which query (text query key); further on, the first and last are others."""
    width = int(lengths.max())
    query, key = torch.arange(width).view(1, -1, 1), torch.arange(width).view(1, 1, -1)
    end = lengths.view(-1, 1, 1)
    real = (query > 0) & (query < end) & (key < end)
    kinds = {"itself": real & (key == query), "the previous word": real & (key == query - 1)}
    kinds["the first word"] = real & (key == 0) & (query > 1)
    if not causal:
        kinds["the next word"] = real & (key == query + 1)
        kinds["the last token"] = real & (key == end - 1) & (query < end - 2)
    return kinds


def _clues(data: GrammarData, count: int, shape: torch.Size, *, causal: bool) -> Tensor:
    """Return which key settles the meaning of which query, among those that it sees (text query key)."""
    places = torch.zeros(shape, dtype=torch.bool)
    for text, words in enumerate(data.held_out_sentences(count)):
        for query, word in enumerate(words):
            if word.text in data.grammar.ambiguous:
                places[text, query, [key for key in clues_of(words, query) if key < query or not causal]] = True
    return places


def _evenly(lengths: Tensor, shape: torch.Size, *, causal: bool) -> Tensor:
    """Return the weights of a head to which all words are the same (text 1 query key)."""
    queries = torch.arange(1, shape[1] + 1).view(1, 1, -1, 1)
    seen = queries if causal else lengths.view(-1, 1, 1, 1)
    return (1 / seen).expand(shape[0], 1, *shape[1:])


def _mean(weights: Tensor, places: Tensor) -> Tensor:
    """Return the mean weight (head) that a query gives to a kind of place, over the queries that have such a place."""
    given = (weights * places.unsqueeze(1)).sum(dim=-1)
    asked = places.any(dim=-1)
    return given.movedim(1, -1)[asked].mean(dim=0)
