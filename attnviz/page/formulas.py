"""The formula of a derived number: which entries of arrays it names, and where."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import xarray as xr

    from attnviz.input.questions import Traces

_NAME = re.compile(r"[^\W\d]\w*")
_SENTENCE = re.compile(r" of '(?P<name>[^']*)'")
SCHEMATIC = "tick of"
"""How the formula of a number begins that only helps to read a picture."""


@dataclass(frozen=True)
class Named:
    """An entry that a formula names from one character up to another: its sentence, its array, its labels."""

    start: int
    end: int
    sentence: str
    array: str
    coords: dict[str, str]


def is_derived(formula: str | None, traces: Traces) -> bool:
    """Tell whether a number was computed from arrays: its formula names one, and it is no tick of an axis."""
    if not formula or formula.startswith(SCHEMATIC):
        return False
    return any(found[0] in trace.data_vars for found in _NAME.finditer(formula) for trace in traces.values())


def named_in(formula: str, traces: Traces, sentence: str) -> Iterator[Named]:
    """Yield the entries that a formula names, such as `norm[apple]`, or `norm[apple] of 'fruit'` of another sentence.

    `sentence` is that of the number itself. What names more than one entry is left out.
    """
    for found in _NAME.finditer(formula):
        if not formula.startswith("[", found.end()):
            continue
        for name, trace in _with_own_first(traces, sentence):
            if found[0] not in trace.data_vars:
                continue
            labels = _labels(formula, found.end() + 1, trace[found[0]])
            if labels is None:
                continue
            coords, end = labels
            other = _SENTENCE.match(formula, end)
            of, end = (other["name"], other.end()) if other and other["name"] in traces else (name, end)
            if of == name or _labels(formula, found.end() + 1, traces[of][found[0]]) is not None:
                yield Named(found.start(), end, of, found[0], coords)
                break


def _with_own_first(traces: Traces, sentence: str) -> Sequence[tuple[str, xr.Dataset]]:
    own = sentence if sentence in traces else next(iter(traces), "")
    return sorted(traces.items(), key=lambda each: each[0] != own)


def _labels(formula: str, start: int, array: xr.DataArray) -> tuple[dict[str, str], int] | None:
    """Return the label along each dimension of an array, as a formula names them from `start` on, and where they end.

    A label may have any characters in it: it is known by the array, not by where a comma stands.
    """
    coords: dict[str, str] = {}
    dims = list(map(str, array.dims))
    for place, dim in enumerate(dims):
        sign = "]" if place == len(dims) - 1 else ", "
        known = sorted((str(label) for label in array[dim].values), key=len, reverse=True)
        label = next((each for each in known if formula.startswith(each + sign, start)), None)
        if label is None:
            return None
        coords[dim] = label
        start += len(label) + len(sign)
    return (coords, start) if dims else None
