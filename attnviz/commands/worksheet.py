"""`attnviz worksheet`: the film's numbers as exercises to work by hand, with a key."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from attnviz.commands._ending import ended_politely
from attnviz.commands._options import (
    Target,
    accept_changed_option,
    allow_no_home,
    cache_option,
    claims_option,
    film_format,
)
from attnviz.input.in_words import counted
from attnviz.input.problems import Problem, ProblemsFound

if TYPE_CHECKING:
    from attnviz.render.shots.claims import ClaimMode

SUFFIXES = (".pdf", ".html")


@click.command(short_help="Write a worksheet: a film's numbers to work out by hand.")
@click.argument("storyboard", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=Target(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A .pdf or .html file. [default: out/STORYBOARD/worksheet.pdf]",
)
@click.option("--key", is_flag=True, help="With every solution, step by step, and how far off answers may be.")
@click.option("--only", multiple=True, metavar="CHAPTER[/SCENE[/SHOT]]", help="Only this part. Repeatable.")
@claims_option
@cache_option
@accept_changed_option
def command(
    storyboard: Path, output: Path | None, key: bool, only: tuple[str, ...], claims: ClaimMode, cache: Path
) -> None:
    """Write a worksheet: a film's numbers to work out by hand.

    Exercises go from the dot product of two words to several heads, each with the tables that the film shows. Nothing
    is drawn for it: shots that were not played before are played undrawn.
    """
    from attnviz.input.whole_files import check_writable, replacing
    from attnviz.render.opening import open_storyboard

    allow_no_home()
    path = output or Path("out") / storyboard.stem / "worksheet.pdf"
    if path.suffix.lower() not in SUFFIXES:
        hint = f"name it {path.stem}.pdf or {path.stem}.html"
        raise ProblemsFound(Problem(f"--output {path}: cannot write a worksheet so", hint=hint))
    opened = open_storyboard(storyboard)
    check_writable([path])
    from attnviz.render.run import Wish
    from attnviz.worksheet.following import followed
    from attnviz.worksheet.paper import worksheet_pdf
    from attnviz.worksheet.sheet import worksheet_html, worksheet_of

    wish = Wish(film_format("h"), cache, only=only, claims=claims)
    with ended_politely():
        sheet = worksheet_of(followed(opened, wish))
        is_page = path.suffix.lower() == ".html"
        made = worksheet_html(sheet, key=key).encode() if is_page else worksheet_pdf(sheet, key=key)
    with replacing(path) as new:
        new.write_bytes(made)
    click.echo(f"wrote {path}: {counted(len(sheet.exercises), 'exercise')}")
    for reason in sheet.left_out:
        click.echo(f"note: left out: {reason}", err=True)
