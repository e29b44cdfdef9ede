"""Fills the numbers of a shot's narration in from the traces."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from attnviz.input.problems import Problem, ProblemsFound, did_you_mean
from attnviz.input.questions import round_significant, unpadded
from attnviz.storyboard.narration import Insert, Spoken, coordinates
from attnviz.storyboard.told import fill

if TYPE_CHECKING:
    import xarray as xr

    from attnviz.input.questions import Traces

_SHIFTED = "shifted_exponentials"


def narration_of(narration: Sequence[Spoken], traces: Traces, decimals: int) -> str:
    """Return the words to be said; its numbers are rounded by the same door as those that are drawn.

    Raises `ProblemsFound` (without a place) for inserts that name nothing, and for numbers that have overflowed.
    """
    return fill(narration, lambda insert: _value(insert, traces), decimals)


def _value(insert: Insert, traces: Traces) -> float:
    entries = entries_said(insert, traces)
    return float(entries.values.item())


def entries_said(insert: Insert, traces: Traces) -> xr.DataArray:
    """Return the entries that an insert names, along the dimensions of which it wants every label: one, without them.

    They are rounded as every number is that is read. Raises `ProblemsFound` (without a place) for an insert that names
    nothing, and for what has overflowed.
    """
    name = next(iter(traces), "") if insert.sentence is None else insert.sentence
    if name not in traces:
        raise _unknown(insert, "sentence", name, traces)
    trace = traces[name]
    if insert.array not in trace:
        raise _unknown(insert, "array", insert.array, map(str, trace.data_vars))
    array = trace[insert.array]
    labels = {str(dim): [str(label) for label in array[dim].values] for dim in array.dims}
    chosen = coordinates(insert, labels)
    entries = unpadded(array.isel({dim: [labels[dim].index(label)] for dim, label in chosen.items()}), chosen)
    entries = entries.copy(data=round_significant(entries.values))
    if (entries.values == math.inf).any():  # what attention computes is finite, but a float can be too small to hold it
        hint = "say `shifted_exponentials`: the row maximum is taken away first" if _SHIFTED in trace else None
        raise ProblemsFound(Problem(f"'{insert.source}' is too large for a floating-point number", hint=hint))
    return entries.isel(dict.fromkeys(chosen, 0))


def _unknown(insert: Insert, what: str, name: str, known: Iterable[str]) -> ProblemsFound:
    hint = did_you_mean(name, known, what)
    return ProblemsFound(Problem(f"'{insert.source}': there is no {what} '{name}'", hint=hint))
