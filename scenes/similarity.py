"""Three ways to say how similar two words are: dot product, cosine, scaled dot product."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from manim import (
    LEFT,
    UP,
    Animation,
    AnimationGroup,
    Create,
    FadeIn,
    FadeOut,
    GrowArrow,
    GrowFromCenter,
    LaggedStart,
    Mobject,
    ReplacementTransform,
    VGroup,
)

from attnviz.stage import TURNED, Board, Number, Plane, Stage, Writing, relation, theme, visible_word
from attnviz.stage.arguments import Word
from attnviz.stage.cosine_scale import CosineScale
from attnviz.stage.ledger import Ledger, PairName
from attnviz.stage.multiplication import Multiplication, gather
from attnviz.stage.unit_circle import UnitCircle
from attnviz.stage.word_arrows import ArrowBoard, WordArrow

PANEL_LEFT, PANEL_RIGHT, PANEL_TOP, LEDGER_TOP = 1.0, 6.6, 2.62, -1.45
HEADINGS = {"dot": '"dot"', "cosine": '"cosine"', "scaled_dot": '"scaled"'}
MOST_PAIRS, SMALLEST_CIRCLE = 10, 0.15


class Similarity(Stage):
    """Words as arrows, and three measures of how similar two of them are, worked out digit by digit."""

    def setup(self) -> None:
        """Start with an empty stage."""
        self.made: ArrowBoard | None = None
        self.circle: UnitCircle | None = None
        self.compared = False
        self.work, self.marks = VGroup(), VGroup()
        self.ledger = self._new_ledger()

    # Verbs ----------------------------------------------------------------------------------------------------

    def show_vectors(self, words: list[Word]) -> None:
        """Draw the plane and let words appear as arrows from the origin, with their coordinates."""
        board = self._board()
        fresh = [word for word in dict.fromkeys(words) if word not in board.arrows]
        if not fresh:
            self.refuse("these words are already on the plane", "show other words, or leave the shot out")
        self._leave_circle()

        # Grow every arrow, then name it
        new = [
            board.make(w, self._vector(w), self._coordinates(w), self.word_color(w), size=theme.WORD - 1) for w in fresh
        ]
        board.settle(new)
        appear = [
            AnimationGroup(
                GrowArrow(a.arrow) if a.arrow.has_points() else FadeIn(a.arrow),
                GrowFromCenter(a.body),
                FadeIn(VGroup(a.name, a.coordinates), shift=0.12 * UP),
            )
            for a in new
        ]
        self.play(LaggedStart(*appear, lag_ratio=0.4), run_time=0.9 + 0.5 * len(new))

    def multiply(self, first: Word, second: Word) -> None:
        """Work out the dot product of two words as on paper, with the coordinates that stand on the plane."""
        pair = self._pair(first, second)
        self._clear()
        sheet = self._sheet(first, second)

        # Copy the coordinates from the plane
        digits = zip([*pair[0].marks, *pair[1].marks], [*sheet.digits[0], *sheet.digits[1]], strict=True)
        self.play(FadeIn(sheet.names, sheet.heads), run_time=0.6)
        self.play(*[ReplacementTransform(old.copy(), new) for old, new in digits], run_time=1.3)

        # Multiply them pair by pair
        down = [
            AnimationGroup(*gather(part, {"a": a, "b": b}))
            for part, a, b in zip(sheet.pairs, *sheet.digits, strict=True)
        ]
        self.play(Create(sheet.rule), LaggedStart(*down, lag_ratio=0.5), FadeIn(sheet.pluses[0]), run_time=1.6)
        fall = [ReplacementTransform(a.copy(), b) for a, b in zip(sheet.pairs, sheet.values, strict=True)]
        self.play(LaggedStart(*fall, lag_ratio=0.4), FadeIn(sheet.pluses[1]), run_time=1.3)

        # Add them up, and write the result down
        result = sheet.result.marks["result"]
        rest = VGroup(*[m for m in sheet.result if m is not result])
        self.play(FadeIn(sheet.total, rest), ReplacementTransform(sheet.values.copy(), result), run_time=1.1)
        self.work.add(sheet, sheet.total, sheet.result)
        self._remark(*pair, sheet.result)
        self._enter(first, second, "cosine" if self.on_circle else "dot", result)

    def show_angle(self, first: Word, second: Word) -> None:
        """Draw the angle between two words, and read its cosine on a scale."""
        one, other = self._pair(first, second)
        if first == second or not (one.vector.any() and other.vector.any()):
            self.refuse(f"there is no angle between '{first}' and '{second}'", "choose two words away from the origin")
        self._clear()
        angle = self._measure("angle", first, second, style="degrees")
        cosine = self._measure("cosine", first, second)

        # Open the angle
        note = self.formula("{a}", size=theme.WORD, color=theme.WEIGHT, a=angle)
        corner = self._board().angle(one, other, note)
        self.marks.add(corner, note)
        self.play(FadeIn(corner[0]), Create(corner[1]), run_time=1.0)
        self.play(FadeIn(note), run_time=0.5)

        # Read its cosine
        sign = self._sign(float(np.cos(np.radians(angle.shown))), cosine)
        line = self.formula(f"cos {{a}} {sign} {{c}}", size=theme.BIG, a=angle, c=cosine)
        line.marks["c"].set_color(theme.WEIGHT)
        self._stack(first, second, [line], sign='","')
        self.play(*gather(line, {"a": note}), run_time=1.1)
        scale = CosineScale(left=PANEL_LEFT + 0.3, right=PANEL_RIGHT - 0.5, y=PANEL_TOP - 2.4)
        dot = scale.dot(cosine.value)
        self.work.add(scale, dot)
        self.play(FadeIn(scale), run_time=0.6)
        self.play(ReplacementTransform(line.marks["c"].copy(), dot), run_time=0.9)
        self._enter(first, second, "cosine", line.marks["c"])

    def unit_circle(self) -> None:
        """Draw the unit circle and let every word slide along its ray onto it, so that all norms become one."""
        board = self._board()
        if self.on_circle or not board.arrows:
            self.refuse("there is nothing to put on the unit circle", "show words first with show_vectors")
        if board.plane.unit < SMALLEST_CIRCLE:
            self.refuse("the unit circle would be too small to see", "use a model with smaller coordinates")
        if any(not a.vector.any() for a in board.arrows.values()):
            self.refuse("a word at the origin has no direction", "leave it out of show_vectors")
        self._clear()

        # Say what is done to every vector
        one = self.derived(1, "norm of a vector divided by its norm", style="whole")
        line = self.formula("bold(x) arrow.r.long bold(x) / norm(bold(x))", size=theme.BIG)
        goal = self.formula('"every norm becomes" med {n}', size=theme.WORD, color=theme.DIM, n=one)
        line.move_to([PANEL_LEFT, PANEL_TOP - 0.6, 0], aligned_edge=LEFT)
        goal.move_to([PANEL_LEFT, PANEL_TOP - 1.7, 0], aligned_edge=LEFT)
        self.work.add(line, goal)
        self.circle = UnitCircle(board)
        self.play(Create(self.circle), FadeIn(line, goal), run_time=1.4)

        # Leave a ring behind, and slide along the ray
        self.add(self.circle.behind)
        self.play(self._slide(), run_time=2.2)
        self._look(self.circle.closer())

    def relate(self, first: Word, second: Word) -> None:
        """Measure the norms of two words, and write their dot product as the cosine times both norms."""
        pair = self._pair(first, second)
        self._clear()
        self._leave_circle()
        norms = [self.number("norm", self._home(first, second), style="short", token=w) for w in (first, second)]
        cosine, dot = self._measure("cosine", first, second), self._measure("dot", first, second)

        # Measure both arrows
        notes = []
        for arrow, norm in zip(pair, norms, strict=True):
            note = self.formula("{n}", size=theme.NOTE + 1, color=arrow.word_color, n=norm)
            notes.append(self._board().beside_arrow(note, arrow, notes))
        self.marks.add(*notes)
        self.play(*[FadeIn(note, shift=0.1 * UP) for note in notes], run_time=0.9)

        # Multiply the cosine by what was measured
        sign = self._sign(cosine.shown * norms[0].shown * norms[1].shown, dot)
        words = {"one": visible_word(first), "other": visible_word(second)}
        lines = [
            self.formula("= cos theta dot norm({one}) dot norm({other})", size=38, words=words),
            self.formula("= {c} dot {a} dot {b}", size=38, c=cosine, a=norms[0], b=norms[1]),
            self.formula(f"{sign} {{result}}", size=38, result=dot),
        ]
        VGroup(lines[1].marks["c"], lines[2].marks["result"]).set_color(theme.WEIGHT)
        for mark, word in (("a", first), ("b", second)):
            lines[1].marks[mark].set_color(self.word_color(word))
        self._stack(first, second, lines)
        self.play(FadeIn(lines[0]), run_time=0.9)
        sources = {"a": notes[0].marks["n"], "b": notes[1].marks["n"]} | self._found(first, second, "cosine", "c")
        self.play(*gather(lines[1], sources), run_time=1.3)
        self.play(FadeIn(lines[2]), run_time=0.8)
        self._enter(first, second, "dot", lines[2].marks["result"])

    def scale(self, first: Word, second: Word) -> None:
        """Divide the dot product of two words by the root of the number of their coordinates."""
        self._pair(first, second)
        self._clear()
        self._leave_circle()
        dot, scaled = self._measure("dot", first, second), self._measure("scaled_dot", first, second)
        d = self.derived(len(self.labels("embeddings")), "number of coordinates of a word", style="whole")

        # Divide what has been found by the root of the dimension
        sign = self._sign(dot.shown / np.sqrt(d.shown), scaled)
        lines = [
            self.formula('d = {d} med "coordinates"', size=theme.WORD, color=theme.DIM, d=d),
            self.formula(f"{{x}} / sqrt({{d}}) {sign} {{result}}", size=theme.BIG, x=dot, d=d, result=scaled),
        ]
        lines[1].marks["result"].set_color(theme.WEIGHT)
        self._stack(first, second, lines)
        self.play(FadeIn(lines[0]), run_time=0.8)
        sources = {"d": lines[0].marks["d"]} | self._found(first, second, "dot", "x")
        self.play(*gather(lines[1], sources), run_time=1.5)
        self._enter(first, second, "scaled_dot", lines[1].marks["result"])

    def compare(self, words: list[Word]) -> None:
        """Put all pairs of these words into one table, with all three measures side by side."""
        pairs = list(combinations(dict.fromkeys(words), len("ab")))
        if not pairs or len(pairs) > MOST_PAIRS:
            self.refuse("a table of so many pairs cannot be shown", "compare two to five different words")
        for pair in pairs:
            self._pair(*pair)
        self._clear()
        self._leave_circle()

        # Move what has been found into a larger table
        old, table = self.ledger, self._new_ledger(rows=len(pairs))
        steps = [FadeOut(m) for m in (*old.heads.values(), *old.names.values(), *old.marks.values())]
        for pair in pairs:
            colors = [self.word_color(w) for w in pair]
            for measure in HEADINGS:
                source = old.marks.get((old.known(pair), measure))
                steps += table.enter(pair, measure, self._measure(measure, *pair), colors, source)
        self.play(*steps, run_time=1.6)

        # Colour every column on its own scale
        self.ledger, self.compared = table, True
        self.play(*table.color_columns(), run_time=1.0)

    # How ------------------------------------------------------------------------------------------------------

    def _board(self) -> ArrowBoard:
        """Return the plane with its arrows; draw it if no shot has done so, turned if a word stands off two axes."""
        if self.made is not None:
            return self.made
        axes = self.labels("embeddings")
        if not len("xy") <= len(axes) <= len("xyz"):
            self.refuse(f"arrows of {len(axes)} coordinates cannot be drawn", "use a model with two or three axes")
        vectors = np.vstack([self._vector(t) for name in self.sentence_names() for t in self.tokens(name)])
        turned = bool(vectors[:, 2:].any())
        plane = Plane(vectors, axes, ticks=not turned, center=(-3.05, -0.45), width=6.5, height=5.8)
        self.play(LaggedStart(*[Create(line) for line in plane.grid], lag_ratio=0.05), run_time=1.0)
        self.play(Create(plane.axis_lines), FadeIn(plane.labels, shift=0.1 * UP), run_time=0.7)
        if turned:
            self.add(plane.third_axis())
            self.play(Board(plane).turn(TURNED, run_time=1.6))
            plane.labels.add(plane.third_axis_label())
            self.play(FadeIn(plane.labels[-1]), run_time=0.4)
        self.made = ArrowBoard(plane, (-6.7, -3.8, PANEL_LEFT - 0.2, 3.0))
        return self.made

    def _vector(self, token: str) -> np.ndarray:
        array = "unit_vectors" if self.on_circle else "embeddings"
        return np.asarray(self.read(array, self._home(token), token=token).values, dtype=float)

    def _coordinates(self, token: str) -> list[Number]:
        array = "unit_vectors" if self.on_circle else "embeddings"
        return self.numbers(array, self._home(token), style="short", token=token)

    def _measure(self, array: str, first: str, second: str, style="short") -> Number:
        return self.number(array, self._home(first, second), style=style, query=first, key=second)

    def _home(self, *words: str) -> str | None:
        """Return the sentence in which all of these words stand."""
        found = [name for name in self.sentence_names() if {*words} <= {*self.tokens(name)}]
        if not found:
            self.refuse(f"no sentence has both '{words[0]}' and '{words[-1]}'", "compare words of one sentence")
        return found[0]

    def _pair(self, first: str, second: str) -> tuple[WordArrow, WordArrow]:
        for word in (first, second):
            if word not in self._board().arrows:
                self.refuse(f"'{word}' is not on the plane yet", "show it first with show_vectors")
        self._home(first, second)
        return self._board().arrows[first], self._board().arrows[second]

    def _sign(self, computed: float, result: Number) -> str:
        return relation(computed, result).replace("≈", "approx")

    def _clear(self) -> None:
        """Clear the sheet and what is marked on the plane; the ledger stays, until it became the final table."""
        gone: list[Mobject] = [m for m in (self.work, self.marks) if m.submobjects]
        if self.compared:
            gone.append(self.ledger.everything)
            self.ledger, self.compared = self._new_ledger(), False
        if gone:
            self.play(*[FadeOut(m) for m in gone], run_time=0.5)
        self.work, self.marks = VGroup(), VGroup()

    @property
    def on_circle(self) -> bool:
        """Whether the words stand on the unit circle."""
        return self.circle is not None

    def _leave_circle(self) -> None:
        """Let the words slide out to their own vectors again."""
        if self.circle is None:
            return
        self._look(self.circle.farther())
        gone, self.circle = self.circle, None
        self.play(self._slide(), run_time=1.8)
        self.play(FadeOut(gone, gone.behind), run_time=0.5)

    def _look(self, change: AnimationGroup | None) -> None:
        """Play a change of planes, the words keeping their vectors."""
        if change is not None:
            self.play(change, self._slide(), run_time=1.6)

    def _slide(self) -> Animation:
        """Return the animation that brings every word to where it now belongs."""
        board = self._board()
        vectors, coordinates = zip(*[(self._vector(t), self._coordinates(t)) for t in board.arrows], strict=True)
        return board.slide(vectors, coordinates, self.circle.rects() if self.circle else [])

    def _sheet(self, first: str, second: str) -> Multiplication:
        """Return the multiplication of two words' coordinates as they stand on the plane."""
        rows = [self._coordinates(w) for w in (first, second)]
        if self.on_circle:
            products = [a * b for a, b in zip(*rows, strict=True)]
        else:
            products = self.numbers("products", self._home(first, second), style="short", query=first, key=second)
        sheet = Multiplication(
            [first, second], [self.word_color(w) for w in (first, second)], self.labels("embeddings"), rows, products,
            self._measure("cosine" if self.on_circle else "dot", first, second),
            left=PANEL_LEFT, right=PANEL_RIGHT, top=PANEL_TOP,
        )  # fmt: skip
        if sheet.smallest < theme.SMALLEST:
            self.refuse("the products are too wide to be legible", "show fewer decimals, or use fewer axes")
        return sheet

    def _stack(self, first: str, second: str, lines: list[Writing], sign: str = "dot") -> None:
        """Stand the pair's name and lines below it at the panel's left, and let the name appear."""
        name = PairName((first, second), [self.word_color(w) for w in (first, second)], theme.BODY, 5.4, sign)
        name.move_to([PANEL_LEFT, 0, 0], aligned_edge=LEFT).seat(PANEL_TOP - 0.2)
        y = float(name.get_bottom()[1])
        for line in lines:
            if line.width > PANEL_RIGHT - PANEL_LEFT:
                line.scale_to_fit_width(PANEL_RIGHT - PANEL_LEFT)
            line.move_to([PANEL_LEFT, y - 0.45 - line.height / 2, 0], aligned_edge=LEFT)
            y = float(line.get_bottom()[1])
        self.work.add(name, *lines)
        self.play(FadeIn(name), run_time=0.5)

    def _found(self, first: str, second: str, measure: str, mark: str) -> dict[str, Mobject]:
        """Return the digits in the ledger from which a number comes, if it was found before."""
        entry = self.ledger.marks.get((self.ledger.known((first, second)), measure))
        return {mark: entry} if entry is not None else {}

    def _remark(self, one: WordArrow, other: WordArrow, signed: Writing) -> None:
        """Say what the sign of a dot product means, where that is worth saying."""
        value = signed.marks["result"].number.shown
        meaning = "the cosine" if self.on_circle else ""
        if value <= 0 and one.vector.any() and other.vector.any():
            meaning = "wider than a right angle" if value else "perpendicular"
        if meaning:
            note = self.prose(meaning, size=theme.WORD - 2, color=theme.DIM)
            self.work.add(note.next_to(signed, buff=0.35).seat(signed.baseline))
            corner = VGroup() if value else self._board().angle(one, other)
            self.marks.add(*corner)
            self.play(FadeIn(note, corner), run_time=0.8)

    def _enter(self, first: str, second: str, measure: str, source: Mobject) -> None:
        colors = [self.word_color(w) for w in (first, second)]
        pair = self.ledger.known((first, second))
        colors = colors if pair == (first, second) else colors[::-1]
        old = self.ledger.marks.get((pair, measure))
        if old is None or old.number.text != source.number.text:
            self.play(*self.ledger.enter(pair, measure, source.number, colors, source), run_time=1.0)

    def _new_ledger(self, rows: int = 0) -> Ledger:
        if not rows:
            return Ledger(HEADINGS, left=PANEL_LEFT, right=PANEL_RIGHT, top=LEDGER_TOP)
        pitch = min(0.85, 5.3 / (rows + 1))
        top = -0.4 + pitch * (rows + 1) / 2
        return Ledger(
            HEADINGS, left=PANEL_LEFT, right=PANEL_RIGHT + 0.05, top=top, pitch=pitch, most=rows, size=28, column=1.1
        )
