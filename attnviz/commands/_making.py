"""What commands that make films have in common: what their options mean, and what they tell in the end."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from attnviz.commands._options import cores, film_path, film_wish, kind_of
from attnviz.input.in_words import clock, counted

if TYPE_CHECKING:
    from attnviz.publish.lecture import LectureFiles, Made
    from attnviz.render.film.format import FilmFormat, Kind
    from attnviz.render.run import Wish
    from attnviz.render.shots.claims import ClaimMode
    from attnviz.slides.make import MadeSlides

MOST_WARNINGS = 5
LONGEST_WARNING = 240


def wish_of(
    usual: Path,
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
    """Turn the options into what to make, and where: `usual` is the film's path, without its suffix, by default."""
    from attnviz.publish.lecture import LectureFiles
    from attnviz.render.run import Wish

    film = film_path(usual, output, kind, picture=last_frame)
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


def page_of(files: LectureFiles) -> Path:
    """Return where the page of a film is."""
    from attnviz.page.make import INDEX, page_folder

    assert files.film is not None
    return page_folder(files.film) / INDEX


def tell(made: Made, wish: Wish, files: LectureFiles, storyboard: Path) -> None:
    """Say what was made and, apart from that, what a picky viewer would object to."""
    click.echo(_summary(made, None if files.film is None else wish.format))
    tell_warnings(made, storyboard)


def tell_warnings(made: Made | MadeSlides, storyboard: Path) -> None:
    """Say why nobody speaks, which claims do not hold, and what a picky viewer would object to."""
    for warning in [*filter(None, [made.silent]), *_untrue(made, storyboard), *_warnings(made)]:
        click.echo(warning, err=True)


def _summary(made: Made, film_format: FilmFormat | None) -> str:
    """Say in one line what was written, and of which models those in it were taken; a film has a format."""
    from attnviz.publish.shown import choices_shown

    numbers = sum(len(shot.report.receipts) for shot in made.shots)
    parts = [counted(len(made.shots), "shot"), f"{made.drawn} drawn", counted(numbers, "number")]
    if film_format is not None:
        size = _size(made.files[0]) / 1e6
        parts = [clock(made.seconds), f"{film_format.height}p{film_format.fps}", f"{size:.1f} MB", *parts]
    more = f" and {len(made.files) - 1} more" if len(made.files) > 1 else ""
    done = "wrote" if made.written else "up to date:"
    choices = "".join(f"; model: {choice}" for choice in choices_shown(made.shots))
    return f"{done} {made.files[0]}{more}: {', '.join(parts)}{choices}"


def _size(path: Path) -> int:
    """Return the size of a file, or of all files of a folder, in bytes."""
    return sum(each.stat().st_size for each in path.iterdir()) if path.is_dir() else path.stat().st_size


def _untrue(made: Made | MadeSlides, storyboard: Path) -> list[str]:
    """Return what is told of the claims that do not hold, all of them: what is said beside them is wrong."""
    from attnviz.render.shots.claims import untrue

    return [f"warning: {problem}" for problem in untrue(made.claims, storyboard)]


def _warnings(made: Made | MadeSlides) -> list[str]:
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


def show(path: Path) -> None:
    """Show a file with the desktop's own program, where there is one."""
    import shutil
    import subprocess

    opener = shutil.which("open" if sys.platform == "darwin" else "xdg-open")
    if opener is None:
        click.echo(f"there is no program to open it with; look at {path}", err=True)
        return
    subprocess.Popen([opener, str(path)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
