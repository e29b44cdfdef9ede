"""Words as arrows from the origin of a plane, with their coordinates and the angles between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np
from manim import (
    DOWN,
    Animation,
    DashedLine,
    Dot,
    FadeIn,
    Mobject,
    UpdateFromAlphaFunc,
    VGroup,
    VMobject,
    smooth,
    squish_rate_func,
)

from attnviz.stage import frame, theme
from attnviz.stage.arithmetic.equations import vector_template
from attnviz.stage.arrows.field import Field, Pose, seen
from attnviz.stage.arrows.geometry import (
    BEYOND,
    ICON,
    WIDTH,
    Around,
    angle_wedge,
    arrow_points,
    beside_line,
    beyond,
    clear_spot,
    point_rects,
    shaft_rects,
)
from attnviz.stage.icons import icon
from attnviz.stage.motion import BACK, FIRST_HALF, SECOND_HALF, Light
from attnviz.stage.numbers import Number
from attnviz.stage.ownership import Anchor, Tag
from attnviz.stage.placement import Array, Rect, around, rect_of
from attnviz.stage.reading import visible_word
from attnviz.stage.tables.head_words import cut_short
from attnviz.stage.typesetting import NumberMark, Writing, formula, prose

LONGEST_NAME = 3.0
"""How wide the name of an arrow may be (frame units); a longer one is cut short."""


FIRST_PART, LAST_PART = squish_rate_func(smooth, 0.0, 0.58), squish_rate_func(smooth, 0.62, 1.0)


class WordArrow(VGroup):
    """A word as an arrow from the origin, with its icon (or a dot) beyond the tip, its name and its coordinates.

    `vector` is where it ends now, `offset` leads from the middle of the icon to that of the label.
    """

    def __init__(self, token: str, vector: Array, coordinates: Sequence[Number], field: Field, color: str) -> None:
        super().__init__()
        self.token, self.vector, self.word_color = token, np.asarray(vector, dtype=float), color
        self.shaft = VMobject(stroke_width=0, fill_color=color, fill_opacity=1.0)
        picture = icon(visible_word(token), ICON)
        self.body = VGroup(picture) if picture is not None else VGroup(Dot(radius=frame.px(15), color=color))
        self.has_icon = picture is not None
        self.name = word_within(token, LONGEST_NAME, size=theme.WORD, color=color)
        self.coordinates = self.written(coordinates)
        self.label = VGroup(self.name, self.coordinates)
        for text in self.label:
            text.set_stroke(theme.GROUND, width=8, background=True)
        self.offset = np.zeros(3)
        self.drop = VGroup()
        self.add(self.drop, self.shaft, self.body, self.label)
        self.set_z_index(2)
        self.shaft.set_z_index(1)
        self.stack()
        self.put(field)

    def written(self, coordinates: Sequence[Number]) -> Writing:
        """Return coordinates as a row vector in the word's colour; marks are named `c0`, `c1` …"""
        named = {f"c{k}": number for k, number in enumerate(coordinates)}
        text = formula(vector_template(list(named)), size=theme.WORD, color=self.word_color, numbers=named)
        return text.set_z_index(2)

    def stack(self, left: bool = False, right: bool = False) -> None:
        """Set the name over the coordinates: centred, or flush with the side that is nearer to the icon."""
        edge = np.array([-1.0, 0.0, 0.0]) if left else np.array([1.0, 0.0, 0.0]) if right else np.zeros(3)
        self.coordinates.next_to(self.name, DOWN, buff=0.12, aligned_edge=edge)
        self.coordinates.seat(self.name.baseline - 0.56)

    def flush(self, offset: Array) -> None:
        """Set the two lines of the label flush with the icon's side, if the label is to stand beside it."""
        beside = abs(offset[0]) > self.label.width / 2
        self.stack(left=beside and offset[0] > 0, right=beside and offset[0] < 0)

    def rewrite(self, coordinates: Sequence[Number]) -> None:
        """Write other coordinates in place of the present ones."""
        self.label.remove(self.coordinates)
        self.coordinates = self.written(coordinates)
        self.coordinates.set_stroke(theme.GROUND, width=8, background=True)
        self.label.add(self.coordinates)
        self.stack()

    @property
    def marks(self) -> list[NumberMark]:
        """The digits of the coordinates, in order."""
        return [self.coordinates.marks[f"c{k}"] for k in range(len(self.coordinates.marks))]

    @property
    def tip(self) -> Array:
        """The point on screen where the arrow ends (x, y, 0)."""
        return self._tip

    @property
    def place(self) -> Array:
        """The middle of the icon (x, y, 0)."""
        return np.asarray(self.body.get_center(), dtype=float)

    def owned(self) -> Iterator[tuple[VMobject, Anchor]]:
        """Yield the label with the icon, and the icon with the arrow's tip."""
        yield self.label, self.body
        yield self.body, self._tip

    def put(self, field: Field, share: float = 1.0) -> None:
        """Draw the arrow to its vector, or to a `share` of it, and bring its icon and label along."""
        start, end = field.at(np.zeros(2)), field.at(self.vector)
        self._tip = start + share * (end - start)
        outline = arrow_points(start, self._tip)
        self.shaft.set_points_as_corners(outline) if outline else self.shaft.clear_points()
        self.body.move_to(icon_place(start, self._tip, self.has_icon))
        self.label.move_to(self.place + self.offset)
        if self.drop.submobjects:
            self.drop[0].put_start_and_end_on(*_drop_ends(field, self.vector))

    def ghost(self) -> VMobject:
        """Return a small hollow ring that marks where the arrow ended, to be left behind when it moves."""
        ring = Dot(self._tip, radius=frame.px(11), color=self.word_color, fill_opacity=0.0)
        return ring.set_stroke(self.word_color, width=3, opacity=0.8)


def word_within(token: str, width: float, *, size: float, color: str) -> Writing:
    """Set a word in one size; it is cut short if it is wider than `width`."""
    word = visible_word(token)
    name = prose(word, size=size, color=color, own=True)
    letters = int(len(word) * width / name.width) if name.width > width else 0
    while name.width > width and letters > 0:
        name = prose(cut_short(word, letters), size=size, color=color, own=True)
        letters -= 1
    return name


def icon_place(start: Array, tip: Array, has_icon: bool) -> Array:
    """Return where the icon beyond the tip of an arrow is; a dot is on the tip itself."""
    way = tip - start
    reach = float(np.linalg.norm(way))
    if not has_icon:
        return tip
    along = way / reach if reach > 1e-6 else np.array([0.0, 1.0, 0.0])
    return np.asarray(tip + BEYOND * along, dtype=float)


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

    def open(self) -> Animation:
        """Return the animation in which the field opens from the origin to the edges of the frame."""
        field = self.field
        field.names.set_opacity(0)

        def grow(mobject: Mobject, alpha: float) -> None:
            field.put(field.pose, reveal=min(1.0, alpha / 0.75))
            late = max(0.0, alpha / 0.25 - 3.0)
            field.names.set_fill(opacity=late).set_stroke(opacity=late, background=True)

        return UpdateFromAlphaFunc(field, grow, introducer=True, rate_func=smooth)

    def make(self, token: str, vector: Array, coordinates: Sequence[Number], color: str) -> WordArrow:
        """Add a new arrow to the board; `settle` places its label."""
        self.arrows[token] = WordArrow(token, vector, coordinates, self.field, color)
        self.light[token] = 1.0
        return self.arrows[token]

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
        field.give_way({pose: [self._label_rect(a, pose) for a in self.arrows.values()] for pose in poses})

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
            arrow.drop.add(DashedLine(*_drop_ends(self.field, arrow.vector), dash_length=0.12))
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
        return BoardMove(self, goal, moves, swaps)

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
        note.set_stroke(theme.GROUND, width=8, background=True)
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
            taken = self.taken() + point_rects(arc.get_anchors())
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

    def _label_rect(self, arrow: WordArrow, pose: Pose) -> Rect:
        place = icon_place(seen(pose, np.zeros(2)), seen(pose, arrow.vector), arrow.has_icon)
        return around(place + arrow.offset, (arrow.label.width, arrow.label.height))

    def _around(
        self, arrows: Sequence[WordArrow], vectors: Sequence[Array], pose: Pose, avoid: Sequence[Rect]
    ) -> list[Around]:
        """Return what is around the ends of arrows in a pose; they share one list of texts."""
        field, now = self.field, self.field.pose
        field.put(pose)
        origin, texts, taken = field.origin, field.texts(), [*avoid, *field.lines()]
        field.put(now)
        tips = [seen(pose, v) for v in vectors]
        places = [icon_place(origin, tip, a.has_icon) for tip, a in zip(tips, arrows, strict=True)]
        others = [(seen(pose, a.vector), a) for a in self.arrows.values() if a not in arrows]
        standing = [icon_place(origin, tip, a.has_icon) for tip, a in others]
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


class BoardMove(Animation):
    """Animate a board to another pose, with arrows to new vectors and their labels to new offsets.

    `swaps` are arrows whose coordinates are new, with the old ones, which go before the new ones come.
    """

    def __init__(
        self,
        board: ArrowBoard,
        pose: Pose,
        moves: Sequence[tuple[WordArrow, Array, Array]],
        swaps: Sequence[tuple[WordArrow, Writing]] = (),
        **kwargs: Any,
    ) -> None:
        self.board, self.start, self.goal, self.swaps = board, board.field.pose, pose, swaps
        self.moves = [(a, a.vector.copy(), v, a.offset.copy(), o) for a, v, o in moves]
        for arrow, old in swaps:
            arrow.add(old)
        followers = [each for each in board.followers if isinstance(each, VMobject)]
        super().__init__(VGroup(board.field, *followers, *[a for a, *_ in self.moves]), **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        """Show the board at the fraction `alpha` of the animation: if arrows and circle move, the arrows go first."""
        share = late = self.rate_func(alpha)
        if self.goal.near > self.start.near:
            share, late = FIRST_PART(alpha), LAST_PART(alpha)
        self.board.field.put(self.start.towards(self.goal, late))
        for each in self.board.followers:
            each.put(self.board.field)
        for arrow, old, new, before, after in self.moves:
            arrow.vector = old + share * (new - old)
            arrow.offset = before + share * (after - before)
            arrow.put(self.board.field)
        for arrow, gone in self.swaps:
            gone.move_to(arrow.coordinates)
            for text, level in ((gone, 1 - FIRST_HALF(alpha)), (arrow.coordinates, SECOND_HALF(alpha))):
                text.set_fill(opacity=level).set_stroke(opacity=level, background=True)

    def finish(self) -> None:
        """Show the end, without what has gone."""
        super().finish()
        for arrow, gone in self.swaps:
            arrow.remove(gone)


def _drop_ends(field: Field, vector: Array) -> tuple[Array, Array]:
    """Return the ends of the line from a vector's point down to the plane of the first two axes."""
    flat = np.array([vector[0], vector[1], 0.0])
    start, end = field.at(vector), field.at(flat)
    return (start, end) if np.linalg.norm(end - start) > 1e-6 else (start, start + np.array([0.0, 0.01, 0.0]))
