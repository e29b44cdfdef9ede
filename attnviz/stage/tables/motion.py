"""How tables change: entries fly off to other digits, a table becomes another one, several join into one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

from manim import (
    DR,
    UL,
    Animation,
    AnimationGroup,
    FadeIn,
    FadeOut,
    Mobject,
    ReplacementTransform,
    VGroup,
    VMobject,
    smooth,
    squish_rate_func,
)

from attnviz.stage import theme
from attnviz.stage.motion import ARCH, FIRST_HALF, derive, roll
from attnviz.stage.placement import Array
from attnviz.stage.reading import refusal
from attnviz.stage.tables.table import Table
from attnviz.stage.tables.whole import Whole
from attnviz.stage.typesetting import NumberMark, formula

if TYPE_CHECKING:
    from attnviz.stage.scene import Stage

FIRST, MEANWHILE, LAST = (squish_rate_func(smooth, begin, end) for begin, end in ((0.0, 0.25), (0.2, 0.8), (0.75, 1.0)))
"""The three parts of a joining: what goes has gone before the tables meet, and what comes waits until they have."""


def lift(
    marks: Sequence[Mobject],
    goals: Sequence[VMobject],
    *,
    lag: float = 0.0,
    arch: float = ARCH,
    via: Sequence[Sequence[Array]] = (),
) -> Animation:
    """Return the animation in which copies of a table's digits, or words, fly to where the same are written again.

    The first one leaves first; the originals stay. Their ways are arched as those of `derive`, or lead past the
    points of `via` (of each mark its own), such as along an `aisle` of the table.
    Raises `ProblemsFound` if a goal says something else: digits do not turn into others. (What is
    computed from several comes by `derive`, what changes in place by `roll`.)
    """
    for mark, goal in zip(marks, goals, strict=True):
        if isinstance(mark, NumberMark) and isinstance(goal, NumberMark) and mark.number.text != goal.number.text:
            hint = "derive(goal, mark) is for what is computed from it, roll(mark, goal) for what changes in place"
            raise refusal(f"{mark.number.text} is not {goal.number.text}, and would turn into it on its way", hint)
    ways = via or [()] * len(goals)
    steps = [derive(goal, mark, arch=arch, via=way) for mark, goal, way in zip(marks, goals, ways, strict=True)]
    return AnimationGroup(*steps, lag_ratio=lag)


def morph(old: Table, new: Table, *, later: Sequence[Mobject] = ()) -> Animation:
    """Return the animation in which a table becomes another: words that both have keep their rows and columns.

    What both have goes to its place; where a number is another one then, it rolls on to it. The numbers of the new
    table that are named in `later` do not come yet: they are derived afterwards.
    """
    steps: list[Animation] = []
    seen: set[int] = set()
    pairs: list[tuple[Mobject, Mobject]] = []
    for row in new.row_labels:
        for column in new.column_labels:
            if row in old.row_labels and column in old.column_labels:
                pairs += [
                    (old.cell(row, column), new.cell(row, column)),
                    (old.mark(row, column), new.mark(row, column)),
                ]
    for heads, labels in (("row_heads", "row_labels"), ("column_heads", "column_labels")):
        before = dict(zip(getattr(old, labels), getattr(old, heads), strict=False))
        after = dict(zip(getattr(new, labels), getattr(new, heads), strict=False))
        pairs += [(before[label], after[label]) for label in after if label in before and _alike(before, after, label)]
    for one, other in pairs:
        steps.append(_becomes(one, other))
        seen |= {id(one), id(other)}
    gone = [FadeOut(m, rate_func=FIRST_HALF) for m in _pieces(old) if id(m) not in seen]
    seen |= {id(mark) for mark in later}
    come = [FadeIn(m) for m in _pieces(new) if id(m) not in seen]
    move = AnimationGroup(*gone, *steps)
    done = [new] if not later else []
    return Whole(done, [old], move, *([AnimationGroup(*come)] if come else []), lag_ratio=0.8)


def transpose(old: Table, new: Table) -> Animation:
    """Return the animation in which a table is transposed: row after row, every cell goes to its place in a column.

    `new` is the transpose of `old`, and should not stand where that stands, so that none has to pass over others. The
    words at the heads go with their rows.
    """
    names = [ReplacementTransform(*pair) for pair in zip(old.column_heads, new.row_heads, strict=False)]
    heads = dict(zip(old.row_labels, zip(old.row_heads, new.column_heads, strict=False), strict=False))
    rows: list[Animation] = []
    for row in old.row_labels:
        pairs: list[tuple[Mobject, Mobject]] = [heads[row]] if row in heads else []
        for column in old.column_labels:
            pairs += [(old.cell(row, column), new.cell(column, row)), (old.mark(row, column), new.mark(column, row))]
        rows.append(AnimationGroup(*(names if not rows else []), *[ReplacementTransform(*pair) for pair in pairs]))
    return Whole([new], [old], *rows, lag_ratio=0.45)


def _alike(before: Mapping[str, Mobject], after: Mapping[str, Mobject], label: str) -> bool:
    """Tell whether two heads of a label are both words, the same, or both drawings."""
    said = [getattr(heads[label], "source", None) for heads in (before, after)]
    return said[0] == said[1]


def _becomes(one: Mobject, other: Mobject) -> Animation:
    if isinstance(one, NumberMark) and isinstance(other, NumberMark) and one.number.text != other.number.text:
        return roll(one, other)
    return ReplacementTransform(one, other)


def join(parts: Sequence[Table], whole: Table) -> Animation:
    """Return the animation in which tables slide together, side by side, into one of all their columns.

    `whole` has the parts' rows, and their columns in order (with its own labels); its entries must be shown as theirs
    are. Heads that the whole has not fade out; then cells and digits slide, with the heads that stay; at last the
    whole's new heads come. The words of the rows stay once. Afterwards the stage has `whole`. It takes two seconds
    to be seen well: `self.play(join(parts, whole), run_time=2)`.
    Raises `ProblemsFound` if the parts show something else.
    """
    _refuse_unlike(parts, whole)
    count, start = len(whole.column_labels), 0
    pairs, steps = list[tuple[Mobject, Mobject]](), list[Animation]()
    for part in parts:
        wide = len(part.column_labels)
        for k, (cell, mark) in enumerate(zip(part.cells, part.marks, strict=True)):
            goal = k // wide * count + start + k % wide
            pairs += [(cell, whole.cells[goal]), (mark, whole.marks[goal])]
        for old, new in zip_longest(part.column_heads, whole.column_heads[start : start + wide]):
            if old is not None and old.source == new.source:
                pairs.append((old, new))
            else:
                steps += [] if old is None else [FadeOut(old, rate_func=FIRST)]
                steps.append(FadeIn(new, rate_func=LAST))
        start += wide
    pairs += list(zip(parts[0].row_heads, whole.row_heads, strict=False))
    gone = [*(head for part in parts[1:] for head in part.row_heads), *(dots for part in parts for dots in part.dots)]
    steps += [FadeOut(each, rate_func=FIRST) for each in gone] + [FadeIn(dots, rate_func=LAST) for dots in whole.dots]
    moves = [ReplacementTransform(one, other, rate_func=MEANWHILE) for one, other in pairs]
    return Whole([whole], parts, *steps, *moves)


def _refuse_unlike(parts: Sequence[Table], whole: Table) -> None:
    if all(part.row_labels == whole.row_labels for part in parts):
        joined = [mark.number.text for row in whole.row_labels for part in parts for mark in part.row_marks(row)]
        if joined == [mark.number.text for mark in whole.marks]:
            return
    hint = "make it of the same rows, with the same decimals, from the array that holds them side by side"
    raise refusal("the tables do not show what the joined table shows", hint)


def _pieces(table: Table) -> list[Mobject]:
    return [*table.cells, *table.marks, *table.row_heads, *table.column_heads, *table.dots]


def _array(table: Table) -> str:
    return table.marks[0].number.array or ""


class ColumnCount(VGroup):
    """How many columns a table has, or some of them: a bracket under them with the number.

    Of a window, all columns count, also those that it leaves out.
    Where vectors are columns, its columns are drawn as rows, and the bracket stands to the right of these.
    """

    def __init__(
        self, stage: Stage, table: Table, columns: Sequence[str] | None = None, color: str | None = None
    ) -> None:
        chosen = list(columns or table.column_labels)
        last = table.row_labels[-1]
        cells = VGroup(*[table.cell(last, column) for column in chosen])
        (left, top, _), (right, bottom, _) = cells.get_corner(UL), cells.get_corner(DR)
        x, y, color = right + 0.14, bottom - 0.14, color or theme.DIM
        corners = [(left, y), (left, y - 0.12), (right, y - 0.12), (right, y)]
        if table.transposed:
            corners = [(x, top), (x + 0.12, top), (x + 0.12, bottom), (x, bottom)]
        self.bracket = VMobject(color=color, stroke_width=3).set_points_as_corners([[*c, 0.0] for c in corners])
        if columns is None and table.cuts.columns:
            number = stage.derived(table.cuts.columns[0].whole, f"number of columns of {_array(table)}", "whole")
        else:
            number = stage.derived(len(chosen), f"number of columns: {', '.join(chosen)}", "whole")
        self.count = formula("{n}", size=theme.BODY, color=color, n=number)
        self.count.move_to([(left + right) / 2, 0, 0]).seat(y - 0.54)
        if table.transposed:
            self.count.move_to([x + 0.3 + self.count.width / 2, (top + bottom) / 2, 0])
        super().__init__(self.bracket, self.count)
