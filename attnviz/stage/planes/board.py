"""A board: a plane with words on it, which are labelled and moved together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
from manim import LEFT, UP, Animation, Arrow, Ellipse, Line, Mobject, VGroup, smooth

from attnviz.stage import frame, theme
from attnviz.stage.placement import Array, Rect, around, find_places, overlap, rect_of, rects_along
from attnviz.stage.planes.plane import Plane, Rider, Turn
from attnviz.stage.receipts import is_visible
from attnviz.stage.words import WordPoint, move_words, settle_labels


class Board:
    """Words as points on a plane. `right` is the x (frame units) up to which labels may extend.

    The board draws nothing itself: its methods return mobjects and animations for a scene to play.
    """

    def __init__(self, plane: Plane, *, right: float = frame.LABELS.right) -> None:
        self.plane = plane
        self.points: dict[str, WordPoint] = {}
        self.notes: list[Mobject] = []
        self.lines: list[Line] = []
        self.rings: list[Mobject] = []
        self.bounds: Rect = frame.LABELS._replace(right=right)

    def make_points(
        self, vectors: Mapping[str, Array], colors: Mapping[str, str], *, icons: bool = True
    ) -> list[WordPoint]:
        """Return new word points, by token and vector, with their labels beside them where they cover least."""
        fresh = [WordPoint(token, v, self.plane.at(v), colors[token], with_icon=icons) for token, v in vectors.items()]
        standing = [p for token, p in self.points.items() if token not in vectors]
        settle_labels(fresh, self.taken(standing), self.bounds, standing)
        self.points |= {p.token: p for p in fresh}
        return fresh

    def make_room(self, fresh: Sequence[WordPoint]) -> list[Animation]:
        """Place all labels jointly: those of fresh words at once; return the animations that move the others."""
        everyone = [*fresh, *[p for p in self.points.values() if p not in fresh]]
        sizes = [(p.label.width, p.label.height) for p in everyone]
        avoid = self.taken([])
        centers = find_places(sizes, [p.place for p in everyone], avoid=avoid, bounds=self.bounds)
        for point, center in zip(fresh, centers, strict=False):
            point.label.move_to(center)
        moved = [
            point.label.animate.move_to(center).build()
            for point, center in zip(everyone[len(fresh) :], centers[len(fresh) :], strict=True)
            if np.linalg.norm(point.label.get_center() - center) > 1e-6
        ]
        standing = [around(center, size) for center, size in zip(centers, sizes, strict=True)]
        return moved + self.clear_ticks([*standing, *[rect_of(p.dot, 0.05) for p in everyone]])

    def clear_ticks(self, standing: Sequence[Rect] | None = None) -> list[Animation]:
        """Return the animations that hide tick numbers which lie under something, and restore those that no longer do.

        `standing` are the rectangles that dots and labels will occupy (default: those that they occupy now).
        """
        if standing is None:
            standing = [rect_of(m) for p in self.points.values() for m in (p.dot, p.label)]
        taken = [*standing, *[rect_of(m, 0.04) for m in [*self.notes, *self.rings]]]
        taken += [r for line in self.lines for r in rects_along(line.get_start(), line.get_end(), 0.06)]
        hidden = {tick: any(overlap(rect_of(tick, 0.1), r) for r in taken) for tick in self.plane.ticks}
        return [
            tick.animate.set_opacity(0 if hide else 1).build()
            for tick, hide in hidden.items()
            if hide == is_visible(tick)
        ]

    def taken(self, points: Sequence[WordPoint] | None = None) -> list[Rect]:
        """Return what labels should not cover: the plane's labels, notes, lines, rings, labels of `points` (or all)."""
        chosen = self.points.values() if points is None else points
        quiet = [*self.plane.ticks, *self.rings]
        written = [*self.plane.labels, *self.notes, *self.rings, *[p.label for p in chosen]]
        # Ticks give way, and rings matter little: better a label close to them than one far from its own dot
        return [rect_of(m, 0.0 if m in quiet else 0.05) for m in written] + self._lines_drawn()

    def _lines_drawn(self) -> list[Rect]:
        return [
            rect
            for line in [*self.plane.axis_lines, *self.lines]
            for rect in rects_along(line.get_start(), line.get_end())
        ]

    def move(self, vectors: Mapping[str, Array], run_time: float = 1.5) -> Animation:
        """Return the animation that moves words to new vectors and places all labels anew."""
        moving = [self.points[token] for token in vectors]
        others = [p for p in self.points.values() if p not in moving]
        animation = move_words(
            moving,
            list(vectors.values()),
            self.plane.at,
            others=others,
            avoid=self.taken([]),
            bounds=self.bounds,
            also=self.clear_ticks,
        )
        animation.run_time = run_time
        return animation

    def turn(self, view: tuple[float, float], run_time: float = 2.4) -> Turn:
        """Return the animation that turns the plane, words included, to a view (azimuth and elevation in radians)."""
        riders: list[Rider] = [(p, p.vector, None) for p in self.points.values()]
        return Turn(self.plane, view, riders + self.plane.riders(view), rate_func=smooth, run_time=run_time)

    def _cover(self, note: Mobject) -> float:
        """Return the area of a note that covers something drawn or lies outside the board's bounds."""
        rect = rect_of(note)
        dots = [rect_of(p.halo, 0.04) for p in self.points.values()]
        outside = (rect[2] - rect[0]) * (rect[3] - rect[1]) - overlap(rect, self.bounds)
        return outside + sum(overlap(rect, r) for r in (*self.taken(), *dots))

    def forget(self, gone: VGroup | None = None) -> None:
        """Stop keeping labels clear of these notes, lines and rings (default: of all)."""
        lists: list[list[Any]] = [self.notes, self.lines, self.rings]
        for listed in lists:
            listed[:] = [] if gone is None else [m for m in listed if all(m is not each for each in gone)]

    def settle(self, run_time: float = 0.8) -> Animation:
        """Return the animation that places all labels anew, as after lines have been drawn."""
        return self.move({}, run_time)

    def beside(self, note: Mobject, line: Line, share: float = 0.5) -> Mobject:
        """Place a note beside a line, near the fraction `share` of its length, where it covers least; return it."""
        start, end = line.get_start(), line.get_end()
        along = (end - start) / max(float(np.linalg.norm(end - start)), 1e-9)
        across = np.array([-along[1], along[0], 0.0])
        reach = 0.17 + abs(across[0]) * note.width / 2 + abs(across[1]) * note.height / 2
        best: tuple[float, Array] | None = None
        for rank, (far, off) in enumerate(product((0.0, 0.2, 0.45), (0.0, -0.15, 0.15, -0.3, 0.3))):
            for side in (1.0, -1.0):
                note.move_to(start + (share + off) * (end - start) + side * across * (reach + far))
                cost = self._cover(note) + 0.002 * rank
                if best is None or cost < best[0] - 1e-9:
                    best = (cost, note.get_center())
        assert best is not None
        return note.move_to(best[1]).set_z_index(3)

    def pull_arrow(self, word: str, other: str, weight: float) -> Arrow:
        """Return the arrow from a word to one that pulls it; the larger the weight, the wider and brighter it is."""
        start, goal = self.points[word], self.points[other]
        width = 2 + 26 * weight
        # The tip is wider than the shaft, even if the arrow is short. Faint colours are opaque, since the two overlap
        arrow = Arrow(
            start.place,
            goal.place,
            buff=min(0.22, float(np.linalg.norm(goal.place - start.place)) / 4),
            color=theme.blend(theme.GROUND, goal.word_color, 0.4 + 0.5 * min(1.0, 5 * weight)),
            tip_length=max(0.16 + 0.12 * weight, 0.018 * width),
            max_stroke_width_to_length_ratio=50,
            max_tip_length_to_length_ratio=0.6,
        )
        return arrow.set_stroke(width=width, family=False).set_z_index(weight)  # the strongest in front

    def cloud(self, tokens: Sequence[str]) -> Ellipse:
        """Return a soft ellipse around words, in the first one's colour and within the board's bounds."""
        points = [self.points[token] for token in tokens]
        block = VGroup(*[VGroup(p.dot, p.label) for p in points])
        color = points[0].word_color
        half = block.width * 0.625 + 0.2
        middle = float(block.get_center()[0])
        left, right = max(middle - half, self.bounds[0] - 0.1), min(middle + half, self.bounds[2] + 0.1)
        size = {"width": right - left, "height": block.height * 1.28 + 0.4}
        cloud = Ellipse(**size, color=color, stroke_width=1.5, stroke_opacity=0.5)
        return cloud.set_fill(color, 0.07).move_to(block).set_x((left + right) / 2).set_z_index(-2)

    def trail(self, start: Array, token: str) -> Line:
        """Return a faint line from a word's former position to its current one."""
        point = self.points[token]
        line = Line(start, point.place, color=point.word_color, stroke_width=2, stroke_opacity=0.5)
        return line.set_z_index(-1)


def corner(mobject: Mobject, x: float, y: float) -> Mobject:
    """Move a mobject's top left corner to (x, y), and return the mobject."""
    return mobject.move_to(np.array([x, y, 0.0]), aligned_edge=UP + LEFT)
