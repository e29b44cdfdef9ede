"""Three measures of how similar two words are: dot product, cosine, scaled dot product."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import numpy as np
from manim import Animation, Create, FadeIn, FadeOut, Mobject, ReplacementTransform, VGroup

from attnviz.stage import (
    ArrowBoard,
    Number,
    Stage,
    Word,
    WordArrow,
    Writing,
    board_in,
    corner,
    ends,
    frame,
    leaves,
    needs,
    theme,
    unless,
)

from .cosine_scale import CosineScale
from .ledger import Ledger, PairName
from .multiplication import Multiplication, gather
from .pair_lines import angle_line, norm_line, norm_lines, remark, scaled_lines, stand
from .unit_circle import UnitCircle, norm_becomes

NOT_SHOWN = "'{}' is not on the plane yet; show it first with show_vectors"
PANEL = frame.WORKED_OUT
HEADINGS = {"dot": '"dot"', "cosine": '"cosine"', "scaled_dot": '"scaled dot"'}
MOST_PAIRS = 10


class Similarity(Stage):
    """Words as arrows, and three measures of how similar two of them are, worked out digit by digit."""

    def setup(self) -> None:
        """Start with an empty stage."""
        self.made: ArrowBoard | None = None
        self.circle: UnitCircle | None = None
        self.compared = False
        self.work, self.marks = VGroup(), VGroup()
        self.ledger = Ledger(HEADINGS, frame.FOUND)

    # Verbs ----------------------------------------------------------------------------------------------------

    @unless("word {words}", say="these words are already on the plane; show other words, or leave the shot out")
    @ends("circle")
    @leaves("word {words}")
    def show_vectors(self, words: list[Word]) -> None:
        """Draw the plane, and show words as arrows from the origin, with their coordinates."""
        board = self._board()
        fresh = self.newcomers(words, board.arrows)
        self._light()
        self._leave_circle()

        # Grow every arrow, with its label
        new = [board.make(w, self._vector(w), self._coordinates(w), self.word_color(w)) for w in fresh]
        board.settle(new)
        self.play(board.appear(new), run_time=0.9 + 0.5 * len(new))

    @needs("word {first}", "word {second}", say=NOT_SHOWN)
    def multiply(self, first: Word, second: Word) -> None:
        """Work out the dot product of two words as on paper, with the coordinates that are on the plane."""
        pair = self._pair(first, second)
        self._clear(first, second)
        sheet = self._sheet(first, second)

        # Copy the coordinates from the plane, and multiply them pair by pair
        self.play(FadeIn(sheet.heads), run_time=0.5)
        self.play(sheet.copy_down([*pair[0].marks, *pair[1].marks]), run_time=1.3)
        self.play(sheet.multiply(), run_time=1.6)
        self.play(sheet.work_out(), run_time=1.3)

        # Add them up, and write the result down
        self.play(sheet.add_up(), run_time=1.1)
        self.work.add(sheet, sheet.total, sheet.result)
        self._remark(*pair, sheet.result)
        self._enter(first, second, "cosine" if self.circle else "dot", sheet.result.marks["result"])

    @needs("word {first}", "word {second}", say=NOT_SHOWN)
    def show_angle(self, first: Word, second: Word) -> None:
        """Draw the angle between two words, and read off its cosine on a scale."""
        one, other = self._pair(first, second)
        if first == second or not (one.vector.any() and other.vector.any()):
            self.refuse(f"there is no angle between '{first}' and '{second}'", "choose two words away from the origin")
        self._clear(first, second)
        angle = self._measure("angle", first, second, style="degrees")
        cosine = self._measure("cosine", first, second)

        # Draw the angle
        note = self.formula("{a}", size=theme.WORD, color=theme.WEIGHT, a=angle)
        opened = self._board().angle(one, other, note)
        self.marks.add(opened, note)
        self.play(FadeIn(opened[0]), Create(opened[1]), run_time=1.0)
        self.play(FadeIn(note), run_time=0.5)

        # Read off its cosine
        line = angle_line(angle, cosine)
        self._stack(first, second, [line], sign='","')
        self.play(*gather(line, {"a": note}), run_time=1.1)
        scale = CosineScale(left=PANEL.left + 0.3, right=PANEL.right - 0.5, y=PANEL.top - 2.4)
        self.work.add(scale, dot := scale.dot(cosine.value))
        self.play(FadeIn(scale), run_time=0.6)
        self.play(ReplacementTransform(line.marks["c"].copy(), dot), run_time=0.9)
        self._enter(first, second, "cosine", line.marks["c"])

    @unless("circle", say="the words are on the unit circle already; leave this shot out")
    @needs("word *", say="there is nothing to put on the unit circle; show words first with show_vectors")
    @leaves("circle")
    def unit_circle(self) -> None:
        """Draw the unit circle, and slide every word along its ray onto the circle, so that all norms become one."""
        board = self._board()
        if obstacle := UnitCircle.obstacle(board):
            self.refuse(*obstacle)
        self._clear()

        # Say what is done to every vector
        one = self.derived(1, "norm of a vector divided by its norm", style="whole")
        norm = self._norm_line(next(iter(board.arrows)))
        text = norm_becomes(norm, one, PANEL.width)
        self.work.add(corner(text, PANEL.left, PANEL.top + 0.1))
        self.play(FadeIn(text[0]), run_time=1.2)
        self.circle = UnitCircle(board)
        self.play(Create(self.circle), FadeIn(text[1]), run_time=1.4)

        # Leave a ring behind, and slide along the ray
        self.add(self.circle.behind)
        self.play(self._slide(), run_time=2.2)
        if closer := self.circle.closer():
            self.play(closer, self._slide(), run_time=1.6)

    @needs("word {first}", "word {second}", say=NOT_SHOWN)
    @ends("circle")
    def relate(self, first: Word, second: Word) -> None:
        """Measure the norms of two words, and write their dot product as the cosine times both norms."""
        pair = self._pair(first, second)
        self._clear(first, second, leave=True)
        cosine, dot = self._measure("cosine", first, second), self._measure("dot", first, second)
        measured = [self._norm_line(word) for word in (first, second)]
        norms = [line.marks["n"].number for line in measured]
        lines = norm_lines((first, second), [a.word_color for a in pair], cosine, norms, dot)

        # Measure both arrows
        name = self._stack(first, second, [*measured, *lines], lead=len(measured))
        for line, arrow in zip(measured, pair, strict=True):
            self.play(*gather(line, {f"c{k}": m for k, m in enumerate(arrow.marks)}), run_time=1.1)
        notes: list[Writing] = []
        for arrow, norm in zip(pair, norms, strict=True):
            note = self.formula("{n}", size=theme.NOTE + 1, color=arrow.word_color, n=norm)
            notes.append(self._board().beside_arrow(note, arrow, notes))
        self.marks.add(*notes)
        moves = [ReplacementTransform(m.marks["n"].copy(), n) for m, n in zip(measured, notes, strict=True)]
        self.play(*moves, run_time=0.9)

        # Multiply the cosine by the norms that were measured
        self.play(FadeIn(name, lines[0]), run_time=0.9)
        known = self.ledger.found((first, second), "cosine")
        self.play(*gather(lines[1], {"a": notes[0].marks["n"], "b": notes[1].marks["n"], "c": known}), run_time=1.3)
        self.play(FadeIn(lines[2]), run_time=0.8)
        self._enter(first, second, "dot", lines[2].marks["result"])

    @needs("word {first}", "word {second}", say=NOT_SHOWN)
    @ends("circle")
    def scale(self, first: Word, second: Word) -> None:
        """Divide the dot product of two words by the square root of the dimension."""
        self._pair(first, second)
        self._clear(first, second, leave=True)
        dot, scaled = self._measure("dot", first, second), self._measure("scaled_dot", first, second)
        d = self.derived(len(self.places.axes()), "dimension: number of coordinates of a word", style="whole")

        # Divide the dot product by the root of the dimension
        lines = scaled_lines(dot, d, scaled)
        self._stack(first, second, lines)
        self.play(FadeIn(lines[0]), run_time=0.8)
        sources = {"d": lines[0].marks["d"], "x": self.ledger.found((first, second), "dot")}
        self.play(*gather(lines[1], sources), run_time=1.5)
        self._enter(first, second, "scaled_dot", lines[1].marks["result"])

    @needs("word {words}", say=NOT_SHOWN)
    @ends("circle")
    def compare(self, words: list[Word]) -> None:
        """Put all pairs of these words into one table, with all three measures side by side."""
        pairs = [(a, b) for i, a in enumerate(words) for b in words[i + 1 :] if a != b]
        if not pairs or len(pairs) > MOST_PAIRS:
            self.refuse("a table of so many pairs cannot be shown", "compare two to five different words")
        for pair in pairs:
            self._pair(*pair)
        self._clear(leave=True)

        # Move the results so far into a larger table
        old, table = self.ledger, Ledger.table(HEADINGS, pairs, PANEL)
        steps = [FadeOut(m) for m in (*old.heads.values(), *old.names.values(), *old.marks.values())]
        for pair in pairs:
            for name in HEADINGS:
                colors = [self.word_color(w) for w in pair]
                steps += table.enter(pair, name, self._measure(name, *pair), colors, old.found(pair, name))
        self.play(*steps, run_time=1.6)

        # Colour every column on its own scale
        self.ledger, self.compared = table, True
        self.play(*table.color_columns(), run_time=1.0)

    # How ------------------------------------------------------------------------------------------------------

    def _board(self) -> ArrowBoard:
        """Return the plane with its arrows; if no shot has drawn it, draw it, turned if a word uses a third axis."""
        if self.made is not None:
            return self.made
        axes = self.places.axes()
        if not len("xy") <= len(axes) <= len("xyz"):
            self.refuse(f"arrows of {len(axes)} coordinates cannot be drawn", "use a model with two or three axes")
        vectors = np.vstack([self._vector(t) for name in self.sentence_names() for t in self.tokens(name)])
        self.made = board_in(frame.ARROWS, vectors, axes, frame.ARROW_LABELS)
        for animation, seconds in self.made.opening():
            self.play(animation, run_time=seconds)
        return self.made

    def _vector(self, token: str) -> np.ndarray:
        array = "unit_vectors" if self.circle else self.places.array
        return np.asarray(self.read(array, self._home(token), token=token).values, dtype=float)

    def _coordinates(self, token: str) -> list[Number]:
        array = "unit_vectors" if self.circle else self.places.array
        return self.numbers(array, self._home(token), style="short", token=token)

    def _measure(self, array: str, first: str, second: str, style: Literal["short", "degrees"] = "short") -> Number:
        return self.number(array, self._home(first, second), style=style, query=first, key=second)

    def _home(self, *words: str) -> str:
        """Return the first sentence that has all of these words."""
        return self.places.together(*words)

    def _pair(self, first: str, second: str) -> tuple[WordArrow, WordArrow]:
        self._home(first, second)
        return self._board().arrows[first], self._board().arrows[second]

    def _clear(self, *lit: str, leave: bool = False) -> None:
        """Clear the calculation and marks, and dim all words but `lit`; with `leave`, also leave the unit circle.

        The ledger stays, unless it is the table of a comparison.
        """
        gone: list[Mobject] = [m for m in (self.work, self.marks) if m.submobjects]
        if self.compared:
            gone.append(self.ledger.everything)
            self.ledger, self.compared = Ledger(HEADINGS, frame.FOUND), False
        leave = leave and self.circle is not None
        self._light(*([] if leave else lit), more=[FadeOut(m) for m in gone])
        self.work, self.marks = VGroup(), VGroup()
        if leave:
            self._leave_circle()
            self._light(*lit)

    def _light(self, *words: str, more: Iterable[Animation] = ()) -> None:
        """Dim all words but these, or restore all if there are none, while `more` animations play."""
        if steps := [*more, *self._board().spotlight(*words)]:
            self.play(*steps, run_time=0.5)

    def _leave_circle(self) -> None:
        """Slide the words back to their own vectors, and remove the unit circle."""
        if self.circle is None:
            return
        if farther := self.circle.farther():
            self.play(farther, self._slide(), run_time=1.6)
        gone, self.circle = self.circle, None
        self.play(self._slide(), run_time=1.8)
        self.play(FadeOut(gone, gone.behind), run_time=0.5)

    def _slide(self) -> Animation:
        """Return the animation that brings every word to its vector: of norm one while there is a unit circle."""
        board = self._board()
        vectors, coordinates = zip(*[(self._vector(t), self._coordinates(t)) for t in board.arrows], strict=True)
        return board.slide(vectors, coordinates, self.circle.rects() if self.circle else [])

    def _sheet(self, first: str, second: str) -> Multiplication:
        """Return the multiplication of two words' coordinates as they are written on the plane."""
        rows = [self._coordinates(w) for w in (first, second)]
        if self.circle:
            products = [a * b for a, b in zip(*rows, strict=True)]
        else:
            products = self.numbers("products", self._home(first, second), style="short", query=first, key=second)
        result = self._measure("cosine" if self.circle else "dot", first, second)
        colors = [self.word_color(word) for word in (first, second)]
        sheet = Multiplication([first, second], colors, self.places.axes(), rows, products, result, region=PANEL)
        if sheet.smallest < theme.SMALLEST:
            self.refuse("the products are too wide to be legible", "show fewer decimals, or use fewer axes")
        return sheet

    def _norm_line(self, word: str) -> Writing:
        """Return the norm of a word, written out with its own coordinates."""
        norm, *coordinates = (
            n for a in ("norm", self.places.array) for n in self.numbers(a, self._home(word), style="short", token=word)
        )
        return norm_line(word, self.word_color(word), coordinates, self.derived(2, "exponent", style="whole"), norm)

    def _stack(self, first: str, second: str, lines: list[Writing], sign: str = "dot", lead: int = 0) -> PairName:
        """Stack lines in the panel, with the pair's name after the first `lead` of them; return the name.

        The name is shown at once, unless lines come before it.
        """
        name = PairName((first, second), [self.word_color(w) for w in (first, second)], theme.BODY, 5.4, sign)
        self.work.add(*stand(name, lines, PANEL, lead=lead))
        if not lead:
            self.play(FadeIn(name), run_time=0.5)
        return name

    def _remark(self, one: WordArrow, other: WordArrow, signed: Writing) -> None:
        """Write what the sign of a dot product means, if that is worth saying."""
        note, right = remark(signed, one.vector, other.vector, bool(self.circle), PANEL)
        if note is not None:
            self.work.add(note)
            self.marks.add(*(square := self._board().angle(one, other) if right else VGroup()))
            self.play(FadeIn(note, square), run_time=0.8)

    def _enter(self, first: str, second: str, measure: str, source: Mobject) -> None:
        """Enter a result into the ledger."""
        pair = self.ledger.known((first, second))
        if steps := self.ledger.enter(pair, measure, source.number, [self.word_color(w) for w in pair], source):
            self.play(*steps, run_time=1.0)
