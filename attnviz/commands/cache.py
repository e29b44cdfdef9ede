"""`attnviz cache`: what is kept from run to run."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from attnviz.commands._options import cache_option
from attnviz.input.problems import Problem, ProblemsFound

if TYPE_CHECKING:
    from attnviz.render.cache.store import Entry

UNITS = {"": 1, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
DAY = 24 * 3600


class Size(click.ParamType[int]):
    """A number of bytes, such as 500M or 2GB."""

    name = "SIZE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number of bytes that a text means."""
        found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT]?)B?", str(value).strip(), re.IGNORECASE)
        if found is None:
            self.fail(f"{value!r} is not a size: write it like 500M or 2G", param, ctx)
        return int(float(found[1]) * UNITS[found[2].upper()])


@click.command(short_help="Show what is kept of earlier renders, or make room.")
@cache_option
@click.option("--prune", "limit", type=Size(), help="Delete what was not used for longest, down to this size (0: all).")
def command(cache: Path, limit: int | None) -> None:
    """Show what is kept of earlier renders, or make room.

    Whatever is deleted is only rendered again when it is needed; films that were written stay.
    """
    from attnviz.render.cache.store import Store

    if not cache.is_dir():
        if click.get_current_context().get_parameter_source("cache") is ParameterSource.COMMANDLINE:
            raise ProblemsFound(Problem("there is no such folder", cache))
        click.echo(f"there is no folder {cache} yet; rendering makes it")
        return
    store = Store(cache)
    if limit is not None:
        gone = store.prune(limit)
        click.echo(f"deleted {_amount(gone)}")
    entries = store.entries()
    click.echo(f"{cache}: {_amount(entries)}")
    for kind in sorted({entry.kind for entry in entries}):
        of_kind = [entry for entry in entries if entry.kind == kind]
        days = (time.time() - min(entry.used for entry in of_kind)) / DAY
        click.echo(f"  {kind:10}  {_amount(of_kind)}, the oldest used {days:.1f} days ago")


def _amount(entries: Sequence[Entry]) -> str:
    size = sum(entry.size for entry in entries)
    return f"{size / 1e6:.1f} MB in {len(entries)} file{'' if len(entries) == 1 else 's'}"
