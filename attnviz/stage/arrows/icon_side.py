"""On which side of its arrow's tip an icon stands: not beyond the tip, to which an arrow seems to lead."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from attnviz.stage import frame
from attnviz.stage.arrows.field import Field
from attnviz.stage.arrows.geometry import ICON, shaft_rects
from attnviz.stage.arrows.pose import Pose, seen
from attnviz.stage.arrows.word_arrow import WordArrow, icon_place
from attnviz.stage.placement import Array, around, overlap

CROWDED, LONELY = 0.3, 1.5
"""What it costs to stand closer to another arrow's tip than LONELY (frame units), per frame unit."""


def free_side(arrow: WordArrow, others: Iterable[WordArrow], field: Field) -> int:
    """Return the side on which an arrow's icon covers least, in all poses: to the left (1) or to the right (-1)."""
    poses = (field.aside, field.wide) if field.turned else (field.aside, field.wide, field.near)
    placed = list(others)
    costs = {side: sum(_covered(arrow, side, placed, field, pose) for pose in poses) for side in (1, -1)}
    return 1 if costs[1] <= costs[-1] + 1e-9 else -1


def _covered(arrow: WordArrow, side: int, others: list[WordArrow], field: Field, pose: Pose) -> float:
    """Return how much of other arrows and icons the icon covers on a side, in a pose, and how near it is to them."""
    origin = seen(pose, np.zeros(2))

    def tip(vector: Array) -> Array:
        return seen(pose, vector / max(float(np.linalg.norm(vector)), 1e-9) if pose.near else vector)

    middle = icon_place(origin, tip(arrow.vector), arrow.has_icon, side)
    rect = around(middle, (ICON + 0.1, ICON + 0.1))
    taken = [square for vector in field.vectors for square in shaft_rects(origin, tip(vector), 0.09)]
    taken += [around(icon_place(origin, tip(a.vector), a.has_icon, a.side), (ICON, ICON)) for a in others]
    ends = [tip(vector) for vector in field.vectors if np.linalg.norm(vector - arrow.vector) > 1e-6]
    nearest = min((float(np.linalg.norm(end - middle)) for end in ends), default=LONELY)
    cost = sum(overlap(rect, each) for each in taken) + CROWDED * max(0.0, LONELY - nearest)
    return cost + 10 * max(0.0, rect[3] - frame.CONTENT.top)
