"""`attnviz figure`: one still of a sentence for a paper or a slide."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from attnviz.commands._bar import Bar
from attnviz.commands._ending import ended_politely
from attnviz.commands._options import (
    OF_A_SENTENCE,
    Target,
    ThemeChoice,
    accept_changed_option,
    allow_no_home,
    cache_option,
    cores,
    film_format,
    sentence_options,
)
from attnviz.input.content_paths import builtin_storyboards
from attnviz.input.problems import Problem, ProblemsFound
from attnviz.input.theme_names import THEME_NAMES

if TYPE_CHECKING:
    from attnviz.publish.figures import Exported

KINDS = sorted(path.stem for path in (builtin_storyboards() / "figures").glob("*.yaml"))
FORMATS = ("svg", "pdf", "png")


@click.command(short_help="Make one figure of a sentence, for a paper or a slide.")
@click.argument("sentence")
@click.option("--of", type=click.Choice(KINDS), default="weights", show_default=True, help="What is shown.")
@sentence_options
@click.option("--format", "suffix", type=click.Choice(FORMATS), help="Kind of file. [default: as -o says, or svg]")
@click.option("--width-mm", type=click.FloatRange(10, 2000), default=85.0, show_default=True, help="Width on paper.")
@click.option("--theme", type=ThemeChoice(THEME_NAMES), default="print", show_default=True, help="Colours.")
@click.option("-o", "--output", type=Target(path_type=Path, dir_okay=False), help="[default: out/figures/…]")
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True)
@click.option("--dtype", type=click.Choice(["float64", "float32"]), default="float64", show_default=True)
@accept_changed_option
@cache_option
def command(
    sentence: str, of: str, suffix: str | None, width_mm: float, output: Path | None, **options: Any
) -> Exported:
    """Make one figure of a sentence, for a paper or a slide.

    \b
    attnviz figure "the animal didn't cross the street because it was too tired" --of arcs --word it
    attnviz figure "an apple and an orange" --of weights --width-mm 170 -o weights.pdf

    It is as wide as the column that it is for, and holds nothing but what is drawn: no title, no empty frame. Text is
    text, in embedded fonts, and no type is smaller than 6 points. What is printed is a caption.
    """
    allow_no_home()
    theme, cache = options.pop("theme"), options.pop("cache")
    asked = {name: options.pop(name) for name in OF_A_SENTENCE}
    kind = suffix or (output.suffix[1:].lower() if output and output.suffix else FORMATS[0])
    if kind not in FORMATS or (output and output.suffix[1:].lower() != kind):
        raise ProblemsFound(Problem(f"--output {output}: cannot write this", hint=f"name it {of}.{kind}, say"))
    from attnviz.clips.figure import make_figure
    from attnviz.clips.request import ClipRequest
    from attnviz.input.whole_files import check_writable, replacing
    from attnviz.publish.figures import Exported
    from attnviz.render.run import Wish

    request = ClipRequest(sentence, **asked)
    path = output or Path("out") / "figures" / f"{request.name.removeprefix('clip-')}-{of}.{kind}"
    check_writable([path])
    wish = Wish(film_format("h", theme=theme), cache, jobs=cores(), **options)
    with ended_politely(), Bar() as bar:
        figure = make_figure(request, of, width_mm, wish, bar)
    with replacing(path) as new:
        new.write_bytes(figure.files[kind])
    click.echo(f"wrote {path}: {width_mm:g} × {figure.height:.0f} mm")
    if figure.caption:
        click.echo(f"caption: {figure.caption}")
    return Exported((path,), 0)
