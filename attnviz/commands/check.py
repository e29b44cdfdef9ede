"""`attnviz check`: everything that is wrong with storyboards, all at once, without rendering."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from attnviz.commands._ending import ended_politely
from attnviz.commands._options import accept_changed_option, allow_no_home, cache_option, claims_option, film_format
from attnviz.input.in_words import counted, duration
from attnviz.input.problems import Problem, ProblemsFound

if TYPE_CHECKING:
    from attnviz.render.shots.claims import ClaimMode, TriedClaim
    from attnviz.storyboard import Storyboard


@click.command()
@click.argument("storyboards", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--deep", is_flag=True, help="Run the model and play every shot, too: finds all that `render` would refuse."
)
@claims_option
@cache_option
@accept_changed_option
def command(storyboards: tuple[Path, ...], deep: bool, claims: ClaimMode, cache: Path) -> None:
    """Report everything that is wrong with storyboards, without rendering.

    Claims are tried on the numbers of models that are in the cache already.
    """
    from attnviz.render.opening import open_storyboard

    allow_no_home()
    problems: list[Problem] = []
    for path in storyboards:
        try:
            storyboard = open_storyboard(path)
            if deep:
                play_undrawn(storyboard, cache)
            report = summary(storyboard)
            if told := claims_told(storyboard, cache, claims):
                report += f"; {told}"
        except ProblemsFound as found:
            problems += found.problems
        else:
            for note in [*notes(storyboard), *strange_recordings(storyboard)]:
                click.echo(note, err=True)
            if deep or told:  # numbers have been looked at
                for note in out_of_step_notes(storyboard, cache):
                    click.echo(note, err=True)
            click.echo(report if len(storyboards) == 1 else f"{path}: {report}")
    if problems:
        raise ProblemsFound(problems)


def claims_told(storyboard: Storyboard, cache: Path, mode: ClaimMode) -> str:
    """Try the claims of a storyboard, and return in words how many hold, and how many cannot be told yet.

    Those that do not hold are raised as `ProblemsFound`, or else printed.
    """
    count = sum(len(shot.claims) for shot in storyboard.shots())
    if mode == "off" or not count:
        return ""
    tried = _tried(storyboard, cache) if cache.is_dir() else []
    told = []
    if tried:
        from attnviz.render.shots.claims import stopped, untrue

        problems = untrue(tried, storyboard.path)
        if problems and mode == "stop":
            raise stopped(problems)
        for problem in problems:
            click.echo(f"warning: {problem}", err=True)
        holding = len(tried) - len(problems)
        told = [f"{counted(holding, 'claim')} hold{'s' if holding == 1 else ''}", f"{len(problems)} not"]
        told = told if problems else told[:1]
    if untried := count - len(tried):
        told.append(f"{counted(untried, 'claim')} not tried, as the model has not been run yet")
    return ", ".join(told)


def _tried(storyboard: Storyboard, cache: Path) -> list[TriedClaim]:
    """Return the claims of scenes whose traces are in the cache, tried. Neither torch nor Manim is imported."""
    from attnviz.render.cache.sources import Sources
    from attnviz.render.cache.store import Store
    from attnviz.render.shots.claims import ClaimTrial, claim_code
    from attnviz.render.shots.selection import select
    from attnviz.render.traces.library import TraceLibrary

    store = Store(cache)
    sources = Sources(store)
    scenes = [scene for scene in select(storyboard) if any(shot.shot.claims for shot in scene.shots)]
    library = TraceLibrary(storyboard, [scene.spec for scene in scenes], store, sources)
    trial = ClaimTrial(storyboard, store, claim_code(sources))
    there = [(scene, kept) for scene in scenes if (kept := library.kept(scene.spec))]
    return [each for scene, kept in there for each in trial.of_scene(scene, kept)]


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
        counted(len(storyboard.chapters), "chapter"),
        counted(sum(1 for _ in storyboard.scenes()), "scene"),
        counted(sum(1 for _ in storyboard.shots()), "shot"),
    ]
    choices = "".join(f"; model: {choice}" for choice in storyboard.choices())
    return f"ok: {', '.join(counts)}, about {duration(about_seconds(storyboard))}{choices}"


def notes(storyboard: Storyboard) -> list[str]:
    """Return how to get the models that a storyboard would rather have than those that were taken, each once."""
    missing = []
    for choice in storyboard.choices():
        for problem in choice.missing:
            message = f"{problem.message}, so '{choice.taken}' is taken"
            missing.append(f"note: {replace(problem, message=message, file=storyboard.path)}")
    return list(dict.fromkeys(missing))


def strange_recordings(storyboard: Storyboard) -> list[str]:
    """Return what is told of recordings that are of no shot; raises `ProblemsFound` if there is no such folder."""
    if storyboard.voice.recordings is None:
        return []
    from attnviz.render.shots.voices import recordings_of

    return [f"note: {problem}" for problem in recordings_of(storyboard, storyboard.voice.recordings).strangers]


def out_of_step_notes(storyboard: Storyboard, cache: Path) -> list[str]:
    """Return which numbers come too late or too early for their word, of the shots that were played before.

    They are played by `render`, or by `--deep`; speech that is not in the cache is taken to be as fast as one reads.
    """
    if not cache.is_dir():
        return []
    from attnviz.render.cache.sources import Sources
    from attnviz.render.cache.store import store_to_plan_with
    from attnviz.render.shots.selection import select
    from attnviz.render.traces.library import TraceLibrary

    scenes = select(storyboard)
    with store_to_plan_with(cache) as store:
        sources = Sources(store)
        library = TraceLibrary(storyboard, [scene.spec for scene in scenes], store, sources)
        traces = [kept for scene in scenes if (kept := library.kept(scene.spec))]
        if len(traces) < len(scenes):
            return []
        from attnviz.publish.in_step import told_off
        from attnviz.render.cache.products import Wanted
        from attnviz.render.shots.schedule import out_of_step
        from attnviz.render.shots.voices import speeches_of
        from attnviz.render.shots.work import work_on

        speeches = speeches_of(storyboard, store, None, None, speak=False)
        work = work_on(storyboard, scenes, traces, film_format("h"), store, sources, Wanted(), speeches)
        return [
            f"note: {storyboard.path}:{shot.planned.shot.line}: {told_off(*off)}"
            for scene in work.scenes
            for shot in scene.known
            for off in out_of_step(shot.said, shot.step.beats, shot.timing.starts, shot.timing.paces)
        ]
