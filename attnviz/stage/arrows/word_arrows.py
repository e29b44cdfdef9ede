"""Words as arrows from the origin of a plane, with their coordinates and the angles between them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np
from manim import (
    Animation,
    DashedLine,
    FadeIn,
    Mobject,
    UpdateFromAlphaFunc,
    VGroup,
    smooth,
)

from attnviz.stage import frame
from attnviz.stage.arrows.axis_names import name_spots
from attnviz.stage.arrows.board_move import BoardMove
from attnviz.stage.arrows.field import Field
from attnviz.stage.arrows.geometry import (
    ICON,
    WIDTH,
    Around,
    angle_wedge,
    arrow_points,
    beside_line,
    beyond,
    clear_spot,
    shaft_rects,
)
from attnviz.stage.arrows.icon_side import free_side
from attnviz.stage.arrows.pose import Pose, seen
from attnviz.stage.arrows.word_arrow import WordArrow, drop_ends, icon_place
from attnviz.stage.halo import haloed
from attnviz.stage.motion import BACK, Light
from attnviz.stage.numbers import Number
from attnviz.stage.ownership import Tag
from attnviz.stage.placement import Array, Rect, around, rect_of, squares
from attnviz.stage.typesetting import Writing


def board_in(vectors: Array, axes: Sequence[str]) -> ArrowBoard:
    """Return a board on a field that fills the frame, turned if any vector uses a third axis.

    `vectors` has shape (word, axis).
    """
    return ArrowBoard(Field(vectors, axes))


class Follower(Protocol):
    """What moves along with a field: it can be drawn anew for any pose."""

    def put(self, field: Field) -> None:
        """Draw it where it is on a field."""


class ArrowBoard:
    """A field with words as arrows, which are labelled and moved together.

    The board draws nothing itself: its methods return mobjects and animations for a scene to play.
    """

    def __init__(self, field: Field) -> None:
        self.field = field
        self.arrows: dict[str, WordArrow] = {}
        self.light: dict[str, float] = {}
        self.followers: list[Follower] = []

    @property
    def is_aside(self) -> bool:
        """Whether there is room for a calculation beside the field."""
        return self.field.pose.right < self.field.wide.right - 1e-6

    @property
    def bounds(self) -> Rect:
        """Where notes may be at present."""
        return frame.ARROW_WINDOW if self.is_aside else frame.LABELS._replace(top=frame.CONTENT.top)

    def opening(self) -> Animation:
        """Return the animation in which the field opens from the origin to the edges of the frame."""
        field = self.field
        field.names.set_opacity(0)

        def grow(mobject: Mobject, alpha: float) -> None:
            field.put(field.pose, reveal=min(1.0, alpha / 0.75))
            late = max(0.0, alpha / 0.25 - 3.0)
            field.names.set_fill(opacity=late).set_stroke(opacity=late)

        return UpdateFromAlphaFunc(field, grow, introducer=True, rate_func=smooth)

    def make(self, token: str, vector: Array, coordinates: Sequence[Number], color: str) -> WordArrow:
        """Add a new arrow to the board; `settle` places its label."""
        arrow = WordArrow(token, vector, coordinates, self.field, color)
        arrow.side = free_side(arrow, self.arrows.values(), self.field)
        arrow.put(self.field)
        self.arrows[token], self.light[token] = arrow, 1.0
        return arrow

    def settle(self, fresh: Sequence[WordArrow]) -> None:
        """Place the names and coordinates of new arrows around their icons, where they cover least.

        They are placed for the field as it is and beside a calculation, so that they need not change sides.
        """
        field = self.field
        poses = [field.pose] if field.pose.near else [field.aside, field.wide]
        offsets = self._offsets(fresh, [a.vector for a in fresh], poses)
        for arrow, offset in zip(fresh, offsets, strict=True):
            arrow.offset = offset
            arrow.flush(offset)
            arrow.put(field)
        standing = {pose: [r for a in self.arrows.values() for r in self._end_rects(a, pose)] for pose in poses}
        field.give_way(standing)

    def drop_lines(self, arrow: WordArrow) -> VGroup:
        """Return the way to an arrow's end along its coordinates: a line for each, empty for a zero."""
        steps, at = VGroup(), np.zeros(3)
        for k, value in enumerate(np.append(arrow.vector, np.zeros(3 - len(arrow.vector)))):
            start, at = at.copy(), at.copy()
            at[k] = value
            line = VGroup()
            if abs(value) * self.field.unit > 0.05:
                line.add(DashedLine(self.field.at(start), self.field.at(at), dash_length=0.14, dashed_ratio=0.6))
            steps.add(line.set_stroke(arrow.word_color, width=4).set_z_index(0))
        return steps

    def grow(self, arrow: WordArrow) -> list[Animation]:
        """Return the animations in which an arrow grows to its end, where its icon appears."""
        if arrow.vector[2:].any():  # drawn flat, its place in space would be a guess
            arrow.drop.add(DashedLine(*drop_ends(self.field, arrow.vector), dash_length=0.12))
            arrow.drop.set_stroke(arrow.word_color, width=3, opacity=0.6)

        def lengthen(mobject: Mobject, alpha: float) -> None:
            outline = arrow_points(self.field.origin, self.field.origin + alpha * (arrow.tip - self.field.origin))
            arrow.shaft.set_points_as_corners(outline) if outline else arrow.shaft.clear_points()

        return [
            UpdateFromAlphaFunc(arrow.shaft, lengthen, introducer=True),
            FadeIn(VGroup(arrow.body, arrow.drop), scale=0.6),
        ]

    def move(self, pose: Pose, *, run_time: float = 1.6) -> Animation:
        """Return the animation in which the field takes another pose; labels keep their sides."""
        return BoardMove(self, pose, [(a, a.vector, a.offset) for a in self.arrows.values()], run_time=run_time)

    def slide(
        self,
        vectors: Sequence[Array],
        coordinates: Sequence[Sequence[Number]],
        pose: Pose | None = None,
        avoid: Sequence[Rect] = (),
    ) -> Animation:
        """Return the animation in which all arrows move to new vectors; old coordinates go before the new ones come."""
        arrows, swaps = list(self.arrows.values()), list[tuple[WordArrow, Writing]]()
        goal = pose or self.field.pose
        for arrow, numbers in zip(arrows, coordinates, strict=True):
            if [mark.number.text for mark in arrow.marks] != [number.text for number in numbers]:
                swaps.append((arrow, arrow.coordinates))
                arrow.rewrite(numbers)
        offsets = self._offsets(arrows, vectors, [goal], avoid)
        for arrow, offset in zip(arrows, offsets, strict=True):
            if any(arrow is each for each, _ in swaps):
                arrow.flush(offset)
        moves = [(a, np.asarray(v, dtype=float), o) for a, v, o in zip(arrows, vectors, offsets, strict=True)]
        names = None
        if self.field.turned:  # there the circle is seen in the same pose, with other labels
            places = [icon_place(seen(goal, np.zeros(2)), seen(goal, v), a.has_icon, a.side) for a, v, _ in moves]
            sizes = [(a.label.width + 0.1, a.label.height + 0.1) for a, *_ in moves]
            labels = [around(p + o, size) for p, size, (_, _, o) in zip(places, sizes, moves, strict=True)]
            names = name_spots(self.field, goal, labels)
        return BoardMove(self, goal, moves, swaps, names)

    def spotlight(self, *words: str) -> list[Animation]:
        """Return the animations that dim all arrows but these words'; without words, those that restore all of them."""
        levels = {a: BACK if words and word not in words else 1.0 for word, a in self.arrows.items()}
        steps: list[Animation] = [
            Light(a, self.light[a.token], level) for a, level in levels.items() if self.light[a.token] != level
        ]
        self.light = {a.token: level for a, level in levels.items()}
        return steps

    def taken(self, more: Iterable[Mobject] = ()) -> list[Rect]:
        """Return rectangles that cover everything on the field: arrows, axes, labels, icons, and `more`."""
        arrows = list(self.arrows.values())
        shafts = [r for a in arrows for r in shaft_rects(self.field.origin, a.tip, 0.1)]
        labels = [rect_of(m, 0.05) for a in arrows for m in (*a.label, a.body)]
        return [*shafts, *self.field.texts(), *self.field.lines(), *labels, *[rect_of(m, 0.04) for m in more]]

    def beside_arrow(self, note: Writing, arrow: WordArrow, more: Iterable[Mobject] = ()) -> Tag:
        """Place a note beside the middle of an arrow, where it covers least; return it, owned by the arrow."""
        return self.beside_line(note, self.field.origin, arrow.tip, arrow.shaft, more)

    def beside_line(
        self,
        note: Writing,
        start: Array,
        end: Array,
        anchor: Mobject,
        more: Iterable[Mobject] = (),
        thick: float = WIDTH,
    ) -> Tag:
        """Place a note beside a line on screen, where it covers least; return it, owned by `anchor`.

        Beside a line that is too short to be seen, it stands where there is room around its start.
        """
        haloed(note)
        if np.linalg.norm(end - start) < 0.3:
            away = -np.sum([a.tip - self.field.origin for a in self.arrows.values()], axis=0)
            away = away / max(float(np.linalg.norm(away)), 1e-9)
            clear_spot(note, start, away, self.taken(more), bounds=self.bounds)
        else:
            walls = [(self.field.origin, arrow.tip) for arrow in self.arrows.values()]
            beside_line(note, start, end, self.taken(more), bounds=self.bounds, thick=thick, walls=walls)
        return Tag(note.set_z_index(3), anchor).lead()

    def angle(self, one: WordArrow, other: WordArrow, note: Writing | None = None) -> VGroup:
        """Return the sector and the arc between two arrows; place the note (the angle) where it covers least."""
        wedge, arc, middle = angle_wedge(one.vector, other.vector, self.field)
        if note is not None:
            way = middle - self.field.origin
            taken = self.taken() + squares(arc.get_anchors(), 0.06)
            clear_spot(note, middle, way / np.linalg.norm(way), taken, bounds=self.bounds)
        return VGroup(wedge, arc)

    def _offsets(
        self, arrows: Sequence[WordArrow], vectors: Sequence[Array], poses: Sequence[Pose], avoid: Sequence[Rect] = ()
    ) -> list[Array]:
        """Return where labels stand, from the middles of their icons, once the arrows are at `vectors`."""
        sides = [self._around(arrows, vectors, pose, avoid) for pose in poses]
        offsets = []
        for k, arrow in enumerate(arrows):
            size = (float(arrow.label.width), float(arrow.label.height))
            icon_size = (float(arrow.body.width), float(arrow.body.height))
            offsets.append(beyond(size, icon_size, [side[k] for side in sides]))
            for side in sides:
                side[k].texts.append(around(side[k].point + offsets[-1], size))
        return offsets

    def _end_rects(self, arrow: WordArrow, pose: Pose) -> tuple[Rect, Rect]:
        """Return where an arrow's icon and its label are in a pose."""
        place = icon_place(seen(pose, np.zeros(2)), seen(pose, arrow.vector), arrow.has_icon, arrow.side)
        icon = around(place, (arrow.body.width, arrow.body.height) if arrow.has_icon else (0.0, 0.0))
        return icon, around(place + arrow.offset, (arrow.label.width, arrow.label.height))

    def _around(
        self, arrows: Sequence[WordArrow], vectors: Sequence[Array], pose: Pose, avoid: Sequence[Rect]
    ) -> list[Around]:
        """Return what is around the ends of arrows in a pose; they share one list of texts."""
        field, now = self.field, self.field.pose
        field.put(pose)
        origin, texts, taken = field.origin, field.texts(), [*avoid, *field.lines()]
        field.put(now)
        tips = [seen(pose, v) for v in vectors]
        places = [icon_place(origin, tip, a.has_icon, a.side) for tip, a in zip(tips, arrows, strict=True)]
        others = [(seen(pose, a.vector), a) for a in self.arrows.values() if a not in arrows]
        standing = [icon_place(origin, tip, a.has_icon, a.side) for tip, a in others]
        for place, (_, other) in zip(standing, others, strict=True):
            texts.append(around(place + other.offset, (other.label.width + 0.12, other.label.height + 0.12)))
        taken += [r for tip in (*tips, *[tip for tip, _ in others]) for r in shaft_rects(origin, tip, 0.09)]
        taken += [around(p, (ICON, ICON)) for p in (*places, *standing)]
        room = frame.ARROW_WINDOW if pose.right < field.wide.right else frame.LABELS
        bounds = (room.left, frame.CONTENT.bottom, room.right, frame.CONTENT.top)
        return [
            Around(
                place,
                tip - origin,
                texts,
                taken,
                bounds,
                [p for p in (*places, *standing) if np.linalg.norm(p - place) > ICON / 2],
            )
            for place, tip in zip(places, tips, strict=True)
        ]
