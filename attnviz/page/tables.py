"""The arrays that a page shows: each once, whole if it is small, else the part in which its numbers are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from attnviz.input.strict_json import strict
from attnviz.page.workings import Index, Working, holds, taken, workings_of

if TYPE_CHECKING:
    import xarray as xr

    from attnviz.storyboard.types import SceneSpec

WHOLE = 400  # entries up to which an array is kept whole
WINDOW = 12  # rows and columns that are kept of a larger one, at least
TERMS = 6  # of a long sum so many are written out


@dataclass(eq=False)
class KeptArray:
    """An array of one trace, and those of its entries that the page needs; `trace` is the place of its trace there.

    `spec` is a scene that reads it. `working` tells how its entries are worked out, if that gives all that are needed.
    `kept` has, once these are known, for each dimension the places of the labels that are kept.
    """

    trace: int
    number: int
    of: xr.Dataset
    name: str
    spec: SceneSpec
    needed: dict[Index, None] = field(default_factory=dict)
    working: Working | None = None
    kept: tuple[tuple[int, ...], ...] = ()

    @cached_property
    def entries(self) -> xr.DataArray:
        """All entries."""
        return self.of[self.name]

    @cached_property
    def dims(self) -> tuple[str, ...]:
        """The names of its dimensions."""
        return tuple(map(str, self.entries.dims))

    @cached_property
    def labels(self) -> tuple[tuple[str, ...], ...]:
        """The labels along each dimension, as receipts have them."""
        return tuple(tuple(str(label) for label in self.entries[dim].values) for dim in self.dims)

    def index_of(self, coords: Mapping[str, str]) -> Index | None:
        """Return the place of an entry by its labels, or None; a dimension with one entry can be left out."""
        try:
            return tuple(
                labels.index(coords[dim]) if len(labels) > 1 or dim in coords else 0
                for dim, labels in zip(self.dims, self.labels, strict=True)
            )
        except (KeyError, ValueError):
            return None

    def labels_of(self, index: Index) -> dict[str, str]:
        """Return the labels of an entry, by dimension."""
        return {dim: own[at] for dim, own, at in zip(self.dims, self.labels, index, strict=True)}

    def value(self, index: Index) -> float:
        """Return one entry at full precision."""
        return float(self.entries.values[index])

    def settle(self) -> None:
        """Decide what is kept: all that is needed and, of a large array, the first rows and columns beside it."""
        shape = self.entries.shape
        if self.entries.size <= WHOLE:
            self.kept = tuple(tuple(range(size)) for size in shape)
            return
        first = [min(size, WINDOW) if dim >= len(shape) - 2 else 0 for dim, size in enumerate(shape)]
        needed = [{index[dim] for index in self.needed} for dim in range(len(shape))]
        self.kept = tuple(tuple(sorted({*range(few), *own})) for few, own in zip(first, needed, strict=True))

    def place(self, index: Index) -> int:
        """Return where an entry stands among those that are kept, row by row."""
        where = [kept.index(each) for kept, each in zip(self.kept, index, strict=True)]
        return int(np.ravel_multi_index(where, [len(kept) for kept in self.kept])) if where else 0

    def values(self) -> list[Any]:
        """Return the entries that are kept, as strict JSON has them."""
        chosen = self.entries.values[np.ix_(*self.kept)] if self.kept else self.entries.values
        return [strict(_shortest(value)) for value in np.asarray(chosen, dtype=float).ravel()]


class KeptArrays:
    """All arrays of a page, by trace and name, in the order in which they are first asked for."""

    def __init__(self) -> None:
        self._kept: dict[tuple[int, str], KeptArray] = {}

    def __iter__(self) -> Iterator[KeptArray]:
        return iter(list(self._kept.values()))

    def of(self, trace: int, dataset: xr.Dataset, name: str, spec: SceneSpec) -> KeptArray:
        """Return an array of the trace that has this place on the page, as a scene sees it."""
        if (trace, name) not in self._kept:
            self._kept[trace, name] = KeptArray(trace, len(self._kept), dataset, name, spec)
        return self._kept[trace, name]

    def settle(self) -> None:
        """Add what the entries that are needed are worked out from, and so on, and decide what is kept of all."""
        waiting = list(self)
        while waiting:
            array = waiting.pop()
            array.working = array.working or next(
                (each for each in workings_of(array.of, array.name) if _gives(each, array)), None
            )
            for operand in array.working.operands if array.working else ():
                other = self.of(array.trace, array.of, operand.array, array.spec)
                before = len(other.needed)
                for index in array.needed:
                    other.needed |= dict.fromkeys(taken(array.of, operand, array.labels_of(index))[:TERMS])
                if len(other.needed) > before:
                    waiting.append(other)
        for array in self:
            if array.working is not None and not _gives(array.working, array):
                array.working = None
            array.settle()


def _gives(working: Working, array: KeptArray) -> bool:
    """Tell whether a calculation gives all entries that are needed of an array."""
    return all(holds(array.of, working, array.labels_of(index), array.value(index)) for index in array.needed)


def _shortest(value: float) -> float | int:
    """Return a whole number as such: it is written without a point, and read as the same."""
    return int(value) if np.isfinite(value) and value == int(value) and abs(value) < 1e15 else float(value)
