"""`attnviz render`: a storyboard becomes a lecture video."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from attnviz.commands._bar import Bar
from attnviz.commands._ending import ended_politely
from attnviz.commands._options import (
    Target,
    allow_no_home,
    cache_option,
    claims_option,
    cores,
    film_options,
    film_path,
    film_wish,
    jobs_option,
    kind_of,
)

if TYPE_CHECKING:
    from attnviz.publish.lecture import LectureFiles, Made
    from attnviz.render.film.format import FilmFormat, Kind
    from attnviz.render.run import Wish
    from attnviz.render.shots.claims import ClaimMode

MOST_WARNINGS = 5
LONGEST_WARNING = 240


@click.command(short_help="Render a storyboard to a lecture video.")
@click.argument("storyboard", type=click.Path(path_type=Path))
@film_options
@click.option("-p", "--preview", is_flag=True, help="Open the result when it is done.")
@click.option(
    "-o",
    "--output",
    type=Target(path_type=Path),
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
@claims_option
@cache_option
@click.option("--force", is_flag=True, help="Render everything again, whatever is in the cache.")
@click.option("--explain", is_flag=True, help="Tell for every shot whether it is drawn, and why.")
@click.option("--dry-run", is_flag=True, help="Only tell what would be drawn: the same as `attnviz plan`.")
@jobs_option
@click.option("--cluster", metavar="ADDRESS", help="Draw on a Dask cluster: tcp://…, or `local` for one started here.")
def command(storyboard: Path, preview: bool, explain: bool, dry_run: bool, **options: Any) -> Made | None:
    """Render a storyboard to a lecture video.

    Writes lecture.mp4 with chapters and captions, the captions alone as lecture.srt and lecture.vtt (for web pages),
    and lecture.numbers.json, which tells for every number on screen where it comes from. Older files are replaced only
    when the new ones are complete. Only shots that changed are drawn: `attnviz plan` tells which, and why. Nothing is
    drawn if a claim beside what is said does not hold for the model.
    """
    from attnviz.commands._open import open_storyboard

    allow_no_home()
    opened = open_storyboard(storyboard)
    from attnviz.publish.lecture import make_lecture

    wish, files = _wish(storyboard, **options)
    if dry_run or explain:
        from attnviz.commands.plan import show_plan

        with ended_politely():
            show_plan(opened, wish)
    if dry_run:
        return None
    with ended_politely(), Bar() as bar:
        made = make_lecture(opened, wish, files, bar)
    click.echo(_summary(made, None if files.film is None else wish.format))
    for warning in [*_untrue(made, storyboard), *_warnings(made)]:
        click.echo(warning, err=True)
    if preview:
        _open(made.files[0])
    return made


def _wish(
    storyboard: Path,
    *,
    output: Path | None,
    last_frame: bool,
    sheet: bool,
    stills: bool,
    cache: Path,
    force: bool,
    jobs: int | None,
    cluster: str | None,
    kind: Kind | None,
    claims: ClaimMode,
    **options: Any,
) -> tuple[Wish, LectureFiles]:
    """Turn the options into what to make, and where."""
    from attnviz.publish.lecture import LectureFiles
    from attnviz.render.run import Wish

    film = film_path(storyboard, output, kind, picture=last_frame)
    files = LectureFiles(
        film=None if last_frame or stills else film,
        last_frame=film.with_suffix(".png") if last_frame else None,
        sheet=film.with_name("sheet.png") if sheet or stills else None,
        stills=film.parent / "stills" if stills else None,
    )
    wish = Wish(
        cache=cache,
        wanted=files.wanted,
        last_shot=files.only_last_frame,
        force=force,
        jobs=jobs or cores(),
        cluster=cluster,
        claims=claims,
        **film_wish(kind=kind or kind_of(output), **options),
    )
    return wish, files


def _summary(made: Made, film_format: FilmFormat | None) -> str:
    """Say in one line what was written, and of which models those in it were taken; a film has a format."""
    from attnviz.publish.shown import choices_shown

    numbers = sum(len(shot.report.receipts) for shot in made.shots)
    parts = [_count(len(made.shots), "shot"), f"{made.drawn} drawn", _count(numbers, "number")]
    if film_format is not None:
        minutes, seconds = divmod(round(made.seconds), 60)
        size = _size(made.files[0]) / 1e6
        parts = [f"{minutes}:{seconds:02}", f"{film_format.height}p{film_format.fps}", f"{size:.1f} MB", *parts]
    more = f" and {len(made.files) - 1} more" if len(made.files) > 1 else ""
    done = "wrote" if made.written else "up to date:"
    choices = "".join(f"; model: {choice}" for choice in choices_shown(made.shots))
    return f"{done} {made.files[0]}{more}: {', '.join(parts)}{choices}"


def _size(path: Path) -> int:
    """Return the size of a file, or of all files of a folder, in bytes."""
    return sum(each.stat().st_size for each in path.iterdir()) if path.is_dir() else path.stat().st_size


def _count(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _untrue(made: Made, storyboard: Path) -> list[str]:
    """Return what is told of the claims that do not hold, all of them: what is said beside them is wrong."""
    from attnviz.render.shots.claims import untrue

    return [f"warning: {problem}" for problem in untrue(made.claims, storyboard)]


def _warnings(made: Made) -> list[str]:
    """Return what a picky viewer would object to, each fault once, with the first shot that has it."""
    from textwrap import shorten

    found: dict[str, str] = {}
    for shot in made.shots:
        for fault in shot.report.faults:
            found.setdefault(fault, shorten(f"layout: {shot.name}: {fault}", LONGEST_WARNING, placeholder=" …"))
    warnings = list(found.values())
    if len(warnings) <= MOST_WARNINGS:
        return warnings
    shown = warnings[: MOST_WARNINGS - 1]
    return [*shown, f"layout: and {len(warnings) - len(shown)} more like these"]


def _open(path: Path) -> None:
    """Show a file with the desktop's own program, where there is one."""
    import shutil
    import subprocess

    opener = shutil.which("open" if sys.platform == "darwin" else "xdg-open")
    if opener is None:
        click.echo(f"there is no program to open it with; look at {path}", err=True)
        return
    subprocess.Popen([opener, str(path)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
