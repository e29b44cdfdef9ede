"""Tables of labelled arrays in a terminal, as wide as it is; of large ones the corners."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import xarray as xr
    from rich.console import Console
    from rich.text import Text

MOST_COLUMNS = 64  # of a vocabulary; of more, those with the largest numbers are shown
CHOSEN = 12
MOST_ENTRIES = 2000  # of an array that is shown whole
EDGE = 4  # rows and columns of a corner
EDGE_OF_TABLES = 2  # of the layers, or heads, of an abridged array, that many from each end
GAP = "…"


def of_the_vocabulary(array: xr.DataArray) -> tuple[xr.DataArray, str]:
    """Return an array with the words of the vocabulary that stand out in it, and a remark if some are left out."""
    size = array.sizes.get("vocabulary", 0)
    if size <= MOST_COLUMNS:
        return array, ""
    others = [dim for dim in array.dims if dim != "vocabulary"]
    largest = array.max(others) if others else array
    chosen = sorted(largest.argsort().values[::-1][:CHOSEN].tolist())
    return array.isel(vocabulary=chosen), f"the {CHOSEN} of {size:,} words with the largest numbers; all with --full"


def is_large(array: xr.DataArray) -> bool:
    """Tell whether an array is abridged unless all of it is asked for."""
    return array.size > MOST_ENTRIES


def about_large(array: xr.DataArray, decimals: int) -> str:
    """Return an array's shape and the range of its values, in a line."""
    shape = " × ".join(f"{dim} {size:,}" for dim, size in array.sizes.items())
    least, greatest = (shown(float(each), decimals) for each in (array.min(), array.max()))
    return f"{array.size:,} numbers ({shape}) from {least} to {greatest}; the corners are shown, all with --full"


def tables_of(
    array: xr.DataArray, decimals: int, console: Console, *, corners: bool = False
) -> Iterator[tuple[str, Text]]:
    """Yield a table for each label of the leading dimensions, cut into pieces that fit the width.

    With `corners`, of long dimensions only the first and the last labels.
    """
    if array.ndim > 2:
        lead = str(array.dims[0])
        size = array.sizes[lead]
        for place in _ends(size, EDGE_OF_TABLES if corners else size):
            if place is None:
                continue
            part = array.isel({lead: place})
            name = f"{lead} {array[lead].values[place]}" if size > 1 else ""
            for inner, table in tables_of(part, decimals, console, corners=corners):
                yield ", ".join(filter(None, (name, inner))), table
        return
    for dim in {"d_head", "d_value"} & set(array.dims):
        array = array.dropna(dim, how="all")  # the padding of narrower heads
    rows = [str(label) for label in array[array.dims[0]].values] if array.ndim == 2 else [""]
    columns = [str(label) for label in array[array.dims[-1]].values]
    values = array.values.reshape(len(rows), -1)
    across, down = (_ends(len(each), EDGE if corners else len(each)) for each in (columns, rows))
    cells = [
        [GAP if None in (row, column) else shown(float(values[row, column]), decimals) for column in across]
        for row in down
    ]
    rows, columns = (
        [GAP if each is None else labels[each] for each in few] for labels, few in ((rows, down), (columns, across))
    )
    corner = " ".join(f"{dim} {arrow}" for dim, arrow in zip(array.dims, "↓→" if array.ndim == 2 else "→", strict=True))
    for start, end in pieces_of(corner, rows, columns, cells, console.width):
        yield "", table_of(corner, rows, columns[start:end], [row[start:end] for row in cells])


def _ends(size: int, edge: int) -> list[int | None]:
    """Return the places of so many from each end, with None for those between; all, if that leaves out no more."""
    if size <= 2 * edge + 1:
        return list(range(size))
    return [*range(edge), None, *range(size - edge, size)]


def pieces_of(
    corner: str, rows: list[str], columns: list[str], cells: list[list[str]], width: int
) -> Iterator[tuple[int, int]]:
    """Yield ranges of columns that fit side by side beside the row headers."""
    from rich.cells import cell_len

    header = max(map(cell_len, [corner, *rows])) + 3
    start, used = 0, header
    for index, column in enumerate(columns):
        needed = max(map(cell_len, [column, *(row[index] for row in cells)])) + 3
        if index > start and used + needed > width:
            yield start, index
            start, used = index, header
        used += needed
    yield start, len(columns)


def table_of(corner: str, rows: Sequence[str], columns: Sequence[str], cells: Sequence[Sequence[str]]) -> Text:
    """Return a table of texts with headers of rows and columns: every cell between two spaces, columns a space apart.

    It is written here, as rich's own tables take a tenth of a millisecond for a cell.
    """
    from rich.cells import cell_len
    from rich.text import Text

    every = [[corner, *columns], *([label, *row] for label, row in zip(rows, cells, strict=True))]
    widths = [max(map(cell_len, column)) for column in zip(*every, strict=True)]
    lines = []
    for first, *rest in every:
        padded = [first + " " * (widths[0] - cell_len(first))]
        padded += [" " * (width - cell_len(each)) + each for width, each in zip(widths[1:], rest, strict=True)]
        lines.append(" " + "   ".join(padded) + " ")
    lines.insert(1, "─" * (sum(widths) + 3 * len(widths) - 1))
    text = Text("\n".join(lines), no_wrap=True, overflow="ignore")
    text.stylize("dim", 1, 1 + len(corner))
    return text


def shown(value: float, decimals: int) -> str:
    """Return a number as a table shows it: no −0.00, and a dash where there is no number."""
    if math.isnan(value):
        return "—"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    text = f"{value:.{decimals}f}" if abs(value) < 1e9 else f"{value:.{decimals}e}"
    return (text.removeprefix("-") if float(text) == 0 else text).replace("-", "−")
