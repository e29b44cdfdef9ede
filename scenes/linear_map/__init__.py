"""A linear map tilts and stretches the plane with everything on it, and distances and angles are measured."""

from __future__ import annotations

from typing import Literal

import numpy as np
from manim import RIGHT, UP, AnimationGroup, Create, FadeIn, FadeOut, GrowFromCenter, Indicate, LaggedStart, VGroup

from attnviz.stage import (
    Bend,
    BendingPlane,
    CarriedArrow,
    CarriedShape,
    MapName,
    Number,
    Stage,
    Style,
    Word,
    corner,
    ends,
    frame,
    leaves,
    needs,
    rect_of,
    theme,
    unless,
    visible_word,
)

from . import apart, matrix_lines
from .map_panel import SQUARE, extent, landing_ring, map_panels

NOT_SHOWN = "'{}' is not on the plane yet; show it first with show_words"
BENT = "a map is applied to the plane; do this before apply_map, or after undo_map"
PANEL, SLOTS = frame.BESIDE_BENT_PLANE, frame.BESIDE_BENT_PLANE_TOPS


class LinearMap(Stage):
    """A linear map tilts and stretches the plane: grid, basis, unit square and words; its effect is measured."""

    def setup(self) -> None:
        """Start with an empty stage."""
        self.made: BendingPlane | None = None
        self.basis: list[CarriedArrow] = []
        self.panel: dict[str, VGroup] = {}
        self.applied: str | None = None
        self.written: str | None = None
        self.followed: str | None = None
        self.ruler: tuple[str, str, str] | None = None
        self.ghosts, self.before, self.targets, self.lines = (VGroup() for _ in range(4))

    # Verbs ----------------------------------------------------------------------------------------------------

    @unless("plane", say="the plane is already there; leave this shot out, or start a new scene")
    @leaves("plane")
    def show_plane(self, ticks: bool = False, maps: list[MapName] | None = None) -> None:
        """Draw the plane with its grid, large enough for where the maps (all, or these) take the words."""
        plane = self._lay_out(ticks, maps)
        self.play(LaggedStart(*[Create(line) for line in plane.seen], lag_ratio=0.04), run_time=1.2)
        self.play(Create(plane.axis_lines), FadeIn(plane.labels, shift=0.1 * UP), run_time=0.8)
        self.add(plane)

    @unless("word {words}", say="these words are already on the plane; show other words, or leave the shot out")
    @unless("map *", say=BENT)
    @leaves("plane", "word {words}")
    def show_words(self, words: list[Word], icons: bool = True) -> None:
        """Show words at their embeddings, one after another."""
        fresh = self.newcomers(words, self.plane.words)
        vectors = {word: self._vector(word) for word in fresh}
        points = self.plane.make_points(vectors, self._colors(*fresh), icons=icons)
        appear = [AnimationGroup(GrowFromCenter(p.body), FadeIn(p.label, shift=0.12 * UP)) for p in points]
        self.play(LaggedStart(*appear, lag_ratio=0.35), run_time=0.7 + 0.35 * len(points))

    @unless("basis", say="the basis is already there; leave this shot out")
    @leaves("plane", "basis")
    def show_basis(self) -> None:
        """Draw the two basis vectors and the unit square between them; the grid lines take their colours."""
        if self.plane.unit < 0.3:
            self.refuse("the unit square is too small to be seen here", "leave far words or maps out")
        # Let the arrows grow from the origin, and colour the lines that run along them
        self.basis = [CarriedArrow((0, 0), e, color) for e, color in zip(np.eye(2), theme.BASIS, strict=True)]
        square = CarriedShape(SQUARE, theme.INK, 2.5, fill=0.28).set_z_index(-1)
        self.plane.carry(square, *self.basis)
        grow = [FadeIn(arrow, scale=0.2, target_position=self.plane.origin) for arrow in self.basis]
        self.play(LaggedStart(*grow, lag_ratio=0.5), run_time=1.2)
        self.play(self.plane.tint(*theme.BASIS), run_time=0.9)
        self.add(self.plane)

        # Fill the square between them
        self.play(FadeIn(square), self._put("area", self._area()), run_time=0.8)

    @unless("matrix {map}", say="the matrix of '{}' is already there; leave this shot out")
    @ends("map *", "matrix *")
    @leaves("matrix {map}")
    def show_matrix(self, map: MapName) -> None:
        """Write a map's matrix; each of its rows is where a basis vector goes."""
        if self.applied is not None:
            self.undo_map()
        matrix = matrix_lines.matrix_equation(self._rows(map))
        heading = self.prose(f"the map “{map}”", own=True)
        self.play(self._put("matrix", matrix_lines.lines_of(heading, matrix)), run_time=0.9)
        self.written = map
        if not self.basis:
            return
        # Show, for each row, where it sends its basis vector
        for row, color in enumerate(theme.BASIS):
            digits = VGroup(*[matrix.marks[f"m{row}{column}"] for column in "ab"])
            target = self._target(map, row)
            self.targets.add(target)
            self.play(Indicate(digits, color=color, scale_factor=1.2), FadeIn(target), run_time=1.1)

    @needs("word {word}", say=NOT_SHOWN)
    @unless("map *", say=BENT)
    def follow(self, word: Word) -> None:
        """Trace the coordinates of one word: steps along the first basis vector, then along the second."""
        self._clear_below()
        x, y = self._vector(word)
        self.followed = word
        for (start, end), color in zip((((0, 0), (x, 0)), ((x, 0), (x, y))), theme.BASIS, strict=True):
            step = CarriedShape([start, end], color, 5)
            self.plane.carry(step)
            self.lines.add(step)
            self.play(Create(step.outline), run_time=0.8)
        self.play(self._put("below", self._below()), Bend(self.plane, self.plane.matrix), run_time=1.0)

    @unless("map {map}", say="the map '{}' is already applied; leave this shot out, or write undo_map before it")
    @ends("map *", "matrix *")
    @leaves("plane", "map {map}", "matrix {map}")
    def apply_map(self, map: MapName) -> None:
        """Apply a map to the plane: the grid stays straight and evenly spaced, and rings mark where the words were."""
        matrix = self._matrix(map)
        if not all(self.plane.holds(home @ matrix) for home in self.plane.homes.values()):
            self.refuse(f"the map '{map}' takes words out of the plane", "name it among the `maps` of show_plane")
        if self.written != map:
            self.show_matrix(map)
        elif self.applied is not None:
            self.undo_map()
        # Leave rings behind, and move with the plane
        rings = [p.ghost().set_stroke(width=2, opacity=0.55) for p in self.plane.words.values()]
        self.ghosts, self.before = VGroup(*rings).set_z_index(-2), self._before(matrix)
        self.add(self.ghosts, self.before)
        self.play(Bend(self.plane, matrix), *[FadeOut(target[1], run_time=0.5) for target in self.targets])
        self.applied = map

        # Write what became of the area, and of the word that is followed or what is measured
        gone = [FadeOut(target[0]) for target in self.targets] if self.targets.submobjects else []
        self.targets = VGroup()
        self.play(self._put("area", self._area(map)), *gone, run_time=1.0)
        if self.ruler or self.followed:
            self.play(self._put("below", self._below()), run_time=1.2)

    @needs("map *", say="no map is applied; leave this shot out, or write apply_map before it")
    @ends("map *")
    def undo_map(self) -> None:
        """Undo the map: the plane goes back, and every word returns to its ring."""
        self.applied = None
        area = self._put("area", self._area()) if self.basis else FadeOut(self.panel.pop("area"))
        below = [self._put("below", self._below())] if self.ruler or self.followed else []
        self.play(Bend(self.plane, np.eye(2), run_time=1.8), area, *below)
        self.play(FadeOut(self.ghosts, self.before), run_time=0.4)
        self.before = VGroup()

    @needs("word {first}", "word {second}", say=NOT_SHOWN)
    def measure(self, first: Word, second: Word, by: Literal["distance", "angle"] = "distance") -> None:
        """Measure the distance or angle between two words, before the map and (once it is applied) after it."""
        points = [self.plane.words[word] for word in (first, second)]
        self._clear_below()
        rule = apart.ruler(self._rule(first, second, by))
        self.plane.carry(rule)
        self.lines.add(rule)
        self.ruler = (first, second, by)
        self.before = self._before(self.plane.matrix) if self.applied is not None else VGroup()
        drawn = [*map(Create, rule), FadeIn(self.before)]
        self.play(*drawn, *[Indicate(p.dot, color=p.word_color) for p in points], run_time=1.0)
        self.play(self._put("below", self._below()), Bend(self.plane, self.plane.matrix), run_time=1.0)

    @ends("*")
    def compare_maps(
        self,
        first: Word,
        second: Word,
        maps: list[MapName] | None = None,
        by: Literal["distance", "angle"] = "distance",
    ) -> None:
        """Show maps side by side, from the one that separates two words least to the one that separates them most."""
        names = list(dict.fromkeys(maps or self.labels("maps", "map")))
        if not 2 <= len(names) <= 4:
            self.refuse("two, three or four maps can be compared", "name them in `maps`")
        parted = {name: self._parted(first, second, by, name) for name in names}
        ranking = sorted(names, key=lambda name: parted[name].value)
        words = {word: self._vector(word) for word in (first, second)}
        colors, rule = self._colors(first, second), self._rule(first, second, by)
        panels = map_panels({name: self._matrix(name) for name in ranking}, words, colors, rule)
        if not all(panel.roomy for panel in panels):
            self.refuse("the words are too long for planes so small", "compare fewer maps, or shorter words")
        self.clear_stage()
        self.setup()

        # All start from the same plane, and are applied at once
        before = self._parted(first, second, by)
        caption = apart.caption(by, colors, before, width=frame.SMALL_PLANES.width).move_to(
            [0, frame.UNDER_SMALL_PLANES, 0]
        )
        self.play(*[FadeIn(panel.everything) for panel in panels], run_time=1.0)
        self.play(FadeIn(caption), *[Create(part) for panel in panels for part in panel.rule], run_time=0.8)
        self.play(*[panel.bend() for panel in panels])

        # Measure, and frame the best
        for name, panel in zip(ranking, panels, strict=True):
            panel.note(self.formula("{n}", size=theme.BIG, n=parted[name]), apart.verdict(parted[name], before))
        self.play(LaggedStart(*[FadeIn(p.notes, shift=0.1 * UP) for p in panels], lag_ratio=0.5), run_time=1.8)
        self.play(Create(panels[-1].frame()), run_time=0.9)

    # How ------------------------------------------------------------------------------------------------------

    @property
    def plane(self) -> BendingPlane:
        """The plane; laid out for all maps, unless a shot has already laid it out."""
        if self.made is None:
            self.add(self._lay_out(ticks=False, maps=None))
        assert self.made is not None
        return self.made

    def _lay_out(self, ticks: bool, maps: list[str] | None) -> BendingPlane:
        vectors = [self._vector(token) for name in self.sentence_names() for token in self.tokens(name)]
        room = [extent(self._matrix(map), vectors) for map in maps or self.labels("maps", "map")]
        self.made = BendingPlane(np.vstack(room), self.places.axes(), ticks=ticks, region=frame.BENT_PLANE)
        return self.made

    def _home(self, *tokens: str) -> str:
        """Return the first sentence that has all these words."""
        return self.places.together(*tokens)

    def _vector(self, token: str) -> np.ndarray:
        return self.places.of(token, self._home(token))[:2]

    def _colors(self, *words: str) -> dict[str, str]:
        return {word: self.word_color(word) for word in words}

    def _matrix(self, map: str) -> np.ndarray:
        return np.asarray(self.read("maps", map=map).values, dtype=float)

    def _rows(self, map: str) -> list[list[Number]]:
        return [self.numbers("maps", style="short", map=map, plane_in=axis) for axis in self.labels("maps")]

    def _put(self, slot: str, block: VGroup) -> AnimationGroup:
        """Return the animation that shows a block in its slot beside the plane, replacing what was there."""
        if block.width > 1.4 * PANEL.width:
            self.refuse("these lines are too long to stand beside the plane", "use shorter words or fewer decimals")
        block.scale(min(1.0, PANEL.width / block.width))
        corner(block, PANEL.left, SLOTS[slot])
        old = [FadeOut(self.panel[slot], run_time=0.4)] if slot in self.panel else []
        self.panel[slot] = block
        return AnimationGroup(*old, FadeIn(block, shift=0.12 * RIGHT, run_time=0.7), lag_ratio=0.9)

    def _clear_below(self) -> None:
        """Clear away what is followed or measured."""
        gone = [FadeOut(m) for m in (self.lines, self.before, self.panel.pop("below", VGroup())) if m.submobjects]
        self.plane.drop(*self.lines)
        self.lines, self.before, self.followed, self.ruler = VGroup(), VGroup(), None, None
        if gone:
            self.play(*gone, run_time=0.5)

    def _target(self, map: str, row: int) -> VGroup:
        """Return the ring at which a basis vector will end, with its coordinates."""
        standing = [*self.plane.standing(), *[rect_of(target, 0.03) for target in self.targets]]
        return landing_ring(self.plane.at(self._matrix(map)[row]), self._rows(map)[row], theme.BASIS[row], standing)

    def _area(self, map: str | None = None) -> VGroup:
        """Return the lines on the unit square's area, and on what a map makes of it, which is its determinant."""
        one = self.derived(1.0, "area of the unit square", "short")
        if map is None:
            lead = self.prose("area of the unit square", theme.NOTE, theme.DIM)
            return matrix_lines.row_of(lead, self.formula("= {n}", size=30, n=one))
        det = self.number("determinant", style="short", map=map)
        area = self.derived(abs(det.value), f"abs({det.name})", "short")
        return matrix_lines.lines_of(
            matrix_lines.determinant_line(self._rows(map), det), matrix_lines.area_line(one, det, area)
        )

    def _below(self) -> VGroup:
        """Return the lines on what is measured, or on the word that is followed, at present."""
        if self.ruler:
            first, second, by = self.ruler
            after = self._parted(first, second, by, self.applied) if self.applied else None
            return apart.reading(by, self._colors(first, second), self._parted(first, second, by), after)
        word = str(self.followed)
        start = self.places.numbers(word, self._home(word), axes=self.labels("maps"))
        name, color = visible_word(word), self.word_color(word)
        if self.applied is None:
            return matrix_lines.steps_line(name, color, start)
        image = self.numbers("mapped", self._home(word), style="short", map=self.applied, token=word)
        return matrix_lines.product_lines(name, color, start, self._rows(self.applied), image)

    def _before(self, matrix: np.ndarray) -> VGroup:
        """Return the measured line as it was before a map, dashed, its number clear of everything after the map."""
        if not self.ruler:
            return VGroup()
        note = self.formula("{n}", size=theme.NOTE, color=theme.DIM, n=self._parted(*self.ruler))
        places = [self.plane.at(vector) for vector in self._rule(*self.ruler)]
        return apart.left_behind(places, note, self.plane.standing(matrix))

    def _rule(self, first: str, second: str, by: str) -> list[np.ndarray]:
        turn = [np.zeros(2)] if by == "angle" else []
        return [self._vector(first), *turn, self._vector(second)]

    def _parted(self, first: str, second: str, by: str, map: str | None = None) -> Number:
        """Return the distance or angle between two words, before any map or after one."""
        style: Style = "degrees" if by == "angle" else "fixed"
        if map is None:
            return self.number(f"plane_{by}", self._home(first, second), style=style, query=first, key=second)
        return self.number(f"mapped_{by}", self._home(first, second), style=style, map=map, query=first, key=second)
