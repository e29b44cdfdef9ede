"""A board: a plane with the words that stand on it, which find room for their labels and move together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from manim import LEFT, UP, Animation, Arrow, Ellipse, Line, Mobject, VGroup, smooth
from numpy.typing import NDArray

from attnviz.stage import theme
from attnviz.stage.placement import Rect, find_places, overlap, rect_of, rects_along
from attnviz.stage.plane import Plane, Rider, Turn
from attnviz.stage.words import WordPoint, move_words, settle_labels

Vector = NDArray[np.float64]


class Board:
    """Words on a plane. `right` is the x (frame units) up to which labels may reach.

    The board draws nothing by itself: its methods return mobjects and animations for a scene to play.
    """

    def __init__(self, plane: Plane, *, right: float = theme.FRAME_WIDTH / 2 - theme.MARGIN) -> None:
        self.plane = plane
        self.points: dict[str, WordPoint] = {}
        self.notes: list[Mobject] = []
        self.lines: list[Line] = []
        self.rings: list[Mobject] = []
        self.bounds: Rect = (-theme.FRAME_WIDTH / 2 + theme.MARGIN, -3.8, right, 3.0)

    def make_points(
        self, vectors: Mapping[str, Vector], colors: Mapping[str, str], *, icons: bool = True
    ) -> list[WordPoint]:
        """Return new word points, their labels beside them where they cover nothing."""
        fresh = [WordPoint(token, v, self.plane.at(v), colors[token], with_icon=icons) for token, v in vectors.items()]
        standing = [p for token, p in self.points.items() if token not in vectors]
        settle_labels(fresh, self.taken(standing), self.bounds, standing)
        self.points |= {p.token: p for p in fresh}
        return fresh

    def make_room(self, fresh: Sequence[WordPoint]) -> list[Animation]:
        """Put the labels of fresh words where all labels together have the best places; return how the others move."""
        everyone = [*fresh, *[p for p in self.points.values() if p not in fresh]]
        sizes = [(p.label.width, p.label.height) for p in everyone]
        avoid = [rect_of(m, 0.05) for m in [*self.plane.labels, *self.notes]] + self._lines_drawn()
        centers = find_places(sizes, [p.place for p in everyone], avoid=avoid, bounds=self.bounds)
        for point, center in zip(fresh, centers, strict=False):
            point.label.move_to(center)
        return [
            point.label.animate.move_to(center).build()
            for point, center in zip(everyone[len(fresh) :], centers[len(fresh) :], strict=True)
            if np.linalg.norm(point.label.get_center() - center) > 1e-6
        ]

    def taken(self, points: Sequence[WordPoint] | None = None) -> list[Rect]:
        """Return what a label must not cover: axis names, notes, lines, and labels of `points` (default all)."""
        chosen = self.points.values() if points is None else points
        written = [*self.plane.labels, *self.notes, *[p.label for p in chosen]]
        return [rect_of(m, 0.05) for m in written] + self._lines_drawn()

    def _lines_drawn(self) -> list[Rect]:
        return [
            rect
            for line in [*self.plane.axis_lines, *self.lines]
            for rect in rects_along(line.get_start(), line.get_end())
        ]

    def move(self, vectors: Mapping[str, Vector], run_time: float = 1.5) -> Animation:
        """Return the animation that moves words to new vectors; all labels find room again."""
        moving = [self.points[token] for token in vectors]
        others = [p for p in self.points.values() if p not in moving]
        avoid = [rect_of(m, 0.04) for m in [*self.plane.labels, *self.notes]] + self._lines_drawn()
        animation = move_words(
            moving,
            list(vectors.values()),
            self.plane.at,
            others=others,
            rings=[ring.get_center() for ring in self.rings],
            avoid=avoid,
            bounds=self.bounds,
        )
        animation.run_time = run_time
        return animation

    def turn(self, view: tuple[float, float], run_time: float = 2.4) -> Turn:
        """Return the animation that looks at the plane from another side, the words riding along."""
        riders: list[Rider] = [(p, p.vector, None) for p in self.points.values()]
        return Turn(self.plane, view, riders + self.plane.riders(view), rate_func=smooth, run_time=run_time)

    def _cover(self, note: Mobject) -> float:
        """Return how much a note covers of what is drawn, or of what lies outside the board."""
        rect = rect_of(note)
        dots = [rect_of(p.halo, 0.04) for p in self.points.values()]
        outside = (rect[2] - rect[0]) * (rect[3] - rect[1]) - overlap(rect, self.bounds)
        return outside + sum(overlap(rect, r) for r in (*self.taken(), *dots))

    def forget(self, gone: VGroup | None = None) -> None:
        """Take notes and lines (these, or all) off the list of what labels must not cover."""
        lists: list[list[Any]] = [self.notes, self.lines, self.rings]
        for listed in lists:
            listed[:] = [] if gone is None else [m for m in listed if all(m is not each for each in gone)]

    def settle(self, run_time: float = 0.8) -> Animation:
        """Return the animation in which all labels find room again (after lines have been drawn)."""
        return self.move({}, run_time)

    def beside(self, note: Mobject, line: Line, share: float = 0.5) -> Mobject:
        """Put a note beside a line near `share` of its way, on the side that is freer."""
        start, end = line.get_start(), line.get_end()
        along = (end - start) / max(float(np.linalg.norm(end - start)), 1e-9)
        across = np.array([-along[1], along[0], 0.0])
        reach = 0.17 + abs(across[0]) * note.width / 2 + abs(across[1]) * note.height / 2
        best: tuple[float, Vector] | None = None
        for rank, at in enumerate((share, share - 0.15, share + 0.15)):
            for side in (1.0, -1.0):
                note.move_to(start + at * (end - start) + side * across * reach)
                cost = self._cover(note) + 0.001 * rank
                if best is None or cost < best[0] - 1e-9:
                    best = (cost, note.get_center())
        assert best is not None
        return note.move_to(best[1])

    def pull_arrow(self, word: str, other: str, weight: float) -> Arrow:
        """Return the arrow by which another word pulls: as wide as the weight is large."""
        start, goal = self.points[word], self.points[other]
        tip = 0.16 + 0.12 * weight
        arrow = Arrow(
            start.place,
            goal.place,
            buff=0.22,
            color=goal.word_color,
            tip_length=tip,
            max_stroke_width_to_length_ratio=50,
        )
        arrow.set_stroke(width=2 + 26 * weight, family=False)
        return arrow.set_opacity(0.4 + 0.5 * min(1.0, 5 * weight))

    def cloud(self, tokens: Sequence[str]) -> Ellipse:
        """Return a soft ellipse around words, in the first one's colour."""
        points = [self.points[token] for token in tokens]
        block = VGroup(*[VGroup(p.dot, p.label) for p in points])
        color = points[0].word_color
        middle = block.get_center()
        room = 2 * min(middle[0] + theme.FRAME_WIDTH / 2, theme.FRAME_WIDTH / 2 - middle[0]) - 0.4
        size = {"width": min(block.width * 1.25 + 0.4, room), "height": block.height * 1.28 + 0.4}
        cloud = Ellipse(**size, color=color, stroke_width=1.5, stroke_opacity=0.5)
        return cloud.set_fill(color, 0.07).move_to(block).set_z_index(-2)

    def trail(self, start: Vector, token: str) -> Line:
        """Return the faint line from where a word stood to where it stands."""
        point = self.points[token]
        line = Line(start, point.place, color=point.word_color, stroke_width=2, stroke_opacity=0.5)
        return line.set_z_index(-1)


def corner(mobject: Mobject, x: float, y: float) -> Mobject:
    """Put a mobject's top left corner at (x, y)."""
    return mobject.move_to(np.array([x, y, 0.0]), aligned_edge=UP + LEFT)
