"""`attnviz trace`: a model's numbers as tables, JSON or netCDF."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from attnviz.commands._options import Target, accept_changed_option
from attnviz.commands._summary import SUMMARISED, print_summary
from attnviz.commands._tables import about_large, is_large, of_the_vocabulary, tables_of
from attnviz.input.problems import Problem, ProblemsFound, did_you_mean, visible
from attnviz.input.strict_json import strict
from attnviz.input.whole_files import check_writable, replacing
from attnviz.model.blackboard.model import BlackboardModel
from attnviz.model.door import first_there
from attnviz.model.interface import HEAD, PARTS, Model, Part, Settings

if TYPE_CHECKING:
    import xarray as xr
    from rich.console import Console

DEFAULT_ARRAYS = ("embeddings", "similarity", "weights", "output")
PIPED_WIDTH = 160


@click.command(name="trace")
@click.argument("sentence", required=False)
@click.option(
    "--model",
    "models",
    metavar="MODEL",
    default=["fruit_and_tech"],
    multiple=True,
    show_default=True,
    help="A model's name or path; `attnviz models` lists those that are there. Of several, the first that is there.",
)
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
@click.option("--layer", type=click.IntRange(1), help="Only this layer of a model that has several.")
@click.option("--head", metavar="HEAD", help="Only this head.")
@click.option(
    "--without",
    metavar="PART",
    multiple=True,
    help=f"Take this out of the computation: {', '.join(PARTS)}, {HEAD}2 (of --layer, default: the first) or {HEAD}3.2 "
    "(head 2 of layer 3); repeatable.",
)
@accept_changed_option
@click.option("--download", is_flag=True, help="Download hf:OWNER/NAME first, unless it is there.")
@click.option("--full", is_flag=True, help="Print large tables whole; otherwise their corners.")
@click.option("--json", "as_json", is_flag=True, help='Print everything as JSON; ±∞ are "Infinity", "-Infinity".')
@click.option("--save", type=Target(dir_okay=False, path_type=Path), metavar="FILE.nc", help="Write netCDF.")
def command(
    sentence: str | None,
    models: tuple[str, ...],
    words: str | None,
    arrays: tuple[str, ...],
    layer: int | None,
    head: str | None,
    without: tuple[str, ...],
    download: bool,
    full: bool,
    as_json: bool,
    save: Path | None,
    **settings: Any,
) -> None:
    """Run a model on a sentence and print every intermediate array.

    \b
    attnviz trace "an apple and an orange"
    attnviz trace "an apple and an orange" --words orange,apple --carry displayed --array softmax
    attnviz trace "apple unveiled a new phone" --model small --layer 2 --array weights
    attnviz trace "apple unveiled a new phone" --model small --without mask
    """
    if sentence is None and words is None:
        raise click.UsageError("Give a sentence, or --words, or both.")
    if as_json and save:
        raise click.UsageError("--json and --save exclude each other.")
    _check_target(save)
    chosen = None if words is None else [word.strip() for word in words.split(",") if word.strip()]
    opened = _opened(models, without, layer, download=download)
    opened.tokens(sentence, chosen)  # whatever is wrong with the input is told before torch is imported
    wanted = _checked(opened, arrays)
    needed = wanted or ([] if as_json or save else _shown_unasked(opened))
    part = Part(needed or None, None if layer is None else str(layer), head)
    trace = opened.run(sentence, chosen, Settings(**settings), part=part)
    if as_json:
        click.echo(_json(trace))
    elif save is not None:
        _save(trace, save)
    else:
        _print(opened, trace, wanted, full=full)


def _opened(models: Sequence[str], without: Sequence[str], layer: int | None, *, download: bool) -> Model:
    """Return the first of some models that is there, without some parts; `download` fetches the first of all before."""
    if download:
        from attnviz.model.published.names import download as fetch

        fetch(models[0])
    opened = first_there(models, Path.cwd())
    return opened.altered(without, layer) if without else opened


def _checked(model: Model, arrays: Sequence[str]) -> Sequence[str]:
    """Return the names of arrays that were asked for; one that the model's trace does not have is bad input."""
    known, missing = list(model.arrays()), model.missing()
    problems = []
    for name in arrays:
        if name in missing:
            what = f"a trace of the model {model.name!r} has no array {name!r}"
            problems.append(Problem(what, hint=missing[name]))
        elif name not in (*known, "all"):
            problems.append(Problem(f"unknown array {name!r}", hint=did_you_mean(name, [*known, "all"])))
    if problems:
        raise ProblemsFound(problems)
    return known if "all" in arrays else list(dict.fromkeys(arrays))


def _shown_unasked(model: Model) -> Sequence[str]:
    """Return the arrays that are shown if none is asked for: what a blackboard is about, or a deep model's summary."""
    names = DEFAULT_ARRAYS if isinstance(model, BlackboardModel) else SUMMARISED
    return [name for name in names if name in model.arrays()]


def _check_target(path: Path | None) -> None:
    """Raise `ProblemsFound` if something is to be saved where it cannot be."""
    if path is None:
        return
    if path.suffix != ".nc":
        raise ProblemsFound(Problem(f"--save {path}: netCDF is written", hint=f"name it {path.stem}.nc, say"))
    if not path.resolve().parent.is_dir():
        raise ProblemsFound(Problem(f"there is no folder {str(path.parent)!r} to save in"))
    check_writable([path])


def _save(trace: xr.Dataset, path: Path) -> None:
    with replacing(path) as new:
        trace.to_netcdf(new, engine="h5netcdf")
    count = len(trace.data_vars)
    click.echo(f"saved {count} array{'' if count == 1 else 's'} to {path}", err=True)


def _json(trace: xr.Dataset) -> str:
    """Return strict JSON of the whole dataset; ±∞ are "Infinity" and "-Infinity", what is no number is null."""
    import numpy as np

    data = trace.to_dict()
    for name, array in trace.data_vars.items():
        if array.dtype.kind == "f" and not np.isfinite(array.values).all():
            data["data_vars"][name]["data"] = strict(data["data_vars"][name]["data"])
    return json.dumps(data, ensure_ascii=False, allow_nan=False)


def _print(model: Model, trace: xr.Dataset, wanted: Sequence[str], *, full: bool) -> None:
    """Print the chosen arrays as tables; without a choice, what a blackboard is about, or a summary of a deep model."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, width=None if sys.stdout.isatty() else PIPED_WIDTH)
    about = trace.attrs
    console.print(Text(about["sentence"], style="bold"))
    weights = "scores as" if about["weights"] == "scores" else about["weights"]
    settings = f"{about['similarity']} similarity, {weights} weights, carry {about['carry']}"
    where = f"{about['dtype']} on {about['device']}, fingerprint {about['fingerprint']}"
    console.print(Text(f"model {about['model']}: {settings}; {where}", style="dim"))
    added = [f"nobody wrote {about['added']}: the model's tokenizer adds it"] if about.get("added") else []
    for line in [*model.about(trace), *added]:
        console.print(Text(visible(line), style="dim"))
    names = wanted or (_shown_unasked(model) if isinstance(model, BlackboardModel) else [])
    if not names:
        print_summary(trace, console)
    for name in names:
        _print_array(name, trace[name], about["decimals"], console, full=full)
    rest = [name for name in model.arrays() if name not in names]
    if rest:
        console.print(Text(f"\nMore with --array NAME (or all): {', '.join(rest)}", style="dim"))


def _print_array(name: str, array: xr.DataArray, decimals: int, console: Console, *, full: bool) -> None:
    from rich.text import Text

    title = Text.assemble("\n", (name, "bold cyan"), f"  {array.attrs['description']}")
    title.append(f"   {array.attrs['formula']}", style="dim")
    console.print(title)
    remarks, corners = [], False
    if not full:
        array, remark = of_the_vocabulary(array)
        corners = is_large(array)
        remarks = [remark, about_large(array, decimals) if corners else ""]
    for remark in filter(None, remarks):
        console.print(Text(remark, style="italic dim"))
    for place, table in tables_of(array, decimals, console, corners=corners):
        if place:
            console.print(Text(f" {place}", style="italic"))
        console.print(table, crop=False)
