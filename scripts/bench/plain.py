"""The scenes of a lecture as plain Manim scenes: what `manim render` is given to render.

They are the lecture's own classes, on Manim's own renderer. All that is added is a `construct` that plays the shots,
and durations rounded to whole frames as attnviz rounds them, so that both films have the same frames. What stood on a
shared board before a scene is played first, and not drawn, as attnviz does.
"""

from __future__ import annotations

import functools
import pickle
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from manim import config

from attnviz.render.film.format import FilmFormat
from attnviz.render.shots.renderer import StageRenderer
from attnviz.render.shots.scene_files import load_stage
from attnviz.render.traces.library import from_bytes
from attnviz.stage import theme

if TYPE_CHECKING:
    from attnviz.stage.scene import Stage
    from bench.score import Score, ScoredScene, ScoredShot

FILE = '''\
"""The scenes of a film for `manim render`."""

import sys

sys.path.insert(0, {scripts!r})

from bench.plain import on_our_ground, plain_scene

on_our_ground()
'''
CLASS = """

class {name}(plain_scene({score!r}, {number})):
    pass
"""


def write_plain_scenes(score: Score, folder: Path) -> tuple[Path, list[str]]:
    """Write a file with a scene class for each scene of a film, and return it with the classes' names."""
    pickled = folder / "score.pickle"
    pickled.write_bytes(pickle.dumps(score))
    names = [f"Scene{number:02}" for number, _ in enumerate(score.scenes)]
    classes = [CLASS.format(name=name, score=str(pickled), number=number) for number, name in enumerate(names)]
    file = folder / "plain_scenes.py"
    file.write_text(FILE.format(scripts=str(Path(__file__).resolve().parent.parent)) + "".join(classes))
    return file, names


def on_our_ground() -> None:
    """Let Manim draw on the background of our lectures."""
    config.background_color = theme.GROUND


def plain_scene(score: Path | str, number: int) -> type[Stage]:
    """Return the class that plays one scene of a film."""
    scene = _read(Path(score)).scenes[number]
    return type("Plain", (_Plays, load_stage(scene.file, scene.class_name)), {"scored": scene})


@functools.cache
def _read(score: Path) -> Score:
    read: Score = pickle.loads(score.read_bytes())  # noqa: S301 (written by `write_plain_scenes`)
    return read


def _perform(stage: Any, shot: ScoredShot) -> None:
    """Play a shot in step with its words."""
    stage.begin_shot(shot.name, before_play=functools.partial(_wait, stage, shot, float(stage.time)))
    stage.perform(shot.verb, shot.arguments)
    stage.pace = 1.0
    stage.hold(shot.hold)
    stage.end_shot()


def _wait(stage: Any, shot: ScoredShot, began: float, plays: int) -> None:
    """Before the play that comes after so many, stand still until its time has come."""
    stage.pace = 1.0
    if plays < len(shot.starts):
        rate = float(config.frame_rate)
        frames = round(shot.starts[plays] * rate) - round((stage.time - began) * rate)
        if frames > 0:
            stage.rest(frames / rate)
        stage.pace = shot.paces[plays]


def _undrawn(scene: ScoredScene) -> Stage:
    """Return the stage of a scene, to be played without drawing."""
    traces = {name: from_bytes(data) for name, data in scene.traces.items()}
    film_format = FilmFormat(config.pixel_width, config.pixel_height, round(config.frame_rate))
    stage_class = load_stage(scene.file, scene.class_name)
    return stage_class(title=scene.title, traces=traces, focus=scene.focus, renderer=StageRenderer(film_format))


class _Plays:
    """Plays the shots of a scene; mixed in before its stage."""

    scored: ClassVar[ScoredScene]
    pace = 1.0  # how many times as long as it asks for a play takes
    _is_set_up = False

    def __init__(self, renderer: Any = None) -> None:
        traces = {name: from_bytes(data) for name, data in self.scored.traces.items()}
        super().__init__(title=self.scored.title, traces=traces, focus=self.scored.focus, renderer=renderer)  # type: ignore[call-arg]

    def setup(self) -> None:
        """Do nothing the second time: a stage sets itself up when it is made, Manim does so before `construct`."""
        if not self._is_set_up:
            self._is_set_up = True
            super().setup()  # type: ignore[misc]

    def construct(self: Any) -> None:
        """Play the shots; those that are not wanted are skipped by Manim's own means."""
        self._play_board()
        for shot in self.scored.shots:
            if self.scored.before or not all(each.wanted for each in self.scored.shots):
                self.next_section(shot.name, skip_animations=not shot.wanted)
            _perform(self, shot)

    def _play_board(self: Any) -> None:
        """Play what comes before on the scene's board: skipped where it is on this stage, else undrawn on another."""
        *stages, own = self.scored.stages
        made: dict[str, Any] = {own: self}
        before = None
        for scene, stage in zip((*self.scored.before, self.scored), (*stages, own), strict=True):
            if stage not in made:
                made[stage] = _undrawn(scene)
            if before is not None:
                made[stage].take_over(before, scene.title)
            before = made[stage]
            for shot in scene.shots if scene is not self.scored else ():
                if before is self:
                    self.next_section(shot.name, skip_animations=True)
                _perform(before, shot)

    def get_run_time(self, animations: Any) -> float:
        """Return a time within which Manim draws a whole number of frames, whatever the rounding errors."""
        frames = max(1, round(self._frames_of(super().get_run_time(animations)) * self.pace))  # type: ignore[misc]
        return (frames - 0.5) / float(config.frame_rate)

    def compile_animation_data(self: Any, *animations: Any, **settings: Any) -> Any:
        """Do as Manim does; of a still it takes all whole frames within its duration."""
        compiled = super().compile_animation_data(*animations, **settings)  # type: ignore[misc]
        for animation in self.animations or []:
            animation.run_time *= self.pace
        if self.is_current_animation_frozen_frame():
            self.duration += 1 / config.frame_rate
        return compiled

    @staticmethod
    def _frames_of(seconds: float) -> int:
        return max(1, round(seconds * float(config.frame_rate)))
