"""The numbers on screen: each receipt with the entry that it was read from, or those that its formula names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from attnviz.input.strict_json import strict
from attnviz.page.formulas import is_derived, named_in

if TYPE_CHECKING:
    from fractions import Fraction

    from attnviz.page.tables import KeptArray, KeptArrays
    from attnviz.page.traces import KeptTraces
    from attnviz.page.workings import Index
    from attnviz.publish.shown import ShownShot
    from attnviz.storyboard.cues import NumberNamed

PLACES = 10_000
"""Boxes are told in so many parts of the frame's width and height."""
STEPS = 250


def milliseconds(seconds: float | Fraction) -> int:
    """Return a time as the page has it."""
    return round(seconds * 1000)


class Finder:
    """Finds the entries of arrays that numbers are of, and has them kept."""

    def __init__(self, traces: KeptTraces, arrays: KeptArrays) -> None:
        self._traces, self._arrays = traces, arrays

    def trace(self, shot: ShownShot, sentence: str) -> int:
        """Return the place of the trace that a number of a shot is of, or -1: a title card has none."""
        return self._traces.of(shot, sentence)[0] if shot.traces else -1

    def entry(
        self, shot: ShownShot, sentence: str, array: str, coords: Mapping[str, str]
    ) -> tuple[KeptArray, Index] | None:
        """Return an array with the place of an entry; None if the traces of today have no such entry."""
        if not shot.traces:
            return None
        place, trace = self._traces.of(shot, sentence)
        if array not in trace:
            return None
        kept = self._arrays.of(place, trace, array, shot.scene.spec)
        index = kept.index_of(coords)
        if index is not None:
            kept.needed[index] = None
        return None if index is None else (kept, index)

    def named(self, shot: ShownShot, number: NumberNamed) -> tuple[KeptArray, Index] | None:
        """Return the entry that is said."""
        return self.entry(shot, number.sentence, number.array, number.coords)


class ShownNumber:
    """A receipt of a shot; `plain` can be asked for once it is known which entries are kept."""

    def __init__(self, shot: ShownShot, receipt: Mapping[str, Any], finder: Finder, fps: int) -> None:
        self._shot, self._receipt = shot, receipt
        self._began = float(shot.seconds(fps)[0])
        self._trace = finder.trace(shot, receipt["sentence"])
        self._entry = receipt["array"] and finder.entry(shot, receipt["sentence"], receipt["array"], receipt["coords"])
        named = named_in(receipt["formula"], shot.traces, receipt["sentence"]) if receipt["formula"] else ()
        found = [(each, finder.entry(shot, each.sentence, each.array, each.coords)) for each in named]
        self._inputs = [(each.start, each.end, entry) for each, entry in found if entry]

    def plain(self) -> dict[str, Any]:
        """Return the number as the page has it."""
        receipt, entry = self._receipt, self._entry
        left, top, right, bottom = _parts(receipt["box"])
        return {
            "text": receipt["text"],
            "array": entry[0].number if entry else -1,
            "entry": entry[0].place(entry[1]) if entry else -1,
            "value": None if entry else strict(float(receipt["value"])),
            "formula": receipt["formula"],
            "derived": is_derived(receipt["formula"], self._shot.traces),
            "inputs": [[start, end, array.number, array.place(index)] for start, end, (array, index) in self._inputs],
            "trace": self._trace,
            "start": self._time(receipt["start"]),
            "end": self._time(receipt["end"]),
            "left": left,
            "top": top,
            "width": right - left,
            "height": bottom - top,
            "ways": self._ways,
        }

    @cached_property
    def _ways(self) -> list[list[int]]:
        return [
            [
                *(self._time(way[name]) for name in ("start", "end")),
                *_parts(way["origin"]),
                *_parts(way["goal"]),
                *_course(way["via"], way["origin"], way["goal"]),
            ]
            for way in self._receipt["ways"]
        ]

    def _time(self, seconds: float) -> int:
        return milliseconds(seconds + self._began)


def _parts(box: Iterable[float]) -> list[int]:
    return [round(edge * PLACES) for edge in box]


def _course(via: Sequence[Sequence[float]], origin: Sequence[float], goal: Sequence[float]) -> list[int]:
    """Return of the middles on a way how much of it is behind each, then how far each is off it, in `STEPS` of it.

    Most ways are alike, told so, which takes little room when it is packed.
    """
    start, end = (np.array([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2]) for box in (origin, goal))
    along = end - start
    across = np.array([-along[1], along[0]])
    length = float(along @ along) or 1.0
    off = [np.array(middle) - start for middle in via]
    return [round(float(each @ axis) / length * STEPS) for axis in (along, across) for each in off]
