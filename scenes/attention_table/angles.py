"""The words of a table as arrows, and the angles between them, from which its numbers come."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from manim import RIGHT, Animation, AnimationGroup, Arrow, Create, FadeIn, Line, Mobject, VGroup, VMobject

from attnviz.stage import (
    Array,
    Rect,
    Stage,
    Table,
    Writing,
    around,
    derive,
    formula,
    haloed,
    icon,
    nice_step,
    overlap,
    prose,
    rect_of,
    rects_along,
    relation,
    set_sign,
    theme,
    visible_word,
)

MOST = 5
"""So many words can be told apart as arrows."""
AXES = np.array([[1.0, 0.0], [0.0, 1.0], [-0.52, -0.4]])
"""Where a unit along each axis is drawn: to the right, upwards, and (obliquely) towards the viewer."""
NEAR = 0.2
"""How far from the tip of its arrow a word stands at most."""
ALIKE = 1e-6
RADIUS = 0.34
"""How far from the origin an angle is drawn, as a share of the shorter arrow."""


def has_angles(stage: Stage, sentence: str, tokens: Sequence[str]) -> bool:
    """Tell whether a table's numbers come from angles that can be drawn: of a few words on a board of 2 or 3 axes."""
    if stage.places.laid or not stage.has("angle", sentence):
        return False
    vectors = stage.places.of(list(tokens), sentence)
    return len(tokens) <= MOST and vectors.shape[1] <= len(AXES) and bool((np.linalg.norm(vectors, axis=1) > 0).all())


class Angles(VGroup):
    """Words as arrows from the origin, in a box (left, bottom, right, top), with the axes that they use.

    Where only directions count (`cosine`), all arrows have one length. Words that point the same way share an arrow;
    their labels stand at its tip.
    """

    def __init__(self, stage: Stage, sentence: str, tokens: Sequence[str], box: Rect, *, cosine: bool) -> None:
        super().__init__()
        self.tokens, self.cosine = list(tokens), cosine
        vectors = np.asarray(stage.places.of(self.tokens, sentence), dtype=float)
        units = vectors / np.linalg.norm(vectors, axis=1)[:, None]
        self.vectors = units if cosine else vectors
        used = [k for k in range(vectors.shape[1]) if k < 2 or (vectors[:, k] != 0).any()]
        self._fit(box, used)
        self.grid = self._grid(box) if len(used) == len("xy") else VGroup()
        self.axes, self.names = VGroup(), VGroup()
        for k, name in enumerate(stage.places.axes()):
            if k in used:
                self._draw_axis(k, name, box)
        colors = [stage.word_color(token) for token in self.tokens]
        self.arrows = VGroup(*[self._arrow(v, color) for v, color in zip(self.vectors, colors, strict=True)])
        self.labels = VGroup(*[self._label(token, color) for token, color in zip(self.tokens, colors, strict=True)])
        self._place_labels(box)
        self.arc = VGroup()
        self.add(self.grid, self.axes, self.names, self.arrows, self.labels, self.arc)

    def owned(self) -> Iterator[tuple[Mobject, Mobject]]:
        """Yield the words at each tip, with their arrow."""
        yield from self.tags

    def at(self, vector: Array) -> Array:
        """Return where on screen a vector ends."""
        flat = self.unit * (np.asarray(vector) @ AXES[: len(vector)])
        return np.array([self.origin[0] + flat[0], self.origin[1] + flat[1], 0.0])

    def _fit(self, box: Rect, used: Sequence[int]) -> None:
        left, bottom, right, top = box
        reach = 1.15 * np.abs(self.vectors).max(axis=0, initial=0.5)
        ends = [*self.vectors, *[reach[k] * np.eye(len(reach))[k] for k in used], np.zeros(len(reach))]
        flat = np.array([end @ AXES[: len(end)] for end in ends])
        low, high = flat.min(axis=0), flat.max(axis=0)
        room = np.array([right - left, top - bottom]) - ([2.2, 1.4] if len(used) > 2 else [1.5, 1.3])
        self.unit = float((room / np.maximum(high - low, 1e-6)).min())
        middle = np.array([(left + right) / 2, (bottom + top) / 2])
        self.origin = middle - self.unit * (low + high) / 2
        self.reach = reach

    def _grid(self, box: Rect) -> VGroup:
        """Return the lines of a grid that fills the box, at round numbers; the axes lie upon two of them."""
        left, bottom, right, top = box
        step = self.unit * nice_step((right - left) / self.unit)
        x, y = self.origin
        upright = [x + k * step for k in range(math.ceil((left - x) / step), math.floor((right - x) / step) + 1)]
        level = [y + k * step for k in range(math.ceil((bottom - y) / step), math.floor((top - y) / step) + 1)]
        ends = [([at, bottom, 0], [at, top, 0]) for at in upright] + [([left, at, 0], [right, at, 0]) for at in level]
        return VGroup(*[Line(start, end, color=theme.GRID, stroke_width=2) for start, end in ends])

    def _draw_axis(self, k: int, name: str, box: Rect) -> None:
        ends = [np.zeros(len(self.reach)), np.zeros(len(self.reach))]
        column = self.vectors[:, k]
        ends[1][k], ends[0][k] = self.reach[k], 1.15 * min(0.0, float(column.min()))
        line = Line(self.at(ends[0]), self.at(ends[1]), color=theme.AXIS, stroke_width=2.5)
        self.axes.add(line)
        title, tip = haloed(prose(name, size=theme.NOTE, color=theme.DIM, own=True)), self.at(ends[1])
        shafts, half = self._shafts(), title.width / 2
        # Under the tip or over it, or onward where arrows are in the way; the third axis comes from the upper right
        ways = [(0.0, -0.32), (0.0, 0.32), (half + 0.18, 0.0)] if k == 0 else [(-0.8 * half if k > 1 else 0.0, 0.32)]
        for aside, up in ways:
            title.move_to([tip[0] + aside, tip[1] + up, 0])
            title.set_x(min(max(float(title.get_x()), box[0] + half), box[2] - half))
            if not any(overlap(rect_of(title), shaft) > 0 for shaft in shafts):
                break
        self.names.add(title)

    def _shafts(self) -> list[Rect]:
        """Return small boxes along the arrows, which words keep clear of."""
        return [box for v in self.vectors for box in rects_along(self.at(0.2 * v), self.at(v))]

    def _arrow(self, vector: Array, color: str) -> Arrow:
        return Arrow(self.at(0 * vector), self.at(vector), buff=0, color=color, stroke_width=6, tip_length=0.24)

    def _label(self, token: str, color: str) -> VMobject:
        drawing = icon(visible_word(token), 0.62)
        return drawing if drawing is not None else haloed(prose(visible_word(token), color=color, own=True))

    def _place_labels(self, box: Rect) -> None:
        """Place each word at the tip of its arrow; words at one tip stand side by side."""
        tips = [self.at(v) for v in self.vectors]
        tags: list[tuple[VGroup, Array]] = []
        for label, tip in zip(self.labels, tips, strict=True):
            tag = next((tag for tag, at in tags if np.linalg.norm(at - tip) < 0.25), None)
            if tag is None:
                tags.append((VGroup(label), tip))
            else:
                tag.add(label)
        for tag, _ in tags:
            tag.arrange(RIGHT, buff=0.22)
            for label in tag:
                if isinstance(label, Writing):
                    label.seat(-0.1)
        self.tags = [(tag, self.arrows[list(self.labels).index(tag[0])]) for tag, _ in tags]
        taken = [*self._shafts(), *map(rect_of, self.names)]
        lines = [piece for axis in self.axes for piece in rects_along(axis.get_start(), axis.get_end())]
        for tag, tip in tags:
            self._settle(tag, tip, taken, lines, box)
            taken.append(rect_of(tag))

    def _settle(self, tag: VGroup, tip: Array, taken: Sequence[Rect], lines: Sequence[Rect], box: Rect) -> None:
        """Place words close to the tip of their arrow, where they cover least, and rather onward than back."""
        onward = (tip - self.at(0 * self.vectors[0])) / max(
            float(np.linalg.norm(tip - self.at(0 * self.vectors[0]))), ALIKE
        )

        def cost(place: Array) -> float:
            mine = around(place, (tag.width + 0.12, tag.height + 0.12))
            inside = overlap(mine, box) / (tag.width + 0.12) / (tag.height + 0.12)
            on_lines = 0.3 * sum(overlap(mine, line) for line in lines)
            covered = 2 * sum(overlap(mine, other) for other in taken) + on_lines + 3 * (1 - inside)
            return covered - 0.02 * float((place - tip) @ onward)

        turns = [2 * np.pi * k / 24 for k in range(24)]
        ways = [np.array([np.cos(turn), np.sin(turn), 0.0]) for turn in turns]
        half = np.array([tag.width / 2, tag.height / 2, 0.0])
        tag.move_to(min((tip + NEAR * way + half * np.clip(1.6 * way, -1, 1) for way in ways), key=cost))

    # The angles ------------------------------------------------------------------------------------------------------

    def between(self, i: int, j: int) -> VMobject:
        """Return the angle between two words' arrows: an arc, or a square corner where they are perpendicular."""
        one, other = (self.vectors[k] / np.linalg.norm(self.vectors[k]) for k in (i, j))
        size = RADIUS * float(min(np.linalg.norm(self.vectors[k]) for k in (i, j)))
        cosine = float(np.clip(one @ other, -1, 1))
        mark = VMobject(stroke_color=theme.INK, stroke_width=4)
        if abs(cosine) < ALIKE:
            corners = [0.6 * size * v for v in (one, one + other, other)]
            return mark.set_points_as_corners([self.at(corner) for corner in corners])
        turn = float(np.arccos(cosine))
        across = other - cosine * one
        if np.linalg.norm(across) < ALIKE:
            across = np.array([-one[1], one[0], *([0.0] * (len(one) - 2))]) if cosine < 0 else 0 * one
        across = across / max(float(np.linalg.norm(across)), ALIKE)
        angles = np.linspace(0, turn, 24)
        return mark.set_points_smoothly([self.at(size * (np.cos(a) * one + np.sin(a) * across)) for a in angles])

    def most_telling(self, couples: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
        """Return the pair whose angle says most: the smallest that is not nothing; None if there is no pair."""
        units = self.vectors / np.linalg.norm(self.vectors, axis=1)[:, None]
        cosines = {pair: float(units[pair[0]] @ units[pair[1]]) for pair in couples}
        open_ones = {pair: cosine for pair, cosine in cosines.items() if cosine < 1 - ALIKE} or cosines
        return max(open_ones, key=lambda pair: open_ones[pair], default=None)

    def come(self, table: Table, i: int, j: int, arc: VMobject) -> Animation:
        """Return the animation in which an angle opens, and the numbers of its two words fly from it to their cells."""
        n = len(table.column_labels)
        causes = [arc] if self.cosine else [self.labels[i], self.labels[j]]
        cells = list(dict.fromkeys((i * n + j, j * n + i)))
        numbers = [derive(table.marks[k], *causes) for k in cells] + [table.painted(k) for k in cells]
        return AnimationGroup(Create(arc), *numbers)

    def alone(self, table: Table) -> Animation:
        """Return the animation in which every word's number with itself comes from its arrow."""
        n = len(table.column_labels)
        steps = [derive(table.marks[k * n + k], self.labels[k], arch=0.0) for k in range(n)]  # below the heads
        return AnimationGroup(*steps, *[table.painted(k * n + k) for k in range(n)])


def cosine_line(stage: Stage, sentence: str, one: str, other: str) -> Writing:
    """Write that the cosine of the angle between two words is their similarity."""
    angle = stage.number("angle", sentence, "degrees", query=one, key=other)
    result = stage.number("cosine", sentence, query=one, key=other)
    sign = set_sign(relation(float(np.cos(np.radians(angle.shown))), result) == "=")
    return formula(f"cos {{a}} {sign} {{c}}", size=theme.BODY, a=angle, c=result)


def entrance(angles: Angles) -> list[Animation]:
    """Return the animations in which the axes, the arrows and their words appear."""
    return [
        FadeIn(angles.grid, angles.axes, angles.names),
        *[Create(arrow) for arrow in angles.arrows],
        FadeIn(angles.labels),
    ]
