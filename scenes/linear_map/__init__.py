"""A linear map tilts and stretches the plane with everything on it, and distances and angles are measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Animation,
    AnimationGroup,
    Create,
    FadeIn,
    FadeOut,
    GrowFromCenter,
    LaggedStart,
    Mobject,
    VGroup,
    there_and_back,
)

from attnviz.stage import (
    PAD,
    TICKED,
    Bend,
    BendingPlane,
    Carried,
    CarriedArrow,
    CarriedShape,
    CarriedTurn,
    Light,
    MapName,
    Number,
    NumberMark,
    Rect,
    SentenceName,
    Stage,
    Style,
    View,
    Word,
    Writing,
    derive,
    ends,
    frame,
    leaves,
    needs,
    rect_of,
    rects_along,
    rects_on_way,
    ruler,
    theme,
    unless,
    view_of,
    visible_word,
)

from . import apart, matrix_lines
from .map_panel import SQUARE, MapPanel, map_panels
from .meanings import Parting, apart_in, meaning_of, old_place, shares_of

NOT_SHOWN = "'{}' is not on the plane yet; show it first with show_words"
BENT = "a map is applied to the plane; do this before apply_map, or after undo_map"
PANEL = frame.BESIDE_BENT_PLANE
SLOTS = ("matrix", "area", "below")
NARROWEST = theme.SMALLEST / theme.BODY
"""To which fraction of their size lines beside the plane may be scaled."""
WIDE = 0.8
"""The gap between two statements in a line (frame units)."""


class LinearMap(Stage):
    """A linear map tilts and stretches the plane: grid, basis, unit square and words; its effect is measured."""

    def setup(self) -> None:
        """Start with an empty stage."""
        self.made: BendingPlane | None = None
        self.maps: list[str] = []
        self.pad = PAD
        self.basis: list[CarriedArrow] = []
        self.square: CarriedShape | None = None
        self.panel: dict[str, VGroup] = {}
        self.applied: str | None = None
        self.written: str | None = None
        self.followed: str | None = None
        self.ruler: tuple[str, str, str] | None = None
        self.rule: Carried | None = None
        self.marks: dict[str, NumberMark] = {}
        self.steps: list[CarriedShape] = []
        self.landings: list[CarriedArrow] = []
        self.ghosts, self.before = VGroup(), VGroup()

    # Verbs ----------------------------------------------------------------------------------------------------

    @unless("plane", say="the plane is already there; leave this shot out, or start a new scene")
    @leaves("plane")
    def show_plane(self, ticks: bool = False, maps: list[MapName] | None = None) -> None:
        """Draw the plane with its grid. There will be room for where the maps (all, or these) take the words.

        Seen: A plane is drawn with a grid of lines[: {across} to the right, and {upwards} upwards].

        Plays: grid, axes.
        """
        plane = self._lay_out(ticks, maps)
        self.play(LaggedStart(*[Create(line) for line in plane.seen], lag_ratio=0.04), run_time=1.2, beat="grid")
        self.play(Create(plane.axis_lines), FadeIn(VGroup(*plane.labels), shift=0.1 * UP), run_time=0.8, beat="axes")
        self.add(plane)

    @unless("word {words}", say="these words are already on the plane; show other words, or leave the shot out")
    @unless("map *", say=BENT)
    @leaves("plane", "word {words}")
    def show_words(self, words: list[Word], icons: bool = True) -> None:
        """Show words at their embeddings, one after another.

        Seen: Points appear in the plane, one after another: {words}.

        Plays: words.
        """
        fresh = self.newcomers(words, self.plane.words)
        vectors = {word: self._vector(word) for word in fresh}
        points = self.plane.make_points(vectors, self._colors(*fresh), icons=icons)
        appear = [AnimationGroup(GrowFromCenter(p.body), FadeIn(p.label, shift=0.12 * UP)) for p in points]
        self.play(LaggedStart(*appear, lag_ratio=0.35), run_time=0.7 + 0.35 * len(points), beat="words")
        self.own(*points)

    @needs("word {words}", say=NOT_SHOWN)
    @unless("map *", say=BENT)
    @ends("word {words}")
    def hide_words(self, words: list[Word]) -> None:
        """Take words off the plane, which then needs no room for where the maps take them.

        Seen: The points of {words} go off the plane.

        Plays: words.
        """
        self._clear_below()
        gone = [self.plane.words[word] for word in dict.fromkeys(words)]
        self.plane.forget(*dict.fromkeys(words))
        self.play(*map(FadeOut, gone), run_time=0.7, beat="words")

    @unless("basis", say="the basis is already there; leave this shot out")
    @leaves("plane", "basis")
    def show_basis(self) -> None:
        """Draw the two basis vectors, the unit square between them, and the turn from the first to the second.

        Seen: From the origin, two arrows grow, one to the right and one upwards. Between them lies a square, with a
        round arrow from the first to the second. [Its area is {"area of the unit square"}.]

        Plays: arrows, square, area.
        """
        plane = self.plane
        if self._wide().unit < 0.25:
            self.refuse("the unit square is too small to be seen here", "leave far words or maps out")
        self.basis = [CarriedArrow((0, 0), e, color, 9) for e, color in zip(np.eye(2), theme.BASIS, strict=True)]
        self.square = CarriedShape(SQUARE, theme.INK, 2.5, fill=0.24).set_z_index(-1)
        turn = CarriedTurn(theme.INK)
        plane.carry(self.square, turn, *self.basis)
        self.play(LaggedStart(*[arrow.grow() for arrow in self.basis], lag_ratio=0.5), run_time=1.2, beat="arrows")
        area = self._label_area(self._one())
        self.play(FadeIn(self.square), run_time=0.6, beat="square")
        self.play(Create(turn), derive(area, self.square), run_time=0.9, beat="area")

    @unless("matrix {map}", say="the matrix of '{}' is already there; leave this shot out")
    @ends("map *", "matrix *")
    @leaves("matrix {map}")
    def show_matrix(self, map: MapName) -> None:
        """Write a map's matrix; each of its rows (its columns, if vectors are columns) is where a basis vector goes.

        Seen: The plane makes room for the matrix of the map {map}. A thin arrow shows where each arrow of the basis
        will go[: {maps[map, :, :]}].

        Plays: matrix, arrow, coordinates, digits.
        """
        if self.applied is not None:
            self.undo_map()
        self._make_way()
        self._clear_panel()
        matrix = matrix_lines.matrix_equation(self._rows(map), columns=self.column_vectors, size=52)
        heading = self.prose(f"the map “{map}”", size=theme.NOTE, color=theme.DIM, own=True)
        block = matrix_lines.lines_of(heading, matrix, buff=0.2)
        moved = self._seat("matrix", block)
        self.marks, self.written = matrix.marks, map
        if not self.basis:
            self.play(*moved, FadeIn(block), run_time=0.9, beat="matrix")
            return
        # Show, for each row, where it sends its basis vector, and take it from there
        digits = [*matrix.marks.values()]
        self.play(
            *moved, FadeIn(heading, *[part for part in matrix if part not in digits]), run_time=0.7, beat="matrix"
        )
        for row in range(2):
            landing = self._landing(map, row)
            note = landing.label
            assert note is not None
            self.play(landing.grow(), *self._settle_steps(), run_time=0.7, beat="arrow")
            self.plane.left_behind += [note]
            self.play(derive(note, landing.tip), *self._settle_words(), run_time=0.6, beat="coordinates")
            marks = note[-1].marks.values()
            self.play(*[derive(digits[2 * row + k], mark) for k, mark in enumerate(marks)], run_time=0.9, beat="digits")
        self.own(block)

    @needs("word {word}", say=NOT_SHOWN)
    @unless("map *", say=BENT)
    def follow(self, word: Word) -> None:
        """Trace the coordinates of one word: steps along the first basis vector, then along the second.

        Seen: From the origin, steps lead to {word}: first along one arrow of the basis, then along the other. [They are
        {values embeddings[word, :]} long.]

        Plays: steps, lengths.
        """
        self._clear_below()
        x, y = self._vector(word)
        numbers = self.places.numbers(word, self._home(word), axes=self.labels("maps"))
        self.followed = word
        legs = (((0, 0), (x, 0)), ((x, 0), (x, y)))
        for (start, end), color, number in zip(legs, theme.BASIS, numbers, strict=True):
            step = CarriedShape([start, end], color, 7).set_z_index(1)
            self.plane.carry(step)
            self.steps.append(step)
            note = self.formula("{n}", color=color, n=number)
            taken = self.plane.standing(without=step)
            outside = int(x * y >= 0)  # of the corner between the two steps
            step.settle(note, (step.places, taken), prefer=outside)
            label = step.relabel(note)
            self.play(Create(step.outline), run_time=0.8, beat="steps")
            self.own(step)
            self.play(derive(label, step), *self._settle_words(), run_time=0.7, beat="lengths")

    @unless("map {map}", say="the map '{}' is already applied; leave this shot out, or write undo_map before it")
    @ends("map *", "matrix *")
    @leaves("plane", "map {map}", "matrix {map}")
    def apply_map(self, map: MapName) -> None:
        """Apply a map to the plane: the grid stays straight and evenly spaced, and rings mark where the words were.

        Seen: The whole grid tilts and stretches, and the words go along. The square becomes a parallelogram[ with the
        area {"abs(determinant"}]. [The determinant is {determinant[map]}.] [One word is worked out, which goes to
        {values mapped[map, :, :]}.]

        Plays: bend, area, line, areas, determinant, crosswise, number, comparison, word, steps, result.
        """
        matrix, plane = self._matrix(map), self.plane
        if not all(plane.holds(home @ matrix, self._wide()) for home in plane.homes.values()):
            self.refuse(f"the map '{map}' takes words out of the plane", "name it among the `maps` of show_plane")
        if self.written != map:
            self.show_matrix(map)
        elif self.applied is not None:
            self.undo_map()
        # Leave rings behind, and move with the plane
        self.ghosts = VGroup(*[old_place(p.place, p.word_color) for p in plane.words.values()]).set_z_index(-2)
        if self.square is not None:
            self.ghosts.add(self.square.outline.copy().set_fill(opacity=0).set_stroke(theme.AXIS, 2.5).set_z_index(-2))
        self.before = self._before(matrix)
        self.add(self.ghosts)
        plane.left_behind = [*self.ghosts[: len(plane.words)], *self.before[1:]]
        gone = [FadeOut(landing.label, run_time=0.5) for landing in self.landings]
        self.play(Bend(plane, matrix), FadeIn(self.before, run_time=0.6), *self._hush(), *gone, beat="bend")
        self.applied = map
        self._unlabel()
        self.play(plane.stand_back(), run_time=0.6)
        # Write what became of the area, and of the word that is followed or what is measured
        self._show_area(map)
        if self.ruler or self.followed:
            self._show_below()

    @needs("map *", say="no map is applied; leave this shot out, or write apply_map before it")
    @ends("map *")
    def undo_map(self) -> None:
        """Undo the map: the plane goes back, and every word returns to its ring.

        Seen: The grid straightens again, and every word returns to its ring.

        Plays: back, labels.
        """
        self.applied = None
        gone = [FadeOut(self.panel.pop(slot), run_time=0.6) for slot in SLOTS[1:] if slot in self.panel]
        gone += [FadeOut(self.before)] if self.before.submobjects else []
        self.play(Bend(self.plane, np.eye(2), run_time=1.8), *self._hush(), *gone, beat="back")
        self._unlabel()
        labels: list[Animation] = []
        if self.square is not None:
            labels.append(derive(self._label_area(self._one()), self.square))
        if self.rule is not None and self.ruler:
            labels.append(FadeIn(self.rule.relabel(apart.value(self._parted(*self.ruler)))))
        self.play(FadeOut(self.ghosts), *labels, run_time=0.6, beat="labels")
        self.ghosts, self.before, self.plane.left_behind = VGroup(), VGroup(), []

    @needs("word {first}", "word {second}", say=NOT_SHOWN)
    def measure(self, first: Word, second: Word, by: Literal["distance", "angle"] = "distance") -> None:
        """Measure the distance or angle between two words, before the map and (once it is applied) after it.

        Seen: [{if by=angle}The angle between {first} and {second} is drawn.|A ruler is laid between {first} and
        {second}.] [Before the map it shows {plane_distance[first, second]}.|Before the map it shows {plane_angle[first,
        second]}.] [After it, {mapped_distance[first, second]}.|After it, {mapped_angle[first, second]}.]

        Plays: before, ruler, number, comparison.
        """
        points = [self.plane.words[word] for word in (first, second)]
        number = self._parted(first, second, by)
        self._clear_below()
        self.ruler = (first, second, by)
        if self.applied is not None:
            self.before = self._before(self.plane.matrix)
            rule, label = self.before
            self.plane.left_behind.append(label)
            self.play(Create(rule), run_time=0.8, beat="before")
            self.play(derive(label, rule.middle), run_time=0.7, beat="before")
            number = self._parted(first, second, by, self.applied)
        self.rule = ruler(self._rule(first, second, by))
        note = apart.value(number)
        places = [self.plane.at(vector @ self.plane.matrix) for vector in self.rule.vectors]
        taken = [*self.plane.standing(), *[rect for each in self.before for rect in _rects(each)]]
        self.rule.settle(note, (places, taken))
        self.plane.carry(self.rule)
        self.play(
            Create(self.rule),
            *[p.body.animate(rate_func=there_and_back).scale(1.15) for p in points],
            run_time=1.0,
            beat="ruler",
        )
        if self.applied is None:
            self.play(
                derive(self.rule.relabel(note), self.rule.middle), *self._settle_words(), run_time=0.8, beat="number"
            )
        else:
            self._show_below()

    @ends("*")
    def compare_maps(
        self,
        first: Word,
        second: Word,
        maps: list[MapName] | None = None,
        by: Literal["distance", "angle"] = "distance",
    ) -> None:
        """Show maps side by side, from the one that separates two words least to the one that separates them most.

        Seen: Side by side stands the plane under each map. [From {first} to {second}: {mapped_distance[:, first,
        second]}.|The angle between them: {mapped_angle[:, first, second]}.]

        Plays: planes, rulers, distances, line, maps, results, areas, best.
        """
        names = self._compared(maps)
        parted = {name: self._parted(first, second, by, name) for name in names}
        before = self._parted(first, second, by)
        ranking = sorted(names, key=lambda name: parted[name].value)
        panels = self._panels(ranking, [first, second], self._rule(first, second, by))
        for name, panel in zip(ranking, panels, strict=True):
            panel.measure(before, parted[name])

        # All start from the same plane, with the same distance
        come = LaggedStart(*[FadeIn(panel.drawn) for panel in panels], lag_ratio=0.4, run_time=1.6)
        self.clear_stage(then=[come], beat="planes")
        self.setup()
        self.play(*[Create(panel.rule) for panel in panels], run_time=0.8, beat="rulers")
        labels = [panel.rule.relabel(apart.value(before)) for panel in panels]
        self.play(
            *[derive(label, panel.rule.middle) for label, panel in zip(labels, panels, strict=True)],
            run_time=0.8,
            beat="distances",
        )
        line = self._line_before(by, before, ranking, labels[0])

        # All maps at once; then what is measured, and the best
        gone = [Light(label, 1, 0, run_time=0.5) for label in labels]
        self.play(*[panel.bend() for panel in panels], *gone, beat="maps")
        self.remove(*labels)
        labels = [panel.rule.relabel(apart.value(parted[name])) for name, panel in zip(ranking, panels, strict=True)]
        for label, panel in zip(labels, panels, strict=True):  # one by one, as they may be said
            self.play(derive(label, panel.rule.middle), *_moved_names(panel.plane), run_time=0.8, beat="results")
        if line[1:]:
            self.play(FadeIn(line[1:]), run_time=0.6, beat="areas")
        self.play(Create(panels[-1].frame()), *panels[-1].praise(), run_time=0.9, beat="best")

    def _line_before(self, by: str, before: Number, ranking: list[str], label: VGroup) -> VGroup:
        """Write below the panels how far apart two words are before any map, and return all that is to stand there."""
        measured = self.phrase(f"{by} before any map: {{n}}", size=theme.NOTE, color=theme.DIM, n=before)
        line = self._under([measured], ranking)
        number = line[0].marks["n"]
        self.play(FadeIn(*_without(line[0], [number])), derive(number, label[-1].marks["n"]), run_time=0.9, beat="line")
        self.own(line[0])
        return line

    @ends("*")
    def compare_attention(
        self, word: Word, first: SentenceName, second: SentenceName, maps: list[MapName] | None = None
    ) -> None:
        """Let a word attend, in the plane of each map, in two sentences: the best map parts its two meanings most.

        Seen: Side by side stands the plane under each map. In each, attention moves {word} to two points, one for each
        sentence. [Rulers show how far they are apart: {"norm(mapped_attended"}.]

        Plays: planes, maps, attention, moves, rulers, distances, best.
        """
        names = self._compared(maps)
        for sentence in (first, second):
            if word not in self.tokens(sentence):
                self.refuse(f"the sentence '{sentence}' does not have the word '{word}'", "choose another word")
        found = {name: [meaning_of(self, word, each, name) for each in (first, second)] for name in names}
        parted = {name: apart_in(self, word, name, found[name]) for name in names}
        ranking = sorted(names, key=lambda name: parted[name].value)
        words = list(dict.fromkeys([*self.tokens(first), *self.tokens(second)]))
        shares = {name: shares_of(self, found[name]) for name in ranking}
        panels = self._panels(ranking, words, [], least=max(each.width for each in shares.values()))

        # All start from the same plane; the maps are applied
        self.clear_stage(then=[FadeIn(panel.drawn) for panel in panels], beat="planes")
        self.setup()
        self.play(*[panel.bend() for panel in panels], beat="maps")
        self.play(*[move for panel in panels for move in [panel.plane.stand_back(), *_moved_names(panel.plane)]])

        # In each of them the word attends, and moves
        parting = [
            Parting(self, panel, word, found[name], parted[name], shares[name])
            for name, panel in zip(ranking, panels, strict=True)
        ]
        self.play(*[FadeOut(panel.written) for panel in panels], run_time=0.5)
        for each in parting:  # one by one, as they may be said
            self._part(each)

        # How far apart the two are decides
        self.play(*[Create(each.rule) for each in parting], run_time=0.8, beat="rulers")
        labels = [each.rule.relabel(apart.value(each.number)) for each in parting]
        line = self._under([self.prose(self._weighed(), theme.NOTE, theme.DIM)], ranking)
        appear = [derive(label, each.rule.middle) for label, each in zip(labels, parting, strict=True)]
        self.play(LaggedStart(*appear, lag_ratio=0.5), FadeIn(line), run_time=1.8, beat="distances")
        self.play(Create(panels[-1].frame()), *panels[-1].praise(), run_time=0.9, beat="best")

    # How ------------------------------------------------------------------------------------------------------

    def _part(self, parting: Parting) -> None:
        """Let a word attend in both sentences, and move."""
        self.play(*parting.look(), run_time=1.2, beat="attention")
        self.add(*parting.copies)
        gone, ring = FadeOut(parting.start, run_time=0.4), FadeIn(parting.ring, run_time=0.4)
        self.play(gone, ring, *parting.part(), run_time=1.8, beat="moves")

    def _compared(self, maps: Sequence[str] | None) -> list[str]:
        """Return the maps that are compared: these, or all."""
        names = list(dict.fromkeys(maps or self.labels("maps", "map")))
        if not 2 <= len(names) <= 4:
            self.refuse("two, three or four maps can be compared", "name them in `maps`")
        return names

    @property
    def plane(self) -> BendingPlane:
        """The plane; laid out for all maps, unless a shot has already laid it out."""
        if self.made is None:
            self.add(self._lay_out(ticks=False, maps=None))
        assert self.made is not None
        return self.made

    def _lay_out(self, ticks: bool, maps: list[str] | None) -> BendingPlane:
        self.maps, self.pad = list(maps or self.labels("maps", "map")), TICKED if ticks else PAD
        vectors = [self._vector(token) for name in self.sentence_names() for token in self.tokens(name)]
        square = np.array(SQUARE, dtype=float)
        alone = view_of(np.vstack(vectors), frame.BENT_PLANE, frame.CONTENT, drawn=square, pad=self.pad)
        self.made = BendingPlane(alone, self.places.axes(), ticks=self._wide(vectors) if ticks else None)
        return self.made

    def _wide(self, words: Sequence[np.ndarray] | None = None) -> View:
        """Return the view aside, with room for where the maps take words: those on the plane, if none are given."""
        vectors = [*(words or self.plane.homes.values())] or [np.zeros(2)]
        steps = [end for step in self.steps for end in step.vectors]
        matrices = [np.eye(2), *map(self._matrix, self.maps)]
        return view_of(
            np.vstack([vectors @ matrix for matrix in matrices]),
            frame.BENT_PLANE_ASIDE,
            frame.BENT_PLANE_ASIDE_ROOM,
            pad=self.pad,
            drawn=np.vstack([np.vstack([*SQUARE, *steps]) @ matrix for matrix in matrices]),
        )

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

    def _one(self) -> Number:
        return self.derived(1.0, "area of the unit square", "short")

    def _make_way(self) -> None:
        """Let the plane slide aside, and make room for where the maps take the words, unless it has."""
        view, now = self._wide(), self.plane.view
        if now.window != view.window or not np.isclose(now.unit, view.unit) or not np.allclose(now.origin, view.origin):
            self.play(Bend(self.plane, view=view, run_time=1.4))

    def _label_area(self, area: Number) -> VGroup:
        """Write the area of the unit square, or of what it has become, where there is room."""
        assert self.square is not None
        text = self.formula("{n}", n=area)
        taken = [*self.plane.standing(without=self.square), *map(rect_of, self.ghosts[:-1])]
        taken += [rect for axis in self.plane.axis_lines for rect in rects_along(axis.get_start(), axis.get_end())]
        self.square.settle(text, (self.square.places, taken))
        spot = self.square.spot((text.width, text.height), self.square.places)
        inside = np.allclose(spot, np.mean(self.square.places[:-1], axis=0))
        return self.square.relabel(text, on_lines=not inside)

    def _settle_words(self) -> list[Animation]:
        """Return the animations in which words' names make way for what was drawn."""
        return _moved_names(self.plane)

    def _seat(self, slot: str, block: VGroup) -> list[Animation]:
        """Place a block beside the plane, and return the animations in which the others make room for it.

        They stand one below the other, and are centred together.
        """
        narrow = min(PANEL.width / line.width for line in block)
        if narrow < NARROWEST:
            self.refuse("these lines are too long to stand beside the plane", "use shorter words or fewer decimals")
        if narrow < 1:  # lines of words cannot be set smaller
            for line in block:
                if line.width > 0.95 * PANEL.width or any(part.marks for part in _writings(line)):
                    line.scale(narrow)
            block.arrange(DOWN, buff=0.15, aligned_edge=LEFT)
        self.panel[slot] = block
        blocks = [self.panel[each] for each in SLOTS if each in self.panel]
        gap = min(0.55, (PANEL.height - sum(each.height for each in blocks)) / max(1, len(blocks) - 1))
        left = PANEL.center[0] - max(each.width for each in blocks) / 2
        top = PANEL.center[1] + (sum(each.height for each in blocks) + gap * (len(blocks) - 1)) / 2
        moved: list[Animation] = []
        for each in blocks:
            goal = np.array([left + each.width / 2, top - each.height / 2, 0.0])
            top -= each.height + gap
            if each is block:
                each.move_to(goal)
            elif np.linalg.norm(each.get_center() - goal) > 1e-6:
                moved.append(each.animate.move_to(goal).build())
        return moved

    def _clear_panel(self) -> None:
        """Clear away all that stands beside the plane, and where the last map's matrix sent the arrows."""
        gone = [
            *self.panel.values(),
            *self.landings,
            *[each.label for each in self.landings if each.label in self.mobjects],
        ]
        self.panel, self.landings, self.plane.left_behind = {}, [], []
        if gone:
            self.play(*map(FadeOut, gone), run_time=0.5)

    def _clear_below(self) -> None:
        """Clear away what is followed or measured."""
        carried = [*self.steps, *([] if self.rule is None else [self.rule])]
        labels = [each.label for each in carried if each.label is not None]
        block = self.panel.pop("below", VGroup())
        gone = [FadeOut(m) for m in (*carried, *labels, self.before, block) if m.submobjects]
        self.plane.drop(*carried)
        self.plane.left_behind = [each for each in self.plane.left_behind if each not in self.before]
        self.steps, self.rule, self.before, self.followed, self.ruler = [], None, VGroup(), None, None
        if gone:
            self.play(*gone, run_time=0.5)

    def _landing(self, map: str, row: int) -> CarriedArrow:
        """Return the thin arrow that shows where a basis vector will end, with its coordinates at its tip."""
        color = theme.BASIS[row]
        landing = CarriedArrow((0, 0), self._matrix(map)[row], color, 4).set_opacity(0.6).set_z_index(1)
        places = [self.plane.at(vector) for vector in landing.vectors]
        note = matrix_lines.vector_piece(self._rows(map)[row], color)
        taken = [*self.plane.standing(), *self._landed()]
        landing.settle(note, (places, taken), bounds=self.plane.region)
        landing.place(places)
        landing.relabel(note)
        self.landings.append(landing)
        return landing

    def _landed(self) -> list[Rect]:
        """Return rectangles that cover the arrows which show where basis vectors will end, and their coordinates."""
        return [rect for each in self.landings for rect in _rects(each, each.label)]

    def _settle_steps(self) -> list[Animation]:
        """Return the animations in which the lengths of steps make way for where the basis vectors will end."""
        moved: list[Animation] = []
        for step in self.steps:
            assert step.label is not None
            label, now = step.label, step.label.get_center()
            taken = [*self.plane.standing(without=step), *self._landed()]
            step.settle(label, (step.places, taken), bounds=self.plane.region, prefer=step.choice)
            goal = label.get_center()
            if np.linalg.norm(goal - now) > 1e-6:
                moved.append(label.move_to(now).animate.move_to(goal).build())
        return moved

    def _hush(self) -> list[Animation]:
        """Return the animations in which numbers go that are not true while the plane bends."""
        changing = [each for each in (self.square, self.rule) if each is not None and each.label is not None]
        return [Light(each.label, 1, 0, run_time=0.5) for each in changing]

    def _unlabel(self) -> None:
        """Take away the labels that are hushed, and arrows that have come true."""
        for each in (self.square, self.rule):
            if each is not None and each.label is not None:
                self.remove(each.label)
                each.label = None
        self.remove(*self.landings)
        self.landings = []

    def _show_area(self, map: str) -> None:
        """Show what became of the unit square's area, which is the determinant, and how the matrix has it."""
        one, det = self._one(), self.number("determinant", style="short", map=map)
        area = self.derived(abs(det.value), f"abs({det.name})", "short")
        line, last = matrix_lines.area_line(one, det, area), matrix_lines.determinant_line(det)
        crosswise = None
        if not (self.ruler or self.followed):
            crosswise = matrix_lines.crosswise_line(self._rows(map), det, columns=self.column_vectors)
        block = matrix_lines.lines_of(line, last, *([crosswise] if crosswise else []), buff=0.2)
        moved = self._seat("area", block)
        found = {
            name: mark for part in line.get_family() if isinstance(part, Writing) for name, mark in part.marks.items()
        }
        digits = [*found.values(), *last.marks.values()]
        causes = 2 * [self.panel["matrix"]] if self.square is None else [self.ghosts[-1], self.square]
        if self.square is not None:
            label = self._label_area(area)
            self.play(derive(label, self.square), *self._settle_words(), run_time=0.8, beat="area")
            causes[1] = label[-1].marks["n"]
        self.play(*moved, FadeIn(*_without(VGroup(line), digits)), run_time=0.6, beat="line")
        self.play(derive(found["one"], causes[0]), derive(found["area"], causes[1]), run_time=1.0, beat="areas")
        self.play(
            FadeIn(*_without(last, digits)), derive(last.marks["det"], found["area"]), run_time=0.9, beat="determinant"
        )
        if crosswise:
            marks = self.marks
            pairs = zip("abcd", ("m0a", "m0b", "m1a", "m1b"), strict=True)
            flights = [derive(crosswise.marks[name], marks[cause]) for name, cause in pairs]
            self.play(
                FadeIn(*_without(crosswise, [*crosswise.marks.values()])), *flights, run_time=1.0, beat="crosswise"
            )
        self.own(block)

    def _show_below(self) -> None:
        """Show, beside the plane, what became of what is measured, or of the word that is followed."""
        assert self.applied is not None
        if self.ruler and self.rule is not None:
            first, second, by = self.ruler
            before, after = self._parted(first, second, by), self._parted(first, second, by, self.applied)
            note = apart.value(after)
            moment = self.rule.places, self.plane.standing(without=self.rule)
            self.rule.settle(note, moment, prefer=self.rule.choice)
            label = self.rule.relabel(note)
            self.play(derive(label, self.rule.middle), *self._settle_words(), run_time=0.8, beat="number")
            block = apart.reading(by, before, after)
            moved = self._short_area() + self._seat("below", block)
            old, arrow, new = block[1]
            causes = self.before[1][-1].marks["n"], label[-1].marks["n"]
            self.play(
                *[derive(line.marks["n"], cause) for line, cause in zip((old, new), causes, strict=True)],
                *moved,
                beat="comparison",
            )
            self.play(FadeIn(block[0], arrow), run_time=0.6, beat="comparison")
            self.own(block)
            return
        word = str(self.followed)
        start = self.places.numbers(word, self._home(word), axes=self.labels("maps"))
        image = self.numbers("mapped", self._home(word), style="short", map=self.applied, token=word)
        rows = self._rows(self.applied)
        block = matrix_lines.product_lines(
            visible_word(word), self.word_color(word), start, rows, image, columns=self.column_vectors
        )
        head, steps, result = block
        self.play(*self._short_area(), *self._seat("below", block), FadeIn(head), run_time=0.6, beat="word")
        for row, step in enumerate(steps):
            sign, times, vector = step
            mark = next(iter(times.marks.values()))
            flights = [derive(mark, _number_in(self.steps[row]))]
            flights += [derive(vector.marks[k], self.marks[f"m{row}{c}"]) for k, c in zip("xy", "ab", strict=True)]
            self.play(
                FadeIn(sign, *_without(times, [mark]), *_without(vector, [*vector.marks.values()])),
                *flights,
                beat="steps",
            )
        self.play(FadeIn(result[0]), derive(result[1], self.plane.words[word].body), run_time=0.9, beat="result")
        self.own(block)

    def _short_area(self) -> list[Animation]:
        """Return the animations that make room below the determinant: what stands crosswise in the matrix goes."""
        block = self.panel.get("area", VGroup())
        if len(block) < 3:
            return []
        gone = block[2]
        block.remove(gone)
        return [FadeOut(gone)]

    def _before(self, matrix: np.ndarray) -> VGroup:
        """Return the ruler as it was before a map, and its label, which is clear of everything after the map."""
        if not self.ruler:
            return VGroup()
        places = [self.plane.at(vector) for vector in self._rule(*self.ruler)]
        taken = self.plane.standing(matrix, without=self.rule)
        rule = apart.left_behind(places, self._parted(*self.ruler), taken)
        return VGroup(rule, rule.label).set_z_index(-1)

    def _rule(self, first: str, second: str, by: str) -> list[np.ndarray]:
        turn = [np.zeros(2)] if by == "angle" else []
        return [self._vector(first), *turn, self._vector(second)]

    def _parted(self, first: str, second: str, by: str, map: str | None = None) -> Number:
        """Return the distance or angle between two words, before any map or after one."""
        style: Style = "degrees" if by == "angle" else "fixed"
        if map is None:
            return self.number(f"plane_{by}", self._home(first, second), style=style, query=first, key=second)
        return self.number(f"mapped_{by}", self._home(first, second), style=style, map=map, query=first, key=second)

    def _weighed(self) -> str:
        """Return how the weights under small planes come about."""
        what = "cosines" if self.trace_fact("similarity") == "cosine" else "similarities"
        how = {"softmax": "softmax of ", "scores": ""}.get(self.trace_fact("weights"), "shares of ")
        return f"weights: {how}{what}"

    def _panels(
        self, names: list[str], tokens: Sequence[str], rule: list[np.ndarray], least: float = 0.0
    ) -> list[MapPanel]:
        """Return the small planes of a comparison, with their words, each at least so wide; refuse if that is no room.

        What is written under a small plane may need more width than its words.
        """
        words, colors = {word: self._vector(word) for word in tokens}, self._colors(*tokens)
        maps, rows = {name: self._matrix(name) for name in names}, {name: self._rows(name) for name in names}
        panels = map_panels(maps, rows, words, rule, frame.SMALL_PLANES, columns=self.column_vectors, least=least)
        for panel in panels:
            panel.add_words(words, colors)
        if not all(panel.roomy and panel.region.width >= least - 0.1 for panel in panels):
            self.refuse("the words are too long for planes so small", "compare fewer maps, or shorter words")
        return panels

    def _under(self, pieces: list[Writing], names: list[str]) -> VGroup:
        """Return the line under small planes: what is measured, then what the maps do to areas."""
        dets = [self.number("determinant", style="short", map=name) for name in names]
        pieces = list(pieces)
        if len({det.text for det in dets}) == 1:
            one, area = self._one(), self.derived(abs(dets[0].value), f"abs({dets[0].name})", "short")
            words = matrix_lines.area_words(one, dets[0], area)
            pieces.append(matrix_lines.determinant_line(dets[0], size=theme.NOTE))
            pieces.append(self.prose(f"for each: areas are {words}" if words else "for each", theme.NOTE, theme.DIM))
        else:
            pieces.append(matrix_lines.determinants_line(dets))
        line = matrix_lines.row_of(*pieces, buff=0.25)
        VGroup(*pieces[1:]).shift(RIGHT * WIDE)
        line.scale(min(1.0, frame.SMALL_PLANES.width / line.width))
        return line.shift(np.array([-line.get_center()[0], frame.UNDER_SMALL_PLANES - pieces[0].baseline, 0.0]))


def _moved_names(plane: BendingPlane) -> list[Animation]:
    """Return the animations in which words' names make way for what was drawn on a plane."""
    goals = zip(plane.words.values(), plane.label_places(plane.matrix), strict=True)
    return [
        point.label.animate.move_to(goal).build()
        for point, goal in goals
        if point.label.submobjects and np.linalg.norm(point.label.get_center() - goal) > 1e-6
    ]


def _without(thing: Mobject, digits: list[Mobject]) -> list[Mobject]:
    """Return the parts of a thing but for some of its digits."""
    left = {id(each) for each in digits}
    if id(thing) in left:
        return []
    if not any(id(part) in left for part in thing.get_family()):
        return [thing]
    return [part for each in thing.submobjects for part in _without(each, digits)]


def _number_in(carried: Carried) -> NumberMark:
    """Return the number in a label."""
    assert carried.label is not None
    mark: NumberMark = carried.label[-1].marks["n"]
    return mark


def _writings(thing: Mobject) -> list[Writing]:
    return [part for part in thing.get_family() if isinstance(part, Writing)]


def _rects(*things: Mobject | None) -> list[Rect]:
    """Return rectangles that cover things: lines along their way, all else by its box."""
    found: list[Rect] = []
    for thing in things:
        if isinstance(thing, Carried):
            found += rects_on_way(thing.places)
        elif thing is not None:
            found.append(rect_of(thing))
    return found
