"""Tables of the trace by one call: which entries, where on the frame, and everything else follows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import xarray as xr

from attnviz.stage import frame, theme
from attnviz.stage.frame import Region
from attnviz.stage.names import lone_numbers
from attnviz.stage.numbers import Number, Style
from attnviz.stage.reading import Labels
from attnviz.stage.tables.column_heads import HEAD_GAP, crowded, head_icons, head_sizes
from attnviz.stage.tables.fills import WEIGHTS
from attnviz.stage.tables.head_words import SMALLEST_WORD
from attnviz.stage.tables.table import SMALLEST_SIZE, Table, fit
from attnviz.stage.tables.windows import MOST_SHOWN, Cuts, cut, going_on, visible

if TYPE_CHECKING:
    from attnviz.stage.scene import Stage

T = TypeVar("T")
TableLabels = Sequence[tuple[list[str], list[str]]]
"""Of each of some tables, the labels of its rows and of its columns."""
NARROWEST, WIDEST, LOWEST, HIGHEST = 0.68, 2.0, 0.39, 1.6
"""Cells in frame units: smaller ones cannot be read, larger ones look lost."""
LARGEST = 56.0
HEAD_HEIGHT = 0.62
ROUNDEST = 6
"""Significant digits that are read of a trace: no more can be shown."""


class Slice:
    """A two-dimensional part of an array, to be shown as a table: its name, and the labels that are chosen.

    `Slice("queries", head="1")` has tokens as rows and d_head as columns: an array's dimensions in their own order, but
    for those of which one label is chosen. A list of labels chooses some of a dimension, in that order.
    `Slice(…).T` is transposed: its rows are the columns of the array.
    """

    def __init__(self, array: str, sentence: str | None = None, **coords: Labels) -> None:
        self.array, self.sentence, self.coords = array, sentence, coords
        self.transposed = False
        self.cuts = Cuts()

    @property
    def T(self) -> Slice:  # noqa: N802 (as numpy and torch call it)
        """The same part with rows and columns exchanged."""
        other = Slice(self.array, self.sentence, **self.coords)
        other.transposed = not self.transposed
        return other

    def read(self, stage: Stage) -> xr.DataArray:
        """Return the entries (rows, columns), rounded for drawing; the padding of smaller heads is left out.

        Raises `ProblemsFound` unless exactly two dimensions are left.
        """
        found = stage.read_table(self.array, self.sentence, **self.coords)
        return found.T if self.transposed else found

    def labels(self, stage: Stage) -> tuple[list[str], list[str]]:
        """Return the labels of its rows and of its columns."""
        return labels_of(self.read(stage))

    def numbers(self, stage: Stage, style: Style, decimals: int | None) -> list[list[Number]]:
        """Return the entries as numbers with their receipts, row by row."""
        found = self.read(stage)
        dims = {str(dim): [str(label) for label in found[dim].values] for dim in found.dims}
        flat = stage.numbers(self.array, self.sentence, style, decimals, **{**self.coords, **dims})
        wide = found.shape[0] if self.transposed else found.shape[1]
        rows = [flat[k : k + wide] for k in range(0, len(flat), wide)]
        return [list(column) for column in zip(*rows, strict=True)] if self.transposed else rows

    def window(self, stage: Stage, rows: Sequence[str], columns: Sequence[str]) -> Slice:
        """Return the part that has these rows and columns only; its `cuts` tell what it leaves out of each."""
        found = self.read(stage)
        dims = [str(dim) for dim in found.dims]
        chosen = dict(zip(dims, (list(rows), list(columns)), strict=True))
        part = Slice(self.array, self.sentence, **{**self.coords, **chosen})
        part.transposed = self.transposed
        one, other = (cut(dim, chosen[dim], whole) for dim, whole in zip(dims, labels_of(found), strict=True))
        part.cuts = Cuts(one, other)
        return part

    @property
    def head(self) -> str | None:
        """The head that is chosen, if one is."""
        head = self.coords.get("head")
        return str(head) if isinstance(head, (str, int)) else None


def one_head(stage: Stage, head: str | None) -> str:
    """Return the head that is meant; one that is alone need not be named, of several one must be."""
    heads = stage.labels("weights", "head")
    if head is None and len(heads) > 1:
        stage.refuse(f"the model has {len(heads)} heads", f"say which is meant, as in `head: {heads[0]}`")
    return head or heads[0]


def head_colors(stage: Stage, labels: Sequence[str] | None = None, sentence: str | None = None) -> dict[str, str]:
    """Return the colour of every head, by its label: the first is always `theme.HEADS[0]`.

    With `labels` of columns that belong to heads (`good-1`, `good-2` of `concatenated`): of each its head's colour.
    """
    heads = stage.labels("weights", "head", sentence)
    colors = {head: theme.HEADS[k % len(theme.HEADS)] for k, head in enumerate(heads)}
    if labels is None:
        return colors
    owners = {label: label.rpartition("-")[0] for label in labels}
    return {label: colors[head] for label, head in owners.items() if head in colors}


def table_of(
    stage: Stage,
    array: str | Slice,
    within: Region = frame.TABLES,
    sentence: str | None = None,
    *,
    style: Style = "fixed",
    decimals: int | None = None,
    color: str | None = None,
    window: bool = False,
    **coords: Labels,
) -> Table:
    """Return the table of a part of the trace, as large as it can be within a region, and in its middle.

    `array` and `coords` say which part, as for `Slice`; `head="1"` gives it that head's colour. Rows and columns have
    their labels at their heads: words in their own colours, columns of several heads in the colours of these.
    With `decimals=None` there are as many as the storyboard says, or fewer if they would be too small to read. Where it
    would be too small to read, a `window` of it is shown, around the word in focus: say how much, by `left_out`.
    Raises `ProblemsFound` if the part is no table, or if it (and not even a window) can be read there.
    """
    part = array if isinstance(array, Slice) else Slice(array, sentence, **coords)
    if window:
        part = _window(stage, part, within)
    rows, columns = as_drawn(stage, part.labels(stage))
    sizes = Sizes(rows, columns, within)
    if sizes.cell[0] < NARROWEST or sizes.cell[1] < LOWEST:
        what = f"the table of '{part.array}' ({len(rows)} rows, {len(columns)} columns) is too large for its place"
        stage.refuse(what, "give it a larger region, or choose fewer rows or columns")
    return fitted_table(stage, part, sizes.cell, sizes.center, style=style, decimals=decimals, color=color)


def _window(stage: Stage, part: Slice, within: Region) -> Slice:
    """Return as much of a part as can be read in a region."""
    rows, columns = part.labels(stage)
    some = visible(stage, rows, MOST_SHOWN), visible(stage, columns, MOST_SHOWN)
    while True:
        width, height = Sizes(*as_drawn(stage, some), within).cell
        less = as_drawn(stage, (height < LOWEST, width < NARROWEST))
        high, wide = len(some[0]) - less[0], len(some[1]) - less[1]
        if rows == columns:  # the same words are shown of both
            high = wide = min(high, wide)
        if (high, wide) == tuple(map(len, some)) or not (high and wide):
            return part.window(stage, *some)
        some = visible(stage, rows, high), visible(stage, columns, wide)


def fitted_table(
    stage: Stage,
    part: Slice,
    cell: tuple[float, float],
    center: tuple[float, float],
    *,
    style: Style = "fixed",
    decimals: int | None = None,
    color: str | None = None,
    head_width: float = 2.4,
    most: float = LARGEST,
    headed: bool = True,
) -> Table:
    """Return the table of a part of the trace with cells of a size (width, height), their middle at `center`.

    Its type is as large as its cells let it be, and not larger than `most`.
    """
    entries = part.read(stage)
    rows, columns = labels_of(entries)
    size = min(most, type_size(cell))
    numbers = _readable(stage, part, size, cell[0], style, decimals)
    blocks = head_colors(stage, [*rows, *columns], part.sentence) if stage.has("weights", part.sentence) else {}
    numbered = {label: theme.DIM for label in (*rows, *columns) if lone_numbers(label)}
    words = {label: stage.word_color(label) for label in (*rows, *columns) if label in stage.tokens(part.sentence)}
    if color is None and part.head and part.array not in WEIGHTS:
        color = head_colors(stage, sentence=part.sentence)[part.head]
    table = Table(
        numbers, rows, columns, numbered | blocks | words, cell=cell, size=size, color=color, head_width=head_width,
        fills=blocks, headed=headed, transposed=stage.column_vectors, center=center,
    )  # fmt: skip
    table.dots.add(*going_on(table.cells, len(columns), part.cuts, transposed=table.transposed))
    table.cuts = part.cuts
    return table


def type_size(cell: tuple[float, float]) -> float:
    """Return the size of type for cells of a width and a height."""
    return float(np.clip(min(50 * cell[0], 85 * cell[1]), SMALLEST_SIZE, LARGEST))


def as_drawn(stage: Stage, pair: tuple[T, T]) -> tuple[T, T]:
    """Return something of rows and of columns in the order in which it is drawn, at the side and on top."""
    return (pair[1], pair[0]) if stage.column_vectors else pair


def labels_of(entries: xr.DataArray) -> tuple[list[str], list[str]]:
    """Return the labels of rows and columns."""
    rows, columns = ([str(label) for label in entries[dim].values] for dim in entries.dims)
    return rows, columns


class Sizes:
    """How large a table's cells can be within a region, and where their middle is then; `heads` is their width."""

    def __init__(self, rows: Sequence[str], columns: Sequence[str], within: Region, head_width: float = 2.4) -> None:
        left, bottom, right, top = within
        self.heads = head_room(rows, head_width)
        width = min(WIDEST, (right - left - self.heads) / len(columns))
        over, out = heads_reach(columns, width, head_width)
        while len(columns) * width + out > right - left - self.heads + 1e-9:
            width = (right - left - self.heads - out) / len(columns)
            over, wider = heads_reach(columns, width, head_width)  # of narrower columns they reach farther out
            out = max(out, wider)
        height = min(HIGHEST, (top - bottom - over) / len(rows))
        self.cell = (width, height)
        whole = self.heads + len(columns) * width + out, over + len(rows) * height
        x, y = (left + right - whole[0]) / 2 + self.heads, (bottom + top + whole[1]) / 2 - over
        self.center = (x + len(columns) * width / 2, y - len(rows) * height / 2)


def head_room(labels: Sequence[str], most: float = 2.4, size: float = theme.WORD) -> float:
    """Return how wide the words at the heads of rows are at most, with the gap to the cells."""
    return max(word.width for word in head_sizes(tuple(labels), most, size)) + HEAD_GAP


def heads_reach(
    labels: Sequence[str], width: float, most: float = 2.4, rows: Sequence[str] = ()
) -> tuple[float, float]:
    """Return how far the heads of columns of a width reach over the cells, and out to the right of them.

    Words that are wider than their columns lean. Where `rows` say the same, icons stand over the columns.
    """
    drawn = head_icons(rows, labels, width)
    words = head_sizes(tuple(labels), most, SMALLEST_WORD)
    if not crowded([0.0 if icon else word.width for word, icon in zip(words, drawn, strict=True)], width):
        return max([HEAD_HEIGHT, *(icon.height + 0.14 for icon in drawn if icon is not None)]), 0.0
    out = max(k * width + word.right for k, word in enumerate(words)) - (len(words) - 0.5) * width
    return max(word.top for word in words), max(0.0, out)


def _readable(
    stage: Stage, part: Slice, size: float, width: float, style: Style, decimals: int | None
) -> list[list[Number]]:
    """Return the numbers of a part, with as many decimals as can be read in cells of a width."""
    numbers = part.numbers(stage, style, decimals)
    flat = [number for row in numbers for number in row]
    places = flat[0].decimals
    most = max((len(f"{abs(n.value):.0f}") for n in flat if math.isfinite(n.value)), default=1)
    for fewer in range(min(places, ROUNDEST - most), -1, -1):
        trial = [[number.styled(style, fewer) for number in row] for row in numbers]
        if fit([number for row in trial for number in row], size, width):
            return trial
        if decimals is not None:
            break
    return stage.refuse(
        f"the numbers of '{part.array}' are too long to be read in their cells",
        "give the table a larger region, or choose fewer columns",
    )
