"""What a scene can ask of one layer of a layered model: its arrays under a blackboard's names. No torch.

A blackboard has one layer, few words and two or three axes; scenes are written for it. A *view* of a transformer's
trace chooses a layer, and one head or all, and projects the words onto a plane, so that the same scenes can show it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from attnviz.input.problems import Problem, ProblemsFound
from attnviz.model.arrays import BLACKBOARD_ONLY, CORNERS, EMBEDDING_ARRAYS, MAP_ARRAYS, STEPS, ArrayInfo, LabelsByDim

if TYPE_CHECKING:
    from attnviz.model.interface import View
    from attnviz.model.tokenizer import Piece

_MARKED = re.compile(r"([^*]*)\*([^*\s]+)\*([^*]*)")
COMPONENTS = ("first component", "second component")
OWN_AXES = ("1", "2")  # of a model of two dimensions
_MEASURES = ("norm", "unit_vectors", "products", "dot", "cosine", "scaled_dot", "angle")
# What becomes of a head's table of scores, which stands for a blackboard's similarities.
ONE_HEAD_ARRAYS = (
    *(name for name in EMBEDDING_ARRAYS if name not in {*_MEASURES, "embeddings"}),
    "mixed_points",
)
_NEW = {
    "points": ArrayInfo(
        ("token", "axis"), "the words' places in the plane, as they enter the layer", "(x − centre) · axis"
    ),
    "point_steps": ArrayInfo(
        ("depth", "token", "axis"),
        "the words' places in the plane before the first layer, and after each",
        "(residual − centre) · axis",
    ),
    "final_points": ArrayInfo(
        ("token", "axis"), "the words' places in the plane after the last layer", "(residual − centre) · axis"
    ),
    "residual_norm": ArrayInfo(
        ("depth", "token"),
        "the norms of the words' vectors before the first layer, and after each",
        "norm(residual)",
    ),
    "total_move": ArrayInfo(
        ("token",),
        "how far all layers together take each word, in all coordinates",
        "norm(residual after the last − residual before the first)",
    ),
    "mixed_points": ArrayInfo(
        ("token", "axis"),
        "where a head's weights would take each word among the places of all words of the sentence",
        "weights · points",
    ),
    "plane_share": ArrayInfo(
        ("token",),
        "how much of each word's vector the plane shows, seen from its centre",
        "norm²(in plane) / norm²(x − centre)",
    ),
    "variance_shown": ArrayInfo(
        ("depth",),
        "how much of the variance of the words that the plane was laid through it shows, at each depth",
        "Σ norm²(in plane) / Σ norm²(x − mean)",
    ),
}
KINDS = ("sinks", "itself", "previous", "next", "group", "others")
"""Of what kind a key is to a query, the first that fits: a sink, the query itself, its neighbours, of its group."""
EVERY_HEAD = {
    "all_weights": ArrayInfo(
        ("each_layer", "each_head", "query", "key"), "the weights of every head", "softmax(scores)"
    ),
    "head_shares": ArrayInfo(
        ("each_layer", "each_head", "query", "kind"),
        "how much of its attention a head gives to words of a kind",
        "sum(weights of the kind)",
    ),
    "head_profile": ArrayInfo(
        ("each_layer", "each_head", "kind"),
        "the same on average, over all words but sinks that have one of the kind",
        "mean(head_shares)",
    ),
    "attention_entropy": ArrayInfo(
        ("each_layer", "each_head", "query"), "entropy of each row of weights, in bits", "−sum(w · log₂(w))"
    ),
    "distance_from_uniform": ArrayInfo(
        ("each_layer", "each_head", "query"),
        "how much of each row of weights lies above an even one, sinks aside",
        "sum(max(0, w − 1/n))",
    ),
    "attention_reach": ArrayInfo(
        ("each_layer", "each_head", "query"),
        "how many places away the token stands to which a head gives most, sinks aside; 0 if it is the query itself",
        "abs(argmax(w) − query)",
    ),
    "largest_distance_beyond": ArrayInfo(
        ("query",),
        "the distance in the head whose row is farthest from an even one, of those that look past the word and its "
        "neighbours first",
        "max(distance_from_uniform where attention_reach > 1)",
    ),
    "sinks": ArrayInfo(
        ("key",),
        "1 for tokens that the model adds or, if it adds none, the first one of a causal model; else 0",
        "given",
    ),
    "heads_over_half": ArrayInfo(
        ("query", "key"), "how many of all heads give more than half of a word's attention to another", "count(w > ½)"
    ),
    "number_of_heads": ArrayInfo((), "how many heads all layers have together", "layers · heads in each"),
    "largest_weight": ArrayInfo(
        ("query", "key"), "the weight in the head that gives most of a word's attention to another", "max(all_weights)"
    ),
    "largest_profile": ArrayInfo(
        ("kind",), "the average in the head that gives most to words of a kind", "max(head_profile)"
    ),
}
MOST_COMPARED = 64
"""Heads are compared in sentences of so many tokens: the weights of all of them are kept."""
_HEAD_MAPS = {
    "maps": "what each head of the layer does to displacements in the plane, the norm before it left out",
    "determinant": "how much each map enlarges areas; negative if it flips the plane",
}


def view_arrays(arrays: Mapping[str, ArrayInfo], *, maps: bool, one_head: bool = True) -> dict[str, ArrayInfo]:
    """Return the arrays that a scene can read of a layered model with these arrays; those of its words come first.

    `maps`: the model's trace has W_V and W_O. `one_head`: one head is looked at, whose scores are the similarities.
    """
    measures = {name: _in_plane(EMBEDDING_ARRAYS[name]) for name in _MEASURES}
    rows = {name: EMBEDDING_ARRAYS[name] for name in ONE_HEAD_ARRAYS if name in EMBEDDING_ARRAYS}
    rows["similarity"] = rows["similarity"]._replace(meaning="the scores of the chosen head", formula="scores")
    new = {name: info for name, info in _NEW.items() if one_head or name != "mixed_points"}
    found = new | measures | (rows if one_head else {}) | EVERY_HEAD
    if maps:
        found |= {name: info for name, info in MAP_ARRAYS.items() if name not in BLACKBOARD_ONLY}
        found["maps"] = found["maps"]._replace(meaning=_HEAD_MAPS["maps"], formula="W_V · W_O, in the plane")
    return found | {name: info for name, info in arrays.items() if not too_large(info)}


def view_labels(
    axes: tuple[str, ...],
    layer: str,
    heads: tuple[str, ...],
    layers: int,
    map_names: Sequence[str],
    every_head: tuple[str, ...],
) -> LabelsByDim:
    """Return the labels along the dimensions that a view adds, or of which it leaves one."""
    labels: LabelsByDim = {"axis": axes, "layer": (layer,), "head": heads}
    labels |= {"each_layer": tuple(str(each) for each in range(1, layers + 1)), "each_head": every_head, "kind": KINDS}
    labels["depth"] = tuple(str(depth) for depth in range(layers + 1))
    labels["step"] = tuple(str(step) for step in range(STEPS + 1))
    labels |= dict.fromkeys(("plane", "plane_in"), axes) | {"corner": CORNERS, "map": tuple(map_names)}
    return labels


def axes_of(view: View, d_model: int) -> tuple[str, ...]:
    """Return the names of the plane's two axes, in a model of so many dimensions."""
    if view.plane:
        return tuple(name for name, _ in view.plane[:2])
    axes = OWN_AXES if d_model == len(OWN_AXES) else COMPONENTS
    return tuple(f"{axis}, turned" for axis in axes) if view.like else axes


def groups_of(view: View, words: Iterable[str]) -> list[str]:
    """Return of each word the class of the view's plane that lists it ("" if none does)."""
    group = {meant(word)[1]: name for name, listed in reversed(view.plane) for word in listed}
    return [group.get(str(word).casefold(), "") for word in words]


def too_large(info: ArrayInfo) -> bool:
    """Tell whether an array grows with the vocabulary or the context, whatever the text: scenes do without."""
    return bool({"vocabulary", "place"} & {*info.dims}) and "token" not in info.dims


def meant(entry: str) -> tuple[str, str]:
    """Return the text of an entry of a class, and the word of it that is meant: marked by asterisks, or all of it.

    Raises `ProblemsFound` if something else is marked.
    """
    before, word, after = marked.groups() if (marked := _MARKED.fullmatch(entry)) else ("", entry, "")
    if "*" in word:
        hint = "mark one word, as in 'an *orange*'"
        raise ProblemsFound(Problem(f"'{entry}' does not say which word is meant", hint=hint))
    return f"{before}{word}{after}", word.casefold()


def places_meant(entry: str, pieces: Sequence[Piece]) -> list[int]:
    """Return which tokens of an entry's text are the word that is meant; raises `ProblemsFound` if it is not there."""
    text, word = meant(entry)
    read = [piece.word.casefold() for piece in pieces]
    if text == entry:  # all of its words, without the signs that the model puts around them
        return [place for place, piece in enumerate(read) if piece in word] or list(range(len(pieces)))
    before = len(re.findall(rf"\b{re.escape(word)}\b", entry.casefold().partition("*")[0]))
    places = _stand(read, word)[before : before + 1]
    if not places:
        words = ", ".join(dict.fromkeys(piece.word for piece in pieces))
        raise ProblemsFound(Problem(f"'{word}' is no word of '{text}'", hint=f"the model reads: {words}"))
    return places[0]


def _stand(words: Sequence[str], word: str) -> list[list[int]]:
    """Return the places of a word, those of its pieces together, for every time that it stands in a text."""
    found: list[list[int]] = []
    for place, each in enumerate(words):
        if each == word and found and found[-1][-1] == place - 1:
            found[-1].append(place)
        elif each == word:
            found.append([place])
    return found


def _in_plane(info: ArrayInfo) -> ArrayInfo:
    dims = tuple("axis" if dim == "d_model" else dim for dim in info.dims)
    meaning = info.meaning.replace("the embeddings", "the words' places") + ", in the plane"
    return ArrayInfo(dims, meaning, info.formula)
