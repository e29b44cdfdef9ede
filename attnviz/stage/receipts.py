"""Receipts: for every number that is drawn, where its value comes from, when and where it stands on screen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from manim import Mobject, VMobject

from attnviz.stage import frame
from attnviz.stage.numbers import Number
from attnviz.stage.placement import rect_of
from attnviz.stage.typesetting import NumberMark

Box = tuple[float, float, float, float]
VISIBLE = 0.02


@dataclass(frozen=True)
class Receipt:
    """One number on screen during one shot.

    `value` has full precision and `text` is what is drawn; `start` and `end` are seconds since the shot began;
    `box` is [x0, y0, x1, y1] in fractions of the frame (origin top left) where the number rests last in the shot.
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


@dataclass
class _Entry:
    number: Number
    start: float
    end: float
    box: Box


class ReceiptBook:
    """Watches which number marks are on screen, play after play."""

    def __init__(self) -> None:
        self._entries: dict[NumberMark, _Entry] = {}
        self._gone: list[_Entry] = []

    def observe(self, family: Iterable[Mobject], began: float, now: float) -> None:
        """Note the numbers on screen at the end of a play; `began` and `now` are seconds since the shot began."""
        seen = dict.fromkeys(m for m in family if isinstance(m, NumberMark) and is_visible(m))
        for mark in seen:
            if mark in self._entries:
                self._entries[mark].end, self._entries[mark].box = now, box_of(mark)
            else:
                self._entries[mark] = _Entry(mark.number, began, now, box_of(mark))
        for mark in [mark for mark in self._entries if mark not in seen]:
            entry = self._entries.pop(mark)
            entry.end = now
            self._gone.append(entry)

    def close(self, shot: str, now: float) -> list[Receipt]:
        """End the shot at time `now`: return its receipts; what is on screen starts anew in the next shot."""
        for entry in self._entries.values():
            entry.end = now
        entries = self._gone + list(self._entries.values())
        receipts = [_receipt(entry, shot) for entry in entries]
        self._gone = []
        for entry in self._entries.values():
            entry.start = entry.end = 0.0
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
    )


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
