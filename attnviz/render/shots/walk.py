"""Follows a scene from shot to shot, by what earlier runs have learnt, without playing it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from attnviz.render.cache.sources import libraries
from attnviz.render.cache.steps import Step, StepBook
from attnviz.render.cache.store import Store, canonical, digest
from attnviz.render.shots.narrate import narration_of
from attnviz.render.shots.timing import Rest, Timing, rest_of, timing_of
from attnviz.storyboard.narration import Insert, Text

if TYPE_CHECKING:
    from attnviz.render.cache.sources import Sources
    from attnviz.render.film.format import FilmFormat
    from attnviz.render.shots.selection import PlannedScene, PlannedShot
    from attnviz.render.traces.library import SceneTraces
    from attnviz.storyboard.types import Storyboard

_SAID = "said"


@dataclass(frozen=True)
class WalkedShot:
    """A shot of which everything is known that decides what its film will be.

    `key` names its film, `picture_key` its last picture; `surroundings`, `start` and `step` are what they follow from.
    """

    planned: PlannedShot
    scene: PlannedScene
    narration: str
    timing: Timing
    surroundings: Surroundings
    start: str
    step: Step

    @property
    def name(self) -> str:
        """The shot's full name."""
        return self.planned.name

    @property
    def key(self) -> str:
        """The key of the shot's film."""
        return digest(
            "shot", self.start, self.planned.shot.verb, _arguments(self.planned), self.answers, asdict(self.timing)
        )

    @property
    def picture_key(self) -> str:
        """The key of the picture in which the shot ends, and of figures made of it."""
        return digest("picture", self.surroundings.key, self.step.end or self.key)

    @property
    def answers(self) -> str:
        """What the shot was told by the traces."""
        return canonical([answer for _, answer in self.step.answers])


@dataclass(frozen=True)
class Surroundings:
    """What all shots of a scene depend on, besides the traces: plain data."""

    format: str
    scene: tuple[Any, ...]
    code: dict[str, str]
    libraries: dict[str, str]

    @property
    def key(self) -> str:
        """The digest of all of it."""
        return digest(self.format, self.scene, self.code, self.libraries)


def surroundings_of(scene: PlannedScene, film_format: FilmFormat, sources: Sources) -> Surroundings:
    """Return what a scene's shots depend on, besides the traces."""
    spec = scene.spec
    sentences = [sentence.name for sentence in spec.sentences]
    facts = (spec.class_name, scene.heading, spec.focus, sentences, list(spec.experiments))
    return Surroundings(canonical(asdict(film_format)), facts, sources.of_scene(spec.file), libraries())


def code_of_saying(sources: Sources) -> str:
    """Return the digest of the code that fills numbers in what is said."""
    return digest(sources.of_package("render/shots/narrate.py"))


class Walk:
    """Stands at one shot of a scene after the other; `find` looks for what it will do, `go` goes on to the next."""

    def __init__(
        self,
        storyboard: Storyboard,
        scene: PlannedScene,
        traces: SceneTraces,
        surroundings: Surroundings,
        store: Store,
        words_per_minute: float | None = None,
        saying: str = "",
    ) -> None:
        self.scene, self.traces, self._store = scene, traces, store
        self.surroundings = surroundings
        self._decimals = storyboard.decimals
        self._words_per_minute = words_per_minute or storyboard.words_per_minute
        self._book, self._saying = StepBook(store), saying
        self._narrations: dict[str, str] = {}
        self._start = ""  # the digest of the stage, before the shot at which the walk stands

    def rest(self, planned: PlannedShot | None) -> Rest:
        """Return what decides how long a shot stands still at its end; after the stage is made (None) nothing does."""
        if planned is None:
            return Rest()
        return rest_of(self.narration(planned), self._words_per_minute, planned.shot.hold)

    def find(self, planned: PlannedShot | None) -> Step | None:
        """Return what the next shot will do (None: what making the stage will do), if that is known."""
        return self._book.find(self._step_key(planned), self.traces, self.rest(planned))

    def learn(self, planned: PlannedShot | None, step: Step) -> None:
        """Remember what playing the next shot has taught."""
        self._book.add(self._step_key(planned), step, self.traces)

    def forget(self, planned: PlannedShot | None) -> None:
        """Forget what is known of the next shot."""
        self._book.forget(self._step_key(planned), self.traces)

    def enter(self, step: Step) -> None:
        """Go to the first shot."""
        self._start = self._after(None, step)

    def go(self, planned: PlannedShot, step: Step) -> WalkedShot:
        """Go on to the next shot, and return all about this one."""
        narration = self.narration(planned)
        timing = timing_of(self.rest(planned), step.moved, step.plays, timed=step.timed)
        walked = WalkedShot(planned, self.scene, narration, timing, self.surroundings, self._step_key(planned), step)
        self._start = self._after(planned, step)
        return walked

    def _step_key(self, planned: PlannedShot | None) -> str:
        shot = None if planned is None else [planned.shot.verb, _arguments(planned)]
        return digest(self.surroundings.key, self._start, shot)

    def _after(self, planned: PlannedShot | None, step: Step) -> str:
        """Return the digest of the stage after a shot; where it has none, of all that it follows from."""
        answers = canonical([answer for _, answer in step.answers])
        return step.end or digest("after", self._step_key(planned), answers, step.held)

    def narration(self, planned: PlannedShot) -> str:
        """Return a shot's narration; the traces are loaded only for numbers that were not filled in before."""
        if planned.name not in self._narrations:
            self._narrations[planned.name] = self._filled_in(planned.shot.narration)
        return self._narrations[planned.name]

    def _filled_in(self, pieces: Sequence[Text | Insert]) -> str:
        if not any(isinstance(piece, Insert) for piece in pieces):
            return narration_of(pieces, {}, self._decimals)
        key = digest(repr(pieces), self.traces.key, self._decimals, self._saying)
        said = self._store.read(_SAID, key)
        if said is None:
            said = narration_of(pieces, self.traces.load(), self._decimals)
            self._store.write(_SAID, key, said)
        return str(said)


def follow(walk: Walk, shots: Sequence[PlannedShot]) -> list[WalkedShot]:
    """Go as far as what is known leads."""
    walked: list[WalkedShot] = []
    step = walk.find(None)
    if step is None:
        return walked
    walk.enter(step)
    for planned in shots:
        step = walk.find(planned)
        if step is None:
            break
        walked.append(walk.go(planned, step))
    return walked


def _arguments(planned: PlannedShot) -> str:
    """Return a shot's arguments in one form, whatever order they were written in."""
    return canonical(sorted(planned.shot.arguments.items()))
