"""Follows a scene from shot to shot by what earlier runs have learnt, without playing it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from attnviz.input.problems import ProblemsFound, placed
from attnviz.render.cache.sources import libraries
from attnviz.render.cache.steps import Step, StepBook
from attnviz.render.cache.store import canonical, digest
from attnviz.render.shots.narrate import names_numbers, narration_of, plain_told, told_again
from attnviz.render.shots.speeches import said
from attnviz.render.shots.timing import Timing, timing_of

if TYPE_CHECKING:
    from attnviz.input.fonts import Font
    from attnviz.render.cache.sources import Sources
    from attnviz.render.film.format import FilmFormat
    from attnviz.render.shots.said import Said
    from attnviz.render.shots.selection import PlannedScene, PlannedShot
    from attnviz.render.shots.speeches import Spoken
    from attnviz.render.shots.work import SceneWork, Work
    from attnviz.storyboard.told import Told

_NARRATIONS = "narrations"


@dataclass(frozen=True)
class WalkedShot:
    """A shot of which everything is known that its film depends on.

    `key` is the key of its film and `picture_key` that of its last frame; both follow from the other attributes.
    """

    planned: PlannedShot
    said: Said
    timing: Timing
    surroundings: Surroundings
    start: str
    step: Step

    @property
    def name(self) -> str:
        """The shot's full name."""
        return self.planned.name

    @property
    def narration(self) -> str:
        """The words that are said."""
        return self.said.told.text

    @cached_property
    def key(self) -> str:
        """The key of the shot's film."""
        return digest(
            "shot", self.start, self.planned.shot.verb, _arguments(self.planned), self.answers, asdict(self.timing)
        )

    @cached_property
    def picture_key(self) -> str:
        """The key of the picture in which the shot ends, and of figures made of it."""
        return digest("picture", self.surroundings.key, self.step.end or self.key)

    @property
    def after(self) -> str:
        """What the next shot starts from: the digest of the stage, or of all that it follows from."""
        return _after(self.start, self.step)

    @cached_property
    def answers(self) -> str:
        """The answers that the traces gave, as JSON."""
        return _answers(self.step)


@dataclass(frozen=True)
class Surroundings:
    """What all shots of a scene depend on besides the traces, as plain data."""

    format: str
    scene: tuple[Any, ...]
    code: Mapping[str, str]
    libraries: Mapping[str, str]

    @cached_property
    def key(self) -> str:
        """The digest of these surroundings."""
        return digest(self.format, self.scene, self.code, self.libraries)


def drawn_with(fonts: Sequence[Font]) -> dict[str, str]:
    """Return what shots are drawn with that is not ours: libraries by their versions, and fonts by their digests."""
    return libraries() | {" ".join(("font", font.family, *font.scripts)): font.digest for font in fonts}


def surroundings_of(
    scene: PlannedScene, film_format: FilmFormat, sources: Sources, outside: Mapping[str, str]
) -> Surroundings:
    """Return what a scene's shots depend on, besides the traces; `outside` are what they are drawn with."""
    spec = scene.spec
    sentences = [sentence.name for sentence in spec.sentences]
    facts = (spec.class_name, scene.heading, spec.focus, sentences, list(spec.experiments))
    return Surroundings(canonical(asdict(film_format)), facts, sources.of_scene(spec.file), outside)


def narration_code(sources: Sources) -> str:
    """Return the digest of the code that fills numbers into narration."""
    return digest(sources.of_package("render/shots/narrate.py"))


class Walk:
    """Stands at one shot of a scene after the other; `find` looks for what it will do, `go` goes on to the next.

    Before the first shot the stage itself is made: it is asked for as `None` in a shot's place. `start` is the digest
    of what the scene before left on the board, if it has one.
    """

    def __init__(self, work: Work, scene: SceneWork, start: str = "") -> None:
        self.scene, self._work = scene, work
        self._book = StepBook(work.store)
        self._said: dict[str, Said] = {}
        self.start = start  # the digest of the stage, before the shot at which the walk stands

    def timing(self, planned: PlannedShot | None) -> Timing:
        """Return how long a shot is read for and pauses, as far as that is known before it is played."""
        if planned is None:
            return Timing()
        scene = self.scene.spec
        last = (scene.line, planned.shot.line) == (self.scene.chapter.scenes[-1].line, scene.shots[-1].line)
        return timing_of(self.said(planned), planned.shot.hold, ends_chapter=last)

    def find(self, planned: PlannedShot | None) -> Step | None:
        """Return what the next shot will do, if that is known."""
        return self._book.find(self._step_key(planned), self.scene.traces, self.timing(planned))

    def learn(self, planned: PlannedShot | None, step: Step) -> None:
        """Record what was learnt by playing the next shot."""
        self._book.add(self._step_key(planned), step, self.scene.traces)

    def enter(self, step: Step) -> None:
        """Go to the first shot."""
        self.start = _after(self._step_key(None), step)

    def go(self, planned: PlannedShot, step: Step) -> WalkedShot:
        """Go on to the next shot, and return all about this one."""
        said = self.said(planned)
        timing = self.timing(planned).in_step(said, step.beats, timed=step.timed)
        start, surroundings = self._step_key(planned), self.scene.surroundings
        walked = WalkedShot(planned, said, timing, surroundings, start, step)
        self.go_past(walked)
        return walked

    def go_past(self, shot: WalkedShot) -> None:
        """Go to the shot after one of which all is known."""
        self.start = shot.after

    def forget(self) -> None:
        """Delete what is known of the scene; the walk must not have begun."""
        for key in (self._step_key(None), *(shot.start for shot in self.scene.known)):
            self._book.forget(key, self.scene.traces)

    def _step_key(self, planned: PlannedShot | None) -> str:
        shot = None if planned is None else [planned.shot.verb, _arguments(planned)]
        return digest(self.scene.surroundings.key, self.start, shot)

    def said(self, planned: PlannedShot) -> Said:
        """Return what is said, and when; raises `ProblemsFound` for what cannot be told, or spoken."""
        if planned.name not in self._said:
            told = self.told(planned)
            with self._placed(planned):
                self._said[planned.name] = said(told, self._work.speeches.spoken(told, planned.name))
        return self._said[planned.name]

    def told(self, planned: PlannedShot) -> Told:
        """Return what is said; the traces are loaded only for numbers that were not filled in before.

        Raises `ProblemsFound` for inserts that name nothing, or a number that is too large.
        """
        pieces = planned.shot.narration
        traces, decimals, store = self.scene.traces, self._work.storyboard.decimals, self._work.store
        with self._placed(planned):
            if not names_numbers(pieces):
                return narration_of(pieces, {}, decimals)
            key = digest(repr(pieces), traces.key, decimals, self._work.narration_code)
            kept = store.read(_NARRATIONS, key)
            if kept is not None:
                return told_again(kept, pieces)
            told = narration_of(pieces, traces.load(), decimals)
            store.note(_NARRATIONS, key, plain_told(told))
            return told

    @contextmanager
    def _placed(self, planned: PlannedShot) -> Iterator[None]:
        """Give problems the place of the shot."""
        try:
            yield
        except ProblemsFound as found:
            at = self._work.storyboard.path, planned.shot.line
            raise ProblemsFound(placed(problem, *at) for problem in found.problems) from None


def follow(walk: Walk) -> Iterator[WalkedShot]:
    """Walk on for as long as it is known what the next shot does, and yield these shots."""
    step = walk.find(None)
    if step is None:
        return
    walk.enter(step)
    for planned in walk.scene.shots:
        step = walk.find(planned)
        if step is None:
            return
        yield walk.go(planned, step)


def spoken_in(work: Work, scene: SceneWork) -> Iterator[tuple[str, Spoken]]:
    """Yield how the texts of a scene's shots are said, by the names of the shots."""
    walk = Walk(work, scene)
    for shot in scene.shots:
        yield shot.name, work.speeches.spoken(walk.told(shot), shot.name)


def _after(start: str, step: Step) -> str:
    """Return the digest of the stage after a step; where it has none, of all that it follows from."""
    return step.end or digest("after", start, _answers(step), step.held)


def _answers(step: Step) -> str:
    return canonical([answer for _, answer in step.answers])


def _arguments(planned: PlannedShot) -> str:
    """Return a shot's arguments as text that does not depend on their order."""
    return canonical(sorted(planned.shot.arguments.items()))
