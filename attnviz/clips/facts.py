"""What a trace says of a sentence: which word, layer and head a clip is about, and what the word looks at.

Where a person leaves them open, they are chosen by measures that stand in the trace, so that a clip can say by which:

* the word is the one that the layers take farthest, in all coordinates (`total_move`; on a blackboard by its output);
  asked are whole words that see another one, and no tokens that stand for no word (the model's own, a causal model's
  first, and signs), unless there are no others;
* layer and head are those whose row of weights for that word is farthest from an even one, sinks aside
  (`distance_from_uniform`, see `attnviz.model.views.heads`); first of those that give most, sinks aside, to a word that
  is neither the word itself nor its neighbour, since many heads look at neighbours whatever these are (Clark et al.,
  2019); then of those that give most to another word; then of all. Of equals, it is the first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from attnviz.clips.values import Value
from attnviz.input.questions import round_significant, told_apart, visible_word

if TYPE_CHECKING:
    import xarray as xr

Array = np.ndarray[Any, Any]
PARTNERS = ("first", "second", "third")
FACTS: Mapping[str, str] = {
    "sentence": "the sentence, or the part of a longer text that is read",
    "short": "the sentence in one line, cut short where it is long",
    "model": "the model's name",
    "word": "the word that is looked at",
    "layer": "the layer that is looked at, counted from 1",
    "head": "the head that is looked at",
    "layers": "how many layers the model has",
    "heads": "how many heads each layer has",
    "farthest": "1, if the word was chosen as the one that is taken farthest",
    "moves": "1, if what a word becomes is a place among the words (with values of another dimension it is none)",
    "beyond": "of a head that was chosen, how many heads look past the word and its neighbours first, as it does",
    "tokens": "how many tokens the sentence has",
    "first": "the word that gets most of the word's attention, itself and sinks aside",
    "second": "the word that gets most after that",
    "third": "the word that gets most after that",
    "added": "the first of the tokens that the model adds itself, such as [CLS]",
    "sink": "of the tokens on which idle heads rest ([CLS], a causal model's first), the one that gets most",
    "opening": "the sentence's first token",
    "closing": "the sentence's last token",
    "other": "the other sentence",
    "other_short": "the other sentence, cut short where it is long",
    "other_word": "the word in the other sentence",
    "other_first": "in the same head, the word that gets most of its attention there, itself and sinks aside",
    "other_second": "the word that gets most after that",
    "other_third": "the word that gets most after that",
    "without": "what is taken out of the computation",
    "kept": "of a text that is too long, how many of its words are read",
    "of_words": "of a text that is too long, how many words it has",
}
"""What a template can name, and what it stands for."""


@dataclass(frozen=True)
class Facts:
    """Word, layer, head and partners; partners and sinks are in the order of how much they get."""

    tokens: tuple[str, ...]
    word: str
    layer: int | None
    head: str | None
    layers: int
    heads: int
    partners: tuple[str, ...]
    sinks: tuple[str, ...]
    added: tuple[str, ...]
    farthest: bool = False
    beyond: int = 0
    moves: bool = True

    def values(self) -> dict[str, Value]:
        """Return the facts as what a template names; what is not there is left out."""
        spoken = dict(zip(self.tokens, told_apart(self.tokens), strict=True))
        named = dict(zip(PARTNERS, self.partners, strict=False)) | {"word": self.word}
        named |= {"opening": self.tokens[0], "closing": self.tokens[-1]}
        named |= {name: each[0] for name, each in (("sink", self.sinks), ("added", self.added)) if each}
        found = {name: Value(label, spoken[label]) for name, label in named.items()}
        found |= {"tokens": Value(len(self.tokens)), "layers": Value(self.layers), "heads": Value(self.heads)}
        found |= ({"farthest": Value(1)} if self.farthest else {}) | (
            {"beyond": Value(self.beyond)} if self.beyond else {}
        )
        found |= {"moves": Value(1)} if self.moves else {}
        found |= {} if self.layer is None else {"layer": Value(self.layer)}
        return found | ({} if self.head is None else {"head": Value(self.head)})


def facts_of(
    trace: xr.Dataset,
    *,
    word: str | None = None,
    layer: int | None = None,
    head: str | None = None,
    among: Sequence[str] | None = None,
) -> Facts:
    """Return the facts of a trace; `word`, `layer` and `head` are given, or chosen; a word is chosen `among` some."""
    tokens = tuple(str(label) for label in trace["token"].values)
    sinks = _sinks(trace, tokens)
    asked = word or _farthest(trace, tokens, sinks, among)
    if "all_weights" in trace:
        layers, heads = ([str(each) for each in trace[dim].values] for dim in ("each_layer", "each_head"))
        place, beyond = _least_even(trace, tokens.index(asked), layer, head)
        row = trace["all_weights"].values[*place, tokens.index(asked)]
        at: tuple[int | None, str | None] = int(layers[place[0]]), heads[place[1]]
    else:
        layers, heads = ["1"], [str(each) for each in trace["head"].values] if "head" in trace.dims else ["1"]
        at = None, heads[0] if head is None and len(heads) > 1 else head
        row, beyond = _row_on_board(trace, asked, at[1]), 0
    ranked = [tokens[k] for k in np.argsort(-row, kind="stable") if row[k] > 0 and tokens[k] != asked]
    partners = tuple(token for token in ranked if token not in sinks)
    resting = tuple(token for token in ranked if token in sinks)
    signs = str(trace.attrs.get("added", "")).split()
    added = tuple(token for token in tokens if token in signs)
    beyond = beyond if layer is None and head is None else 0
    shape = len(layers), len(heads)
    moves = _moves(trace) is not None
    return Facts(tokens, asked, *at, *shape, partners, resting, added, word is None, beyond, moves)


def _sinks(trace: xr.Dataset, tokens: Sequence[str]) -> tuple[str, ...]:
    if "sinks" not in trace:
        return ()
    return tuple(token for token, is_one in zip(tokens, trace["sinks"].values, strict=True) if is_one)


def _farthest(trace: xr.Dataset, tokens: Sequence[str], sinks: Sequence[str], among: Sequence[str] | None) -> str:
    """Return the word that is taken farthest of those that are asked: `among` some, if any of these can be asked."""
    found = _moves(trace)
    moved = np.zeros(len(tokens)) if found is None else round_significant(found)
    seen = trace["all_weights" if "all_weights" in trace else "weights"]
    seen = (seen > 0).any([dim for dim in seen.dims if dim not in ("query", "key")])
    own = [token for token in tokens if token not in sinks]
    words = [token for token in own if _is_word(token)]
    seeing = [word for word in words if any(seen.sel(query=word, key=other) for other in words if other != word)]
    whole = [word for word in seeing if not word.startswith("-") and not word.endswith("-")]
    for asked in ([w for w in seeing if w in (among or whole)], among, seeing, words, own):
        if asked:
            return max(asked, key=lambda token: float(moved[tokens.index(token)]))
    return tokens[0]


def _is_word(token: str) -> bool:
    """Tell whether a token is of letters or digits, and does not stand for something else, as [UNK] and </s> do."""
    word = visible_word(token)
    return any(letter.isalnum() for letter in word) and word[:1] + word[-1:] not in ("[]", "<>")


def _moves(trace: xr.Dataset) -> Array | None:
    """Return how far each token is moved: through all layers, or by a blackboard's attention (None: nowhere)."""
    if "total_move" in trace:
        return np.asarray(trace["total_move"].values)
    if "output" in trace and trace["output"].shape == trace["embeddings"].shape:
        return np.asarray(np.linalg.norm(trace["output"].values - trace["embeddings"].values, axis=-1))
    return None


def _least_even(trace: xr.Dataset, query: int, layer: int | None, head: str | None) -> tuple[tuple[int, int], int]:
    """Return the places of the layer and head that are chosen of those that are left open.

    Besides, how many heads look past the word and its neighbours first, if it is one of these.
    """
    measured = np.array(round_significant(trace["distance_from_uniform"].values[:, :, query]))
    layers, heads = ([str(each) for each in trace[dim].values] for dim in ("each_layer", "each_head"))
    wanted = np.outer([layer in (None, int(each)) for each in layers], [head in (None, each) for each in heads])
    away = trace["attention_reach"].values[:, :, query]
    asked = next(each for each in (wanted & (away > 1), wanted & (away > 0), wanted) if each.any())
    place = np.unravel_index(int(np.where(asked, measured, -np.inf).argmax()), measured.shape)
    return (int(place[0]), int(place[1])), int((away > 1).sum()) if away[place] > 1 else 0


def _row_on_board(trace: xr.Dataset, word: str, head: str | None) -> Array:
    weights = trace["weights"].sel(query=word)
    if "head" in weights.dims:
        weights = weights.sel(head=head) if head is not None else weights.isel(head=0)
    return np.asarray(weights.values)
