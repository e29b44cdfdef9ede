"""Planes in which vectors are points: their views, the steps of their grids, the numbers along their axes."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from manim import VGroup

from attnviz.stage.numbers import Number, show
from attnviz.stage.placement import Array

FRONT = (0.0, 0.0)
"""The front view, onto the first two axes: (azimuth, elevation) in radians."""
TURNED = (math.radians(-32), math.radians(18))
"""A view that shows the third axis, coming towards the viewer: (azimuth, elevation) in radians."""


def nice_step(span: float, most: int = 9) -> float:
    """Return the smallest step of the form 1, 2 or 5 × 10ᵏ that divides a positive span into at most `most` parts."""
    for power in range(math.floor(math.log10(span)) - 2, math.floor(math.log10(span)) + 2):
        for factor in (1, 2, 5):
            step = factor * 10.0**power
            if span / step <= most:
                return step
    raise AssertionError("a positive span has a step")


class Plane(VGroup):
    """A plane as it is seen: `view` is (azimuth, elevation) in radians; the origin and the unit are in frame units."""

    view: tuple[float, float]
    origin: Array
    unit: float

    def at(self, vector: Sequence[float] | Array) -> Array:
        """Return the point on screen of a vector (2 or 3 coordinates) in the current view."""
        return self.origin + self.unit * project(np.asarray(vector, dtype=float), self.view)


def tick(value: float, step: float, axis: str) -> Number:
    """Return the number at a tick of an axis, with as many decimals as steps of this size need."""
    decimals = max(0, -math.floor(math.log10(step)))
    return Number(value, show(value, "short", decimals), formula=f"tick of the axis {axis}")


def project(vector: Array, view: tuple[float, float]) -> Array:
    """Return the orthographic projection (x, y, 0) of a vector (2 or 3 coordinates) in a view (in radians).

    The first axis points right and the second up; the third comes towards the viewer, and is hidden in the front view.
    """
    x, y, z = (*vector, 0.0)[:3]
    azimuth, elevation = view
    across = x * math.cos(azimuth) + z * math.sin(azimuth)
    towards = -x * math.sin(azimuth) + z * math.cos(azimuth)
    return np.array([across, y * math.cos(elevation) - towards * math.sin(elevation), 0.0])
