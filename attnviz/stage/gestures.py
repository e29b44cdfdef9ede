"""Gestures: how the picture points at something. Only what they lay over the stage moves, and it goes again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from manim import (
    Animation,
    CapStyleType,
    Circle,
    Create,
    FadeIn,
    FadeOut,
    Line,
    ManimColor,
    Rectangle,
    RoundedRectangle,
    ShowPassingFlash,
    VGroup,
    VMobject,
    config,
    linear,
    smooth,
)

from attnviz.stage import frame, theme
from attnviz.stage.motion import BACK
from attnviz.stage.placement import Rect, rect_of
from attnviz.stage.spots import Spot

COMES, GOES = 0.55, 0.35
"""The shares of its time in which what is laid over the stage comes, as the word is spoken, and goes."""
PROMPT, LEAVING = 0.8, 0.5
"""For how long, in seconds, the mark of something comes at most, and goes; between them it breathes."""
BREATH, SWELL = 1.3, 0.5
"""How long a breath takes, in seconds, and by which share of its width a mark swells in it."""
STROKE, HALO = 5.0, 9.0
"""How wide (in strokes) the line is that marks a spot, and the halo in the colour of the ground around it."""
ROOM, LOWER, CORNER = frame.px(10), frame.px(9), frame.px(12)
"""How far a frame or a ring stands from what it is around; how far below a word its line is; the radius of corners."""
LEGIBLE = 3.0
"""The contrast to the ground that a line's colour has, or else it is in ink."""
LIGHT = 0.4
"""How long the light is that runs along a way, as a fraction of it."""
TURN = 2.2
"""For how many turns of its neighbours each of a row of spots is marked, coming and going included."""
OVER_ALL = 9
_ARROW = 7  # corners: those of an arrow that is one shape, from its start round its tip


@dataclass(frozen=True)
class Gesture:
    """What is laid over the stage, how it comes and, unless it is over then, how it goes; a mark `breathes` between."""

    comes: Animation
    goes: Animation | None = None
    breathes: Animation | None = None

    def phases(self, frames: int) -> list[tuple[Animation | None, int]]:
        """Return its animations with the frames that each takes of all; None is the stillness between."""
        if self.goes is None:
            return [(self.comes, frames)]
        most = (PROMPT, LEAVING) if self.breathes else (frames, frames)
        come, go = (
            max(1, round(min(share * frames, seconds * config.frame_rate)))
            for share, seconds in zip((COMES, GOES), most, strict=True)
        )
        come = min(come, frames - go)
        return [(self.comes, come), (self.breathes, frames - come - go), (self.goes, go)]


def gesture_of(name: str, spots: Sequence[Spot]) -> Gesture:
    """Return a gesture at some spots: `indicate`, `trace`, `focus`, or `sweep`, which marks them one after another."""
    return _GESTURES[name](spots)


def _indicate(spots: Sequence[Spot]) -> Gesture:
    """Draw a line under what is pointed at, or around it; it breathes until it goes."""
    marks = _all_marked(spots)
    return Gesture(Create(marks, lag_ratio=0), FadeOut(marks), _Breath(marks, rate_func=linear))


def _trace(spots: Sequence[Spot]) -> Gesture:
    """Let a light run along an arrow, an arc or a way; what is none is indicated."""
    if any(spot.shape != "path" for spot in spots):
        return _indicate(spots)
    return Gesture(ShowPassingFlash(_all_marked(spots), time_width=LIGHT))


def _focus(spots: Sequence[Spot]) -> Gesture:
    """Dim all but what is pointed at: by a veil in the colour of the ground, which has holes."""
    veil = Rectangle(width=frame.WIDTH + 1, height=frame.HEIGHT + 1, stroke_width=0)
    veil.set_fill(theme.GROUND, 1 - BACK).set_z_index(OVER_ALL)
    if veil.get_direction() != "CW":
        veil.reverse_direction()
    for hole in _apart([_grown(rect_of(spot.seen if spot.shape == "ring" else spot.thing)) for spot in _bodies(spots)]):
        veil.append_points(_frame_around(hole).force_direction("CCW").points)
    return Gesture(FadeIn(veil), FadeOut(veil))


def _sweep(spots: Sequence[Spot]) -> Gesture:
    """Mark one spot after the other, as a hand passes over them."""
    return Gesture(_Sweep(_all_marked(spots), rate_func=linear))


_GESTURES: dict[str, Callable[[Sequence[Spot]], Gesture]] = {
    "indicate": _indicate,
    "trace": _trace,
    "focus": _focus,
    "sweep": _sweep,
}
GESTURES = ("indicate", "trace", "focus")
"""Those that a mark can name."""


class _Sweep(Animation):
    """Marks come and go one after the other, each while the one before it still stands; they swell and wane."""

    changes_only_its_mobject = True

    def __init__(self, marks: VGroup, **kwargs: Any) -> None:
        super().__init__(marks, introducer=True, remover=True, **kwargs)

    def create_starting_mobject(self) -> VMobject:
        """Return the marks themselves: only their opacity changes."""
        return self.mobject

    def interpolate_mobject(self, alpha: float) -> None:
        """Show the marks at the fraction `alpha` of the way."""
        turn = alpha * (len(self.mobject.submobjects) - 1 + TURN)
        for place, mark in enumerate(self.mobject.submobjects):
            near = max(0.0, 1 - abs(2 * (turn - place) / TURN - 1))
            level = smooth(min(1.0, near * TURN / 1.4))
            _stroke(mark, 1 + SWELL * (smooth(near) - 1), level)


class _Breath(Animation):
    """Marks swell a little and become thin again, as often as there is time for; their halo stays around them."""

    changes_only_its_mobject = True

    def interpolate_mobject(self, alpha: float) -> None:
        """Show the marks at the fraction `alpha` of all breaths."""
        breaths = max(1, round(self.run_time / BREATH))
        swollen = 1 + SWELL * np.sin(np.pi * breaths * alpha) ** 2
        for mark in self.mobject.submobjects:
            _stroke(mark, swollen)


def _stroke(mark: VMobject, width: float, opacity: float = 1.0) -> None:
    """Draw a mark so many times as wide as it is at rest, with its halo."""
    mark.set_stroke(width=width * STROKE, opacity=opacity)
    mark.set_stroke(width=width * HALO, opacity=opacity, background=True)


def _all_marked(spots: Sequence[Spot]) -> VGroup:
    """Return what marks spots, over all else: what is below something that moves need not be drawn again."""
    return VGroup(*map(_marked, spots)).set_z_index(OVER_ALL)


def _marked(spot: Spot) -> VMobject:
    """Return what marks a spot, in the colour of the thing, or in ink."""
    box = rect_of(spot.thing)
    if spot.shape == "path":
        mark = _way_of(spot.thing)
    elif spot.shape == "ring":
        reach = max(box[2] - box[0], box[3] - box[1]) / 2 + ROOM  # a word's name begins just outside
        mark = Circle(radius=reach).rotate(np.pi / 2).move_to(spot.thing)
    elif spot.shape == "box":
        mark = _frame_around(_grown(box))
    else:
        mark = Line([box[0], box[1] - LOWER, 0], [box[2], box[1] - LOWER, 0])
        mark.set_cap_style(CapStyleType.ROUND)
    mark.set_fill(opacity=0).set_stroke(_ink_of(spot), STROKE, 1)
    return mark.set_stroke(theme.GROUND, HALO, 1, background=True)


def _ink_of(spot: Spot) -> str:
    """Return the colour of a word, if a line in it can be seen on the ground; that of ink for all else."""
    glyphs = [glyph for glyph in spot.seen.get_family() if isinstance(glyph, VMobject) and len(glyph.points)]
    if not spot.words or spot.shape == "path" or not glyphs:
        return theme.INK
    color = ManimColor(glyphs[-1].get_fill_color())  # after those of a halo
    return color.to_hex() if theme.contrast(color, theme.GROUND) >= LEGIBLE else theme.INK


def _way_of(thing: VMobject) -> VMobject:
    """Return the way along an arrow, or a line; of another thing its outline."""
    corners = thing.get_start_anchors()
    if thing.get_fill_opacity() > 0 and len(corners) == _ARROW:
        return Line((corners[0] + corners[_ARROW - 1]) / 2, corners[_ARROW // 2])
    return VMobject().set_points(thing.points.copy())


def _frame_around(box: Rect) -> RoundedRectangle:
    x0, y0, x1, y1 = box
    corner = min(CORNER, (x1 - x0) / 2, (y1 - y0) / 2)
    outline = RoundedRectangle(corner_radius=corner, width=x1 - x0, height=y1 - y0)
    return outline.move_to([(x0 + x1) / 2, (y0 + y1) / 2, 0])


def _grown(box: Rect) -> Rect:
    return box[0] - ROOM, box[1] - ROOM, box[2] + ROOM, box[3] + ROOM


def _bodies(spots: Sequence[Spot]) -> list[Spot]:
    """Return spots; a word on a plane comes as two, its point and its name."""
    names = [Spot(spot.words, spot.thing, "line") for spot in spots if spot.shape == "ring"]
    return [*spots, *names]


def _apart(boxes: Sequence[Rect]) -> list[Rect]:
    """Return boxes, those that overlap as one: where two holes overlap, a veil would be whole again."""
    found = list[Rect]()
    for box in boxes:
        while touching := next((other for other in found if _meet(box, other)), None):
            found.remove(touching)
            left, bottom = min(box[0], touching[0]), min(box[1], touching[1])
            box = left, bottom, max(box[2], touching[2]), max(box[3], touching[3])
        found.append(box)
    return found


def _meet(one: Rect, other: Rect) -> bool:
    return max(one[0], other[0]) < min(one[2], other[2]) and max(one[1], other[1]) < min(one[3], other[3])
