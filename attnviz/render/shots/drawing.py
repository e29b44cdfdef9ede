"""Draws what is missing: this process plays scenes undrawn, and forks a child at every shot that has to be drawn.

A shot of which nothing is known yet is played undrawn here, while the child, forked before it, waits; how long the shot
moves decides its timing, and with that the child begins. What children make goes straight to the store, so that a run
that is stopped loses at most the shots in flight.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from io import BytesIO
from typing import TYPE_CHECKING

from attnviz.input.problems import Problem, ProblemsFound
from attnviz.render.accelerate import wanted
from attnviz.render.cache.products import figures_of
from attnviz.render.cache.store import Store, digest
from attnviz.render.film.codecs import settings_of
from attnviz.render.film.encoder import still_packets
from attnviz.render.film.segment import StillPackets
from attnviz.render.shots.children import Children, Failure, Line
from attnviz.render.shots.manim_setup import manim_setup
from attnviz.render.shots.player import Player
from attnviz.render.shots.renderer import ShotSegments
from attnviz.render.shots.walk import Walk
from attnviz.render.shots.work import begins_with

if TYPE_CHECKING:
    from attnviz.render.film.format import FilmFormat
    from attnviz.render.shots.selection import PlannedShot
    from attnviz.render.shots.walk import WalkedShot
    from attnviz.render.shots.work import SceneWork, Work

OnShot = Callable[[str], None]
_STILLS = "stills"


def draw(work: Work, unmade: Sequence[str], jobs: int, on_shot: OnShot = lambda name: None) -> int:
    """Draw the shots that are not made, and return how many were drawn; what fails is tried once more.

    Raises `ProblemsFound` for what the user can fix, and for the shots that failed twice; all others are kept.
    """
    with manim_setup(work.format, work.storyboard.fonts):
        drawn, failures = _draw_once(work, unmade, jobs, on_shot)
        if failures:
            work = work.followed()
            _, failures = _draw_once(work, work.unmade(), jobs, on_shot)
    if failures:
        hint = "the other shots are kept; the next run goes on from there"
        raise ProblemsFound(
            Problem(f"drawing {each.label} failed twice: {each.reason}", hint=hint) for each in failures
        )
    return drawn


def find_out(work: Work) -> None:
    """Play the scenes that are not fully known, undrawn; raises `ProblemsFound` with what is wrong in any of them."""
    with manim_setup(work.format, work.storyboard.fonts):
        problems = _refusals(work, work.scenes, {}, set())
    if problems:
        raise ProblemsFound(problems)


def _refusals(
    work: Work, scenes: Sequence[SceneWork], boards: dict[str, _SceneDrawing], refused: set[str]
) -> list[Problem]:
    """Play scenes that are not fully known, undrawn, each up to its first refusal; return all that was refused.

    `boards` are the scenes before them, by name, and `refused` the names of those in which something was refused.
    """
    problems: dict[Problem, None] = {}
    for place, scene in enumerate(scenes):
        if scene.after in refused:
            refused.add(scene.name)  # what it would begin with is not known
            continue
        try:
            drawing = _SceneDrawing(work, scene, boards)
            if not scene.is_known:
                drawing.run()
            del drawing
        except ProblemsFound as found:
            problems |= dict.fromkeys(found.problems)
            refused.add(scene.name)
        _leave_behind(boards, scenes[place + 1 :])
    return list(problems)


def _leave_behind(boards: dict[str, _SceneDrawing], scenes: Sequence[SceneWork]) -> None:
    """Let go of the scenes on whose boards none of the `scenes` that are left goes on: their stages hold much memory.

    What stands on a stage knows each other, so that only a collection frees it.
    """
    gone = boards.keys() - {scene.after for scene in scenes}
    for name in gone:
        del boards[name]
    if gone:
        gc.collect()


def stills_of(store: Store, film_format: FilmFormat) -> StillPackets | None:
    """Return the packets of stills in a format; None if it has none, or they are switched off.

    They are kept from run to run: making them takes as long as half a minute of film.
    """
    if not wanted().stills:
        return None
    key = digest(settings_of(film_format))
    record = store.read(_STILLS, key)
    data = store.get(record["object"]) if record and record["object"] else None
    if data is not None:
        return StillPackets.from_bytes(data)
    if record and record["object"] is None:
        return None
    made = still_packets(film_format)
    store.write(_STILLS, key, {"object": None if made is None else store.put(made.to_bytes())})
    return made


def _draw_once(work: Work, unmade: Sequence[str], jobs: int, on_shot: OnShot) -> tuple[int, list[Failure]]:
    with Children(jobs, on_shot) as children:
        still_packets = stills_of(work.store, work.format) if work.wanted.film else None
        # Few shots, or the last of many, leave cores idle unless their plays are drawn beside one another.
        jobs_for = {name: max(1, jobs // (len(unmade) - place)) for place, name in enumerate(unmade)}
        drawn, boards = 0, dict[str, _SceneDrawing]()
        for place, scene in enumerate(work.scenes):
            drawing = _SceneDrawing(work, scene, boards, children, still_packets, jobs_for)
            draws = not scene.is_known or any(shot.name in jobs_for for shot in scene.shots)
            try:
                drawn += drawing.run() if draws else 0
                _raise_if_mendable(children.failures)
            except ProblemsFound as found:  # nothing more is drawn, but all that is wrong is told at once
                children.kill()
                raise ProblemsFound(
                    dict.fromkeys([*found.problems, *_refusals(work, work.scenes[place + 1 :], boards, {scene.name})])
                ) from found
            del drawing
            _leave_behind(boards, work.scenes[place + 1 :])
        children.finish()
        _raise_if_mendable(children.failures)
        return drawn, children.failures


def _raise_if_mendable(failures: Sequence[Failure]) -> None:
    problems = [problem for failure in failures for problem in failure.problems]
    if problems:
        raise ProblemsFound(dict.fromkeys(problems))


class _SceneDrawing:
    """One scene, gone through once; without children nothing is drawn.

    `boards` are the scenes with a board that were made before, by name; it is added to them.
    """

    def __init__(
        self,
        work: Work,
        scene: SceneWork,
        boards: dict[str, _SceneDrawing],
        children: Children | None = None,
        still_packets: StillPackets | None = None,
        jobs_for: Mapping[str, int] | None = None,
    ) -> None:
        self._work, self._scene, self._children = work, scene, children
        self._still_packets, self._jobs_for = still_packets, jobs_for or {}
        self._before = boards.get(scene.after)
        if scene.spec.board is not None:
            boards[scene.name] = self
        self._played = 0  # shots that were played here
        self._drawn = 0  # shots that children were told to draw

    def run(self) -> int:
        """Go through the shots, and return how many are drawn."""
        known = self._scene.known
        for place, shot in enumerate(known):
            self._walk.go_past(shot)
            self._known_shot(place, shot)
        if not known:
            self._enter()
        for place, planned in enumerate(self._scene.shots[len(known) :], len(known)):
            step = self._walk.find(planned)  # another scene, or another run, may have learnt it meanwhile
            if step is None:
                self._unknown_shot(place, planned)
            else:
                self._known_shot(place, self._walk.go(planned, step))
        return self._drawn

    @property
    def end(self) -> str:
        """The digest of what the scene leaves on its board, once it is known or was gone through."""
        return self._scene.end or self._walk.start

    @property
    def _ends(self) -> dict[str, str | None]:
        """What this scene and those before it leave on the board, by their names."""
        return (self._before._ends if self._before else {}) | {self._scene.name: self.end}

    def played_out(self) -> Player:
        """Return the scene's player after its last shot."""
        self._play_up_to(len(self._scene.shots))
        return self._player

    @cached_property
    def _walk(self) -> Walk:
        start = begins_with(self._scene, self._before._ends if self._before else {})
        assert start is not None  # the scenes before it have been gone through
        return Walk(self._work, self._scene, start)

    @cached_property
    def _player(self) -> Player:
        return Player(self._work, self._scene, self._before.played_out() if self._before else None)

    def _enter(self) -> None:
        step = self._walk.find(None)
        if step is None:
            step = self._player.entered()
            self._walk.learn(None, step)
        self._walk.enter(step)

    def _known_shot(self, place: int, shot: WalkedShot) -> None:
        """Have a child draw what a shot lacks."""
        if self._children and shot.planned.wanted and self._work.missing(shot):
            self._play_up_to(place)
            self._children.start(shot.name, lambda line: self._draw(shot, line))
            self._drawn += 1

    def _unknown_shot(self, place: int, planned: PlannedShot) -> None:
        """Find out what a shot does by playing it, and have a child draw what it lacks."""
        self._play_up_to(place)
        waiting = None
        if self._children and planned.wanted:
            waiting = self._children.start(planned.name, self._draw_when_told, waits=True)
        step = self._player.play(planned, self._walk.timing(planned))
        self._played = place + 1
        self._walk.learn(planned, step)
        shot = self._walk.go(planned, step)
        if self._children and waiting:
            missing = self._work.missing(shot)
            self._children.tell(waiting, shot if missing else None)
            self._drawn += bool(missing)

    def _play_up_to(self, place: int) -> None:
        """Play all shots before this one that have not been played, and on a shared board the scenes before."""
        assert self._player  # made here, not by each child for itself
        for planned in self._scene.shots[self._played : place]:
            self._player.play(planned, self._walk.timing(planned))
        self._played = place

    def _draw_when_told(self, line: Line) -> None:
        shot = line.hear()
        if shot is not None:
            self._draw(shot, line)

    def _draw(self, shot: WalkedShot, line: Line) -> None:
        """Draw what a shot lacks and keep it (in a child)."""
        missing = self._work.missing(shot)
        player, products = self._player, self._work.products
        jobs = self._jobs_for.get(shot.name, 1)
        segments = ShotSegments(self._still_packets, line.beat, jobs) if "film" in missing else None
        maker = self._work.wanted.figures if "figure" in missing else None

        def on_play(plays: int | None) -> None:
            for figure in figures_of(shot) if maker else ():
                if maker and figure.after == plays:
                    products.add_figure(shot, figure, maker, maker(player.stage, shot))

        performance = player.perform(shot.planned, shot.timing, segments, on_play)
        on_play(None)
        if segments is not None:
            products.add_film(shot, segments.joined())
        if "picture" in missing:
            picture = BytesIO()
            player.renderer.save_frame(player.stage, picture)
            products.add_picture(shot, picture.getvalue())
        products.add_report(shot, performance)
