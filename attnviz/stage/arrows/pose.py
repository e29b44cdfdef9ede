"""How a plane of arrows stands on screen, and where its vectors are seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from attnviz.stage.placement import Array, Rect, clipped
from attnviz.stage.planes.plane import project

FAR = 40.0
"""How far (frame units) axes reach before they are cut at the window's edges."""


@dataclass(frozen=True)
class Pose:
    """How a field stands: its view, the place of its origin, its unit, and where its window ends on the right.

    `near` is how much of the ticks around the unit circle is seen in place of the others (0 … 1).
    """

    view: tuple[float, float]
    origin: tuple[float, float]
    unit: float
    right: float
    near: float = 0.0

    def towards(self, other: Pose, share: float) -> Pose:
        """Return the pose on the way to another."""
        if share >= 1:
            return other
        one, goal = (np.array([*p.view, *p.origin, p.unit, p.right, p.near]) for p in (self, other))
        a, b, x, y, unit, right, near = (float(v) for v in one + share * (goal - one))
        return Pose((a, b), (x, y), unit, right, near)


def seen(pose: Pose, vector: Array | Sequence[float]) -> Array:
    """Return the point on screen of a vector in a pose."""
    return np.array([*pose.origin, 0.0]) + pose.unit * project(np.asarray(vector, dtype=float), pose.view)


def within(start: Array, end: Array, window: Rect) -> tuple[Array, Array] | None:
    """Return the ends of the part of a segment that is within a window, if there is one."""
    return clipped(start, end - start, window, (0.0, 1.0))


def on_axis(axis: int, value: float) -> Array:
    """Return the vector with one coordinate."""
    vector = np.zeros(3)
    vector[axis] = value
    return vector


def subpaths(lines: Sequence[tuple[Array, Array]]) -> Array:
    """Return the points of one mobject that draws straight lines."""
    if not lines:
        return np.zeros((0, 3))
    return np.concatenate([np.linspace(a, b, 4) for a, b in lines])
