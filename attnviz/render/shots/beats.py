"""The plays of a shot, as they were learnt by playing it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from attnviz.storyboard.cues import NumberNamed

if TYPE_CHECKING:
    from attnviz.stage.numbers import Number
    from attnviz.stage.scene import Stage


@dataclass(frozen=True)
class Beat:
    """A play of a shot: its name ("" without one), from when to when it takes in seconds, and the numbers it brings.

    The seconds are those of a shot that never stands still.
    """

    name: str
    begins: float
    ends: float
    numbers: tuple[NumberNamed, ...] = ()

    @property
    def seconds(self) -> float:
        """For how long something moves."""
        return self.ends - self.begins


def beats_of(stage: Stage) -> tuple[Beat, ...]:
    """Return the plays of the shot that a stage has played, with the numbers that each of them brought."""
    return tuple(
        Beat(name, begins, ends, tuple(_named(number, stage.default_sentence) for number in numbers if number.array))
        for name, (begins, ends), numbers in zip(stage.beats, stage.beat_times, stage.brought, strict=True)
    )


def _named(number: Number, default: str) -> NumberNamed:
    """Return what a number is called where it is said: a scene may give the default sentence its name, or not."""
    return NumberNamed(number.array or "", number.coords, "" if number.sentence == default else number.sentence)


def plain_beats(beats: Iterable[Beat]) -> list[Any]:
    """Return plays as plain data."""
    return [
        [beat.name, beat.begins, beat.ends, [[each.array, dict(each.coords), each.sentence] for each in beat.numbers]]
        for beat in beats
    ]


def beats_from(plain: Iterable[Any]) -> tuple[Beat, ...]:
    """Return plays that were kept as plain data."""
    return tuple(
        Beat(name, begins, ends, tuple(NumberNamed(*number) for number in numbers))
        for name, begins, ends, numbers in plain
    )
