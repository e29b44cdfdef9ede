"""The desk: the table on stage and everything around it, changed, moved and cleared as one."""

from __future__ import annotations

from collections.abc import Sequence

from manim import Animation, FadeIn, FadeOut, Mobject, ReplacementTransform, VGroup, smooth, squish_rate_func

from attnviz.stage import BACK, Light, Number, Stage, Table, Tag, Whole, Writing, morph, replaced, theme

from .layout import caption_under, place
from .row_sums import RowSums
from .trace_tables import TraceTables


class Desk:
    """Holds the table on stage, its caption, and what surrounds it.

    `kind` is what the table shows at present, `where` is its position (`middle`, `left`, `pair`). `side` is the
    explanation on the right, `sums` the column of row sums there, `notes` are frames and sums at the table, `source` is
    the table that it was made from, and `bridge` is the arrow between the two, with the caption of the source. `tables`
    makes the tables.
    """

    def __init__(self, stage: Stage, tables: TraceTables) -> None:
        self.stage, self.tables = stage, tables
        self.table: Table | None = None
        self.source: Table | None = None
        self.caption: Tag | None = None
        self.kind, self.where, self.beside = "", "middle", 0.0
        self.side, self.notes, self.bridge = VGroup(), VGroup(), VGroup()
        self.sums: RowSums | None = None
        self.added = ("", "")  # what was added up last: the kind, and the word of the row
        self.dimmed: set[str] = set()

    def light(self, row: str | None = None) -> list[Animation]:
        """Return the animations in which the other rows of the table, and of its source, are dimmed; or none is."""
        rows = self.table.row_labels if self.table is not None else []
        dim = {other for other in rows if row is not None and other != row}
        changes = [(r, BACK if r in dim else 1.0) for r in rows if (r in dim) != (r in self.dimmed)]
        steps = [step for r, level in changes if self.sums is not None for step in self.sums.to_level(r, level)]
        for table in (self.table, self.source):
            if table is None:
                continue
            parts = [step for r, level in changes for step in _to_level(table, r, level)]
            steps += [Whole([table], [], *parts)] if parts else []
        self.dimmed = dim
        return steps

    def begin(self, table: Table, kind: str, where: str = "middle") -> None:
        """Put the first table, whose parts are on stage already, on the desk, and show its caption."""
        self.table, self.kind, self.where, self.beside = table, kind, where, 0.0
        self.stage.own(table)
        self.stage.play(*self.label(table), run_time=0.4, beat="caption")

    def to_the_left(self) -> Table:
        """Move the table to the left as it is, and clear what surrounds it; return it."""
        assert self.table is not None
        assert self.caption is not None
        table, self.where, self.beside = self.table, "left", 0.0
        goal = place(table.copy(), "left", self.tables.top)
        way = goal.cells.get_center() - table.cells.get_center()
        self.stage.play(*[m.animate.shift(way) for m in (table, self.caption)], *self.clear(), run_time=0.9)
        return table

    def arrange(self, kind: str, where: str, beside: float = 0.0, *, beat: str = "") -> Table:
        """Bring the table to a kind and position, whatever it showed before; clear what surrounds it; return it.

        `beside` is how wide the column is that will stand to the right of the table: both are centred together.
        """
        assert self.table is not None
        goal = place(self.tables.table(kind), where, self.tables.top, beside)
        if self.kind != kind or not _alike(self.table, goal):
            self.become(goal, kind, where, beat=beat)
        elif gone := self.clear():
            self.stage.play(*gone, run_time=0.4, beat=beat)
        self.where, self.beside = where, beside
        return self.table

    def become(
        self,
        goal: Table,
        kind: str,
        where: str,
        *others: Animation,
        later: Sequence[Mobject] = (),
        run_time: float = 1.1,
        beat: str = "",
    ) -> None:
        """Turn the table into another one: words that both have keep their rows and columns."""
        if kind != "softmax":
            self._go_on_with_source()
        assert self.table is not None
        old, gone = self.table, self.clear(relight=False)
        self.table, self.kind, self.where = goal, kind, where
        early = squish_rate_func(smooth, 0, 0.4)  # the table moves across where these stand
        self.stage.play(
            *[step.set_rate_func(early) for step in gone],
            morph(old, goal, later=later),
            *self.label(goal, moves=old.row_labels == goal.row_labels),
            *others,
            run_time=run_time,
            beat=beat,
        )

    def _go_on_with_source(self) -> None:
        """Where two tables stand side by side, go on with the one that the other was made from."""
        if self.source is None or self.table is None:
            return
        self.table, self.source = self.source, self.table
        *arrow, caption = self.bridge
        rest = [*arrow, self.caption] if self.caption is not None else arrow
        self.bridge, self.caption, self.kind = VGroup(*rest), caption, "similarity"

    def change(
        self, kind: str, entries: Sequence[Number], *others: Animation, run_time: float = 1.3, beat: str = ""
    ) -> None:
        """Roll the table's entries on to new ones in their places."""
        assert self.table is not None
        self.kind = kind
        self.stage.play(self.table.change_to(entries), *self.label(self.table), *others, run_time=run_time, beat=beat)

    def label(self, table: Table, *, moves: bool = True) -> list[Animation]:
        """Return the animations that change the caption to what the table now shows; the same one `moves`, or not."""
        old, self.caption = (
            self.caption,
            caption_under(table, self.tables.caption(self.kind, short=self.where == "pair" and self.kind == "softmax")),
        )
        if moves and old is not None and _code(old) == _code(self.caption):
            return [ReplacementTransform(old, self.caption)]
        if moves or old is None:
            return replaced(old, self.caption)
        early, late = squish_rate_func(smooth, 0, 0.2), squish_rate_func(smooth, 0.7, 1)  # while the table stands still
        return [FadeOut(old, rate_func=early), FadeIn(self.caption, rate_func=late)]

    def clear(self, *, relight: bool = True) -> list[Animation]:
        """Return the animations that fade out everything but the table and its caption."""
        gone = fade(self.side, self.notes, self.sums, self.bridge, self.source)
        self.source, self.sums = None, None
        gone += self.light() if relight else []
        self.dimmed, self.added = set(), ("", "")
        self.side, self.notes, self.bridge = VGroup(), VGroup(), VGroup()
        return gone


def fade(*things: VGroup | Writing | None) -> list[Animation]:
    """Return the animations that fade out those things that are there: neither None nor empty."""
    return [FadeOut(m) for m in things if m is not None and m.submobjects]


def crossed(table: Table, row: str, caption: Tag) -> list[Mobject]:
    """Return what digits of a row cross on their way to a line under the table: lower rows, and the caption."""
    lower = table.row_labels[table.row_labels.index(row) + 1 :]
    return [caption, *[mark for other in lower for mark in table.row_marks(other)]]


def _to_level(table: Table, row: str, level: float) -> list[Animation]:
    """Return the animations in which a row is dimmed, or lit again; digits in a dim row are grey, to be read still."""
    place = table.row_labels.index(row)
    cells = VGroup(*[table.cell(row, column) for column in table.column_labels], *table.row_heads[place : place + 1])
    marks = table.row_marks(row)
    inks = [theme.DIM if level < 1 else table.ink(mark) for mark in marks]
    colors = [mark.animate.set_color(ink).build() for mark, ink in zip(marks, inks, strict=True)]
    return [Light(cells, 1.0 + BACK - level, level), *colors]


def _alike(one: Table, other: Table) -> bool:
    """Tell whether two tables of one kind stand in the same place, with the same words."""
    if (one.row_labels, one.column_labels, one.cell_size) != (other.row_labels, other.column_labels, other.cell_size):
        return False
    return bool(abs(one.cells.get_center() - other.cells.get_center()).max() < 1e-3)


def _code(caption: Tag) -> str:
    label = caption.label
    return label.typst_code if isinstance(label, Writing) else ""
