"""Label placement: each label goes beside its point, where it covers least."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations, pairwise

import numpy as np
from manim import DL, DOWN, DR, LEFT, RIGHT, UL, UP, UR, Mobject
from numpy.typing import NDArray

Array = NDArray[np.float64]
"""A vector, a matrix, or a point on screen (x, y, 0 in frame units)."""
Rect = tuple[float, float, float, float]
"""Left, bottom, right, top, in frame units."""
NEAR = 0.3
"""Dots closer together than this (frame units) look like one, so their labels need not be told apart."""
ROUNDS = 6
"""The maximal number of rounds in which pairs of labels look for better places."""
HALFWAY = tuple(UP * up + RIGHT * right / 2 for up in (1, -1) for right in (1, -1))
DIRECTIONS = (UR, RIGHT, UP, UL, LEFT, DR, DOWN, DL, *HALFWAY)


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


def rects_along(start: Array, end: Array, size: float = 0.14) -> list[Rect]:
    """Return small squares (of side `size`, frame units) that cover a line segment, as obstacles for labels."""
    parts = max(1, round(float(np.linalg.norm(end - start)) / size))
    places = [start + (end - start) * (k + 0.5) / parts for k in range(parts)]
    half = size / 2
    return [(float(p[0]) - half, float(p[1]) - half, float(p[0]) + half, float(p[1]) + half) for p in places]


def rects_on_way(stops: Sequence[Array]) -> list[Rect]:
    """Return small squares that cover the polyline through `stops`, as obstacles for labels."""
    return [rect for start, end in pairwise(stops) for rect in rects_along(start, end)]


def overlap(a: Rect, b: Rect) -> float:
    """Return the area of the intersection of two rectangles."""
    return max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))


def _at(size: tuple[float, float], point: Array, direction: Array, gap: float) -> Rect:
    w, h = size
    diagonal = abs(direction[0]) == 1 and abs(direction[1]) == 1
    reach = gap * (0.62 if diagonal else 1.0)
    cx = point[0] + direction[0] * (reach + w / 2)
    cy = point[1] + direction[1] * (reach + h / 2)
    return (cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2)


def find_places(
    sizes: Sequence[tuple[float, float]],
    points: Sequence[Array],
    *,
    avoid: Sequence[Rect] = (),
    others: Sequence[Array] = (),
    bounds: Rect = (-6.9, -3.8, 6.9, 3.0),
    gap: float = 0.24,
    dot: float = 0.2,
) -> list[Array]:
    """Return the centre (x, y, 0) of each label: beside its own dot, and where it covers least.

    `sizes` are the labels' (width, height), `points` the positions of their dots, and `others` those of dots without a
    new label; `avoid` are rectangles to keep clear of, and `bounds` is where labels may be; all in frame units. Crowded
    labels move outwards in steps. This is a local search over pairs of labels, each pair taking its jointly best places
    until none improves, so that two labels can also swap places.
    """
    if not points:
        return []
    dots = [(p[0] - dot, p[1] - dot, p[0] + dot, p[1] + dot) for p in (*points, *others)]
    choices, costs = [], []
    for own, (size, point) in enumerate(zip(sizes, points, strict=True)):
        strangers = [p for k, p in enumerate((*points, *others)) if k != own and np.linalg.norm(p - point) > NEAR]
        candidates = _candidates(size, point, gap)
        choices.append([rect for rect, _ in candidates])
        own_costs = costs_of(choices[-1], (*avoid, *dots), bounds) + [dislike for _, dislike in candidates]
        costs.append(own_costs + [doubt(rect, point, strangers) for rect in choices[-1]])
    chosen = together(np.array(costs), choices)
    rects = [rects[choice] for rects, choice in zip(choices, chosen, strict=True)]
    return [np.array([(r[0] + r[2]) / 2, (r[1] + r[3]) / 2, 0.0]) for r in rects]


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


def _candidates(size: tuple[float, float], point: Array, gap: float) -> list[tuple[Rect, float]]:
    """Return the candidate places around a dot, nearest first, each with the cost of its distance and direction."""
    return [
        (_at(size, point, direction, gap + ring * 0.3), 0.012 * rank + 0.2 * ring)
        for ring in range(4)
        for rank, direction in enumerate(DIRECTIONS)
    ]


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


def clipped(point: Array, direction: Array, box: Rect) -> tuple[Array, Array] | None:
    """Return the ends of the part of an infinite line that lies in a box, if there is one (Liang–Barsky clipping)."""
    first, last = -math.inf, math.inf
    if float(np.abs(direction[:2]).max()) < 1e-9:
        return None
    for axis in (0, 1):
        low, high, d = box[axis] - point[axis], box[axis + 2] - point[axis], direction[axis]
        if abs(d) < 1e-9:
            if low > 1e-9 or high < -1e-9:
                return None
            continue
        first, last = max(first, min(low / d, high / d)), min(last, max(low / d, high / d))
    return (point + first * direction, point + last * direction) if last - first > 1e-9 else None
