"""The commands for programs: `trace`, `render` and `clip`, with the options of the command line as arguments."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from attnviz.input.scratch import ScratchFolder
from attnviz.notebook.films import Film
from attnviz.notebook.worker import Outcome, run_command

if TYPE_CHECKING:
    import xarray as xr

Option = str | int | float | bool | Path | Iterable[str | int | Path] | None


def trace(sentence: str, model: str = "small", **options: Option) -> xr.Dataset:
    """Return every intermediate array of a forward pass, with named dimensions, tokens as labels, and facts as attrs.

    `options` are those of `attnviz trace`, such as `words="orange,apple"`, `layer=2`, `head=1`. Raises `ProblemsFound`.
    """
    return traced([*arguments_of(options), "--model", model, "--", sentence])


def traced(arguments: Sequence[str]) -> xr.Dataset:
    """Return what `attnviz trace ARGUMENTS` computes."""
    import xarray as xr

    with ScratchFolder("trace") as folder:
        file = Path(folder) / "trace.nc"
        run_command(["trace", "--save", str(file), *arguments])
        with xr.open_dataset(file, engine="h5netcdf") as found:
            return found.load()


def render_storyboard(storyboard: str | Path, **options: Option) -> Film:
    """Render a storyboard; `options` are those of `attnviz render`: `quality="m"`, `only="1/2"`, `theme="light"`.

    Raises `ProblemsFound`.
    """
    return made(run_command(["render", *arguments_of(options), "--", str(storyboard)]))


def clip(sentence: str, **options: Option) -> Film:
    """Make a clip of a sentence; `options` are those of `attnviz clip`: `word="it"`, `model="minilm"`, `template=…`.

    Raises `ProblemsFound`.
    """
    return made(run_command(["clip", *arguments_of(options), "--", sentence]))


def made(outcome: Outcome) -> Film:
    """Return the film that a command has made; what it warns of is shown."""
    print(outcome.warned, end="", file=sys.stderr)
    return Film(outcome.files)


def arguments_of(options: dict[str, Option]) -> list[str]:
    """Return options as the command line wants them: `last_frame=True` is `--last-frame`, a list repeats the option."""
    arguments: list[str] = []
    for name, value in options.items():
        flag = f"--{name.rstrip('_').replace('_', '-')}"
        if isinstance(value, bool) or value is None:
            arguments += [flag] if value else []
        elif isinstance(value, str | int | float | Path):
            arguments += [flag, str(value)]
        else:
            arguments += [part for each in value for part in (flag, str(each))]
    return arguments
