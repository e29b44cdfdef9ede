"""A desk: a table on stage, with what stands around it, that changes kind and place and is cleared in one move."""

from __future__ import annotations

from collections.abc import Sequence

from manim import Animation, FadeIn, FadeOut, ReplacementTransform, VGroup

from attnviz.stage import Number, Stage, Table, Writing, morph

from .layout import place
from .trace_tables import TraceTables


class Desk:
    """Holds the table on stage, its caption, and what stands around it.

    `kind` says what the table shows now, `where` its place (`middle`, `left`, `pair`). `side` is what explains it on
    the right, `notes` are frames and sums at the table, `source` is the table that it was made from, `bridge` the arrow
    between both. `tables` makes what it shows.
    """

    def __init__(self, stage: Stage, tables: TraceTables) -> None:
        self.stage, self.tables = stage, tables
        self.table: Table | None = None
        self.source: Table | None = None
        self.caption: Writing | None = None
        self.kind, self.where = "", "middle"
        self.side, self.notes, self.bridge = VGroup(), VGroup(), VGroup()

    def begin(self, table: Table, kind: str) -> None:
        """Put the first table on the desk, whose parts are on stage already, and write its caption."""
        self.kind, self.where = kind, "middle"
        self.own(table)
        self.stage.play(*self.label(table), run_time=0.5)

    def to_the_left(self, sums: VGroup) -> Table:
        """Move the table to the left as it is, its row sums with it."""
        assert self.table is not None
        assert self.caption is not None
        table, self.where = self.table, "left"
        way = place(table.copy(), "left").get_center() - table.get_center()
        self.stage.play(*[m.animate.shift(way) for m in (table, sums, self.caption)], run_time=0.9)
        return table

    def arrange(self, kind: str, where: str) -> Table:
        """Bring the table to a kind and a place, whatever was on screen before; clear away what stood around it."""
        assert self.table is not None
        if (self.kind, self.where) != (kind, where):
            self.become(place(self.tables.table(kind), where), kind, where)
        elif gone := self.clear():
            self.stage.play(*gone, run_time=0.5)
        return self.table

    def become(self, goal: Table, kind: str, where: str, *others: Animation) -> None:
        """Turn the table into another one; what both have in common moves."""
        assert self.table is not None
        old, self.kind, self.where = self.table, kind, where
        if gone := self.clear():
            self.stage.play(*gone, run_time=0.4)
        self.stage.play(morph(old, goal), *self.label(goal), *others, run_time=1.3)
        self.stage.remove(*old.get_family())
        self.own(goal)

    def change(self, kind: str, entries: Sequence[Number], *others: Animation, run_time: float = 1.5) -> None:
        """Change the table's entries in place."""
        assert self.table is not None
        self.kind = kind
        change = self.table.change_to(entries, full=self.tables.full(kind))
        self.stage.play(change, *self.label(self.table), *others, run_time=run_time)
        self.own(self.table)

    def own(self, table: Table) -> Table:
        """Make the table one thing on the stage again, after its parts were animated one by one."""
        self.stage.remove(*table.get_family())
        self.stage.add(table)
        self.table = table
        return table

    def label(self, table: Table) -> list[Animation]:
        """Return the change of the caption to what the table shows now."""
        old, self.caption = self.caption, table.set_under(self.tables.caption(self.kind))
        if old is not None and old.typst_code == self.caption.typst_code:
            return [ReplacementTransform(old, self.caption)]
        return [*fade(old), FadeIn(self.caption)]

    def clear(self) -> list[Animation]:
        """Return the fading of everything but the table and its caption."""
        gone = fade(self.side, self.notes, self.bridge, self.source)
        self.side, self.notes, self.bridge, self.source = VGroup(), VGroup(), VGroup(), None
        return gone


def fade(*things: VGroup | Writing | None) -> list[Animation]:
    """Return the fading of those things that are there."""
    return [FadeOut(m) for m in things if m is not None and m.submobjects]
