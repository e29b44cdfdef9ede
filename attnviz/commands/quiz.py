"""`attnviz quiz`: questions that a film answers."""

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

if TYPE_CHECKING:
    from attnviz.render.shots.claims import ClaimMode


@click.command(short_help="Write a quiz: questions that a film answers.")
@click.argument("storyboard", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=Target(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A .html, .json or .gift file; GIFT is for Moodle. [default: out/STORYBOARD/quiz.html]",
)
@click.option(
    "-n", "--questions", type=click.IntRange(1, 500), default=12, show_default=True, help="How many are asked at most."
)
@click.option("--only", multiple=True, metavar="CHAPTER[/SCENE[/SHOT]]", help="Only this part. Repeatable.")
@claims_option
@cache_option
@accept_changed_option
def command(
    storyboard: Path, output: Path | None, questions: int, only: tuple[str, ...], claims: ClaimMode, cache: Path
) -> None:
    """Write a quiz: questions that a film answers.

    They are made of the storyboard's claims, and of the numbers on screen. All options are real: other words, or other
    numbers of the same table. Each answer is proved by a number, with its shot and time.
    """
    from attnviz.input.whole_files import check_writable, replacing
    from attnviz.render.opening import open_storyboard
    from attnviz.worksheet.quiz_files import check_name, quiz_file

    allow_no_home()
    path = output or Path("out") / storyboard.stem / "quiz.html"
    check_name(path)
    opened = open_storyboard(storyboard)
    check_writable([path])
    from attnviz.render.run import Wish
    from attnviz.worksheet.following import followed
    from attnviz.worksheet.quiz import quiz_of
    from attnviz.worksheet.shown import is_timed_by_film

    wish = Wish(film_format("h"), cache, only=only, claims=claims)
    with ended_politely():
        work = followed(opened, wish)
        quiz = quiz_of(work, questions)
    with replacing(path) as new:
        new.write_text(quiz_file(quiz, path), encoding="utf-8")
    click.echo(f"wrote {path}: {counted(len(quiz.questions), 'question')}")
    if not is_timed_by_film(work):
        click.echo("note: times are estimates, as the film was not rendered at 1080p60 with this cache", err=True)
