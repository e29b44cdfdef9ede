"""A table of similarities, and how it becomes a table of attention weights."""

from __future__ import annotations

import numpy as np
from manim import (
    DOWN,
    LEFT,
    UP,
    Animation,
    Create,
    FadeIn,
    FadeOut,
    GrowArrow,
    GrowFromEdge,
    Indicate,
    LaggedStart,
    ReplacementTransform,
    VGroup,
    Write,
)

from attnviz.stage import SentenceName, Stage, Steps, Table, Word, frame, lift, morph, theme, written_sum

from .charts import ExponentialCurve, Failure, GrowingColumns
from .desk import Desk, fade
from .filling import fill, heads_from_chips, heads_from_rows
from .layout import bridge, place, place_pair, seat_below, side_box
from .row_sums import Fractions, RowMaxima, RowSums, same_weights, softmax_fraction
from .trace_tables import TraceTables
from .word_sum import WordSum


class AttentionTable(Stage):
    """A table of similarities between words: its rows combine words, and softmax turns them into attention weights."""

    writes_sentence = ("show_sentence",)
    writes_words = ("show_embeddings", "show_similarity", "change_board")

    def setup(self) -> None:
        """Start with an empty stage."""
        self.tables = TraceTables(self)
        self.desk = Desk(self, self.tables)
        self.chips = VGroup()
        self.combined = ""
        self.sums: dict[str, WordSum] = {}

    # Verbs ----------------------------------------------------------------------------------------------------

    def show_sentence(self, sentence: SentenceName | None = None) -> None:
        """Show a sentence as a row of chips above the table, which changes to it; the words in the table are lit."""
        name = sentence or self.tables.sentence
        if self.desk.table is not None and name != self.tables.sentence:
            self.change_board(name)
            if self.chips.submobjects:
                return
        self.tables.sentence = name
        gone, self.chips = self.chips, self.tables.chips().set_y(frame.ABOVE_TABLE)
        if gone.submobjects:
            self.play(FadeOut(gone), run_time=0.4)
        chips = [chip for row in self.chips for chip in row]
        self.play(LaggedStart(*[FadeIn(c, shift=0.15 * UP) for c in chips], lag_ratio=0.2), run_time=1.4)

    def show_embeddings(self, sentence: SentenceName | None = None) -> None:
        """Show every word's embedding as a row of a table, with the axes as column headers."""
        if self._goes_on("embeddings", sentence):
            return
        table = place(self.tables.table("embeddings"), "middle")

        # Turn the sentence's words into row headers, then fill in row after row
        self.play(FadeIn(table.cells), heads_from_chips(self.chips, table), run_time=1.5)
        n = len(table.column_labels)
        rows = [FadeIn(table.marks[i * n : (i + 1) * n], shift=0.2 * LEFT) for i in range(len(table.row_labels))]
        self.play(LaggedStart(*rows, lag_ratio=0.4), run_time=1.6)
        self.desk.begin(table, "embeddings")

    def show_similarity(self, sentence: SentenceName | None = None) -> None:
        """Fill in the table of similarities: first every word with itself, then every pair of words."""
        if self.desk.kind != "embeddings" and self._goes_on("similarity", sentence):
            return
        if self.desk.kind == "embeddings" and sentence not in (None, self.tables.sentence):
            self.change_board(sentence)
        table, old = place(self.tables.table("similarity"), "middle"), self.desk.table
        fills = [cell.get_fill_color() for cell in table.cells]
        table.cells.set_fill(theme.SURFACE)

        # Turn the sentence's words into the headers
        if old is not None:
            self.play(*self.desk.clear(), *fade(self.desk.caption), heads_from_rows(old, table), run_time=1.2)
            self.remove(*old.get_family())
            self.play(FadeIn(table.cells), run_time=0.5)
            self.desk.caption = None
        else:
            self.play(FadeIn(table.cells), heads_from_chips(self.chips, table), run_time=1.5)

        # Compare every word with itself, then with every other
        for step in fill(table, fills):
            self.play(step)
        self.desk.begin(table, "similarity")

    def combine(self, word: Word) -> None:
        """Read a word's row as a weighted sum of words: its entries leave the table and become the coefficients."""
        table, desk = self._table_with(word), self.desk
        if desk.where != "left" or not isinstance(next(iter(desk.side), None), WordSum):
            table = desk.arrange(desk.kind, "left")
        left, floor, right, top = side_box(table, gap=0.35)  # long words need the room
        entries, colors, name = table.row_marks(word), self.tables.colors(), self.tables.name(word)
        written = WordSum(name, table.column_labels, [m.number for m in entries], colors, width=right - left)

        # Write below the sums that are there, or replace them if there is no room
        gone, desk.notes = [desk.notes], VGroup(table.row_frame(word, colors[word]))
        under = float(desk.side.get_bottom()[1]) - 0.7 if desk.side.submobjects else top - 0.25
        if under - written.height < floor and desk.side.submobjects:
            gone, under, desk.side = [*gone, desk.side], top - 0.25, VGroup()
        written.move_to([left + 0.2, under, 0], aligned_edge=UP + LEFT)
        self.play(*fade(*gone), Create(desk.notes[0]), FadeIn(written.lead), run_time=0.8)
        self.play(lift(entries, written.marks, table, lag=0.45), run_time=2.0)
        self.play(FadeIn(written.rest), run_time=0.6)
        desk.side.add(written)
        self.sums[word], self.combined = written, word

    def explode(self, steps: Steps = 6, word: Word | None = None) -> None:
        """Apply the table again and again, so that its entries grow, and chart the entry of `word` with itself.

        Without `word`, the entry of the word that was combined last is charted or, if there is none, the largest entry.
        """
        powers, counts = [], []
        for self.tables.step in range(1, steps + 1):
            powers.append(self.tables.entries("powers"))
            counts.append(self.tables.count())
        if word is not None:
            self._table_with(word)
        self._begin()
        table = self.desk.arrange("similarity", "left")
        row = column = word or (self.combined if self.combined in table.row_labels else "")
        if not row:
            largest = max(powers[-1], key=lambda n: abs(n.value))
            row, column = largest.coords["query"], largest.coords["key"]
        charted = table.row_labels.index(row) * len(table.column_labels) + table.column_labels.index(column)
        title = self.tables.entry_title(row, column)
        chart = GrowingColumns([p[charted] for p in powers], counts, title, side_box(table))

        # Frame the entry that is charted
        self.desk.notes = VGroup(table.cell_frame(row, column, self.word_color(row)))
        self.play(Create(self.desk.notes[0]), FadeIn(chart.title, chart.axis), Create(chart.floor), run_time=0.8)

        # Multiply by the table once more, and chart the entry
        for k, entries in enumerate(powers):
            self.tables.step = k + 1
            self.desk.change("powers", entries, run_time=0.9 if k else 0.5)
            digits = lift([table.marks[charted]], [chart.marks[k]], table)
            self.play(digits, GrowFromEdge(chart.columns[k], DOWN), FadeIn(chart.steps[k]), run_time=0.9)
        self.desk.side = chart

    def normalise(self) -> None:
        """Divide every row of similarities by its sum; if a sum is zero, show why the division has no answer."""
        self._begin()
        self._divide_rows("similarity", "normalised")

    def exponentiate(self) -> None:
        """Replace every similarity x by e to the power of x, read off the curve; nothing is negative any more.

        Where these powers would be too large or too small to be read, the maximum of each row is taken away first.
        """
        kind = self.tables.exponentials()
        after = self.tables.entries(kind)
        self._begin()
        table = self.desk.arrange("similarity", "left")
        if kind == "shifted_exponentials":
            self._take_maxima_away(table)
        marks = {m.number.text: (m, e) for m, e in zip(table.marks, after, strict=True)}
        visible = [pair for pair in marks.values() if pair[0].number.value > -np.inf]  # masked entries have no point
        found = sorted(visible, key=lambda pair: pair[0].number.value)
        curve = ExponentialCurve([(m.number, e) for m, e in found], side_box(table))
        self.play(Create(curve.axes), Create(curve.curve), FadeIn(curve.name), run_time=1.2)

        # Go from the entries up to the curve and across
        self.play(lift([found[i][0] for i in curve.chosen], list(curve.x_marks), table, lag=0.4), run_time=1.6)
        self.play(
            LaggedStart(Create(curve.ups), FadeIn(curve.dots), Create(curve.acrosses), lag_ratio=0.4), run_time=1.4
        )
        self.play(FadeIn(curve.y_marks, shift=0.15 * LEFT), run_time=0.5)
        self.desk.side = curve
        self.desk.change(kind, after, run_time=1.6)

    def divide(self) -> None:
        """Divide every row of exponentials by its sum, which gives the attention weights; each row adds up to one."""
        self._begin()
        self._divide_rows(self.tables.exponentials(), "softmax")

    def softmax(self) -> None:
        """Show two tables side by side: the similarities, and the attention weights that softmax turns them into.

        Where both are on screen already, the arrow between them is pointed at.
        """
        if self.desk.where == "pair":
            self.play(Indicate(self.desk.bridge[:-1], color=theme.FOCUS), run_time=1.2)
            return
        kind = "softmax" if self.desk.kind == "softmax" else "similarity"
        left, right = self._make_pair(kind)
        self._begin()

        # The weights move to the right, or a copy of the similarities does
        self.desk.become(right if kind == "softmax" else left, kind, "pair")
        if kind == "softmax":
            self.play(FadeIn(left), run_time=0.8)
        else:
            way, copy = right.get_center() - left.get_center(), VGroup(right.cells, right.marks)
            self.play(copy.shift(-way).animate.shift(way), run_time=1.3)
            self.play(FadeIn(right.row_heads), FadeIn(right.column_heads), run_time=0.4)
            self.remove(self.desk.caption)
            self.desk.caption = None
        self.desk.source = left

        # Write what happens between the tables, then let it happen
        self.desk.bridge = bridge(left, right, self.tables.caption("similarity"))
        self.add(self.desk.bridge[-1])
        self.play(GrowArrow(self.desk.bridge[0]), *[FadeIn(m) for m in self.desk.bridge[1:-1]], run_time=1.0)
        if kind == "similarity":
            self.own(right)
            self.desk.table = right
            self.desk.change("softmax", self.tables.entries("softmax", self.tables.pair_shape()), run_time=2.0)

    def highlight_row(self, word: Word) -> None:
        """Frame a word's row, and write out the sum of its entries; the sums of other words are cleared away."""
        table, desk = self._table_with(word), self.desk
        assert desk.caption is not None
        terms = [mark.number for mark in table.row_marks(word)]
        line = written_sum(terms, self.tables.total(desk.kind, terms), size=32)
        seat_below(line, table, desk.caption)
        frames = VGroup(*[t.row_frame(word, self.word_color(word)) for t in (desk.source, table) if t is not None])
        gone, desk.notes = desk.notes, VGroup(frames, line)
        others = [m for m in desk.side if isinstance(m, WordSum) and m is not self.sums.get(word)]
        desk.side.remove(*others)
        self.play(*fade(gone, *others), Create(frames), run_time=0.8)

        # Let the row's entries fly down into the sum
        goals = [line.marks[f"t{i}"] for i in range(len(terms))]
        self.play(lift(table.row_marks(word), goals, table, lag=0.1), run_time=1.3)
        self.play(FadeIn(VGroup(*[m for m in line if m not in goals])), run_time=0.6)

        # Write out where the word's own weight comes from
        if desk.source is None or desk.kind != "softmax":
            return
        own = softmax_fraction(desk.source.row_marks(word), table.mark(word, word).number)
        if not seat_below(own, desk.source, desk.caption, right=float(line.get_left()[0])):
            return
        desk.notes.add(own)
        below = [own.marks[f"x{i}"] for i in range(len(terms))]
        self.play(lift(desk.source.row_marks(word), below, desk.source, lag=0.1), run_time=1.3)
        self.play(FadeIn(VGroup(*[m for m in own if m not in below])), run_time=0.6)

    def change_board(self, sentence: SentenceName) -> None:
        """Switch to another sentence: words that both have keep their rows and columns, and the numbers change.

        Where the sentence's table is on screen already, it stays as it is.
        """
        if sentence == self.tables.sentence and self.desk.table is not None:
            return
        if self.desk.table is None:
            self.show_sentence(sentence)
            self.show_similarity()
            return
        self.tables.sentence = sentence
        kind = "similarity" if self.desk.kind == "powers" else self.desk.kind
        kind = self.tables.exponentials() if kind.endswith("exponentials") else kind
        chips, self.chips = self.chips, self.chips and self.tables.chips().set_y(frame.ABOVE_TABLE)
        others = self._swap_chips(chips)
        if self.desk.where != "pair":
            self.desk.become(place(self.tables.table(kind), "middle"), kind, "middle", *others)
            return
        left, right = self._make_pair(kind)
        source, self.desk.source = self.desk.source, None
        assert source is not None
        self.desk.become(right, kind, "pair", morph(source, left), *others)
        self.desk.source, self.desk.bridge = left, bridge(left, right, self.tables.caption("similarity"))
        self.play(FadeIn(self.desk.bridge), run_time=0.8)

    # How ------------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        """Show the similarities, unless a shot has already done so."""
        if self.desk.kind in {"", "embeddings"}:
            self.show_similarity()

    def _take_maxima_away(self, table: Table) -> None:
        """Take the largest number of each row away from the row, which leaves the weights as they are."""
        shifted, decimals = self.tables.entries("shifted"), table.marks[0].number.decimals
        largest = self.numbers("similarity_max", self.tables.sentence, "fixed", decimals, query=table.row_labels)
        maxima = RowMaxima(table, largest)
        reason = same_weights(side_box(table, maxima))
        self.play(maxima.gather(), FadeIn(reason), run_time=2.2)
        self.desk.change("shifted", shifted, run_time=1.4)
        self.play(FadeOut(maxima, reason), run_time=0.6)

    def _divide_rows(self, kind: str, result: str) -> None:
        """Add up every row, divide its entries by the sum, and show what each row adds up to afterwards."""
        tables, desk = self.tables, self.desk
        if tables.leaves_out:
            hint = "leave `words` out, and take a short sentence"
            self.refuse("words of the sentence are left out, and their share of the sums would be missing", hint)
        entries = tables.entries(result)
        table = desk.arrange(kind, "middle")
        before = [mark.number for mark in table.marks]
        sums = RowSums(table, tables.totals(kind, before), before)
        self.play(sums.gather(), run_time=1.8)
        desk.notes = VGroup(sums)
        broken = [i for i, mark in enumerate(sums.marks) if mark.number.value == 0]
        if broken:
            self._fail_to_divide(sums, broken[0])
            desk.change(result, entries)
            return

        # Bring each row's sum under its entries, then carry out the division
        fractions = Fractions(table, sums) if Fractions.size(table) > theme.SMALLEST else None
        if fractions is not None:
            self.play(fractions.build_up(), run_time=2.2)
        old = [mark.number for mark in sums.marks]
        ones = RowSums(table, tables.totals(result, entries), entries, old)
        desk.change(result, entries, *fade(fractions), *ones.replace(sums), run_time=1.6)
        desk.notes = VGroup(ones)

    def _fail_to_divide(self, sums: RowSums, line: int) -> None:
        """Show that the entries of a row cancel out, and that nothing can be divided by their sum."""
        table = self.desk.to_the_left(sums)
        row, box = table.row_labels[line], side_box(table, sums)
        entries, total = table.row_marks(row), sums.marks[line].number
        undefined = self.number("normalised", self.tables.sentence, query=row, key=table.column_labels[0])
        shown = Failure([m.number for m in entries], total, undefined, box)
        outline, walk = table.row_frame(row, self.word_color(row)), shown.walk
        self.desk.side = VGroup(shown, outline)

        # Walk along the number line, back to zero
        self.play(Create(outline), FadeIn(walk.line, walk.origin, walk.zero), run_time=0.8)
        for entry, arrow, mark, drop in zip(entries, walk.arrows, walk.marks, walk.drops, strict=True):
            self.play(lift([entry], [mark], table), Create(arrow), run_time=0.9)
            self.play(Create(drop), run_time=0.3)
        self.play(FadeIn(walk.end, scale=2), Write(shown.sum), run_time=1.0)

        # Try to divide by it
        self.play(Write(shown.division), FadeIn(shown.note), run_time=1.0)

    def _goes_on(self, kind: str, sentence: str | None) -> bool:
        """Switch to a sentence; return whether there was a table on screen, which then shows `kind`."""
        name = sentence or self.tables.sentence
        if self.desk.table is None:
            if self.chips.submobjects and name != self.tables.sentence:
                self.show_sentence(name)
            self.tables.sentence = name
            return False
        if name != self.tables.sentence:
            self.change_board(name)
        self.desk.arrange(kind, "middle")
        return True

    def _table_with(self, word: str) -> Table:
        self._begin()
        table = self.desk.table
        assert table is not None
        if word not in table.row_labels:
            self.refuse(f"'{word}' is not in the table", "name one of its words: " + ", ".join(table.row_labels))
        return table

    def _swap_chips(self, old: VGroup) -> list[Animation]:
        """Return the animations from the old chips to the new: a morph for the same sentence, or else a replacement."""
        words = [[chip.word for row in chips for chip in row] for chips in (old, self.chips)]
        if old and words[0] == words[1]:
            return [ReplacementTransform(old, self.chips)]
        return [*fade(old), *map(FadeIn, self.chips)]

    def _make_pair(self, kind: str) -> tuple[Table, Table]:
        shape = self.tables.pair_shape()
        left, right = self.tables.table("similarity", shape), self.tables.table(kind, shape)
        place_pair(left, right)
        return left, right
