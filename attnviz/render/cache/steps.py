"""What was learnt by playing a shot, kept as verifying traces ("Build Systems à la Carte", Mokhov et al. 2018).

A *step* is kept under a key of what is known before a shot is played: code, libraries, format, the stage as it
stands, the verb and its arguments. It records which questions the shot asked of the traces, and the answers.
If today's traces give the same answers, the shot will do the same as before, and need not be played.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from attnviz.input.questions import Answer, Read, ask
from attnviz.render.cache.store import Store, canonical, digest
from attnviz.render.shots.beats import Beat, beats_from, plain_beats

if TYPE_CHECKING:
    from attnviz.render.shots.timing import Timing
    from attnviz.render.traces.library import SceneTraces

_STEPS, _KNOWN = "steps", "known"


@dataclass(frozen=True)
class Step:
    """What playing a shot undrawn has shown.

    Its questions to the traces with their `answers`; the digest of the stage at its `end` (None if that cannot be
    digested); the seconds for which it `moved`, and its plays, the `beats`. If something moves by the clock, the stage
    at the end depends on how long it was `held` still there, too (seconds; else None).
    """

    answers: tuple[tuple[Read, Answer], ...]
    end: str | None
    moved: float
    beats: tuple[Beat, ...] = ()
    held: float | None = None

    @property
    def plays(self) -> int:
        """How many plays the shot has."""
        return len(self.beats)

    @property
    def timed(self) -> bool:
        """Whether something moves by the clock."""
        return self.held is not None

    def stands_still(self, timing: Timing) -> bool:
        """Tell whether a shot with this timing stands still as long at its end as this step did, if that matters."""
        return self.held is None or self.held == timing.rest_after(self.moved)


class StepBook:
    """The steps in a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def find(self, key: str, traces: SceneTraces, timing: Timing) -> Step | None:
        """Return the step under a key that holds with these traces; None if there is none yet."""
        known = self._known(key, traces)
        own_key = self._store.read(_KNOWN, known)
        record = own_key and self._store.read(_STEPS, own_key)
        if record and (step := _step(record)).stands_still(timing):
            return step
        for variant, kept in self._store.variants(_STEPS, key):
            step = _step(kept)
            if step.stands_still(timing) and _holds(step, traces):
                self._store.note(_KNOWN, known, variant)
                return step
        return None

    def forget(self, key: str, traces: SceneTraces) -> None:
        """Delete the steps under a key."""
        self._store.forget(_KNOWN, self._known(key, traces))
        for own_key, _ in self._store.variants(_STEPS, key):
            self._store.forget(_STEPS, own_key)

    def add(self, key: str, step: Step, traces: SceneTraces) -> None:
        """Keep a step that was learnt with these traces."""
        answers = plain_answers(step)
        own_key = f"{key}-{digest(answers, step.held)[:16]}"
        beats = plain_beats(step.beats)
        record = {"answers": answers, "end": step.end, "moved": step.moved, "beats": beats, "held": step.held}
        self._store.write(_STEPS, own_key, record)
        self._store.write(_KNOWN, self._known(key, traces), own_key)

    @staticmethod
    def _known(key: str, traces: SceneTraces) -> str:
        return digest(key, traces.key)


def plain_answers(step: Step) -> list[Any]:
    """Return a step's questions and answers as plain data."""
    return [[[read.kind, read.sentence, read.name, read.coords], answer] for read, answer in step.answers]


def _step(record: Mapping[str, Any]) -> Step:
    answers = tuple((read_of(read), answer) for read, answer in record["answers"])
    return Step(answers, record["end"], record["moved"], beats_from(record["beats"]), record["held"])


def read_of(plain: list[Any]) -> Read:
    """Return a question that was kept as plain data."""
    kind, sentence, name, coords = plain
    return Read(kind, sentence, name, tuple((dim, tuple(labels)) for dim, labels in coords))


def _holds(step: Step, traces: SceneTraces) -> bool:
    """Tell whether these traces give the same answers as when the step was learnt."""
    return all(canonical(answer) == canonical(now) for _, answer, now in asked_again(step, traces))


def asked_again(step: Step, traces: SceneTraces) -> list[tuple[Read, Answer, Answer]]:
    """Ask a step's questions of these traces: return each with the answer then and the answer now."""
    loaded = traces.load()
    return [(read, answer, ask(loaded, read)) for read, answer in step.answers]
