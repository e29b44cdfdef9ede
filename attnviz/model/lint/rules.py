"""What follows from what in the weights of one attention, as rules that every trace keeps.

A rule looks at the arrays of one layer and of some heads, and returns the entry that breaks it, or None. The formulas
are those of Vaswani et al., "Attention Is All You Need" (2017), section 3.2.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from attnviz.model.lint.comparing import Array, Violation
from attnviz.model.lint.recorded import Recorded, root, softmax, swapped

Told = Iterator[tuple[str, Array, Array]]
EXP = 12  # roundings in an exponential, a root or a hyperbolic tangent: each is within a few units in the last place
SWAPPED = "the axes query and key are swapped"
LOGITS = "these weights are logits: their softmax was not taken"


def query_key_dot(a: Recorded) -> Violation | None:
    """Hold that a dot product is that of its query and its key, which are not the same thing."""
    queries, keys = a["queries"], a["keys"]
    expected, scale = queries @ swapped(keys), np.abs(queries) @ swapped(np.abs(keys))

    def causes(place: tuple[int, ...]) -> Told:
        found = a["query_key_dot"][place[0]]
        yield SWAPPED, found, swapped(expected[place[0]])
        yield from a.other_heads(found, expected, place[0])

    return a.check("query_key_dot", expected, queries.shape[-1] + 2, scale, "query · key", causes)


def scores(a: Recorded) -> Violation | None:
    """Hold that scores are made of dot products in the model's own way, before any softmax."""
    found, dots = a["scores"], a["query_key_dot"]
    told = _scores(a, dots)
    if told is None:
        return None
    (computed, rule, scale), (hidden, is_whole) = told, a.mask()
    infinite = hidden if hidden is not None and is_whole else np.isneginf(found)
    expected = np.where(infinite, -np.inf, computed)

    def causes(place: tuple[int, ...]) -> Told:
        here = found[place[0]]
        yield SWAPPED, here, swapped(expected)[place[0]]
        if "position_bias" in a:
            yield "the position bias was left out", here, (expected - a["position_bias"])[place[0]]
        yield "they are dot products, not scaled", here, np.where(infinite, -np.inf, dots)[place[0]]
        yield "these scores are weights: their softmax was taken", here, softmax(expected[place[0]])

    return a.check("scores", expected, 2 * EXP + 2 * a["queries"].shape[-1], scale, rule, causes)


def _scores(a: Recorded, dots: Array) -> tuple[Array, str, Array] | None:
    """Return scores without their mask, how they are made, and their scale; None if a bias is added that is unknown."""
    scale, cap = a.of_layer("scores", "scales"), a.of_layer("scores", "caps")
    bias = a["position_bias"] if "position_bias" in a else None  # noqa: SIM401 (it has no `get`)
    if bias is None and a.of_layer("scores", "biased"):
        return None
    if scale is not None:
        bent = cap * np.tanh(dots * scale / cap) if cap else dots * scale
        rule = f"query · key · {scale:.6g}" + (", bent" if cap else "") + ("" if bias is None else " + position_bias")
        added = np.zeros(1) if bias is None else bias
        return bent + added, rule, np.abs(dots * scale) + np.abs(added)
    kind = a.fact("similarity")
    if kind == "cosine":
        sizes = [np.linalg.norm(a[name], axis=-1) for name in ("queries", "keys")]
        product = sizes[0][..., None] * sizes[1][..., None, :]
        cosine = np.divide(a["queries"] @ swapped(a["keys"]), product, out=np.zeros_like(product), where=product > 0)
        return cosine.clip(-1, 1), "the cosine of query and key", np.ones_like(dots)
    scaled = dots if kind == "dot" else dots / root(a.sizes("d_head"))
    return scaled, "query · key" if kind == "dot" else "query · key / √d", np.abs(scaled)


def masked(a: Recorded) -> Violation | None:
    """Hold that what is masked weighs 0, and that its score is −∞; whether nothing else is, `scores` tells."""
    if "scores" not in a and "weights" not in a:
        return None
    hidden, _ = a.mask()
    if hidden is None:
        return None
    for name, empty in (("scores", -np.inf), ("weights", 0.0)):
        if name not in a:
            continue
        found = a[name]

        def causes(place: tuple[int, ...], name: str = name, found: Array = found, empty: float = empty) -> Told:
            here = found[place[0]]
            yield SWAPPED, np.where(hidden, swapped(here), empty), np.full_like(here, empty)
            if name == "scores":
                yield (
                    "these scores are weights: their softmax was taken",
                    here.sum(axis=-1).round(6),
                    np.ones(len(here)),
                )
            behind = hidden & (np.tri(*hidden.shape) > 0)
            for cause, part in (("the mask", hidden), ("the window of this layer", behind)):
                yield f"{cause} was not applied", ((here == empty) & part).astype(float), np.zeros(hidden.shape)

        broken = a.check(name, np.where(hidden, empty, found), 0, 0.0, "what the mask hides", causes)
        if broken:
            return broken
    return None


def rows(a: Recorded) -> Violation | None:
    """Hold that each row of weights sums to 1, and that softmax leaves none below 0 or above 1.

    Where similarities are divided by their sum they may be; and a row whose sum is 0 has no weights (NaN). Where scores
    are the weights themselves, nothing of this holds.
    """
    if a.fact("weights") == "scores":
        return None
    weights, allowed = a["weights"], a.rounding.allowed
    divided, keys = a.fact("weights") == "normalised", a["weights"].shape[-1]
    sums, sizes = weights.sum(axis=-1), np.abs(weights).sum(axis=-1)
    room = allowed(2 * keys + EXP, np.nan_to_num(sizes)) + (keys - 1) * a.rounding.shown
    wrong = ~((np.abs(sums - 1) <= room) | (np.isnan(sums) & (divided and _sums_to_nothing(a))))
    if wrong.any():
        place = tuple(
            map(int, np.unravel_index(np.argmax(np.where(wrong, np.abs(np.nan_to_num(sums) - 1), -1)), wrong.shape))
        )
        columns = np.abs(np.nan_to_num(weights).sum(axis=-2) - 1)[place[0]]
        logits = LOGITS if not divided and ((weights < 0) | (weights > 1)).any() else ""
        cause = SWAPPED if (columns <= room.max()).all() and len(columns) > 1 else logits
        return Violation(
            f"the sum of the row {a.entry('weights', place)}", float(sums[place]), 1.0, "that of weights", cause
        )
    return None if divided else a.check("weights", weights.clip(0, 1), 2 * keys + EXP, 1.0, "the nearest weight")


def _sums_to_nothing(a: Recorded) -> Array:
    """Tell of each row whether its similarities add up to 0; if that is not recorded, it may be."""
    return a["score_sum"] == 0 if "score_sum" in a else np.ones(a["weights"].shape[:-1], dtype=bool)


def exponentials(a: Recorded) -> Violation | None:
    """Hold that exponentials are those of the scores."""
    with np.errstate(over="ignore"):
        expected = np.exp(a["scores"])
    return a.check("score_exponentials", expected, EXP, np.nan_to_num(expected, posinf=0.0), "exp(scores)")


def sums(a: Recorded) -> Violation | None:
    """Hold that what a row is divided by is the sum of its exponentials, or of its scores."""
    name = "scores" if a.fact("weights") == "normalised" else "score_exponentials"
    summed, terms = a[name], a[name].shape[-1] + 8  # a sum that is nothing but noise is 0, see `attention.row_sum`
    scale = np.nan_to_num(np.abs(summed).sum(axis=-1), posinf=0.0)
    return a.check("score_sum", summed.sum(axis=-1), terms, scale, f"the sum of {name}")


def weights(a: Recorded) -> Violation | None:
    """Hold that weights are the softmax of the scores, or these divided by their sum, or they themselves."""
    found, table = a["weights"], a["scores"]
    expected, rule = _weights(a)
    finite = np.where(np.isfinite(table), table, np.nan)
    span = 0 if np.isnan(finite).all() else int(np.nanmax(finite, initial=0.0) - np.nanmin(finite, initial=0.0))
    terms = table.shape[-1] + 2 * EXP + 2 * min(span, 2000)

    def causes(place: tuple[int, ...]) -> Told:
        here = found[place[0]]
        if a.fact("weights") == "softmax":
            yield LOGITS, here, table[place[0]]
        yield SWAPPED, here, swapped(expected)[place[0]]
        yield "every column, not every row, was divided by its sum", here, swapped(softmax(swapped(table[place[0]])))
        yield from a.other_heads(here, expected, place[0])

    # What is less than an epsilon of its row may be 0: the exponential of a very low score is below all numbers.
    size = np.maximum(np.abs(np.nan_to_num(expected)), np.finfo(float).eps)
    return a.check("weights", expected, terms, size, rule, causes)


def _weights(a: Recorded) -> tuple[Array, str]:
    """Return the weights of scores, and how they are computed; on the way, what is shown is computed on with."""
    if a.fact("weights") == "scores":
        return np.where(np.isneginf(a["scores"]), 0.0, a["scores"]), "scores, as there is no softmax,"
    usable = (a["score_sum"] != 0)[..., None] if "score_sum" in a else np.zeros_like(a["scores"], dtype=bool)
    divisor = a["score_sum"][..., None] if "score_sum" in a else np.ones_like(a["scores"])
    if a.fact("weights") == "normalised":
        return np.divide(
            a["scores"], divisor, out=np.full_like(a["scores"], np.nan), where=usable
        ), "scores / their sum"
    if not a.rounding.shown:
        return softmax(a["scores"]), "softmax(scores)"
    usable = usable & np.isfinite(divisor)
    return np.divide(
        a["score_exponentials"], divisor, out=softmax(a["scores"]), where=usable
    ), "exponentials / their sum"
