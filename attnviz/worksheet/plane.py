"""A small plane with words on it, to draw where a word goes; the key draws it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT = 300.0, 220.0
MARGIN = 34.0
"""Of the drawing, in its own units; a tick has room beside it."""
MOST_TICKS = 7

Point = tuple[float, float]


@dataclass(frozen=True)
class Plane:
    """Words at their points, and where one of them goes; `axes` are named across and upwards."""

    axes: tuple[str, str]
    points: Mapping[str, Point]
    mover: str
    goal: Point

    def plain(self) -> dict[str, Any]:
        """Return it as plain data in units of the drawing, which is `width` by `height`, origin top left."""
        frame = _Frame([*self.points.values(), self.goal, (0.0, 0.0)])
        return {
            "width": max(frame.x(frame.high[0]), 180.0) + MARGIN,
            "height": HEIGHT,
            "axes": self.axes,
            "across": [{"at": frame.x(tick), "text": _digits(tick)} for tick in frame.ticks(0)],
            "up": [{"at": frame.y(tick), "text": _digits(tick)} for tick in frame.ticks(1)],
            "zero": {"x": frame.x(0), "y": frame.y(0)},
            "left": MARGIN,
            "bottom": HEIGHT - MARGIN,
            "points": [{"text": text, "x": frame.x(x), "y": frame.y(y)} for text, (x, y) in self.points.items()],
            "arrow": frame.arrow(self.points[self.mover], self.goal),
        }


class _Frame:
    """Leads from coordinates to places in the drawing, at one scale along both axes."""

    def __init__(self, points: list[Point]) -> None:
        self.low = [math.floor(min(point[axis] for point in points)) for axis in (0, 1)]
        self.high = [math.ceil(max(point[axis] for point in points) + 0.2) for axis in (0, 1)]
        room = (WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN)
        self.scale = min(room[axis] / (self.high[axis] - self.low[axis]) for axis in (0, 1))

    def x(self, value: float) -> float:
        return round(MARGIN + (value - self.low[0]) * self.scale, 2)

    def y(self, value: float) -> float:
        return round(HEIGHT - MARGIN - (value - self.low[1]) * self.scale, 2)

    def ticks(self, axis: int) -> list[float]:
        span = self.high[axis] - self.low[axis]
        step = max(1, math.ceil(span / MOST_TICKS))
        return [float(tick) for tick in range(self.low[axis], self.high[axis] + 1, step)]

    def arrow(self, start: Point, end: Point) -> dict[str, Any]:
        """Return a line with the two strokes of its head; no head where it goes nowhere."""
        (x0, y0), (x1, y1) = ((self.x(point[0]), self.y(point[1])) for point in (start, end))
        angle, size = math.atan2(y1 - y0, x1 - x0), min(8.0, math.hypot(x1 - x0, y1 - y0) / 2)
        head = [
            {"x": round(x1 - size * math.cos(angle + turn), 2), "y": round(y1 - size * math.sin(angle + turn), 2)}
            for turn in (0.4, -0.4)
        ]
        return {"x0": x0, "y0": y0, "x1": x1, "y1": y1, "head": head}


def plane_of(axes: list[str], points: Mapping[str, list[float]], mover: str, goal: list[float]) -> Plane | None:
    """Return the plane of the first two axes; None if words differ along others, or are too far from each other."""
    every = [*points.values(), goal]
    flat = len(axes) >= 2 and len(goal) == len(axes) and not any(value for point in every for value in point[2:])
    if not flat or max(abs(value) for point in every for value in point) > 100:
        return None
    placed = {text: (point[0], point[1]) for text, point in points.items()}
    return Plane((axes[0], axes[1]), placed, mover, (goal[0], goal[1]))


def _digits(tick: float) -> str:
    return f"{tick:.0f}".replace("-", "−")
