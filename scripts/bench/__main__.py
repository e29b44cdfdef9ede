"""The command line of `scripts/bench_render`."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from attnviz.commands._options import cores, film_format
from attnviz.input.problems import Problem, ProblemsFound
from bench.samples import ALWAYS_MOVING, HALF_STILL, Sample

if TYPE_CHECKING:
    from attnviz.render.film.format import FilmFormat


@click.command()
@click.option(
    "--storyboard",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="What to render, instead of two samples of attention_math.yaml.",
)
@click.option("--only", multiple=True, metavar="CHAPTER[/SCENE[/SHOT]]", help="A part of it; repeatable.")
@click.option("--silent", is_flag=True, help="Leave out the narration, so that the film hardly ever stands still.")
@click.option("--sample", type=click.Choice(["still", "moving"]), help="Only one of the two samples.")
@click.option("--rounds", type=click.IntRange(1), default=2, show_default=True, help="How often all is measured.")
@click.option("--jobs", type=click.IntRange(1, 256), help="Processes. [default: all cores]")
@click.option("-r", "--resolution", metavar="W,H", help="Size in pixels. [default: 1920,1080]")
@click.option("--fps", type=click.IntRange(1, 240), help="Frames per second. [default: 60]")
@click.option("--quick", is_flag=True, help="One round at 480p15: shows that all works, measures little.")
@click.option("--profile", is_flag=True, help="Tell where attnviz's processor time goes, instead.")
def main(
    *,
    storyboard: Path | None,
    only: tuple[str, ...],
    silent: bool,
    sample: str | None,
    rounds: int,
    jobs: int | None,
    resolution: str | None,
    fps: int | None,
    quick: bool,
    profile: bool,
) -> None:
    """Measure how fast lectures are rendered, compared with manim itself.

    docs/performance.md tells what is measured, and how. Leave the machine alone meanwhile.
    """
    if sys.platform != "linux":
        raise click.ClickException("memory and processor time of many processes are only measured on Linux")
    try:
        size = film_format("l" if quick else "h", fps, resolution)
        samples = _samples(storyboard, only, silent, sample)
        if profile:
            _profile(samples, size, jobs or cores())
        else:
            _compare(samples, size, jobs or cores(), 1 if quick else rounds)
    except ProblemsFound as found:
        raise click.ClickException(str(found)) from found


def _samples(storyboard: Path | None, only: tuple[str, ...], silent: bool, sample: str | None) -> list[Sample]:
    if storyboard is not None:
        return [Sample("the storyboard asked for", storyboard, only, silent)]
    if only or silent:
        raise ProblemsFound(Problem("--only and --silent go with --storyboard"))
    return {"still": [HALF_STILL], "moving": [ALWAYS_MOVING]}.get(sample or "", [HALF_STILL, ALWAYS_MOVING])


def _compare(samples: Sequence[Sample], size: FilmFormat, jobs: int, rounds: int) -> None:
    from bench.contest import Contest
    from bench.table import described, machine, table

    click.echo(machine())
    for sample in samples:
        with tempfile.TemporaryDirectory(prefix="attnviz-bench-") as folder:
            _tell(f"{sample.title}: preparing")
            contest = Contest(sample, size, jobs, Path(folder))
            contest.prepare()
            click.echo(f"\n{described(contest)}\n")
            measured = [contest.round(_teller(number + 1, rounds)) for number in range(rounds)]
            _tell("comparing pictures")
            click.echo(table(contest, measured, contest.judge()))


def _profile(samples: Sequence[Sample], size: FilmFormat, jobs: int) -> None:
    from bench.profile import profile_of

    for sample in samples:
        with tempfile.TemporaryDirectory(prefix="attnviz-bench-") as folder:
            click.echo(profile_of(sample, size, jobs, Path(folder)))


def _teller(number: int, rounds: int) -> Callable[[str], None]:
    return lambda name: _tell(f"round {number} of {rounds}: {name}")


def _tell(what: str) -> None:
    click.echo(what, err=True)


if __name__ == "__main__":
    main(prog_name="scripts/bench_render")
