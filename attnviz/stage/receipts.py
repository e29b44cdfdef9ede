"""Receipts: for every number that is drawn, where its value comes from, when and where it stands on screen."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from manim import Mobject, VMobject

from attnviz.stage import frame
from attnviz.stage.flights import Place
from attnviz.stage.numbers import Number
from attnviz.stage.placement import Array, rect_of
from attnviz.stage.typesetting import NumberMark

Box = tuple[float, float, float, float]
VISIBLE = 0.02


@dataclass(frozen=True)
class Way:
    """The way of a number during one play: from when to when (seconds since the shot began), and from where to where.

    `origin` and `goal` are boxes as a receipt's. The way between them may be arched, or lead round what stands there:
    `via` has the middles of the number (in fractions of the frame) at the `MOMENTS` of the play.
    """

    start: float
    end: float
    origin: Box
    goal: Box
    via: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Receipt:
    """One number on screen during one shot.

    `value` has full precision and `text` is what is drawn; `start` and `end` are seconds since the shot began;
    `box` is [x0, y0, x1, y1] in fractions of the frame (origin top left) where the number rests last in the shot.
    `ways` has its moves, and those of its copies that fly to what is computed from it, in the order of the plays.
    """

    text: str
    value: float
    array: str | None
    coords: Mapping[str, str]
    formula: str | None
    shot: str
    start: float
    end: float
    box: Box
    sentence: str = ""  # of the trace that it was read from; "" is the scene's default
    ways: tuple[Way, ...] = ()


@dataclass
class _Entry:
    number: Number
    start: float
    end: float
    box: Box
    ways: list[Way] = field(default_factory=list)
    carried: bool = False


class ReceiptBook:
    """Watches which number marks are on screen, play after play.

    `brought` are the numbers that came with each of a shot's plays. `carried` tells, in the order of the receipts of
    the shot that was closed last, which of their numbers were on screen before it began.
    """

    def __init__(self) -> None:
        self._entries: dict[NumberMark, _Entry] = {}
        self._gone: list[_Entry] = []
        self._leaving: dict[NumberMark, tuple[Box, bool]] = {}
        self._courses: Mapping[NumberMark, Sequence[Place]] = {}
        self.brought: list[list[Number]] = []
        self.carried: list[bool] = []

    def depart(self, moving: Iterable[Mobject], courses: Mapping[NumberMark, Sequence[Place]] | None = None) -> None:
        """Note where the numbers among what a play is about to move stand as it begins, and which courses they take."""
        self._courses = courses or {}
        marks = dict.fromkeys(mobject for mobject in moving if isinstance(mobject, NumberMark))
        self._leaving = {mark: (box_of(mark), is_visible(mark)) for mark in marks if mark.submobjects}

    def observe(self, family: Iterable[Mobject], began: float, now: float) -> None:
        """Note the numbers on screen at the end of a play; `began` and `now` are seconds since the shot began."""
        seen = dict.fromkeys(m for m in family if isinstance(m, NumberMark) and is_visible(m))
        self.brought.append([mark.number for mark in seen if mark not in self._entries])
        for mark in seen:
            if mark in self._entries:
                self._entries[mark].end, self._entries[mark].box = now, box_of(mark)
            else:
                self._entries[mark] = _Entry(mark.number, began, now, box_of(mark))
        for mark in [mark for mark in self._entries if mark not in seen]:
            entry = self._entries.pop(mark)
            entry.end = now
            self._gone.append(entry)
        leaving, self._leaving = self._leaving, {}
        courses, self._courses = self._courses, {}
        for mark, (origin, shown) in leaving.items():
            goal = box_of(mark)
            way = Way(began, now, origin, goal, _via(courses.get(mark, ()), origin, goal))
            if _leads_away(way):
                self._note(mark, way, seen=shown)

    def _note(self, mark: NumberMark, way: Way, *, seen: bool) -> None:
        """Keep a way with the number that took it: the mark's own, or the one that it is a copy of."""
        others = itertools.chain(self._entries.values(), reversed(self._gone))
        alike = (entry for entry in others if entry.number is mark.number)
        entry = self._entries.get(mark) or next(alike, None)
        if entry is None and seen:  # it is seen on its way only
            entry = _Entry(mark.number, way.start, way.end, way.goal)
            self._gone.append(entry)
        if entry is not None:
            entry.ways.append(way)

    def close(self, shot: str, now: float) -> list[Receipt]:
        """End the shot at time `now`: return its receipts; what is on screen starts anew in the next shot."""
        for entry in self._entries.values():
            entry.end = now
        entries = self._gone + list(self._entries.values())
        receipts = [_receipt(entry, shot) for entry in entries]
        self.carried = [entry.carried for entry in entries]
        self._gone, self.brought = [], []
        for entry in self._entries.values():
            entry.start = entry.end = 0.0
            entry.ways, entry.carried = [], True
        return receipts


def _receipt(entry: _Entry, shot: str) -> Receipt:
    number = entry.number
    unit = {"%": " %", "°": "°"}.get(number.unit, "")
    return Receipt(
        number.text + unit,
        number.value,
        number.array,
        dict(number.coords),
        number.formula,
        shot,
        entry.start,
        entry.end,
        entry.box,
        number.sentence,
        tuple(entry.ways),
    )


def _via(course: Sequence[Place], origin: Box, goal: Box) -> tuple[tuple[float, float], ...]:
    """Return where the middle of a number is in the course of its way, in fractions of the frame."""
    (x0, y0), (x1, y1) = (((box[0] + box[2]) / 2, (box[1] + box[3]) / 2) for box in (origin, goal))
    middles = [
        (x0 + place * (x1 - x0), y0 + place * (y1 - y0)) if isinstance(place, float) else _in_frame(place)
        for place in course
    ]
    return tuple((round(x, 5), round(y, 5)) for x, y in middles)


def _in_frame(place: Array) -> tuple[float, float]:
    return float(place[0]) / frame.WIDTH + 0.5, 0.5 - float(place[1]) / frame.HEIGHT


def _leads_away(way: Way) -> bool:
    """Tell whether a number moves by more than its height: it does less where it rolls in its place, or fades in."""
    one, other = way.origin, way.goal
    height = max(box[3] - box[1] for box in (one, other)) * frame.HEIGHT
    across, down = ((one[k] + one[k + 2] - other[k] - other[k + 2]) / 2 for k in (0, 1))
    return max(abs(across) * frame.WIDTH, abs(down) * frame.HEIGHT) > height


def is_visible(mobject: Mobject) -> bool:
    """Tell whether any outline of a mobject, such as a glyph of a number, is painted."""
    return any(
        g.get_fill_opacity() > VISIBLE or (g.get_stroke_opacity() > VISIBLE and g.get_stroke_width() > 0)
        for g in mobject.get_family()
        if isinstance(g, VMobject) and g.has_points()
    )


def box_of(mobject: Mobject) -> Box:
    """Return [x0, y0, x1, y1] of a mobject in fractions of the frame, origin top left."""
    left, bottom, right, top = rect_of(mobject)
    w, h = frame.WIDTH, frame.HEIGHT
    return tuple(
        round(v, 5) for v in ((left + w / 2) / w, (h / 2 - top) / h, (right + w / 2) / w, (h / 2 - bottom) / h)
    )  # type: ignore[return-value]
