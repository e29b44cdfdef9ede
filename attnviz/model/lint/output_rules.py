"""What follows from weights and values in one attention, as rules that every trace keeps: see `rules`."""

from __future__ import annotations

from itertools import permutations

import numpy as np

from attnviz.model.lint.comparing import Array, Violation
from attnviz.model.lint.recorded import Recorded
from attnviz.model.lint.rules import Told

UNDERFLOW = float(np.sqrt(np.finfo(np.float64).tiny))  # the squares of what is smaller may be lost, or not
MOST_ORDERED = 4  # heads whose every order is tried to tell why an output is wrong


def projected(a: Recorded) -> Violation | None:
    """Hold that queries, keys and values are those of their own words: what enters the attention, times the matrix.

    In cross-attention that is the decoder's stream for queries, and the encoder's output for keys and values.
    """
    for name, matrix, offset in (("queries", "W_Q", "b_Q"), ("keys", "W_K", "b_K"), ("values", "W_V", "b_V")):
        recorded = f"unturned_{name}" if f"unturned_{name}" in a else name
        if recorded not in a or (entering := a.entering(name)) is None:
            continue
        x, whole, scale, rule = entering, np.zeros(1), np.zeros(1), "embeddings"
        if matrix in a:
            added = a[offset][:, None, :] if offset in a else np.zeros(1)
            whole, scale = x @ a[matrix] + added, np.abs(x) @ np.abs(a[matrix]) + np.abs(added)
            rule = f"x · {matrix}"
        elif a.is_board:
            whole = np.broadcast_to(x, a[recorded].shape)
        else:
            continue

        def causes(place: tuple[int, ...], recorded: str = recorded, expected: Array = whole) -> Told:
            here = a[recorded][place[0]]
            for by, where in ((1, "before"), (-1, "after")):
                yield f"they are those of the word {where} it", here, np.roll(expected[place[0]], by, axis=0)
            yield from a.other_heads(here, expected, place[0])

        broken = a.check(recorded, whole, x.shape[-1] + 3, scale, rule, causes)
        if broken:
            return broken
    return None


def head_outputs(a: Recorded) -> Violation | None:
    """Hold that a head's output for a word is the sum of all values, weighted by the word's row; or 0, if it is out."""
    weights, values = a["weights"], a["values"]
    expected = a.trimmed(weights @ values, "d_value")
    expected[a.silent()] = 0.0
    scale = np.nan_to_num(np.abs(weights)) @ np.abs(values)

    def causes(place: tuple[int, ...]) -> Told:
        head = place[0]
        here = a["head_outputs"][head]
        yield from a.other_heads(here, expected, head)
        for by in (1, -1):
            yield "the values are shifted by a word", here, weights[head] @ np.roll(values[head], by, axis=0)
        yield "the axes query and key are swapped in the sum", here, weights[head].T @ values[head]
        yield "they are the values, unweighted", here, values[head]

    return a.check("head_outputs", expected, weights.shape[-1] + 2, scale, "weights · values", causes)


def concatenated(a: Recorded) -> Violation | None:
    """Hold that what is concatenated is the heads' outputs side by side, in the order of their names."""
    found = a["concatenated"]
    expected = found.copy()
    for outputs, columns, size in zip(a["head_outputs"], a.columns(), a.sizes("d_value"), strict=True):
        expected[:, columns] = outputs[:, :size]

    def causes(place: tuple[int, ...]) -> Told:
        for columns in a.columns():
            if place[1] in range(found.shape[1])[columns]:
                wide = found[:, columns].shape[1]
                for head, outputs in zip(a.labels("head"), a["head_outputs"], strict=True):
                    yield f"the columns of head {head} stand there", found[:, columns], outputs[:, :wide]

    return a.check("concatenated", expected, 0, 0.0, "the head's output", causes)


def head_contributions(a: Recorded) -> Violation | None:
    """Hold that what a head adds to the output is its own output times its own rows of W_O."""
    slices = [a["W_O"][columns] for columns in a.columns()]
    sizes = a.sizes("d_value")
    outputs = [each[:, :size] for each, size in zip(a["head_outputs"], sizes, strict=True)]
    expected = np.stack([output @ rows for output, rows in zip(outputs, slices, strict=True)])
    scale = np.stack([np.abs(output) @ np.abs(rows) for output, rows in zip(outputs, slices, strict=True)])

    def causes(place: tuple[int, ...]) -> Told:
        head = place[0]
        for label, rows in zip(a.labels("head"), slices, strict=True):
            if rows.shape[0] == sizes[head]:
                yield (
                    f"the rows of head {label} of W_O stand there",
                    a["head_contributions"][head],
                    outputs[head] @ rows,
                )

    rule = "the head's output · its rows of W_O"
    return a.check("head_contributions", expected, int(sizes.max()) + 2, np.nan_to_num(scale), rule, causes)


def contribution_norm(a: Recorded) -> Violation | None:
    """Hold that the size of a contribution is its norm."""
    each = a["head_contributions"]
    expected = np.linalg.norm(each, axis=-1)
    scale = np.nan_to_num(expected) + UNDERFLOW
    return a.check("contribution_norm", expected, each.shape[-1] + 4, scale, "norm(head_contributions)")


def output(a: Recorded) -> Violation | None:
    """Hold that the output is what is concatenated, times W_O, plus its bias if there is one."""
    side_by_side = a["concatenated"]
    if "W_O" not in a:
        return a.check("output", side_by_side, 0, 0.0, "what is concatenated") if a.is_board else None
    added = a["b_O"] if "b_O" in a else np.zeros(1)
    expected = side_by_side @ a["W_O"] + added
    scale = np.nan_to_num(np.abs(side_by_side) @ np.abs(a["W_O"])) + np.abs(added)

    def causes(place: tuple[int, ...]) -> Told:
        yield "the bias was left out", a["output"], expected - added
        columns, heads = a.columns(), a.labels("head")
        if len({block.stop for block in columns}) == len(heads) <= MOST_ORDERED:
            for order in permutations(range(len(heads))):
                rows = np.concatenate([a["W_O"][columns[head]] for head in order])
                if rows.shape == a["W_O"].shape:
                    named = ", ".join(heads[head] for head in order)
                    yield f"the rows of W_O stand in the heads' order {named}", a["output"], side_by_side @ rows + added

    rule = "what is concatenated · W_O" + (" + b_O" if "b_O" in a else "")
    return a.check("output", expected, side_by_side.shape[-1] + 3, scale, rule, causes)


def output_of_heads(a: Recorded) -> Violation | None:
    """Hold, without W_O, that an output is the sum of the heads' contributions, and a bias that is the same for all."""
    parts, found = a["head_contributions"], a["output"]
    sizes = a.sizes("d_value")
    wide = a["concatenated"].shape[-1]
    if "W_O" in a or int(sizes.sum()) != wide or len(found) < 2:
        return None
    added = parts.sum(axis=0)
    expected = added + (found - added)[0]
    # Σ|xᵢ·yᵢ| is not known without the matrix; its terms cancel like random ones, to about 1/√n of it
    scale = np.sqrt(wide) * (np.abs(parts).sum(axis=0).max() + np.abs(found).max())
    return a.check("output", expected, wide + len(parts) + 3, scale, "the sum of head_contributions, plus a bias")
