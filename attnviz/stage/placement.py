"""Finding room for labels: each stands beside its point where it covers nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from manim import DL, DOWN, DR, LEFT, RIGHT, UL, UP, UR, Mobject
from numpy.typing import NDArray

Rect = tuple[float, float, float, float]
DIRECTIONS = (UR, RIGHT, UP, UL, LEFT, DR, DOWN, DL)


def rect_of(mobject: Mobject, grow: float = 0.0) -> Rect:
    """Return left, bottom, right, top of a mobject, grown by a margin."""
    return (
        float(mobject.get_left()[0]) - grow,
        float(mobject.get_bottom()[1]) - grow,
        float(mobject.get_right()[0]) + grow,
        float(mobject.get_top()[1]) + grow,
    )


def rects_along(start: NDArray[np.float64], end: NDArray[np.float64], size: float = 0.14) -> list[Rect]:
    """Return small squares along a line from start to end: what a label should not stand on."""
    parts = max(1, round(float(np.linalg.norm(end - start)) / size))
    places = [start + (end - start) * (k + 0.5) / parts for k in range(parts)]
    half = size / 2
    return [(float(p[0]) - half, float(p[1]) - half, float(p[0]) + half, float(p[1]) + half) for p in places]


def overlap(a: Rect, b: Rect) -> float:
    """Return the common area of two rectangles."""
    return max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))


def _at(size: tuple[float, float], point: NDArray[np.float64], direction: NDArray[np.float64], gap: float) -> Rect:
    w, h = size
    diagonal = abs(direction[0]) > 0 and abs(direction[1]) > 0
    reach = gap * (0.62 if diagonal else 1.0)
    cx = point[0] + direction[0] * (reach + w / 2)
    cy = point[1] + direction[1] * (reach + h / 2)
    return (cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2)


def find_places(
    sizes: Sequence[tuple[float, float]],
    points: Sequence[NDArray[np.float64]],
    *,
    avoid: Sequence[Rect] = (),
    others: Sequence[NDArray[np.float64]] = (),
    bounds: Rect = (-6.9, -3.8, 6.9, 3.0),
    gap: float = 0.24,
    dot: float = 0.2,
) -> list[NDArray[np.float64]]:
    """Return a centre for each label where it covers least, and where it is nearest to its own dot.

    `sizes` are (width, height) of the labels, `points` where their dots stand, `others` where dots without a new
    label stand; all in frame units. Labels are placed in turn, and then each once more, knowing all the others;
    crowded ones move further out, step by step.
    """
    dots = [(p[0] - dot, p[1] - dot, p[0] + dot, p[1] + dot) for p in (*points, *others)]
    places: dict[int, Rect] = {}
    for turn in range(2):
        for own, (size, point) in enumerate(zip(sizes, points, strict=True)):
            labels = [_grown(rect, 0.05) for other, rect in places.items() if other != own]
            strangers = [p for k, p in enumerate((*points, *others)) if k != own and np.linalg.norm(p - point) > 0.3]
            candidates = _candidates(size, point, gap)
            costs = _costs([rect for rect, _ in candidates], (*avoid, *labels, *dots), bounds)
            doubts = [_doubt(rect, point, strangers) if turn else 0.0 for rect, _ in candidates]
            chosen = np.argmin(costs + doubts + [dislike for _, dislike in candidates])
            places[own] = candidates[int(chosen)][0]
    return [np.array([(r[0] + r[2]) / 2, (r[1] + r[3]) / 2, 0.0]) for _, r in sorted(places.items())]


def _candidates(size: tuple[float, float], point: NDArray[np.float64], gap: float) -> list[tuple[Rect, float]]:
    """Return the places beside a dot, near ones first, with how little each is liked for itself."""
    return [
        (_at(size, point, direction, gap + ring * 0.3), 0.012 * rank + 0.2 * ring)
        for ring in range(4)
        for rank, direction in enumerate(DIRECTIONS)
    ]


def _costs(rects: Sequence[Rect], taken: Sequence[Rect], bounds: Rect) -> NDArray[np.float64]:
    """Return what each of some rectangles covers of those taken, and how far it is out of bounds, as costs."""
    left, bottom, right, top = np.array(rects, dtype=float).T
    outside = (right - left) * (top - bottom) - _overlaps(rects, [bounds])[0]
    return 10 * _overlaps(rects, taken).sum(axis=0) + 40 * outside


def _overlaps(rects: Sequence[Rect], others: Sequence[Rect]) -> NDArray[np.float64]:
    """Return the common area of each of `others` (rows) with each of `rects` (columns)."""
    one = np.array(rects, dtype=float).reshape(-1, 4)
    other = np.array(others, dtype=float).reshape(-1, 1, 4)
    wide = np.minimum(one[:, 2], other[..., 2]) - np.maximum(one[:, 0], other[..., 0])
    high = np.minimum(one[:, 3], other[..., 3]) - np.maximum(one[:, 1], other[..., 1])
    return np.maximum(0.0, wide) * np.maximum(0.0, high)


def _doubt(rect: Rect, own: NDArray[np.float64], strangers: Sequence[NDArray[np.float64]]) -> float:
    """Return a cost if a label is as near to a stranger's dot as to its own: a viewer would name the wrong one."""
    middle = np.array([(rect[0] + rect[2]) / 2, (rect[1] + rect[3]) / 2])
    edge, center = distance(rect, own), float(np.linalg.norm(middle - own[:2]))
    doubt = 0.0
    for p in strangers:
        nearer = distance(rect, p) <= edge + 0.05
        doubt += 0.45 * nearer + 0.2 * (float(np.linalg.norm(middle - p[:2])) < 1.15 * center)
    return doubt


def distance(rect: Rect, point: NDArray[np.float64]) -> float:
    """Return how far a point is from a rectangle (0 inside)."""
    return math.hypot(max(rect[0] - point[0], 0, point[0] - rect[2]), max(rect[1] - point[1], 0, point[1] - rect[3]))


def _grown(rect: Rect, by: float) -> Rect:
    return (rect[0] - by, rect[1] - by, rect[2] + by, rect[3] + by)
