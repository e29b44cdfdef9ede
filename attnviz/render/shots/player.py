"""Plays the shots of one scene: undrawn, to learn what they do, or drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Self, cast

from attnviz.render.cache.steps import Step
from attnviz.render.shots.beats import Beat, beats_of
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
    from attnviz.render.shots.said import Said
    from attnviz.render.shots.selection import PlannedShot
    from attnviz.render.shots.work import SceneWork, Work
    from attnviz.stage.receipts import Receipt
    from attnviz.stage.scene import Stage


@dataclass(frozen=True)
class Performance:
    """A shot as it was played: frames, receipts (their times since the shot began), and what stands on the stage.

    `faults` are those of the layout at the end, and of the moments in the middle of plays, if these were watched.
    `pointed` tells from when to when something was pointed at, in seconds since the shot began.
    """

    frames: int
    receipts: tuple[Receipt, ...]
    layout: tuple[Placed, ...]
    faults: tuple[str, ...]
    pointed: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Clock:
    """Tells how late it is in a shot that keeps step with its words, by the frames of one that never stands still.

    `plays` are the frames at which its plays begin and end, and `in_step` those at which they do when they keep step.
    """

    fps: int
    plays: tuple[tuple[int, int], ...]
    in_step: tuple[tuple[int, int], ...]

    def at_start(self, frame: int) -> int:
        """Return at which frame a play starts."""
        return dict(zip((was for was, _ in self.plays), (now for now, _ in self.in_step), strict=True))[frame]

    def at_end(self, frame: int) -> int:
        """Return at which frame a play ends, or something that comes after the last one."""
        if not self.plays:
            return frame
        ends = dict(zip((was for _, was in self.plays), (now for _, now in self.in_step), strict=True))
        return ends.get(frame, self.in_step[-1][1] + frame - self.plays[-1][1])

    def put_forward(self, receipt: Receipt, *, carried: bool) -> Receipt:
        """Return a receipt with the stillness counted in; what is `carried` over is there from the start."""
        ways = []
        for way in receipt.ways:
            left, arrived = self._start(way.start), self._end(way.end)
            ways.append(replace(way, start=left, end=arrived))
        start = 0.0 if carried else self._start(receipt.start)
        return replace(receipt, start=start, end=self._end(receipt.end), ways=tuple(ways))

    def _start(self, seconds: float) -> float:
        return self.at_start(round(seconds * self.fps)) / self.fps

    def _end(self, seconds: float) -> float:
        return self.at_end(round(seconds * self.fps)) / self.fps


def clock_of(timing: Timing, plays: Sequence[tuple[float, float]], renderer: StageRenderer) -> Clock:
    """Return the clock of a shot whose plays, without any stillness, take from when to when, in seconds."""
    fps = renderer.format.fps
    were = tuple((round(begins * fps), round(ends * fps)) for begins, ends in plays)
    now = were[0][0] if were else 0
    in_step = []
    for place, (begins, ends) in enumerate(were):
        start, pace = now, 1.0
        if place < len(timing.starts):
            start, pace = max(now, round(timing.starts[place] * fps)), timing.paces[place]
        now = start + renderer.paced(ends - begins, pace)
        in_step.append((start, now))
    return Clock(fps, were, tuple(in_step))


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
        play = self._renderer.num_plays
        before = self._before if play == self._play else None
        now = moment(scene.get_mobject_family_members(), before)
        if before is not None:
            self.faults += passing_faults(before, now)
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
        return self._step(0.0, (), None)

    def play(self, planned: PlannedShot, timing: Timing) -> Step:
        """Play a shot undrawn, without its stillness, and return what was learnt.

        Where things move by the clock, the stillness at the end is played too: they go on in it.
        """
        with self._failures_told(planned):
            self._begin(planned)
            moved, beats = self.renderer.frames / self.renderer.format.fps, beats_of(self.stage)
            timed = keeps_time(self.stage)
            if timed:
                self.stage.hold(timing.rest_after(moved))
            self.stage.end_shot()
        return self._step(moved, beats, timing.rest_after(moved) if timed else None)

    def perform(
        self,
        planned: PlannedShot,
        timing: Timing,
        segments: ShotSegments | None = None,
        on_play: Callable[[int], None] = lambda plays: None,
    ) -> Performance:
        """Play a shot in step with its words, drawn if there are `segments`. `on_play` is called after each play."""
        stage, renderer = self.stage, self.renderer
        renderer.segments = segments
        with self._failures_told(planned):
            self._begin(planned, timing, on_play)
            played = renderer.frames / renderer.format.fps
            stage.rest(timing.rest_after(played), timing.cues)
            receipts = tuple(stage.end_shot())
        renderer.segments = None
        return Performance(renderer.frames, receipts, *seen_at_rest(stage), tuple(stage.pointing_times))

    def rehearse(self, planned: PlannedShot, said: Said, timing: Timing) -> Performance:
        """Play a shot once, undrawn, and return it as `perform` would: its stillness is counted in afterwards.

        `perform` must be told beforehand when plays start, which follows from how long they take. But nothing changes
        while a shot stands still, so the clock is all that has to be put forward.
        """
        stage, renderer = self.stage, self.renderer
        with self._failures_told(planned), Watch(renderer) as watch:
            self._begin(planned)
            fps, moved = renderer.format.fps, renderer.frames
            timing = timing.in_step(said, beats_of(stage), timed=keeps_time(stage))
            clock = clock_of(timing, stage.beat_times, renderer)
            stage.hold(timing.rest_after(clock.at_end(moved) / fps))
            found = stage.end_shot()
            pairs = zip(found, stage.carried, strict=True)
            receipts = tuple(clock.put_forward(receipt, carried=carried) for receipt, carried in pairs)
        layout, faults = seen_at_rest(stage)
        return Performance(clock.at_end(renderer.frames), receipts, layout, (*faults, *watch.faults))

    def _begin(
        self,
        planned: PlannedShot,
        timing: Timing | None = None,
        on_play: Callable[[int], None] = lambda plays: None,
    ) -> None:
        """Begin a shot, its clock at zero, and play its verb, in step with its words if there is a timing."""
        stage, renderer = self.stage, self.renderer
        renderer.restart_clock()
        wait = partial(self._wait, timing) if timing else lambda plays: None
        stage.begin_shot(planned.shot.id, on_play, wait)
        stage.perform(planned.shot.verb, planned.shot.arguments)
        renderer.pace = 1.0

    def _wait(self, timing: Timing, plays: int) -> None:
        """Before the play that comes after so many, stand still until its word is spoken, to the frame."""
        renderer = self.renderer
        renderer.pace = 1.0
        if plays < len(timing.starts):
            frames = round(timing.starts[plays] * renderer.format.fps) - renderer.frames
            if frames > 0:
                self.stage.rest(frames / renderer.format.fps, timing.cues)
            renderer.pace = timing.paces[plays]

    def _step(self, moved: float, beats: tuple[Beat, ...], held: float | None) -> Step:
        answers = tuple(self.stage.answers.items())
        return Step(answers, digest_of_stage(self.stage), moved, beats, held)

    def _failures_told(self, planned: PlannedShot) -> AbstractContextManager[None]:
        return scene_failures_told(self._file, planned.name, self._storyboard, planned.shot.line)
