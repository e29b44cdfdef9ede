"""Finding room for labels: each stands beside its point where it covers nothing."""

from __future__ import annotations

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
    bounds: Rect = (-6.9, -3.8, 6.9, 3.0),
    gap: float = 0.24,
    dot: float = 0.16,
) -> list[NDArray[np.float64]]:
    """Return a centre for each label, greedily where it overlaps least with dots, labels and what to `avoid`.

    `sizes` are (width, height) of the labels, `points` where their dots stand; both in frame units. Crowded
    labels move further out, step by step.
    """
    dots = [(p[0] - dot, p[1] - dot, p[0] + dot, p[1] + dot) for p in points]
    taken: list[Rect] = list(avoid)
    centers = []
    for size, point in zip(sizes, points, strict=True):
        best: tuple[float, Rect] | None = None
        for ring in range(4):
            for rank, direction in enumerate(DIRECTIONS):
                rect = _at(size, point, direction, gap + ring * 0.3)
                cost = sum(overlap(rect, other) for other in (*taken, *dots)) * 10 + 0.012 * rank + 0.15 * ring
                cost += 40 * (size[0] * size[1] - overlap(rect, bounds))
                if best is None or cost < best[0] - 1e-9:
                    best = (cost, rect)
        assert best is not None
        rect = best[1]
        taken.append((rect[0] - 0.05, rect[1] - 0.05, rect[2] + 0.05, rect[3] + 0.05))
        centers.append(np.array([(rect[0] + rect[2]) / 2, (rect[1] + rect[3]) / 2, 0.0]))
    return centers
