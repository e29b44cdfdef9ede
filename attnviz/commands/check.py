"""`attnviz check`: everything that is wrong with storyboards, all at once, without rendering."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from attnviz.commands._ending import ended_politely
from attnviz.commands._options import accept_changed_option, allow_no_home, cache_option, film_format
from attnviz.input.problems import Problem, ProblemsFound

if TYPE_CHECKING:
    from attnviz.storyboard import Storyboard


@click.command()
@click.argument("storyboards", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--deep", is_flag=True, help="Run the model and play every shot, too: finds all that `render` would refuse."
)
@cache_option
@accept_changed_option
def command(storyboards: tuple[Path, ...], deep: bool, cache: Path) -> None:
    """Report everything that is wrong with storyboards, without rendering."""
    from attnviz.commands._open import open_storyboard

    allow_no_home()
    problems: list[Problem] = []
    for path in storyboards:
        try:
            storyboard = open_storyboard(path)
            if deep:
                play_undrawn(storyboard, cache)
            report = summary(storyboard)
        except ProblemsFound as found:
            problems += found.problems
        else:
            click.echo(report if len(storyboards) == 1 else f"{path}: {report}")
    if problems:
        raise ProblemsFound(problems)


def play_undrawn(storyboard: Storyboard, cache: Path) -> None:
    """Play every scene of a storyboard; raise `ProblemsFound` with what each of them refuses first.

    What is learnt is kept in the cache: to render it afterwards takes no longer.
    """
    from attnviz.render.run import Wish, chosen_scenes, found_out, open_work

    wish = Wish(cache=cache, format=film_format("h"))
    with ended_politely():
        found_out(open_work(storyboard, wish, chosen_scenes(storyboard, wish)))


def summary(storyboard: Storyboard) -> str:
    """Return "ok: 4 chapters, 9 scenes, 43 shots, about 7 min 20 s"."""
    from attnviz.storyboard.length import about_seconds

    counts = [
        _count(len(storyboard.chapters), "chapter"),
        _count(sum(1 for _ in storyboard.scenes()), "scene"),
        _count(sum(1 for _ in storyboard.shots()), "shot"),
    ]
    minutes, seconds = divmod(round(about_seconds(storyboard)), 60)
    length = f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
    return f"ok: {', '.join(counts)}, about {length}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
