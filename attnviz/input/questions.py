"""Questions asked of traces: plain data that can be stored, and asked again of other traces.

Scenes learn about a model only through such questions, so their answers decide whether a picture must be redrawn when
the model changes. Imports neither Manim nor torch.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from attnviz.input.problems import Problem, ProblemsFound, did_you_mean
from attnviz.input.significant import SIGNIFICANT, significant
from attnviz.input.writing import SUBSCRIPTS

if TYPE_CHECKING:
    import xarray as xr

Traces = Mapping[str, "xr.Dataset"]  # by sentence name, the default first
Chosen = tuple[tuple[str, tuple[str, ...]], ...]
Answer = Any  # plain data that JSON can hold; None if the trace has no such thing


@dataclass(frozen=True)
class Read:
    """One question.

    `kind` is what is asked for: the `entries` of the array `name` (`coords` selects labels along its dimensions); the
    `labels` along a dimension, of the array `name` or else of the trace (the first dimension in `coords`, given without
    labels, or by default the array's last; labels selected along the others restrict these to what exists for them,
    such as one head's columns); the `fact` `name`, an attribute of the trace; the `group` of the word `name`; or the
    names of the `sentences`.
    """

    kind: str
    sentence: str = ""  # "" for the default
    name: str = ""
    coords: Chosen = ()


def ask(traces: Traces, read: Read) -> Answer:
    """Return the answer to a question, with numbers rounded to 6 significant digits; None if there is none."""
    try:
        return _ANSWERS[read.kind](traces, read)
    except ProblemsFound:
        return None


def trace_of(traces: Traces, sentence: str) -> xr.Dataset:
    """Return the trace of a sentence ("" for the first); raise `ProblemsFound` if there is none."""
    if not sentence:
        if not traces:
            raise refusal("the scene has no sentence to read from", "give it a `sentence` or `words`")
        return next(iter(traces.values()))
    if sentence not in traces:
        raise refusal(f"there is no sentence called '{sentence}'", did_you_mean(sentence, traces, "the sentences"))
    return traces[sentence]


def entries_of(traces: Traces, read: Read) -> xr.DataArray:
    """Return the selected entries at full precision, with all dimensions of the array, in its own order.

    Raises `ProblemsFound` if there is no such sentence, array, dimension or label.
    """
    chosen = _array(traces, read)
    for dim, labels in read.coords:
        chosen = _take(chosen, dim, labels)
    return unpadded(chosen, {dim for dim, _ in read.coords})


def unpadded(entries: xr.DataArray, named: Collection[str]) -> xr.DataArray:
    """Return entries without the NaN with which the smaller heads of a blackboard are padded.

    The coordinates `d_head_size` and `d_value_size` along the dimension `head` give the size of each head. `named` are
    the dimensions along which labels were selected. Raises `ProblemsFound` if the padding itself was selected, or if
    heads of different sizes were.
    """
    for dim in ("d_head", "d_value"):
        if dim not in entries.dims or f"{dim}_size" not in entries.coords:
            continue
        heads, columns = entries["head"].values, entries[f"{dim}_size"].values
        sizes = {str(head): int(size) for head, size in zip(heads, columns, strict=True)}
        if dim in named:
            for head, size in sizes.items():
                gap = next((label for label in entries[dim].values if int(label) > size), None)
                if gap is not None:
                    raise refusal(f"head '{head}' has no {dim} '{gap}' in '{entries.name}'", f"it has 1 … {size}")
        elif len(set(sizes.values())) > 1:
            listed = ", ".join(f"{head}: {size}" for head, size in sizes.items())
            raise refusal(f"the heads differ in their {dim} ({listed})", f"read '{entries.name}' of one head at a time")
        else:
            entries = entries.isel({dim: slice(next(iter(sizes.values())))})
    return entries


def labels_of(traces: Traces, read: Read) -> list[str]:
    """Return the labels along a dimension; raise `ProblemsFound` if there is no such sentence, array or dimension."""
    found = _array(traces, read) if read.name else trace_of(traces, read.sentence)
    dim = read.coords[0][0] if read.coords else str(_array(traces, read).dims[-1])
    if dim not in found.coords:
        raise refusal(f"'{read.name or 'the trace'}' has no dimension '{dim}'")
    if read.coords[1:]:
        found = entries_of(traces, replace(read, coords=read.coords[1:]))
    return [str(label) for label in found[dim].values]


def group_of(traces: Traces, read: Read) -> tuple[list[str], str]:
    """Return all word groups, in the order in which the models name them, and the group of the word ("" for none)."""
    groups: dict[str, None] = {}
    mine = ""
    for trace in traces.values():
        for dim, coordinate in (("vocabulary", "vocabulary_group"), ("token", "group")):
            if coordinate in trace.coords:
                own = [str(group) for group in trace[coordinate].values]
                for label, group in zip(trace[dim].values, own, strict=True):
                    mine = group if visible_word(str(label)) == read.name else mine
                groups |= dict.fromkeys(str(trace.attrs.get("groups", "")).split(",") + own)
    return list(groups), mine


def fact_of(traces: Traces, read: Read) -> str:
    """Return an attribute of a trace as text ("" if it has none); raise `ProblemsFound` if there is no such trace."""
    return str(trace_of(traces, read.sentence).attrs.get(read.name, ""))


def round_significant(values: Any, digits: int = SIGNIFICANT) -> Any:
    """Return values of any shape rounded to `digits` significant digits; NaN and infinities are kept."""
    array = np.asarray(values, dtype=float)
    return np.array([significant(value, digits) for value in array.ravel()]).reshape(array.shape)


def visible_word(token: str) -> str:
    """Return a token label as shown on screen: `an` for `an#2`, the second `an` of a sentence."""
    head, mark, tail = token.rpartition("#")
    return head if mark and tail.isdigit() else token


def told_apart(labels: Sequence[str], among: Sequence[str] | None = None) -> list[str]:
    """Return tokens' words as they are read; those of a word that stands there more than once are numbered: apple₂.

    They stand `among` others, if these are named: those of the whole sentence, say.
    """
    words = [visible_word(label) for label in labels]
    every = words if among is None else [visible_word(label) for label in among]
    which = [label.rpartition("#")[2] if label != word else "1" for label, word in zip(labels, words, strict=True)]
    return [
        word + (number.translate(SUBSCRIPTS) if every.count(word) > 1 else "")
        for word, number in zip(words, which, strict=True)
    ]


def refusal(message: str, hint: str | None = None) -> ProblemsFound:
    """Return the exception with which a verb refuses bad input; whoever plays the shot adds its file and line."""
    return ProblemsFound(Problem(message, hint=hint))


def _array(traces: Traces, read: Read) -> xr.DataArray:
    trace = trace_of(traces, read.sentence)
    if read.name in str(trace.attrs.get("absent", "")).split(","):
        raise refusal(f"there is no array '{read.name}' here", trace.attrs["absent_hint"])
    if read.name not in trace:
        known = did_you_mean(read.name, map(str, trace.data_vars), "the arrays")
        raise refusal(f"the model's trace has no array '{read.name}'", known)
    return trace[read.name]


def _take(array: xr.DataArray, dim: str, labels: Sequence[str]) -> xr.DataArray:
    if dim not in array.dims:
        dims = ", ".join(map(str, array.dims))
        raise refusal(f"'{array.name}' has no dimension '{dim}'", f"its dimensions are {dims}")
    known = {str(value): place for place, value in enumerate(array[dim].values)}
    for label in labels:
        if label not in known:
            hint = did_you_mean(label, known, f"the labels of {dim}")
            raise refusal(f"'{array.name}' has no {dim} '{label}'", hint)
    return array.isel({dim: [known[label] for label in labels]})


def _entries(traces: Traces, read: Read) -> Answer:
    chosen = entries_of(traces, read)
    labels = [[str(dim), [str(label) for label in chosen[dim].values]] for dim in chosen.dims]
    return [labels, round_significant(chosen.values).ravel().tolist()]


_ANSWERS: dict[str, Callable[[Traces, Read], Answer]] = {
    "entries": _entries,
    "labels": labels_of,
    "fact": fact_of,
    "group": lambda traces, read: list(group_of(traces, read)),
    "sentences": lambda traces, read: list(traces),
}
