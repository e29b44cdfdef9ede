"""Performs a storyboard: plays the verbs of its scenes and holds each shot while its narration is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from attnviz.render.encoder import FilmFormat
from attnviz.render.renderer import StageRenderer
from attnviz.render.say import narration_of
from attnviz.render.scene_files import child_failures_told, load_stage, scene_failures_told
from attnviz.render.selection import PlannedScene, PlannedShot, plan
from attnviz.render.studio import studio
from attnviz.render.trace_process import Traces, compute, order
from attnviz.stage.layout import Placed, placed
from attnviz.stage.receipts import Receipt
from attnviz.storyboard.length import PAUSE
from attnviz.storyboard.narration import reading_seconds

if TYPE_CHECKING:
    from attnviz.render.reel import Reel
    from attnviz.storyboard.types import Storyboard

LONGEST_BREATH = 1.2  # seconds of stillness between two plays of a shot
SPREAD = 0.6  # the share of the time left by a shot's motion that goes between its plays
REHEARSAL_FORMAT = FilmFormat(1920, 1080, 60)


@dataclass(frozen=True)
class PerformedShot:
    """A shot that was played. Frames are counted since the film began, the receipts' times since the scene began."""

    name: str
    chapter: str
    narration: str
    scene_start: int  # in frames, since the scene began
    film_start: int
    frames: int
    receipts: tuple[Receipt, ...]
    layout: tuple[Placed, ...]
    picture: Path | None


def rehearse(storyboard: Storyboard, only: Sequence[str] = ()) -> list[PerformedShot]:
    """Play shots without drawing them; computes the traces in this process."""
    scenes = plan(storyboard, only)
    traces = compute(order(storyboard, [scene.spec for scene in scenes]))
    with studio(REHEARSAL_FORMAT):
        return perform(storyboard, scenes, traces, REHEARSAL_FORMAT)


def perform(
    storyboard: Storyboard,
    scenes: Sequence[PlannedScene],
    traces: Sequence[Traces],
    film_format: FilmFormat,
    reel: Reel | None = None,
    *,
    words_per_minute: float | None = None,
    on_shot: Callable[[PerformedShot], None] = lambda shot: None,
) -> list[PerformedShot]:
    """Play scenes in a studio, draw the wanted shots on `reel` (if there is one), and return those.

    Raises `ProblemsFound`, with the place in the storyboard or in the scene file.
    """
    performed: list[PerformedShot] = []
    frames = 0
    for scene, scene_traces in zip(scenes, traces, strict=True):
        breaths = breaths_of(Performance(storyboard, scene, scene_traces, film_format, None, words_per_minute))
        performance = Performance(storyboard, scene, scene_traces, film_format, reel, words_per_minute)
        for planned in scene.shots:
            shot = performance.play(planned, frames, breaths[planned.shot.id])
            if planned.wanted:
                frames += shot.frames
                performed.append(shot)
                on_shot(shot)
    if reel is not None:
        with child_failures_told():
            reel.finish()
    return performed


@dataclass(frozen=True)
class Breath:
    """The stillness after each of a shot's plays, in seconds, and how many plays there are."""

    seconds: float
    plays: int


def breaths_of(trial: Performance) -> dict[str, Breath]:
    """Play a scene once without drawing it, and spread over each shot's plays what its narration takes longer.

    So the picture does not run ahead of what is said, only to stand still for the rest of it.
    """
    breaths = {}
    for planned in trial.shots:
        seconds, unread, plays = trial.try_out(planned)
        gaps = max(1, plays - 1)
        breaths[planned.shot.id] = Breath(min(LONGEST_BREATH, SPREAD * max(0.0, unread - seconds) / gaps), plays)
    return breaths


class Performance:
    """One scene being played, shot after shot."""

    def __init__(
        self,
        storyboard: Storyboard,
        scene: PlannedScene,
        traces: Traces,
        film_format: FilmFormat,
        reel: Reel | None,
        words_per_minute: float | None,
    ) -> None:
        self._storyboard, self._scene, self._traces, self._reel = storyboard, scene, traces, reel
        self._words_per_minute = words_per_minute or storyboard.words_per_minute
        self._renderer = StageRenderer(film_format)
        spec = scene.spec
        with scene_failures_told(spec.file, scene.name, storyboard.path, spec.line):
            stage_class = load_stage(spec.file, spec.class_name)
            self._stage = stage_class(title=_heading(scene), traces=traces, focus=spec.focus, renderer=self._renderer)

    @property
    def shots(self) -> Sequence[PlannedShot]:
        """The shots of the scene."""
        return self._scene.shots

    def try_out(self, planned: PlannedShot) -> tuple[float, float, int]:
        """Play one shot bare: return how long it moves, how long its narration is read (seconds), how many plays."""
        start = self._renderer.frames
        with self._failures_told(planned):
            narration = self._begin(planned)
            plays = self._stage.plays
            self._stage.end_shot()
        moved = (self._renderer.frames - start) / self._renderer.format.fps
        return moved, reading_seconds(narration, self._words_per_minute), plays

    def play(self, planned: PlannedShot, film_start: int, breath: Breath) -> PerformedShot:
        """Play one shot, drawn if it is wanted, and hold it while its narration is read."""
        shot, stage, renderer = planned.shot, self._stage, self._renderer
        renderer.reel = self._reel if planned.wanted else None
        if self._reel is not None:
            self._reel.label = planned.name
        start = renderer.frames
        with child_failures_told(), self._failures_told(planned):
            stage.breathe(breath.seconds, breath.plays)
            narration = self._begin(planned)
            played = (renderer.frames - start) / renderer.format.fps
            unread = max(0.0, reading_seconds(narration, self._words_per_minute) - played)
            stage.hold(unread + PAUSE + shot.hold)
            receipts = tuple(stage.end_shot())
            picture = self._picture(planned)
        return PerformedShot(
            planned.name,
            self._scene.chapter.title,
            narration,
            start,
            film_start,
            renderer.frames - start,
            receipts,
            tuple(placed(stage.get_mobject_family_members())),
            picture,
        )

    def _begin(self, planned: PlannedShot) -> str:
        """Begin a shot and play its verb; return what is said."""
        shot = planned.shot
        narration = narration_of(shot.narration, self._traces, self._storyboard.decimals)
        self._stage.begin_shot(shot.id)
        getattr(self._stage, shot.verb)(**shot.arguments)
        return narration

    def _failures_told(self, planned: PlannedShot) -> AbstractContextManager[None]:
        return scene_failures_told(self._scene.spec.file, planned.name, self._storyboard.path, planned.shot.line)

    def _picture(self, planned: PlannedShot) -> Path | None:
        """Have the shot's last frame drawn, where pictures are wanted."""
        if not planned.wanted or self._reel is None or not self._reel.pictures:
            return None
        return self._reel.picture(lambda path: self._renderer.save_frame(self._stage, path))


def _heading(scene: PlannedScene) -> str:
    """Return what stands over a scene: its chapter, and its own title if it has one."""
    chapter, title = scene.chapter.title, scene.spec.title
    return chapter if title == chapter else f"{chapter} · {title}"
