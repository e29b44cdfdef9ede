"""Label placement: each label goes beside its point, where it covers least."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import combinations, pairwise

import numpy as np
from manim import Mobject
from numpy.typing import NDArray

Array = NDArray[np.float64]
"""A vector, a matrix, or a point on screen (x, y, 0 in frame units)."""
Rect = tuple[float, float, float, float]
"""Left, bottom, right, top, in frame units."""
ROUNDS = 6
"""The maximal number of rounds in which pairs of labels look for better places."""


def rect_of(mobject: Mobject, grow: float = 0.0) -> Rect:
    """Return the bounding box of a mobject, grown by `grow` (frame units) on each side; of one without points, 0.

    Manim's `get_left` and the like look at all points again for each side.
    """
    points = mobject.get_points_defining_boundary()
    if not len(points):
        return -grow, -grow, grow, grow
    (left, bottom), (right, top) = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    return float(left) - grow, float(bottom) - grow, float(right) + grow, float(top) + grow


def around(center: Array, size: tuple[float, float]) -> Rect:
    """Return the rectangle of the given size (width, height) around a centre."""
    (x, y), (w, h) = center[:2], size
    return (float(x) - w / 2, float(y) - h / 2, float(x) + w / 2, float(y) + h / 2)


def squares(spots: Iterable[Array], half: float) -> list[Rect]:
    """Return squares around points on screen, as obstacles for labels; `half` is half a side."""
    return [(float(p[0]) - half, float(p[1]) - half, float(p[0]) + half, float(p[1]) + half) for p in spots]


def rects_along(start: Array, end: Array, size: float = 0.14) -> list[Rect]:
    """Return small squares (of side `size`, frame units) that cover a line segment, as obstacles for labels."""
    parts = max(1, round(float(np.linalg.norm(end - start)) / size))
    return squares([start + (end - start) * (k + 0.5) / parts for k in range(parts)], size / 2)


def rects_on_way(stops: Sequence[Array]) -> list[Rect]:
    """Return small squares that cover the polyline through `stops`, as obstacles for labels."""
    return [rect for start, end in pairwise(stops) for rect in rects_along(start, end)]


def between(before: Array, after: Array, share: float) -> Array:
    """Return the point at a share of the way from one point to another."""
    return np.asarray(before + share * (after - before))


def middle_of(rect: Rect) -> Rect:
    """Return the middle of a rectangle: what a name may touch, but not cover."""
    x0, y0, x1, y1 = rect
    dx, dy = (x1 - x0) / 4, (y1 - y0) / 4
    return (x0 + dx, y0 + dy, x1 - dx, y1 - dy)


def overlap(a: Rect, b: Rect) -> float:
    """Return the area of the intersection of two rectangles."""
    return max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))


def together(costs: Array, choices: Sequence[Sequence[Rect]]) -> list[int]:
    """Return the index of the place that each label takes, by a local search for a low total cost.

    `costs` (label, place) are those of the places by themselves; the areas by which labels overlap are added to them.
    """
    count, places = costs.shape
    every = [(x0 - 0.07, y0 - 0.025, x1 + 0.07, y1 + 0.025) for rects in choices for x0, y0, x1, y1 in rects]
    shared = 10 * overlaps(every, every).reshape(count, places, count, places)
    labels = np.arange(count)
    shared[labels, :, labels, :] = 0.0
    chosen = costs.argmin(axis=1)
    for _ in range(ROUNDS):
        before = chosen.copy()
        for one, other in combinations(range(count), 2):
            # The cost of each place of the two labels, while all others stay where they are
            first, second = (costs[own] + shared[own][:, labels, chosen].sum(axis=1) for own in (one, other))
            first, second = first - shared[one, :, other, chosen[other]], second - shared[other, :, one, chosen[one]]
            joint = first[:, None] + second[None, :] + shared[one, :, other, :]
            a, b = np.unravel_index(joint.argmin(), joint.shape)
            if joint[a, b] < joint[chosen[one], chosen[other]] - 1e-9:
                chosen[one], chosen[other] = a, b
        if (chosen == before).all():
            break
    return [int(choice) for choice in chosen]


def costs_of(rects: Sequence[Rect], taken: Sequence[Rect], bounds: Rect) -> Array:
    """Return the cost of each rectangle: what it covers of those taken, and how much of it is out of bounds."""
    left, bottom, right, top = np.array(rects, dtype=float).T
    outside = (right - left) * (top - bottom) - overlaps(rects, [bounds])[0]
    return 10 * overlaps(rects, taken).sum(axis=0) + 40 * outside


def overlaps(rects: Sequence[Rect], others: Sequence[Rect]) -> Array:
    """Return the areas of intersection of all pairs of rectangles, shape (others, rects)."""
    one = np.array(rects, dtype=float).reshape(-1, 4)
    other = np.array(others, dtype=float).reshape(-1, 1, 4)
    wide = np.minimum(one[:, 2], other[..., 2]) - np.maximum(one[:, 0], other[..., 0])
    high = np.minimum(one[:, 3], other[..., 3]) - np.maximum(one[:, 1], other[..., 1])
    return np.maximum(0.0, wide) * np.maximum(0.0, high)


def doubt(rect: Rect, own: Array, strangers: Sequence[Array]) -> float:
    """Return the cost of a label that is about as close to a stranger's dot as to its own, which would mislead."""
    middle = np.array([(rect[0] + rect[2]) / 2, (rect[1] + rect[3]) / 2])
    edge, center = distance(rect, own), float(np.linalg.norm(middle - own[:2]))
    cost = 0.0
    for p in strangers:
        nearer = distance(rect, p) <= edge + 0.12
        cost += 1.2 * nearer + 0.2 * (float(np.linalg.norm(middle - p[:2])) < 1.15 * center)
    return cost


def distance(rect: Rect, point: Array) -> float:
    """Return the distance of a point from a rectangle (0 inside)."""
    return math.hypot(max(rect[0] - point[0], 0, point[0] - rect[2]), max(rect[1] - point[1], 0, point[1] - rect[3]))


def clipped(
    start: Array, way: Array, box: Rect, span: tuple[float, float] = (-math.inf, math.inf)
) -> tuple[Array, Array] | None:
    """Return the ends of the part of a line that lies in a box, if there is one (Liang and Barsky, 1984).

    The line goes through `start` along `way`, and is infinite, or reaches over a `span` of multiples of `way`.
    """
    first, last = span
    if float(np.abs(way[:2]).max()) < 1e-9:
        return None
    for axis in (0, 1):
        low, high, step = box[axis] - start[axis], box[axis + 2] - start[axis], way[axis]
        if abs(step) < 1e-9:
            if low > 1e-9 or high < -1e-9:
                return None
            continue
        first, last = max(first, min(low / step, high / step)), min(last, max(low / step, high / step))
    return (start + first * way, start + last * way) if last - first > 1e-9 else None
