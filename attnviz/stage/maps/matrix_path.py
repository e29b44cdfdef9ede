"""Interpolation between matrices, and of a label's offset around its dot."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from attnviz.stage.placement import Array


def matrix_path(start: Array, goal: Array) -> Callable[[float], Array]:
    """Return the interpolation from one 2 × 2 matrix to another, a function of the fraction (0 … 1) of the way.

    It is linear unless that would flatten the plane on the way although it need not, as with a rotation by 180°. Then
    the change is split by polar decomposition into a stretch and a rotation, which are interpolated separately.
    """
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


def swung(before: Array, after: Array, share: float, clear: Sequence[float]) -> Array:
    """Return the offset of a label at the fraction `share` from one to another, swinging around what it belongs to.

    `clear` is half the width and height of the box on whose edge the offset of a label lies that just touches: on the
    way it comes as near as at the ends.
    """
    angles = [math.atan2(offset[1], offset[0]) for offset in (before, after)]
    turn = (angles[1] - angles[0] + math.pi) % (2 * math.pi) - math.pi

    def edge(angle: float) -> float:
        return min(half / max(abs(c), 1e-9) for half, c in zip(clear, (math.cos(angle), math.sin(angle)), strict=True))

    near = [
        math.hypot(*offset[:2]) / max(edge(angle), 1e-9) for offset, angle in zip((before, after), angles, strict=True)
    ]
    angle = angles[0] + share * turn
    radius = (near[0] + share * (near[1] - near[0])) * edge(angle)
    return radius * np.array([math.cos(angle), math.sin(angle), 0.0])
