"""`attnviz script`: what is said, shot by shot, as a sheet to read from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from attnviz.commands._ending import ended_politely
from attnviz.commands._options import Target, accept_changed_option, allow_no_home, cache_option

if TYPE_CHECKING:
    from attnviz.publish.script import ScriptShot, SheetFormat
    from attnviz.render.shots.selection import PlannedScene
    from attnviz.render.traces.library import SceneTraces
    from attnviz.storyboard import Storyboard
    from attnviz.storyboard.narration import Insert


@click.command()
@click.argument("storyboard", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=Target(dir_okay=False, path_type=Path), metavar="FILE", help="Write it to a file.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown"]),
    help="How it is written. [default: markdown for a file .md, else text]",
)
@click.option("--deep", is_flag=True, help="Run the model for numbers that are not in the cache yet.")
@click.option("--only", multiple=True, metavar="CHAPTER[/SCENE[/SHOT]]", help="Only this part. Repeatable.")
@cache_option
@accept_changed_option
def command(
    storyboard: Path, output: Path | None, form: SheetFormat | None, deep: bool, only: tuple[str, ...], cache: Path
) -> None:
    """Write the sheet to read from: what is said in each shot.

    Each shot has its name, which a recording of it is called by, the time that it takes to read, and its text: with
    numbers where the model has been run already (or with --deep), and with its marks, which are not read aloud.
    """
    from attnviz.input.whole_files import check_writable, replacing
    from attnviz.publish.script import script_sheet
    from attnviz.render.opening import open_storyboard

    allow_no_home()
    opened = open_storyboard(storyboard)
    if output is not None:
        check_writable([output])
    with ended_politely():
        shots = script_of(opened, cache, only, deep=deep)
    form = form or ("markdown" if output is not None and output.suffix.lower() == ".md" else "text")
    if output is None:
        dim = _dimmed if form == "text" else str
        click.echo(script_sheet(opened.title, shots, form, dim=dim), nl=False)  # click leaves colours to terminals
    else:
        with replacing(output) as new:
            new.write_text(script_sheet(opened.title, shots, form), encoding="utf-8")
        click.echo(f"wrote {output}")
    if unknown := sum(shot.unknown for shot in shots):
        numbers = "1 number is" if unknown == 1 else f"{unknown} numbers are"
        click.echo(f"note: {numbers} not known yet, as the model has not been run; --deep runs it", err=True)


def script_of(storyboard: Storyboard, cache: Path, only: Sequence[str] = (), *, deep: bool = False) -> list[ScriptShot]:
    """Return what is said in the chosen shots; numbers that are not in the cache are computed if it is to be `deep`.

    Raises `ProblemsFound` for what names no shot, and for a model that cannot be run.
    """
    from attnviz.publish.script import script_shot
    from attnviz.render.shots.selection import select

    scenes = select(storyboard, only)
    values = _values(storyboard, scenes, cache, deep=deep)
    return [
        script_shot(
            shot.name,
            scene.chapter.title,
            shot.shot.narration,
            value and value(shot.shot.line),
            decimals=storyboard.decimals,
            words_per_minute=storyboard.words_per_minute,
        )
        for scene, value in zip(scenes, values, strict=True)
        for shot in scene.shots
        if shot.wanted
    ]


Values = Callable[[int], "Callable[[Insert], float]"]  # by the line of a shot, which is told if something is wrong


def _values(storyboard: Storyboard, scenes: Sequence[PlannedScene], cache: Path, *, deep: bool) -> list[Values | None]:
    """Return for each scene how its numbers are looked up, or None where they are not known."""
    from attnviz.storyboard.narration import Insert

    saying = [
        any(isinstance(piece, Insert) for shot in scene.shots for piece in shot.shot.narration) for scene in scenes
    ]
    there = iter(_traces(storyboard, [scene for scene, says in zip(scenes, saying, strict=True) if says], cache, deep))
    traces = [next(there) if says else None for says in saying]
    return [None if each is None else _lookup(each, storyboard) for each in traces]


def _traces(
    storyboard: Storyboard, scenes: Sequence[PlannedScene], cache: Path, deep: bool
) -> Sequence[SceneTraces | None]:
    """Return what scenes can read. Unless it is to be computed, neither torch nor Manim is imported."""
    if not scenes or not (deep or cache.is_dir()):
        return [None] * len(scenes)
    from attnviz.render.cache.sources import Sources
    from attnviz.render.cache.store import Store
    from attnviz.render.traces.library import TraceLibrary

    store = Store(cache)
    library = TraceLibrary(storyboard, [scene.spec for scene in scenes], store, Sources(store))
    if not deep:
        return [library.kept(scene.spec) for scene in scenes]
    if library.missing.wanted:
        store.check_writable()
    with library:
        return library.scenes()


def _lookup(traces: SceneTraces, storyboard: Storyboard) -> Values:
    from attnviz.input.problems import ProblemsFound, placed
    from attnviz.render.shots.narrate import entries_said

    def at(line: int) -> Callable[[Insert], float]:
        def value(insert: Insert) -> float:
            try:
                return float(entries_said(insert, traces.load()).values.item())
            except ProblemsFound as found:
                raise ProblemsFound(placed(each, storyboard.path, line) for each in found.problems) from None

        return value

    return at


def _dimmed(text: str) -> str:
    return click.style(text, dim=True)
