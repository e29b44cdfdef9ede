"""What is written beyond the staircase of a mask."""

from __future__ import annotations

from manim import DOWN, LEFT, RIGHT, UR, VGroup

from attnviz.stage import Stage, frame, theme

from .grid import Grid

AROUND, LINES = 0.1, 0.16
"""What is free around the note, and between its lines (frame units)."""


def hidden_note(stage: Stage, grid: Grid, pair: tuple[str, str], *, lifted: bool) -> VGroup:
    """Return the note on what a mask does to the score and the weight of a pair of words: where there is room for it.

    That is in what is hidden, but for the row that was asked for if it is `lifted`; or else beside the table, or on the
    lowest line.
    """
    query, key = pair
    score = stage.number("scores", query=query, key=key)
    weight = stage.number("weights", query=query, key=key, style="whole")

    def note(size: float, *, narrow: bool = False) -> VGroup:
        ink = theme.DIM
        lines = [stage.prose("not yet said", size=size, color=ink)]
        if narrow:
            lines.append(stage.formula('"score" {s}', size=theme.NOTE, color=ink, s=score))
            lines.append(stage.formula('"weight" {w}', size=theme.NOTE, color=ink, w=weight))
        else:
            lines.append(
                stage.formula('"score" {s}"," med "weight" {w}', size=theme.NOTE, color=ink, s=score, w=weight)
            )
        return VGroup(*lines).arrange(DOWN, buff=LINES, aligned_edge=LEFT if narrow else RIGHT)

    asked = grid.weights.tokens.index(grid.asked) if lifted and grid.asked is not None else len(grid.rows)
    for form in (note(theme.WORD), note(theme.NOTE), narrow := note(theme.NOTE, narrow=True)):
        for band in ((0, asked), (asked + 1, len(grid.rows))):
            if (place := _room_within(grid, form, *band)) is not None:
                return form.move_to([*place, 0], aligned_edge=UR)
    left = grid.right + 3 * AROUND
    if left + narrow.width <= frame.CONTENT.right:
        return narrow.move_to([left, (grid.within.top + grid.bottom) / 2, 0], aligned_edge=LEFT)
    line = note(theme.NOTE).arrange(RIGHT, buff=2 * LINES).set_x(frame.CONTENT.center[0])
    for part in line:
        part.seat(frame.LOWEST_LINE)
    return line


def _room_within(grid: Grid, note: VGroup, first: int, last: int) -> tuple[float, float] | None:
    """Return the upper right corner of what is hidden in some neighbouring rows, if a note has room there."""
    if first >= last:
        return None
    y, height = grid.rows[first]
    top = y + height / 2
    for k in range(first, min(last, len(grid.rows) - 1)):
        deep = top - (grid.rows[k][0] - grid.rows[k][1] / 2)
        free = grid.right - (grid.columns[k + 1].x - grid.columns[k + 1].width / 2)
        if deep >= note.height + 2 * AROUND and free >= note.width + 2 * AROUND:
            return grid.right - AROUND, top - AROUND
    return None
