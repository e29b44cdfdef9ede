"""Directions beside lines, and how far from them boxes of a size must be."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from manim import Mobject

from attnviz.stage.placement import Array

SHARES = (0.5, 0.3, 0.7)
"""Where a label may stand along a line."""


def direction(start: Array, end: Array) -> Array:
    """Return the direction (of length 1, or 0) from one point to another."""
    way = np.asarray(end - start, dtype=float)
    return way / max(float(np.linalg.norm(way)), 1e-9)


def beside(start: Array, end: Array) -> Array:
    """Return the direction to the left of the way from one point to another."""
    along = direction(start, end)
    return np.array([-along[1], along[0], 0.0])


def along_line(places: Sequence[Array], choice: int) -> tuple[Array, Array]:
    """Return the side of a line on which a label stands, to the left of it if the choice is even, and its place there.

    The place is that on the line, at its middle or nearer to an end.
    """
    away = beside(places[0], places[1]) * (1 if choice % 2 == 0 else -1)
    return away, np.asarray(places[0] + SHARES[choice // 2] * (places[1] - places[0]))


def reach(size: tuple[float, float], away: Array) -> float:
    """Return how far the centre of a box must be from a line so that the box, on the side `away`, ends at the line."""
    return float(abs(away[0]) * size[0] + abs(away[1]) * size[1]) / 2


def to_edge(half: Sequence[float], along: Array) -> float:
    """Return the distance from the centre of a box to its edge in a direction; `half` is half its width and height."""
    return min(float(each) / max(abs(float(part)), 1e-9) for each, part in zip(half, along, strict=False))


def arc_between(places: Sequence[Array], scale: float = 1.0) -> Array:
    """Return points, shape (25, 3), along the shorter arc between two lines from a vertex, the second of three points.

    A narrow angle gets a larger radius, so that it can be seen; `scale` makes it larger or smaller.
    """
    first, second = (place - places[1] for place in (places[0], places[2]))
    start = math.atan2(first[1], first[0])
    turn = (math.atan2(second[1], second[0]) - start + math.pi) % (2 * math.pi) - math.pi
    most = 0.7 * min(float(np.linalg.norm(first)), float(np.linalg.norm(second)))
    radius = scale * min(max(0.75, 0.26 / max(abs(math.sin(turn / 2)), 0.02)), most)
    angles = start + turn * np.linspace(0, 1, 25)
    return np.asarray(places[1] + radius * np.stack([np.cos(angles), np.sin(angles), 0 * angles], axis=1))


def size_of(mobject: Mobject) -> tuple[float, float]:
    """Return the width and height of a mobject."""
    return float(mobject.width), float(mobject.height)
