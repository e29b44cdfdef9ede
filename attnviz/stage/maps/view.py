"""Where a plane stands in the frame: its window, and how vectors are drawn in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from attnviz.stage.frame import Region
from attnviz.stage.placement import Array

PAD = (0.95, 0.97, 0.95, 0.9)
"""What a view keeps free around its points (left, bottom, right, top; frame units): for names, and for the name of the
vertical axis."""

EDGE = 0.3
"""What it keeps free around everything else."""
TICKED = (PAD[0] + 0.35, PAD[1] + 0.4, *PAD[2:])
"""The same where numbers stand at the left and lower edges."""
IN_PANEL = (0.5, 0.4, 1.1, 0.45)
"""The same in a small plane, where words are smaller; the number at a ruler has room on the right."""


class View(NamedTuple):
    """A window onto a plane: `window` is filled by the grid, and `room` is where words may stand in it.

    `origin` is the point on screen (x, y, 0) of the plane's origin, and `unit` the length of 1 in frame units.
    """

    window: Region
    room: Region
    origin: Array
    unit: float

    def at(self, vector: Sequence[float] | Array) -> Array:
        """Return the point on screen of a vector."""
        x, y = np.asarray(vector, dtype=float)[:2]
        return self.origin + self.unit * np.array([x, y, 0.0])

    def toward(self, other: View, share: float) -> View:
        """Return the view at the fraction `share` of the way to another."""
        window, room = (
            Region(*(a + share * (b - a) for a, b in zip(one, two, strict=True)))
            for one, two in ((self.window, other.window), (self.room, other.room))
        )
        origin = self.origin + share * (other.origin - self.origin)
        return View(window, room, origin, self.unit + share * (other.unit - self.unit))


def view_of(
    words: Array,
    window: Region,
    room: Region | None = None,
    *,
    drawn: Array | None = None,
    unit: float | None = None,
    pad: tuple[float, float, float, float] = PAD,
) -> View:
    """Return the view in which vectors, shape (n, 2), and the origin fill a room, centred; `unit` sets the scale.

    `room` is the whole window by default. Around `words` it has `pad` (left, bottom, right, top), around what is only
    `drawn` and around the origin `EDGE`.
    """
    room = room or window
    bare = np.zeros((1, 2)) if drawn is None else np.vstack([drawn, np.zeros((1, 2))])
    points = np.vstack([words[:, :2], bare])
    low = np.vstack([np.tile(pad[:2], (len(words), 1)), np.full((len(bare), 2), EDGE)])
    high = np.vstack([np.tile(pad[2:], (len(words), 1)), np.full((len(bare), 2), EDGE)])
    size = np.array([room.width, room.height])

    def corners(scale: float) -> tuple[Array, Array]:
        return (scale * points - low).min(axis=0), (scale * points + high).max(axis=0)

    scale = unit or 2 * float(size.max() / max(np.ptp(points, axis=0).max(), 1e-9))
    while unit is None and scale > 1e-9 and (np.subtract(*corners(scale)[::-1]) > size).any():
        scale *= 0.99
    bottom_left, top_right = corners(scale)
    middle = np.array(room.center) - (bottom_left + top_right) / 2
    return View(window, room, np.array([*middle, 0.0]), scale)
