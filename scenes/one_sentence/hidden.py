"""What is written beyond the staircase of a mask."""

from __future__ import annotations

from manim import DOWN, LEFT, RIGHT, UR, VGroup

from attnviz.stage import Stage, frame, theme

from .grid import Grid

AROUND, LINES = 0.12, 0.16
"""What is free around the note, and between its lines (frame units)."""


def hidden_note(stage: Stage, grid: Grid, pair: tuple[str, str], *, free: bool) -> VGroup:
    """Return the note on what a mask does to the score and the weight of a pair of words: where there is room for it.

    That is in what is hidden, if the rows there are all `free`; else beside the table, or on the lowest line.
    """
    query, key = pair
    said = stage.prose("not yet said", color=theme.DIM)
    numbers = {
        "s": stage.number("scores", query=query, key=key),
        "w": stage.number("weights", query=query, key=key, style="whole"),
    }
    one_line = stage.formula('"score" {s}"," med "weight" {w}', size=theme.NOTE, color=theme.DIM, numbers=numbers)
    wide = VGroup(said, one_line).arrange(DOWN, buff=LINES, aligned_edge=RIGHT)
    if free and (place := _room_within(grid, wide)) is not None:
        return wide.move_to([*place, 0], aligned_edge=UR)
    narrow = VGroup(
        said.copy(),
        stage.formula('"score" {s}', size=theme.NOTE, color=theme.DIM, s=numbers["s"]),
        stage.formula('"weight" {w}', size=theme.NOTE, color=theme.DIM, w=numbers["w"]),
    ).arrange(DOWN, buff=LINES, aligned_edge=LEFT)
    if free and (place := _room_within(grid, narrow)) is not None:
        return narrow.move_to([*place, 0], aligned_edge=UR)
    left = grid.right + 3 * AROUND
    if left + narrow.width <= frame.CONTENT.right:
        return narrow.move_to([left, (grid.within.top + grid.bottom) / 2, 0], aligned_edge=LEFT)
    wide.arrange(RIGHT, buff=2 * LINES).set_x(frame.CONTENT.center[0])
    for line in wide:
        line.seat(frame.LOWEST_LINE)
    return wide


def _room_within(grid: Grid, note: VGroup) -> tuple[float, float] | None:
    """Return the upper right corner of what is hidden in the first rows, if a note has room there."""
    deep = 0.0
    for k, (_, height) in enumerate(grid.rows[:-1], start=1):
        deep += height
        free = grid.right - (grid.columns[k].x - grid.columns[k].width / 2)
        if deep >= note.height + 2 * AROUND and free >= note.width + 2 * AROUND:
            return grid.right - AROUND, grid.within.top - AROUND
    return None
