"""`attnviz render`: a storyboard becomes a lecture video."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from attnviz.problems import Problem, ProblemsFound

if TYPE_CHECKING:
    from attnviz.publish.lecture import Made, Wish
    from attnviz.render.encoder import FilmFormat
    from attnviz.render.perform import PerformedShot

# Manim's names for width, height and frames per second.
QUALITIES = {
    "l": (854, 480, 15),
    "m": (1280, 720, 30),
    "h": (1920, 1080, 60),
    "p": (2560, 1440, 60),
    "k": (3840, 2160, 60),
}

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
CLEANING_SECONDS = 10  # for so long after a request to end, further ones are not heard
MOST_WARNINGS = 5
LONGEST_WARNING = 240


@click.command(short_help="Render a storyboard to a lecture video.")
@click.argument("storyboard", type=click.Path(path_type=Path))
@click.option(
    "-q",
    "--quality",
    type=click.Choice(list(QUALITIES)),
    default="h",
    show_default=True,
    help="480p15, 720p30, 1080p60, 1440p60 or 2160p60, as in Manim.",
)
@click.option("-p", "--preview", is_flag=True, help="Open the result when it is done.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="A file NAME.mp4, or a folder. [default: out/STORYBOARD/lecture.mp4]",
)
@click.option(
    "-s",
    "--save_last_frame",
    "--save-last-frame",
    "last_frame",
    is_flag=True,
    help="Save only the last frame, as a PNG.",
)
@click.option("--sheet", is_flag=True, help="Also make a contact sheet: the last frame of every shot.")
@click.option("--stills", is_flag=True, help="Save only the last frame of every shot, as PNG files, and a sheet.")
@click.option(
    "--only",
    multiple=True,
    metavar="CHAPTER[/SCENE[/SHOT]]",
    help="Render only this; names or numbers from 1. Repeatable.",
)
@click.option("--fps", type=click.IntRange(1, 240), help="Frames per second, instead of the quality's.")
@click.option("-r", "--resolution", metavar="W,H", help="Size in pixels, instead of the quality's (16:9).")
@click.option("--jobs", type=click.IntRange(1, 256), help="Drawing processes. [default: all cores it may use]")
@click.option("--wpm", type=click.FloatRange(60, 400), help="Reading speed, instead of the storyboard's.")
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True)
@click.option("--dtype", type=click.Choice(["float64", "float32"]), default="float64", show_default=True)
def command(storyboard: Path, preview: bool, **options: Any) -> None:
    """Render a storyboard to a lecture video.

    Writes lecture.mp4 with chapters and captions, lecture.srt, and lecture.numbers.json, which tells for every
    number on screen where it comes from. Older files are replaced only when the new ones are complete.
    """
    from attnviz.commands._open import open_storyboard

    _allow_no_home()
    opened = open_storyboard(storyboard)
    from attnviz.publish.lecture import make_lecture

    wish = _wish(storyboard, **options)
    with _ended_politely(), _Bar() as bar:
        made = make_lecture(opened, wish, bar.advance)
    click.echo(_summary(made, wish))
    for warning in _warnings(made):
        click.echo(warning, err=True)
    if preview:
        _open(made.files[0])


def _wish(
    storyboard: Path,
    *,
    quality: str,
    fps: int | None,
    resolution: str | None,
    output: Path | None,
    last_frame: bool,
    sheet: bool,
    stills: bool,
    only: tuple[str, ...],
    jobs: int | None,
    wpm: float | None,
    device: Any,
    dtype: Any,
) -> Wish:
    """Turn the options into what to make."""
    from attnviz.publish.lecture import Wish

    film = _film_path(storyboard, output, picture=last_frame)
    return Wish(
        format=film_format(quality, fps, resolution),
        film=None if last_frame or stills else film,
        last_frame=film.with_suffix(".png") if last_frame else None,
        sheet=film.with_name("sheet.png") if sheet or stills else None,
        stills=film.parent / "stills" if stills else None,
        only=only,
        jobs=jobs or _cores(),
        device=device,
        dtype=dtype,
        words_per_minute=wpm,
    )


def film_format(quality: str, fps: int | None = None, resolution: str | None = None) -> FilmFormat:
    """Return the format that the options ask for; raises `ProblemsFound` for a size that cannot be filmed."""
    from attnviz.render.encoder import FilmFormat

    width, height, frames = QUALITIES[quality]
    if resolution is not None:
        parts = resolution.replace("x", ",").split(",")
        if len(parts) != 2 or not all(part.strip().isdecimal() for part in parts):
            raise ProblemsFound(Problem(f"--resolution {resolution}: not a size", hint="write it like 1280,720"))
        width, height = (int(part) for part in parts)
        if width % 2 or height % 2 or not 64 <= height <= 4320 or abs(width - height * 16 / 9) > 2:
            hint = "expected even numbers in the ratio 16:9, such as 1280,720"
            raise ProblemsFound(Problem(f"--resolution {resolution}: cannot film in this size", hint=hint))
    return FilmFormat(width, height, fps or frames)


def _film_path(storyboard: Path, output: Path | None, *, picture: bool) -> Path:
    """Return where the film goes; its neighbours are named after it."""
    if output is None:
        return Path("out") / storyboard.stem / "lecture.mp4"
    suffix = output.suffix.lower()
    if suffix == ".mp4" or (picture and suffix == ".png"):
        return output.with_suffix(".mp4")
    if suffix and not output.is_dir():
        kind = "a .png file" if picture else "an .mp4 file"
        raise ProblemsFound(Problem(f"--output {output}: cannot write {suffix}", hint=f"name {kind}, or a folder"))
    return output / "lecture.mp4"


class _Bar:
    """A progress bar over shots on the terminal; silent elsewhere."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import Progress

        # It must not start a thread of its own: this process forks.
        console = Console(stderr=True)
        self._progress = Progress(console=console, auto_refresh=False, transient=True, disable=not console.is_terminal)
        self._task = self._progress.add_task("starting", total=None)

    def advance(self, total: int, shot: PerformedShot) -> None:
        """Count one more shot."""
        self._progress.update(self._task, total=total, advance=1, description=shot.name)
        self._progress.refresh()

    def __enter__(self) -> _Bar:
        self._progress.start()
        self._progress.refresh()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()


def _summary(made: Made, wish: Wish) -> str:
    """Say in one line what was written."""
    numbers = sum(len(shot.receipts) for shot in made.shots)
    parts = [_count(len(made.shots), "shot"), _count(numbers, "number")]
    if wish.film is not None:
        minutes, seconds = divmod(round(made.seconds), 60)
        size = made.files[0].stat().st_size / 1e6
        parts = [f"{minutes}:{seconds:02}", f"{wish.format.height}p{wish.format.fps}", f"{size:.1f} MB", *parts]
    more = f" and {len(made.files) - 1} more" if len(made.files) > 1 else ""
    return f"wrote {made.files[0]}{more}: {', '.join(parts)}"


def _count(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _warnings(made: Made) -> list[str]:
    """Return what a picky viewer would object to, each fault once, with the first shot that has it."""
    from textwrap import shorten

    from attnviz.stage.layout import faults

    found: dict[str, str] = {}
    for shot in made.shots:
        for fault in faults(shot.layout):
            found.setdefault(fault, shorten(f"layout: {shot.name}: {fault}", LONGEST_WARNING, placeholder=" …"))
    warnings = list(found.values())
    if len(warnings) <= MOST_WARNINGS:
        return warnings
    shown = warnings[: MOST_WARNINGS - 1]
    return [*shown, f"layout: and {len(warnings) - len(shown)} more like these"]


def _allow_no_home() -> None:
    """Give a user without a home (in a container, say) one that holds nothing; Manim would stop on import."""
    try:
        Path.home()
    except RuntimeError:
        os.environ["HOME"] = os.devnull


def _cores() -> int:
    """Return how many cores this process may use, where the system tells."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _open(path: Path) -> None:
    """Show a file with the desktop's own program, where there is one."""
    import shutil
    import subprocess

    opener = shutil.which("open" if sys.platform == "darwin" else "xdg-open")
    if opener is None:
        click.echo(f"there is no program to open it with; look at {path}", err=True)
        return
    subprocess.Popen([opener, str(path)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603


@contextlib.contextmanager
def _ended_politely() -> Iterator[None]:
    """Clean up when asked to end: by Ctrl-C, by SIGTERM, or because the terminal is closed.

    All three are KeyboardInterrupt inside the block. Impatience (a second Ctrl-C) does not cut the clean-up short.
    """
    asked: list[tuple[int, float]] = []

    def end(number: int, frame: object) -> None:
        if not asked or time.monotonic() - asked[-1][1] > CLEANING_SECONDS:
            asked.append((number, time.monotonic()))
            raise KeyboardInterrupt

    numbers = [number for number in ENDINGS if signal.getsignal(number) is not signal.SIG_IGN]  # nohup stays in force
    before = {number: signal.signal(number, end) for number in numbers}
    try:
        yield
    except BaseException:
        if asked and asked[0][0] != signal.SIGINT:
            raise SystemExit(128 + asked[0][0]) from None
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_IGN if asked else handler)  # asked once, it ends in its own way
