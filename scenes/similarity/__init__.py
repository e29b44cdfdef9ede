"""Three measures of how similar two words are: dot product, cosine, scaled dot product."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np
from manim import (
    LEFT,
    Animation,
    AnimationGroup,
    Create,
    FadeIn,
    FadeOut,
    LaggedStart,
    Mobject,
    ReplacementTransform,
    VGroup,
    VMobject,
)

from attnviz.stage import (
    SHADOW,
    ArrowBoard,
    Number,
    NumberMark,
    Pose,
    Shadow,
    Stage,
    Tag,
    Word,
    WordArrow,
    Writing,
    board_in,
    derive,
    ends,
    frame,
    icon,
    leaves,
    needs,
    send,
    theme,
    unless,
    visible_word,
)

from .comparison import Comparison
from .cosine_scale import CosineScale
from .ledger import Ledger, PairName
from .multiplication import Multiplication, gather
from .pair_lines import angle_line, norm_line, norm_lines, scaled_lines, stand
from .unit_circle import Traces, UnitCircle, norm_becomes

NOT_SHOWN = "'{}' is not on the plane yet; show it first with show_vectors"
PANEL = frame.WORKED_OUT
HEADINGS = {"dot": "dot product", "cosine": "cosine", "scaled_dot": "scaled dot product"}
SHORT_HEADINGS = {"dot": "dot", "cosine": "cosine", "scaled_dot": "scaled dot"}
MOST_PAIRS = 10
ONE_BY_ONE = 4
"""Up to how many words are shown one after another, with the ways along their coordinates."""


class Similarity(Stage):
    """Words as arrows, and three measures of how similar two of them are, worked out digit by digit."""

    def setup(self) -> None:
        """Start with an empty stage."""
        self.made: ArrowBoard | None = None
        self.circle: UnitCircle | None = None
        self.traces: Traces | None = None
        self.table: Comparison | None = None
        self.work, self.marks = VGroup(), VGroup()
        self.standing: dict[str, VMobject] = {}  # what the next shot may go on with, if it is of the same kind
        self.ledger = Ledger(HEADINGS, frame.FOUND, icons=self._all_drawn())

    # Verbs ----------------------------------------------------------------------------------------------------

    @unless("word {words}", say="these words are already on the plane; show other words, or leave the shot out")
    @ends("circle")
    @leaves("word {words}")
    def show_vectors(self, words: list[Word]) -> None:
        """Draw the plane; each word becomes its list of numbers, and an arrow grows along them from the origin.

        Seen: In a plane, each word becomes a list of numbers, goes that far across and up, and is an arrow to that
        point. [They are {embeddings[words, :]}.]

        Plays: plane, numbers, ways, arrows.
        """
        board = self._board()
        fresh = self.newcomers(words, board.arrows)
        if self.table is not None or self.work.submobjects or self.circle is not None:
            self._clear(leave=True)
        self._light()
        new = [board.make(w, self._vector(w), self._coordinates(w), self._color(w)) for w in fresh]
        board.settle(new)
        if len(new) > ONE_BY_ONE:
            self.play(LaggedStart(*[FadeIn(arrow.label) for arrow in new], lag_ratio=0.3), run_time=1.5, beat="numbers")
            grow = [AnimationGroup(*board.grow(arrow)) for arrow in new]
            self.play(LaggedStart(*grow, lag_ratio=0.3), run_time=1.0 + 0.4 * len(new), beat="arrows")
            self.own(*new)
            return

        # Write the list of numbers; go along them, across and up; and let the arrow grow there
        for arrow in new:
            ways = board.drop_lines(arrow)
            self.play(self.arrival(arrow.token, arrow.label), run_time=0.8, beat="numbers")
            for way, mark in zip(ways, arrow.marks, strict=False):
                if len(way):
                    self.play(Create(way[0]), send(mark, way), run_time=0.9, beat="ways")
            self.play(*board.grow(arrow), run_time=1.0, beat="arrows")
            self.own(arrow)
            if any(len(way) for way in ways):
                self.play(FadeOut(*[way for way in ways if len(way)]), run_time=0.4)

    @needs("word {first}", "word {second}", say=NOT_SHOWN)
    def multiply(self, first: Word, second: Word) -> None:
        """Work out the dot product of two words as on paper, and show it as a shadow times a length on the plane.

        Seen: At the right, {first} is written above {second}, and multiplied column by column[: {values products[first,
        second, :]}]. [The sum is the dot product, {dot[first, second]}.|The sum is the cosine, {cosine[first,
        second]}.] In the plane, {first} casts a shadow on the line of {second}.

        Plays: heads, rows, products, results, sum, light, shadow, lengths, picture, entry.
        """
        pair = self._pair(first, second)
        self._clear(first, second, aside=True, keep=("heads",))
        sheet = self._sheet(first, second)

        # Copy the coordinates from the plane, and multiply them pair by pair
        self.play(self._go_on("heads", sheet.heads), run_time=0.5, beat="heads")
        copied = [("rows", step) for step in sheet.copy_down([*pair[0].marks, *pair[1].marks])]
        for beat, step in [*copied, *[("products", step) for step in sheet.multiply()]]:
            self.play(step, run_time=1.0, beat=beat)
        self.play(sheet.work_out(), run_time=1.3, beat="results")

        # Add them up; then the same in the plane: one arrow's shadow on the other, times the other's length
        self.play(sheet.add_up(), run_time=1.1, beat="sum")
        sheet.remove(sheet.heads)
        self.work.add(sheet, sheet.total, sheet.result)
        self.own(self.work)
        if sheet.pictured is not None:
            self._cast(pair, sheet.pictured)
        self._enter(first, second, "cosine" if self.circle else "dot", sheet.result.marks["result"])

    @needs("word {first}", "word {second}", say=NOT_SHOWN)
    def show_angle(self, first: Word, second: Word) -> None:
        """Draw the angle between two words, and read off its cosine on a scale.

        Seen: In the plane, an arc marks the angle between {first} and {second}[: {angle[first, second]}]. A pointer on
        a scale shows its cosine[, {cosine[first, second]}].

        Plays: angle, degrees, line, scale, pointer, entry.
        """
        one, other = self._pair(first, second)
        if first == second or not (one.vector.any() and other.vector.any()):
            self.refuse(f"there is no angle between '{first}' and '{second}'", "choose two words away from the origin")
        self._clear(first, second, aside=True, keep=("scale", "pointer"))
        angle = self._measure("angle", first, second, style="degrees")
        cosine = self._measure("cosine", first, second)

        # Draw the angle
        note = self.formula("{a}", size=theme.BIG, a=angle)
        opened = self._board().angle(one, other, note)
        self.marks.add(opened, Tag(note, opened[1]).lead())
        self.play(FadeIn(opened[0]), Create(opened[1]), run_time=1.0, beat="angle")
        self.play(derive(note, opened[1]), run_time=0.7, beat="degrees")
        self.own(self.marks)

        # Read off its cosine
        line = angle_line(angle, cosine)
        name = self._named(first, second, '","')
        stand([name, line], PANEL._replace(bottom=PANEL.top - 2.0))
        self.play(FadeIn(name), *gather(line, {"a": note.marks["a"]}), run_time=1.1, beat="line")
        self.work.add(name, line)
        self.own(self.work)
        scale = CosineScale(left=PANEL.left + 0.5, right=PANEL.right - 0.5, y=PANEL.top - 2.75)
        pointer, old = scale.pointer(cosine.value), self.standing.get("pointer")
        if old is None:
            self.play(self._go_on("scale", scale), run_time=0.7, beat="scale")
            self.standing["pointer"] = pointer
            self.play(derive(pointer, line.marks["c"]), run_time=0.9, beat="pointer")
        else:
            self.play(old.animate.move_to(pointer), send(line.marks["c"], pointer), run_time=1.2, beat="pointer")
        self._enter(first, second, "cosine", line.marks["c"])

    @unless("circle", say="the words are on the unit circle already; leave this shot out")
    @needs("word *", say="there is nothing to put on the unit circle; show words first with show_vectors")
    @leaves("circle")
    def unit_circle(self) -> None:
        """Draw the unit circle, and slide every word along its ray onto the circle, so that all norms become one.

        Seen: A circle is drawn around the origin[, with the radius {"norm of a vector divided by its norm"}]. Every
        arrow shrinks until it ends there. [Across and up: {unit_vectors[:, :]}.]

        Plays: norm, circle, slide.
        """
        board = self._board()
        if obstacle := UnitCircle.obstacle(board):
            self.refuse(*obstacle)
        self._clear(aside=True)

        # Say what is done to every vector
        one = self.derived(1, "norm of a vector divided by its norm", style="whole")
        norm = self._norm_line(next(iter(board.arrows)))
        text = norm_becomes(norm, one, PANEL.width)
        self.work.add(text.move_to([PANEL.left, (PANEL.top + PANEL.bottom) / 2, 0], aligned_edge=LEFT))
        self.play(FadeIn(text[0]), run_time=1.2, beat="norm")
        self.circle = UnitCircle(board)
        self.play(Create(self.circle), FadeIn(text[1]), run_time=1.4, beat="circle")

        # Leave a ring behind, and slide along the ray
        self.traces = Traces(board)
        board.followers = [self.circle, self.traces]
        self.add(self.traces)
        near = self.circle.is_worth_approaching
        self.play(
            self._slide(board.field.near if near else board.field.pose), run_time=4.0 if near else 2.4, beat="slide"
        )

    @needs("word {first}", "word {second}", say=NOT_SHOWN)
    @ends("circle")
    def relate(self, first: Word, second: Word) -> None:
        """Measure the norms of two words, and write their dot product as the cosine times both norms.

        Seen: The arrows have their own length again, and both are measured[: {norm[:]}]. [Below, the cosine,
        {cosine[first, second]}, times both gives their dot product, {dot[first, second]}.]

        Plays: norms, lengths, formula, product, result, entry.
        """
        pair = self._pair(first, second)
        self._clear(first, second, leave=True, aside=True)
        cosine, dot = self._measure("cosine", first, second), self._measure("dot", first, second)
        measured = [self._norm_line(word) for word in (first, second)]
        norms = [line.marks["n"].number for line in measured]
        lines = norm_lines((first, second), [a.word_color for a in pair], cosine, norms, dot)
        name = self._named(first, second, "dot")
        stand(measured, PANEL)
        stand([name, *lines], PANEL)

        # Measure both arrows
        notes: list[Tag] = []
        for line, arrow, norm in zip(measured, pair, norms, strict=True):
            note = self.formula("{n}", size=theme.WORD, color=arrow.word_color, n=norm)
            notes.append(self._board().beside_arrow(note, arrow, notes))
            self.play(*gather(line, {f"c{k}": m for k, m in enumerate(arrow.marks)}), run_time=1.2, beat="norms")
            self.play(derive(note, line.marks["n"]), run_time=0.8, beat="lengths")
            self.work.add(line)
            self.marks.add(notes[-1])
        self.own(self.work, self.marks)

        # Multiply the cosine by the norms that were measured
        self.play(FadeOut(self.work), run_time=0.5)
        self.work = VGroup()
        self.play(*self.ledger.turn_to("cosine"), FadeIn(name, lines[0]), run_time=0.9, beat="formula")
        known = self.ledger.found((first, second), "cosine")
        a, b = (note.label.marks["n"] for note in notes)
        self.play(*gather(lines[1], {"a": a, "b": b, "c": known}), run_time=1.4, beat="product")
        self.play(
            FadeIn(VGroup(*[m for m in lines[2] if m not in lines[2].marks.values()])), run_time=0.3, beat="result"
        )
        self.play(*[derive(m, *lines[1].marks.values()) for m in lines[2].marks.values()], run_time=1.0, beat="result")
        self.work.add(name, *lines)
        self.own(self.work)
        self._enter(first, second, "dot", lines[2].marks["result"])

    @needs("word {first}", "word {second}", say=NOT_SHOWN)
    @ends("circle")
    def scale(self, first: Word, second: Word) -> None:
        """Divide the dot product of two words by the square root of the dimension.

        Seen: The dot product of {first} and {second}[, {dot[first, second]},] is divided by the root of the dimension[,
        which gives {scaled_dot[first, second]}].

        Plays: dimension, pair, division, result, entry.
        """
        self._pair(first, second)
        self._clear(first, second, leave=True, aside=True, keep=("dimension",))
        dot, scaled = self._measure("dot", first, second), self._measure("scaled_dot", first, second)
        d = self.derived(len(self.places.axes()), "dimension: number of coordinates of a word", style="whole")
        if steps := self.ledger.turn_to("dot"):
            self.play(*steps, run_time=0.8)

        # Divide the dot product by the root of the dimension
        lines = scaled_lines(dot, d, scaled)
        name = self._named(first, second, "dot")
        stand([lines[0], name, lines[1]], PANEL, gap=0.75)
        self.play(self._go_on("dimension", lines[0]), run_time=0.8, beat="dimension")
        self.play(FadeIn(name), run_time=0.5, beat="pair")
        sources = {"d": lines[0].marks["d"], "x": self.ledger.found((first, second), "dot")}
        result = lines[1].marks["result"]
        rest = VGroup(*[m for m in lines[1] if m not in lines[1].marks.values()])
        here = {key: source for key, source in sources.items() if source is not None}
        self.play(
            FadeIn(rest),
            *[derive(lines[1].marks[key], source) for key, source in here.items()],
            *[FadeIn(lines[1].marks[key]) for key in sources if key not in here],
            run_time=1.2,
            beat="division",
        )
        self.play(derive(result, lines[1].marks["x"], lines[1].marks["d"]), run_time=1.1, beat="result")
        self.work.add(name, lines[1])
        self.own(self.work)
        self._enter(first, second, "scaled_dot", result)

    @needs("word {words}", say=NOT_SHOWN)
    @ends("circle")
    def compare(self, words: list[Word]) -> None:
        """Put all pairs of these words into one table, with all three measures side by side.

        Seen: A table has a row for each pair of words, and columns for dot product, cosine and scaled dot product. [The
        dot products go from {smallest dot[:, :]}, to {largest dot[:, :]}.]

        Plays: pairs, dot, cosine, scaled_dot.
        """
        pairs = [(a, b) for i, a in enumerate(words) for b in words[i + 1 :] if a != b]
        if not pairs or len(pairs) > MOST_PAIRS:
            self.refuse("a table of so many pairs cannot be shown", "compare two to five different words")
        for pair in pairs:
            self._pair(*pair)
        self._clear(leave=True)
        board = self._board()
        numbers = {name: {pair: self._measure(name, *pair) for pair in pairs} for name in HEADINGS}
        colors = {word: self._color(word) for word in words}
        ends = {word: board.arrows[word].tip - board.field.origin for word in words}
        table = Comparison(SHORT_HEADINGS, numbers, colors, ends, frame.CONTENT)

        # Bring each pair's arrows before its row, and then one measure after another
        shafts = {word: board.arrows[word].shaft for word in board.arrows}
        labels = [VGroup(arrow.drop, arrow.body, arrow.label) for arrow in board.arrows.values()]
        gone = [FadeOut(m) for m in (board.field, *labels, self.ledger.everything) if m.submobjects]
        self.play(*gone, run_time=0.8)
        come = [derive(p, shafts[a], shafts[b]) for p, (a, b) in zip(table.pictures, pairs, strict=False)]
        self.play(*map(FadeOut, shafts.values()), *come, FadeIn(table.names), run_time=1.6, beat="pairs")
        for measure in HEADINGS:
            self.play(table.column(measure), run_time=1.2, beat=measure)
        self.table = table
        self.own(table)

    # How ------------------------------------------------------------------------------------------------------

    def _board(self) -> ArrowBoard:
        """Return the plane with its arrows; if no shot has drawn it, draw it, turned if a word uses a third axis."""
        if self.made is not None:
            return self.made
        axes = self.places.axes()
        if not len("xy") <= len(axes) <= len("xyz"):
            self.refuse(f"arrows of {len(axes)} coordinates cannot be drawn", "use a model with two or three axes")
        vectors = np.vstack([self._vector(t) for name in self.sentence_names() for t in self.tokens(name)])
        self.made = board_in(vectors, axes)
        self.play(self.made.opening(), run_time=1.8, beat="plane")
        return self.made

    def _all_drawn(self) -> bool:
        """Tell whether there is a drawing of every word."""
        words = {visible_word(token) for name in self.sentence_names() for token in self.tokens(name)}
        return all(icon(word, 1.0) is not None for word in words)

    def _color(self, token: str) -> str:
        """Return the tint of a word: words of one group are told apart, and the first of them has its full colour."""
        mine, names = self.word_color(token), self.sentence_names()
        tokens = dict.fromkeys(t for name in names for t in self.tokens(name))
        alike = [t for t in tokens if self.word_color(t) == mine]
        place = alike.index(token) if token in alike else 0
        lighter = 0.2 + 0.3 * place / max(1, len(alike) - 1)
        return str(theme.blend(mine, theme.INK, lighter).to_hex()) if place else mine

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

    def _clear(self, *lit: str, leave: bool = False, aside: bool = False, keep: Sequence[str] = ()) -> None:
        """Clear the calculation and marks, and dim all words but `lit`; with `leave`, also leave the unit circle.

        With `aside`, the plane slides aside. The results so far stay, and so does what is to be kept of what stands.
        """
        board = self._board()
        gone: list[Mobject] = [m for m in (self.work, self.marks) if m.submobjects]
        gone += [self.standing.pop(name) for name in list(self.standing) if name not in keep]
        self.own(*gone)
        leave = leave and self.circle is not None
        if self.table is not None:
            self.play(FadeOut(self.table), run_time=0.6)
            back = [m for m in (board.field, *board.arrows.values(), self.ledger.everything) if m.submobjects]
            self.table = None
            self.play(*map(FadeIn, back), run_time=0.8)
        self._light(*([] if leave else lit), more=[FadeOut(m) for m in gone])
        self.work, self.marks = VGroup(), VGroup()
        if leave:
            self._leave_circle()
            self._light(*lit)
        if aside and not board.is_aside:
            self.play(board.move(board.field.aside), run_time=1.4)

    def _go_on(self, name: str, part: VMobject) -> Animation:
        """Return the animation that shows what the next shot of this kind goes on with, or goes on with it."""
        old, self.standing[name] = self.standing.get(name), part
        return FadeIn(part) if old is None else ReplacementTransform(old, part)  # the same text, elsewhere

    def _light(self, *words: str, more: Iterable[Animation] = ()) -> None:
        """Dim all words but these, or restore all if there are none, while `more` animations play."""
        if steps := [*more, *self._board().spotlight(*words)]:
            self.play(*steps, run_time=0.5)

    def _leave_circle(self) -> None:
        """Slide the words back to their own vectors, and remove the unit circle."""
        if self.circle is None or self.traces is None:
            return
        gone, behind = self.circle, self.traces
        self.circle = None
        board = self._board()
        self.play(self._slide(board.field.aside), run_time=2.0)
        board.followers, self.traces = [], None
        self.play(FadeOut(gone, behind), run_time=0.5)

    def _slide(self, pose: Pose) -> Animation:
        """Return the animation that brings every word to its vector: of norm one while there is a unit circle."""
        board = self._board()
        vectors, coordinates = zip(*[(self._vector(t), self._coordinates(t)) for t in board.arrows], strict=True)
        return board.slide(vectors, coordinates, pose, self.circle.rects(pose) if self.circle else [])

    def _sheet(self, first: str, second: str) -> Multiplication:
        """Return the multiplication of two words' coordinates as they are written on the plane."""
        rows = [self._coordinates(w) for w in (first, second)]
        if self.circle:
            products = [a * b for a, b in zip(*rows, strict=True)]
        else:
            products = self.numbers("products", self._home(first, second), style="short", query=first, key=second)
        result = self._measure("cosine" if self.circle else "dot", first, second)
        colors = [self._color(word) for word in (first, second)]
        shadow = None
        if self._vector(second).any():
            norm = self._norm(second)
            shadow = (result / norm).styled("short"), norm
        words, axes = [first, second], self.places.axes()
        sheet = Multiplication(words, colors, axes, rows, products, result, shadow=shadow, region=PANEL)
        if sheet.smallest < theme.SMALLEST_DIGITS:
            self.refuse("the products are too wide to be legible", "show fewer decimals, or use fewer axes")
        return sheet

    def _norm_line(self, word: str) -> Writing:
        """Return the norm of a word, written out with its own coordinates."""
        norm, *coordinates = (
            n for a in ("norm", self.places.array) for n in self.numbers(a, self._home(word), style="short", token=word)
        )
        return norm_line(word, self._color(word), coordinates, self.derived(2, "exponent", style="whole"), norm)

    def _named(self, first: str, second: str, sign: str) -> PairName:
        """Return the names of a pair with a sign between them."""
        return PairName((first, second), [self._color(w) for w in (first, second)], PANEL.width, sign)

    def _cast(self, pair: tuple[WordArrow, WordArrow], written: Writing) -> None:
        """Show a dot product in the plane: the first arrow's shadow on the second one's line, times its length."""
        one, other = pair
        board, length, norm = self._board(), written.marks["s"].number, written.marks["n"].number
        shadow = Shadow(one.vector, other.vector, board.field, one.word_color)
        notes = [
            self.formula("{s}", size=theme.WORD, color=one.word_color, s=length),
            self.formula("{n}", size=theme.WORD, color=other.word_color, n=norm),
        ]
        start, drop = board.field.origin, shadow.drop
        tags = [board.beside_line(notes[0], start, shadow.foot, shadow.band, [drop], SHADOW)]
        tags.append(board.beside_line(notes[1], start, other.tip, other.shaft, [drop, notes[0]], SHADOW))
        self.marks.add(shadow, *tags)

        # Light falls at a right angle to the second arrow; the shadow has a length
        if falls := [Create(part) for part in (*shadow.line, *shadow.drop, *shadow.corner)]:
            self.play(*falls, run_time=1.2, beat="light")
        self.play(Create(shadow.band), run_time=0.9, beat="shadow")
        self.play(derive(notes[0], shadow.band), derive(notes[1], other.shaft), run_time=0.9, beat="lengths")
        self.play(*gather(written, {"s": notes[0].marks["s"], "n": notes[1].marks["n"]}), run_time=1.2, beat="picture")
        self.work.add(written)
        self.own(self.work, self.marks)

    def _norm(self, token: str) -> Number:
        if self.circle:
            return self.derived(1, f"norm of unit_vectors[{token}]", style="whole")
        return self.number("norm", self._home(token), style="short", token=token)

    def _enter(self, first: str, second: str, measure: str, source: NumberMark) -> None:
        """Enter a result among those so far, after turning to its measure."""
        if steps := self.ledger.turn_to(measure):
            self.play(*steps, run_time=0.8)
        pair = self.ledger.known((first, second))
        if steps := self.ledger.enter(pair, source.number, [self._color(w) for w in pair], source):
            self.play(*steps, run_time=1.0, beat="entry")
