"""`attnviz diff`: what another model changes in a storyboard."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from attnviz.commands._bar import Bar
from attnviz.commands._ending import ended_politely
from attnviz.commands._options import Target, allow_no_home, cache_option, cores, film_options, film_wish, jobs_option
from attnviz.input.content_paths import expanded

if TYPE_CHECKING:
    from attnviz.publish.differences import ChangedShot

SHOWN = 5


@click.command(short_help="Compare a storyboard under two models: numbers, and pictures side by side.")
@click.argument("storyboard", type=click.Path(path_type=Path))
@click.option("--old", required=True, metavar="MODEL", help="A model's name, or a file.")
@click.option("--new", required=True, metavar="MODEL", help="The same, for the other side.")
@click.option("--all", "everything", is_flag=True, help=f"Print every number that differs, not only {SHOWN} a shot.")
@click.option("-o", "--output", type=Target(path_type=Path), help="The sheet. [default: out/STORYBOARD/diff.png]")
@click.option("--no-sheet", is_flag=True, help="Only print the numbers; draw nothing.")
@film_options
@jobs_option
@cache_option
def command(
    storyboard: Path,
    old: str,
    new: str,
    everything: bool,
    output: Path | None,
    no_sheet: bool,
    jobs: int | None,
    cache: Path,
    **options: Any,
) -> None:
    """Compare a storyboard under two models: numbers, and pictures side by side.

    Lists the shots that differ, each with the numbers that it reads (old → new, the largest change first), and draws
    their last frames on one sheet, old on the left.
    """
    from attnviz.render.opening import open_storyboard

    allow_no_home()
    opened = open_storyboard(storyboard)
    from attnviz.publish.differences import compare, write_side_by_side
    from attnviz.render.run import Wish

    wish = Wish(cache=cache, jobs=jobs or cores(), **film_wish(**options))
    with ended_politely():
        comparison = compare(opened, wish, _model(old), _model(new))
        for shot in comparison.changed:
            _print(shot, everything)
        click.echo(f"{len(comparison.changed)} of {comparison.shots} shots differ")
        if comparison.changed and not no_sheet:
            with Bar() as bar:
                sheets = write_side_by_side(comparison, output or Path("out") / storyboard.stem / "diff.png", wish, bar)
            click.echo(f"wrote {', '.join(map(str, sheets))}")


def _model(name: str) -> str:
    """Return a model's name; a path is made absolute, as other names are looked up beside the storyboard."""
    prefix, path = ("hf:", name.removeprefix("hf:")) if name.startswith("hf:") else ("", name)
    here = expanded(path)
    is_path = here.is_file() if here.suffix == ".yaml" else "/" in path and here.is_dir()
    return prefix + str(here.resolve()) if is_path else name


def _print(shot: ChangedShot, everything: bool) -> None:
    click.echo(click.style(shot.name, bold=True) + ("" if shot.numbers else ": begins with a picture that differs"))
    shown = shot.numbers if everything else shot.numbers[:SHOWN]
    for number in shown:
        click.echo(f"  {number}")
    if len(shown) < len(shot.numbers):
        click.echo(f"  and {len(shot.numbers) - len(shown)} more")
