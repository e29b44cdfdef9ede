"""`attnviz clip`: a sentence becomes a film of what attention does with it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from attnviz.commands._bar import Bar
from attnviz.commands._ending import ended_politely
from attnviz.commands._making import page_of, show, tell, wish_of
from attnviz.commands._options import (
    OF_A_SENTENCE,
    Target,
    allow_no_home,
    cache_option,
    claims_option,
    film_options,
    jobs_option,
    sentence_options,
)
from attnviz.input.problems import Problem, ProblemsFound

if TYPE_CHECKING:
    from attnviz.clips.request import ClipRequest
    from attnviz.publish.lecture import Made

CLIP = "clip"  # what a clip's files are called
_REQUESTED = (*OF_A_SENTENCE, "template", "other")


@click.command(short_help="Make a film of what attention does with a sentence.")
@click.argument("sentence", required=False)
@sentence_options
@click.option("--template", metavar="NAME", help="What is shown; or a file, NAME.yaml. [default: pull]")
@click.option("--other", metavar="SENTENCE", help="A second sentence that shares a word, for comparing.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="A parameter of the template. Repeatable.")
@click.option("--list", "listing", is_flag=True, help="List the templates with their parameters.")
@click.option(
    "--storyboard", type=Target(path_type=Path, dir_okay=False), help="Only write the storyboard, to FILE.yaml."
)
@click.option(
    "--batch", type=click.Path(path_type=Path, dir_okay=False), help="A clip for every row of a .csv, .jsonl or .txt."
)
@click.option("--page", is_flag=True, help="Also make a folder NAME.page: a page that shows it. A batch has a page.")
@partial(film_options, quality="m")
@click.option("-p", "--preview", is_flag=True, help="Open a first picture as soon as it is there, then the result.")
@click.option(
    "-o", "--output", type=Target(path_type=Path), help="A file NAME.mp4, or a folder. [default: out/clip-…/clip.mp4]"
)
@click.option("-s", "--save-last-frame", "last_frame", is_flag=True, help="Save only the last frame, as a PNG.")
@click.option("--sheet", is_flag=True, help="Also make a contact sheet: the last frame of every shot.")
@click.option("--stills", is_flag=True, help="Save only the last frame of every shot, as PNG files, and a sheet.")
@claims_option
@cache_option
@click.option("--force", is_flag=True, help="Render everything again, whatever is in the cache.")
@jobs_option
@click.option("--cluster", metavar="ADDRESS", help="Draw on a Dask cluster: tcp://…, or `local` for one started here.")
def command(
    sentence: str | None,
    settings: tuple[str, ...],
    listing: bool,
    storyboard: Path | None,
    batch: Path | None,
    page: bool,
    preview: bool,
    **options: Any,
) -> Made | None:
    """Make a film of what attention does with a sentence.

    \b
    attnviz clip "she peeled an orange and an apple"
    attnviz clip "the animal didn't cross the street because it was too tired" --word it --model minilm
    attnviz clip --batch sentences.csv -o clips

    Word and head are chosen by measures, which the film names, unless they are given. The storyboard that is written
    beside the film can be changed, and rendered again by `attnviz render`.
    """
    if listing:
        list_templates()
        return None
    if (sentence is None) is (batch is None):
        raise click.UsageError("Give a sentence, or --batch FILE.")
    if page and batch is None and (storyboard or options["last_frame"] or options["stills"]):
        raise click.UsageError("--page shows a film: leave out --storyboard, -s and --stills.")
    if batch is not None and storyboard is not None:
        raise click.UsageError("--storyboard writes one: a batch has one beside every clip.")
    allow_no_home()
    asked = {name: options.pop(name) for name in _REQUESTED} | {"parameters": settings_of(settings)}
    from attnviz.render.traces.process import helper_kept
    from attnviz.voice.process import speakers_kept

    with helper_kept(), speakers_kept():  # it imports torch while all else is read and imported here
        from attnviz.clips.request import ClipRequest

        if batch is not None:
            make_all(batch, ClipRequest("", **asked), options, preview=preview)
            return None
        return make_one(ClipRequest(str(sentence), **asked), storyboard, options, page=page, preview=preview)


def make_one(
    request: ClipRequest, storyboard: Path | None, options: dict[str, Any], *, page: bool, preview: bool
) -> Made | None:
    """Make one clip, and its page, or write its storyboard."""
    from attnviz.clips.make import filled, make_clip, storyboard_of
    from attnviz.page.make import check_page

    wish, files = wish_of(Path("out") / request.name / CLIP, **options)
    if storyboard is not None:
        with ended_politely():
            click.echo(f"wrote {filled(request, storyboard, wish)}")
        return None
    if page:
        check_page(wish, files)
    with ended_politely(), Bar() as bar:
        made = make_clip(request, wish, files, bar, show if preview and files.film else None, page=page)
    tell(made, wish, files, storyboard_of(files))
    if page:
        click.echo(f"{page_of(files)}: its page")
    if preview:
        show(page_of(files) if page else made.files[0])
    return made


def make_all(source: Path, usual: ClipRequest, options: dict[str, Any], *, preview: bool) -> None:
    """Make the clips of a batch; raises `ProblemsFound`, when the others are made, for rows that cannot be."""
    from attnviz.clips.batch import make_batch
    from attnviz.clips.rows import read_rows

    output = options["output"] or Path("out") / f"clips-{source.stem}"
    if output.suffix:
        raise ProblemsFound(Problem(f"--output {output}: the clips of a batch go into a folder", hint="name a folder"))
    rows, problems = read_rows(source, usual)
    wish, files = wish_of(output / CLIP, **options | {"output": output})
    with ended_politely(), Bar() as bar:
        made = make_batch(rows, source, output, wish, files, bar)
    if made.clips:
        click.echo(f"{made.page}: {made.clips} of {len(rows) + len(problems)} clips, {made.fresh} of them new")
    for name, silent in made.silent.items():
        click.echo(f"{name}: {silent}", err=True)
    if problems := [*problems, *made.problems]:
        raise ProblemsFound(problems)
    if preview:
        show(made.page)


def settings_of(given: tuple[str, ...]) -> dict[str, str]:
    """Return parameters as they were given, `name=value`; raises `ProblemsFound`."""
    settings = {}
    for each in given:
        name, sign, value = each.partition("=")
        if not sign:
            raise ProblemsFound(Problem(f"--set {each}: there is no value", hint="write it like --set name=value"))
        settings[name.strip()] = value
    return settings


def list_templates() -> None:
    """Print every template: its name, what it is about, and its parameters; raises `ProblemsFound` for bad ones."""
    from attnviz.clips.template import read_template, templates

    for path in templates(Path.cwd()).values():
        template = read_template(path)
        click.echo(f"{template.name:10} {template.about}")
        for name, parameter in template.parameters.items():
            kind = " | ".join(parameter.choices or [parameter.type])
            click.echo(f"{'':10} --set {name}={parameter.default}   {parameter.about} ({kind})")
