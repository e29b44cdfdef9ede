"""`attnviz page`: a storyboard becomes a page with its film, on which every number can be pointed at."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import click

from attnviz.commands._bar import Bar
from attnviz.commands._ending import ended_politely
from attnviz.commands._making import show, tell, wish_of
from attnviz.commands._options import (
    Target,
    allow_no_home,
    cache_option,
    claims_option,
    film_options,
    jobs_option,
)
from attnviz.input.problems import Problem, ProblemsFound

FORMATS = (
    ("mp4", "webm", "scorm"),
    "Kind of film, or scorm: a package for learning management systems, NAME.zip. [default: mp4]",
)


@click.command(short_help="Make a page with the film, on which every number can be pointed at.")
@click.argument("storyboard", type=click.Path(path_type=Path))
@partial(film_options, formats=FORMATS)
@click.option("-p", "--preview", is_flag=True, help="Open the page when it is done.")
@click.option(
    "-o",
    "--output",
    type=Target(path_type=Path),
    metavar="FOLDER|NAME.zip",
    help="A folder, or a package. [default: out/STORYBOARD/page, or out/STORYBOARD/lecture.zip]",
)
@claims_option
@cache_option
@click.option("--force", is_flag=True, help="Render everything again, whatever is in the cache.")
@jobs_option
@click.option("--cluster", metavar="ADDRESS", help="Draw on a Dask cluster: tcp://…, or `local` for one started here.")
def command(storyboard: Path, preview: bool, output: Path | None, **options: Any) -> None:
    """Make a page with the film, on which every number can be pointed at.

    The folder works as it is: open its index.html, or put it on any web server. It loads nothing from elsewhere. Pause
    the film, and point at a number: what it is, how it is worked out, the whole table that it stands in, and the code
    that computes it. Beside the film are what is said, all shots, and all numbers, which can be searched.

    With --format scorm it becomes a package (SCORM 1.2) for Moodle and the like: one lesson, complete when 90 % of the
    film was watched, which goes on next time where it was left.
    """
    from attnviz.render.opening import open_storyboard

    allow_no_home()
    home = Path("out") / storyboard.stem
    kind = options["kind"] or ("scorm" if output is not None and output.suffix.lower() == ".zip" else "mp4")
    place = place_of_package(home, output) if kind == "scorm" else place_of_page(home, output)
    opened = open_storyboard(storyboard)
    from attnviz.page.make import make_page
    from attnviz.page.scorm import make_package

    of_film = {"kind": "mp4" if kind == "scorm" else kind, "last_frame": False, "sheet": False, "stills": False}
    folder = place.parent if kind == "scorm" else place
    wish, files = wish_of(folder / "lecture", **options | of_film, output=folder / f"lecture.{of_film['kind']}")
    with ended_politely(), Bar() as bar:
        if kind == "scorm":
            film, page = make_package(opened, wish, files, place, bar), None
        else:
            made = make_page(opened, wish, files, place, bar)
            film, page = made.film, made.page
    tell(film, wish, files, storyboard)
    if page is not None:
        click.echo(f"{page}: its page")
    if preview:
        show(page or place)


def place_of_page(home: Path, output: Path | None) -> Path:
    """Return the folder of a page; raises `ProblemsFound` for what is none."""
    folder = output or home / "page"
    if folder.suffix.lower() in (".html", ".mp4", ".webm", ".zip") or folder.is_file():
        hint = "name a folder, or leave out --format" if folder.suffix.lower() == ".zip" else "name a folder"
        raise ProblemsFound(Problem(f"--output {folder}: a page is a folder", hint=hint))
    return folder


def place_of_package(home: Path, output: Path | None) -> Path:
    """Return where a package goes; raises `ProblemsFound` for what is neither a zip nor a folder."""
    path = output or home / "lecture.zip"
    if path.suffix.lower() == ".zip" and not path.is_dir():
        return path
    if path.suffix and not path.is_dir():
        raise ProblemsFound(Problem(f"--output {path}: a package is a zip", hint="name a .zip file, or a folder"))
    return path / "lecture.zip"
