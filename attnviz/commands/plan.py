"""`attnviz plan`: which shots are up to date, which would be drawn, and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from attnviz.commands._ending import ended_politely
from attnviz.commands._options import allow_no_home, cache_option, film_options, film_wish

if TYPE_CHECKING:
    from attnviz.render.run import Wish
    from attnviz.storyboard.types import Storyboard


@click.command(short_help="Tell which shots would be drawn, and why.")
@click.argument("storyboard", type=click.Path(path_type=Path))
@film_options
@cache_option
def command(storyboard: Path, cache: Path, **options: Any) -> None:
    """Tell which shots would be drawn, and why.

    Nothing is drawn. A shot is up to date if all that its pictures follow from is as it was: its arguments and
    timing, the scene's source and what it uses, the stage as the shots before leave it, every number that it reads of
    the model, the size and settings of the film, and the versions of the libraries.
    """
    from attnviz.render.opening import open_storyboard

    allow_no_home()
    opened = open_storyboard(storyboard)
    from attnviz.render.run import Wish

    wish = Wish(cache=cache, **film_wish(**options))
    with ended_politely():
        show_plan(opened, wish)


def show_plan(storyboard: Storyboard, wish: Wish) -> None:
    """Print the plan of a wish; a scene of which too little is known is played undrawn."""
    from attnviz.render.cache.store import store_to_plan_with
    from attnviz.render.run import chosen_scenes, found_out, open_work
    from attnviz.render.shots.planning import plan

    with store_to_plan_with(wish.cache) as store:
        work = found_out(open_work(storyboard, wish, chosen_scenes(storyboard, wish), store))
        lines = plan(work, force=wish.force)
    width = max(len(line.name) for line in lines)
    for line in lines:
        state = click.style("up to date", fg="green") if line.why is None else click.style("stale", fg="yellow")
        why = "" if line.why is None else f": {line.why}"
        click.echo(f"{line.name:{width}}  {state}{why}")
    stale = [line for line in lines if line.why is not None]
    seconds = round(sum(line.seconds for line in stale))
    amount = f", about {seconds // 60}:{seconds % 60:02} of film" if stale else ""
    click.echo(f"{len(stale)} of {len(lines)} shots to draw{amount}")
