"""Several attention heads at once: their weights and outputs, concatenated, and brought back by the output matrix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from manim import (
    RIGHT,
    AnimationGroup,
    FadeIn,
    FadeOut,
    GrowFromEdge,
    LaggedStart,
    Rectangle,
    VGroup,
)

from attnviz.stage import (
    ColumnCount,
    Count,
    Cuts,
    Fitting,
    Number,
    Product,
    Region,
    Slice,
    Stage,
    Style,
    Table,
    Word,
    Writing,
    column_counted,
    cut,
    derive,
    ends,
    fitting,
    frame,
    head_colors,
    icon,
    join,
    leaves,
    left_out,
    morph,
    multiply,
    needs,
    product_of,
    relation,
    replaced,
    set_sign,
    table_of,
    tables_of,
    theme,
    vector_template,
    visible,
    visible_word,
    work_out,
)

GAP, COUNTED = 0.55, 1.0
"""The gap between the tables of neighbouring heads (frame units), and that where their rows are counted in it."""
WITH_NAMES = frame.TABLES._replace(top=frame.TABLES.top - 0.2)
"""Tables with their names over them, and brackets under them."""
BARS = frame.TABLES
BAR = 0.62
"""How thick the bar of a norm is."""
MOST_BARS, MOST_COORDINATES, MOST_WRITTEN = 7, 3, 6.2
"""So many bars have room, so many coordinates are written out beside them, and so wide a product (frame units)."""
NOTE_ROOM = 0.65
"""How much higher tables end that have a line under them (frame units)."""
ARRAYS = ("weights", "head_outputs")
NO_WEIGHTS = "the heads' weights are not on the board; begin with show_weights"
NO_OUTPUTS = "the heads' outputs are not on the board; begin with show_weights and show_outputs"


class Heads(Stage):
    """Attention heads beside one another: what each attends to and puts out, concatenated, and weighed by W_O."""

    def setup(self) -> None:
        """Start with an empty board."""
        self.tables: list[Table] = []
        self.names: list[Writing] = []
        self.counts: list[ColumnCount] = []
        self.room: dict[str, Fitting] = {}
        self.shown: list[str] = []
        self.lifted = 0.0
        self.note: Writing | None = None
        self.whole: Table | None = None
        self.product: Product | None = None
        self.worked: list[VGroup] = []

    # Verbs ----------------------------------------------------------------------------------------------------

    @ends("*")
    @leaves("weights")
    def show_weights(self) -> None:
        """Show the attention weights of all heads, side by side: each head attends in its own way.

        Seen: The heads' tables of attention weights stand side by side[, each with the rows {rows weights[:, :]}].

        Plays: tables, note.
        """
        self._measure_room()
        tables, names = self._tables("weights"), self._names()
        for table, name in zip(tables, names, strict=True):
            table.set_over(name)
        come = [AnimationGroup(FadeIn(t), FadeIn(n)) for t, n in zip(tables, names, strict=True)]
        self.clear_stage(then=[LaggedStart(*come, lag_ratio=0.5, run_time=0.8 + 0.6 * len(tables))], beat="tables")
        self.own(*tables)
        self.tables, self.names, self.note, self.whole, self.product = tables, names, None, None, None
        self.counts, self.worked = [], []
        self._say_what_is_left_out(tables)

    @needs("weights", say=NO_WEIGHTS)
    @ends("*")
    @leaves("outputs")
    def show_outputs(self) -> None:
        """Let each head's weights mix its values: what every head puts out for every word.

        Seen: The tables of weights become tables of outputs, one for each head, filled entry by entry.

        Plays: note, tables, entries.
        """
        before, self.tables = self.tables, self._tables("head_outputs")
        names, self.names = self.names, self._names()
        for table, name in zip(self.tables, self.names, strict=True):
            table.set_over(name)
            table.empty()
        self._say_what_is_left_out(self.tables)
        becomes = [morph(old, table, later=[*table.marks]) for old, table in zip(before, self.tables, strict=True)]
        moves = [name.animate.move_to(goal).build() for name, goal in zip(names, self.names, strict=True)]
        self.play(*becomes, *moves, run_time=1.4, beat="tables")
        self.names = names
        for table in self.tables:
            entries = [AnimationGroup(FadeIn(mark), table.painted(k)) for k, mark in enumerate(table.marks)]
            self.play(LaggedStart(*entries, lag_ratio=0.2), run_time=1.4, beat="entries")
        self.own(*self.tables)

    @needs("outputs", say=NO_OUTPUTS)
    @ends("outputs")
    @leaves("whole")
    def concatenate(self) -> None:
        """Slide the outputs of all heads together into one table, and count its columns.

        Seen: The tables of outputs slide together until they are one[, with {"number of columns"} columns|, with {if
        concatenated[:, :]}the rows {rows concatenated[:, :]}].

        Plays: columns, slide, total.
        """
        colors = self._colors()
        counts = [
            ColumnCount(self, table, color=colors[head]) for head, table in zip(self.shown, self.tables, strict=True)
        ]
        self.play(*map(FadeIn, counts), run_time=0.7, beat="columns")
        self.whole = self._whole()
        count = ColumnCount(self, self.whole)
        self.play(*map(FadeOut, self.names), run_time=0.4)
        slide = [part.animate.move_to(count).set_opacity(0).build() for part in counts]
        self.play(join(self.tables, self.whole), *slide, run_time=2.2, beat="slide")
        self.remove(*counts)
        self.play(FadeIn(count), run_time=0.7, beat="total")
        self.counts, self.tables, self.names = [count], [], []

    @needs("whole", say="the heads are not concatenated yet; begin with show_weights, show_outputs and concatenate")
    @ends("*")
    @leaves("product")
    def bring_back(self) -> None:
        """Multiply by the output matrix, which brings the columns of all heads back to the model's dimension.

        Seen: The wide table of all heads' outputs is multiplied by the output matrix, which stands on its right. The
        product is a table of outputs. [Row by row: {output[:, :]}.]

        Plays: table, name, factor, product, entries.
        """
        assert self.whole is not None
        parts = Slice("concatenated"), Slice("W_O"), Slice("output")
        styles: tuple[Style, ...] = ("fixed", "short", "fixed")
        product = product_of(self, *parts, names=("H", "W_O", "Y"), styles=styles, window=True)
        self.clear_stage(self.whole)
        self.play(morph(self.whole, product.left), run_time=1.4, beat="table")
        self.play(FadeIn(product.names[0], product.shapes[0]), run_time=0.5, beat="name")
        multiply(self, product)
        self.product, self.whole = product, None

    @needs("product", say="there is no product on the board; begin with bring_back")
    def work_out(self, word: Word, column: Count = 1) -> None:
        """Work out one entry of the output: a word's row, of each head its part, times a column of W_O.

        Seen: The row of {word} is framed in the wide table, and a column in the output matrix. Below, the sum of their
        products is written out, head by head.

        Plays: frames, row, column, sum, result.
        """
        product = self._product()
        self.worked = work_out(self, product, word, column_counted(self, product, word, column), self.worked)

    @ends("*")
    def weigh_heads(self, word: Word) -> None:
        """Compare the heads by the norm of what each of them adds to the output of a word, through its rows of W_O.

        Seen: For {word}, each head has a line: its output times its part of the output matrix. Bars show how long these
        vectors are[: {contribution_norm[:, word]}].

        Plays: heading, heads, bars, line.
        """
        if not self.has("head_contributions"):
            self.refuse("this model has no output matrix", "leave this shot out, or give the model a W_O")
        colors = self._colors()
        norms = {head: self.number("contribution_norm", head=head, token=word) for head in colors}
        heads = self._strongest(norms)
        pitch = min(1.5, BARS.height / len(heads))
        vectors = self._vectors(word, heads)
        names = {head: self.prose(head, color=colors[head], own=True) for head in heads}
        marks = {head: self.formula("{n}", n=norms[head]) for head in heads}
        left = BARS.left + max(name.width for name in names.values()) + 0.4
        middle = left + max((vector.width + 0.5 for vector in vectors.values()), default=0.0)
        room = BARS.right - middle - max(mark.width for mark in marks.values()) - 0.3
        longest = max(norms[head].value for head in heads) or 1.0
        self.clear_stage(then=[FadeIn(self._called(word))], beat="heading")
        self.setup()
        for k, head in enumerate(heads):
            y = BARS.center[1] + (0.5 * (len(heads) - 1) - k) * pitch
            names[head].move_to([BARS.left, 0, 0], aligned_edge=-RIGHT).seat(y - 0.13)
            vector = VGroup(*([vectors[head]] if head in vectors else []))
            vector.move_to([left, y, 0], aligned_edge=-RIGHT)
            for each in vector:
                each.seat(y - 0.13)
            bar = Rectangle(width=max(0.03, room * norms[head].value / longest), height=min(BAR, 0.7 * pitch))
            bar.set_stroke(width=0).set_fill(colors[head], 1).move_to([middle, y, 0], aligned_edge=-RIGHT)
            marks[head].next_to(bar, RIGHT, buff=0.25).seat(y - 0.13)
            self.play(FadeIn(names[head], vector), run_time=0.7, beat="heads")
            self.play(
                GrowFromEdge(bar, -RIGHT), derive(marks[head], *(vector or [names[head]])), run_time=1.1, beat="bars"
            )
        if (line := self._together(word, heads, vectors)) is not None:
            self.play(FadeIn(line), run_time=0.8, beat="line")

    # How ------------------------------------------------------------------------------------------------------

    def _colors(self) -> dict[str, str]:
        """Return the colours of the heads, in their order."""
        if not (self.has("W_Q") or self.has("all_weights")):  # a published model has heads, but tells no matrices
            self.refuse("this model has no heads", "take a model with heads, such as three_heads")
        return head_colors(self)

    def _measure_room(self) -> None:
        """Find out how many heads, and of each how many rows, have room in all tables that stand side by side."""
        heads = [*self._colors()]
        parts = {array: [Slice(array, head=head) for head in heads] for array in ARRAYS}
        self.lifted = 0.0
        self.room = self._fitting(parts)
        labels = {array: [part.labels(self) for part in each] for array, each in parts.items()}
        sizes = [(len(each), len(each[0][0]), max(len(own) for _, own in each)) for each in labels.values()]
        if [*self.room.values()] != sizes:  # a line under them says so
            self.lifted = NOTE_ROOM
            self.room = self._fitting(parts)
        self.shown = heads[: min(fits.tables for fits in self.room.values())]

    def _tables(self, array: str) -> list[Table]:
        """Return the tables of an array, of each head one, side by side; of many or large ones, what has room."""
        parts = [Slice(array, head=head) for head in self.shown]
        rows, columns = min(fits.rows for fits in self.room.values()), self.room[array].columns
        some: list[Slice] = []
        for part in parts:
            words, own = part.labels(self)
            some.append(part.window(self, visible(self, words, rows), visible(self, own, columns)))
        return tables_of(self, some, self._place(WITH_NAMES), gap=self._gap())

    def _place(self, region: Region) -> Region:
        """Return where tables stand: where something is left out, there is a line under them."""
        right = region.right - (COUNTED if self.column_vectors else 0.0)
        return region._replace(bottom=region.bottom + self.lifted, right=right)

    def _fitting(self, parts: Mapping[str, Sequence[Slice]]) -> dict[str, Fitting]:
        """Return how much of the tables of each array has room."""
        place, gap = self._place(WITH_NAMES), self._gap()
        return {array: fitting(self, each, place, gap=gap) for array, each in parts.items()}

    def _gap(self) -> float:
        """Return the gap between tables: where vectors are columns, brackets stand in it."""
        return COUNTED if self.column_vectors else GAP

    def _whole(self) -> Table:
        """Return the table of all heads' outputs side by side: of those heads, words and columns that are shown."""
        rows = self.tables[0].row_labels
        pairs = zip(self.shown, self.tables, strict=True)
        columns = [f"{head}-{own}" for head, table in pairs for own in table.column_labels]
        part = Slice("concatenated")
        known = part.labels(self)[1]
        columns = columns if set(columns) <= set(known) else known
        decimals = self.tables[0].marks[0].number.decimals
        return table_of(self, part.window(self, rows, columns), self._place(frame.TABLES), decimals=decimals)

    def _say_what_is_left_out(self, tables: Sequence[Table]) -> None:
        """Write under the tables how much of them is shown, if it is not all."""
        of_heads = Cuts(cut("head", self.shown, [*self._colors()]))
        before, self.note = self.note, left_out(self, [of_heads, *(table.cuts for table in tables)])
        if self.note is not None:
            self.note.set_x(frame.CONTENT.center[0]).seat(frame.LOWEST_LINE)
        if changes := replaced(before, self.note):
            self.play(*changes, run_time=0.7, beat="note")

    def _names(self) -> list[Writing]:
        colors = self._colors()
        return [self.prose(head, color=colors[head], own=True) for head in self.shown]

    def _product(self) -> Product:
        assert self.product is not None
        return self.product

    def _strongest(self, norms: Mapping[str, Number]) -> list[str]:
        """Return the heads whose bars have room, in their order: those that add most."""
        ranked = sorted(norms, key=lambda head: -norms[head].value)
        return [head for head in norms if head in ranked[:MOST_BARS]]

    def _vectors(self, word: str, heads: Sequence[str]) -> dict[str, Writing]:
        """Return what each head adds to the output of a word, written out, and of what; nothing if it is too long."""
        if len(self.labels("head_contributions", "d_output")) > MOST_COORDINATES:
            return {}
        made = {head: self._made(word, head) for head in heads}
        if all(len(line.marks) <= 2 * MOST_COORDINATES and line.width <= MOST_WRITTEN for line in made.values()):
            return made
        return {head: self._made(word, head, whole=False) for head in heads}

    def _made(self, word: str, head: str, *, whole: bool = True) -> Writing:
        """Return what a head adds to a word, marked `c0`, `c1` …, and the product it is, if `whole`."""
        array = {"o": "head_outputs", "c": "head_contributions"}
        rows = {key: self.numbers(name, style="short", head=head, token=word) for key, name in array.items()}
        named = {key: {f"{key}{k}": number for k, number in enumerate(row)} for key, row in rows.items()}
        vectors = {key: vector_template([*names]) for key, names in named.items()}
        if not whole:
            return self.formula(vectors["c"], color=self._colors()[head], numbers=named["c"])
        template = f"{self.times(vectors['o'], 'W_O^{h}')} {set_sign(False)} {vectors['c']}"
        return self.formula(template, color=self._colors()[head], numbers=named["o"] | named["c"], words={"h": head})

    def _together(self, word: str, heads: Sequence[str], vectors: Mapping[str, Writing]) -> Writing | None:
        """Return the line under the bars: what all heads add together, or how many of them are shown."""
        if len(heads) < len(self._colors()):
            line = left_out(self, [Cuts(cut("head", heads, [*self._colors()]))])
        elif vectors and not self.has("b_O"):
            total = self.numbers("output", token=word)
            parts = [[vector.marks[f"c{k}"].number.shown for k in range(len(total))] for vector in vectors.values()]
            sums = [sum(each) for each in zip(*parts, strict=True)]
            exact = all(relation(one, number) == "=" for one, number in zip(sums, total, strict=True))
            named = {f"c{k}": number for k, number in enumerate(total)}
            line = self.formula(f'"all together" {set_sign(exact)} {vector_template([*named])}', numbers=named)
        else:
            line = None
        return None if line is None else line.move_to([BARS.left, 0, 0], aligned_edge=-RIGHT).seat(frame.LOWEST_LINE)

    def _called(self, word: str) -> VGroup:
        """Return the line above the bars: what is compared, and of which word."""
        what = f"what each head adds to {visible_word(word)}, through its part of the matrix"
        text = self.prose(what, theme.NOTE, theme.DIM, own=True)
        picture = icon(visible_word(word), 0.62)
        line = VGroup(*([picture] if picture is not None else []), text).arrange(RIGHT, buff=0.25)
        return line.move_to([frame.CONTENT.center[0], frame.ABOVE_TABLE, 0])
