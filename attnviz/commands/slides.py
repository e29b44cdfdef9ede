"""`attnviz slides`: a lecture for somebody who speaks to it, one slide a shot."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from attnviz.commands._bar import Bar
from attnviz.commands._ending import ended_politely
from attnviz.commands._making import show, tell_warnings
from attnviz.commands._options import (
    Target,
    allow_no_home,
    cache_option,
    claims_option,
    cores,
    film_options,
    film_wish,
    jobs_option,
)
from attnviz.input.in_words import counted

if TYPE_CHECKING:
    from attnviz.render.film.format import Kind
    from attnviz.slides.make import MadeSlides


@click.command(short_help="Make slides of a storyboard, one a shot.")
@click.argument("storyboard", type=click.Path(path_type=Path))
@partial(film_options, formats=(("mp4", "webm"), "Kind of the clips. [default: mp4]"))
@click.option("-p", "--preview", is_flag=True, help="Open the slides when they are done.")
@click.option(
    "-o",
    "--output",
    type=Target(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="The folder that they are written to. [default: out/STORYBOARD/slides]",
)
@claims_option
@cache_option
@click.option("--force", is_flag=True, help="Render everything again, whatever is in the cache.")
@jobs_option
def command(
    storyboard: Path,
    preview: bool,
    output: Path | None,
    cache: Path,
    force: bool,
    jobs: int | None,
    kind: Kind | None,
    **options: Any,
) -> None:
    """Make slides of a storyboard, one a shot.

    Each plays, and stands still at its end until the next key. Writes a folder that needs nothing else: index.html
    opens in any browser, from disk, too, and slides/STORYBOARD.json is what `manim-slides present STORYBOARD` plays
    there. The clips have their piece of the speech, and captions. Shots that a film has shown in the same quality are
    not drawn again.
    """
    from attnviz.render.opening import open_storyboard

    allow_no_home()
    opened = open_storyboard(storyboard)
    from attnviz.render.run import Wish
    from attnviz.slides.make import make_slides

    claims = options.pop("claims")
    wish = Wish(
        cache=cache, force=force, jobs=jobs or cores(), claims=claims, **film_wish(kind=kind or "mp4", **options)
    )
    folder = output or Path("out") / storyboard.stem / "slides"
    with ended_politely(), Bar() as bar:
        made = make_slides(opened, wish, folder, bar)
    click.echo(_summary(made))
    tell_warnings(made, storyboard)
    if preview:
        show(made.files[0])


def _summary(made: MadeSlides) -> str:
    slides = counted(len(made.deck.slides), "slide")
    size = sum(path.stat().st_size for path in made.files) / 1e6
    done = "wrote" if made.written else "up to date:"
    return f"{done} {made.files[0]}: {slides}, {made.deck.length}, {size:.1f} MB, {made.drawn} drawn"
