"""`attnviz trace`: a model's numbers as tables, JSON or netCDF."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from attnviz.model.arrays import ARRAYS, EXPERIMENT_ARRAYS
from attnviz.problems import Problem, ProblemsFound, did_you_mean
from attnviz.whole_files import check_writable, replacing

if TYPE_CHECKING:
    import xarray as xr
    from rich.console import Console
    from rich.table import Table

DEFAULT_ARRAYS = ("embeddings", "similarity", "weights", "output")
TRACED = [name for name in ARRAYS if name not in EXPERIMENT_ARRAYS]
PIPED_WIDTH = 160


@click.command(name="trace")
@click.argument("sentence", required=False)
@click.option("--model", default="fruit_and_tech", show_default=True, help="A model's name, or a .yaml file.")
@click.option("--words", help="Only these words, in this order, with commas between: 'orange,apple'.")
@click.option("--array", "arrays", multiple=True, metavar="NAME", help="An array to show, or 'all'; repeatable.")
@click.option(
    "--carry",
    type=click.Choice(["exact", "displayed"]),
    default="exact",
    show_default=True,
    help="'displayed': compute on with the rounded numbers, as a person at a board does.",
)
@click.option("--decimals", type=click.IntRange(0, 6), default=2, show_default=True, help="Decimals to show.")
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True)
@click.option("--dtype", type=click.Choice(["float64", "float32"]), default="float64", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.option("--save", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.nc", help="Write netCDF.")
def command(
    sentence: str | None,
    model: str,
    words: str | None,
    arrays: tuple[str, ...],
    as_json: bool,
    save: Path | None,
    **settings: Any,
) -> None:
    """Run a model on a sentence and print every intermediate array.

    \b
    attnviz trace "an apple and an orange"
    attnviz trace "an apple and an orange" --words orange,apple --carry displayed --array softmax
    """
    if sentence is None and words is None:
        raise click.UsageError("Give a sentence, or --words, or both.")
    if as_json and save:
        raise click.UsageError("--json and --save exclude each other.")
    if save is not None:
        _check_target(save)
    chosen = None if words is None else [word.strip() for word in words.split(",") if word.strip()]
    trace = _run(model, sentence, chosen, settings, _known(arrays))
    if as_json:
        click.echo(_json(trace[_present(trace, arrays, list(trace.data_vars))]))
    elif save is not None:
        _save(trace[_present(trace, arrays, list(trace.data_vars))], save)
    else:
        _print(trace, _present(trace, arrays, DEFAULT_ARRAYS))


def _run(
    model: str, sentence: str | None, words: list[str] | None, settings: dict[str, Any], arrays: Sequence[str]
) -> xr.Dataset:
    """Run the model; whatever is wrong with the input is found before torch is imported."""
    from attnviz.model.blackboard_file import read_blackboard, tokens_of
    from attnviz.model.catalog import find_model

    path = find_model(model, Path.cwd())
    tokens_of(read_blackboard(path), sentence, words)

    from attnviz.model.blackboard import load_blackboard
    from attnviz.model.run import run

    return run(load_blackboard(path), sentence, words=words, **settings)


def _known(arrays: Sequence[str]) -> Sequence[str]:
    """Return the names of arrays that were asked for; a name that no trace has is bad input."""
    unknown = [name for name in arrays if name not in TRACED and name != "all"]
    if unknown:
        raise ProblemsFound(
            Problem(f"unknown array {name!r}", hint=did_you_mean(name, [*TRACED, "all"])) for name in unknown
        )
    return arrays


def _present(trace: xr.Dataset, wanted: Sequence[str], default: Sequence[Any]) -> list[str]:
    """Return the arrays to show, in the order of computation for 'all', else as asked for."""
    if "all" in wanted:
        return [str(name) for name in trace.data_vars]
    missing = [name for name in wanted if name not in trace]
    if missing:
        model = trace.attrs["model"]
        raise ProblemsFound(
            Problem(f"a trace of the model {model!r} has no array {name!r}", hint=_why_missing(name))
            for name in missing
        )
    return list(dict.fromkeys(wanted)) or list(default)


def _why_missing(name: str) -> str:
    if "map" in ARRAYS[name].dims:
        return "its file has no maps"
    if name == "repeated":
        return "its output does not lie in the space of its embeddings"
    return "its file has no W_O" if "d_output" in ARRAYS[name].dims or "contribution" in name else "it has no heads"


def _check_target(path: Path) -> None:
    if not path.resolve().parent.is_dir():
        raise ProblemsFound(Problem(f"there is no folder {str(path.parent)!r} to save in"))
    check_writable([path])


def _save(trace: xr.Dataset, path: Path) -> None:
    with replacing(path) as new:
        trace.to_netcdf(new, engine="h5netcdf")
    click.echo(f"saved {len(trace.data_vars)} arrays to {path}", err=True)


def _json(trace: xr.Dataset) -> str:
    """Return strict JSON of the whole dataset; what is not a finite number is null."""

    def strict(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: strict(each) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [strict(each) for each in value]
        return None if isinstance(value, float) and not math.isfinite(value) else value

    return json.dumps(strict(trace.to_dict()), ensure_ascii=False, allow_nan=False)


def _print(trace: xr.Dataset, names: Sequence[str]) -> None:
    """Print the chosen arrays as tables."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, width=None if sys.stdout.isatty() else PIPED_WIDTH)
    about = trace.attrs
    console.print(Text(about["sentence"], style="bold"))
    settings = f"{about['similarity']} similarity, {about['weights']} weights, carry {about['carry']}"
    where = f"{about['dtype']} on {about['device']}, fingerprint {about['fingerprint']}"
    console.print(Text(f"model {about['model']}: {settings}; {where}", style="dim"))
    for name in names:
        array = trace[name]
        title = Text.assemble("\n", (name, "bold cyan"), f"  {array.attrs['description']}")
        title.append(f"   {array.attrs['formula']}", style="dim")
        console.print(title)
        for place, table in _tables(array, about["decimals"], console):
            if place:
                console.print(Text(f" {place}", style="italic"))
            console.print(table)
    rest = [str(name) for name in trace.data_vars if name not in names]
    if rest:
        console.print(Text(f"\nMore with --array NAME (or all): {', '.join(rest)}", style="dim"))


def _tables(array: xr.DataArray, decimals: int, console: Console) -> Iterator[tuple[str, Table]]:
    """Yield a table for each label of the leading dimensions, cut into pieces that fit the width."""
    if array.ndim > 2:
        lead = str(array.dims[0])
        for label in array[lead].values:
            part = array.sel({lead: label})
            place = f"{lead} {label}" if array.sizes[lead] > 1 else ""
            for inner, table in _tables(part, decimals, console):
                yield ", ".join(filter(None, (place, inner))), table
        return
    for dim in {"d_head", "d_value"} & set(array.dims):
        array = array.dropna(dim, how="all")  # the padding of narrower heads
    rows = [str(label) for label in array[array.dims[0]].values] if array.ndim == 2 else [""]
    columns = [str(label) for label in array[array.dims[-1]].values]
    cells = [[_shown(float(value), decimals) for value in row] for row in array.values.reshape(len(rows), -1)]
    corner = " ".join(f"{dim} {arrow}" for dim, arrow in zip(array.dims, "↓→" if array.ndim == 2 else "→", strict=True))
    for start, end in _pieces(corner, rows, columns, cells, console.width):
        yield "", _table(corner, rows, columns[start:end], [row[start:end] for row in cells])


def _pieces(
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


def _table(corner: str, rows: list[str], columns: list[str], cells: list[list[str]]) -> Table:
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


def _shown(value: float, decimals: int) -> str:
    """Return a number as a table shows it: no −0.00, and a dash where there is no number."""
    if math.isnan(value):
        return "—"
    text = f"{value:.{decimals}f}" if abs(value) < 1e9 else f"{value:.{decimals}e}"
    return (text.removeprefix("-") if float(text) == 0 else text).replace("-", "−")
