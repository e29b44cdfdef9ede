"""`attnviz models`: which models are there, and how to get more."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from attnviz.input.problems import Problem, ProblemsFound, visible

if TYPE_CHECKING:
    from attnviz.model.inventory import Entry

HEADINGS = ("name", "kind", "layers × heads × d_model", "size", "")
FOOTNOTE = """
Others: `--model hf:FOLDER` (config.json, tokenizer.json, *.safetensors), or `--model hf:OWNER/NAME` for a model of the
Hugging Face hub, once `attnviz models --download hf:OWNER/NAME` has fetched it."""


@click.command(short_help="Show which models are there, and how to get more.")
@click.option("--folder", type=click.Path(path_type=Path), help="A folder whose models/ counts too.")
@click.option("--download", metavar="hf:OWNER/NAME", help="First fetch this model from the Hugging Face hub.")
def command(folder: Path | None, download: str | None) -> None:
    """Show which models are there, and how to get more.

    Every command that takes a model takes these names. Nothing is ever downloaded but with --download, which puts
    a model's safetensors and JSON files into your own Hugging Face cache.
    """
    from attnviz.model.inventory import inventory
    from attnviz.model.published.names import download as fetch

    if folder is not None and not folder.is_dir():
        raise ProblemsFound(Problem("there is no such folder", folder))
    if download is not None:
        click.echo(f"fetched to {visible(str(fetch(download)))}", err=True)
    rows = [HEADINGS, *(_row(entry) for entry in inventory(folder or Path()))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    for row in rows:
        cells = (visible(cell).ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())
    click.echo(FOOTNOTE)


def _row(entry: Entry) -> tuple[str, ...]:
    shape = " × ".join(map(str, entry.shape))
    title = entry.title + (f"; to get it: {entry.how_to_get}" if entry.how_to_get else "")
    return entry.name, entry.kind, shape, _size(entry.size), title


def _size(size: int | None) -> str:
    if size is None:
        return "not here"
    return f"{size / 1e6:.0f} MB" if size >= 1e6 else f"{max(1, round(size / 1e3))} kB"
