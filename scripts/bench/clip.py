"""The command line of `scripts/bench_clip`: how long a clip takes, and where the time goes."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from attnviz.commands._options import cores, film_format
from attnviz.input.problems import ProblemsFound

if TYPE_CHECKING:
    from bench.clip_contest import ClipContest, ClipRound

SENTENCES = (
    "she peeled an orange and an apple",
    "apple announced a phone after an account",
)


@click.command()
@click.option("--model", "models", multiple=True, help="[default: small, minilm]")
@click.option("--sentence", "sentences", multiple=True, help="The first and the second one; give both.")
@click.option("--template", default="pull", show_default=True)
@click.option("-q", "--quality", default="m", show_default=True, help="As of `attnviz clip`.")
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True, help="How often all is measured.")
@click.option("--jobs", type=click.IntRange(1, 256), help="Processes. [default: all cores]")
@click.option("--quick", is_flag=True, help="One round of one model at 480p15: shows that all works, measures little.")
def main(
    *,
    models: tuple[str, ...],
    sentences: tuple[str, ...],
    template: str,
    quality: str,
    rounds: int,
    jobs: int | None,
    quick: bool,
) -> None:
    """Measure how long a clip for a sentence takes, where the time goes, and what plain manim takes for its film.

    docs/performance.md tells what is measured, and how. Leave the machine alone meanwhile.
    """
    if sys.platform != "linux":
        raise click.ClickException("memory and processor time of many processes are only measured on Linux")
    if len(sentences) not in (0, 2):
        raise click.ClickException("--sentence: give it twice, for the first clip and the second")
    from bench.clip_contest import ClipContest
    from bench.clip_table import clip_table
    from bench.table import machine

    click.echo(machine())
    chosen = (models or ("small", "minilm"))[: 1 if quick else None]
    size = film_format("l" if quick else quality)
    try:
        for model in chosen:
            with tempfile.TemporaryDirectory(prefix="attnviz-bench-") as folder:
                contest = ClipContest(model, sentences or SENTENCES, template, size, jobs or cores(), Path(folder))
                measured = _measured(contest, 1 if quick else rounds)
                click.echo(f"\n{clip_table(contest, measured)}")
    except ProblemsFound as found:
        raise click.ClickException(str(found)) from found


def _measured(contest: ClipContest, rounds: int) -> Sequence[ClipRound]:
    click.echo(f"{contest.model}: preparing", err=True)
    contest.prepare()
    measured = []
    for number in range(rounds):
        click.echo(f"{contest.model}: round {number + 1} of {rounds}", err=True)
        measured.append(contest.round())
    return measured


if __name__ == "__main__":
    main(prog_name="scripts/bench_clip")
