"""Tables whose headers are the words themselves, and whose entries are numbers with receipts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from manim import (
    DOWN,
    RIGHT,
    UP,
    Animation,
    AnimationGroup,
    Mobject,
    Rectangle,
    RoundedRectangle,
    Scene,
    VGroup,
    VMobject,
)

from attnviz.stage import frame, theme
from attnviz.stage.motion import roll
from attnviz.stage.numbers import Number
from attnviz.stage.placement import Array
from attnviz.stage.spots import Spot
from attnviz.stage.tables.column_heads import CELL_GAP, HEAD_GAP, HeadStyle, head_icons, heads_beside, heads_over
from attnviz.stage.tables.fills import look, paint
from attnviz.stage.tables.head_words import SMALLEST_WORD
from attnviz.stage.tables.whole import Whole
from attnviz.stage.tables.windows import Cuts
from attnviz.stage.typesetting import NumberMark, Writing, number_marks, prose

CORNER = frame.px(8)
PADDING = (0.15, 0.14)
"""How much narrower than their cell digits are, in all; in narrow cells, so much of their width."""
SMALLEST_SIZE = float(theme.TICK)
"""The type size below which the digits of a table are too small."""
BASELINE = 0.00364
"""How far the digits' baseline lies below the middle of their cell, in units of the type size."""
DESCENDER = 0.13
"""How far letters reach below their baseline: the last word beside a row does not reach below its cell."""
LOW_ROW = 0.5


class Table(VGroup):
    """A grid of numbers with a word at the head of each row and column.

    `numbers` is row by row; `rows` and `columns` are labels (tokens, axes …) with their `colors` (by label). A cell
    looks as its number does in every table (`fills.look`): in `color`, or in the colour that its column or row has in
    `fills`, or else in none. Heads on top shrink to stand clear of their neighbours, as far as they can be read;
    they lean where even so they are wider than their cells. With `icons`, words that are heads at the side, too, have
    their icon on top. With `headed=False` there are none at the side, as beside a table with the same ones. The
    middle of the cells stands at `center` (x, y) if it is given, else the first cell at the origin.

    With `transposed` each row is drawn as a column: the first is the leftmost, and its word stands over it. Rows and
    columns are still asked for by the same names, and `cell` is as wide and high as it is drawn.

    Rows and columns stand as in a matrix in every script: the first column is the leftmost one in a right-to-left
    sentence, too. A table is read together with the formulas beside it, which are written from the left, and a row of
    it is one of its vectors.
    """

    def __init__(
        self,
        numbers: Sequence[Sequence[Number]],
        rows: Sequence[str],
        columns: Sequence[str],
        colors: dict[str, str],
        *,
        cell: tuple[float, float] = (1.2, 0.92),
        size: float = theme.DIGITS,
        color: str | None = None,
        head_width: float = 2.4,
        fills: Mapping[str, str] | None = None,
        icons: bool = False,
        headed: bool = True,
        transposed: bool = False,
        center: tuple[float, float] | None = None,
    ) -> None:
        super().__init__()
        self.transposed = transposed
        self.row_labels, self.column_labels = list(rows), list(columns)
        self.cell_size, self.size = cell, size
        given = fills or {}
        self.fills = [given.get(c, given.get(r, color)) for r in self.row_labels for c in self.column_labels]
        box = RoundedRectangle(corner_radius=CORNER, width=cell[0] - CELL_GAP, height=cell[1] - CELL_GAP)
        box.set_fill(theme.SURFACE, 1).set_stroke(theme.DIM, 0, 0)
        spots = [(i, j) if transposed else (j, i) for i in range(len(rows)) for j in range(len(columns))]
        self.cells = VGroup(*[box.copy().move_to([x * cell[0], -y * cell[1], 0]) for x, y in spots])
        self.marks = VGroup(*number_marks([n for row in numbers for n in row], size=size))
        share = min(1.0, _room(cell[0]) / max(1e-6, *(mark.width for mark in self.marks)))
        self.size = size * share  # all in one
        self.marks.submobjects = [mark.scale(share) for mark in self.marks]
        for box, mark, tint in zip(self.cells, self.marks, self.fills, strict=True):
            self._settle(mark, box, tint)
            paint(box, mark.number, tint)
        side, top, self.leaning = self._heads(colors, head_width, icons=icons, headed=headed)
        self.row_heads, self.column_heads = (top, side) if transposed else (side, top)
        self.dots, self.cuts = VGroup(), Cuts()
        self.add(self.cells, self.marks, self.row_heads, self.column_heads, self.dots)
        if center is not None:
            self.shift([*center, 0] - self.cells.get_center())

    def owned(self) -> Iterator[tuple[Mobject, Mobject]]:
        """Yield the words at the heads of rows and columns, each with the nearest cell of its row or column."""
        yield from zip(self.row_heads, self.cells[:: len(self.column_labels)], strict=False)
        yield from zip(self.column_heads, self.cells, strict=False)

    def pointable(self) -> Iterator[Spot]:
        """Yield the cells, each with its digits; the words at the heads are spots by themselves."""
        yield from (Spot((), cell, "box", mark) for cell, mark in zip(self.cells, self.marks, strict=False))

    def _settle(self, mark: NumberMark, cell: VMobject, tint: str | None) -> None:
        """Put digits into a cell, small enough and legible."""
        if mark.width > _room(self.cell_size[0]):
            mark.scale_to_fit_width(_room(self.cell_size[0]))
        mark.set_color(look(mark.number, tint).ink).move_to(cell)

    @property
    def side_heads(self) -> VGroup:
        """The words to the left of the cells, as they are drawn."""
        return self.column_heads if self.transposed else self.row_heads

    @property
    def top_heads(self) -> VGroup:
        """The words over the cells, as they are drawn."""
        return self.row_heads if self.transposed else self.column_heads

    def _edges(self) -> tuple[tuple[list[str], VGroup], tuple[list[str], VGroup]]:
        """Return the labels with their cells down the left edge, and those along the upper edge."""
        rows = self.row_labels, self.cells[:: len(self.column_labels)]
        columns = self.column_labels, self.cells[: len(self.column_labels)]
        return (columns, rows) if self.transposed else (rows, columns)

    def _heads(self, colors: dict[str, str], most: float, *, icons: bool, headed: bool) -> tuple[VGroup, VGroup, bool]:
        """Return the heads at the side, those on top, and whether these had to lean."""
        (labels, cells), (above, tops) = self._edges()
        low = min(BASELINE * max(self.size, self.head_size - 6), self.cell_size[1] / 2 - DESCENDER)
        style = HeadStyle(most, self.head_size, colors)
        side = heads_beside(labels, cells, style, low=low) if headed else VGroup()
        drawn = head_icons(labels, above, self.cell_size[0]) if icons else [None] * len(above)
        return side, *heads_over(above, tops, style, drawn)

    @property
    def head_size(self) -> float:
        """The type size of the words at the heads: as large as lines of words are, unless the rows are too low."""
        return float(theme.WORD if self.cell_size[1] >= LOW_ROW else SMALLEST_WORD)

    def cell(self, row: str, column: str) -> Rectangle:
        """Return the box of one entry."""
        return self.cells[self.index(row, column)]

    def mark(self, row: str, column: str) -> NumberMark:
        """Return the digits of one entry."""
        return self.marks[self.index(row, column)]

    def row_marks(self, row: str) -> list[NumberMark]:
        """Return the digits of one row, left to right."""
        return [self.mark(row, column) for column in self.column_labels]

    def column_marks(self, column: str) -> list[NumberMark]:
        """Return the digits of one column, from top to bottom."""
        return [self.mark(row, column) for row in self.row_labels]

    def row_numbers(self, row: str) -> list[Number]:
        """Return the numbers of one row, left to right."""
        return [mark.number for mark in self.row_marks(row)]

    def column_numbers(self, column: str) -> list[Number]:
        """Return the numbers of one column, from top to bottom."""
        return [mark.number for mark in self.column_marks(column)]

    def index(self, row: str, column: str) -> int:
        """Return the place of one entry among the cells and marks."""
        return self.row_labels.index(row) * len(self.column_labels) + self.column_labels.index(column)

    def aisle(self, row: str, column: str) -> list[Array]:
        """Return points between a row and the next: past these (`via`), an entry flies out at its end over none."""
        along, across = (DOWN, RIGHT) if self.transposed else (RIGHT, DOWN)
        out = self.cell(row, self.column_labels[-1]).get_edge_center(along) + HEAD_GAP * along
        below = 0.5 * self.cell_size[0 if self.transposed else 1] * across
        return [self.cell(row, column).get_center() + below, out + below]

    def row_frame(self, row: str, color: str) -> RoundedRectangle:
        """Return a frame around one row."""
        return self._frame([row], self.column_labels, color)

    def column_frame(self, column: str, color: str) -> RoundedRectangle:
        """Return a frame around one column."""
        return self._frame(self.row_labels, [column], color, around=0.03)  # clear of a head that leans

    def columns_frame(self, columns: Sequence[str], color: str) -> RoundedRectangle:
        """Return one frame around columns side by side, such as those of a head; neighbours' frames do not meet."""
        frame = self._frame(self.row_labels, columns, color)
        if self.transposed:
            return frame.stretch_to_fit_height(frame.height - 0.12)
        return frame.stretch_to_fit_width(frame.width - 0.12)

    def _frame(
        self, rows: Sequence[str], columns: Sequence[str], color: str, *, around: float = 0.05
    ) -> RoundedRectangle:
        cells = VGroup(*[self.cell(row, column) for row in rows for column in columns])
        frame = RoundedRectangle(
            corner_radius=CORNER + 0.04,
            width=cells.width + 2 * around,
            height=cells.height + 2 * around,
            stroke_width=4,
            color=color,
        )
        return frame.move_to(cells).set_z_index(3)

    def cell_frame(self, row: str, column: str, color: str) -> RoundedRectangle:
        """Return a frame around one cell."""
        w, h = self.cell_size
        frame = RoundedRectangle(
            corner_radius=CORNER + 0.04, width=w + 0.06, height=h + 0.06, stroke_width=4, color=color
        )
        return frame.move_to(self.cell(row, column)).set_z_index(3)

    def caption(self, text: str) -> Writing:
        """Return a dim line, centred under the cells, that says what the table shows; it is no part of the table."""
        return self.set_under(prose(text, size=theme.NOTE, color=theme.DIM))

    def set_under(self, note: Writing) -> Writing:
        """Put a line of text under the cells, and return it: it is no part of the table."""
        return note.next_to(self.cells, DOWN, buff=0.32).seat(float(self.cells.get_bottom()[1]) - 0.58)

    def set_over(self, note: Writing) -> Writing:
        """Put a line of text, such as the table's name, over the heads on top of it, and return it.

        It is no part of the table: what happens to the table does not happen to it.
        """
        top = float(VGroup(self.cells, self.top_heads).get_top()[1])
        return note.next_to(self.cells, UP, buff=0.2).seat(top + 0.36)

    def tint(self, colors: Mapping[str, str]) -> Animation:
        """Return the animation in which columns or rows take colours, by label: their cells, and the words at heads."""
        steps: list[Animation] = []
        labels = [(row, column) for row in self.row_labels for column in self.column_labels]
        for k, (row, column) in enumerate(labels):
            color = colors.get(column, colors.get(row))
            if color is not None:
                self.fills[k] = color
                ink = look(self.marks[k].number, color).ink
                steps += [self.painted(k), self.marks[k].animate.set_color(ink).build()]
        heads = [*zip(self.row_labels, self.row_heads, strict=False)]
        heads += [*zip(self.column_labels, self.column_heads, strict=False)]
        words = [(label, head) for label, head in heads if isinstance(head, Writing)]
        steps += [head.animate.set_color(colors[label]).build() for label, head in words if label in colors]
        return Whole([self], [], *steps)

    def ink(self, mark: NumberMark) -> str:
        """Return the colour in which an entry's digits are read on its cell."""
        return look(mark.number, self.fills[list(self.marks).index(mark)]).ink

    def painted(self, k: int, number: Number | None = None) -> Animation:
        """Return the animation in which a cell comes to look as its number, or as another one, does."""
        cell = self.cells[k]
        goal = paint(cell.copy(), self.marks[k].number if number is None else number, self.fills[k])
        return cell.animate.match_style(goal).build()

    def empty(self, *entries: int) -> Table:
        """Paint all cells, or those of these entries, as if there were no numbers in them yet, and return the table."""
        for k in entries or range(len(self.cells)):
            self.cells[k].set_fill(theme.SURFACE).set_stroke(theme.GRID, 2, 1)
        return self

    def change_to(self, numbers: Sequence[Number], *, lag: float = 0.0) -> Animation:
        """Return the animation in which every entry rolls in place to a new number (row by row)."""
        fresh = VGroup(*number_marks(list(numbers), size=self.size))
        steps: list[Animation] = []
        for k, (old, new) in enumerate(zip(list(self.marks), fresh, strict=True)):
            self._settle(new, self.cells[k], self.fills[k])
            steps.append(AnimationGroup(self.painted(k, new.number), roll(old, new)))
        return _Change(self, fresh, *steps, lag_ratio=lag)


class _Change(Whole):
    """Entries of a table changing in place; the table holds the new ones when it is over."""

    def __init__(self, table: Table, fresh: VGroup, *steps: Animation, lag_ratio: float) -> None:
        super().__init__([table], [*table.marks], *steps, lag_ratio=lag_ratio)
        self.changed, self.fresh = table, fresh

    def clean_up_from_scene(self, scene: Scene) -> None:
        super().clean_up_from_scene(scene)
        self.changed.marks.submobjects = list(self.fresh)


def _room(width: float) -> float:
    """Return how wide digits may be in a cell of a width."""
    return width - min(PADDING[0], PADDING[1] * width)


def fit(numbers: Sequence[Number], size: float, width: float) -> bool:
    """Tell whether numbers set at a type size fit into cells of a width without becoming too small to read."""
    widest = number_marks([max(numbers, key=lambda number: len(number.text))], size=size)[0]
    return size * min(1.0, _room(width) / widest.width) >= SMALLEST_SIZE - 0.01
