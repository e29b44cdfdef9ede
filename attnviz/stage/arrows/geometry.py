"""The geometry of arrows on screen: their shafts, their labels, and the angles between them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from manim import ORIGIN, Arrow, Mobject, VMobject

from attnviz.stage import theme
from attnviz.stage.placement import Array, Rect, doubt, overlap, rect_of
from attnviz.stage.planes.plane import Plane
from attnviz.stage.typesetting import Writing


def beyond(
    block: Mobject, point: Array, way: Array, taken: Sequence[Rect], bounds: Rect, strangers: Sequence[Array] = ()
) -> Rect:
    """Return the rectangle for a label beyond an arrow's tip, as much in its direction as obstacles allow.

    `point` is the tip and `way` the direction; `taken` are rectangles to keep clear of, `bounds` is where labels may
    be, and `strangers` are the tips of other arrows, to which the label must not seem to belong.
    """
    straight = math.atan2(way[1], way[0]) if np.linalg.norm(way) > 1e-6 else math.pi / 4
    w, h = block.width / 2, block.height / 2
    best: tuple[float, Rect] | None = None
    for gap in (0.3, 0.45, 0.7):
        for turn in np.linspace(-2.4, 2.4, 17):
            x, y = math.cos(straight + turn), math.sin(straight + turn)
            reach = gap + min(w / max(abs(x), 1e-9), h / max(abs(y), 1e-9), math.hypot(w, h))
            cx, cy = point[0] + reach * x, point[1] + reach * y
            rect = (cx - w, cy - h, cx + w, cy + h)
            cost = 10 * sum(overlap(rect, other) for other in taken) + 40 * (4 * w * h - overlap(rect, bounds))
            cost += 0.06 * abs(turn) + 0.8 * gap + doubt(rect, point, strangers)
            if best is None or cost < best[0] - 1e-9:
                best = (cost, rect)
    assert best is not None
    return best[1]


def arrow_to(plane: Plane, vector: Array, color: str) -> VMobject:
    """Return the arrow from the origin to the edge of a word's dot; empty if it is too short to draw."""
    start, end = plane.at(ORIGIN), plane.at(vector)
    reach = float(np.linalg.norm(end - start))
    if reach < 0.2:
        return VMobject()
    goal = start + (end - start) * (1 - 0.08 / reach)
    return Arrow(
        start, goal, buff=0, color=color, stroke_width=5, tip_length=min(0.24, 0.4 * reach),
        max_stroke_width_to_length_ratio=50, max_tip_length_to_length_ratio=1,
    )  # fmt: skip


def shaft_rects(start: Array, end: Array, grow: float = 0.06) -> list[Rect]:
    """Return small squares along a line segment, as obstacles for labels."""
    count = max(2, int(np.linalg.norm(end - start) / 0.12))
    return point_rects([start + (end - start) * (k / count) for k in range(count + 1)], grow)


def point_rects(spots: Iterable[Array], grow: float = 0.06) -> list[Rect]:
    """Return small squares around points on screen, as obstacles for labels."""
    return [(p[0] - grow, p[1] - grow, p[0] + grow, p[1] + grow) for p in spots]


def arc_points(one: Array, other: Array, plane: Plane, radius: float) -> list[Array]:
    """Return points on screen along the arc from one direction to another, `radius` (vector units) from the origin.

    The arc lies in the plane that the two vectors span, so that it is correct in every view.
    """
    a, b = (np.asarray(v, dtype=float) / np.linalg.norm(v) for v in (one, other))
    angle = float(np.arccos(np.clip(a @ b, -1, 1)))
    across = b - (a @ b) * a
    if np.linalg.norm(across) < 1e-9:
        across = np.roll(a, 1) * np.array([-1.0, 1.0, *([0.0] * (len(a) - 2))])
    across = across / np.linalg.norm(across)
    turns = np.linspace(0, angle, 25)
    return [plane.at(radius * (np.cos(t) * a + np.sin(t) * across)) for t in turns]


def angle_wedge(
    one: Array, other: Array, plane: Plane, *, color: str | None = None
) -> tuple[VMobject, VMobject, Array]:
    """Return the faint sector between two arrows, its arc, and the midpoint of the arc on screen.

    A narrow angle gets a larger radius, so that it can be seen; a right angle is marked by a square corner.
    """
    sizes = [float(np.linalg.norm(plane.at(v) - plane.origin)) for v in (one, other)]
    cosine = float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other)))
    wide = np.sqrt(max(0.0, (1 - cosine) / 2))
    reach = min(max(0.75, 0.26 / max(float(wide), 0.02)), 0.7 * min(sizes))
    points = arc_points(one, other, plane, reach / plane.unit)
    middle = points[len(points) // 2]
    if abs(cosine) < 1e-9:
        reach = min(0.42, 0.4 * min(sizes))
        a, b = (reach / plane.unit * v / np.linalg.norm(v) for v in (one, other))
        points = [plane.at(a), plane.at(a + b), plane.at(b)]
        middle = plane.at(a + b)
    color = color or theme.INK
    arc = VMobject(color=color, stroke_width=4).set_points_as_corners(points)
    wedge = VMobject(stroke_width=0, fill_color=color, fill_opacity=0.2)
    wedge.set_points_as_corners([plane.at(ORIGIN), *points, plane.at(ORIGIN)])
    return wedge.set_z_index(-1), arc.set_z_index(0), middle


def clear_spot(note: Writing, at: Array, away: Array, taken: Sequence[Rect]) -> Writing:
    """Place a note near the point `at`, roughly in the direction `away`, where it covers least; return the note."""
    best: tuple[float, Array] | None = None
    turns = sorted(np.linspace(-1.6, 1.6, 17), key=abs)
    for rank, (reach, turn) in enumerate((r, t) for r in (0.3, 0.45, 0.65, 0.9) for t in turns):
        c, s = np.cos(turn), np.sin(turn)
        step = np.array([c * away[0] - s * away[1], s * away[0] + c * away[1], 0.0])
        note.move_to(at + step * (reach + abs(step[0]) * note.width / 2))
        rect = rect_of(note, 0.03)
        cost = sum(overlap(rect, r) for r in taken) + 0.0005 * rank
        if best is None or cost < best[0] - 1e-9:
            best = (cost, note.get_center())
    assert best is not None
    return note.move_to(best[1])
