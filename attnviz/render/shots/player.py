"""Plays the shots of one scene: undrawn, to learn what they do, or drawn."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self, cast

from attnviz.render.cache.steps import Step
from attnviz.render.shots.fingerprint import digest_of_stage
from attnviz.render.shots.renderer import StageRenderer, keeps_time
from attnviz.render.shots.scene_files import load_stage, scene_failures_told
from attnviz.render.shots.timing import Timing
from attnviz.stage.layout import Placed, faults, placed, strays
from attnviz.stage.moments import Moment, moment, passing_faults

if TYPE_CHECKING:
    from manim import Scene

    from attnviz.render.film.format import FilmFormat
    from attnviz.render.shots.renderer import ShotSegments
    from attnviz.render.shots.selection import PlannedShot
    from attnviz.render.shots.work import SceneWork, Work
    from attnviz.stage.receipts import Receipt
    from attnviz.stage.scene import Stage


@dataclass(frozen=True)
class Performance:
    """A shot as it was played: frames, receipts (their times since the shot began), and what stands on the stage.

    `faults` are those of the layout at the end, and of the moments in the middle of plays, if these were watched.
    """

    frames: int
    receipts: tuple[Receipt, ...]
    layout: tuple[Placed, ...]
    faults: tuple[str, ...]


@dataclass(frozen=True)
class Clock:
    """Tells how late it is in a shot that stands still for `breath` frames at each of its `breaks`.

    `breaks` are the frames at which its plays end, but for the last, counted without the stillness.
    """

    fps: int
    breath: int
    breaks: tuple[int, ...]

    def at_start(self, frame: int) -> int:
        """Return at which frame something starts: a play starts when the stillness before it is over."""
        return frame + self.breath * sum(each <= frame for each in self.breaks)

    def at_end(self, frame: int) -> int:
        """Return at which frame something ends: a play ends before the stillness after it."""
        return frame + self.breath * sum(each < frame for each in self.breaks)

    def put_forward(self, receipt: Receipt) -> Receipt:
        """Return a receipt with the stillness counted in."""
        start, end = self._put_forward(receipt.start, receipt.end)
        ways = []
        for way in receipt.ways:
            left, arrived = self._put_forward(way.start, way.end)
            ways.append(replace(way, start=left, end=arrived))
        return replace(receipt, start=start, end=end, ways=tuple(ways))

    def _put_forward(self, start: float, end: float) -> tuple[float, float]:
        first, last = self.at_start(round(start * self.fps)), self.at_end(round(end * self.fps))
        return first / self.fps, last / self.fps


class Watch:
    """Looks at moments in the middle of plays, as long as the `with` block lasts.

    `faults` are what a picky viewer would object to in what was seen.
    """

    def __init__(self, renderer: StageRenderer) -> None:
        self._renderer = renderer
        self._play, self._before = -1, Moment({}, {})
        self.faults: list[str] = []

    def __enter__(self) -> Self:
        self._renderer.watch = self._look
        return self

    def __exit__(self, *failure: object) -> None:
        self._renderer.watch = None

    def _look(self, scene: Scene) -> None:
        now, play = moment(scene.get_mobject_family_members()), self._renderer.num_plays
        if play == self._play:
            self.faults += passing_faults(self._before, now)
        self._play, self._before = play, now


def seen_at_rest(stage: Stage) -> tuple[tuple[Placed, ...], tuple[str, ...]]:
    """Return what stands on a stage, and what a picky viewer would object to in it."""
    family = stage.get_mobject_family_members()
    texts = tuple(placed(family))
    return texts, tuple(dict.fromkeys([*faults(texts), *strays(family)]))


class Player:
    """One scene being played, shot after shot. Raises `ProblemsFound`, with the place in storyboard or scene file.

    `before` has played the scene before it on the same board, if there is one, to its end.
    """

    def __init__(self, work: Work, scene: SceneWork, before: Player | None = None) -> None:
        self._storyboard, self._file, self._scene = work.storyboard.path, scene.spec.file, scene
        self._before = before
        with scene_failures_told(scene.spec.file, scene.name, self._storyboard, scene.spec.line):
            resumed = before._of_scene(scene.resumes) if before and scene.resumes else None
            self.stage: Stage = resumed.stage if resumed else self._made(work.format)
            if before:
                self.stage.take_over(before.stage, scene.heading)

    @property
    def renderer(self) -> StageRenderer:
        """The renderer of the scene's stage."""
        return cast("StageRenderer", self.stage.renderer)

    def _made(self, film_format: FilmFormat) -> Stage:
        spec, traces = self._scene.spec, self._scene.traces.load()
        stage_class = load_stage(spec.file, spec.class_name)
        renderer = StageRenderer(film_format)
        return stage_class(title=self._scene.heading, traces=traces, focus=spec.focus, renderer=renderer)

    def _of_scene(self, name: str) -> Player | None:
        """Return the player of a scene on the board: this one, or one before."""
        player: Player | None = self
        while player is not None and player._scene.name != name:
            player = player._before
        return player

    def entered(self) -> Step:
        """Return what was learnt by making the stage, before any shot is played."""
        return self._step(0.0, 0, None)

    def play(self, planned: PlannedShot, timing: Timing) -> Step:
        """Play a shot undrawn, without its stillness, and return what was learnt.

        Where things move by the clock, the stillness at the end is played too: they go on in it.
        """
        with self._failures_told(planned):
            self._begin(planned)
            moved, plays = self.renderer.frames / self.renderer.format.fps, self.stage.plays
            timed = keeps_time(self.stage)
            if timed:
                self.stage.hold(timing.rest_after(moved))
            self.stage.end_shot()
        return self._step(moved, plays, timing.rest_after(moved) if timed else None)

    def perform(
        self,
        planned: PlannedShot,
        timing: Timing,
        segments: ShotSegments | None = None,
        on_play: Callable[[int], None] = lambda plays: None,
    ) -> Performance:
        """Play a shot with its stillness; it is drawn if there are `segments`. `on_play` is called after each play."""
        stage, renderer = self.stage, self.renderer
        renderer.segments = segments
        with self._failures_told(planned):
            self._begin(planned, timing, on_play)
            played = renderer.frames / renderer.format.fps
            stage.hold(timing.rest_after(played))
            receipts = tuple(stage.end_shot())
        renderer.segments = None
        return Performance(renderer.frames, receipts, *seen_at_rest(stage))

    def rehearse(self, planned: PlannedShot, timing: Timing) -> Performance:
        """Play a shot once, undrawn, and return it as `perform` would: its stillness is counted in afterwards.

        `perform` must be told beforehand for how long to stand still between plays, which follows from how long they
        take. But nothing changes while a shot stands still, so the clock is all that has to be put forward.
        """
        stage, renderer, ends = self.stage, self.renderer, list[int]()
        with self._failures_told(planned), Watch(renderer) as watch:
            self._begin(planned, on_play=lambda plays: ends.append(renderer.frames))
            fps, moved, plays = renderer.format.fps, renderer.frames, stage.plays
            breath = timing.spread(moved / fps, plays, timed=keeps_time(stage)).breath
            clock = Clock(fps, renderer.frames_of(breath) if breath > 0 else 0, tuple(ends[: plays - 1]))
            stage.hold(timing.rest_after(clock.at_end(moved) / fps))
            receipts = tuple(clock.put_forward(receipt) for receipt in stage.end_shot())
        layout, found = seen_at_rest(stage)
        return Performance(clock.at_end(renderer.frames), receipts, layout, (*found, *watch.faults))

    def _begin(
        self,
        planned: PlannedShot,
        timing: Timing | None = None,
        on_play: Callable[[int], None] = lambda plays: None,
    ) -> None:
        """Begin a shot, its clock at zero, and play its verb."""
        self.renderer.restart_clock()
        self.stage.begin_shot(planned.shot.id, on_play)
        if timing is not None:
            self.stage.breathe(timing.breath, timing.plays)
        self.stage.perform(planned.shot.verb, planned.shot.arguments)

    def _step(self, moved: float, plays: int, held: float | None) -> Step:
        answers = tuple(self.stage.answers.items())
        return Step(answers, digest_of_stage(self.stage), moved, plays, held)

    def _failures_told(self, planned: PlannedShot) -> AbstractContextManager[None]:
        return scene_failures_told(self._file, planned.name, self._storyboard, planned.shot.line)
