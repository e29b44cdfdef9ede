"""Words as arrows from the origin of a plane, with their coordinates; and the angle between two of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from manim import (
    DOWN,
    LEFT,
    ORIGIN,
    Animation,
    AnimationGroup,
    Arrow,
    Mobject,
    ReplacementTransform,
    Transform,
    VGroup,
    VMobject,
)
from numpy.typing import NDArray

from attnviz.stage import theme
from attnviz.stage.equations import vector_template
from attnviz.stage.numbers import Number
from attnviz.stage.placement import Rect, overlap, rect_of
from attnviz.stage.plane import Plane
from attnviz.stage.typesetting import Writing, formula
from attnviz.stage.words import WordPoint

Vector = NDArray[np.float64]


class WordArrow(VGroup):
    """A word as an arrow from the origin to its point; name and coordinates stand beside the point."""

    def __init__(
        self, token: str, vector: Vector, coordinates: Sequence[Number], plane: Plane, color: str, *, size: float
    ) -> None:
        super().__init__()
        self.token, self.vector, self.word_color, self.size = token, np.asarray(vector, dtype=float), color, size
        point = WordPoint(token, self.vector, plane.at(self.vector), color, size=size)
        self.body, self.dot, self.name, self.ghost = point.body, point.dot, point.label, point.ghost
        self.arrow = arrow_to(plane, self.vector, color)
        self.coordinates = self.written(coordinates)
        self.add(self.arrow, self.body, self.name, self.coordinates)
        self.set_z_index(2)
        self.arrow.set_z_index(1)

    def written(self, coordinates: Sequence[Number]) -> Writing:
        """Return coordinates as a row vector in the word's colour; marks are named `c0`, `c1` …"""
        named = {f"c{k}": number for k, number in enumerate(coordinates)}
        text = formula(vector_template(list(named)), size=self.size - 2, color=self.word_color, **named)
        return text.set_z_index(2)

    @property
    def marks(self) -> list[VGroup]:
        """The digits of the coordinates, in order."""
        return [self.coordinates.marks[f"c{k}"] for k in range(len(self.coordinates.marks))]

    @property
    def place(self) -> Vector:
        """Where the point stands on screen."""
        return np.asarray(self.dot.get_center(), dtype=float)


class ArrowBoard:
    """A plane with words as arrows on it, which find room for their labels and move together.

    `bounds` is left, bottom, right, top of the room for labels (frame units). The board draws nothing by itself.
    """

    def __init__(self, plane: Plane, bounds: Rect) -> None:
        self.plane, self.bounds = plane, bounds
        self.arrows: dict[str, WordArrow] = {}

    def make(self, token: str, vector: Vector, coordinates: Sequence[Number], color: str, *, size: float) -> WordArrow:
        """Put a new arrow on the board, its label still to be settled."""
        self.arrows[token] = WordArrow(token, vector, coordinates, self.plane, color, size=size)
        return self.arrows[token]

    def settle(self, fresh: Sequence[WordArrow]) -> None:
        """Put name and coordinates of new arrows where they cover nothing."""
        others = [a for a in self.arrows.values() if a not in fresh]
        avoid = self._written(others) + [r for a in others for r in shaft_rects(self.plane.at(ORIGIN), a.place)]
        places = self._places(fresh, [a.coordinates for a in fresh], [a.place for a in fresh], avoid)
        for arrow, (name, text) in zip(fresh, places, strict=True):
            arrow.name.move_to(name)
            arrow.coordinates.move_to(text)

    def slide(
        self, vectors: Sequence[Vector], coordinates: Sequence[Sequence[Number]], avoid: Sequence[Rect] = ()
    ) -> Animation:
        """Return the animation in which all arrows move to new vectors, their coordinates changing to new digits."""
        arrows = list(self.arrows.values())
        goals = [self.plane.at(v) for v in vectors]
        texts = [a.written(c) for a, c in zip(arrows, coordinates, strict=True)]
        places = self._places(arrows, texts, goals, [*avoid, *self._written(())])
        steps: list[Animation] = []
        for arrow, vector, goal, text, (name, at) in zip(arrows, vectors, goals, texts, places, strict=True):
            steps += [
                Transform(arrow.arrow, arrow_to(self.plane, vector, arrow.word_color).set_z_index(1)),
                arrow.body.animate.move_to(goal).build(),
                arrow.name.animate.move_to(name).build(),
                ReplacementTransform(arrow.coordinates, text.move_to(at)),
            ]
            arrow.coordinates, arrow.vector = text, np.asarray(vector, dtype=float)
        return AnimationGroup(*steps)

    def taken(self, more: Iterable[Mobject] = ()) -> list[Rect]:
        """Return the rectangles of the plane in which something stands, or lies (the arrows)."""
        arrows = list(self.arrows.values())
        shafts = [r for a in arrows for r in shaft_rects(self.plane.origin, a.place)]
        return [*shafts, *self._written(arrows), *[rect_of(m, 0.04) for m in (*more, *[a.dot for a in arrows])]]

    def beside_arrow(self, note: Writing, arrow: WordArrow, more: Iterable[Mobject] = ()) -> Writing:
        """Put a note beside the middle of an arrow, where it covers least."""
        way = arrow.place - self.plane.origin
        along = way / max(float(np.linalg.norm(way)), 1e-9)
        side = np.array([along[1], -along[0], 0.0])
        return clear_spot(note, self.plane.origin + 0.55 * way - 0.12 * side, side, self.taken(more))

    def angle(self, one: WordArrow, other: WordArrow, note: Writing | None = None) -> VGroup:
        """Return the wedge and the arc between two arrows, and put a note (the angle) where it covers least."""
        wedge, arc, middle = angle_wedge(one.vector, other.vector, self.plane)
        if note is not None:
            way = middle - self.plane.origin
            clear_spot(note, middle, way / np.linalg.norm(way), self.taken() + point_rects(arc.get_anchors()))
        return VGroup(wedge, arc)

    def _written(self, arrows: Sequence[WordArrow]) -> list[Rect]:
        texts = [m for a in arrows for m in (a.name, a.coordinates)]
        names, ticks = self.plane.labels[: len("xy")], self.plane.labels[len("xy") :]
        return [rect_of(m, 0.2) for m in names] + [rect_of(m, 0.05) for m in (*ticks, *texts)]

    def _places(
        self, arrows: Sequence[WordArrow], texts: Sequence[Writing], goals: Sequence[Vector], avoid: Sequence[Rect]
    ) -> list[tuple[Vector, Vector]]:
        """Return, for each arrow, where the centres of its name and its coordinates go when it points at its goal."""
        blocks = [
            VGroup(a.name.copy(), t.copy()).arrange(DOWN, buff=0.12, aligned_edge=LEFT)
            for a, t in zip(arrows, texts, strict=True)
        ]
        origin = self.plane.at(ORIGIN)
        taken = [*avoid, *[r for goal in goals for r in shaft_rects(origin, goal)], *point_rects(goals, 0.2)]
        taken += [r for line in self.plane.axis_lines for r in shaft_rects(line.get_start(), line.get_end(), 0.03)]
        centers = []
        for block, goal in zip(blocks, goals, strict=True):
            rect = _outside(block, goal, goal - origin, taken, self.bounds)
            taken.append(rect)
            centers.append(np.array([(rect[0] + rect[2]) / 2, (rect[1] + rect[3]) / 2, 0.0]))
        for block, center in zip(blocks, centers, strict=True):
            block.move_to(center)
        return [(block[0].get_center(), block[1].get_center()) for block in blocks]


def _outside(block: Mobject, point: Vector, way: Vector, taken: Sequence[Rect], bounds: Rect) -> Rect:
    """Return the rectangle for a label beyond an arrow's point, as straight on as it covers little."""
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
            cost += 0.06 * abs(turn) + 0.8 * gap
            if best is None or cost < best[0] - 1e-9:
                best = (cost, rect)
    assert best is not None
    return best[1]


def arrow_to(plane: Plane, vector: Vector, color: str) -> VMobject:
    """Return the arrow from the origin that ends at the edge of a word's dot (nothing for the zero vector)."""
    start, end = plane.at(ORIGIN), plane.at(vector)
    reach = float(np.linalg.norm(end - start))
    if reach < 0.2:
        return VMobject()
    goal = start + (end - start) * (1 - 0.08 / reach)
    return Arrow(
        start, goal, buff=0, color=color, stroke_width=5, tip_length=min(0.24, 0.4 * reach),
        max_stroke_width_to_length_ratio=50, max_tip_length_to_length_ratio=1,
    )  # fmt: skip


def shaft_rects(start: Vector, end: Vector, grow: float = 0.06) -> list[Rect]:
    """Return small rectangles along a line, for labels to keep clear of."""
    count = max(2, int(np.linalg.norm(end - start) / 0.12))
    return point_rects([start + (end - start) * (k / count) for k in range(count + 1)], grow)


def point_rects(spots: Iterable[Vector], grow: float = 0.06) -> list[Rect]:
    """Return small rectangles around places on screen."""
    return [(p[0] - grow, p[1] - grow, p[0] + grow, p[1] + grow) for p in spots]


def arc_points(one: Vector, other: Vector, plane: Plane, radius: float) -> list[Vector]:
    """Return places on screen along the arc from one direction to another, `radius` (vector units) from the origin.

    The arc lies in the plane that the two vectors span, so that it is right in every view.
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
    one: Vector, other: Vector, plane: Plane, *, color: str = theme.WEIGHT
) -> tuple[VMobject, VMobject, Vector]:
    """Return the faint wedge between two arrows, its arc, and the place of the arc's middle.

    A narrow angle has a wide arc, so that it is seen; a right angle has its square corner.
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
    arc = VMobject(color=color, stroke_width=4).set_points_as_corners(points)
    wedge = VMobject(stroke_width=0, fill_color=color, fill_opacity=0.2)
    wedge.set_points_as_corners([plane.at(ORIGIN), *points, plane.at(ORIGIN)])
    return wedge.set_z_index(-1), arc.set_z_index(0), middle


def clear_spot(note: Writing, at: Vector, away: Vector, taken: Sequence[Rect]) -> Writing:
    """Put a note near a place, going `away` (a direction) from it, where it covers least."""
    best: tuple[float, Vector] | None = None
    for rank, (turn, reach) in enumerate(
        (t, r) for r in (0.3, 0.45, 0.65) for t in (0.0, 0.6, -0.6, 1.2, -1.2, 2.2, -2.2, 3.1)
    ):
        c, s = np.cos(turn), np.sin(turn)
        step = np.array([c * away[0] - s * away[1], s * away[0] + c * away[1], 0.0])
        note.move_to(at + step * (reach + abs(step[0]) * note.width / 2))
        cost = sum(overlap(rect_of(note, 0.03), r) for r in taken) + 0.002 * rank
        if best is None or cost < best[0] - 1e-9:
            best = (cost, note.get_center())
    assert best is not None
    return note.move_to(best[1])
