"""Labelled arrays as tables in a terminal, cut into pieces that fit its width."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import xarray as xr
    from rich.console import Console
    from rich.table import Table


MOST_COLUMNS = 64  # of a vocabulary; of more, those with the largest numbers are shown
CHOSEN = 12


def of_the_vocabulary(array: xr.DataArray) -> tuple[xr.DataArray, str]:
    """Return an array with the words of the vocabulary that stand out in it, and a remark if some are left out."""
    size = array.sizes.get("vocabulary", 0)
    if size <= MOST_COLUMNS:
        return array, ""
    others = [dim for dim in array.dims if dim != "vocabulary"]
    largest = array.max(others) if others else array
    chosen = sorted(largest.argsort().values[::-1][:CHOSEN].tolist())
    return array.isel(vocabulary=chosen), f"the {CHOSEN} of {size:,} words with the largest numbers; all with --json"


def tables_of(array: xr.DataArray, decimals: int, console: Console) -> Iterator[tuple[str, Table]]:
    """Yield a table for each label of the leading dimensions, cut into pieces that fit the width."""
    if array.ndim > 2:
        lead = str(array.dims[0])
        for label in array[lead].values:
            part = array.sel({lead: label})
            place = f"{lead} {label}" if array.sizes[lead] > 1 else ""
            for inner, table in tables_of(part, decimals, console):
                yield ", ".join(filter(None, (place, inner))), table
        return
    for dim in {"d_head", "d_value"} & set(array.dims):
        array = array.dropna(dim, how="all")  # the padding of narrower heads
    rows = [str(label) for label in array[array.dims[0]].values] if array.ndim == 2 else [""]
    columns = [str(label) for label in array[array.dims[-1]].values]
    cells = [[shown(float(value), decimals) for value in row] for row in array.values.reshape(len(rows), -1)]
    corner = " ".join(f"{dim} {arrow}" for dim, arrow in zip(array.dims, "↓→" if array.ndim == 2 else "→", strict=True))
    for start, end in pieces_of(corner, rows, columns, cells, console.width):
        yield "", table_of(corner, rows, columns[start:end], [row[start:end] for row in cells])


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


def table_of(corner: str, rows: list[str], columns: list[str], cells: list[list[str]]) -> Table:
    """Return a table of texts with headers of rows and columns."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=True, header_style="")
    table.add_column(Text(corner, style="dim"), no_wrap=True)
    for column in columns:
        table.add_column(Text(column), justify="right", no_wrap=True)
    for label, row in zip(rows, cells, strict=True):
        table.add_row(Text(label), *row)
    return table


def shown(value: float, decimals: int) -> str:
    """Return a number as a table shows it: no −0.00, and a dash where there is no number."""
    if math.isnan(value):
        return "—"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    text = f"{value:.{decimals}f}" if abs(value) < 1e9 else f"{value:.{decimals}e}"
    return (text.removeprefix("-") if float(text) == 0 else text).replace("-", "−")
