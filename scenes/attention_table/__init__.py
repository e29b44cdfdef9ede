"""A table of similarities, and how it becomes a table of attention weights."""

from __future__ import annotations

import numpy as np
from manim import (
    DOWN,
    LEFT,
    UP,
    Animation,
    AnimationGroup,
    Create,
    FadeIn,
    FadeOut,
    GrowArrow,
    GrowFromEdge,
    Indicate,
    LaggedStart,
    ReplacementTransform,
    Transform,
    VGroup,
    smooth,
    squish_rate_func,
)

from attnviz.stage import (
    BACK,
    Light,
    Number,
    NumberMark,
    SentenceName,
    Stage,
    Steps,
    Table,
    Tag,
    Word,
    Writing,
    derive,
    frame,
    lift,
    replaced,
    theme,
)

from .angles import Angles, cosine_line, entrance, has_angles
from .charts import ExponentialCurve, Failure, GrowingColumns
from .desk import Desk, crossed, fade
from .filling import from_pairs, heads_from_chips, heads_from_rows, pairs
from .layout import EDGE, TOP, bridge, caption_under, place, place_pair, seat_below, side_box
from .row_sums import (
    Fractions,
    RowMaxima,
    RowSums,
    same_weights,
    short_fraction,
    softmax_fraction,
    sum_room,
    written_total,
)
from .trace_tables import TraceTables
from .word_sum import WordSum

LONGEST = 7
"""So many characters a sum may have to be written in a fraction."""
IN_FULL = 2
"""A table of more rows than that is divided by its sums with one row written as fractions; the others just roll."""
FEW = 3
"""Two tables of more words than that need the room in which the sentence stands."""
LARGE = 1.5
"""How much larger a sentence is set that stands alone in the middle."""
AROUND, BELOW = 0.1, 0.03
"""How far digits are arched, upwards or down, on their way from one table to the next, as fractions of the way."""


class AttentionTable(Stage):
    """A table of similarities between words: its rows combine words, and softmax turns them into attention weights."""

    writes_sentence = ("show_sentence",)
    writes_words = ("show_embeddings", "show_similarity", "change_board")

    def setup(self) -> None:
        """Start with an empty stage."""
        self.tables = TraceTables(self)
        self.desk = Desk(self, self.tables)
        self.chips = VGroup()
        self._home: VGroup | None = None  # where the sentence goes as soon as there is a table
        self.combined = ""
        self.sums: dict[str, WordSum] = {}

    # Verbs ----------------------------------------------------------------------------------------------------

    def show_sentence(self, sentence: SentenceName | None = None) -> None:
        """Show a sentence as a row of chips above the table, which changes to it; the words in the table are lit.

        Seen: The sentence {sentence} stands in a row of chips[{if similarity[:, :]} above the table, and those of the
        table's words are lit].

        Plays: table, numbers, words.
        """
        name = sentence or self.tables.sentence
        if self.desk.table is not None and name != self.tables.sentence:
            self._switch(name)
            if self.chips.submobjects:
                return
        self.tables.sentence = name
        gone = self.chips
        self._write_chips()
        if gone.submobjects:
            self.play(FadeOut(gone), run_time=0.4)
        if self.desk.table is None:
            self._home = self.chips.copy()
            self.chips.scale(min(LARGE, 2 * EDGE / self.chips.width)).move_to([0, sum(frame.CONTENT[1::2]) / 2, 0])
        elif not gone.submobjects:
            self._make_room()
        chips = [chip for row in self.chips for chip in row]
        boxes = [FadeIn(chip.box, run_time=0.6) for chip in chips]
        words = LaggedStart(*[self.arrival(chip.word, chip.text) for chip in chips], lag_ratio=0.3, run_time=1.8)
        self.play(*boxes, words, beat="words")
        self.own(*chips)

    def show_embeddings(self, sentence: SentenceName | None = None) -> None:
        """Show every word's embedding as a row of a table, with the axes as column headers.

        Seen: A table has the columns {columns embeddings[:, :]}. [Row by row: {embeddings[:, :]}.|Its rows are {rows
        embeddings[:, :]}.]

        Plays: table, heads, rows, caption.
        """
        if self._goes_on("embeddings", sentence):
            return
        table = place(self.tables.table("embeddings"), "middle", self.tables.top).empty()

        # Turn the sentence's words into row headers, then write row after row
        chips, gone = self.chips, self._raise_chips()
        self.play(FadeIn(table.cells), heads_from_chips(self, chips, table), *gone, run_time=1.3, beat="heads")
        n = len(table.column_labels)
        rows = [
            AnimationGroup(*[FadeIn(table.marks[k], shift=0.2 * LEFT) for k in row], *map(table.painted, row))
            for row in (range(i * n, (i + 1) * n) for i in range(len(table.row_labels)))
        ]
        self.play(LaggedStart(*rows, lag_ratio=0.5), run_time=2.4, beat="rows")
        self.desk.begin(table, "embeddings")

    def show_similarity(self, sentence: SentenceName | None = None) -> None:
        """Fill in the table of similarities: every number comes from its pair of words.

        On a board of two or three axes it comes from the angle between the words' arrows, which stand beside the table.

        Seen: A table compares {rows similarity[:, :]}. [Row by row: {values similarity[:, :]}.|In the row of {focus}:
        {similarity[focus, :]}.|In the row of {focus}, the largest is {largest similarity[focus, :]}.|The largest is
        {largest similarity[:, :]}.] [Beside it, arrows stand at {angle[:, :]}, with the cosine {cosine[:, :]}.]

        Plays: table, heads, arrows, diagonal, angles, numbers, caption, cosine.
        """
        if self.desk.kind != "embeddings" and self._goes_on("similarity", sentence):
            return
        if self.desk.kind == "embeddings" and sentence not in (None, self.tables.sentence):
            self.change_board(sentence)
        old, tokens = self.desk.table, self.tables.tokens
        angled = has_angles(self, self.tables.sentence, tokens)
        where = "left" if angled else "middle"
        table = place(self.tables.table("similarity"), where, self.tables.top).empty()

        # Turn the sentence's words, or those of the embeddings, into the heads of rows and columns
        if old is not None:
            gone = self._raise_chips()
            self.play(
                *self.desk.clear(),
                *fade(self.desk.caption),
                heads_from_rows(old, table),
                *gone,
                run_time=1.1,
                beat="heads",
            )
            self.remove(*old.get_family())
            self.play(FadeIn(table.cells), run_time=0.3, beat="heads")
            self.desk.caption = None
        else:
            chips, gone = self.chips, self._raise_chips()
            self.play(FadeIn(table.cells), heads_from_chips(self, chips, table), *gone, run_time=1.2, beat="heads")
        if angled:
            self._fill_from_angles(table)
        else:
            self.play(from_pairs(table, pairs(table)), beat="numbers")
            self.desk.begin(table, "similarity")

    def combine(self, word: Word) -> None:
        """Read a word's row as a weighted sum of words: its entries leave the table and become the coefficients.

        Seen: The row of {word} is framed, and its entries leave the table. They become the weights of a sum of words[:
        {similarity[word, :]}|: {normalised[word, :]}|: {softmax[word, :]}].

        Plays: row, weights, words.
        """
        table, desk = self._table_with(word), self.desk
        if desk.where != "left" or not isinstance(next(iter(desk.side), None), WordSum):
            table = desk.arrange(desk.kind, "left")
        left, floor, right, _ = side_box(table, gap=0.5, heads=False)  # long words need the room
        entries, colors, name = table.row_marks(word), self.tables.colors(), self.tables.name(word)
        written = WordSum(name, table.column_labels, [m.number for m in entries], colors, width=right - left)

        # Write beside the middle of the table, or below the sums that are there; replace them if there is no room
        gone, desk.notes = [desk.notes], VGroup(table.row_frame(word, colors[word]))
        first = float(table.cells.get_center()[1]) + written.height / 2
        under = float(desk.side.get_bottom()[1]) - 0.5 if desk.side.submobjects else first
        if under - written.height < floor and desk.side.submobjects:
            gone, under, desk.side = [*gone, desk.side], first, VGroup()
        written.move_to([(left + right - written.width) / 2, under, 0], aligned_edge=UP + LEFT)
        self.play(*fade(*gone), *desk.light(), Create(desk.notes[0]), FadeIn(written.lead), run_time=0.8, beat="row")
        aisles = [table.aisle(word, column) for column in table.column_labels]
        self.play(lift(entries, written.marks, lag=0.3, via=aisles), run_time=2.2, beat="weights")
        self.play(LaggedStart(*map(FadeIn, written.rest), lag_ratio=0.5), run_time=2.0, beat="words")
        self.own(written)
        desk.side.add(written)
        self.sums[word], self.combined = written, word

    def explode(self, steps: Steps = 6, word: Word | None = None) -> None:
        """Apply the table again and again, so that its entries grow, and chart the entry of `word` with itself.

        Without `word`, the entry of the word that was combined last is charted or, if there is none, the largest entry.

        Seen: The table is applied again and again, {"how many times the table is applied"} times, and its entries grow.
        [Beside it, columns show the entry of {word} with itself, up to {largest similarity_powers[word, word]}.|Beside
        it, a chart of columns grows, too.]

        Plays: chart, powers, columns.
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
        self.play(
            Create(self.desk.notes[0]), FadeIn(chart.title, chart.axis), Create(chart.floor), run_time=0.8, beat="chart"
        )

        # Multiply by the table once more, and chart the entry
        for k, entries in enumerate(powers):
            self.tables.step = k + 1
            self.desk.change("powers", entries, run_time=0.9 if k else 0.5, beat="powers")
            digits = derive(chart.marks[k], table.marks[charted], via=table.aisle(row, column))
            self.play(
                digits, GrowFromEdge(chart.columns[k], DOWN), FadeIn(chart.steps[k]), run_time=0.8, beat="columns"
            )
        self.desk.side = chart

    def normalise(self) -> None:
        """Divide every row of similarities by its sum; if a sum is zero, show why the division has no answer.

        Seen: Beside each row stands its sum, and every entry is divided by it. [Row by row: {normalised[:, :]}.|The row
        of {focus} is now {normalised[focus, :]}.|The sums are {values similarity_sum[:]}.]

        Plays: sums, line, walk, total, division, fractions, quotients.
        """
        self._begin()
        self._divide_rows("similarity", "normalised")

    def exponentiate(self) -> None:
        """Replace every similarity x by e to the power of x, read off the curve; nothing is negative any more.

        Where these powers would be too large or too small to be read, the maximum of each row is taken away first.

        Seen: Each entry finds its height on the curve of e to the power of x, which replaces it in the table. [Row by
        row: {exponentials[:, :]}.|The row of {focus} is now {exponentials[focus, :]}.|Row by row:
        {shifted_exponentials[:, :]}.|The largest in the row of {focus} is {largest exponentials[focus, :]}.|The largest
        is {largest exponentials[:, :]}.]

        Plays: maxima, shifted, curve, entries, points, powers, table.
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
        zero, one = (self.derived(value, what, "whole") for value, what in ((0, "zero"), (1, "e to the power of zero")))
        curve = ExponentialCurve([(m.number, e) for m, e in found], zero, one, side_box(table))
        self.play(Create(curve.axes), Create(curve.curve), FadeIn(curve.name), run_time=1.0, beat="curve")

        # Go from the entries up to the curve and across
        self.play(lift([found[i][0] for i in curve.chosen], list(curve.x_marks), lag=0.3), run_time=1.3, beat="entries")
        self.play(
            LaggedStart(Create(curve.ups), FadeIn(curve.dots), Create(curve.acrosses), lag_ratio=0.4),
            run_time=1.2,
            beat="points",
        )
        places = [derive(mark, curve.dots[i]) for i, mark in zip(curve.chosen, curve.y_marks, strict=True)]
        self.play(*places, FadeIn(curve.landmark), run_time=0.7, beat="powers")
        self.own(curve)
        self.desk.side = VGroup(curve)
        self.desk.change(kind, after, run_time=1.4, beat="table")

    def divide(self) -> None:
        """Divide every row of exponentials by its sum, which gives the attention weights; each row adds up to one.

        Seen: Beside each row stands its sum, and every entry is divided by it. [Row by row: {softmax[:, :]}.|The row of
        {focus} is now {softmax[focus, :]}.|The largest weight in the row of {focus} is {largest softmax[focus, :]}.|The
        largest weight is {largest softmax[:, :]}.]

        Plays: sums, fractions, quotients.
        """
        self._begin()
        self._divide_rows(self.tables.exponentials(), "softmax")

    def softmax(self, word: Word | None = None) -> None:
        """Show two tables side by side: the similarities, and the attention weights that softmax turns them into.

        Then a row of weights is added up: that of `word`, or else of the word in focus. Where both tables are on screen
        already, the arrow between them is pointed at.

        Seen: An arrow leads from a table of similarities to a table of attention weights. [Below, the row of {word} is
        added up: {softmax[word, :]}.|Below, the row of {word} is added up; its largest weight is {largest softmax[word,
        :]}.|Below, the row of {focus} is added up: {softmax[focus, :]}.|Below, the row of {focus} is added up; its
        largest weight is {largest softmax[focus, :]}.|Of the weights, the largest is {largest softmax[:, :]}.]

        Plays: table, arrow, weights, name, row, terms, sum.
        """
        if self.desk.where == "pair" and word is None:
            self.play(Indicate(self.desk.bridge[1], color=theme.FOCUS), run_time=1.0, beat="arrow")
            return
        if word is not None and word not in self.tables.tokens:
            self._refuse_word(word)
        if self.desk.where != "pair":
            self._show_pair()
        self._add_up(word or self.tables.focus() or self.tables.tokens[0])

    def highlight_row(self, word: Word, toward: Word | None = None) -> None:
        """Frame a word's row, and write out the sum of its entries; the sums of other words are cleared away.

        Beside the similarities, one weight of the row is worked out: the one `toward` a word or, without one, the
        largest that the word gives to another.

        Seen: The row of {word} is framed. [Below, one weight is worked out, that for {toward}: {softmax[word,
        toward]}.|Below, its sum is written out: {softmax[word, :]}.|Below, its sum is written out: {normalised[word,
        :]}.|Below, its sum is written out: {similarity[word, :]}.|Below, its sum is written out.]

        Plays: row, terms, sum, cells, fraction, result.
        """
        table, desk = self._table_with(word), self.desk
        if toward is not None and toward not in table.column_labels:
            self._refuse_word(toward)
        self._add_up(word)
        if desk.source is None or desk.kind != "softmax":
            return

        # Work out one of the row's weights, from the row of similarities
        weights = dict(zip(table.column_labels, table.row_numbers(word), strict=True))
        others = [key for key in weights if key != word and desk.source.mark(word, key).number.value > -np.inf]
        key = toward or max(others, key=lambda each: weights[each].value, default=word)
        scores = desk.source.row_marks(word)
        if desk.source.mark(word, key).number.value == -np.inf:
            hint = "name a word that stands before it, or none"
            self.refuse(f"'{word}' cannot see '{key}', so there is no weight to be worked out", hint)
        own = self._fraction(scores, weights[key], right=float(desk.notes[-1].get_left()[0]) - 0.3)
        if own is None:
            return
        frames = VGroup(*[t.cell_frame(word, key, theme.INK) for t in (desk.source, table)])
        desk.notes.add(frames, own)
        seen = [mark for mark in scores if mark.number.value > -np.inf]
        goals = {f"x{i}": mark for i, mark in enumerate(seen) if f"x{i}" in own.marks}
        goals["own"] = next(mark for mark in seen if mark.number.coords["key"] == key)
        flying = [own.marks[name] for name in goals]
        rest = VGroup(*[m for m in own if m not in flying and m is not own.marks["result"]])
        way = crossed(desk.source, word, desk.bridge[-1])
        self.play(Create(frames), *[Light(m, 1.0, BACK) for m in way], run_time=0.5, beat="cells")
        self.play(FadeIn(rest), lift([*goals.values()], flying, lag=0.12), run_time=1.6, beat="fraction")
        self.play(
            derive(own.marks["result"], own.marks["own"]),
            *[Light(m, BACK, 1.0) for m in way],
            run_time=0.6,
            beat="result",
        )
        self.own(own)

    def change_board(self, sentence: SentenceName) -> None:
        """Switch to another sentence: words that both have keep their rows and columns, and the numbers change.

        A table of what follows from the similarities begins again with these. Where the sentence's table is on screen
        already, it stays as it is.

        Seen: The table changes to the words of {sentence}. [Row by row: {similarity[:, :]}.|Row by row: {normalised[:,
        :]}.|Row by row: {softmax[:, :]}.|Its rows are {rows similarity[:, :]}.]

        Plays: table, numbers.
        """
        if sentence == self.tables.sentence and self.desk.table is not None:
            return
        if self.desk.table is None:
            self.show_sentence(sentence)
            self.show_similarity()
            return
        self._switch(sentence)

    # How ------------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        """Show the similarities, unless a shot has already done so."""
        if self.desk.kind in {"", "embeddings"}:
            self.show_similarity()

    def _switch(self, sentence: str) -> None:
        """Let the table become that of another sentence."""
        assert self.desk.table is not None
        known, old = self.tables.tokens, self.desk.table
        self.tables.sentence = sentence
        kind = "embeddings" if self.desk.kind == "embeddings" else "similarity"
        chips = self.chips
        if chips.submobjects:
            self._write_chips()
        goal = place(self.tables.table(kind), "middle", self.tables.top)
        if self.chips.submobjects and self.tables.top == TOP:
            self.chips = VGroup()
        others = self._swap_chips(chips)
        if kind == "embeddings":
            self.desk.become(goal, kind, "middle", *others, beat="table")
            return
        new = pairs(goal, [token for token in known if token in old.row_labels])
        n = len(goal.column_labels)
        entries = [i * n + j for i, j in new]
        if new:
            goal.empty(*entries)
        self.desk.become(goal, kind, "middle", *others, later=[goal.marks[k] for k in entries], beat="table")
        if new:
            self.play(from_pairs(goal, new), beat="numbers")
        self.own(goal)

    def _raise_chips(self) -> list[Animation]:
        """Let a sentence that stands in the middle go up, before a table comes under it.

        Where the table needs all the room, the sentence goes: its words are at the table's heads. Returns the
        animations in which it does.
        """
        (home, self._home), chips = (self._home, None), self.chips
        if chips.submobjects and self.tables.top == TOP:
            self.chips = VGroup()
            return [FadeOut(chips)]
        if home is not None and chips.submobjects:
            self.play(Transform(chips, home), run_time=0.7)
        return []

    def _write_chips(self) -> None:
        """Write the sentence above the table, which then has its room under it."""
        self.chips = self.tables.chips()
        self.tables.top = float(self.chips.get_bottom()[1]) - frame.px(50)

    def _make_room(self) -> None:
        """Move the table to where it stands under the sentence."""
        if self.desk.where == "pair":
            self.desk.kind = "similarity"  # the table of these is made again, and the weights follow from it
        where = "middle" if self.desk.where == "pair" else self.desk.where
        kind = self.desk.kind
        self.desk.become(place(self.tables.table(kind), where, self.tables.top, self.desk.beside), kind, where)

    def _fill_from_angles(self, table: Table) -> None:
        """Show the words as arrows beside the table, and let every number come from the angle between two of them."""
        sentence, tokens = self.tables.sentence, self.tables.tokens
        cosine = self.trace_fact("similarity", sentence) == "cosine"
        left, bottom, right, top = side_box(table)
        angles = Angles(self, sentence, tokens, (left, bottom + (0.75 if cosine else 0.1), right, top), cosine=cosine)
        self.play(*entrance(angles), run_time=0.9, beat="arrows")
        self.play(angles.alone(table), run_time=0.8, beat="diagonal")
        couples = [(i, j) for i in range(len(tokens)) for j in range(i + 1, len(tokens))]
        arcs = {pair: angles.between(*pair) for pair in couples}
        steps = [angles.come(table, *pair, arcs[pair]) for pair in couples]
        if steps:
            self.play(LaggedStart(*steps, lag_ratio=0.5), run_time=min(4.0, 1.0 + 0.5 * len(steps)), beat="angles")
        kept = angles.most_telling(couples)
        desk, side = self.desk, VGroup(angles)
        desk.table, desk.kind, desk.where, desk.beside = table, "similarity", "left", 0.0
        last: list[Animation] = [FadeOut(arc) for pair, arc in arcs.items() if pair != kept]
        if kept is not None:
            angles.arc.add(arcs[kept])
            if cosine:
                line = cosine_line(self, sentence, tokens[kept[0]], tokens[kept[1]])
                line.move_to([(left + right) / 2, 0, 0]).seat(bottom + 0.2)
                side.add(line)
        self.own(table, angles)
        desk.side = side
        self.play(*desk.label(table), *last, run_time=0.4, beat="caption")

        # Write that the angle's cosine is the number
        if kept is not None and cosine:
            row, column = (tokens[k] for k in kept)
            angle, number = line.marks["a"], line.marks["c"]
            rest = VGroup(*[m for m in line if m not in (angle, number)])
            self.play(FadeIn(rest), derive(angle, arcs[kept]), run_time=0.9, beat="cosine")
            self.play(
                derive(number, table.mark(row, column), via=table.aisle(row, column)), run_time=1.1, beat="cosine"
            )
            self.own(line)

    def _show_pair(self) -> None:
        """Show the similarities on the left and the weights on the right, with softmax between them."""
        desk = self.desk
        if self.chips.submobjects and len(self.tables.tokens) > FEW:  # its words are at the tables' heads, too
            chips, self.chips, self.tables.top, self._home = self.chips, VGroup(), TOP, None
            self.play(FadeOut(chips), run_time=0.4)
        known = desk.kind == "softmax"  # these have been worked out; else they come from the similarities
        shape = self.tables.pair_shape()
        left, right = self.tables.table("similarity", shape), self.tables.table("softmax", shape, headed=False)
        place_pair(left, right, self.tables.top)
        arrow = bridge(left, right)
        if known:
            after = squish_rate_func(smooth, 0.65, 1.0)  # once the weights have left for the right
            desk.become(right, "softmax", "pair", FadeIn(left, rate_func=after), run_time=1.4, beat="table")
            caption: Tag | None = caption_under(left, self.tables.caption("similarity"))
            assert caption is not None
            self.play(GrowArrow(arrow[0]), FadeIn(arrow[1:], caption), run_time=0.8, beat="arrow")
        else:
            right.empty()
            if desk.table is None or desk.kind == "embeddings":
                gone = [] if desk.table is None else [*fade(desk.caption), *desk.clear()]
                gone += replaced(desk.table, left)
                desk.table, desk.kind, desk.where, desk.caption = left, "similarity", "pair", None
                self.play(*gone, *desk.label(left), *self._raise_chips(), run_time=0.8, beat="table")
            else:
                desk.become(left, "similarity", "pair", run_time=0.9, beat="table")
            caption, desk.caption = desk.caption, None
            empty = FadeIn(right.cells, right.column_heads)
            self.play(GrowArrow(arrow[0]), FadeIn(arrow[1]), empty, run_time=0.7, beat="arrow")
            desk.table, desk.kind = right, "softmax"
            n = len(right.column_labels)
            order = [i * n + j for i in range(len(right.row_labels)) for j in reversed(range(n))]  # the nearer first
            steps = [
                AnimationGroup(right.painted(k), derive(right.marks[k], left.marks[k], arch=_around(left, k)))
                for k in order
            ]
            self.play(LaggedStart(*steps, lag_ratio=0.15), *desk.label(right), run_time=1.7, beat="weights")
            self.play(FadeIn(arrow[2]), run_time=0.4, beat="name")  # until now digits crossed its place
            self.own(right)
        assert caption is not None
        desk.source, desk.bridge = left, VGroup(*arrow, caption)
        self.own(desk.bridge)

    def _fraction(self, scores: list[NumberMark], weight: Number, *, right: float) -> Writing | None:
        """Return how a weight follows from its row of scores, seated under their table; None if there is no room."""
        desk, word = self.desk, weight.coords["query"]
        assert desk.source is not None
        written = [softmax_fraction(scores, weight)]
        total = self.number("exponential_sum", self.tables.sentence, decimals=weight.decimals, query=word)
        own = next(mark.number for mark in scores if mark.number.coords["key"] == weight.coords["key"])
        if len(total.text) <= LONGEST and total.shown > 0:
            written.append(short_fraction(own, total, weight))
        for each in written:
            if seat_below(each, desk.source, desk.bridge[-1], right=right, least=theme.SMALLEST):
                return each
        return None

    def _add_up(self, word: str) -> None:
        """Frame a word's row, write out what its entries add up to, and dim the other rows."""
        table, desk = self._table_with(word), self.desk
        assert desk.caption is not None
        if desk.added == (desk.kind, word) and desk.notes.submobjects:
            return
        terms = table.row_numbers(word)
        size = theme.NOTE if desk.where == "pair" and len(terms) > 3 else theme.BODY
        total, others = self.tables.total(desk.kind, terms), self.tables.others(desk.kind, terms)
        line = written_total(terms, others, total, size=size)
        inner = -0.3 if desk.where == "pair" else -EDGE
        right = EDGE if desk.where != "left" or not desk.side.submobjects else float(table.cells.get_right()[0]) + 0.3
        seat_below(line, table, desk.caption, left=inner, right=right)
        frames = VGroup(*[t.row_frame(word, self.word_color(word)) for t in (desk.source, table) if t is not None])
        unlike = [m for m in desk.side if isinstance(m, WordSum) and m is not self.sums.get(word)]
        desk.side.remove(*unlike)
        gone, desk.notes, desk.added = desk.notes, VGroup(frames, line), (desk.kind, word)
        self.play(*fade(gone, *unlike), *desk.light(word), Create(frames), run_time=0.7, beat="row")

        # Let the row's entries fly down into the sum
        goals = [line.marks[f"t{i}"] for i in range(len(terms))]
        way = crossed(table, word, desk.caption)
        self.play(*[Light(m, 1.0, BACK) for m in way], run_time=0.25)
        self.play(lift(table.row_marks(word), goals, lag=0.15), run_time=1.1, beat="terms")
        rest = VGroup(*[m for m in line if m not in goals])
        self.play(FadeIn(rest), *[Light(m, BACK, 1.0) for m in way], run_time=0.5, beat="sum")
        self.own(line)

    def _take_maxima_away(self, table: Table) -> None:
        """Take the largest number of each row away from the row, which leaves the weights as they are."""
        shifted, decimals = self.tables.entries("shifted"), table.marks[0].number.decimals
        largest = self.numbers("similarity_max", self.tables.sentence, "fixed", decimals, query=table.row_labels)
        maxima = RowMaxima(table, largest)
        _, bottom, right, top = side_box(table)
        reason = same_weights((float(maxima.get_right()[0]) + 0.5, bottom, right, top))
        self.play(maxima.gather(), FadeIn(reason), run_time=2.0, beat="maxima")
        self.desk.change("shifted", shifted, run_time=1.4, beat="shifted")
        self.play(FadeOut(maxima, reason), run_time=0.6)

    def _divide_rows(self, kind: str, result: str) -> None:
        """Add up every row, divide its entries by the sum, and show what each row adds up to afterwards."""
        tables, desk = self.tables, self.desk
        if tables.leaves_out:
            hint = "leave `words` out, and take a short sentence"
            self.refuse("words of the sentence are left out, and their share of the sums would be missing", hint)
        entries = tables.entries(result)
        table = desk.arrange(kind, "middle", sum_room(self.tables.shape(kind).size))
        before = [mark.number for mark in table.marks]
        sums = RowSums(table, tables.totals(kind, before), before)
        rows = table.row_labels if len(table.row_labels) <= IN_FULL else [tables.focus() or table.row_labels[0]]
        self.play(sums.gather(rows), run_time=2.0, beat="sums")
        self.own(sums)
        desk.sums = sums
        broken = [i for i, mark in enumerate(sums.marks) if mark.number.value == 0]
        if broken:
            self._fail_to_divide(sums, broken[0])
            desk.change(result, entries, beat="quotients")
            return

        # Bring each row's sum under its entries, then carry out the division
        fractions = Fractions(table, sums, rows) if Fractions.size(table) > theme.SMALLEST_DIGITS else None
        if fractions is not None:
            light = desk.light(rows[0]) if len(rows) == 1 else []
            early = squish_rate_func(smooth, 0, 0.2)
            self.play(
                fractions.build_up(), *[step.set_rate_func(early) for step in light], run_time=2.2, beat="fractions"
            )
            if light:
                self.play(*desk.light(), run_time=0.4)
        old = [mark.number for mark in sums.marks]
        ones = RowSums(table, tables.totals(result, entries), entries, old)
        desk.change(result, entries, *fade(fractions), *ones.replace(sums), run_time=1.6, beat="quotients")
        desk.sums = ones

    def _fail_to_divide(self, sums: RowSums, line: int) -> None:
        """Show that the entries of a row cancel out, and that nothing can be divided by their sum."""
        table = self.desk.to_the_left()
        row, box = table.row_labels[line], side_box(table)
        entries, total = table.row_marks(row), sums.marks[line].number
        undefined = self.number("normalised", self.tables.sentence, query=row, key=table.column_labels[0])
        shown = Failure([m.number for m in entries], total, undefined, box)
        outline, walk = table.row_frame(row, self.word_color(row)), shown.walk
        self.desk.side = VGroup(shown, outline)

        # Walk along the number line, back to zero
        self.play(Create(outline), FadeIn(walk.line, walk.origin, walk.zero), run_time=0.8, beat="line")
        for entry, arrow, mark, drop in zip(entries, walk.arrows, walk.marks, walk.drops, strict=True):
            self.play(lift([entry], [mark]), Create(arrow), run_time=0.8, beat="walk")
            self.play(Create(drop), run_time=0.3, beat="walk")
        total = shown.sum.marks["total"]
        terms = [shown.sum.marks[f"t{i}"] for i in range(len(entries))]
        rest = [part for part in shown.sum if part not in (*terms, total)]
        self.play(
            FadeIn(walk.end, scale=2), lift(list(walk.marks), terms), *map(FadeIn, rest), run_time=0.9, beat="total"
        )
        self.play(derive(total, walk.end), run_time=0.5, beat="total")

        # Try to divide by it
        above, below = (shown.division.marks[name] for name in "as")
        rest = [part for part in shown.division if part not in (above, below)]
        steps = [lift([terms[0], total], [above, below]), AnimationGroup(*map(FadeIn, [*rest, shown.note]))]
        self.play(LaggedStart(*steps, lag_ratio=0.6), run_time=1.3, beat="division")
        self.own(shown)

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
        self.desk.arrange(
            kind, "left" if (self.desk.kind, self.desk.where) == (kind, "left") else "middle", beat="table"
        )
        return True

    def _table_with(self, word: str) -> Table:
        self._begin()
        table = self.desk.table
        assert table is not None
        if word not in table.row_labels:
            self._refuse_word(word)
        return table

    def _refuse_word(self, word: str) -> None:
        self.refuse(f"'{word}' is not in the table", "name one of its words: " + ", ".join(self.tables.tokens))

    def _swap_chips(self, old: VGroup) -> list[Animation]:
        """Return the animations from the old chips to the new: a move for the same sentence, or else a replacement."""
        words = [[chip.word for row in chips for chip in row] for chips in (old, self.chips)]
        if old and words[0] == words[1]:
            return [ReplacementTransform(old, self.chips)]
        return replaced(old, self.chips if self.chips.submobjects else None)


def _around(table: Table, k: int) -> float:
    """Return how the way of an entry to the table beside it is arched: above or below what stands between the two."""
    above = float(table.cells[k].get_y()) >= float(table.cells.get_y()) - 0.01
    return AROUND if above else -BELOW
