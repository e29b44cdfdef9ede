"""The plays of a shot, as they were learnt by playing it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from attnviz.storyboard.cues import NumberNamed

if TYPE_CHECKING:
    from attnviz.stage.receipts import Receipt


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


@dataclass(frozen=True)
class PlayTime:
    """A play as the stage has seen it: its name, and from when to when it took."""

    name: str
    begins: float
    ends: float


def beats_of(plays: Sequence[PlayTime], receipts: Iterable[Receipt]) -> tuple[Beat, ...]:
    """Return a shot's plays with the numbers that each of them brought; its receipts tell since when these are seen."""
    brought: list[list[NumberNamed]] = [[] for _ in plays]
    for receipt in receipts:
        play = next((place for place, play in enumerate(plays) if play.begins <= receipt.start < play.ends), None)
        if receipt.array is not None and play is not None and receipt.start > 0:
            named = NumberNamed(receipt.array, receipt.coords, receipt.sentence)
            brought[play].append(named)
    return tuple(
        Beat(play.name, play.begins, play.ends, tuple(numbers)) for play, numbers in zip(plays, brought, strict=True)
    )


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
