"""`attnviz figures`: figures of a storyboard for papers and slides."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from attnviz.commands._bar import Bar
from attnviz.commands._ending import ended_politely
from attnviz.commands._options import Target, allow_no_home, cache_option, cores, film_options, film_wish, jobs_option
from attnviz.input.problems import Problem, ProblemsFound


@click.command(short_help="Export figures: last frames, or named moments, as PNG, SVG and PDF.")
@click.argument("storyboard", type=click.Path(path_type=Path))
@click.option("--changed", is_flag=True, help="Only those that are not as they were when last exported.")
@click.option("-o", "--output", type=Target(path_type=Path, file_okay=False), help="[default: out/STORYBOARD/figures]")
@click.option("--as", "suffixes", default="png,svg,pdf", show_default=True, help="Which kinds of files.")
@film_options
@jobs_option
@cache_option
def command(
    storyboard: Path,
    changed: bool,
    output: Path | None,
    suffixes: str,
    jobs: int | None,
    cache: Path,
    **options: Any,
) -> None:
    """Export figures: last frames, or named moments, as PNG, SVG and PDF.

    SVG and PDF hold vectors. A shot of the storyboard can name the moments that are wanted (`figure: NAME`); if none
    does, the last frame of every shot is a figure. Files are named by chapter and shot.
    """
    from attnviz.render.opening import open_storyboard

    allow_no_home()
    kinds = _kinds(suffixes)
    opened = open_storyboard(storyboard)
    from attnviz.publish.figures import export_figures
    from attnviz.render.run import Wish

    wish = Wish(cache=cache, jobs=jobs or cores(), **film_wish(**options))
    folder = output or Path("out") / storyboard.stem / "figures"
    with ended_politely(), Bar() as bar:
        exported = export_figures(opened, wish, folder, kinds, changed=changed, progress=bar)
    for path in exported.files:
        click.echo(path)
    unchanged = f", {exported.unchanged} unchanged" if changed else ""
    count = len(exported.files) // len(kinds)
    click.echo(f"{count} figure{'' if count == 1 else 's'} written to {folder}{unchanged}")


def _kinds(suffixes: str) -> list[str]:
    kinds = [suffix.strip().lower() for suffix in suffixes.split(",")]
    unknown = [kind for kind in kinds if kind not in ("png", "svg", "pdf")]
    if unknown:
        raise ProblemsFound(
            Problem(f"--as {suffixes}: there is no '{unknown[0]}'", hint="expected some of png, svg, pdf")
        )
    return list(dict.fromkeys(kinds))
