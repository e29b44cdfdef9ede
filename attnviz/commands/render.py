"""`attnviz render`: a storyboard becomes a lecture video."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from attnviz.commands._bar import Bar
from attnviz.commands._ending import ended_politely
from attnviz.commands._making import page_of, show, tell, wish_of
from attnviz.commands._options import (
    Target,
    allow_no_home,
    cache_option,
    claims_option,
    film_options,
    jobs_option,
)

if TYPE_CHECKING:
    from attnviz.publish.lecture import LectureFiles, Made
    from attnviz.render.run import Progress, Wish
    from attnviz.storyboard.types import Storyboard


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
@click.option("--page", is_flag=True, help="Also make a folder NAME.page: a page that shows it (see `attnviz page`).")
@claims_option
@cache_option
@click.option("--force", is_flag=True, help="Render everything again, whatever is in the cache.")
@click.option("--explain", is_flag=True, help="Tell for every shot whether it is drawn, and why.")
@click.option("--timing", is_flag=True, help="Tell for every shot how it keeps step with what is said.")
@click.option("--dry-run", is_flag=True, help="Only tell what would be drawn: the same as `attnviz plan`.")
@jobs_option
@click.option("--cluster", metavar="ADDRESS", help="Draw on a Dask cluster: tcp://…, or `local` for one started here.")
def command(
    storyboard: Path, preview: bool, page: bool, explain: bool, timing: bool, dry_run: bool, **options: Any
) -> Made | None:
    """Render a storyboard to a lecture video.

    Writes lecture.mp4 with chapters and captions, the captions alone as lecture.srt and lecture.vtt (for web pages),
    what is to be seen as lecture.descriptions.vtt (and .srt), for those who cannot see it, and lecture.numbers.json,
    which tells for every number on screen where it comes from. Older files are replaced only when the new ones are
    complete. Only shots that changed are drawn: `attnviz plan` tells which, and why. Nothing is
    drawn if a claim beside what is said does not hold for the model.
    """
    from attnviz.render.opening import open_storyboard

    allow_no_home()
    opened = open_storyboard(storyboard)
    from attnviz.publish.lecture import make_lecture

    wish, files = wish_of(Path("out") / storyboard.stem / "lecture", **options)
    if dry_run or explain:
        from attnviz.commands.plan import show_plan

        with ended_politely():
            show_plan(opened, wish)
    if dry_run:
        return None
    with ended_politely(), Bar() as bar:
        made = (_with_page if page else make_lecture)(opened, wish, files, bar)
    tell(made, wish, files, storyboard)
    if timing:
        from attnviz.publish.in_step import report_lines

        for line in report_lines(made.shots, wish.format.fps):
            click.echo(line)
    if page:
        click.echo(f"{page_of(files)}: its page")
    if preview:
        show(page_of(files) if page else made.files[0])
    return made


def _with_page(storyboard: Storyboard, wish: Wish, files: LectureFiles, progress: Progress) -> Made:
    """Make a lecture and, beside the film, its page; raises `ProblemsFound`."""
    from attnviz.page.make import make_page

    return make_page(storyboard, wish, files, progress=progress).film
