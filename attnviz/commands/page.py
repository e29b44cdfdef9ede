"""`attnviz page`: a storyboard becomes a page with its film, on which every number can be pointed at."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from attnviz.page.make import MadePage


@click.command(short_help="Make a page with the film, on which every number can be pointed at.")
@click.argument("storyboard", type=click.Path(path_type=Path))
@film_options
@click.option("-p", "--preview", is_flag=True, help="Open the page when it is done.")
@click.option("-o", "--output", type=Target(path_type=Path), help="A folder. [default: out/STORYBOARD/page]")
@claims_option
@cache_option
@click.option("--force", is_flag=True, help="Render everything again, whatever is in the cache.")
@jobs_option
@click.option("--cluster", metavar="ADDRESS", help="Draw on a Dask cluster: tcp://…, or `local` for one started here.")
def command(storyboard: Path, preview: bool, output: Path | None, **options: Any) -> MadePage:
    """Make a page with the film, on which every number can be pointed at.

    The folder works as it is: open its index.html, or put it on any web server. It loads nothing from elsewhere. Pause
    the film, and point at a number: what it is, how it is worked out, the whole table that it stands in, and the code
    that computes it. Beside the film are what is said, all shots, and all numbers, which can be searched.
    """
    from attnviz.render.opening import open_storyboard

    allow_no_home()
    folder = output or Path("out") / storyboard.stem / "page"
    if folder.suffix in (".html", ".mp4", ".webm") or folder.is_file():
        raise ProblemsFound(Problem(f"--output {folder}: a page is a folder", hint="name a folder"))
    opened = open_storyboard(storyboard)
    from attnviz.page.make import make_page

    kind = options["kind"] or "mp4"
    chosen = options | {"output": folder / f"lecture.{kind}", "last_frame": False, "sheet": False, "stills": False}
    wish, files = wish_of(folder / "lecture", **chosen)
    with ended_politely(), Bar() as bar:
        made = make_page(opened, wish, files, folder, bar)
    tell(made.film, wish, files, storyboard)
    click.echo(f"{made.page}: its page")
    if preview:
        show(made.page)
    return made
