"""Who owns a label: the thing that it names stands close by, or a leader line leads from one to the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Protocol, TypeAlias

import numpy as np
from manim import Dot, Mobject, VGroup, VMobject

from attnviz.stage import frame, theme
from attnviz.stage.placement import Array, Rect, distance, rect_of

FARTHEST = frame.px(40)
"""How far a label may stand from its anchor without a leader line, in frame units."""
_BETWEEN = np.linspace(0.0, 1.0, 12, endpoint=False)[:, None]

Anchor: TypeAlias = Mobject | Array
"""What a label belongs to: a mobject, or a point on screen (x, y, 0)."""
FromBox: TypeAlias = Callable[[Rect], float]
"""Tells how far a box is from something."""


class Owner(Protocol):
    """Something on stage that has labels, such as a word's point, a plane with ticks, a `Tag`."""

    def owned(self) -> Iterable[tuple[Mobject, Anchor]]:
        """Yield each label with its anchor; a label that has a leader line is not among them."""


def owners_among(family: Iterable[Mobject]) -> list[Owner]:
    """Return those of all mobjects on stage that tell of labels."""
    return [mobject for mobject in family if hasattr(type(mobject), "owned")]  # isinstance takes as long as a play


class Tag(VGroup):
    """A label beside its anchor. If it stands farther off than `FARTHEST`, `lead` draws a leader line to the anchor."""

    def __init__(self, label: VMobject, anchor: Mobject) -> None:
        super().__init__(label)
        self.label, self.anchor = label, anchor
        self.leader: VGroup | None = None

    def owned(self) -> Iterator[tuple[Mobject, Anchor]]:
        """Yield the label with its anchor, unless a leader line joins them."""
        if self.leader is None:
            yield self.label, self.anchor

    def lead(self) -> Tag:
        """Draw a leader line if the label stands too far from its anchor (call it once both are placed)."""
        if gap(self.label, self.anchor) > FARTHEST:
            self.leader = leader(rect_of(self.label), np.asarray(self.anchor.get_center(), dtype=float))
            self.add_to_back(self.leader)
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> Mobject:
        memo[id(self.anchor)] = self.anchor  # a copy of a label belongs to the same thing
        return super().__deepcopy__(memo)


def gap(label: Mobject, anchor: Anchor) -> float:
    """Return how far (frame units) a label's box is from its anchor: from the box of what is filled, else its line."""
    return measured(anchor)(rect_of(label))


class Anchors:
    """Things to which labels belong, as long as none of them moves: each is measured once, however many name it."""

    def __init__(self) -> None:
        self._measured: dict[int, tuple[Mobject, FromBox]] = {}

    def gap(self, label: Mobject, anchor: Anchor) -> float:
        """Return how far (frame units) a label's box is from its anchor, as `gap` does."""
        if not isinstance(anchor, Mobject):
            return gap(label, anchor)
        if id(anchor) not in self._measured:
            self._measured[id(anchor)] = anchor, measured(anchor)  # while it is kept, its identity is no other's
        return self._measured[id(anchor)][1](rect_of(label))


def measured(anchor: Anchor) -> FromBox:
    """Return a function that tells how far a box is from an anchor as this stands now, in frame units."""
    if not isinstance(anchor, Mobject):
        return partial(distance, point=anchor)
    if any(isinstance(part, VMobject) and part.get_fill_opacity() > 0 for part in anchor.get_family()):
        return partial(_between, rect_of(anchor))
    points = anchor.get_all_points()
    return partial(_from_line, points) if len(points) > 1 else partial(_from_points, points, rect_of(anchor))


def _from_points(points: Array, rect: Rect, box: Rect) -> float:
    """Return how far a box is from the nearest of some points, or, if there are none, from a rectangle."""
    return min((distance(box, point) for point in points), default=_between(box, rect))


def _from_line(points: Array, box: Rect) -> float:
    """Return how far a box is from a line along points, shape (n, 3): from places on it and its straight pieces."""
    ways = points[1:] - points[:-1]
    on_line = (points[:-1, None] + _BETWEEN * ways[:, None]).reshape(-1, 3)
    return min(min(distance(box, point) for point in on_line), _from_corners(box, points[:-1, :2], ways[:, :2]))


def _from_corners(box: Rect, starts: Array, ways: Array) -> float:
    """Return how far the nearest corner of a box is from straight pieces of a line: starts and ways, each (n, 2)."""
    corners = np.array([[x, y] for x in box[::2] for y in box[1::2]])
    lengths = np.maximum((ways * ways).sum(axis=1), 1e-12)
    shares = np.clip(((corners[:, None] - starts) * ways).sum(axis=2) / lengths, 0.0, 1.0)
    return float(np.linalg.norm(corners[:, None] - starts - shares[..., None] * ways, axis=2).min())


def leader(box: Rect, end: Array) -> VGroup:
    """Return a thin elbow from the nearest side of a label's box to a point, where it ends in a dot."""
    x0, y0, x1, y1 = box
    start = np.array([min(max(end[0], x0), x1), min(max(end[1], y0), y1), 0.0])
    bend = np.array([start[0], end[1], 0.0]) if x0 < end[0] < x1 else np.array([end[0], start[1], 0.0])
    line = VMobject(stroke_color=theme.AXIS, stroke_width=2).set_points_as_corners([start, bend, end])
    return VGroup(line, Dot(end, radius=0.04, color=theme.AXIS))


def _between(one: Rect, other: Rect) -> float:
    across = max(other[0] - one[2], one[0] - other[2], 0.0)
    return float(np.hypot(across, max(other[1] - one[3], one[1] - other[3], 0.0)))
