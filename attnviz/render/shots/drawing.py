"""Draws what is missing: this process plays scenes undrawn, and forks a child at every shot that has to be drawn.

A shot of which nothing is known yet is played undrawn here, while the child, forked before it, waits; how long the shot
moves decides its timing, and with that the child begins. What children make goes straight to the store, so that a run
that is stopped loses at most the shots in flight.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from typing import TYPE_CHECKING

from attnviz.input.problems import Problem, ProblemsFound
from attnviz.render.cache.products import figures_of
from attnviz.render.film.shot_segments import Reel
from attnviz.render.film.stills import stills_of
from attnviz.render.shots.children import Children, Failure, Line
from attnviz.render.shots.manim_setup import manim_setup
from attnviz.render.shots.player import Player
from attnviz.stage.layout import faults

if TYPE_CHECKING:
    from attnviz.render.film.segment import StillPackets
    from attnviz.render.shots.selection import PlannedShot
    from attnviz.render.shots.walk import Walk, WalkedShot
    from attnviz.render.shots.work import SceneWork, Work

OnShot = Callable[[str], None]


def draw(work: Work, scenes: Sequence[SceneWork], jobs: int, on_shot: OnShot = lambda name: None) -> int:
    """Draw what is missing of these scenes, and return of how many shots; what could not be drawn is tried once more.

    Raises `ProblemsFound` for what a person can mend, and names the shots that failed twice; all others are kept.
    """
    with manim_setup(work.format):
        drawn, failures = _draw_once(work, scenes, jobs, on_shot)
        if failures:
            _, failures = _draw_once(work, work.left(), jobs, on_shot)
    if failures:
        hint = "the other shots are kept; the next run goes on from there"
        raise ProblemsFound(
            Problem(f"drawing {each.label} failed twice: {each.reason}", hint=hint) for each in failures
        )
    return drawn


def find_out(work: Work) -> None:
    """Play undrawn what is not known yet."""
    with manim_setup(work.format):
        for scene, walked in zip(work.scenes, work.known(), strict=True):
            if len(walked) < len(scene.scene.shots):
                _SceneDrawing(work, scene).run()


def _draw_once(work: Work, scenes: Sequence[SceneWork], jobs: int, on_shot: OnShot) -> tuple[int, list[Failure]]:
    with Children(jobs, on_shot) as children:
        still_packets = stills_of(work.store, work.format) if work.wanted.film else None
        # Few shots, or the last of many, leave cores idle unless their plays are drawn beside one another.
        unmade = work.unmade()
        hands = {name: max(1, jobs // (len(unmade) - place)) for place, name in enumerate(unmade)}
        drawn = 0
        for scene in scenes:
            drawn += _SceneDrawing(work, scene, children, still_packets, hands).run()
            _raise_if_mendable(children.failures)
        children.finish()
        _raise_if_mendable(children.failures)
        return drawn, children.failures


def _raise_if_mendable(failures: Sequence[Failure]) -> None:
    problems = [problem for failure in failures for problem in failure.problems]
    if problems:
        raise ProblemsFound(dict.fromkeys(problems))


class _SceneDrawing:
    """One scene, gone through once; without children nothing is drawn."""

    def __init__(
        self,
        work: Work,
        scene: SceneWork,
        children: Children | None = None,
        still_packets: StillPackets | None = None,
        hands: Mapping[str, int] | None = None,
    ) -> None:
        self._work, self._scene, self._children = work, scene, children
        self._still_packets, self._hands = still_packets, hands or {}
        self._walk: Walk = work.walk(scene)
        self._stage: Player | None = None
        self._played = 0  # shots that were played here
        self._drawn = 0  # shots that children were told to draw

    def run(self) -> int:
        """Go through the shots, and return how many are drawn."""
        step = self._walk.find(None)
        if step is None:
            step = self._player.entered()
            self._walk.learn(None, step)
        self._walk.enter(step)
        for place, planned in enumerate(self._scene.scene.shots):
            self._shot(place, planned)
        return self._drawn

    @property
    def _player(self) -> Player:
        if self._stage is None:
            self._stage = Player(
                self._work.storyboard.path, self._scene.scene, self._scene.traces.load(), self._work.format
            )
        return self._stage

    def _shot(self, place: int, planned: PlannedShot) -> None:
        """Find out what a shot does, and have drawn what is missing of it."""
        step = self._walk.find(planned)
        if step is None:
            self._unknown_shot(place, planned)
            return
        shot = self._walk.go(planned, step)
        if self._children and planned.wanted and self._work.products.missing(shot, self._work.wanted):
            self._play_up_to(place)
            self._children.start(shot.name, lambda line: self._draw(shot, line))
            self._drawn += 1

    def _unknown_shot(self, place: int, planned: PlannedShot) -> None:
        self._play_up_to(place)
        waiting = None
        if self._children and planned.wanted:
            waiting = self._children.start(planned.name, self._draw_when_told, waits=True)
        step = self._player.play(planned, self._walk.rest(planned))
        self._played = place + 1
        self._walk.learn(planned, step)
        shot = self._walk.go(planned, step)
        if self._children and waiting:
            missing = self._work.products.missing(shot, self._work.wanted)
            self._children.tell(waiting, shot if missing else None)
            self._drawn += bool(missing)

    def _play_up_to(self, place: int) -> None:
        """Have all shots before this one played here."""
        for planned in self._scene.scene.shots[self._played : place]:
            self._player.play(planned, self._walk.rest(planned))
        self._played = place

    def _draw_when_told(self, line: Line) -> None:
        shot = line.hear()
        if shot is not None:
            self._draw(shot, line)

    def _draw(self, shot: WalkedShot, line: Line) -> None:
        """Draw what is missing of a shot, and keep it (in a child)."""
        missing = self._work.products.missing(shot, self._work.wanted)
        player, products = self._player, self._work.products
        reel = Reel(self._still_packets, line.beat, self._hands.get(shot.name, 1)) if "film" in missing else None
        maker = self._work.wanted.figures if "figure" in missing else None

        def on_play(plays: int | None) -> None:
            for figure in figures_of(shot) if maker else ():
                if maker and figure.after == plays:
                    products.add_figure(shot, figure, maker, maker(player.stage, shot))

        performance = player.perform(shot.planned, shot.timing, reel, on_play)
        on_play(None)
        if reel is not None:
            products.add_film(shot, reel.whole())
        if "picture" in missing:
            picture = BytesIO()
            player.renderer.save_frame(player.stage, picture)
            products.add_picture(shot, picture.getvalue())
        found = tuple(dict.fromkeys(faults(performance.layout)))
        products.add_report(shot, performance.frames, performance.receipts, found)
