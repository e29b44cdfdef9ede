"""Plays a whole storyboard undrawn: durations, receipts and layout follow, exactly as they will be on film."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from attnviz.render.cache.products import Wanted
from attnviz.render.cache.sources import Sources
from attnviz.render.cache.store import Store
from attnviz.render.film.format import FilmFormat
from attnviz.render.shots.manim_setup import studio
from attnviz.render.shots.player import Player
from attnviz.render.shots.selection import select
from attnviz.render.shots.work import SceneWork, Work, work_on
from attnviz.render.traces.library import TraceLibrary
from attnviz.stage.layout import Placed
from attnviz.stage.receipts import Receipt

if TYPE_CHECKING:
    from attnviz.storyboard.types import Storyboard

REHEARSAL_FORMAT = FilmFormat(1920, 1080, 60)


@dataclass(frozen=True)
class RehearsedShot:
    """A shot that was played. Frames are counted since the film began, the receipts' times since the shot began."""

    name: str
    chapter: str
    narration: str
    film_start: int
    frames: int
    receipts: tuple[Receipt, ...]
    layout: tuple[Placed, ...]


def rehearse(storyboard: Storyboard, only: Sequence[str] = ()) -> list[RehearsedShot]:
    """Play shots without drawing them; computes the traces in this process. Raises `ProblemsFound`."""
    scenes = select(storyboard, only)
    with tempfile.TemporaryDirectory(prefix="attnviz-rehearsal-") as folder:
        store = Store(Path(folder))
        sources = Sources(store)
        traces = TraceLibrary(storyboard, [scene.spec for scene in scenes], store, sources).scenes()
        work = work_on(storyboard, scenes, traces, REHEARSAL_FORMAT, store, sources, Wanted(film=False))
        rehearsed: list[RehearsedShot] = []
        with studio(work.format):
            for scene in work.scenes:
                _rehearse_scene(work, scene, rehearsed)
        return rehearsed


def _rehearse_scene(work: Work, scene: SceneWork, rehearsed: list[RehearsedShot]) -> None:
    """Play every shot of a scene."""
    walk = work.walk(scene)
    player = Player(work.storyboard.path, scene.scene, scene.traces.load(), work.format)
    for planned in scene.scene.shots:
        narration, performance = walk.narration(planned), player.rehearse(planned, walk.rest(planned))
        if planned.wanted:
            start = sum(each.frames for each in rehearsed)
            rehearsed.append(
                RehearsedShot(
                    planned.name,
                    scene.scene.chapter.title,
                    narration,
                    start,
                    performance.frames,
                    performance.receipts,
                    performance.layout,
                )
            )
