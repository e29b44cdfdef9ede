"""Finds out what is played in a film, by playing it undrawn, as attnviz does before it draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from attnviz.render.opening import open_storyboard
from attnviz.render.run import Wish, chosen_scenes, open_work
from attnviz.render.shots.manim_setup import manim_setup
from attnviz.render.shots.player import Player
from attnviz.render.shots.walk import Walk
from attnviz.render.traces.library import to_bytes
from bench.score import Score, ScoredPlay, ScoredScene, ScoredShot

if TYPE_CHECKING:
    from attnviz.render.film.format import FilmFormat
    from attnviz.render.shots.selection import PlannedShot
    from attnviz.render.shots.timing import Timing
    from attnviz.render.shots.work import SceneWork, Work


def score_of(storyboard: Path, only: Sequence[str], film_format: FilmFormat, cache: Path) -> Score:
    """Return what attnviz plays; raises `ProblemsFound` for what is wrong with the storyboard."""
    opened = open_storyboard(storyboard)
    wish = Wish(film_format, cache, only=tuple(only))
    work = open_work(opened, wish, chosen_scenes(opened, wish))
    with manim_setup(film_format):
        scored: dict[str, ScoredScene] = {}
        bare, timed = dict[str, Player](), dict[str, Player]()
        for scene in work.scenes:
            for players in (bare, timed):
                players[scene.name] = Player(work, scene, players.get(scene.after))
            played = _scored(work, scene, bare[scene.name], timed[scene.name])
            scored[scene.name] = _on_board(played, scene, scored)
    scenes = tuple(scene for scene in scored.values() if any(shot.wanted for shot in scene.shots))
    return Score(film_format.width, film_format.height, film_format.fps, scenes)


def _on_board(played: ScoredScene, scene: SceneWork, scored: Mapping[str, ScoredScene]) -> ScoredScene:
    """Return a scene with those before it on its board, each with its stage: the name of the scene that began there."""
    last = scored.get(scene.after)
    if last is None:
        return replace(played, stages=(scene.name,))
    stage = scored[scene.resumes].stages[-1] if scene.resumes else scene.name
    return replace(played, before=(*last.before, last), stages=(*last.stages, stage))


def _scored(work: Work, scene: SceneWork, bare: Player, timed: Player) -> ScoredScene:
    """Play a scene twice: bare, from which its timing follows, and with it."""
    walk = Walk(work, scene)
    walk.enter(bare.entered())
    shots = []
    for planned in scene.shots:
        walked = walk.go(planned, bare.play(planned, walk.timing(planned)))
        shots.append(_recorded(timed, planned, walked.timing))
    spec = scene.spec
    kept = {name: to_bytes(trace) for name, trace in scene.traces.load().items()}
    return ScoredScene(spec.file.resolve(), spec.class_name, scene.heading, spec.focus, kept, tuple(shots))


def _recorded(player: Player, planned: PlannedShot, timing: Timing) -> ScoredShot:
    recorded: list[ScoredPlay] = []
    renderer, stage = player.renderer, player.stage
    paced = type(renderer).paced

    def record(frames: int, pace: float | None = None) -> int:
        frames = paced(renderer, frames, pace)
        recorded.append(ScoredPlay(frames, stage.is_current_animation_frozen_frame()))
        return frames

    renderer.paced = record  # type: ignore[method-assign]
    performance = player.perform(planned, timing)
    del renderer.paced
    assert sum(play.frames for play in recorded) == performance.frames
    shot = planned.shot
    hold = recorded[-1].frames / renderer.format.fps
    return ScoredShot(
        planned.name,
        planned.wanted,
        shot.verb,
        dict(shot.arguments),
        timing.starts,
        timing.paces,
        hold,
        tuple(recorded),
    )
