"""The desk: the table on stage and everything around it, changed, moved and cleared as one."""

from __future__ import annotations

from collections.abc import Sequence

from manim import Animation, FadeIn, FadeOut, ReplacementTransform, VGroup

from attnviz.stage import Number, Stage, Table, Writing, morph

from .layout import place
from .trace_tables import TraceTables


class Desk:
    """Holds the table on stage, its caption, and what surrounds it.

    `kind` is what the table shows at present, `where` is its position (`middle`, `left`, `pair`). `side` is the
    explanation on the right, `notes` are frames and sums at the table, `source` is the table that it was made from, and
    `bridge` is the arrow between the two. `tables` makes the tables.
    """

    def __init__(self, stage: Stage, tables: TraceTables) -> None:
        self.stage, self.tables = stage, tables
        self.table: Table | None = None
        self.source: Table | None = None
        self.caption: Writing | None = None
        self.kind, self.where = "", "middle"
        self.side, self.notes, self.bridge = VGroup(), VGroup(), VGroup()

    def begin(self, table: Table, kind: str) -> None:
        """Put the first table, whose parts are on stage already, on the desk, and show its caption."""
        self.table, self.kind, self.where = table, kind, "middle"
        self.stage.own(table)
        self.stage.play(*self.label(table), run_time=0.5)

    def to_the_left(self, sums: VGroup) -> Table:
        """Move the table to the left as it is, together with its row sums, and return it."""
        assert self.table is not None
        assert self.caption is not None
        table, self.where = self.table, "left"
        way = place(table.copy(), "left").get_center() - table.get_center()
        self.stage.play(*[m.animate.shift(way) for m in (table, sums, self.caption)], run_time=0.9)
        return table

    def arrange(self, kind: str, where: str) -> Table:
        """Bring the table to a kind and position, whatever it showed before; clear what surrounds it; return it."""
        assert self.table is not None
        if (self.kind, self.where) != (kind, where):
            self.become(place(self.tables.table(kind), where), kind, where)
        elif gone := self.clear():
            self.stage.play(*gone, run_time=0.5)
        return self.table

    def become(self, goal: Table, kind: str, where: str, *others: Animation) -> None:
        """Morph the table into another one: words that both have keep their rows and columns."""
        assert self.table is not None
        old, self.table, self.kind, self.where = self.table, goal, kind, where
        if gone := self.clear():
            self.stage.play(*gone, run_time=0.4)
        self.stage.play(morph(old, goal), *self.label(goal), *others, run_time=1.3)

    def change(self, kind: str, entries: Sequence[Number], *others: Animation, run_time: float = 1.5) -> None:
        """Change the table's entries in place."""
        assert self.table is not None
        self.kind = kind
        change = self.table.change_to(entries, full=self.tables.full(kind))
        self.stage.play(change, *self.label(self.table), *others, run_time=run_time)

    def label(self, table: Table) -> list[Animation]:
        """Return the animations that change the caption to what the table now shows."""
        old, self.caption = self.caption, table.set_under(self.tables.caption(self.kind))
        if old is not None and old.typst_code == self.caption.typst_code:
            return [ReplacementTransform(old, self.caption)]
        return [*fade(old), FadeIn(self.caption)]

    def clear(self) -> list[Animation]:
        """Return the animations that fade out everything but the table and its caption."""
        gone = fade(self.side, self.notes, self.bridge, self.source)
        self.side, self.notes, self.bridge, self.source = VGroup(), VGroup(), VGroup(), None
        return gone


def fade(*things: VGroup | Writing | None) -> list[Animation]:
    """Return the animations that fade out those things that are there: neither None nor empty."""
    return [FadeOut(m) for m in things if m is not None and m.submobjects]
