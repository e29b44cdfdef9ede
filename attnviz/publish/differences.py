"""Two models, one storyboard: which shots differ, in which numbers, and how that looks side by side."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from attnviz.input.problems import Problem, ProblemsFound
from attnviz.render.cache.products import Wanted
from attnviz.render.cache.steps import plain_answers
from attnviz.render.run import SILENT, Progress, Wish, chosen_scenes, draw_missing, found_out, open_work
from attnviz.render.shots.changes import ChangedNumber, changed_numbers

if TYPE_CHECKING:
    from attnviz.render.shots.work import Work
    from attnviz.storyboard.types import Storyboard


@dataclass(frozen=True)
class ChangedShot:
    """A shot that differs between two models, and the numbers it reads that differ, the largest change first.

    `numbers` is empty if only the picture it begins with, or its narration, differs.
    """

    name: str
    numbers: tuple[ChangedNumber, ...]


@dataclass(frozen=True)
class Comparison:
    """What two models make of a storyboard."""

    old: Work
    new: Work
    changed: tuple[ChangedShot, ...]
    shots: int


def compare(storyboard: Storyboard, wish: Wish, old: str, new: str) -> Comparison:
    """Compare a storyboard's shots under two models; nothing is drawn. Raises `ProblemsFound`."""
    wish = replace(wish, wanted=Wanted(film=False))
    boards = [with_model(storyboard, model) for model in (old, new)]
    works = [found_out(open_work(board, wish, chosen_scenes(board, wish))) for board in boards]
    pairs = list(zip(*(work.wanted_shots() for work in works), strict=True))
    changed = [
        ChangedShot(one.name, tuple(changed_numbers(plain_answers(one.step), plain_answers(other.step))))
        for one, other in pairs
        if one.key != other.key
    ]
    return Comparison(works[0], works[1], tuple(changed), len(pairs))


def write_side_by_side(comparison: Comparison, path: Path, wish: Wish, progress: Progress = SILENT) -> list[Path]:
    """Draw the last frame of every changed shot with both models, old on the left, and write the sheet."""
    names = {shot.name for shot in comparison.changed}
    sides = []
    for work in (comparison.old, comparison.new):
        scenes = tuple(scene.wanting(lambda shot: shot.name in names) for scene in work.scenes)
        side = replace(work, wanted=Wanted(film=False, picture=True), scenes=scenes).followed()
        side, _ = draw_missing(side, wish, progress)
        sides.append([(shot.name, side.products.picture(shot)) for shot in side.wanted_shots()])
    from attnviz.publish.sheet import write_sheets

    pictures: list[tuple[str, bytes]] = []
    for (name, one), (_, other) in zip(*sides, strict=True):
        if one is None or other is None:
            raise ProblemsFound(Problem(f"the cache has lost a picture of {name}", hint="run this again"))
        pictures += [(f"{name} · old", one), (f"{name} · new", other)]
    new = comparison.new
    return write_sheets(path, pictures, columns=2, fonts=new.storyboard.fonts, colors=new.format.theme)


def with_model(storyboard: Storyboard, model: str) -> Storyboard:
    """Return a storyboard with another model in every scene that uses the storyboard's model."""
    chapters = tuple(
        replace(
            chapter,
            scenes=tuple(
                replace(scene, model=model, choice=None) if scene.model == storyboard.model else scene
                for scene in chapter.scenes
            ),
        )
        for chapter in storyboard.chapters
    )
    return replace(storyboard, model=model, chapters=chapters)
