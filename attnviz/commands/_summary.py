"""A deep model's trace on one screen: where every word looks most, and what the model would write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from attnviz.commands._tables import pieces_of, shown, table_of

if TYPE_CHECKING:
    import xarray as xr
    from rich.console import Console

SUMMARISED = ("weights", "probabilities")  # the arrays that a summary reads
MOST_HEADS = 24  # rows of a table that still fits a screen
GUESSES = 5


def print_summary(trace: xr.Dataset, console: Console) -> None:
    """Print for every head where each word looks most, then the likeliest words at every place."""
    if "weights" in trace:
        _print_looks(trace["weights"], trace.attrs, console)
    if "probabilities" in trace:
        _print_guesses(trace["probabilities"], trace.attrs, console)


def _print_looks(weights: xr.DataArray, about: dict[str, Any], console: Console) -> None:
    layers = [str(layer) for layer in weights["layer"].values]
    if len(layers) > 1 and len(layers) * weights.sizes["head"] > MOST_HEADS:
        hint = f"layer {layers[-1]} of {len(layers)}; another with --layer"
        weights = weights.isel(layer=[-1])
    else:
        hint = "more with --array weights"
    words = [str(word) for word in weights["query"].values]
    rows, cells = [], []
    for layer in weights["layer"].values:
        for head in weights["head"].values:
            rows.append(f"{layer}.{head}")
            cells.append([_most(weights.sel(layer=layer, head=head, query=word), about["decimals"]) for word in words])
    largest = "the largest weight of each row" + (", among these words only" if about["left_out"] else "")
    _heading(console, "where each word looks most", f"by layer and head: {largest} ({hint})")
    _print_table("layer.head ↓ word →", rows, words, cells, console)


def _most(row: xr.DataArray, decimals: int) -> str:
    place = int(np.argmax(row.values))
    return f"{row['key'].values[place]} {shown(float(row.values[place]), decimals)}"


def _print_guesses(probabilities: xr.DataArray, about: dict[str, Any], console: Console) -> None:
    words = [str(word) for word in probabilities["token"].values]
    names = probabilities["vocabulary"].values
    decoder = about["architecture"] != "encoder"
    order = np.argsort(-probabilities.values, axis=-1, kind="stable")[:, :GUESSES]
    cells = [
        [
            f"{names[order[place, rank]]} {shown(float(probabilities.values[place, order[place, rank]]), 2)}"
            for place in range(len(words))
        ]
        for rank in range(order.shape[1])
    ]
    what = "likeliest next words" if decoder else "likeliest words"
    where = "after each word" if decoder else "at each place"
    _heading(console, what, f"{where}, with their probabilities")
    _print_table("rank ↓ word →", [str(rank + 1) for rank in range(len(cells))], words, cells, console)


def _heading(console: Console, name: str, meaning: str) -> None:
    from rich.text import Text

    console.print(Text.assemble("\n", (name, "bold cyan"), f"  {meaning}"))


def _print_table(corner: str, rows: list[str], columns: list[str], cells: list[list[str]], console: Console) -> None:
    for start, end in pieces_of(corner, rows, columns, cells, console.width):
        console.print(table_of(corner, rows, columns[start:end], [row[start:end] for row in cells]), crop=False)
