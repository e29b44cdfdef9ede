"""Rows of a table divided by their sums; and why there is no answer where a sum is zero."""

from __future__ import annotations

from manim import Create, FadeIn, VGroup, Write

from attnviz.stage import theme
from attnviz.stage.tables.charts import Failure
from attnviz.stage.tables.desk import Desk, fade
from attnviz.stage.tables.layout import side_box
from attnviz.stage.tables.motion import Fractions, RowSums, lift


def divide_rows(desk: Desk, kind: str, result: str) -> None:
    """Add up every row, divide its entries by the sum, and show what the rows add up to afterwards."""
    tables, stage = desk.tables, desk.stage
    if tables.leaves_out:
        hint = "leave `words` out, and take a short sentence"
        stage.refuse("words of the sentence are left out, and their share of the sums would be missing", hint)
    entries = tables.entries(result)
    table = desk.arrange(kind, "middle")
    before = [mark.number for mark in table.marks]
    sums = RowSums(table, tables.totals(kind, before), before)
    stage.play(sums.gather(), run_time=1.8)
    desk.notes = VGroup(sums)
    broken = [i for i, mark in enumerate(sums.marks) if mark.number.value == 0]
    if broken:
        _fail(desk, sums, broken[0])
        desk.change(result, entries)
        return

    # Bring the sum under every entry of its row, then carry the division out
    fractions = Fractions(table, sums) if Fractions.size(table) > theme.SMALLEST else None
    if fractions is not None:
        stage.play(fractions.build_up(), run_time=2.2)
    old = [mark.number for mark in sums.marks]
    ones = RowSums(table, tables.totals(result, entries), entries, old)
    desk.change(result, entries, *fade(fractions), *ones.replace(sums), run_time=1.6)
    desk.notes = VGroup(ones)


def _fail(desk: Desk, sums: RowSums, line: int) -> None:
    """Show that the entries of a row cancel, and that nothing can be divided by what they add up to."""
    stage, table = desk.stage, desk.to_the_left(sums)
    row, box = table.row_labels[line], side_box(table, sums)
    entries, total = table.row_marks(row), sums.marks[line].number
    undefined = stage.number("normalised", desk.tables.sentence, query=row, key=table.column_labels[0])
    shown = Failure([m.number for m in entries], total, undefined, box)
    frame, walk = table.row_frame(row, stage.word_color(row)), shown.walk
    desk.side = VGroup(shown, frame)

    # Walk along the number line, back to zero
    stage.play(Create(frame), FadeIn(walk.line, walk.origin, walk.zero), run_time=0.8)
    for entry, arrow, mark, drop in zip(entries, walk.arrows, walk.marks, walk.drops, strict=True):
        stage.play(lift([entry], [mark], table), Create(arrow), run_time=0.9)
        stage.play(Create(drop), run_time=0.3)
    stage.play(FadeIn(walk.end, scale=2), Write(shown.sum), run_time=1.0)

    # Try to divide by it
    stage.play(Write(shown.division), FadeIn(shown.note), run_time=1.0)
