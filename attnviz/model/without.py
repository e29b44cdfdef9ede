"""What is taken out of a model's computation: what its arrays then are. No torch.

With something taken out, the whole forward pass is computed anew, with the same parameters: nothing is trained again.

* `sqrt_d`: dot products are not divided by √d_head (a published model's: not multiplied by its own factor).
* `mask`: every word of a decoder sees all others, those after it, too.
* `positions`: nothing is added to embeddings, or turned in queries and keys, for where a word stands.
* `softmax`: the scores themselves are the weights; what the mask hides weighs 0. Rows do not sum to 1.
* `head=…`: the output of one head of one layer is 0, so that it adds nothing to the stream.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from attnviz.model.arrays import ArrayInfo
from attnviz.model.interface import HEAD
from attnviz.model.transformer_arrays import split

OF_SOFTMAX = (
    *("exponentials", "exponential_sum", "similarity_max", "shifted", "shifted_exponentials", "shifted_sum", "softmax"),
    *("score_exponentials", "score_sum"),
)
"""Arrays that only a model with a softmax has."""
_GONE = {
    "positions": ("position_vectors", "W_P", "rotation_angles", "unturned_queries", "unturned_keys"),
    "softmax": (
        *OF_SOFTMAX,
        # Measures of how a head shares out its attention: rows that do not sum to 1 are no shares
        *("head_shares", "head_profile", "attention_entropy", "distance_from_uniform", "heads_over_half"),
        *("attention_reach", "largest_distance_beyond", "largest_weight", "largest_profile"),
    ),
}
_HIDDEN = "where the mask hides the key"
_RAW = ("softmax(scores)", f"scores, 0 {_HIDDEN}")
# What changes in the formulas of arrays, in this order: by what is taken out, then by array, old parts and new ones.
_CHANGES: dict[str, dict[str, tuple[tuple[str, str], ...]]] = {
    "sqrt_d": {"scores": ((" / √d_head", ""), (" · scale", ""))},
    "positions": dict.fromkeys(("queries", "keys"), ((", rotated (RoPE)", ""),)),
    "softmax": {"weights": (_RAW,), "all_weights": (_RAW,)},
    "mask": {
        "scores": ((f", −∞ {_HIDDEN}", ""),),
        "weights": ((f", 0 {_HIDDEN}", ""),),
        "all_weights": ((f", 0 {_HIDDEN}", ""),),
        "mask": (("key ≤ query in a decoder, else always", "always"), ("given", "always")),
    },
}


def altered_arrays(arrays: Mapping[str, ArrayInfo], without: Sequence[str]) -> dict[str, ArrayInfo]:
    """Return which of a model's arrays are left when something is taken out, with formulas that are true then."""
    gone = gone_arrays(arrays, without)
    return {
        name: info._replace(formula=altered_formula(name, info.formula, without))
        for name, info in arrays.items()
        if name not in gone
    }


def altered_facts(without: Sequence[str]) -> dict[str, str]:
    """Return the attributes of a trace that differ when something is taken out; `without` has a part in each line."""
    return altered_kinds(without) | ({"without": "\n".join(without)} if without else {})


def altered_kinds(without: Sequence[str]) -> dict[str, str]:
    """Return the kind of similarity, and of weights, that a model has when something is taken out, if it is another."""
    kinds = {"sqrt_d": {"similarity": "dot"}, "softmax": {"weights": "scores"}}
    return {name: kind for part in without for name, kind in kinds.get(part, {}).items()}


def gone_arrays(arrays: Iterable[str], without: Sequence[str]) -> dict[str, str]:
    """Return which of a model's arrays are not there when something is taken out, and why."""
    why = {name: f"it was taken out with the model's {part}" for part in without for name in _GONE.get(part, ())}
    return {name: why[split(name)[1]] for name in arrays if split(name)[1] in why}


def altered_formula(name: str, formula: str, without: Sequence[str]) -> str:
    """Return the formula of an array when something is taken out; masks and heads are of self-attention alone."""
    prefix, bare = split(name)
    for part, changes in _CHANGES.items():
        for old, new in changes.get(bare, ()) if part in without and not (prefix and part == "mask") else ():
            formula = formula.replace(old, new)
    heads = [each.removeprefix(HEAD) for each in without if each.startswith(HEAD)]
    if heads and name == "head_outputs":
        formula += f", 0 for head {' and '.join(heads)}"
    return formula
