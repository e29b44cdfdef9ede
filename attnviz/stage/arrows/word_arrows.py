"""Words as arrows from the origin of a plane, with their coordinates and the angles between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from manim import (
    DOWN,
    LEFT,
    ORIGIN,
    UP,
    Animation,
    AnimationGroup,
    FadeIn,
    GrowArrow,
    GrowFromCenter,
    LaggedStart,
    Mobject,
    ReplacementTransform,
    Transform,
    VGroup,
)

from attnviz.stage import theme
from attnviz.stage.arithmetic.equations import vector_template
from attnviz.stage.arrows.geometry import angle_wedge, arrow_to, beyond, clear_spot, point_rects, shaft_rects
from attnviz.stage.motion import BACK, Light
from attnviz.stage.numbers import Number
from attnviz.stage.placement import NEAR, Array, Rect, rect_of
from attnviz.stage.planes.plane import TURNED, Beat, Plane
from attnviz.stage.typesetting import Writing, formula
from attnviz.stage.words import WordPoint


class WordArrow(VGroup):
    """A word as an arrow from the origin to its point, labelled there with its name and coordinates."""

    def __init__(
        self, token: str, vector: Array, coordinates: Sequence[Number], plane: Plane, color: str, *, size: float
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
        text = formula(vector_template(list(named)), size=self.size - 2, color=self.word_color, numbers=named)
        return text.set_z_index(2)

    @property
    def parts(self) -> VGroup:
        """Everything that is drawn of it at present (the coordinates are replaced when it moves)."""
        return VGroup(self.arrow, self.body, self.name, self.coordinates)

    @property
    def marks(self) -> list[VGroup]:
        """The digits of the coordinates, in order."""
        return [self.coordinates.marks[f"c{k}"] for k in range(len(self.coordinates.marks))]

    @property
    def place(self) -> Array:
        """The position of the point on screen (x, y, 0)."""
        return np.asarray(self.dot.get_center(), dtype=float)


def board_in(region: Rect, vectors: Array, axes: Sequence[str], bounds: Rect) -> ArrowBoard:
    """Return a board whose plane fills a region (left, bottom, right, top), turned if any vector uses a third axis.

    `vectors` has shape (word, axis).
    """
    turned = bool(vectors[:, 2:].any())
    plane = Plane(vectors, axes, region=region, ticks=not turned)
    return ArrowBoard(plane, bounds, turned=turned)


class ArrowBoard:
    """A plane with words as arrows, which are labelled and moved together.

    `bounds` is where labels may be: (left, bottom, right, top) in frame units. The board draws nothing itself: its
    methods return mobjects and animations for a scene to play.
    """

    def __init__(self, plane: Plane, bounds: Rect, *, turned: bool = False) -> None:
        self.plane, self.bounds, self.turned = plane, bounds, turned
        self.arrows: dict[str, WordArrow] = {}
        self.light: dict[str, float] = {}

    def opening(self) -> Iterator[Beat]:
        """Yield the animations, with their durations, that draw the plane and, if `turned`, show its third axis."""
        plane = self.plane
        yield from plane.opening()
        if self.turned:
            plane.axis_lines.add(*plane.third_axis())
            yield plane.turn(TURNED), 1.8
            plane.labels.add(plane.third_axis_label())
            yield FadeIn(plane.labels[-1]), 0.4

    def make(self, token: str, vector: Array, coordinates: Sequence[Number], color: str) -> WordArrow:
        """Add a new arrow to the board; `settle` places its label."""
        self.arrows[token] = WordArrow(token, vector, coordinates, self.plane, color, size=theme.WORD - 1)
        self.light[token] = 1.0
        return self.arrows[token]

    def settle(self, fresh: Sequence[WordArrow]) -> None:
        """Place the names and coordinates of new arrows where they cover least."""
        others = [a for a in self.arrows.values() if a not in fresh]
        avoid = self._written(others) + [r for a in others for r in shaft_rects(self.plane.at(ORIGIN), a.place)]
        places = self._places(fresh, [a.coordinates for a in fresh], [a.place for a in fresh], avoid)
        for arrow, (name, text) in zip(fresh, places, strict=True):
            arrow.name.move_to(name)
            arrow.coordinates.move_to(text)

    def appear(self, fresh: Sequence[WordArrow]) -> Animation:
        """Return the animation in which new arrows grow, one after another, with their labels."""
        steps = [
            AnimationGroup(
                GrowArrow(a.arrow) if a.arrow.has_points() else FadeIn(a.arrow),
                GrowFromCenter(a.body),
                FadeIn(VGroup(a.name, a.coordinates), shift=0.12 * UP),
            )
            for a in fresh
        ]
        return LaggedStart(*steps, lag_ratio=0.4)

    def slide(
        self, vectors: Sequence[Array], coordinates: Sequence[Sequence[Number]], avoid: Sequence[Rect] = ()
    ) -> Animation:
        """Return the animation in which all arrows move to new vectors and their coordinates change to the new ones."""
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

    def spotlight(self, *words: str) -> list[Animation]:
        """Return the animations that dim all arrows but these words'; without words, those that restore all of them."""
        levels = {a: BACK if words and word not in words else 1.0 for word, a in self.arrows.items()}
        steps: list[Animation] = [
            Light(a.parts, self.light[a.token], level) for a, level in levels.items() if self.light[a.token] != level
        ]
        self.light = {a.token: level for a, level in levels.items()}
        return steps

    def taken(self, more: Iterable[Mobject] = ()) -> list[Rect]:
        """Return rectangles that cover everything on the plane: arrows, axes, labels, dots, and `more`."""
        arrows = list(self.arrows.values())
        shafts = [r for a in arrows for r in shaft_rects(self.plane.origin, a.place)]
        shafts += [r for line in self.plane.axis_lines for r in shaft_rects(line.get_start(), line.get_end(), 0.03)]
        return [*shafts, *self._written(arrows), *[rect_of(m, 0.04) for m in (*more, *[a.dot for a in arrows])]]

    def beside_arrow(self, note: Writing, arrow: WordArrow, more: Iterable[Mobject] = ()) -> Writing:
        """Place a note beside the middle of an arrow, where it covers least; return the note."""
        way = arrow.place - self.plane.origin
        along = way / max(float(np.linalg.norm(way)), 1e-9)
        side = np.array([along[1], -along[0], 0.0])
        return clear_spot(note, self.plane.origin + 0.55 * way - 0.12 * side, side, self.taken(more))

    def angle(self, one: WordArrow, other: WordArrow, note: Writing | None = None) -> VGroup:
        """Return the sector and the arc between two arrows; place the note (the angle) where it covers least."""
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
        self, arrows: Sequence[WordArrow], texts: Sequence[Writing], goals: Sequence[Array], avoid: Sequence[Rect]
    ) -> list[tuple[Array, Array]]:
        """Return, for each arrow, the centres of its name and its coordinates once its tip is at its goal."""
        blocks = [
            VGroup(a.name.copy(), t.copy()).arrange(DOWN, buff=0.12, aligned_edge=LEFT)
            for a, t in zip(arrows, texts, strict=True)
        ]
        origin = self.plane.at(ORIGIN)
        standing = [a.place for a in self.arrows.values() if a not in arrows]
        taken = [
            *avoid,
            *point_rects(standing, 0.2),
            *[r for goal in goals for r in shaft_rects(origin, goal)],
            *point_rects(goals, 0.2),
        ]
        taken += [r for line in self.plane.axis_lines for r in shaft_rects(line.get_start(), line.get_end(), 0.03)]
        centers = []
        for block, goal in zip(blocks, goals, strict=True):
            strangers = [p for p in (*goals, *standing) if np.linalg.norm(p - goal) > NEAR]
            rect = beyond(block, goal, goal - origin, taken, self.bounds, strangers)
            taken.append(rect)
            centers.append(np.array([(rect[0] + rect[2]) / 2, (rect[1] + rect[3]) / 2, 0.0]))
        for block, center in zip(blocks, centers, strict=True):
            block.move_to(center)
        return [(block[0].get_center(), block[1].get_center()) for block in blocks]
