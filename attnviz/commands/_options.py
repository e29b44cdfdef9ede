"""Options that several commands have, and what they mean."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from attnviz.input.encodable import check_arguments
from attnviz.input.problems import Problem, ProblemsFound, did_you_mean
from attnviz.input.theme_names import THEME_NAMES
from attnviz.input.whole_files import disk_says
from attnviz.model.trained.checksums import ACCEPT_OPTION, ACCEPT_VARIABLE

if TYPE_CHECKING:
    from attnviz.input.theme_names import ThemeName
    from attnviz.model.interface import Device, DType
    from attnviz.render.film.format import FilmFormat, Kind

CACHE, CACHE_VARIABLE = Path(".attnviz"), "ATTNVIZ_CACHE"
# Manim's names for width, height and frames per second.
FILE_KINDS: tuple[Kind, ...] = ("mp4", "webm", "mov", "gif")
QUALITIES = {
    "l": (854, 480, 15),
    "m": (1280, 720, 30),
    "h": (1920, 1080, 60),
    "p": (2560, 1440, 60),
    "k": (3840, 2160, 60),
}


class Target(click.Path):
    """Where something is to be written.

    Empty text is refused, as it would mean the current folder, and so is what the system cannot even look for.
    """

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path."""
        if not str(value).strip():
            self.fail("there is nothing in it; '.' is the current folder", param, ctx)
        check_arguments([str(value)])  # it can stem from the environment, too
        try:
            Path(value).exists()
        except OSError as error:  # a name that is too long, say, or a folder into which one may not look
            self.fail(f"{disk_says(error)}: '{value}'", param, ctx)
        return super().convert(value, param, ctx)


class ThemeChoice(click.Choice[str]):
    """The name of a theme; another word is told as in a storyboard, with the name that is likest to it."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the name; raises `ProblemsFound` if there is no such theme."""
        if value not in self.choices:
            raise ProblemsFound(
                Problem(f"--theme {value}: there is no such theme", hint=did_you_mean(value, THEME_NAMES))
            )
        return str(value)


jobs_option = click.option(
    "--jobs", type=click.IntRange(1, 256), help="Drawing processes. [default: all cores it may use]"
)


claims_option = click.option(
    "--claims",
    type=click.Choice(["stop", "warn", "off"]),
    default="stop",
    show_default=True,
    help="What follows from a claim that does not hold: an error, a warning, or nothing (they are not tried).",
)


def _for_all(context: click.Context, option: click.Parameter, folder: Path) -> Path:
    """Let the helper processes, and whatever reads a published model, find the folder, too, until the command ends."""
    _set_for_all(context, CACHE_VARIABLE, str(folder))
    return folder


def _set_for_all(context: click.Context, variable: str, value: str) -> None:
    """Set a variable of the environment, which helper processes inherit, until the command ends."""
    before = os.environ.get(variable)

    def restore() -> None:
        if before is None:
            os.environ.pop(variable, None)
        else:
            os.environ[variable] = before

    os.environ[variable] = value
    context.call_on_close(restore)


cache_option = click.option(
    "--cache",
    type=Target(path_type=Path, file_okay=False),
    default=CACHE,
    show_default=True,
    envvar=CACHE_VARIABLE,
    callback=_for_all,
    help="Folder that keeps what was rendered, for the next time; ATTNVIZ_CACHE in the environment.",
)


def _accept(context: click.Context, option: click.Parameter, accepted: bool) -> None:
    """Let the helper processes, which open the models, know it, too."""
    if accepted:
        _set_for_all(context, ACCEPT_VARIABLE, "1")


accept_changed_option = click.option(
    ACCEPT_OPTION,
    is_flag=True,
    expose_value=False,
    callback=_accept,
    help="Use a trained model although its files are not as training has left them.",
)


_SIZE_OPTIONS = (
    click.option("--fps", type=click.IntRange(1, 240), help="Frames per second, instead of the quality's."),
    click.option("-r", "--resolution", metavar="W,H", help="Size in pixels, instead of the quality's (16:9)."),
)
FORMATS = (
    (*FILE_KINDS, "png"),
    "Kind of film: mov has a transparent ground, png is a folder of frames. [default: mp4]",
)
_FILM_OPTIONS = (
    click.option(
        "--theme",
        type=ThemeChoice(THEME_NAMES),
        help="Colours, instead of the storyboard's: light for bright rooms and projectors, print for paper.",
    ),
    click.option(
        "--only",
        multiple=True,
        metavar="CHAPTER[/SCENE[/SHOT]]",
        help="Only this part of the storyboard; names or numbers from 1. Repeatable.",
    ),
    click.option(
        "--voice",
        metavar="NAME|FILE|FOLDER",
        help="Who speaks, instead of the storyboard's: hibari, espeak, none, a voice of piper (.onnx), or a folder "
        "with recordings; ATTNVIZ_VOICE in the environment.",
    ),
    click.option(
        "--wpm", type=click.FloatRange(60, 400), help="Reading speed where nobody speaks, instead of the storyboard's."
    ),
    click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True),
    click.option("--dtype", type=click.Choice(["float64", "float32"]), default="float64", show_default=True),
    accept_changed_option,
)


def film_options(
    command: Callable[..., Any], quality: str = "h", formats: tuple[Sequence[str], str] = FORMATS
) -> Callable[..., Any]:
    """Give a command the options that decide what is on film.

    `quality` is the default of that option, `formats` are the choices of `--format`, and the help for them.
    """
    choices, told = formats
    kind = click.option("--format", "kind", type=click.Choice(choices), help=told)
    first = click.option(
        "-q",
        "--quality",
        type=click.Choice(list(QUALITIES)),
        default=quality,
        show_default=True,
        help="480p15, 720p30, 1080p60, 1440p60 or 2160p60, as in Manim.",
    )
    options = (first, *_SIZE_OPTIONS, kind, *_FILM_OPTIONS)
    return functools.reduce(lambda decorated, option: option(decorated), reversed(options), command)


OF_A_SENTENCE = ("model", "word", "layer", "head", "without", "fonts")
_SENTENCE_OPTIONS = (
    click.option("--word", metavar="WORD", help="The word looked at. [default: the one that is moved farthest]"),
    click.option(
        "--model", metavar="MODEL", default="small", show_default=True, help="A model's name, path, or hf:NAME."
    ),
    click.option("--layer", type=click.IntRange(1), help="The layer. [default: that of the head that is chosen]"),
    click.option(
        "--head", metavar="HEAD|all|best", help="The head. [default: best, whose row for the word is least even]"
    ),
    click.option(
        "--without", multiple=True, metavar="PART", help="Take a part out of the computation, such as sqrt_d."
    ),
    click.option(
        "--font",
        "fonts",
        multiple=True,
        metavar="FONT",
        help="A family or a file, for letters that others lack. Repeatable.",
    ),
)


def sentence_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that decide what of a sentence is looked at (`OF_A_SENTENCE`)."""
    return functools.reduce(lambda decorated, option: option(decorated), reversed(_SENTENCE_OPTIONS), command)


def film_wish(
    *,
    quality: str,
    fps: int | None,
    resolution: str | None,
    kind: Kind | None,
    theme: ThemeName | None,
    only: tuple[str, ...],
    voice: str | None,
    wpm: float | None,
    device: Device,
    dtype: DType,
) -> dict[str, Any]:
    """Return what these options mean for a wish."""
    return {
        "format": film_format(quality, fps, resolution, kind or "mp4", theme),
        "only": only,
        "voice": voice,
        "words_per_minute": wpm,
        "device": device,
        "dtype": dtype,
    }


def film_format(
    quality: str,
    fps: int | None = None,
    resolution: str | None = None,
    kind: Kind = "mp4",
    theme: ThemeName | None = None,
) -> FilmFormat:
    """Return the format that the options ask for; raises `ProblemsFound` for a size that cannot be filmed."""
    from attnviz.render.film.format import FilmFormat, usual_fps

    width, height, frames = QUALITIES[quality]
    if resolution is not None:
        parts = resolution.replace("x", ",").split(",")
        if len(parts) != 2 or not all(part.strip().isdecimal() for part in parts):
            raise ProblemsFound(Problem(f"--resolution {resolution}: not a size", hint="write it like 1280,720"))
        width, height = (int(part) for part in parts)
        if width % 2 or height % 2 or not 64 <= height <= 4320 or abs(width - height * 16 / 9) > 2:
            hint = "expected even numbers in the ratio 16:9, such as 1280,720"
            raise ProblemsFound(Problem(f"--resolution {resolution}: cannot film in this size", hint=hint))
    return FilmFormat(width, height, fps or usual_fps(kind, frames), kind, theme)


def film_path(usual: Path, output: Path | None, kind: Kind | None, *, picture: bool) -> Path:
    """Return where the film goes, by default `usual` with its suffix; its neighbours are named after it."""
    from attnviz.render.film.format import path_of

    if output is None:
        return path_of(usual, kind or "mp4")
    suffix = output.suffix.lower()
    wanted = [".png"] if picture else [f".{kind}"] if kind in FILE_KINDS else [f".{each}" for each in FILE_KINDS]
    if suffix and not output.is_dir():
        if suffix in wanted or (picture and suffix == ".mp4"):
            return output.with_suffix(".mp4") if picture else output
        if kind != "png":
            hint = f"name a {' or '.join(wanted)} file, or a folder"
            raise ProblemsFound(Problem(f"--output {output}: cannot write {suffix}", hint=hint))
    return path_of(output / usual.name, kind or "mp4")


def kind_of(output: Path | None) -> Kind:
    """Return the kind of film that the name of a file asks for."""
    suffix = "" if output is None else output.suffix.lower().removeprefix(".")
    return next((kind for kind in FILE_KINDS if kind == suffix), "mp4")


def allow_no_home() -> None:
    """Give a user without a home (in a container, say) one that holds nothing; Manim would stop on import."""
    try:
        Path.home()
    except RuntimeError:
        os.environ["HOME"] = os.devnull


def cores() -> int:
    """Return how many cores this process may use, where the system tells."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
