"""The geometry of arrows on screen: their shafts, their labels, and the angles between them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from manim import CapStyleType, DashedLine, Line, VGroup, VMobject

from attnviz.stage import frame, theme
from attnviz.stage.arrows.pose import Pose, seen
from attnviz.stage.placement import Array, Rect, around, costs_of, distance, doubt, overlap, overlaps, rect_of, squares
from attnviz.stage.typesetting import Writing

if TYPE_CHECKING:
    from attnviz.stage.arrows.field import Field

WIDTH, TIP = frame.px(9), frame.px(38)
"""How wide the shaft of an arrow is, and how long its tip."""
ICON = frame.px(78)
"""The height of the icon at the end of an arrow."""
BESIDE = ICON / 2 + frame.px(33)
"""How far beside an arrow's tip the middle of its icon is, clear of the head and of ticks."""


GAPS, TURNS = np.array([0.07, 0.13, 0.2]), np.linspace(-math.pi, math.pi, 33)
"""How far from its icon a label may stand, and by how much (radians) beside the direction of its arrow."""
ASTRAY = 20.0
"""What it costs if a label is nearer to another arrow's icon than to its own: more than to cover what can be covered.
"""
SHADOW = frame.px(26)
"""How wide a shadow is drawn: it ends before the ticks of an axis on which it falls."""


class Around(NamedTuple):
    """What is around the end of an arrow, in one pose of its field.

    `point` is the middle of its icon and `way` its direction; `texts` and `taken` are rectangles to keep clear of, of
    text above all; `bounds` is where labels may be, and `strangers` are the icons of other arrows, to which a label
    must not seem to belong.
    """

    point: Array
    way: Array
    texts: list[Rect]
    taken: Sequence[Rect]
    bounds: Rect
    strangers: Sequence[Array]


def beyond(size: tuple[float, float], icon: tuple[float, float], poses: Sequence[Around]) -> Array:
    """Return where a label of a size (width, height) stands, from the middle of the icon at an arrow's end.

    It is as much in the arrow's direction as obstacles allow, in all poses. `icon` is the size of the icon.
    """
    way = poses[0].way
    straight = math.atan2(way[1], way[0]) if np.linalg.norm(way) > 1e-6 else math.pi / 4
    gaps, turns = (each.ravel() for each in np.meshgrid(GAPS, TURNS, indexing="ij"))
    x, y = np.cos(straight + turns), np.sin(straight + turns)
    across, up = ((size[k] + icon[k]) / 2 + gaps for k in range(2))
    reach = np.minimum(across / np.maximum(abs(x), 1e-9), up / np.maximum(abs(y), 1e-9))
    offsets = np.stack([reach * x, reach * y, 0 * reach], axis=1)
    # A label straight above, below or beside its icon is easier to read than one at a corner
    costs = 0.05 * abs(turns) + 0.6 * gaps + 0.06 * np.minimum(abs(x), abs(y))
    for point, _, texts, taken, bounds, strangers in poses:
        rects = [around(point + offset, size) for offset in offsets]
        costs += costs_of(rects, taken, bounds) + 40 * overlaps(rects, texts).sum(axis=0)
        costs += [_misleads(rect, point, strangers) for rect in rects]
    return np.asarray(offsets[int(costs.argmin())])


def _misleads(rect: Rect, own: Array, strangers: Sequence[Array]) -> float:
    """Return the cost of a label that seems to belong to another arrow."""
    away = distance(rect, own)
    return doubt(rect, own, strangers) + ASTRAY * sum(distance(rect, other) <= away for other in strangers)


def arrow_points(start: Array, end: Array, width: float = WIDTH, tip: float = TIP) -> list[Array]:
    """Return the outline of an arrow from one point on screen to another; none if it is too short to draw."""
    way = end - start
    reach = float(np.linalg.norm(way))
    if reach < 0.05:
        return []
    along = way / reach
    side = np.array([-along[1], along[0], 0.0])
    tip = min(tip, 0.45 * reach)
    neck, thin, wide = end - tip * along, side * min(width, 0.3 * tip) / 2, side * 0.42 * tip
    outline = [start + thin, neck + thin, neck + wide, end, neck - wide, neck - thin, start - thin]
    return [*outline, outline[0]]


def shaft_rects(start: Array, end: Array, grow: float = 0.06) -> list[Rect]:
    """Return overlapping squares along a line segment, as obstacles for labels."""
    count = max(2, int(np.linalg.norm(end - start) / 0.12))
    return squares([start + (end - start) * (k / count) for k in range(count + 1)], grow)


def arc_points(one: Array, other: Array, pose: Pose, radius: float) -> list[Array]:
    """Return points on screen along the arc from one direction to another, `radius` (vector units) from the origin.

    The arc lies in the plane that the two vectors span, so that it is correct in every view.
    """
    a, b = (np.asarray(v, dtype=float) / np.linalg.norm(v) for v in (one, other))
    angle = float(np.arccos(np.clip(a @ b, -1, 1)))
    across = b - (a @ b) * a
    if np.linalg.norm(across) < 1e-9:
        axis = np.eye(len(a))[np.abs(a).argmin()]  # any direction across is as good
        across = axis - (a @ axis) * a
    across = across / np.linalg.norm(across)
    turns = np.linspace(0, angle, 25)
    return [seen(pose, radius * (np.cos(t) * a + np.sin(t) * across)) for t in turns]


def angle_points(one: Array, other: Array, pose: Pose) -> list[Array]:
    """Return points on screen along the arc between two arrows.

    A narrow angle gets a larger radius, so that it can be seen; a right angle is marked by a square corner.
    """
    sizes = [float(np.linalg.norm(seen(pose, v) - seen(pose, np.zeros(2)))) for v in (one, other)]
    cosine = float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other)))
    if abs(cosine) < 1e-9:
        reach = min(0.5, 0.4 * min(sizes))
        a, b = (reach / pose.unit * v / np.linalg.norm(v) for v in (one, other))
        return [seen(pose, a), seen(pose, a + b), seen(pose, b)]
    wide = np.sqrt(max(0.0, (1 - cosine) / 2))
    reach = min(max(1.0, 0.3 / max(float(wide), 0.02)), 0.7 * min(sizes))
    return arc_points(one, other, pose, reach / pose.unit)


def angle_wedge(
    one: Array, other: Array, plane: Field, *, color: str | None = None
) -> tuple[VMobject, VMobject, Array]:
    """Return the faint sector between two arrows, its arc, and the midpoint of the arc on screen."""
    points = angle_points(one, other, plane.pose)
    color = color or theme.INK
    arc = VMobject(color=color, stroke_width=5).set_points_as_corners(points)
    wedge = VMobject(stroke_width=0, fill_color=color, fill_opacity=0.2)
    wedge.set_points_as_corners([plane.origin, *points, plane.origin])
    return wedge.set_z_index(-1), arc.set_z_index(0), points[len(points) // 2]


def right_angle(tip: Array, foot: Array, start: Array) -> list[Array]:
    """Return the small corner that marks the right angle at a shadow's end; nothing where it could not be seen."""
    side = min(0.26, 0.4 * float(np.linalg.norm(tip - foot)), 0.4 * float(np.linalg.norm(foot - start)))
    if side <= 0.05:
        return []
    u, v = ((p - foot) / float(np.linalg.norm(p - foot)) * side for p in (tip, start))
    return [foot + u, foot + u + v, foot + v]


def clear_spot(note: Writing, at: Array, away: Array, taken: Sequence[Rect], *, bounds: Rect) -> Writing:
    """Place a note near the point `at`, roughly in the direction `away`, where it covers least; return the note.

    If there is no room close by, it stands so far off that it needs a leader line.
    """
    best: tuple[float, Array] | None = None
    turns = sorted(np.linspace(-math.pi, math.pi, 33), key=abs)
    w, h = note.width / 2, note.height / 2
    for reach in (0.08, 0.14, 0.2, 0.42, 0.58):
        for turn in turns:
            c, s = np.cos(turn), np.sin(turn)
            step = np.array([c * away[0] - s * away[1], s * away[0] + c * away[1], 0.0])
            far = min((w + reach) / max(abs(step[0]), 1e-9), (h + reach) / max(abs(step[1]), 1e-9))
            note.move_to(at + step * far)
            rect = rect_of(note, 0.04)
            cost = 10 * sum(overlap(rect, r) for r in taken) + 0.02 * abs(turn) + 0.2 * reach
            cost += 40 * (4 * w * h - overlap(rect_of(note), bounds))
            if best is None or cost < best[0] - 1e-9:
                best = (cost, note.get_center())
    assert best is not None
    return note.move_to(best[1])


def beside_line(
    note: Writing,
    start: Array,
    end: Array,
    taken: Sequence[Rect],
    *,
    bounds: Rect,
    thick: float,
    walls: Sequence[tuple[Array, Array]] = (),
) -> Writing:
    """Place a note beside a line of a thickness, near its middle if nothing is there; return the note.

    `walls` are other lines, behind which the note would seem to belong to them.
    """
    way = end - start
    along = way / max(float(np.linalg.norm(way)), 1e-9)
    w, h = note.width / 2, note.height / 2
    best: tuple[float, Array] | None = None
    for share in (0.5, 0.6, 0.4, 0.7, 0.3, 0.8, 0.9, 0.2, 1.0):
        for gap in (0.08, 0.12, 0.16):
            for side in (np.array([along[1], -along[0], 0.0]), np.array([-along[1], along[0], 0.0])):
                center = start + share * way + side * (thick / 2 + gap + abs(side[0]) * w + abs(side[1]) * h)
                rect = (center[0] - w - 0.03, center[1] - h - 0.03, center[0] + w + 0.03, center[1] + h + 0.03)
                cost = 10 * sum(overlap(rect, r) for r in taken) + 0.05 * abs(share - 0.5) + 0.1 * gap
                cost += 0.5 * any(_cross(start + share * way, center, *wall) for wall in walls)
                cost += 0.03 * bool(side[0] + side[1] < 0)  # ticks stand on the other side
                cost += 40 * (4 * w * h - overlap((center[0] - w, center[1] - h, center[0] + w, center[1] + h), bounds))
                if best is None or cost < best[0] - 1e-9:
                    best = (cost, center)
    assert best is not None
    return note.move_to(best[1])


def _cross(a: Array, b: Array, c: Array, d: Array) -> bool:
    """Tell whether two segments on screen cross."""

    def turn(p: Array, q: Array, r: Array) -> float:
        return float((q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]))

    return turn(a, b, c) * turn(a, b, d) < 0 and turn(c, d, a) * turn(c, d, b) < 0


class Shadow(VGroup):
    """The shadow that one arrow casts on another's line: `drop` falls there at a right angle, `band` is its length.

    `line` leads on from the other arrow where the shadow lies beyond it. The other vector must not be zero.
    """

    def __init__(self, one: Array, other: Array, field: Field, color: str) -> None:
        super().__init__()
        share = float(one @ other / (other @ other))
        start, tip, foot = field.origin, field.at(one), field.at(share * other)
        self.foot, end = foot, field.at(other)
        self.line, self.drop, self.corner = VGroup(), VGroup(), VGroup()
        if not 0 <= share <= 1:
            beyond_tip = DashedLine(start if share < 0 else end, foot, dash_length=0.1)
            self.line.add(beyond_tip.set_stroke(theme.AXIS, width=3).set_z_index(-1))
        if np.linalg.norm(tip - foot) > 0.05:
            self.drop.add(DashedLine(tip, foot, dash_length=0.12).set_stroke(color, width=4).set_z_index(0))
        if turn := right_angle(tip, foot, start):
            corner = VMobject(stroke_color=theme.INK, stroke_width=3).set_z_index(0)
            self.corner.add(corner.set_points_as_corners(turn))
        self.band = Line(start, foot if np.linalg.norm(foot - start) > 1e-3 else start + 1e-3 * (end - start))
        self.band.set_stroke(color, width=100 * SHADOW, opacity=0.5).set_z_index(-1)
        self.band.set_cap_style(CapStyleType.BUTT)
        self.add(self.line, self.band, self.drop, self.corner)
