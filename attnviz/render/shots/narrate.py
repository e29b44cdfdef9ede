"""Fills the numbers of a shot's narration in from the traces."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from attnviz.input.problems import Problem, ProblemsFound, did_you_mean
from attnviz.input.questions import round_significant, unpadded
from attnviz.storyboard.cues import NumberNamed
from attnviz.storyboard.narration import Insert, Mark, Spoken, coordinates
from attnviz.storyboard.told import MarkAt, NumberAt, Told, told

if TYPE_CHECKING:
    import xarray as xr

    from attnviz.input.questions import Traces

_SHIFTED = "shifted_exponentials"


def names_numbers(narration: Sequence[Spoken]) -> bool:
    """Tell whether a narration names numbers of a trace, to say them or to point at them."""
    targets = [target for piece in narration if isinstance(piece, Mark) for target in piece.targets]
    return any(isinstance(each, Insert) for each in (*narration, *targets))


def narration_of(narration: Sequence[Spoken], traces: Traces, decimals: int) -> Told:
    """Return what is said; its numbers are rounded by the same door as those that are drawn.

    Raises `ProblemsFound` (without a place) for inserts that name nothing, and for numbers that have overflowed.
    """
    said = told(narration, lambda insert: float(entries_said(insert, traces).values.item()), decimals)
    numbers = tuple(replace(number, named=_named(number.insert, traces)) for number in said.numbers)
    marks = tuple(replace(each, named=_targets(each.mark, traces)) for each in said.marks)
    return Told(said.text, marks, numbers)


def plain_told(said: Told) -> dict[str, Any]:
    """Return what is said as plain data, without what the storyboard itself says."""
    return {
        "text": said.text,
        "marks": [[mark.at, [_plain(each) for each in mark.named]] for mark in said.marks],
        "numbers": [[number.start, number.end, _plain(number.named)] for number in said.numbers],
    }


def told_again(plain: dict[str, Any], narration: Sequence[Spoken]) -> Told:
    """Return what was said with the same narration, as it was kept."""
    inserts = [piece for piece in narration if isinstance(piece, Insert)]
    marks = [piece for piece in narration if isinstance(piece, Mark)]
    return Told(
        plain["text"],
        tuple(
            MarkAt(mark, at, tuple(each if isinstance(each, str) else NumberNamed(*each) for each in named))
            for mark, (at, named) in zip(marks, plain["marks"], strict=True)
        ),
        tuple(
            NumberAt(insert, start, end, NumberNamed(*named))
            for insert, (start, end, named) in zip(inserts, plain["numbers"], strict=True)
        ),
    )


def _plain(named: str | NumberNamed | None) -> Any:
    return [named.array, dict(named.coords), named.sentence] if isinstance(named, NumberNamed) else named


def _targets(mark: Mark, traces: Traces) -> tuple[str | NumberNamed, ...]:
    return tuple(each if isinstance(each, str) else _named(each, traces) for each in mark.targets)


def _named(insert: Insert, traces: Traces) -> NumberNamed:
    """Return the number that an insert names as a receipt would; raises `ProblemsFound`."""
    name, array = _array_of(insert, traces)
    chosen = coordinates(insert, {str(dim): [str(label) for label in array[dim].values] for dim in array.dims})
    return NumberNamed(insert.array, chosen, "" if name == next(iter(traces)) else name)


def entries_said(insert: Insert, traces: Traces) -> xr.DataArray:
    """Return the entries that an insert names, along the dimensions of which it wants every label: one, without them.

    They are rounded as every number is that is read. Raises `ProblemsFound` (without a place) for an insert that names
    nothing, and for what has overflowed.
    """
    name, array = _array_of(insert, traces)
    labels = {str(dim): [str(label) for label in array[dim].values] for dim in array.dims}
    chosen = coordinates(insert, labels)
    entries = unpadded(array.isel({dim: [labels[dim].index(label)] for dim, label in chosen.items()}), chosen)
    entries = entries.copy(data=round_significant(entries.values))
    if (entries.values == math.inf).any():  # what attention computes is finite, but a float can be too small to hold it
        hint = "say `shifted_exponentials`: the row maximum is taken away first" if _SHIFTED in traces[name] else None
        raise ProblemsFound(Problem(f"'{insert.source}' is too large for a floating-point number", hint=hint))
    return entries.isel(dict.fromkeys(chosen, 0))


def _array_of(insert: Insert, traces: Traces) -> tuple[str, xr.DataArray]:
    """Return the sentence of whose trace an insert wants a number, and the array."""
    name = next(iter(traces), "") if insert.sentence is None else insert.sentence
    if name not in traces:
        raise _unknown(insert, "sentence", name, traces)
    if insert.array not in traces[name]:
        raise _unknown(insert, "array", insert.array, map(str, traces[name].data_vars))
    return name, traces[name][insert.array]


def _unknown(insert: Insert, what: str, name: str, known: Iterable[str]) -> ProblemsFound:
    hint = did_you_mean(name, known, what)
    return ProblemsFound(Problem(f"'{insert.source}': there is no {what} '{name}'", hint=hint))
