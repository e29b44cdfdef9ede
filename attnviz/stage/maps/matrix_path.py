"""Ways: from one matrix to another, of a label around its dot; and lines cut off at a box."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from attnviz.stage.placement import Array, Rect


def matrix_path(start: Array, goal: Array) -> Callable[[float], Array]:
    """Return the way from one matrix to another: straight, or with a turn where straight would fold the plane flat."""
    dets = [float(np.linalg.det(start + s * (goal - start))) for s in np.linspace(0, 1, 21)]
    if dets[0] * dets[-1] <= 0 or min(abs(d) for d in dets) >= 0.3 * min(abs(dets[0]), abs(dets[-1])):
        return lambda share: start + share * (goal - start)
    change = np.linalg.solve(start, goal)
    left, sizes, right = np.linalg.svd(change)
    stretch, turn = left @ np.diag(sizes) @ left.T, left @ right
    angle = math.atan2(turn[0, 1], turn[0, 0])

    def turning(share: float) -> Array:
        c, s = math.cos(share * angle), math.sin(share * angle)
        return np.asarray(start @ (np.eye(2) + share * (stretch - np.eye(2))) @ np.array([[c, s], [-s, c]]))

    return turning


def swung(before: Array, after: Array, share: float) -> Array:
    """Return the offset on the way from one to another that swings around the origin instead of crossing it."""
    angles = [math.atan2(offset[1], offset[0]) for offset in (before, after)]
    turn = (angles[1] - angles[0] + math.pi) % (2 * math.pi) - math.pi
    radius = (1 - share) * math.hypot(*before[:2]) + share * math.hypot(*after[:2])
    angle = angles[0] + share * turn
    return radius * np.array([math.cos(angle), math.sin(angle), 0.0])


def clipped(point: Array, direction: Array, box: Rect) -> tuple[Array, Array] | None:
    """Return the piece of an endless line that lies in a box, if there is one (Liang and Barsky's method)."""
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
