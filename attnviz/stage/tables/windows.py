"""Windows of tables that are too large for their place: what of them is shown, and how it is said what is left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from manim import DOWN, LEFT, RIGHT, Dot, VGroup, VMobject

from attnviz.stage import frame, theme
from attnviz.stage.placement import Array

if TYPE_CHECKING:
    from attnviz.stage.numbers import Number
    from attnviz.stage.scene import Stage
    from attnviz.stage.typesetting import Writing

OF_WORDS = frozenset({"token", "query", "key"})
MOST_SHOWN = 16
"""A window has at most so many rows and columns."""
DOT, PITCH, OFF = frame.px(3.5), frame.px(11), frame.px(11)
"""The radius of the dots that go on beside a window, the distance of two, and how far the first is from the cells."""


class Cut(NamedTuple):
    """How many there are of something (`words`, `heads`, `coordinates`), and how many of them a window shows."""

    what: str
    shown: int
    whole: int


class Cuts(NamedTuple):
    """What a window leaves out of the rows of a table, and of its columns: nothing, or one `Cut` of each."""

    rows: tuple[Cut, ...] = ()
    columns: tuple[Cut, ...] = ()

    def whole(self, rows: int, columns: int) -> tuple[int, int]:
        """Return how many rows and columns the whole table has, if so many are shown."""
        return self.rows[0].whole if self.rows else rows, self.columns[0].whole if self.columns else columns


def visible(stage: Stage, labels: Sequence[str], most: int) -> list[str]:
    """Return at most so many neighbouring labels: those around the word in focus if it is one of them, or the first."""
    tokens = {token for name in stage.sentence_names() for token in stage.tokens(name)}
    focus = next((k for k, each in enumerate(labels) if each in tokens and stage.word_color(each) == theme.FOCUS), 0)
    first = max(0, min(focus - most // 2, len(labels) - most))
    return list(labels[first : first + most])


def cut(dim: str, shown: Sequence[str], whole: Sequence[str]) -> tuple[Cut, ...]:
    """Return what a window leaves out along a dimension: nothing, or one `Cut`."""
    what = "words" if dim in OF_WORDS else "heads" if dim == "head" else "coordinates"
    return (Cut(what, len(shown), len(whole)),) if len(shown) < len(whole) else ()


def going_on(cells: VGroup, columns: int, cuts: Cuts, *, transposed: bool = False) -> VGroup:
    """Return dots beside the first row of some cells where columns go on, and below the first column where rows do.

    Where the table is drawn `transposed`, its rows go on to the right, and its columns downwards.
    """
    dots = VGroup()
    last_column, last_row = cells[columns - 1], cells[-columns]
    if cuts.rows if transposed else cuts.columns:
        dots.add(_dots(last_row if transposed else last_column, RIGHT))
    if cuts.columns if transposed else cuts.rows:
        low = last_column if transposed else last_row
        dots.add(_dots(low, DOWN).align_to(low, LEFT))  # clear of what stands in the middle
    return dots


def left_out(stage: Stage, cuts: Iterable[Cuts], sentence: str | None = None) -> Writing | None:
    """Return the line that says how much of a table or of several is shown; None if nothing is left out."""
    found = list(dict.fromkeys(one for each in cuts for one in (*each.rows, *each.columns)))
    if not found:
        return None
    numbers: dict[str, Number] = {}
    parts: dict[str, list[str]] = {}
    for k, (what, shown, whole) in enumerate(found):
        numbers[f"s{k}"] = stage.derived(shown, f"number of {what} shown", "whole", sentence=sentence)
        numbers[f"w{k}"] = stage.derived(whole, f"number of {what}", "whole", sentence=sentence)
        parts.setdefault(what, []).append(f"{{s{k}}} of {{w{k}}}")
    text = ", ".join(f"{' and '.join(each)} {what}" for what, each in parts.items())
    return stage.phrase(f"shown: {text}", size=theme.NOTE, color=theme.DIM, **numbers)


def _dots(cell: VMobject, way: Array) -> VGroup:
    edge = cell.get_edge_center(way)
    return VGroup(*[Dot(edge + (OFF + k * PITCH) * way, radius=DOT, color=theme.DIM) for k in range(3)])
