"""The opening of a lecture: its title, the series that it is part of, and what will be learnt."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    AnimationGroup,
    ArcBetweenPoints,
    Circle,
    Create,
    Dot,
    FadeIn,
    FadeOut,
    GrowFromCenter,
    LaggedStart,
    Line,
    MoveAlongPath,
    VGroup,
    VMobject,
)

from attnviz.stage import Stage, Writing, frame, icon, icon_names, is_right_to_left, theme

from .paragraph import Paragraph, evenly_apart, paragraph

WIDTH, MIDDLE = frame.CARD.width, frame.CARD.center[1]
ICON, RING = 1.5, 0.32
"""The height of drawings, and the radius of stations."""
SWING, ABOVE, BELOW = 0.85, 0.78, 1.16
"""How far stations lie over and under the middle, and the baselines of their names over and under them."""
LARGEST_NAME = 56


class TitleCard(Stage):
    """The opening of a lecture: its title, the series that it is part of, and what will be learnt."""

    needs_sentence = False

    # Verbs ----------------------------------------------------------------------------------------------------

    def show_title(self, title: str, subtitle: str = "", icons: list[str] | None = None) -> None:
        """Open with a large title, with a thin line and a subtitle below it, and drawings joined by arcs above it.

        Seen: A title card: {title}. [Below it: {subtitle}.] [Above it, joined by arcs, are drawings: {icons}.]

        Plays: drawings, arcs, title, line, subtitle.
        """
        self.clear_stage()
        drawings = self._drawings(icons or [])
        heading = self._text(title, width=WIDTH, size=104, smallest=60, centred=True)
        rule = Line(1.6 * LEFT, 1.6 * RIGHT, color=theme.FOCUS, stroke_width=4)
        parts = [drawings, heading, rule] if icons else [heading, rule]
        if subtitle:
            parts.append(self._text(subtitle, width=WIDTH, size=54, color=theme.DIM, centred=True))
        VGroup(*parts).arrange(DOWN, buff=0.55).move_to([0, MIDDLE, 0])
        drawings.shift(0.15 * UP)

        # Show the drawings, and thin arcs between them
        if icons:
            self.play(
                LaggedStart(*[FadeIn(d, shift=0.2 * UP) for d in drawings], lag_ratio=0.15),
                run_time=0.9,
                beat="drawings",
            )
            if arcs := self._arcs(drawings):
                self.play(LaggedStart(*[Create(arc) for arc in arcs], lag_ratio=0.25), run_time=1.2, beat="arcs")

        # Write the title under them
        self.play(
            LaggedStart(*[FadeIn(line, shift=0.2 * UP) for line in heading], lag_ratio=0.3), run_time=1.3, beat="title"
        )
        self.play(GrowFromCenter(rule), run_time=0.7, beat="line")
        if subtitle:
            self.play(FadeIn(parts[-1], shift=0.12 * UP), run_time=0.8, beat="subtitle")

    def show_journey(self, steps: list[str], here: str) -> None:
        """Draw a path with a station for each step, and travel to the one where we are (`here`).

        Seen: A path with a station for each step: {steps}. A light travels along it, and stops at {here}.

        Plays: path, stations, light, way, here.
        """
        if not 2 <= len(steps) <= 6:
            self.refuse("a journey has two to six stations", "write fewer steps, or more")
        if steps.count(here) != 1:
            self.refuse(f"'{here}' is not one of the steps", f"write one of: {', '.join(steps)}")
        now, (path, places) = steps.index(here), self._path(len(steps), _onward(steps)[0])
        # Neighbours' names stand over and under the path, so that they have more room than from station to station
        edge = frame.FULL.right - frame.MARGIN - max(abs(place[0]) for place in places)
        room = min(1.7 * abs(places[1][0] - places[0][0]), 2 * edge)
        names = self._names(steps, here, room)
        for name, place in zip(names, places, strict=True):
            name.set_x(place[0])
            above = place[1] > MIDDLE
            name.shift((place[1] + (ABOVE - name[-1].baseline if above else -BELOW - name[0].baseline)) * UP)
        lower = MIDDLE - float(names.get_center()[1])
        names.shift(lower * UP)
        path.shift(lower * UP)
        places = [place + lower * UP for place in places]
        rings = VGroup(*[Circle(radius=RING, color=theme.AXIS, stroke_width=5).move_to(p) for p in places])
        rings.set_fill(theme.GROUND, 1)

        # Lay out the path
        self.clear_stage(then=[Create(path, run_time=0.6)], beat="path")
        appear = [FadeIn(VGroup(ring, name), shift=0.1 * UP) for ring, name in zip(rings, names, strict=True)]
        self.play(LaggedStart(*appear, lag_ratio=0.35), run_time=0.8 + 0.4 * len(steps), beat="stations")

        # Travel to where we are
        light = Dot(places[0], radius=0.6 * RING, color=theme.FOCUS)
        halo = Dot(places[now], radius=2 * RING, color=theme.FOCUS, fill_opacity=0.22).set_z_index(-1)
        self.play(FadeIn(light, scale=0.3), run_time=0.4, beat="light")
        if now:
            way = self._walked(path, now / (len(steps) - 1))
            self.play(Create(way), MoveAlongPath(light, way), run_time=0.8 + 0.5 * now, beat="way")
        lit = [ring.animate.set_stroke(theme.FOCUS) for ring in rings[: now + 1]]
        self.play(GrowFromCenter(halo), *lit, run_time=0.6, beat="here")

    def show_points(self, points: list[str]) -> None:
        """List what will be learnt, one point after another, along a thread.

        Seen: Along a thread, the points of the lecture appear: {points}.

        Plays: points.
        """
        if not 1 <= len(points) <= 6:
            self.refuse("one to six points can be shown", "write fewer points")
        texts = VGroup(*[self._text(p, width=WIDTH - 2, size=58, smallest=theme.SMALLEST, lines=2) for p in points])
        onward = _onward(points)
        texts.arrange(DOWN, buff=min(1.0, 3.6 / len(points)), aligned_edge=-onward)
        evenly_apart(texts)
        texts.move_to(0.4 * onward + MIDDLE * UP)
        if texts.height > frame.CARD.height:
            self.refuse("these points are too long to stand together", "write fewer or shorter ones")
        marks = VGroup(*[Circle(radius=0.2, color=theme.FOCUS, stroke_width=4, fill_opacity=0.3) for _ in points])
        for mark, text in zip(marks, texts, strict=True):
            mark.move_to([(texts.get_edge_center(-onward) - 0.85 * onward)[0], self._middle(text[0]), 0])

        # Lay out the thread, then show one point after another
        ways = [(one.get_bottom(), other.get_top()) for one, other in pairwise(marks)]
        thread = VGroup(*[Line(*way, buff=0.14, color=theme.AXIS, stroke_width=4) for way in ways])
        knots = VGroup(*[mark.copy().set_stroke(theme.AXIS).set_fill(opacity=0) for mark in marks])
        come = [
            AnimationGroup(GrowFromCenter(mark), FadeOut(knot), FadeIn(text, shift=0.2 * onward), run_time=0.8)
            for knot, mark, text in zip(knots, marks, texts, strict=True)
        ]
        lay_out = AnimationGroup(FadeIn(knots), Create(thread), run_time=0.8)
        self.clear_stage(then=[LaggedStart(lay_out, come[0], lag_ratio=0.2)], beat="points")
        for each in come[1:]:
            self.play(each, beat="points")

    # How ------------------------------------------------------------------------------------------------------

    def _text(self, text: str, *, size: float, width: float, **style: Any) -> Paragraph:
        block = paragraph(text, size=size, width=width, **style) if text.strip() else None
        if block is None:
            self.refuse(f"there is no room for the text '{text[:60]}'", "write it shorter")
        return block

    def _names(self, steps: list[str], here: str, width: float) -> VGroup:
        """Return the stations' names, all in one size, the current one in bold."""
        sizes = [self._text(step, size=LARGEST_NAME, width=width, lines=4, bold=True).size for step in steps]
        style: dict[str, Any] = {"size": min(sizes), "width": width, "lines": 4, "centred": True}
        inks = [theme.INK if step == here else theme.DIM for step in steps]
        return VGroup(*[self._text(s, color=c, bold=s == here, **style) for s, c in zip(steps, inks, strict=True)])

    def _middle(self, line: Writing) -> float:
        """Return the y of the middle of a line's lower-case letters."""
        return float(line.baseline + 0.11 * line.font_size / theme.BIG)

    def _drawings(self, names: list[str]) -> VGroup:
        found = VGroup()
        for name in names:
            drawing = icon(name, ICON)
            if drawing is None:
                self.refuse(f"there is no drawing of '{name}'", f"there are: {', '.join(icon_names())}")
            found.add(drawing)
        if len(found) > 6:
            self.refuse("at most six drawings can stand side by side", "leave some out")
        return found.arrange(RIGHT, buff=min(1.8, (WIDTH - ICON * len(found)) / max(1, len(found) - 1)))

    def _arcs(self, drawings: VGroup) -> VGroup:
        """Return thin arcs between neighbours, below the drawings."""
        feet = [drawing.get_center() + (drawings.height / 2 + 0.08) * DOWN for drawing in drawings]
        arcs = [ArcBetweenPoints(feet[k], feet[k + 1], angle=0.9) for k in range(len(feet) - 1)]
        return VGroup(*[arc.set_stroke(theme.AXIS, width=4) for arc in arcs])

    def _path(self, count: int, onward: float) -> tuple[VMobject, list[np.ndarray]]:
        """Return a gently winding path across the stage (to the right, or to the left), and where its stations are."""
        margin = WIDTH / (2 * count)
        xs = onward * np.linspace(-WIDTH / 2 + margin, WIDTH / 2 - margin, count)
        places = [np.array([x, MIDDLE + SWING * (-1) ** k, 0.0]) for k, x in enumerate(xs)]
        return self._smooth(places), places

    def _walked(self, path: VMobject, share: float) -> VMobject:
        """Return the part of the path, up to the fraction `share`, that has been travelled."""
        way = VMobject().set_stroke(theme.FOCUS, width=7).set_z_index(-1)
        return way.pointwise_become_partial(path, 0, share)

    def _smooth(self, places: list[np.ndarray]) -> VMobject:
        path = VMobject().set_stroke(theme.AXIS, width=5).set_z_index(-2)
        return path.set_points_smoothly(places)


def _onward(texts: list[str]) -> np.ndarray:
    """Return the direction in which texts are read, one after another: that of the first."""
    return LEFT if is_right_to_left(texts[0]) else RIGHT
